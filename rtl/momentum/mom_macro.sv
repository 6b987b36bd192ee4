// A macro of a chunk memory: a burst of each chunk. It has one port, which is written in parts of
// 64 bits, and keeps at its output what was read last.
module mom_macro (
    input logic clk,
    input logic read,
    input logic [3:0] write,
    input logic [$clog2(chip_pkg::MOMENTUM_CHUNKS)-1:0] place,
    input logic [255:0] d,
    output logic [255:0] q
);
  logic [255:0] mem[0:chip_pkg::MOMENTUM_CHUNKS-1];

  always_ff @(posedge clk) begin
    if (read) q <= mem[place];
    for (int i = 0; i < 4; i++) if (write[i]) mem[place][64*i+:64] <= d[64*i+:64];
  end
endmodule
