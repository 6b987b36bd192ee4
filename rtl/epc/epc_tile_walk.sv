// The order in which the lanes use their weights: the passes of a tile of 64 errors, its groups of
// neurons, the tiles of errors of the same neurons, the next neurons.
module epc_tile_walk #(
    parameter int SPAN = 16,       // groups of neurons of a tile
    parameter int W_PASSES = 7
) (
    input logic [12:0] tile,       // a group of neurons
    input logic [W_PASSES-1:0] pass,
    input logic [12:0] rows,
    input logic [W_PASSES-1:0] passes,
    output logic [12:0] tile_next,
    output logic [W_PASSES-1:0] pass_next,
    output logic next_tile,        // to another group of the same tile
    output logic next_errors,      // to another tile of errors
    output logic next_neurons      // to another tile of neurons
);
  logic [W_PASSES-1:0] pass_up, first, block_up;
  logic [12:0] tile_up, mask;
  logic next_pass;

  assign pass_up = pass + W_PASSES'(1);
  assign first = {pass[W_PASSES-1:2], 2'd0};
  assign block_up = first + W_PASSES'(4);
  assign tile_up = tile + 13'd1;
  assign mask = 13'(SPAN - 1);
  assign next_pass = pass_up[1:0] != 2'd0 && pass_up < passes;
  assign next_tile = !next_pass && (tile_up & mask) != 13'd0 && tile_up < rows;
  assign next_errors = !next_pass && !next_tile && block_up < passes;
  assign next_neurons = !next_pass && !next_tile && !next_errors;
  always_comb begin
    tile_next = tile_up;
    pass_next = '0;
    if (next_pass) begin
      tile_next = tile;
      pass_next = pass_up;
    end else if (next_tile) begin
      pass_next = first;
    end else if (next_errors) begin
      tile_next = tile & ~mask;
      pass_next = block_up;
    end
  end
endmodule
