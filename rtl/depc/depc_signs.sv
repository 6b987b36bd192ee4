// The signs of the tile, which come a block of 16 neurons by 16 classes at a time: a fill of the
// generator, or an entry of the sign memory, which is read while the one before is in use.
//
// SIGN has one port: no entry is read in a cycle in which one is written.
module depc_signs #(
    parameter int TILE_N = 16,
    parameter int TILE_I = 16,
    parameter int W_ERRORS = 11,
    parameter int W_PASSES = 7
) (
    input logic clk,
    input logic rst,
    input chip_pkg::cmd_t cmd,
    input logic begin_run,
    input logic running,
    input logic advance,
    input logic wanted,                     // the first part of a tile waits for its signs
    input logic rng_full,
    input logic [255:0] rng_reg,
    input chip_pkg::sign_write_t write,
    input logic [W_ERRORS-1:0] errors,
    input logic [W_PASSES-1:0] columns,
    input logic [W_PASSES-1:0] pass,
    input logic [5:0] pass_errors,
    input logic [6:0] tile_groups,
    output logic rng_start,
    output logic [31:0] rng_seed,
    output logic [8:0] rng_passes,
    output logic [8:0] rng_bits,
    output logic [8:0] rng_last,
    output logic [chip_pkg::W_BLOCKS-1:0] rng_fills,
    output logic rng_take,
    output logic ready,                     // the last block that the tile needs is here
    output logic [TILE_N*TILE_I-1:0] sign,  // errors innermost
    output logic bad,
    output chip_pkg::fault_t fault,
    output logic writes,
    output logic reads,
    output logic clock_sign
);
  localparam int ENTRIES = chip_pkg::DEPC_CLASSES == 0 ? 0 : chip_pkg::DEPC_SIGN_ENTRIES;
  localparam int D = ENTRIES == 0 ? 1 : ENTRIES;
  localparam int W_AT = D == 1 ? 1 : $clog2(D);
  localparam int COLUMNS = TILE_I / 16;
  localparam int W_BLOCKS = chip_pkg::W_BLOCKS;

  logic took;                               // the fill was copied one cycle ago
  logic [2:0] got;                          // blocks of the next tile that came
  logic next_valid;
  logic [255:0] next;                       // output latch of SIGN
  logic [16:0] next_entry;
  logic [W_BLOCKS-1:0] next_left;           // entries not yet read
  logic [255:0] sign_mem[0:D-1];

  logic sram, comes, two, row, column;
  logic [W_BLOCKS-1:0] blocks, rows;
  logic [W_ERRORS-1:0] last_classes;        // of the last block of a group
  logic [31:0] neurons, entry;
  logic [2:0] wanted_blocks;
  logic [5:0] classes;
  logic [255:0] from, block;
  logic [W_AT-1:0] at;
  logic [16:0] read_entry;

  assign sram = (cmd.flags & chip_pkg::FLAG_SRAM) != 16'd0;
  assign neurons = cmd.p[32*chip_pkg::P_DEPC_NEURONS+:32];
  assign entry = cmd.p[32*chip_pkg::P_DEPC_ENTRY+:32];
  assign rows = W_BLOCKS'((neurons + 32'd15) / 32'd16);
  assign blocks = rows * W_BLOCKS'(columns);
  assign last_classes = errors - W_ERRORS'({columns - W_PASSES'(1), 4'd0});

  // A block goes to its place in the tile.
  assign two = COLUMNS == 2 && pass_errors > 6'd16;  // blocks beside each other
  assign wanted_blocks = two ? {tile_groups[1:0], 1'b0} : {1'b0, tile_groups[1:0]};
  assign row = two ? got[1] : got[0];
  assign column = two && got[0];
  assign comes = wanted && (sram ? next_valid : rng_full && !took);
  assign ready = comes && got + 3'd1 == wanted_blocks;
  assign clock_sign = comes;
  assign classes = column ? pass_errors - 6'd16 : pass_errors > 6'd16 ? 6'd16 : pass_errors;
  assign from = sram ? next : rng_reg;
  always_comb begin
    for (int t = 0; t < 16; t++) begin
      block[16*t+:16] = 16'(from >> (9'(t) * 9'(classes))) & ~(16'hffff << classes);
    end
  end

  // SIGN.
  assign bad = write.valid && (ENTRIES == 0 || write.entry > 16'(ENTRIES - 1));
  assign fault = {chip_pkg::F_PARAM, 32'(chip_pkg::P_DEPC_ENTRY), 16'd0, write.entry};
  assign writes = write.valid && !bad;
  always_comb begin
    reads = 1'b0;
    if (begin_run) reads = sram && !write.valid;
    else if (advance) begin
      reads = (!next_valid || (comes && sram)) && next_left != '0 && !write.valid;
    end
  end
  assign read_entry = begin_run ? entry[16:0] : next_entry;
  assign at = writes ? W_AT'(write.entry) : W_AT'(read_entry);
  always_ff @(posedge clk) begin
    if (writes) sign_mem[at] <= write.data;
    else if (reads) next <= sign_mem[at];
  end

  always_ff @(posedge clk) begin
    for (int b = 0; b < TILE_N * TILE_I / 256; b++) begin
      if (comes && b == 32'(row) * COLUMNS + 32'(column)) sign[256*b+:256] <= block;
    end
    if (rst) begin
      took <= 1'b0;
      got <= 3'd0;
      next_valid <= 1'b0;
      next_entry <= '0;
      next_left <= '0;
      rng_start <= 1'b0;
      rng_take <= 1'b0;
      rng_seed <= '0;
      {rng_passes, rng_bits, rng_last} <= '0;
      rng_fills <= '0;
    end else begin
      rng_start <= begin_run && !sram;
      rng_take <= comes && !sram;
      if (begin_run) begin
        took <= 1'b0;
        got <= 3'd0;
        next_valid <= reads;
        next_entry <= entry[16:0] + 17'(reads);
        next_left <= sram ? blocks - W_BLOCKS'(reads) : '0;
        if (!sram) begin
          rng_seed <= cmd.p[32*chip_pkg::P_DEPC_SEED+:32];
          rng_passes <= 9'(columns);
          rng_bits <= 9'd256;
          rng_last <= {last_classes[4:0], 4'd0};
          rng_fills <= blocks;
        end
      end else begin
        if (running) took <= comes && !sram;
        if (comes) got <= ready ? 3'd0 : got + 3'd1;
        next_valid <= reads || (next_valid && !(comes && sram));
        if (reads) next_entry <= next_entry + 17'd1;
        if (reads) next_left <= next_left - W_BLOCKS'(1);
      end
    end
  end
endmodule
