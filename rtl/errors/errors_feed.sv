// The error buffer: a load fills it from OMEM, and the issue of a run goes over it, parts of a tile
// innermost, then sample, then pass, then tile of neurons.
//
// EBUF has one port, a write of a load or a read of a run. It is TILE_I/16 macros of 16 errors, of
// which a load writes one, and with the last group of a row what pads the row in the others.
module errors_feed #(
    parameter int CAPACITY = 16,   // errors of a sample
    parameter int TILE_I = 16,     // errors of a pass
    parameter int SPAN = 1,        // groups of neurons of a tile
    parameter int PARTS = 1,       // of a tile, for one sample
    parameter int W_ERRORS = 11,
    parameter int W_PASSES = 7
) (
    input logic clk,
    input logic rst,
    input chip_pkg::cmd_t cmd,
    input logic begin_load,
    input logic begin_run,
    input logic loading,
    input logic req_room,
    input chip_pkg::read_data_t read,
    input logic advance,                    // s1 moves on
    input logic issue,                      // the next part moves into s1
    input logic read_en,                    // e is read, of this sample and pass
    input logic [4:0] read_sample,
    input logic [W_PASSES-1:0] read_pass,
    output chip_pkg::read_req_t req,
    output logic read_room,
    output logic write_en,                  // a group is loaded,
    output logic [255:0] written,           // what pads it being 0
    output logic load_waits,
    output logic load_ends,
    output logic clock_begin,
    output logic [2:0] words_read,          // groups of errors that are read
    output logic [W_ERRORS-1:0] errors,     // of a sample, as loaded last
    output logic [5:0] batch,
    output logic [W_PASSES-1:0] columns,    // groups of the errors
    output logic [W_PASSES-1:0] passes,     // tiles of the errors
    output logic [12:0] rows_now,           // of the run, also while it begins
    output logic [12:0] tiles_now,
    output logic [12:0] rows,               // groups of the neurons
    output logic [12:0] tiles,              // tiles of the neurons
    output logic [1:0] part,
    output logic [4:0] sample,
    output logic [W_PASSES-1:0] pass,
    output logic [12:0] tile,
    output logic more,                      // something is left to issue
    output logic [5:0] pass_errors,         // errors of the present pass
    output logic [6:0] tile_groups,         // groups of neurons of the present tile
    output logic [16*TILE_I-1:0] e_next,
    output logic [16*TILE_I-1:0] e,         // output latch of EBUF
    output logic s1_valid,
    output logic s1_first,
    output logic s1_last,
    output logic [4:0] s1_sample,
    output logic [1:0] s1_part
);
  localparam int MACROS = TILE_I / 16;
  localparam int COLS = (CAPACITY + TILE_I - 1) / TILE_I;
  localparam int W_AT = $clog2(32 * COLS);

  logic asked;                              // the load's stream is requested
  logic asks, last_group, part_ends, sample_ends, pass_ends;
  logic [31:0] n, neurons;
  logic [W_ERRORS-1:0] rest;                // errors from this group or pass on
  logic [12:0] rows_left;
  logic [W_AT-1:0] at;
  logic [4:0] row_sample;
  logic [W_PASSES-1:0] row_pass, columns_left;

  assign n = cmd.p[32*chip_pkg::P_DEPC_N+:32];
  assign neurons = cmd.p[32*chip_pkg::P_DEPC_NEURONS+:32];

  // Load.
  assign asks = (begin_load || (loading && !asked)) && req_room;
  assign write_en = loading && asked && read.valid;
  assign load_waits = loading && asked ? !read.valid : (begin_load || loading) && !req_room;
  assign last_group = pass + W_PASSES'(1) == columns;
  assign load_ends = write_en && last_group && {1'b0, sample} + 6'd1 == batch;
  assign clock_begin = begin_load || begin_run || asks;
  assign rest = errors - W_ERRORS'({pass, 4'd0});
  always_comb begin
    for (int i = 0; i < 16; i++) begin
      written[16*i+:16] = rest > W_ERRORS'(i) ? read.data[16*i+:16] : 16'd0;
    end
  end

  // Issue.
  assign rows_now = begin_run ? 13'((neurons + 32'd15) / 32'd16) : rows;
  assign tiles_now = begin_run ? 13'((neurons + 32'(16 * SPAN) - 32'd1) / 32'(16 * SPAN)) : tiles;
  assign more = tile < tiles;
  assign part_ends = part == 2'(PARTS - 1);
  assign sample_ends = part_ends && {1'b0, sample} + 6'd1 == batch;
  assign pass_ends = sample_ends && pass + W_PASSES'(1) == passes;
  assign rows_left = rows - 13'(SPAN) * tile;
  assign tile_groups = rows_left < 13'(SPAN) ? rows_left[6:0] : 7'(SPAN);
  always_comb begin
    pass_errors = 6'(TILE_I);
    if (pass + W_PASSES'(1) == passes) begin
      pass_errors = 6'(errors - W_ERRORS'(TILE_I) * W_ERRORS'(pass));
    end
  end

  // EBUF.
  assign row_pass = loading ? W_PASSES'(pass / W_PASSES'(MACROS)) : read_pass;
  assign row_sample = loading ? sample : read_sample;
  assign at = W_AT'(row_sample) * W_AT'(COLS) + W_AT'(row_pass);
  assign columns_left = columns - W_PASSES'(MACROS) * read_pass;
  assign words_read = columns_left < W_PASSES'(MACROS) ? columns_left[2:0] : 3'(MACROS);
  generate
    for (genvar m = 0; m < MACROS; m++) begin : macro
      logic [255:0] ebuf[0:32*COLS-1];
      logic mine, pads;
      assign mine = MACROS == 1 || pass[0] == 1'(m);
      assign pads = m == 1 && last_group && !pass[0];
      assign e_next[256*m+:256] = read_en ? ebuf[at] : e[256*m+:256];
      always_ff @(posedge clk) begin
        if (write_en && (mine || pads)) ebuf[at] <= mine ? written : 256'd0;
        if (read_en) e[256*m+:256] <= e_next[256*m+:256];
      end
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (rst) begin
      errors <= '0;
      batch <= '0;
      columns <= '0;
      passes <= '0;
      rows <= '0;
      tiles <= '0;
      asked <= 1'b0;
      req <= '0;
      read_room <= 1'b0;
      part <= '0;
      sample <= '0;
      pass <= '0;
      tile <= '0;
      s1_valid <= 1'b0;
      s1_first <= 1'b0;
      s1_last <= 1'b0;
      s1_sample <= '0;
      s1_part <= '0;
    end else begin
      req.valid <= asks;
      read_room <= (begin_load || loading) && !load_ends;
      if (begin_load) begin
        errors  <= n[W_ERRORS-1:0];
        batch   <= cmd.p[32*chip_pkg::P_DEPC_NB+:6];
        columns <= W_PASSES'((n + 32'd15) / 32'd16);
        passes  <= W_PASSES'((n + 32'(TILE_I) - 32'd1) / 32'(TILE_I));
        asked   <= 1'b0;
      end
      if (asks) begin
        asked <= 1'b1;
        req.addr <= cmd.p[32*chip_pkg::P_DEPC_SRC+:32];
        req.groups <= 9'((n + 32'd15) / 32'd16);
        req.rows <= cmd.p[32*chip_pkg::P_DEPC_NB+:8];
        req.stride <= cmd.p[32*chip_pkg::P_DEPC_SSTEP+:32];
      end
      if (begin_run) begin
        rows  <= rows_now;
        tiles <= tiles_now;
        part  <= 2'd0;
        tile  <= 13'd0;
      end
      if (begin_run || begin_load) begin
        sample <= 5'd0;
        pass   <= '0;
      end else if (write_en) begin
        pass <= last_group ? '0 : pass + W_PASSES'(1);
        if (last_group) sample <= sample + 5'd1;
      end else if (issue) begin
        part <= part_ends ? 2'd0 : part + 2'd1;
        if (part_ends) sample <= sample_ends ? 5'd0 : sample + 5'd1;
        if (sample_ends) pass <= pass_ends ? '0 : pass + W_PASSES'(1);
        if (pass_ends) tile <= tile + 13'd1;
      end
      if (advance) s1_valid <= issue;
      if (issue) begin
        s1_first  <= pass == '0;
        s1_last   <= pass + W_PASSES'(1) == passes;
        s1_sample <= sample;
        s1_part   <= part;
      end
    end
  end
endmodule
