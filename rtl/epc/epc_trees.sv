// Trees of multipliers. With GATE, multipliers whose error or whose neuron's f' is 0 stand still:
// for that, f' is read with every pass, and goes with the sums to the rounding.
//
// EPCW takes 16 weights in a cycle, and gives those of a tile at once: it is registers.
module epc_trees #(
    parameter int GATE = 0,
    parameter int NEURONS = 16,
    parameter int INPUTS = 16,
    parameter int TILE_N = 16,
    parameter int TILE_I = 16,
    parameter int SPAN = 1,
    parameter int SUM = 48,
    parameter int PLACES = 2,
    parameter int W_PASSES = 7,
    parameter int W_LAND = 5
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
    input logic [1:0] full,                 // tiles of weights that wait
    input logic [1:0] oldest_tile,
    input logic [12:0] rows,
    input logic [5:0] batch,
    input logic [W_PASSES-1:0] passes,
    input logic [1:0] part,
    input logic [4:0] sample,
    input logic [12:0] tile,
    input logic more,
    input logic [5:0] pass_errors,
    input logic [6:0] tile_groups,
    input logic [16*TILE_I-1:0] e_next,
    input logic [16*TILE_I-1:0] e,
    input logic s1_valid,
    input logic s1_first,
    input logic s1_last,
    input logic [4:0] s1_sample,
    input logic [1:0] s1_part,
    input logic put_done,
    input logic take,                       // the rounding used up f' bits
    output logic advance,
    output logic issue,
    output logic release_tile,
    output logic put,
    output logic half,
    output logic [NEURONS*SUM-1:0] sum,
    output logic [31:0] given,
    output logic [15:0] oldest,
    output logic has_mask,
    output logic finish,
    output logic no_weights,
    output logic no_mask,
    output chip_pkg::mask_req_t mask_req,
    output chip_pkg::epc_ev_t count
);
  localparam int PRODUCTS = chip_pkg::N_EPC_PRODUCTS;
  localparam int IN_LOG = INPUTS < 16 ? 1 : 0;
  localparam int MACROS = TILE_I / 16;
  localparam int TREE = 32 + $clog2(INPUTS);
  localparam int STAGES = PRODUCTS != 0 ? 4 : 3;

  logic [255:0] blocks[0:PLACES*TILE_N*MACROS-1];
  logic [16*TILE_N*TILE_I-1:0] w;           // weights at the multipliers: a tile
  logic [NEURONS*TREE-1:0] sums;            // of the trees

  logic from_valid, from_first, from_last, sp_valid, moving, first, has_groups;
  logic [4:0] from_sample;
  logic [1:0] from_part, takes;
  logic [31:0] both;
  logic [2:0] ahead;
  logic p_writes, p_reads, clock_tree, clock_sum, got_mask, clock_mask, loads;
  logic [NEURONS-1:0] on;                   // trees that work on what stands in s1
  logic [NEURONS*TREE-1:0] sums_next;
  logic [32*NEURONS*INPUTS-1:0] formed, products;
  logic upper_inputs, upper_neurons;
  logic [16*INPUTS-1:0] x;
  logic [TILE_N-1:0] f;                     // f' of the tile that is issued
  logic [TILE_N-1:0] gate_now;              // and of what stands in s1

  errors_mask #(
      .TILE_N(TILE_N),
      .SPAN(SPAN),
      .AGAIN(GATE),
      .W_PASSES(W_PASSES)
  ) masks (
      .clk(clk),
      .rst(rst),
      .cmd(cmd),
      .begin_run(begin_run),
      .running(running),
      .mask(mask),
      .take(takes),
      .rows(rows),
      .batch(batch),
      .passes(passes),
      .oldest(both),
      .ahead(ahead),
      .req(mask_req),
      .got(got_mask),
      .clock_mask(clock_mask)
  );
  errors_sums #(
      .NEURONS(NEURONS),
      .SUM(SUM),
      .TREE(TREE),
      .TILE_N(TILE_N),
      .IN_LOG(IN_LOG)
  ) sums_i (
      .clk(clk),
      .rst(rst),
      .running(running),
      .put_done(put_done),
      .from_valid(from_valid),
      .from_first(from_first),
      .from_last(from_last),
      .from_sample(from_sample),
      .from_part(from_part),
      .tree(sums),
      .advance(advance),
      .put(put),
      .moving(moving),
      .s3_half(half),
      .sum(sum),
      .writes(p_writes),
      .reads(p_reads),
      .clock_tree(clock_tree),
      .clock_sum(clock_sum)
  );

  // Issue: the first part of a tile takes its weights.
  assign first = sample == 5'd0 && part == 2'd0;
  assign no_weights = advance && more && first && full == 2'd0;
  assign has_groups = (cmd.flags & chip_pkg::FLAG_ALL) != 16'd0 || {4'd0, ahead} >= tile_groups;
  assign no_mask = advance && more && !no_weights && GATE != 0 && part == 2'd0 && !has_groups;
  assign issue = advance && more && !no_weights && !no_mask;
  assign loads = issue && first;
  assign release_tile = loads;
  assign finish = advance && !more && !s1_valid && !sp_valid && !moving;
  assign oldest = both[15:0];
  assign has_mask = ahead != 3'd0;
  assign takes = GATE == 0 ? {1'b0, take} : issue && part == 2'd0 ? tile_groups[1:0] : 2'd0;

  always_ff @(posedge clk) begin
    if (lands) blocks[land_at] <= landing;
    for (int i = 0; i < TILE_N * MACROS; i++) begin
      if (loads) w[256*i+:256] <= blocks[32'(oldest_tile)*TILE_N*MACROS+i];
    end
  end

  // f' bits go along with the stages, s1 first.
  generate
    if (GATE != 0) begin : gate
      logic [TILE_N*STAGES-1:0] gates;
      for (genvar g = 0; g < SPAN; g++) begin : group
        logic [15:0] exist;
        errors_exist exist_i (
            .neurons(cmd.p[32*chip_pkg::P_EPC_NEURONS+:32]),
            .group(13'(SPAN) * tile + 13'(g)),
            .exist(exist)
        );
        always_comb begin
          f[16*g+:16] = (cmd.flags & chip_pkg::FLAG_ALL) != 16'd0 ? exist : both[16*g+:16];
          if (tile_groups <= 7'(g)) f[16*g+:16] = 16'd0;
        end
      end
      always_ff @(posedge clk) begin
        if (rst) begin
          gates <= '0;
        end else if (advance) begin
          gates[TILE_N*STAGES-1:TILE_N] <= gates[TILE_N*(STAGES-1)-1:0];
          if (issue && part == 2'd0) gates[TILE_N-1:0] <= f;
        end
      end
      assign gate_now = gates[TILE_N-1:0];
      assign on = upper_neurons ? gate_now[TILE_N-1-:NEURONS] : gate_now[NEURONS-1:0];
      assign given = 32'(gates[TILE_N*STAGES-1-:TILE_N]);
    end else begin : all
      assign f = '1;
      assign gate_now = '1;
      assign on = '1;
      assign given = '0;
    end
  endgenerate

  // Products of the part in s1; those of trees that do not work are 0.
  assign upper_inputs = IN_LOG == 1 && s1_part[0];
  assign upper_neurons = NEURONS < 16 && 1'(s1_part >> IN_LOG);
  assign x = upper_inputs ? e[16*TILE_I-1-:16*INPUTS] : e[16*INPUTS-1:0];
  generate
    for (genvar t = 0; t < NEURONS; t++) begin : neuron
      localparam int UPPER = NEURONS < 16 ? t + NEURONS : t;
      logic [16*TILE_I-1:0] row;
      logic [16*INPUTS-1:0] v;
      assign row = upper_neurons ? w[16*TILE_I*UPPER+:16*TILE_I] : w[16*TILE_I*t+:16*TILE_I];
      assign v = upper_inputs ? row[16*TILE_I-1-:16*INPUTS] : row[16*INPUTS-1:0];
      for (genvar i = 0; i < INPUTS; i++) begin : multiplier
        logic signed [31:0] product;
        assign product = $signed(x[16*i+:16]) * $signed(v[16*i+:16]);
        assign formed[32*(INPUTS*t+i)+:32] = on[t] ? product : 32'd0;
      end
      always_comb begin
        sums_next[TREE*t+:TREE] = '0;
        for (int i = 0; i < INPUTS; i++) begin
          sums_next[TREE*t+:TREE] = sums_next[TREE*t+:TREE]
              + TREE'($signed(products[32*(INPUTS*t+i)+:32]));
        end
      end
    end
  endgenerate
  always_ff @(posedge clk) begin
    if (clock_tree) sums <= sums_next;
  end

  generate
    if (PRODUCTS != 0) begin : registers
      logic sp_first, sp_last;
      logic [4:0] sp_sample;
      logic [1:0] sp_part;
      assign {from_valid, from_first, from_last} = {sp_valid, sp_first, sp_last};
      assign {from_sample, from_part} = {sp_sample, sp_part};
      always_ff @(posedge clk) begin
        if (advance && s1_valid) products <= formed;
        if (rst) begin
          sp_valid <= 1'b0;
          {sp_first, sp_last, sp_sample, sp_part} <= '0;
        end else if (advance) begin
          {sp_valid, sp_first, sp_last} <= {s1_valid, s1_first, s1_last};
          {sp_sample, sp_part} <= {s1_sample, s1_part};
        end
      end
    end else begin : wires
      assign {from_valid, from_first, from_last} = {s1_valid, s1_first, s1_last};
      assign {from_sample, from_part} = {s1_sample, s1_part};
      assign sp_valid = 1'b0;
      assign products = formed;
    end
  endgenerate

  // What works: with GATE only trees whose f' is 1, on errors that are not 0.
  logic [5:0] gone, errors_on, trees_on;
  logic [NEURONS-1:0] issued;
  logic [16*INPUTS-1:0] issued_e;
  always_comb begin
    gone = IN_LOG == 1 && part[0] ? 6'(INPUTS) : 6'd0;
    issued = '1;
    issued_e = e_next[16*INPUTS-1:0];
    if (IN_LOG == 1 && part[0]) issued_e = e_next[16*TILE_I-1-:16*INPUTS];
    if (GATE != 0) begin
      trees_on = 6'd0;
      errors_on = 6'd0;
      issued = part == 2'd0 ? f[NEURONS-1:0] : gate_now[NEURONS-1:0];
      if (NEURONS < 16 && 1'(part >> IN_LOG)) issued = gate_now[TILE_N-1-:NEURONS];
      for (int t = 0; t < NEURONS; t++) trees_on = trees_on + 6'(issued[t]);
      for (int i = 0; i < INPUTS; i++) errors_on = errors_on + 6'(issued_e[16*i+:16] != 16'd0);
    end else begin
      trees_on = 6'(NEURONS);
      if (NEURONS > 16 && tile_groups == 7'd1) trees_on = 6'd16;
      errors_on = pass_errors > gone ? pass_errors - gone : 6'd0;
      if (errors_on > 6'(INPUTS)) errors_on = 6'(INPUTS);
    end
  end

  always_comb begin
    count = '0;
    if (issue) count.epc_multiply = 12'(trees_on) * 12'(errors_on);
    if (loads) count.epc_weight_read = 12'(tile_groups) * (pass_errors > 6'd16 ? 12'd32 : 12'd16);
    count.epc_weight_write = 12'(lands);
    count.epc_partial_read = 12'(p_reads);
    count.epc_partial_write = 12'(p_writes);
    count.mask_read = 12'(got_mask);
    count.clock_epc_mask = 12'(clock_mask);
    count.clock_epc_sum = 12'(clock_sum);
    count.clock_epc_tree = 12'(clock_tree);
    if (PRODUCTS != 0 && advance && s1_valid) count.clock_epc_product = 12'(NEURONS * INPUTS);
  end
endmodule
