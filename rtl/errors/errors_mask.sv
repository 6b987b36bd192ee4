// The f' bits, read ahead in the order in which the groups are rounded, or issued.
module errors_mask #(
    parameter int TILE_N = 16,     // neurons of a tile
    parameter int SPAN = 1,        // its groups
    parameter int AGAIN = 0,       // 1: every pass reads them
    parameter int W_PASSES = 7
) (
    input logic clk,
    input logic rst,
    input chip_pkg::cmd_t cmd,
    input logic begin_run,
    input logic running,
    input chip_pkg::mask_data_t mask,
    input logic [1:0] take,                 // words that are used up
    input logic [12:0] rows,
    input logic [5:0] batch,
    input logic [W_PASSES-1:0] passes,
    output logic [31:0] oldest,             // two words
    output logic [2:0] ahead,               // how many there are
    output chip_pkg::mask_req_t req,
    output logic got,
    output logic clock_mask
);
  localparam int WORDS = 2 * TILE_N / 16;

  logic [16*WORDS-1:0] words;
  logic [31:0] from_base, from_at;          // of the next bits
  logic [12:0] from_tile;
  logic [5:0] from_col;
  logic [4:0] from_sample;
  logic [W_PASSES-1:0] from_pass;

  logic [31:0] next_base, next_at, neurons, first;
  logic [12:0] next_tile;
  logic [5:0] next_col;
  logic [4:0] next_sample;
  logic [W_PASSES-1:0] next_pass;
  logic [15:0] exist;
  logic [1:0] used;
  logic [2:0] kept, ahead_next;
  logic [16*WORDS-1:0] moved;
  logic reads, stands, asks;

  errors_walk #(
      .SPAN(SPAN),
      .W_PASSES(W_PASSES)
  ) walk (
      .base(from_base),
      .at(from_at),
      .tile(from_tile),
      .col(from_col),
      .sample(from_sample),
      .pass(from_pass),
      .rows(rows),
      .batch(batch),
      .passes(AGAIN != 0 ? passes : W_PASSES'(1)),
      .tile_step(32'(SPAN)),
      .row_step(cmd.p[32*chip_pkg::P_DEPC_MSTEP+:32]),
      .base_next(next_base),
      .at_next(next_at),
      .tile_next(next_tile),
      .col_next(next_col),
      .sample_next(next_sample),
      .pass_next(next_pass)
  );
  errors_exist exist_i (
      .neurons(neurons),
      .group(from_tile + 13'(from_col)),
      .exist(exist)
  );

  assign neurons = cmd.p[32*chip_pkg::P_DEPC_NEURONS+:32];
  assign first = cmd.p[32*chip_pkg::P_DEPC_MASK+:32];
  assign reads = running && (cmd.flags & chip_pkg::FLAG_ALL) == 16'd0;
  assign stands = req.valid && !mask.valid; // the port serves the drain first
  assign got = reads && req.valid && mask.valid;
  assign used = reads ? take : 2'd0;
  assign kept = ahead - {1'b0, used};
  assign ahead_next = got ? kept + 3'd1 : kept;
  assign asks = reads && !stands && ahead_next < 3'(WORDS) && (got ? next_tile : from_tile) < rows;
  assign clock_mask = begin_run || used != 2'd0 || got || asks;
  assign oldest = words[31:0];

  always_comb begin
    moved = words >> (7'(used) * 7'd16);
    for (int i = 0; i < WORDS; i++) begin
      if (got && kept == 3'(i)) moved[16*i+:16] = mask.data & exist;
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      words <= '0;
      ahead <= '0;
      req <= '0;
      {from_base, from_at} <= '0;
      from_tile <= '0;
      from_col <= '0;
      from_sample <= '0;
      from_pass <= '0;
    end else if (begin_run) begin
      ahead <= 3'd0;
      {from_base, from_at} <= {first, first};
      from_tile <= '0;
      from_col <= '0;
      from_sample <= '0;
      from_pass <= '0;
      req.valid <= (cmd.flags & chip_pkg::FLAG_ALL) == 16'd0;
      req.addr <= first[chip_pkg::W_MASK-1:0];
    end else if (reads) begin
      words <= moved;
      ahead <= ahead_next;
      if (got) begin
        from_base <= next_base;
        from_at <= next_at;
        from_tile <= next_tile;
        from_col <= next_col;
        from_sample <= next_sample;
        from_pass <= next_pass;
      end
      if (!stands) req.valid <= asks;
      if (asks && got) req.addr <= chip_pkg::W_MASK'(next_at + 32'(next_col));
      else if (asks) req.addr <= chip_pkg::W_MASK'(from_at + 32'(from_col));
    end
  end
endmodule
