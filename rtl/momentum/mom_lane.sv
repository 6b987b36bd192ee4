// The arithmetic of one lane of the momentum unit: V' and W' of docs/arithmetic.md section 5.
module mom_lane (
    input logic exists,  // otherwise weight and velocity stay as they are
    input logic bias,    // of mom.b: no decay, no random word, 32 bits
    input logic signed [chip_pkg::W_ACC-1:0] grad,
    input logic signed [31:0] w,
    input logic signed [23:0] v,
    input logic [15:0] word,
    input logic [15:0] mu,
    input logic [15:0] eta,
    input logic [15:0] lambda,
    input logic signed [6:0] gshift,
    input logic signed [6:0] dshift,
    input logic signed [6:0] tshift,
    output logic signed [31:0] w_new,
    output logic signed [23:0] v_new,
    output logic clip_w,
    output logic clip_v
);
  logic signed [63:0] decay, push, sum, moved, step, noise, x;
  logic signed [63:0] sat_v, sat_w;

  // Rounds to nearest, ties away from zero; negative shifts go left.
  function automatic logic signed [63:0] away(input logic signed [63:0] a,
      input logic signed [6:0] s);
    logic signed [63:0] size;
    logic [5:0] right, left;
    begin
      right = s[5:0];
      left = -s[5:0];
      size = a[63] ? -a : a;
      size = (size + (64'sd1 <<< (right - 6'd1))) >>> right;
      if (s > 7'sd0) away = a[63] ? -size : size;
      else away = a <<< left;
    end
  endfunction

  function automatic logic signed [63:0] toward_zero(input logic signed [63:0] a);
    begin
      toward_zero = a[63] ? -(-a >>> 16) : a >>> 16;
    end
  endfunction

  function automatic logic signed [63:0] sat(input logic signed [63:0] a,
      input logic signed [63:0] most);
    begin
      sat = a > most ? most : a < -most - 64'sd1 ? -most - 64'sd1 : a;
    end
  endfunction

  always_comb begin
    decay = bias ? 64'sd0 : away($signed({48'd0, lambda}) * 64'(w), dshift);
    push = toward_zero($signed({48'd0, mu}) * 64'(v));
    sum = push + away(64'(grad), gshift) + decay;
    sat_v = sat(sum, 64'sh7f_ffff);

    moved = $signed({48'd0, eta}) * sat_v;
    // The random word is the fraction below the new unit place, cut to the bits that are there.
    noise = tshift >= 7'sd16 ? $signed({48'd0, word}) <<< (tshift[5:0] - 6'd16)
                             : $signed({48'd0, word}) >>> (6'd16 - tshift[5:0]);
    step = bias ? away(moved, tshift) : (moved + noise) >>> tshift[5:0];
    x = 64'(w) - step;
    sat_w = sat(x, bias ? 64'sh7fff_ffff : 64'sh7fff);

    v_new = exists ? sat_v[23:0] : v;
    w_new = exists ? sat_w[31:0] : w;
    clip_v = exists && sat_v != sum;
    clip_w = exists && sat_w != x;
  end
endmodule
