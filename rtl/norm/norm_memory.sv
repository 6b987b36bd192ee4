// A memory that holds a number for each channel, 16 of them in a row. A row is read in a cycle, and
// any part of one written.
module norm_memory #(
    parameter int W = 32
) (
    input logic clk,
    input logic [6:0] row,
    output logic [16*W-1:0] q,
    input logic [15:0] write,  // of the channels
    input logic [6:0] write_row,
    input logic [16*W-1:0] d
);
  localparam int ROWS = chip_pkg::N_CHANNELS / 16;
  localparam int W_ROW = ROWS > 1 ? $clog2(ROWS) : 1;

  logic [16*W-1:0] mem[0:ROWS-1];

  assign q = mem[row[W_ROW-1:0]];
  always_ff @(posedge clk) begin
    for (int l = 0; l < 16; l++) begin
      if (write[l]) mem[write_row[W_ROW-1:0]][W*l+:W] <= d[W*l+:W];
    end
  end
endmodule
