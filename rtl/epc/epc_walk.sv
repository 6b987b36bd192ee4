// The order of the bursts, of 16 weights of a neuron: those of a tile, neuron after neuron; then
// tile after tile, as the trees or the lanes use them.
module epc_walk #(
    parameter int LANES = 0,
    parameter int TILE_N = 16,
    parameter int TILE_I = 16,
    parameter int SPAN = 1,
    parameter int W_PASSES = 7
) (
    input logic [12:0] tile,
    input logic [W_PASSES-1:0] pass,
    input logic [4:0] row,         // neuron of the tile
    input logic col,               // group of its errors
    input logic [12:0] rows,
    input logic [W_PASSES-1:0] columns,
    input logic [W_PASSES-1:0] passes,
    output logic [12:0] tile_next,
    output logic [W_PASSES-1:0] pass_next,
    output logic [4:0] row_next,
    output logic col_next,
    output logic ends,             // the tile
    output logic next_pass,        // trees: to the next errors
    output logic next_tile,        // to other neurons
    output logic next_errors,      // lanes: to the next tile of errors
    output logic next_neurons      // lanes: to the next tile of neurons
);
  localparam int MACROS = TILE_I / 16;

  logic [W_PASSES-1:0] columns_left, tile_pass;
  logic [12:0] rows_left, tile_tile;
  logic col_ends, row_ends, passes_end, tile_ends, errors_end, neurons_end;

  assign columns_left = columns - W_PASSES'(MACROS) * pass;
  assign rows_left = rows - 13'(TILE_N / 16) * tile;
  assign col_ends = MACROS == 1 || col || columns_left == W_PASSES'(1);
  assign row_ends = row == 5'(TILE_N - 1) || (row == 5'd15 && rows_left == 13'd1);
  assign ends = col_ends && row_ends;
  assign col_next = !col_ends;
  always_comb begin
    row_next = row;
    if (col_ends) row_next = row_ends ? 5'd0 : row + 5'd1;
  end

  generate
    if (LANES != 0) begin : lanes
      epc_tile_walk #(
          .SPAN(SPAN),
          .W_PASSES(W_PASSES)
      ) tiles (
          .tile(tile),
          .pass(pass),
          .rows(rows),
          .passes(passes),
          .tile_next(tile_tile),
          .pass_next(tile_pass),
          .next_tile(tile_ends),
          .next_errors(errors_end),
          .next_neurons(neurons_end)
      );
      assign passes_end = 1'b0;
    end else begin : trees
      assign passes_end = pass + W_PASSES'(1) == passes;
      assign tile_pass = passes_end ? '0 : pass + W_PASSES'(1);
      assign tile_tile = passes_end ? tile + 13'd1 : tile;
      assign tile_ends = passes_end;
      assign errors_end = 1'b0;
      assign neurons_end = 1'b0;
    end
  endgenerate
  assign tile_next = ends ? tile_tile : tile;
  assign pass_next = ends ? tile_pass : pass;
  assign next_pass = ends && LANES == 0 && !passes_end;
  assign next_tile = ends && tile_ends;
  assign next_errors = ends && errors_end;
  assign next_neurons = ends && neurons_end;
endmodule
