// One lane of the rounding: a sum is shifted, ties away from zero, and saturated to 16 bits. It
// works on the absolute value, where rounding is one more if the first bit shifted out is 1.
module errors_round #(
    parameter int SUM = 27
) (
    input logic [SUM-1:0] sum,
    input logic [5:0] right,       // the shift, -15..47, plus 15
    input logic on,                // f'
    output logic [15:0] e,
    output logic [15:0] top,       // its absolute value
    output logic clips
);
  localparam int W = SUM + 16;

  logic minus;
  logic [SUM-1:0] magnitude;
  logic [W-1:0] shifted;           // with one bit of fraction
  logic [W-1:0] rounded;
  logic [15:0] limit;

  assign minus = sum[SUM-1];
  assign magnitude = minus ? -sum : sum;
  assign shifted = {magnitude, 16'd0} >> right;
  assign rounded = (shifted >> 1) + W'(shifted[0]);
  assign limit = minus ? 16'h8000 : 16'h7fff;
  assign clips = on && rounded > W'(limit);
  always_comb begin
    top = rounded > W'(limit) ? limit : rounded[15:0];
    if (!on) top = 16'd0;
  end
  assign e = minus ? -top : top;
endmodule
