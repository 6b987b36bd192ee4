// A fetcher: it walks the blocks of samples first, first + step, ... of a stream, or of the
// taps of those pixels. Pointers are read ahead of words, words ahead of their use.
module omem_fetch #(
    parameter int WP = 13               // bits of a pointer's address
) (
    input logic clk,
    input logic rst,
    input chip_pkg::stream_req_t req,
    input logic [6:0] limit,            // elements of a block that are asked for
    input logic starts,
    input logic [1:0] first,
    input logic [2:0] step,
    input logic goes,                   // it works in this cycle
    // the oldest word
    output logic some,
    output logic [63:0] word,
    output logic word_raw,
    output logic word_first,            // of its block
    output logic word_last,
    output logic [6:0] word_sample,
    output logic [5:0] word_elem,       // place of the block's first element
    output logic [31:0] word_at,        // its address, for faults
    input logic pop,
    output logic done,                  // all was fetched before this cycle, and taken with it
    output logic done_after,            // the same behind it
    // the memory
    output logic wants,
    output logic [chip_pkg::W_WORD-1:0] at,
    input logic granted,
    input logic [63:0] data,
    // the pointers
    output logic wants_ptr,
    output logic [WP-1:0] ptr_at,
    input logic ptr_granted,
    input logic [23:0] ptr_data,
    output logic located,               // a block or a tap was passed
    output logic bad,
    output chip_pkg::fault_t fault,
    // events
    output logic [1:0] walks,
    output logic stores,                // a block
    output logic moves,
    output logic looks                  // at a raw block or a tap: OMEM moves
);
  localparam int WE = $clog2(chip_pkg::N_WORDS + 1);
  localparam int WB = WE + 19;          // a block: address, words, raw, sample, elem
  localparam int WW = 80 + chip_pkg::W_WORD; // a word: see below

  logic [7:0] sample, sample_in;
  logic [2:0] step_held, step_in;
  logic [128:0] walk, walk_in, walk_next;
  logic [WB-1:0] blocks[0:1];
  logic b_head;
  logic [1:0] b_n, b_n_in, b_n_next;
  logic [4:0] next;                     // words of the oldest block that were fetched
  logic [WW-1:0] words[0:3];
  logic [1:0] w_head, w_tail;
  logic [2:0] w_n, w_n_in, w_n_next;
  logic [chip_pkg::W_WORD-1:0] oldest_at;

  assign some = w_n != 3'd0;
  assign {word_raw, word_first, word_last, word_sample, word_elem, oldest_at, word}
      = words[w_head];
  assign word_at = 32'(oldest_at);
  assign w_n_in = w_n - {2'd0, pop};
  assign sample_in = starts ? {6'd0, first} : sample;
  assign step_in = starts ? step : step_held;
  assign done = sample_in >= req.nb && b_n == 2'd0 && w_n_in == 3'd0;

  // A word of the oldest block.
  logic [WE-1:0] block_at;
  logic [4:0] block_words;
  logic block_raw;
  logic [6:0] block_sample;
  logic [5:0] block_elem;
  logic block_ends;
  assign {block_at, block_words, block_raw, block_sample, block_elem} = blocks[b_head];
  assign wants = goes && b_n != 2'd0 && w_n_in < 3'd4;
  assign at = block_at[chip_pkg::W_WORD-1:0] + chip_pkg::W_WORD'(next);
  assign block_ends = granted && next + 5'd1 == block_words;
  assign b_n_in = b_n - {1'b0, block_ends};
  assign w_tail = w_head + w_n[1:0];    // whether or not the oldest leaves

  // The next block: by its pointer in a compressed map, by its place in a raw one.
  logic seeks, window, meets, pixel_ends, raw, bad_ptr, found, bad_at;
  logic [5:0] elem;
  logic [31:0] tap_at, source, offset;
  logic [31:0] found_at;
  logic [4:0] found_words;
  logic found_raw;
  assign window = req.win.taps != 7'd0;
  omem_walk way (
      .win(req.win), .src(req.src), .s_step(req.s_step), .starts, .first, .step(step_in),
      .place(walk), .elem, .meets, .at(tap_at), .pixel_ends,
      .here(walk_in), .next(walk_next)
  );
  assign seeks = goes && sample_in < req.nb && b_n_in < 2'd2;
  assign offset = {24'd0, sample_in} * req.s_step;
  assign source = window ? tap_at : req.src + offset;
  assign raw = req.kind == chip_pkg::STREAM_RAW;
  assign found = seeks && (!window || meets);
  assign bad_ptr = found && !raw && source >= 32'(chip_pkg::N_POINTERS);
  assign wants_ptr = found && !raw && !bad_ptr;
  assign ptr_at = source[WP-1:0];
  always_comb begin
    if (raw) begin
      found_at = source;
      found_words = 5'((8'(limit) + 8'd3) >> 2);
      found_raw = 1'b1;
    end else begin
      found_at = {14'd0, ptr_data[17:0]};
      found_words = ptr_data[22:18];
      found_raw = ptr_data[23];
    end
  end
  assign bad_at = found && (raw || ptr_granted)
                && {1'b0, found_at} + {28'd0, found_words} > 33'(chip_pkg::N_WORDS);
  assign bad = bad_ptr || bad_at;
  assign fault = {chip_pkg::F_OMEM_ADDR, 32'd0, bad_ptr ? source : found_at};
  assign located = seeks && (window && !meets || (raw || ptr_granted) && !bad_at);
  assign stores = located && found && found_words != 5'd0;
  assign looks = seeks && (window && !meets || found && raw);
  assign b_n_next = b_n_in + {1'b0, stores};
  assign w_n_next = w_n_in + {2'd0, granted};

  logic [7:0] sample_next;
  logic passes;
  assign passes = located && (!window || pixel_ends);
  assign sample_next = passes ? sample_in + {5'd0, step_in} : sample_in;
  assign done_after = sample_next >= req.nb && b_n_next == 2'd0 && w_n_next == 3'd0;
  assign moves = starts || pop || granted || located;
  assign walks = window ? {1'b0, starts} + {1'b0, located} : 2'd0;

  always_ff @(posedge clk) begin
    if (granted)
      words[w_tail] <= {block_raw, next == 5'd0, next + 5'd1 == block_words, block_sample,
                        block_elem, at, data};
    if (stores)
      blocks[b_head+b_n[0]] <= {found_at[WE-1:0], found_words, found_raw, sample_in[6:0],
                                window ? elem : 6'd0};
    if (rst) begin
      {sample, step_held, walk, b_head, b_n, next, w_head, w_n} <= '0;
    end else if (moves) begin
      sample <= sample_next;
      step_held <= step_in;
      if (window && (starts || located)) walk <= located ? walk_next : walk_in;
      b_head <= b_head ^ block_ends;
      b_n <= b_n_next;
      if (granted) next <= block_ends ? '0 : next + 5'd1;
      w_head <= w_head + {1'b0, pop};
      w_n <= w_n_next;
    end
  end
endmodule
