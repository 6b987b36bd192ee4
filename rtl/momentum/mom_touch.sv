// Where a part of a chunk lies in the seven macros of a chunk memory, in pieces of 64 bits: 32
// weights of 16 bits in the first two or 32 biases in the first four, 32 velocities of 24 bits in
// the last three.
module mom_touch (
    input logic bias,
    input logic [1:0] index,  // of the part in its chunk
    output logic [27:0] pieces,
    output logic [6:0] macros
);
  localparam int L = chip_pkg::MOMENTUM_LANES;

  always_comb begin
    for (int i = 0; i < 16; i++) begin
      pieces[i] = bias ? index == 2'(2 * i / L) : i < 8 && index == 2'(4 * i / L);
    end
    for (int i = 0; i < 12; i++) pieces[16+i] = index == 2'(8 * i / (3 * L));
    for (int m = 0; m < 7; m++) macros[m] = pieces[4*m+:4] != 4'd0;
  end
endmodule
