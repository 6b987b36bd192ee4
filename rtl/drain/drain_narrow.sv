// The third stage of the drain: sums of A bits shifted, rounded (ties away from zero) and clipped
// to 16 bits; the second half of the dropout hash, of which the low bits are the dropout bits.
module drain_narrow (
    input logic clk,
    input logic enable,
    input logic [6:0] shift,  // to the right, -15..47
    input logic drops,
    input logic [16*chip_pkg::W_ACC-1:0] sum,
    input logic [31:0] mix,
    input logic [4:0] n,      // lanes that exist
    input logic [15:0] mask,  // 0: the lane is 0
    output logic [255:0] pipe_data,
    output logic [15:0] pipe_sat,
    output logic [15:0] pipe_keep
);
  localparam int A = chip_pkg::W_ACC;
  localparam int M = A > 47 ? A + 1 : 48;  // a magnitude with half a unit of the result added

  logic left;
  logic [3:0] by;
  logic [5:0] right;
  logic [M-1:0] half;
  logic [31:0] mixed;

  // To the left everything of 2^16 or more is clipped in any case.
  assign left  = shift[6];
  assign by    = 4'd0 - shift[3:0];
  assign right = left ? 6'd0 : shift[5:0];
  assign half  = {{M - 1{1'b0}}, !left && shift != 7'd0} << (right - 6'd1);
  assign mixed = (mix ^ mix >> 15) * 32'h846ca68b;

  logic [255:0] data;
  logic [15:0] sat;
  logic sign, big, exists, clips;
  logic [A-1:0] magnitude;
  logic [M-1:0] rounded;
  logic [31:0] shifted;
  logic [15:0] value;

  always_comb begin
    for (int i = 0; i < 16; i++) begin
      sign = sum[A*i+A-1];
      magnitude = sign ? -sum[A*i+:A] : sum[A*i+:A];
      rounded = ({{M - A{1'b0}}, magnitude} + half) >> right;
      shifted = {16'd0, magnitude[15:0]} << by;
      big = left ? magnitude[A-1:16] != '0 || shifted[31:16] != 16'd0 : rounded[M-1:16] != '0;
      value = left ? shifted[15:0] : rounded[15:0];
      // The most negative number has the magnitude 2^15.
      clips = big || value[15] && !(sign && value[14:0] == 15'd0);
      if (clips) value = {sign, {15{!sign}}};
      else if (sign) value = -value;
      exists = 5'(i) < n && mask[i];
      data[16*i+:16] = exists ? value : 16'd0;
      sat[i] = exists && clips;
    end
  end

  always_ff @(posedge clk) begin
    if (enable) begin
      pipe_data <= data;
      pipe_sat  <= sat;
      pipe_keep <= drops ? mixed[15:0] ^ mixed[31:16] : 16'hffff;
    end
  end
endmodule
