// The next place of a load: its bursts in the order in which they are requested and land. Straight:
// block a, row b, group c of the row. Transposed: block a, group b of 16 columns (WMEM rows), group
// c of 16 rows (WMEM lanes), row d.
module wld_next #(
    parameter int W_BLOCK = 3
) (
    input logic turned,
    input logic [6:0] rows,
    input logic [6:0] groups,
    input logic [W_BLOCK+14:0] at, // a, b (7 bits), c (3), d (5)
    output logic [W_BLOCK+14:0] next,
    output logic last
);
  logic [W_BLOCK-1:0] a, next_a;
  logic [6:0] b, next_b, rest, steps;
  logic [2:0] c, next_c, in_block;
  logic [4:0] d, next_d;
  logic end_d, end_c, end_b;

  assign {a, b, c, d} = at;
  assign rest = groups - 7'({a, 2'd0});
  assign in_block = rest < 7'd4 ? rest[2:0] : 3'd4;
  assign steps = turned ? (rows + 7'd15) >> 4 : rows;

  assign end_d = !turned || d == 5'd15;
  assign end_c = end_d && c + 3'd1 >= in_block;
  assign end_b = end_c && b + 7'd1 >= steps;
  assign next_d = !turned ? d : end_d ? 5'd0 : d + 5'd1;
  assign next_c = !end_d ? c : end_c ? 3'd0 : c + 3'd1;
  assign next_b = !end_c ? b : end_b ? 7'd0 : b + 7'd1;
  assign next_a = end_b ? a + W_BLOCK'(1) : a;
  assign next = {next_a, next_b, next_c, next_d};
  assign last = end_b && 9'({next_a, 2'd0}) >= {2'd0, groups};
endmodule
