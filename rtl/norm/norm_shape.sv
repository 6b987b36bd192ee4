// What the walks need to know of a command. Sums and gradients have cells of one pixel, so that the
// order is that of the map; records are one pixel of two bursts a channel.
module norm_shape (
    input chip_pkg::cmd_t c,
    output chip_pkg::norm_shape_t s
);
  logic records, pools;

  function automatic logic [11:0] cells(input logic [11:0] pixels, input logic [1:0] pool);
    begin
      cells = pool == 2'd3 ? pixels / 12'd3 : pool == 2'd2 ? pixels >> 1 : pixels;
    end
  endfunction

  always_comb begin
    records = c.op == chip_pkg::OP_NORM_LOAD || c.op == chip_pkg::OP_NORM_STORE;
    pools = c.op == chip_pkg::OP_NORM_FWD || c.op == chip_pkg::OP_NORM_BACK;
    s.op = c.op;
    s.bn = (c.flags & chip_pkg::FLAG_BN) != 16'd0;
    s.chan = c.p[32*chip_pkg::P_NORM_CHAN+:12];
    s.images = records ? 6'd1 : c.p[32*chip_pkg::P_NORM_NB+:6];
    s.h = records ? 12'd1 : c.p[32*chip_pkg::P_NORM_H+:12];
    s.w = records ? 12'd1 : c.p[32*chip_pkg::P_NORM_W+:12];
    s.groups = records ? {s.chan, 1'b0} : ({1'b0, s.chan} + 13'd15) >> 4;
    s.pool = pools ? c.p[32*chip_pkg::P_NORM_POOL+:2] : 2'd1;
    s.rows_y = cells(s.h, s.pool);
    s.rows_x = cells(s.w, s.pool);
    // norm.back also visits the pixels outside of all windows, in cells that the edge cuts.
    s.cells_y = s.rows_y;
    s.cells_x = s.rows_x;
    if (c.op == chip_pkg::OP_NORM_BACK) begin
      s.cells_y = cells(s.h + {10'd0, s.pool - 2'd1}, s.pool);
      s.cells_x = cells(s.w + {10'd0, s.pool - 2'd1}, s.pool);
    end
  end
endmodule
