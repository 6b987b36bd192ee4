// The second stage of the drain: the biases, and the first half of the dropout hash
// (docs/arithmetic.md section 5), which has a multiplication in each half.
module drain_add (
    input logic clk,
    input logic enable,
    input logic with_bias,
    input logic drops,
    input logic [16*chip_pkg::W_ACC-1:0] acc,
    input logic [511:0] bias,
    input logic [31:0] mix,
    output logic [16*chip_pkg::W_ACC-1:0] sums_sum,
    output logic [31:0] sums_mix
);
  localparam int A = chip_pkg::W_ACC;

  logic [16*A-1:0] sum;
  logic [31:0] b;
  logic [A+30:0] wide;  // b with its sign in front, longer than A bits

  always_comb begin
    for (int i = 0; i < 16; i++) begin
      b = with_bias ? bias[32*i+:32] : 32'd0;
      wide = {{A{b[31]}}, b[30:0]};
      sum[A*i+:A] = acc[A*i+:A] + wide[A-1:0];
    end
  end

  always_ff @(posedge clk) begin
    if (enable) sums_sum <= sum;
    if (enable && drops) sums_mix <= (mix ^ mix >> 16) * 32'h7feb352d;
  end
endmodule
