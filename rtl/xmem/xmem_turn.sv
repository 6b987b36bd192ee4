// The direction of the bus. Writes are collected, because turning it costs slots.
module xmem_turn (
    input logic clk,
    input logic rst,
    input logic works,        // requests wait, and no refresh is due
    input logic [8:0] reads,  // that wait
    input logic [8:0] writes,
    input logic high,         // a FIFO of writes has reached the mark
    input logic passed,       // a read was passed over that waits for a write
    input logic [1:0] moved,  // writes that move
    input logic came,         // a write comes
    output logic writing_1    // in this cycle
);
  // Registers.
  logic writing;
  logic held;        // a read waits for a pending write
  logic [7:0] batch; // bursts since the bus turned to writing
  logic [7:0] still; // cycles since the last write came

  logic turns;
  logic [7:0] still_1, linger;

  assign still_1 = still == 8'd255 ? still : still + 8'd1;
  assign linger = reads == 9'd0 ? 8'(chip_pkg::XMEM_LINGER_IDLE_CYCLES)
      : 8'(chip_pkg::XMEM_LINGER_CYCLES);
  assign turns = !writing && writes != 9'd0 && (held || still_1 >= linger || high);
  assign writing_1 = turns || writing && writes != 9'd0
      && !(reads != 9'd0 && batch >= 8'(chip_pkg::XMEM_WRITE_DEPTH));

  always_ff @(posedge clk) begin
    if (rst) {writing, held, batch, still} <= '0;
    else begin
      if (works) begin
        writing <= writing_1;
        held <= held && !turns || passed;
        batch <= (turns ? 8'd0 : batch) + {6'd0, moved};
        still <= still_1;
      end
      if (came) still <= 8'd0;
    end
  end
endmodule
