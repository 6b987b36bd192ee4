// A port for raw groups: four places, the oldest goes to memory as soon as its banks are free.
module omem_writer (
    input logic clk,
    input logic rst,
    input chip_pkg::write_req_t in,
    output logic wants,
    output logic [chip_pkg::W_WORD-1:0] at,
    output logic [255:0] data,
    input logic granted,
    output logic room,                  // register
    output logic idle,                  // register
    output logic stays,                 // something is held after this cycle
    output logic takes,
    output logic bad                    // the address is in.addr
);
  logic [287:0] q[0:3];
  logic [1:0] head, tail;
  logic [2:0] n, n_next;
  logic [287:0] oldest;

  assign oldest = q[head];
  assign wants = n != 3'd0;
  assign at = oldest[256+:chip_pkg::W_WORD];
  assign data = oldest[255:0];
  assign bad = in.valid && (in.addr[1:0] != 2'd0 || in.addr > 32'(chip_pkg::N_WORDS - 4));
  assign takes = in.valid && !bad;
  assign tail = head + n[1:0];
  assign stays = n_next != 3'd0;
  assign n_next = n + {2'd0, takes} - {2'd0, granted};

  always_ff @(posedge clk) begin
    if (takes) q[tail] <= in[287:0];
    if (rst) begin
      head <= '0;
      n <= '0;
      room <= 1'b1;
      idle <= 1'b1;
    end else if (takes || granted) begin
      if (granted) head <= head + 2'd1;
      n <= n_next;
      room <= n_next <= 3'd2;
      idle <= !stays;
    end
  end
endmodule
