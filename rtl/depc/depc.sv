// The direct error propagation core: adder trees whose signs come from the generator or from the
// sign memory. rtl/errors has what the unit with multipliers does as well.
module depc (
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
    input logic in_rng_full,
    input logic [255:0] in_rng_reg, // 4 x 64 bits
    input chip_pkg::sign_write_t in_sign,
    output logic [2:0] out_status,
    output chip_pkg::done_t out_done,
    output chip_pkg::fault_t out_fault,
    output logic [31:0] out_stat,
    output chip_pkg::read_req_t out_req,
    output logic out_read_room,
    output chip_pkg::write_req_t out_write,
    output chip_pkg::x_req_t out_w,
    output chip_pkg::mask_req_t out_mask,
    output logic out_rng_start,
    output logic [31:0] out_rng_seed,
    output logic [8:0] out_rng_passes,
    output logic [8:0] out_rng_bits,
    output logic [8:0] out_rng_last,
    output logic [chip_pkg::W_BLOCKS-1:0] out_rng_fills,
    output logic out_rng_take,
    output chip_pkg::depc_ev_t ev
);
  localparam int NEURONS = chip_pkg::DEPC_NEURONS;
  localparam int INPUTS = chip_pkg::DEPC_INPUTS;
  localparam int CLASSES = chip_pkg::DEPC_CLASSES;
  localparam int CAPACITY = CLASSES == 0 ? 16 : CLASSES;
  localparam int MOST = CLASSES > 1024 ? CLASSES : 1024;
  localparam int TILE_N = NEURONS > 16 ? NEURONS : 16;
  localparam int TILE_I = INPUTS > 16 ? INPUTS : 16;
  localparam int SPAN = TILE_N / 16;
  localparam int IN_LOG = INPUTS < 16 ? 1 : 0;
  localparam int PARTS = (TILE_N / NEURONS) << IN_LOG;
  localparam int SUM = $clog2(MOST + 1) + 16;
  localparam int TREE = $clog2(INPUTS) + 17;
  localparam int W_ERRORS = $clog2(MOST + 1);
  localparam int W_PASSES = $clog2(MOST / 16 + 1);
  localparam int SIGNS = TILE_N * TILE_I;

  logic own_bad, bad, queued, working, begin_load, begin_run, loading, running, retire;
  logic got_param, got_cmd, got_get, load_waits, load_ends, more, first, issue, advance;
  chip_pkg::cmd_t cmd;
  chip_pkg::fault_t own_fault, bad_fault;
  logic [511:0] loaded;
  logic write_en, feed_begins, put, put_done, no_room, no_mask, take, retire_run, finish;
  logic [255:0] written;
  logic [2:0] words_read, ahead;
  logic [W_ERRORS-1:0] errors;
  logic [5:0] batch, pass_errors;
  logic [W_PASSES-1:0] columns, passes, pass;
  logic [12:0] rows_now, tiles_now, rows, tiles, tile;
  logic [1:0] part, s1_part;
  logic [4:0] sample, s1_sample;
  logic [6:0] tile_groups;
  logic [16*TILE_I-1:0] e_next, e;
  logic s1_valid, s1_first, s1_last, moving, s3_half;
  logic [NEURONS*SUM-1:0] sum;
  logic [NEURONS*TREE-1:0] tree, tree_next;
  logic [31:0] oldest;
  logic p_writes, p_reads, clock_tree, clock_sum, got_mask, clock_mask;
  logic clock_round, clock_write, clock_burst;
  logic [SIGNS-1:0] sign;
  logic signs_ready, sign_writes, sign_reads, clock_sign;
  logic [2:0] status;

  errors_command #(
      .UNIT(chip_pkg::UNIT_DEPC),
      .LOAD(chip_pkg::OP_DEPC_LOAD)
  ) command (
      .clk(clk),
      .rst(rst),
      .bus(in_bus),
      .own_bad(own_bad),
      .own_fault(own_fault),
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
    loaded[32*chip_pkg::P_DEPC_N+:32] = 32'(errors);
    loaded[32*chip_pkg::P_DEPC_NB+:32] = 32'(batch);
  end
  depc_limits limits (
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
      .read_en(issue && part == 2'd0),
      .read_sample(sample),
      .read_pass(pass),
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

  depc_signs #(
      .TILE_N(TILE_N),
      .TILE_I(TILE_I),
      .W_ERRORS(W_ERRORS),
      .W_PASSES(W_PASSES)
  ) signs (
      .clk(clk),
      .rst(rst),
      .cmd(cmd),
      .begin_run(begin_run),
      .running(running),
      .advance(advance),
      .wanted(advance && more && first),
      .rng_full(in_rng_full),
      .rng_reg(in_rng_reg),
      .write(in_sign),
      .errors(errors),
      .columns(columns),
      .pass(pass),
      .pass_errors(pass_errors),
      .tile_groups(tile_groups),
      .rng_start(out_rng_start),
      .rng_seed(out_rng_seed),
      .rng_passes(out_rng_passes),
      .rng_bits(out_rng_bits),
      .rng_last(out_rng_last),
      .rng_fills(out_rng_fills),
      .rng_take(out_rng_take),
      .ready(signs_ready),
      .sign(sign),
      .bad(own_bad),
      .fault(own_fault),
      .writes(sign_writes),
      .reads(sign_reads),
      .clock_sign(clock_sign)
  );

  depc_trees #(
      .NEURONS(NEURONS),
      .INPUTS(INPUTS),
      .TILE_N(TILE_N),
      .TILE_I(TILE_I),
      .TREE(TREE)
  ) trees (
      .e(e),
      .sign(sign),
      .part(s1_part),
      .tree(tree_next)
  );
  always_ff @(posedge clk) begin
    if (clock_tree) tree <= tree_next;
  end

  errors_sums #(
      .NEURONS(NEURONS),
      .SUM(SUM),
      .TREE(TREE),
      .TILE_N(TILE_N),
      .IN_LOG(IN_LOG)
  ) sums (
      .clk(clk),
      .rst(rst),
      .running(running),
      .put_done(put_done),
      .from_valid(s1_valid),
      .from_first(s1_first),
      .from_last(s1_last),
      .from_sample(s1_sample),
      .from_part(s1_part),
      .tree(tree),
      .advance(advance),
      .put(put),
      .moving(moving),
      .s3_half(s3_half),
      .sum(sum),
      .writes(p_writes),
      .reads(p_reads),
      .clock_tree(clock_tree),
      .clock_sum(clock_sum)
  );

  errors_mask #(
      .TILE_N(TILE_N),
      .SPAN(SPAN),
      .W_PASSES(W_PASSES)
  ) masks (
      .clk(clk),
      .rst(rst),
      .cmd(cmd),
      .begin_run(begin_run),
      .running(running),
      .mask(in_mask),
      .take({1'b0, take}),
      .rows(rows),
      .batch(batch),
      .passes(passes),
      .oldest(oldest),
      .ahead(ahead),
      .req(out_mask),
      .got(got_mask),
      .clock_mask(clock_mask)
  );

  errors_put #(
      .NEURONS(NEURONS),
      .SUM(SUM),
      .SPAN(SPAN),
      .W_PASSES(W_PASSES)
  ) last (
      .clk(clk),
      .rst(rst),
      .cmd(cmd),
      .begin_run(begin_run),
      .put(put),
      .half(s3_half),
      .sum(sum),
      .given('0),
      .oldest(oldest[15:0]),
      .has_mask(ahead != 3'd0),
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
      .no_mask(no_mask),
      .take(take),
      .retire(retire_run),
      .write(out_write),
      .w(out_w),
      .stat(out_stat),
      .clock_round(clock_round),
      .clock_write(clock_write),
      .clock_burst(clock_burst)
  );

  assign first = sample == 5'd0 && part == 2'd0;
  assign issue = advance && more && (!first || signs_ready);
  assign finish = advance && !more && !s1_valid && !moving;
  assign retire = load_ends || retire_run;

  // Status is that of the issue, unless what is behind it stands still.
  always_comb begin
    status = queued ? chip_pkg::ST_BUSY : chip_pkg::ST_IDLE;
    if (load_waits) status = chip_pkg::ST_WAIT_OPERAND;
    if (advance && more && !issue) status = chip_pkg::ST_WAIT_OPERAND;
    if (no_mask) status = chip_pkg::ST_WAIT_OPERAND;
    if (no_room || (finish && !retire_run)) status = chip_pkg::ST_WAIT_DRAIN;
  end
  always_ff @(posedge clk) begin
    if (rst) out_status <= chip_pkg::ST_IDLE;
    else out_status <= status;
  end

  // Additions of the trees that work, those of a group that does not exist left out.
  logic [5:0] part_errors, part_trees;
  logic [5:0] gone;
  always_comb begin
    gone = IN_LOG == 1 && part[0] ? 6'(INPUTS) : 6'd0;
    part_errors = pass_errors > gone ? pass_errors - gone : 6'd0;
    if (part_errors > 6'(INPUTS)) part_errors = 6'(INPUTS);
    part_trees = 6'(NEURONS);
    if (NEURONS > 16 && tile_groups == 7'd1) part_trees = 6'd16;
  end

  always_comb begin
    ev = '0;
    if (issue) ev.depc_add = 12'(part_trees) * 12'(part_errors);
    if (issue && part == 2'd0) ev.ebuf_read = 12'(words_read);
    ev.ebuf_write = 12'(write_en);
    ev.depc_partial_read = 12'(p_reads);
    ev.depc_partial_write = 12'(p_writes);
    ev.sign_read = 12'(sign_reads);
    ev.sign_write = 12'(sign_writes);
    ev.mask_read = 12'(got_mask);
    ev.clock_depc = 12'(out_status != chip_pkg::ST_IDLE || working || got_cmd);
    ev.clock_depc_param = 12'(got_param);
    ev.clock_depc_cmd = 12'(got_cmd);
    ev.clock_depc_begin = 12'(feed_begins);
    ev.clock_depc_mask = 12'(clock_mask);
    ev.clock_depc_sum = 12'(clock_sum);
    ev.clock_depc_round = 12'(clock_round);
    ev.clock_depc_write = 12'(clock_write);
    ev.clock_depc_burst = 12'(clock_burst);
    ev.clock_depc_stat = 12'(got_get);
    ev.clock_depc_tree = 12'(clock_tree);
    ev.clock_depc_sign = 12'(clock_sign);
    ev.clock_depc_next = 12'(begin_run || sign_reads);
  end
endmodule
