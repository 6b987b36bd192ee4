// Where a block of 64 lanes of a command lies in external memory: its weights or biases, and its
// velocities.
module mom_blocks (
    input chip_pkg::cmd_t c,
    input logic [3:0] index,
    output logic [31:0] w,
    output logic [31:0] v,
    output logic [31:0] w_bytes,
    output logic [31:0] v_bytes
);
  logic bias;
  logic [6:0] above;  // rows but for the first
  logic [10:0] left;  // lanes from the block on
  logic two;          // chunks of 32 lanes

  assign bias = c.op == chip_pkg::OP_MOM_B;
  assign above = c.p[32*chip_pkg::P_MOM_ROWS+:7] - 7'd1;
  assign left = c.p[32*chip_pkg::P_MOM_LANES+:11] - {1'b0, index, 6'd0};
  assign two = left > 11'd32;
  always_comb begin
    if (bias) begin
      w = c.p[32*chip_pkg::P_MOM_WADDR+:32] + 32'(index) * 32'd256;
      v = c.p[32*chip_pkg::P_MOM_VADDR+:32] + 32'(index) * 32'd192;
      w_bytes = two ? 32'd256 : 32'd128;
      v_bytes = two ? 32'd192 : 32'd96;
    end else begin
      w = c.p[32*chip_pkg::P_MOM_WADDR+:32] + 32'(index) * c.p[32*chip_pkg::P_MOM_WSTEP+:32];
      v = c.p[32*chip_pkg::P_MOM_VADDR+:32] + 32'(index) * c.p[32*chip_pkg::P_MOM_VSTEP+:32];
      w_bytes = 32'(above) * 32'd128 + (two ? 32'd128 : 32'd64);
      v_bytes = 32'(above) * 32'd192 + (two ? 32'd192 : 32'd96);
    end
  end
endmodule
