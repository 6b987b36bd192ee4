// A restoring divider, a bit of the quotient a cycle: floor((2a + n) / 2n), which is a / n, halves
// away from zero. A quotient that needs more than 48 bits, which only sums of another n give, is
// clipped.
module norm_divider (
    input logic clk,
    input logic begins,
    input logic steps,
    input logic [127:0] dividend,  // without its sign
    input logic negative,
    input logic [61:0] n,
    output logic signed [63:0] quotient
);
  logic [62:0] rem;
  logic [47:0] low;   // what is left of the dividend, followed by the quotient
  logic [62:0] by;    // 2n
  logic neg, clip;

  logic [127:0] twice;
  logic [63:0] first, next;
  logic too_large;

  assign twice = (dividend << 1) + {66'd0, n};
  assign first = twice[111:48];
  assign too_large = twice[127:112] != 16'd0 || first >= {1'b0, n, 1'b0};
  assign next = {rem, low[47]};
  assign quotient = neg ? -$signed({16'd0, low}) : $signed({16'd0, low});

  always_ff @(posedge clk) begin
    if (begins) begin
      rem <= too_large ? 63'd0 : first[62:0];
      low <= too_large ? 48'hffff_ffff_ffff : twice[47:0];
      by <= {n, 1'b0};
      neg <= negative;
      clip <= too_large;
    end else if (steps && !clip) begin
      low <= {low[46:0], next >= {1'b0, by}};
      rem <= 63'(next >= {1'b0, by} ? next - {1'b0, by} : next);
    end
  end
endmodule
