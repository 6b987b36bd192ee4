// The way of a fetcher through a window: where its tap lies, and the place of the next one.
module omem_walk (
    input chip_pkg::window_t win,
    input logic [31:0] src,
    input logic [31:0] s_step,
    input logic starts,
    input logic [1:0] first,            // pixel to start with
    input logic [2:0] step,             // pixels from one to the next
    input logic [128:0] place,
    output logic [5:0] elem,            // place of the tap's first element in the stream's block
    output logic meets,                // the tap meets a source pixel
    output logic [31:0] at,             // ... which is found here
    output logic pixel_ends,            // it is the last tap
    output logic [128:0] here,          // the place that was looked at
    output logic [128:0] next
);
  // A place: where the image begins, the tap's source before the division, the pixel, the tap.
  logic [31:0] base, next_base;
  logic [21:0] sy, sx, next_sy, next_sx;
  logic [15:0] y, x, next_y, next_x;
  logic [7:0] kx, next_kx;
  logic [6:0] tap, next_tap;
  logic [5:0] next_elem;
  logic [63:0] start_pixel, next_pixel;
  logic [31:0] row, column;

  // The pixel behind one: along x, then y, then in the next image.
  function automatic logic [63:0] behind(input logic [63:0] p, input logic [15:0] oh,
      input logic [15:0] ow, input logic [31:0] n_step);
    logic [16:0] right, below;
    begin
      right = {1'b0, p[15:0]} + 17'd1;
      below = {1'b0, p[31:16]} + 17'd1;
      behind = right < {1'b0, ow} ? {p[63:16], right[15:0]}
             : below < {1'b0, oh} ? {p[63:32], below[15:0], 16'd0} : {p[63:32] + n_step, 32'd0};
    end
  endfunction

  // The source of tap k of a pixel, along one axis.
  function automatic logic [21:0] source(input logic [15:0] p, input logic [3:0] stride,
      input logic [7:0] k, input logic flip, input logic [15:0] off);
    begin
      source = {6'd0, p} * {18'd0, stride} + (flip ? 22'd0 - {14'd0, k} : {14'd0, k})
             + {{6{off[15]}}, off};
    end
  endfunction

  always_comb begin
    start_pixel = {src, win.y, win.x};
    for (int i = 0; i < 3; i++)
      if (2'(i) < first) start_pixel = behind(start_pixel, win.oh, win.ow, win.n_step);
    {base, sy, sx, y, x, kx, tap, elem} = place;
    if (starts) begin
      {base, y, x} = start_pixel;
      sy = source(y, win.stride, win.ky, win.flip, win.y_off);
      sx = source(x, win.stride, win.kx, win.flip, win.x_off);
      kx = win.kx;
      tap = '0;
      elem = '0;
    end

    here = {base, sy, sx, y, x, kx, tap, elem};

    // A source beyond the left or upper edge is a large number without its sign.
    row = {10'd0, sy} >> win.div;
    column = {10'd0, sx} >> win.div;
    meets = ((sy | sx) & ((22'd1 << win.div) - 22'd1)) == 22'd0
           && row < {16'd0, win.ih} && column < {16'd0, win.iw};
    at = base + (row * {16'd0, win.iw} + column) * s_step;

    next_tap = tap + 7'd1;
    pixel_ends = next_tap == win.taps;
    {next_base, next_y, next_x} = {base, y, x};
    next_kx = kx + 8'd1;
    next_elem = elem + win.chan[5:0];
    next_sy = sy;
    next_sx = win.flip ? sx - 22'd1 : sx + 22'd1;
    next_pixel = {base, y, x};
    if (pixel_ends) begin
      for (int i = 0; i < 4; i++)
        if (3'(i) < step) next_pixel = behind(next_pixel, win.oh, win.ow, win.n_step);
      {next_base, next_y, next_x} = next_pixel;
      next_sy = source(next_y, win.stride, win.ky, win.flip, win.y_off);
      next_sx = source(next_x, win.stride, win.kx, win.flip, win.x_off);
      next_kx = win.kx;
      next_tap = '0;
      next_elem = '0;
    end else if ({1'b0, kx} + 9'd1 >= {1'b0, win.kw}) begin
      next_kx = '0;
      next_sx = source(x, win.stride, 8'd0, 1'b0, win.x_off);
      next_sy = win.flip ? sy - 22'd1 : sy + 22'd1;
    end
    next = {next_base, next_sy, next_sx, next_y, next_x, next_kx, next_tap, next_elem};
  end
endmodule
