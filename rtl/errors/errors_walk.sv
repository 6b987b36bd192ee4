// A step of the order in which a run goes over its groups of neurons: those of a tile innermost,
// then sample, then, where every pass goes over the tile, pass, then tile.
module errors_walk #(
    parameter int SPAN = 1,
    parameter int W_PASSES = 7
) (
    input logic [31:0] base,     // address of the tile's first group of sample 0
    input logic [31:0] at,       // and of the present sample
    input logic [12:0] tile,     // first group of the tile
    input logic [5:0] col,       // group within
    input logic [4:0] sample,
    input logic [W_PASSES-1:0] pass,
    input logic [12:0] rows,
    input logic [5:0] batch,
    input logic [W_PASSES-1:0] passes,
    input logic [31:0] tile_step,
    input logic [31:0] row_step,
    output logic [31:0] base_next,
    output logic [31:0] at_next,
    output logic [12:0] tile_next,
    output logic [5:0] col_next,
    output logic [4:0] sample_next,
    output logic [W_PASSES-1:0] pass_next
);
  logic [12:0] left;
  logic [6:0] cols;
  logic col_ends, sample_ends, pass_ends;

  assign left = rows - tile;
  assign cols = left < 13'(SPAN) ? left[6:0] : 7'(SPAN);
  assign col_ends = {1'b0, col} + 7'd1 == cols;
  assign sample_ends = col_ends && {1'b0, sample} + 6'd1 == batch;
  assign pass_ends = sample_ends && pass + W_PASSES'(1) == passes;

  assign col_next = col_ends ? 6'd0 : col + 6'd1;
  assign sample_next = sample_ends ? 5'd0 : col_ends ? sample + 5'd1 : sample;
  assign pass_next = pass_ends ? '0 : sample_ends ? pass + W_PASSES'(1) : pass;
  assign tile_next = pass_ends ? tile + 13'(SPAN) : tile;
  assign base_next = pass_ends ? base + tile_step : base;
  always_comb begin
    at_next = at;
    if (pass_ends) at_next = base_next;
    else if (sample_ends) at_next = base;
    else if (col_ends) at_next = at + row_step;
  end
endmodule
