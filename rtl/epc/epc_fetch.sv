// Weights from external memory: a tile is asked for, burst by burst, when it has a place to land.
module epc_fetch #(
    parameter int LANES = 0,
    parameter int TILE_N = 16,
    parameter int TILE_I = 16,
    parameter int SPAN = 1,         // groups of neurons of a tile of the lanes
    parameter int PLACES = 2,
    parameter int W_PASSES = 7,
    parameter int W_LAND = 5
) (
    input logic clk,
    input logic rst,
    input chip_pkg::cmd_t cmd,
    input logic begin_run,
    input logic running,
    input logic x_room,
    input chip_pkg::x_resp_t resp,
    input logic release_tile,       // the oldest tile that waits is used up
    input logic [12:0] rows,        // of the run, also while it begins
    input logic [W_PASSES-1:0] columns,
    input logic [W_PASSES-1:0] passes,
    output chip_pkg::x_req_without_data_t x,
    output logic lands,
    output logic [W_LAND-1:0] land_at,  // where, in groups of 16 weights
    output logic [1:0] full,        // tiles that wait
    output logic [1:0] take,        // the oldest of them
    output logic clock_fetch
);
  localparam int MACROS = TILE_I / 16;
  localparam logic [1:0] LAST = 2'(PLACES - 1);

  logic [12:0] ask_tile;            // next burst
  logic [W_PASSES-1:0] ask_pass;
  logic [4:0] ask_row;
  logic ask_col;
  logic [31:0] at;                  // address of its block of 64 x 64 weights
  logic [31:0] top;                 // and of the block with the first errors
  logic [1:0] booked;               // tiles asked for, landing or waiting
  logic [12:0] land_tile;           // that lands
  logic [W_PASSES-1:0] land_pass;
  logic [4:0] land_row;
  logic land_col;
  logic [1:0] place;                // and where

  logic [12:0] tile, tile_next, land_tile_next;
  logic [W_PASSES-1:0] pass, pass_next, land_pass_next;
  logic [4:0] row, row_next, land_row_next;
  logic col, col_next, land_col_next, asks, lands_whole;
  logic ends, next_pass, next_tile, next_errors, next_neurons;
  logic [31:0] matrix, kstep, jstep, at_now, top_now, at_next, top_next, origin_next;
  logic [1:0] booked_now;
  logic [12:0] groups;
  logic [5:0] k, j;                 // place in the block: neuron and error

  assign matrix = cmd.p[32*chip_pkg::P_EPC_MATRIX+:32];
  assign kstep = cmd.p[32*chip_pkg::P_EPC_KSTEP+:32];
  assign jstep = cmd.p[32*chip_pkg::P_EPC_JSTEP+:32];

  // The first burst is asked for when the run begins.
  assign {tile, pass} = begin_run ? '0 : {ask_tile, ask_pass};
  assign {row, col} = begin_run ? '0 : {ask_row, ask_col};
  assign {at_now, top_now} = begin_run ? {matrix, matrix} : {at, top};
  assign booked_now = begin_run ? 2'd0 : booked - {1'b0, release_tile};
  epc_walk #(
      .LANES(LANES),
      .TILE_N(TILE_N),
      .TILE_I(TILE_I),
      .SPAN(SPAN),
      .W_PASSES(W_PASSES)
  ) ask (
      .tile(tile),
      .pass(pass),
      .row(row),
      .col(col),
      .rows(rows),
      .columns(columns),
      .passes(passes),
      .tile_next(tile_next),
      .pass_next(pass_next),
      .row_next(row_next),
      .col_next(col_next),
      .ends(ends),
      .next_pass(next_pass),
      .next_tile(next_tile),
      .next_errors(next_errors),
      .next_neurons(next_neurons)
  );
  assign groups = 13'(TILE_N / 16) * tile;
  assign asks = (begin_run || running) && x_room && groups < rows
      && !(row == 5'd0 && !col && booked_now == 2'(PLACES));
  assign k = 6'(13'(TILE_N) * tile) + {1'b0, row};
  assign j = 6'(W_PASSES'(TILE_I) * pass) + {1'b0, col, 4'd0};
  assign clock_fetch = begin_run || asks;

  // Blocks of weights follow each other by steps: where 64 neurons or errors end.
  always_comb begin
    at_next = at_now;
    top_next = top_now;
    if (next_errors || next_neurons) begin
      top_next = origin_next;
      at_next = origin_next;
    end else if (next_tile) begin
      if (6'(13'(TILE_N) * tile_next) == 6'd0) top_next = top_now + kstep;
      at_next = top_next;
    end else if (next_pass && 6'(W_PASSES'(TILE_I) * pass_next) == 6'd0) begin
      at_next = at_now + jstep;
    end
  end

  generate
    if (LANES != 0) begin : lanes
      // The first block of the same errors, and of the same neurons.
      logic [31:0] origin, first, origin_now, first_now, first_next;
      assign {origin_now, first_now} = begin_run ? {matrix, matrix} : {origin, first};
      assign first_next = first_now + kstep * 32'(SPAN / 4);
      assign origin_next = next_neurons ? first_next : origin_now + jstep;
      always_ff @(posedge clk) begin
        if (rst) begin
          {origin, first} <= '0;
        end else if (begin_run || asks) begin
          origin <= asks && (next_errors || next_neurons) ? origin_next : origin_now;
          first  <= asks && next_neurons ? first_next : first_now;
        end
      end
    end else begin : trees
      assign origin_next = '0;
    end
  endgenerate

  // Bursts land in the order in which they were asked for.
  logic land_pass_ends, land_tile_ends, land_errors_end, land_neurons_end;
  epc_walk #(
      .LANES(LANES),
      .TILE_N(TILE_N),
      .TILE_I(TILE_I),
      .SPAN(SPAN),
      .W_PASSES(W_PASSES)
  ) land (
      .tile(land_tile),
      .pass(land_pass),
      .row(land_row),
      .col(land_col),
      .rows(rows),
      .columns(columns),
      .passes(passes),
      .tile_next(land_tile_next),
      .pass_next(land_pass_next),
      .row_next(land_row_next),
      .col_next(land_col_next),
      .ends(lands_whole),
      .next_pass(land_pass_ends),
      .next_tile(land_tile_ends),
      .next_errors(land_errors_end),
      .next_neurons(land_neurons_end)
  );
  assign lands = running && resp.valid && resp.port == chip_pkg::XP_EPC;
  assign land_at = (W_LAND'(place) * W_LAND'(TILE_N) + W_LAND'(land_row)) * W_LAND'(MACROS)
      + W_LAND'(land_col);

  always_ff @(posedge clk) begin
    if (rst) begin
      x <= '0;
      {ask_tile, ask_pass, ask_row, ask_col} <= '0;
      {at, top} <= '0;
      {booked, place, full, take} <= '0;
      {land_tile, land_pass, land_row, land_col} <= '0;
    end else begin
      x.valid <= asks;
      if (asks) x.addr <= at_now + {19'd0, k, j, 1'b0};
      if (begin_run || asks) begin
        {ask_tile, ask_pass} <= asks ? {tile_next, pass_next} : {tile, pass};
        {ask_row, ask_col} <= asks ? {row_next, col_next} : {row, col};
        {at, top} <= asks ? {at_next, top_next} : {at_now, top_now};
      end
      booked <= booked_now + {1'b0, asks && row == 5'd0 && !col};
      if (begin_run) begin
        {place, full, take} <= '0;
        {land_tile, land_pass, land_row, land_col} <= '0;
      end else begin
        full <= full - {1'b0, release_tile} + {1'b0, lands && lands_whole};
        if (release_tile) take <= take == LAST ? 2'd0 : take + 2'd1;
        if (lands) begin
          {land_tile, land_pass} <= {land_tile_next, land_pass_next};
          {land_row, land_col} <= {land_row_next, land_col_next};
          if (lands_whole) place <= place == LAST ? 2'd0 : place + 2'd1;
        end
      end
    end
  end
endmodule
