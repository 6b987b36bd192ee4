// The error propagation core with multipliers: trees, or lanes. rtl/errors has what the unit with
// adder trees does as well.
module epc (
    input logic clk,
    input logic rst,
    input chip_pkg::bus_t in_bus,
    input chip_pkg::read_data_t in_read,
    input logic in_req_room,
    input logic in_write_room,
    input logic in_write_idle,
    input logic in_w_room,
    input logic in_w_idle,
    input chip_pkg::mask_data_t in_mask,
    input chip_pkg::x_resp_t in_resp,
    input logic in_x_room,
    output logic [2:0] out_status,
    output chip_pkg::done_t out_done,
    output chip_pkg::fault_t out_fault,
    output logic [31:0] out_stat,
    output chip_pkg::read_req_t out_req,
    output logic out_read_room,
    output chip_pkg::write_req_t out_write,
    output chip_pkg::x_req_t out_w,
    output chip_pkg::mask_req_t out_mask,
    output chip_pkg::x_req_without_data_t out_x,
    output chip_pkg::epc_ev_t ev
);
  localparam int KIND = chip_pkg::EPC_KIND;
  localparam int BUILT = KIND != chip_pkg::EPC_KIND_NONE ? 1 : 0;
  localparam int LANES = KIND == chip_pkg::EPC_KIND_LANE_MASK ? 1 : 0;
  localparam int GATE = KIND == chip_pkg::EPC_KIND_TREE_GATE ? 1 : 0;
  localparam int CAPACITY = BUILT != 0 ? chip_pkg::EPC_ERRORS : 16;
  localparam int MOST = CAPACITY > 1024 ? CAPACITY : 1024;
  // Lanes are rounded as trees of 16 neurons would be.
  localparam int NEURONS = LANES != 0 || BUILT == 0 ? 16 : chip_pkg::EPC_NEURONS;
  localparam int INPUTS = LANES != 0 || BUILT == 0 ? 16 : chip_pkg::EPC_INPUTS;
  localparam int TILE_N = NEURONS > 16 ? NEURONS : 16;
  localparam int TILE_I = INPUTS > 16 ? INPUTS : 16;
  localparam int LANE_GROUPS = chip_pkg::EPC_NEURONS * chip_pkg::EPC_INPUTS / 16;
  localparam int SPAN = LANES != 0 ? LANE_GROUPS : TILE_N / 16;
  localparam int PARTS = (TILE_N / NEURONS) << (INPUTS < 16 ? 1 : 0);
  localparam int SUM = chip_pkg::DNNC_ACC_BITS;
  localparam int W_ERRORS = $clog2(MOST + 1);
  localparam int W_PASSES = $clog2(MOST / 16 + 1);
  localparam int PLACES = LANES != 0 ? 3 : 2;
  localparam int W_LAND = $clog2(PLACES * TILE_N * TILE_I / 16);

  logic bad, queued, working, begin_load, begin_run, loading, running, retire;
  logic got_param, got_cmd, got_get, load_waits, load_ends, more, issue, advance;
  chip_pkg::cmd_t cmd;
  chip_pkg::fault_t bad_fault;
  logic [511:0] loaded;
  logic write_en, feed_begins, put, put_done, no_room, put_waits, take, retire_run, finish;
  logic no_weights, no_mask, has_mask, half, read_en, release_tile, lands;
  logic [255:0] written;
  logic [2:0] words_read;
  logic [W_ERRORS-1:0] errors;
  logic [5:0] batch, pass_errors;
  logic [W_PASSES-1:0] columns, passes, pass, read_pass;
  logic [12:0] rows_now, tiles_now, rows, tiles, tile;
  logic [1:0] part, s1_part, full, oldest_tile;
  logic [4:0] sample, s1_sample, read_sample;
  logic [6:0] tile_groups;
  logic [16*TILE_I-1:0] e_next, e;
  logic s1_valid, s1_first, s1_last;
  logic [NEURONS*SUM-1:0] sum;
  logic [31:0] given;
  logic [15:0] oldest;
  logic [W_LAND-1:0] land_at;
  logic clock_round, clock_write, clock_burst, clock_fetch;
  logic [2:0] status;
  chip_pkg::epc_ev_t count;

  errors_command #(
      .UNIT(chip_pkg::UNIT_EPC),
      .LOAD(chip_pkg::OP_EPC_LOAD)
  ) command (
      .clk(clk),
      .rst(rst),
      .bus(in_bus),
      .own_bad(1'b0),
      .own_fault('0),
      .bad(bad),
      .bad_fault(bad_fault),
      .retire(retire),
      .got_param(got_param),
      .got_cmd(got_cmd),
      .got_get(got_get),
      .queued(queued),
      .working(working),
      .cmd(cmd),
      .begin_load(begin_load),
      .begin_run(begin_run),
      .loading(loading),
      .running(running),
      .done(out_done),
      .fault(out_fault)
  );

  always_comb begin
    loaded = '0;
    loaded[32*chip_pkg::P_EPC_N+:32] = 32'(errors);
    loaded[32*chip_pkg::P_EPC_NB+:32] = 32'(batch);
  end
  epc_limits limits (
      .op(cmd.op),
      .flags(cmd.flags),
      .p(cmd.p),
      .loaded(loaded),
      .bad(bad),
      .fault(bad_fault)
  );

  errors_feed #(
      .CAPACITY(CAPACITY),
      .TILE_I(TILE_I),
      .SPAN(SPAN),
      .PARTS(PARTS),
      .W_ERRORS(W_ERRORS),
      .W_PASSES(W_PASSES)
  ) feed (
      .clk(clk),
      .rst(rst),
      .cmd(cmd),
      .begin_load(begin_load),
      .begin_run(begin_run),
      .loading(loading),
      .req_room(in_req_room),
      .read(in_read),
      .advance(advance),
      .issue(issue),
      .read_en(read_en),
      .read_sample(read_sample),
      .read_pass(read_pass),
      .req(out_req),
      .read_room(out_read_room),
      .write_en(write_en),
      .written(written),
      .load_waits(load_waits),
      .load_ends(load_ends),
      .clock_begin(feed_begins),
      .words_read(words_read),
      .errors(errors),
      .batch(batch),
      .columns(columns),
      .passes(passes),
      .rows_now(rows_now),
      .tiles_now(tiles_now),
      .rows(rows),
      .tiles(tiles),
      .part(part),
      .sample(sample),
      .pass(pass),
      .tile(tile),
      .more(more),
      .pass_errors(pass_errors),
      .tile_groups(tile_groups),
      .e_next(e_next),
      .e(e),
      .s1_valid(s1_valid),
      .s1_first(s1_first),
      .s1_last(s1_last),
      .s1_sample(s1_sample),
      .s1_part(s1_part)
  );

  generate
    if (BUILT == 0) begin : none
      assign {advance, issue, read_en, release_tile, put, half, has_mask, finish} = '0;
      assign {no_weights, no_mask, lands, clock_fetch} = '0;
      assign {read_sample, read_pass, sum, given, oldest, full, oldest_tile, land_at} = '0;
      assign out_mask = '0;
      assign out_x = '0;
      assign count = '0;
    end else begin : built
      epc_fetch #(
          .LANES(LANES),
          .TILE_N(TILE_N),
          .TILE_I(TILE_I),
          .SPAN(SPAN),
          .PLACES(PLACES),
          .W_PASSES(W_PASSES),
          .W_LAND(W_LAND)
      ) fetch (
          .clk(clk),
          .rst(rst),
          .cmd(cmd),
          .begin_run(begin_run),
          .running(running),
          .x_room(in_x_room),
          .resp(in_resp),
          .release_tile(release_tile),
          .rows(rows_now),
          .columns(columns),
          .passes(passes),
          .x(out_x),
          .lands(lands),
          .land_at(land_at),
          .full(full),
          .take(oldest_tile),
          .clock_fetch(clock_fetch)
      );
      if (LANES != 0) begin : lanes
        epc_lanes #(
            .SPAN(SPAN),
            .CAPACITY(CAPACITY),
            .SUM(SUM),
            .PLACES(PLACES),
            .W_PASSES(W_PASSES),
            .W_LAND(W_LAND)
        ) lanes_i (
            .clk(clk),
            .rst(rst),
            .cmd(cmd),
            .begin_run(begin_run),
            .running(running),
            .mask(in_mask),
            .lands(lands),
            .land_at(land_at),
            .landing(in_resp.data),
            .waiting(full),
            .oldest_block(oldest_tile),
            .write_en(write_en),
            .written(written),
            .load_sample(sample),
            .load_pass(pass),
            .rows(rows_now),
            .tiles(tiles_now),
            .batch(batch),
            .passes(passes),
            .e_next(e_next),
            .e(e),
            .put_done(put_done),
            .read_en(read_en),
            .read_sample(read_sample),
            .read_pass(read_pass),
            .release_block(release_tile),
            .put(put),
            .sum(sum),
            .finish(finish),
            .no_weights(no_weights),
            .no_mask(no_mask),
            .mask_req(out_mask),
            .count(count)
        );
        assign {advance, issue, half, has_mask, oldest} = '0;
        assign given = '1;               // lanes whose f' is 0 hold 0
      end else begin : trees
        epc_trees #(
            .GATE(GATE),
            .NEURONS(NEURONS),
            .INPUTS(INPUTS),
            .TILE_N(TILE_N),
            .TILE_I(TILE_I),
            .SPAN(SPAN),
            .SUM(SUM),
            .PLACES(PLACES),
            .W_PASSES(W_PASSES),
            .W_LAND(W_LAND)
        ) trees_i (
            .clk(clk),
            .rst(rst),
            .cmd(cmd),
            .begin_run(begin_run),
            .running(running),
            .mask(in_mask),
            .lands(lands),
            .land_at(land_at),
            .landing(in_resp.data),
            .full(full),
            .oldest_tile(oldest_tile),
            .rows(rows),
            .batch(batch),
            .passes(passes),
            .part(part),
            .sample(sample),
            .tile(tile),
            .more(more),
            .pass_errors(pass_errors),
            .tile_groups(tile_groups),
            .e_next(e_next),
            .e(e),
            .s1_valid(s1_valid),
            .s1_first(s1_first),
            .s1_last(s1_last),
            .s1_sample(s1_sample),
            .s1_part(s1_part),
            .put_done(put_done),
            .take(take),
            .advance(advance),
            .issue(issue),
            .release_tile(release_tile),
            .put(put),
            .half(half),
            .sum(sum),
            .given(given),
            .oldest(oldest),
            .has_mask(has_mask),
            .finish(finish),
            .no_weights(no_weights),
            .no_mask(no_mask),
            .mask_req(out_mask),
            .count(count)
        );
        assign read_en = issue && part == 2'd0;
        assign read_sample = sample;
        assign read_pass = pass;
      end
    end
  endgenerate

  errors_put #(
      .NEURONS(NEURONS),
      .SUM(SUM),
      .SPAN(SPAN),
      .GIVEN(GATE != 0 || LANES != 0 ? 1 : 0),
      .W_PASSES(W_PASSES)
  ) last (
      .clk(clk),
      .rst(rst),
      .cmd(cmd),
      .begin_run(begin_run),
      .put(put),
      .half(half),
      .sum(sum),
      .given(given),
      .oldest(oldest),
      .has_mask(has_mask),
      .rows(rows),
      .batch(batch),
      .finish(finish),
      .write_room(in_write_room),
      .write_idle(in_write_idle),
      .w_room(in_w_room),
      .w_idle(in_w_idle),
      .get(got_get),
      .index(in_bus.index),
      .done(put_done),
      .no_room(no_room),
      .no_mask(put_waits),
      .take(take),
      .retire(retire_run),
      .write(out_write),
      .w(out_w),
      .stat(out_stat),
      .clock_round(clock_round),
      .clock_write(clock_write),
      .clock_burst(clock_burst)
  );

  assign retire = load_ends || retire_run;

  // Status is that of the issue, unless what is behind it stands still.
  always_comb begin
    status = queued ? chip_pkg::ST_BUSY : chip_pkg::ST_IDLE;
    if (load_waits || no_mask || put_waits) status = chip_pkg::ST_WAIT_OPERAND;
    if (no_weights) status = chip_pkg::ST_WAIT_MEMORY;
    if (no_room || (finish && !retire_run)) status = chip_pkg::ST_WAIT_DRAIN;
  end
  always_ff @(posedge clk) begin
    if (rst) out_status <= chip_pkg::ST_IDLE;
    else out_status <= status;
  end

  always_comb begin
    ev = count;
    if (read_en) ev.epc_error_read = 12'(words_read);
    ev.epc_error_write = 12'(write_en);
    ev.clock_epc = 12'(out_status != chip_pkg::ST_IDLE || working || got_cmd);
    ev.clock_epc_param = 12'(got_param);
    ev.clock_epc_cmd = 12'(got_cmd);
    ev.clock_epc_begin = 12'(feed_begins);
    ev.clock_epc_round = 12'(clock_round);
    ev.clock_epc_write = 12'(clock_write);
    ev.clock_epc_burst = 12'(clock_burst);
    ev.clock_epc_stat = 12'(got_get);
    ev.clock_epc_fetch = 12'(clock_fetch);
  end
endmodule
