// Where the lanes find errors that are not 0: the flags of a load, one for 16 errors of a sample,
// and a search in them, for the next errors and for the sample of the next swap.
module epc_seek #(
    parameter int CAPACITY = 1024,
    parameter int W_PASSES = 7,
    parameter int W_TILES = 5
) (
    input logic clk,
    input logic rst,
    input logic write_en,                   // a group of errors is loaded
    input logic [255:0] written,
    input logic [4:0] load_sample,
    input logic [W_PASSES-1:0] load_pass,
    input logic [5:0] batch,
    input logic [W_PASSES-1:0] passes,
    // The next errors in a tile of errors, from a pass of a sample on, 4: of the next sample.
    input logic [W_TILES-1:0] block,
    input logic [5:0] sample,
    input logic [2:0] pass,
    output logic here,
    output logic [5:0] here_sample,
    output logic [1:0] here_pass,
    // The first errors of the tile of errors behind it.
    input logic [W_TILES-1:0] behind,
    output logic there,
    output logic [5:0] there_sample,
    output logic [1:0] there_pass,
    // The sample with errors that follows another one, which itself does not count again in its
    // tile of neurons; start: from the beginning on.
    input logic start,
    input logic last_neurons,               // no tile of neurons follows
    input logic [W_TILES-1:0] from_block,
    input logic [5:0] from_sample,
    output logic none,
    output logic next_neurons,              // in the next tile of neurons
    output logic [W_TILES-1:0] next_block,
    output logic [5:0] next_sample
);
  localparam int FLAGS = (CAPACITY / 16 + 7) / 8 * 8;   // of a sample
  localparam int BLOCKS = FLAGS / 4;

  logic [32*FLAGS-1:0] non_zero;
  logic [32*BLOCKS-1:0] has;                // samples with an error that is not 0, by blocks
  logic [31:0] valid, here_samples, there_samples, later;
  logic [3:0] same, here_nibble, there_nibble;
  logic [7:0] flag;
  logic [FLAGS-1:0] here_flags, there_flags;

  function automatic logic [4:0] first32(input logic [31:0] bits);
    begin
      first32 = 5'd0;
      for (int i = 31; i >= 0; i--) if (bits[i]) first32 = 5'(i);
    end
  endfunction
  function automatic logic [1:0] first4(input logic [3:0] bits);
    begin
      first4 = bits[0] ? 2'd0 : bits[1] ? 2'd1 : bits[2] ? 2'd2 : 2'd3;
    end
  endfunction

  // The first group of eight clears what an earlier load left.
  assign flag = {7'd0, written != 256'd0} << load_pass[2:0];
  always_ff @(posedge clk) begin
    for (int s = 0; s < 32; s++) begin
      for (int b = 0; b < FLAGS / 8; b++) begin
        if (write_en && load_sample == 5'(s) && (load_pass >> 3) == W_PASSES'(b)) begin
          if (load_pass[2:0] == 3'd0) non_zero[FLAGS*s+8*b+:8] <= flag;
          else non_zero[FLAGS*s+8*b+:8] <= non_zero[FLAGS*s+8*b+:8] | flag;
        end
      end
    end
    if (rst) non_zero <= '0;
  end

  always_comb begin
    for (int s = 0; s < 32; s++) valid[s] = 6'(s) < batch;
    for (int b = 0; b < BLOCKS; b++) begin
      for (int s = 0; s < 32; s++) begin
        has[32*b+s] = non_zero[FLAGS*s+4*b+:4] != 4'd0 && valid[s]
            && (W_PASSES + 1)'(4 * b) < {1'b0, passes};
      end
    end
  end

  // In the tile: the rest of the sample, then the samples after it.
  assign later = 32'hfffffffe << sample;
  assign here_samples = has[32*block+:32] & later;
  assign same = 4'(non_zero[FLAGS*32'(sample[4:0])+4*32'(block)+:4] >> pass << pass);
  assign here = same != 4'd0 || here_samples != 32'd0;
  assign here_sample = same != 4'd0 ? sample : {1'b0, first32(here_samples)};
  assign here_flags = non_zero[FLAGS*32'(here_sample[4:0])+:FLAGS];
  assign here_nibble = here_flags[4*32'(block)+:4];
  assign here_pass = first4(same != 4'd0 ? same : here_nibble);

  assign there_samples = has[32*behind+:32];
  assign there = there_samples != 32'd0;
  assign there_sample = {1'b0, first32(there_samples)};
  assign there_flags = non_zero[FLAGS*32'(there_sample[4:0])+:FLAGS];
  assign there_nibble = there_flags[4*32'(behind)+:4];
  assign there_pass = first4(there_nibble);

  logic [31:0] found, first_found, row, others, after;
  logic [W_TILES-1:0] first_block, found_block;
  assign others = ~(32'd1 << from_sample);
  assign after = 32'hfffffffe << from_sample;
  always_comb begin
    found = 32'd0;
    first_found = 32'd0;
    found_block = '0;
    first_block = '0;
    for (int b = BLOCKS - 1; b >= 0; b--) begin
      if (has[32*b+:32] != 32'd0) begin
        first_found = has[32*b+:32];
        first_block = W_TILES'(b);
      end
      row = has[32*b+:32] & others;
      if (from_block == W_TILES'(b)) row = row & after;
      if (from_block <= W_TILES'(b) && row != 32'd0) begin
        found = row;
        found_block = W_TILES'(b);
      end
    end
  end
  assign next_neurons = !start && found == 32'd0;
  assign none = next_neurons ? last_neurons || first_found == 32'd0 : start && first_found == 32'd0;
  assign next_block = start || next_neurons ? first_block : found_block;
  assign next_sample = {1'b0, first32(start || next_neurons ? first_found : found)};
endmodule
