// The arithmetic of one lane of the normalisation unit, docs/arithmetic.md section 8: xhat (back),
// u (fwd) or e (grad).
module norm_lane (
    input logic fwd,
    input logic grad,
    input logic signed [15:0] z,
    input logic signed [15:0] h,
    input logic signed [31:0] m,
    input logic [31:0] r,
    input logic signed [31:0] sh,
    input logic signed [31:0] gamma,
    input logic signed [31:0] beta,
    input logic signed [31:0] a1,
    input logic signed [31:0] a2,
    input logic signed [31:0] g,
    input logic signed [6:0] shift,
    output logic [15:0] y,
    output logic clip
);
  logic signed [63:0] x, affine, error;
  logic signed [33:0] half, by;

  // Rounds to nearest, ties away from zero; s in 1..62.
  function automatic logic signed [63:0] round(input logic signed [63:0] v, input logic [5:0] s);
    logic signed [63:0] size;
    begin
      size = v[63] ? -v : v;
      size = (size + (64'sd1 <<< (s - 6'd1))) >>> s;
      round = v[63] ? -size : size;
    end
  endfunction

  function automatic logic signed [63:0] sat(input logic signed [63:0] v,
      input logic signed [63:0] most);
    begin
      sat = v > most ? most : v < -most - 64'sd1 ? -most - 64'sd1 : v;
    end
  endfunction

  // Rounds and clips to 16 bits; in front of them, whether that clipped. Before a shift to the left
  // v is clipped far outside of what is clipped afterwards.
  function automatic logic [16:0] narrow(input logic signed [63:0] v, input logic signed [33:0] s);
    logic signed [63:0] a, b;
    begin
      if (s > 34'sd0) a = round(v, s > 34'sd62 ? 6'd62 : s[5:0]);
      else a = sat(v, 64'sh1_ffff) <<< (s < -34'sd16 ? 5'd16 : 5'(-s[4:0]));
      b = sat(a, 64'sh7fff);
      narrow = {a != b, b[15:0]};
    end
  endfunction

  always_comb begin
    half = 34'(sh) >>> 1;
    {clip, y} = narrow(((64'(z) <<< 8) - 64'(m)) * $signed({32'd0, r}), 34'sd20 - half);
    x = 64'($signed(y));
    affine = round(64'(gamma), 6'd6) * x + 64'(beta);
    error = ((64'(h) <<< 8) - 64'(a1) - round(x * 64'(a2), 6'd16)) * 64'(g);
    by = fwd ? 34'(shift) : 34'(shift) - half;
    if (fwd || grad) {clip, y} = narrow(fwd ? affine : error, by);
  end
endmodule
