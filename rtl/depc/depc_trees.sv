// Adder trees: each adds or subtracts the errors of a part by the signs of its neuron.
module depc_trees #(
    parameter int NEURONS = 16,
    parameter int INPUTS = 16,
    parameter int TILE_N = 16,
    parameter int TILE_I = 16,
    parameter int TREE = 21
) (
    input logic [16*TILE_I-1:0] e,
    input logic [TILE_N*TILE_I-1:0] sign,   // of each 16 neurons by 16 errors, errors innermost
    input logic [1:0] part,                 // of the tile, inputs innermost
    output logic [NEURONS*TREE-1:0] tree
);
  localparam int IN_LOG = INPUTS < 16 ? 1 : 0;
  localparam int COLUMNS = TILE_I / 16;

  logic upper_inputs, upper_neurons;
  logic [16*INPUTS-1:0] x;

  assign upper_inputs = IN_LOG == 1 && part[0];
  assign upper_neurons = NEURONS < 16 && 1'(part >> IN_LOG);
  assign x = upper_inputs ? e[16*TILE_I-1-:16*INPUTS] : e[16*INPUTS-1:0];

  generate
    for (genvar t = 0; t < NEURONS; t++) begin : neuron
      logic [16*COLUMNS-1:0] of_tile;       // signs of the neuron
      logic [INPUTS-1:0] s;
      for (genvar c = 0; c < COLUMNS; c++) begin : column
        localparam int LOWER = 256 * (t / 16 * COLUMNS + c) + 16 * (t % 16);
        localparam int UPPER = NEURONS < 16 ? LOWER + 16 * NEURONS : LOWER;
        assign of_tile[16*c+:16] = upper_neurons ? sign[UPPER+:16] : sign[LOWER+:16];
      end
      assign s = upper_inputs ? of_tile[16*COLUMNS-1-:INPUTS] : of_tile[INPUTS-1:0];
      // An error is negated by inverting it; the ones that are missing are added as carries.
      always_comb begin
        tree[TREE*t+:TREE] = '0;
        for (int i = 0; i < INPUTS; i++) begin
          tree[TREE*t+:TREE] = tree[TREE*t+:TREE] + TREE'($signed(x[16*i+:16] ^ {16{!s[i]}}))
              + TREE'(!s[i]);
        end
      end
    end
  endgenerate
endmodule
