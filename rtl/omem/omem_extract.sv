// A decoder's extractor: words become non-zeros, one a cycle. The next word is opened in the
// cycle in which the first of its non-zeros is sent.
module omem_extract (
    input logic clk,
    input logic rst,
    input logic starts,                 // a stream begins
    input logic runs,                   // it is that of the decoders
    input logic [6:0] limit,
    input logic room,
    // the fetcher's oldest word
    input logic some,
    input logic [63:0] word,
    input logic word_raw,
    input logic word_first,
    input logic word_last,
    input logic [6:0] word_sample,
    input logic [5:0] word_elem,
    output logic pop,
    input logic done,                   // nothing is left
    output chip_pkg::x_item_t item,
    output logic works,                 // the end was not sent before this cycle
    output logic ends,                  // it is sent now
    output logic bad,                   // the word is malformed
    // events
    output logic moves,
    output logic [2:0] decodes          // non-zeros
);
  logic [87:0] nz;                      // of the present word: 4 x (16 bits, place of 6 bits)
  logic [2:0] n, i;
  logic [6:0] pos;
  logic [6:0] sample;
  logic [5:0] elem;                     // of the block's first
  logic ended;

  logic opens, ok, sends;
  logic [2:0] opened_n, n_in, i_in;
  logic [87:0] opened, nz_in;
  logic [6:0] opened_pos, sample_in;
  logic [5:0] elem_in;
  omem_decode decode (
      .open(opens), .word, .raw(word_raw), .last(word_last), .pos(word_first ? 7'd0 : pos), .limit,
      .n(opened_n), .nz(opened), .next(opened_pos), .ok
  );
  assign works = runs && (starts || !ended);
  assign opens = works && i == n && some;
  assign bad = opens && !ok;
  assign pop = opens && ok;
  assign n_in = pop ? opened_n : n;
  assign i_in = pop ? 3'd0 : i;
  assign nz_in = pop ? opened : nz;
  assign sample_in = pop && word_first ? word_sample : sample;
  assign elem_in = pop && word_first ? word_elem : elem;
  assign sends = works && room && !bad && i_in != n_in;
  assign ends = works && room && !bad && i_in == n_in && done;
  assign moves = pop || sends || ends;
  assign decodes = pop ? opened_n : 3'd0;
  assign item.valid = sends || ends;
  assign item.eos = ends;
  // An end mark is zero besides.
  assign item.x = ends ? '0 : nz_in[22*i_in[1:0]+6+:16];
  assign item.elem = ends ? '0 : nz_in[22*i_in[1:0]+:6] + elem_in;
  assign item.sample = ends ? '0 : sample_in;

  always_ff @(posedge clk) begin
    if (pop) begin
      nz <= opened;
      pos <= opened_pos;
      sample <= sample_in;
      elem <= elem_in;
    end
    if (rst) begin
      n <= '0;
      i <= '0;
      ended <= 1'b0;
    end else begin
      if (pop) n <= opened_n;
      if (moves) i <= i_in + {2'd0, sends};
      if (runs) ended <= ends || ended && !starts;
    end
  end
endmodule
