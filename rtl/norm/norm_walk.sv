// The step behind one of a walk: image, row and column of cells, row and column in the cell, group,
// kind. A walk begins behind a place of zeros.
module norm_walk (
    input chip_pkg::norm_shape_t s,
    input chip_pkg::norm_walk_t at,
    input logic begins,
    output chip_pkg::norm_walk_t next,
    output logic reads  // the step at `at` reads a burst
);
  localparam logic [1:0] MAP = 2'd0;   // a group of a pixel at full size, or half a record
  localparam logic [1:0] POS = 2'd1;   // positions of 64 channels of a pooled pixel
  localparam logic [1:0] ERR = 2'd2;   // errors of a group
  localparam logic [1:0] ZERO = 2'd3;  // a group that is written without reading

  logic fwd, back, grad, last_group, same, next_pixel, next_row, next_cell, next_cells;
  logic [11:0] left_x, left_y, y, x;
  logic [1:0] body;

  assign fwd = s.op == chip_pkg::OP_NORM_FWD;
  assign back = s.op == chip_pkg::OP_NORM_BACK;
  assign grad = s.op == chip_pkg::OP_NORM_GRAD;
  assign reads = at.kind == MAP || at.kind == ERR || at.kind == POS && back;

  always_comb begin
    next = at;
    last_group = {1'b0, at.group} + 13'd1 == s.groups;
    same = !begins && (fwd && at.kind == MAP && at.last && (last_group || at.group[1:0] == 2'd3) ||
        grad && at.kind == ERR || back && (at.kind == POS || at.kind == ERR));

    // Cells at the far edges may be cut.
    left_x = s.w - at.x * {10'd0, s.pool};
    left_y = s.h - at.y * {10'd0, s.pool};
    next_pixel = !begins && !same && last_group;
    next_row = next_pixel && (at.dx + 2'd1 == s.pool || {10'd0, at.dx} + 12'd1 == left_x);
    next_cell = next_row && (at.dy + 2'd1 == s.pool || {10'd0, at.dy} + 12'd1 == left_y);
    next_cells = next_cell && at.x + 12'd1 >= s.cells_x;
    if (!same) next.group = last_group ? 12'd0 : at.group + 12'd1;
    if (next_pixel) next.dx = next_row ? 2'd0 : at.dx + 2'd1;
    if (next_row) next.dy = next_cell ? 2'd0 : at.dy + 2'd1;
    if (next_cell) begin
      if (at.exists) next.cell_ = at.cell_ + 27'd1;
      next.x = next_cells ? 12'd0 : at.x + 12'd1;
    end
    if (next_cells) begin
      next.y = at.y + 12'd1;
      if (at.y + 12'd1 >= s.cells_y) begin
        next.y = 12'd0;
        next.image = at.image + 5'd1;
        next.end_ = {1'b0, at.image} + 6'd1 == s.images;
      end
    end
    if (begins) next = '0;

    // What follows from the counters.
    y = next.y * {10'd0, s.pool} + {10'd0, next.dy};
    x = next.x * {10'd0, s.pool} + {10'd0, next.dx};
    if (next_pixel || begins) begin
      next.exists = next.y < s.rows_y && next.x < s.rows_x;
      next.last = next.dy + 2'd1 == s.pool && next.dx + 2'd1 == s.pool;
      next.place = {2'd0, next.dy} * {2'd0, s.pool} + {2'd0, next.dx};
      next.pixel = (27'(next.image) * 27'(s.h) + 27'(y)) * 27'(s.w) + 27'(x);
    end

    body = s.bn && next.exists ? MAP : ZERO;
    if (same) next.kind = fwd ? POS : grad ? MAP : at.kind == POS ? ERR : body;
    else if (s.op == chip_pkg::OP_NORM_STORE) next.kind = ZERO;
    else if (grad) next.kind = ERR;
    else if (!back) next.kind = MAP;
    else if (!next.exists || next.place != 4'd0) next.kind = body;
    else next.kind = next.group[1:0] == 2'd0 ? POS : ERR;
  end
endmodule
