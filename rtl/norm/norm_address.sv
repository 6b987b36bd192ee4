// The address of a step's burst: that which it reads, or that which it writes.
module norm_address (
    input chip_pkg::cmd_t c,
    input chip_pkg::norm_shape_t s,
    input chip_pkg::norm_walk_t at,
    input logic writes,
    output logic [31:0] addr
);
  logic records, positions, pooled;
  logic [31:0] base;
  logic [26:0] index, bursts;

  always_comb begin
    records = s.op == chip_pkg::OP_NORM_LOAD || s.op == chip_pkg::OP_NORM_STORE;
    positions = at.kind == 2'd1;
    pooled = s.op == chip_pkg::OP_NORM_FWD && writes ||
        s.op == chip_pkg::OP_NORM_BACK && at.kind == 2'd2;
    if (records) base = c.p[32*chip_pkg::P_NORM_REC+:32];
    else if (positions) base = c.p[32*chip_pkg::P_NORM_POS+:32];
    else if (writes) base = c.p[32*chip_pkg::P_NORM_DST+:32];
    else if (at.kind == 2'd2) base = c.p[32*chip_pkg::P_NORM_AUX+:32];
    else base = c.p[32*chip_pkg::P_NORM_SRC+:32];
    bursts = positions ? (27'(s.groups) + 27'd3) >> 2 : 27'(s.groups);
    index = (positions || pooled ? at.cell_ : at.pixel) * bursts +
        (positions ? 27'(at.group[11:2]) : 27'(at.group));
    addr = base + {index, 5'd0};
  end
endmodule
