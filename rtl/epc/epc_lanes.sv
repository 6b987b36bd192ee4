// Lanes: one error that is not 0 in a cycle goes to all of them. A tile is 16*SPAN neurons by 64
// errors. In each, the errors of sample after sample stream through the lanes, and the row of sums
// is swapped when the sample changes. After a tile of neurons' last errors the sums of all samples
// are rounded, a group in a cycle.
//
// Bursts land in three corner-turn arrays of 16 x 16 weights: a row is written in a cycle, and a
// column read.
module epc_lanes #(
    parameter int SPAN = 16,
    parameter int CAPACITY = 1024,
    parameter int SUM = 48,
    parameter int PLACES = 3,
    parameter int W_PASSES = 7,
    parameter int W_LAND = 6
) (
    input logic clk,
    input logic rst,
    input chip_pkg::cmd_t cmd,
    input logic begin_run,
    input logic running,
    input chip_pkg::mask_data_t mask,
    input logic lands,
    input logic [W_LAND-1:0] land_at,
    input logic [255:0] landing,
    input logic [1:0] waiting,              // blocks of weights that wait
    input logic [1:0] oldest_block,
    input logic write_en,                   // a group of errors is loaded
    input logic [255:0] written,
    input logic [4:0] load_sample,
    input logic [W_PASSES-1:0] load_pass,
    input logic [12:0] rows,                // of the run, also while it begins
    input logic [12:0] tiles,
    input logic [5:0] batch,
    input logic [W_PASSES-1:0] passes,
    input logic [255:0] e_next,
    input logic [255:0] e,
    input logic put_done,
    output logic read_en,                   // of the error buffer
    output logic [4:0] read_sample,
    output logic [W_PASSES-1:0] read_pass,
    output logic release_block,
    output logic put,
    output logic [16*SUM-1:0] sum,
    output logic finish,
    output logic no_weights,
    output logic no_mask,
    output chip_pkg::mask_req_t mask_req,
    output chip_pkg::epc_ev_t count
);
  localparam int MOST = CAPACITY > 1024 ? CAPACITY : 1024;
  localparam int W_TILES = $clog2((MOST + 63) / 64 + 1);
  localparam int PRODUCTS = chip_pkg::N_EPC_PRODUCTS;
  localparam int L_SPAN = $clog2(SPAN);
  localparam logic [5:0] NO_ROW = 6'h3f;
  localparam logic [1:0] STREAM = 2'd0;     // an error or a swap a cycle
  localparam logic [1:0] CLOSE = 2'd1;      // the last row goes back
  localparam logic [1:0] DRAIN = 2'd2;      // 16 sums a cycle go to the rounding
  localparam logic [1:0] DONE = 2'd3;       // no tile of neurons is left

  logic [12:0] at_tile;                     // of the errors in e: tile of neurons,
  logic [W_TILES-1:0] at_block;             // of errors,
  logic [5:0] at_sample;
  logic [W_PASSES-1:0] pass;                // of e
  logic [15:0] left;                        // errors of e to come
  logic [1:0] mode;
  logic late;                               // the last products are added up
  logic [5:0] row;                          // sample whose sums are in the lanes
  logic [31:0] touched;                     // samples of the tile that have sums
  logic [12:0] next_tile;                   // whose f' bits are read ahead
  logic [W_TILES-1:0] next_block;
  logic [5:0] next_sample;
  logic [6:0] next_n;                       // words that are read
  logic next_end;                           // no swap will come
  logic [16*SPAN-1:0] next_f;
  logic [4:0] sample;                       // next to drain
  logic [5:0] group;
  logic [12:0] fill_tile;                   // whose columns are written
  logic [W_PASSES-1:0] fill_pass;
  logic [3:0] column;
  logic fill_buf;
  logic [1:0] full;                         // tiles that are complete and not used up
  logic buf_;                               // the oldest of them
  logic s3_valid;
  logic [255:0] blocks[0:16*PLACES-1];

  logic all, moves, streams, ends_tile, swap, mac, put_row, drains, wraps, closes, last_neurons;
  logic seeks, here, there, none, to_next, advances, other_sample, drained, drain_ends;
  logic [1:0] here_pass, there_pass, found_pass;
  logic [5:0] here_sample, there_sample, found_sample, following_sample;
  logic [W_TILES-1:0] behind, following_block, found_block, next_block_now;
  logic [12:0] next_tile_now, groups_left, next_groups_left, fill_tile_next;
  logic [6:0] groups, next_groups, n_kept, n_now;
  logic [5:0] next_sample_now;
  logic next_end_now, found, fills, fill_ends, fills_whole, got_mask, stands, asks;
  logic [3:0] error;
  logic [15:0] x, left_now, left_rest, exist_next;
  logic [31:0] neurons, mask_at;
  logic [W_PASSES-1:0] fill_pass_next;
  logic [16*SUM*SPAN-1:0] read_sums;
  logic [5*SPAN-1:0] working;
  logic [16*SPAN-1:0] mask_next;
  logic [255:0] turned;
  logic [4:0] read_row;
  logic fill_errors_end, fill_neurons_end, fill_groups_end;

  assign all = (cmd.flags & chip_pkg::FLAG_ALL) != 16'd0;
  assign neurons = cmd.p[32*chip_pkg::P_EPC_NEURONS+:32];
  assign groups_left = rows - 13'(SPAN) * at_tile;
  assign groups = groups_left < 13'(SPAN) ? groups_left[6:0] : 7'(SPAN);

  // The lanes stand still as a whole while a group waits for room.
  assign put = running && s3_valid;
  assign moves = running && (!put || put_done);
  assign streams = moves && mode == STREAM;
  assign no_weights = streams && full == 2'd0;
  assign other_sample = row != at_sample;       // another sample than that in the lanes
  assign mac = streams && full != 2'd0 && left != 16'd0 && !other_sample;
  assign no_mask = streams && full != 2'd0 && left != 16'd0 && other_sample && !all
      && next_n < groups;
  assign swap = streams && full != 2'd0 && left != 16'd0 && other_sample && !no_mask;
  assign drains = moves && mode == DRAIN;
  assign closes = moves && mode == CLOSE && (PRODUCTS == 0 || late);
  assign put_row = (swap || closes) && row != NO_ROW;
  assign finish = moves && mode == DONE && !s3_valid;

  // The next error: of e, of the tile, or of the tile behind it.
  always_comb begin
    error = 4'd0;
    for (int i = 15; i >= 0; i--) if (left[i]) error = 4'(i);
    left_rest = left & (left - 16'd1);
  end
  assign x = e[16*error+:16];
  assign wraps = {1'b0, at_block, 2'd0} + (W_TILES + 3)'(4) >= (W_TILES + 3)'(passes);
  assign behind = begin_run || wraps ? '0 : at_block + W_TILES'(1);
  assign last_neurons = at_tile + 13'd1 >= tiles;
  assign ends_tile = (streams && full != 2'd0 && left == 16'd0)
      || (mac && left_rest == 16'd0 && !here);
  assign seeks = begin_run || (mac && left_rest == 16'd0 && here)
      || (ends_tile && !(wraps && last_neurons));
  assign found = begin_run || ends_tile ? there : here;
  assign found_sample = begin_run || ends_tile ? there_sample : here_sample;
  assign found_pass = begin_run || ends_tile ? there_pass : here_pass;
  assign found_block = begin_run || ends_tile ? behind : at_block;
  assign read_en = seeks && found;
  assign read_sample = found_sample[4:0];
  assign read_pass = {W_PASSES'(found_block) << 2} | W_PASSES'(found_pass);
  always_comb begin
    for (int i = 0; i < 16; i++) left_now[i] = e_next[16*i+:16] != 16'd0;
  end

  epc_seek #(
      .CAPACITY(CAPACITY),
      .W_PASSES(W_PASSES),
      .W_TILES(W_TILES)
  ) seek (
      .clk(clk),
      .rst(rst),
      .write_en(write_en),
      .written(written),
      .load_sample(load_sample),
      .load_pass(load_pass),
      .batch(batch),
      .passes(passes),
      .block(at_block),
      .sample(at_sample),
      .pass({1'b0, pass[1:0]} + 3'd1),
      .here(here),
      .here_sample(here_sample),
      .here_pass(here_pass),
      .behind(behind),
      .there(there),
      .there_sample(there_sample),
      .there_pass(there_pass),
      .start(begin_run),
      .last_neurons(next_tile + 13'd1 >= tiles),
      .from_block(next_block),
      .from_sample(next_sample),
      .none(none),
      .next_neurons(to_next),
      .next_block(following_block),
      .next_sample(following_sample)
  );

  // The sample of the next swap, and its f' bits.
  assign advances = begin_run || swap;
  always_comb begin
    {next_tile_now, next_block_now, next_sample_now} = {next_tile, next_block, next_sample};
    next_end_now = next_end;
    if (advances) begin
      next_end_now = none;
      next_tile_now = begin_run || none ? 13'd0 : next_tile + 13'(to_next);
      next_block_now = none ? '0 : following_block;
      next_sample_now = none ? 6'd0 : following_sample;
    end
  end
  assign next_groups_left = rows - 13'(SPAN) * next_tile_now;
  assign next_groups = next_groups_left < 13'(SPAN) ? next_groups_left[6:0] : 7'(SPAN);
  assign stands = mask_req.valid && !mask.valid;
  assign got_mask = running && !all && mask_req.valid && mask.valid;
  assign n_kept = advances ? 7'd0 : next_n;
  assign n_now = got_mask ? n_kept + 7'd1 : n_kept;
  assign asks = (begin_run || running) && !all && !stands && !next_end_now && n_now < next_groups;
  assign mask_at = cmd.p[32*chip_pkg::P_EPC_MASK+:32]
      + 32'(next_sample_now) * cmd.p[32*chip_pkg::P_EPC_MSTEP+:32]
      + (32'(next_tile_now) << L_SPAN) + 32'(n_now);
  errors_exist exist_i (
      .neurons(neurons),
      .group(13'(SPAN) * next_tile_now + 13'(n_kept)),
      .exist(exist_next)
  );

  // Sums that leave, one group in a cycle.
  assign drained = {1'b0, group} + 7'd1 == groups;
  assign drain_ends = drained && {1'b0, sample} + 6'd1 == batch;
  assign read_row = drains ? sample : at_sample[4:0];

  // A column of the oldest block of weights.
  epc_tile_walk #(
      .SPAN(SPAN),
      .W_PASSES(W_PASSES)
  ) fill (
      .tile(fill_tile),
      .pass(fill_pass),
      .rows(rows),
      .passes(passes),
      .tile_next(fill_tile_next),
      .pass_next(fill_pass_next),
      .next_tile(fill_groups_end),
      .next_errors(fill_errors_end),
      .next_neurons(fill_neurons_end)
  );
  assign fills = running && waiting != 2'd0 && full < 2'd2;
  assign fill_ends = fills && column == 4'd15;
  assign fills_whole = fill_ends && (fill_errors_end || fill_neurons_end);
  assign release_block = fill_ends;
  always_comb begin
    for (int k = 0; k < 16; k++) turned[16*k+:16] = blocks[{oldest_block, 4'(k)}][16*column+:16];
  end
  always_ff @(posedge clk) begin
    if (lands) blocks[land_at] <= landing;
  end

  generate
    for (genvar g = 0; g < SPAN; g++) begin : lane
      logic [15:0] exist;
      errors_exist exist_g (
          .neurons(neurons),
          .group(13'(SPAN) * at_tile + 13'(g)),
          .exist(exist)
      );
      assign mask_next[16*g+:16] = all ? exist : next_f[16*g+:16];
      epc_lane_group #(
          .SUM(SUM)
      ) lanes (
          .clk(clk),
          .rst(rst),
          .swap(swap),
          .put_row(put_row),
          .moves(moves),
          .mac(mac),
          .active(7'(g) < groups),
          .row(row[4:0]),
          .read_row(read_row),
          .touched(touched[read_row]),
          .mask_next(mask_next[16*g+:16]),
          .x(x),
          .buf_(buf_),
          .error({pass[1:0], error}),
          .fill(fills && fill_tile[L_SPAN-1:0] == L_SPAN'(g)),
          .fill_buf(fill_buf),
          .fill_error({fill_pass[1:0], column}),
          .column(turned),
          .read_sums(read_sums[16*SUM*g+:16*SUM]),
          .working(working[5*g+:5])
      );
      always_ff @(posedge clk) begin
        if (rst) next_f[16*g+:16] <= 16'd0;
        else if (got_mask && n_kept == 7'(g)) next_f[16*g+:16] <= mask.data & exist_next;
      end
    end
  endgenerate
  always_ff @(posedge clk) begin
    if (drains) sum <= read_sums[16*SUM*group+:16*SUM];
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      {at_tile, at_block, at_sample} <= '0;
      {pass, left, late} <= '0;
      mode <= STREAM;
      row <= 6'd0;
      touched <= '0;
      {next_tile, next_block, next_sample, next_n, next_end} <= '0;
      {sample, group} <= '0;
      {fill_tile, fill_pass, column, fill_buf, full, buf_} <= '0;
      s3_valid <= 1'b0;
      mask_req <= '0;
    end else begin
      {next_tile, next_block, next_sample} <= {next_tile_now, next_block_now, next_sample_now};
      next_end <= next_end_now;
      next_n <= n_now;
      if (asks) mask_req.addr <= chip_pkg::W_MASK'(mask_at);
      if (begin_run || (running && !all && !stands)) mask_req.valid <= asks;
      if (begin_run) begin
        {at_tile, at_block, late} <= '0;
        at_sample <= found ? found_sample : 6'd0;
        pass <= found ? read_pass : '0;
        left <= found ? left_now : 16'd0;
        mode <= STREAM;
        row <= NO_ROW;
        touched <= '0;
        {sample, group} <= '0;
        {fill_tile, fill_pass, column, fill_buf, full, buf_} <= '0;
      end else begin
        if (moves) s3_valid <= drains;
        if (mac) left <= left_rest;
        if (read_en) begin
          at_sample <= found_sample;
          pass <= read_pass;
          left <= left_now;
        end
        if (ends_tile) begin
          at_block <= behind;
          buf_ <= !buf_;
          if (wraps) mode <= CLOSE;
        end
        if (swap) begin
          row <= at_sample;
          touched[at_sample[4:0]] <= 1'b1;
        end
        if (moves && mode == CLOSE) late <= PRODUCTS != 0 && !late;
        if (closes) begin
          row  <= NO_ROW;
          mode <= DRAIN;
        end
        if (drains) begin
          group <= drained ? 6'd0 : group + 6'd1;
          if (drained) sample <= drain_ends ? 5'd0 : sample + 5'd1;
          if (drain_ends) begin
            touched <= '0;
            at_tile <= at_tile + 13'd1;
            mode <= last_neurons ? DONE : STREAM;
          end
        end
        if (fills) column <= column + 4'd1;
        if (fill_ends) {fill_tile, fill_pass} <= {fill_tile_next, fill_pass_next};
        if (fills_whole) fill_buf <= !fill_buf;
        full <= full - {1'b0, ends_tile} + {1'b0, fills_whole};
      end
    end
  end

  logic [11:0] on;
  always_comb begin
    on = 12'd0;
    for (int g = 0; g < SPAN; g++) on = on + 12'(working[5*g+:5]);
    count = '0;
    if (mac) count.epc_multiply = on;
    if (mac) count.epc_weight_read = 12'(groups);
    if (mac && PRODUCTS != 0) count.clock_epc_product = on;
    count.corner_turn = 12'(lands);
    count.epc_weight_write = 12'(fills);
    if (swap && touched[read_row]) count.epc_partial_read = 12'(groups);
    if (drains && touched[read_row]) count.epc_partial_read = 12'd1;
    if (put_row) count.epc_partial_write = 12'(groups);
    count.mask_read = 12'(got_mask);
    count.clock_epc_mask = 12'(begin_run || asks);
    count.clock_epc_sum = 12'(drains);
    count.clock_epc_lane = 12'(begin_run || swap || mac || ends_tile || drains
        || (moves && mode == CLOSE));
    count.clock_epc_row = 12'(swap);
    count.clock_epc_ahead = 12'(got_mask);
    count.clock_epc_flags = 12'(write_en);
  end
endmodule
