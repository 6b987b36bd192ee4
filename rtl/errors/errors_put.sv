// The last stage: it shifts, rounds, masks and saturates sums and sends them to OMEM or, with flag
// x, to external memory, a group a cycle; and it ends a run when its last write is committed.
module errors_put #(
    parameter int NEURONS = 16,    // sums that come at once
    parameter int SUM = 27,        // bits of a sum
    parameter int SPAN = 1,        // groups of neurons of a tile
    parameter int GIVEN = 0,       // 1: the f' bits of the tile come with the sums
    parameter int W_PASSES = 7
) (
    input logic clk,
    input logic rst,
    input chip_pkg::cmd_t cmd,
    input logic begin_run,
    input logic put,                    // there are sums
    input logic half,                   // with NEURONS of 8: those of the upper half of a group
    input logic [NEURONS*SUM-1:0] sum,
    input logic [31:0] given,
    input logic [15:0] oldest,          // the f' bits that were read ahead
    input logic has_mask,
    input logic [12:0] rows,
    input logic [5:0] batch,
    input logic finish,                 // nothing is left to do in the run
    input logic write_room,
    input logic write_idle,
    input logic w_room,
    input logic w_idle,
    input logic get,
    input logic [3:0] index,
    output logic done,                  // the last of the sums leave
    output logic no_room,
    output logic no_mask,
    output logic take,                  // the f' bits are used up
    output logic retire,
    output chip_pkg::write_req_t write,
    output chip_pkg::x_req_t w,
    output logic [31:0] stat,
    output logic clock_round,
    output logic clock_write,
    output logic clock_burst
);
  localparam int LANES = NEURONS < 16 ? NEURONS : 16;
  localparam logic [31:0] GROUP_STEP = 32'd4;    // words of OMEM
  localparam logic [31:0] BURST_STEP = 32'd32;   // bytes

  logic [31:0] to_base, to_at;          // of the next errors
  logic [12:0] to_tile;
  logic [5:0] to_col;
  logic [4:0] to_sample;
  logic settle;                         // the idle wires do not tell of the last write yet
  logic fresh;                          // top and clips are of the last cycle
  logic [63:0] top;                     // maxima of every fourth lane
  logic [4:0] clips;
  logic [31:0] sat;
  logic [15:0] max;

  logic [31:0] next_base, next_at;
  logic [12:0] next_tile;
  logic [5:0] next_col;
  logic [4:0] next_sample;
  logic [W_PASSES-1:0] next_pass;
  logic external, all, whole, sends;
  logic [31:0] first, address, shift;
  logic [15:0] word, exist, on;
  logic [255:0] e;
  logic [16*LANES-1:0] es, tops;
  logic [LANES*SUM-1:0] sums;
  logic [LANES-1:0] clipped;
  logic [4:0] clips_next;
  logic [63:0] top_next;
  logic [15:0] max_next, upper, lower;
  logic [31:0] sat_next;

  errors_walk #(
      .SPAN(SPAN),
      .W_PASSES(W_PASSES)
  ) walk (
      .base(to_base),
      .at(to_at),
      .tile(to_tile),
      .col(to_col),
      .sample(to_sample),
      .pass('0),
      .rows(rows),
      .batch(batch),
      .passes(W_PASSES'(1)),
      .tile_step((external ? BURST_STEP : GROUP_STEP) * 32'(SPAN)),
      .row_step(cmd.p[32*chip_pkg::P_DEPC_DSTEP+:32]),
      .base_next(next_base),
      .at_next(next_at),
      .tile_next(next_tile),
      .col_next(next_col),
      .sample_next(next_sample),
      .pass_next(next_pass)
  );
  errors_exist exist_i (
      .neurons(cmd.p[32*chip_pkg::P_DEPC_NEURONS+:32]),
      .group(to_tile + 13'(to_col)),
      .exist(exist)
  );

  assign external = (cmd.flags & chip_pkg::FLAG_X) != 16'd0;
  assign all = (cmd.flags & chip_pkg::FLAG_ALL) != 16'd0;
  assign no_room = put && !(external ? w_room : write_room);
  assign no_mask = put && !no_room && GIVEN == 0 && !all && !has_mask;
  assign sends = put && !no_room && !no_mask;
  assign whole = NEURONS >= 16 || half;
  assign take = sends && whole && GIVEN == 0;
  assign done = sends && (NEURONS <= 16 || next_col == 6'd0);

  // Rounding.
  assign shift = cmd.p[32*chip_pkg::P_DEPC_SHIFT+:32] + 32'd15;
  always_comb begin
    word = all ? exist : oldest;
    if (GIVEN != 0) word = to_col[0] ? given[31:16] : given[15:0];
  end
  assign on = NEURONS < 16 && half ? word >> 8 : word;
  generate
    if (NEURONS > 16) begin : two
      assign sums = to_col[0] ? sum[NEURONS*SUM-1-:LANES*SUM] : sum[LANES*SUM-1:0];
    end else begin : one
      assign sums = sum;
    end
    for (genvar i = 0; i < LANES; i++) begin : lane
      errors_round #(
          .SUM(SUM)
      ) round (
          .sum(sums[SUM*i+:SUM]),
          .right(shift[5:0]),
          .on(on[i]),
          .e(es[16*i+:16]),
          .top(tops[16*i+:16]),
          .clips(clipped[i])
      );
    end
  endgenerate
  always_comb begin
    clips_next = 5'd0;
    top_next = 64'd0;
    for (int i = 0; i < LANES; i++) begin
      clips_next = clips_next + 5'(clipped[i]);
      if (tops[16*i+:16] > top_next[16*(i%4)+:16]) top_next[16*(i%4)+:16] = tops[16*i+:16];
    end
  end

  // Errors of the other half stay in the output register.
  assign first = external ? BURST_STEP : GROUP_STEP;
  assign address = to_at + first * 32'(to_col);
  always_comb begin
    e = external ? w.data : write.data;
    for (int i = 0; i < 16; i++) begin
      if (NEURONS >= 16 || half == (i >= LANES)) e[16*i+:16] = es[16*(i%LANES)+:16];
    end
  end

  // A reading leaves what is rounded in its cycle to the next one.
  always_comb begin
    upper = top[63:48] > top[47:32] ? top[63:48] : top[47:32];
    lower = top[31:16] > top[15:0] ? top[31:16] : top[15:0];
    sat_next = get && index == 4'(chip_pkg::S_DEPC_SAT) ? 32'd0 : sat;
    max_next = get && index == 4'(chip_pkg::S_DEPC_MAX) ? 16'd0 : max;
    if (fresh) begin
      sat_next = sat_next + 32'(clips);
      if (upper > max_next) max_next = upper;
      if (lower > max_next) max_next = lower;
    end
  end
  assign clock_round = begin_run || get || fresh || sends;
  assign clock_write = sends && !external;
  assign clock_burst = sends && external;
  assign retire = finish && !settle && (external ? w_idle : write_idle);

  always_ff @(posedge clk) begin
    if (rst) begin
      {to_base, to_at} <= '0;
      to_tile <= '0;
      to_col <= '0;
      to_sample <= '0;
      settle <= 1'b0;
      fresh <= 1'b0;
      top <= '0;
      clips <= '0;
      sat <= '0;
      max <= '0;
      stat <= '0;
      write <= '0;
      w <= '0;
    end else begin
      write.valid <= clock_write && whole;
      w.valid <= clock_burst && whole;
      if (clock_write) {write.addr, write.data} <= {address, e};
      if (clock_burst) {w.addr, w.data} <= {address, e};
      fresh <= sends;
      if (sends) begin
        top <= top_next;
        clips <= clips_next;
      end
      sat <= sat_next;
      max <= max_next;
      if (get && index == 4'(chip_pkg::S_DEPC_SAT)) stat <= sat;
      else if (get && index == 4'(chip_pkg::S_DEPC_MAX)) stat <= {16'd0, max};
      else if (get) stat <= 32'd0;
      if (begin_run) begin
        {to_base, to_at} <= {2{cmd.p[32*chip_pkg::P_DEPC_DST+:32]}};
        to_tile <= '0;
        to_col <= '0;
        to_sample <= '0;
      end else if (sends && whole) begin
        {to_base, to_at} <= {next_base, next_at};
        to_tile <= next_tile;
        to_col <= next_col;
        to_sample <= next_sample;
      end
      if (sends) settle <= 1'b1;
      else if (begin_run || finish) settle <= 1'b0;
    end
  end
endmodule
