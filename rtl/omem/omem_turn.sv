// The corner-turn: two buffers of 64 elements x 32 samples. One is filled, sample after sample,
// while the other is read, element after element.
module omem_turn (
    input logic clk,
    input logic rst,
    // filling: a word a cycle
    input logic clears,                 // a buffer that is to be filled
    input logic fill_to,
    input logic [6:0] limit,
    input logic some,
    input logic [63:0] word,
    input logic word_raw,
    input logic word_first,
    input logic word_last,
    input logic [6:0] word_sample,
    input logic [5:0] word_elem,
    output logic pop,
    output logic bad,
    // reading
    input logic reads,                  // there is room for an item
    input logic buf_,
    input logic [6:0] rows,
    output logic sends,                 // item is one
    output logic ends,                  // the stream ends with it
    output chip_pkg::x_item_t item,
    // events
    output logic [2:0] writes,
    output logic takes                  // a non-zero
);
  // Written up to four times a cycle, read once. A word may be written in the cycle in which its
  // buffer is read already: what comes is looked at, too.
  logic [15:0] cells[0:4095];           // buffer, element, sample
  logic [2047:0] has0, has1;            // by element: which samples are not zero
  logic [6:0] pos;
  logic [6:0] elem;                     // next to be read
  logic half;                           // the end of the first 32 elements was sent

`ifndef SYNTHESIS
  initial for (int i = 0; i < 4096; i++) cells[i] = '0;
`endif

  // The non-zeros of a word.
  logic ok;
  logic [2:0] n;
  logic [87:0] nz;
  logic [6:0] next;
  logic [23:0] elems;                   // 4 x 6 bits
  omem_decode decode (
      .open(some), .word, .raw(word_raw), .last(word_last), .pos(word_first ? 7'd0 : pos), .limit,
      .n, .nz, .next, .ok
  );
  assign bad = some && !ok;
  assign pop = some && ok;
  assign writes = pop ? n : 3'd0;
  always_comb
    for (int k = 0; k < 4; k++) elems[6*k+:6] = nz[22*k+:6] + word_elem;

  // The first element from elem on with a non-zero, those included that come; but 32 and its
  // followers only when the first end was sent.
  logic [63:0] left;
  logic [31:0] samples;
  logic [4:0] sample;
  logic [6:0] found, stop;
  logic [15:0] x;
  logic more;
  always_comb begin
    left = '0;
    samples = '0;
    sample = '0;
    x = '0;
    found = '0;
    stop = !half && rows > 7'd32 ? 7'd32 : rows;
    more = 1'b0;
    if (reads) begin
      for (int e = 0; e < 64; e++)
        left[e] = buf_ ? has1[32*e+:32] != 32'd0 : has0[32*e+:32] != 32'd0;
      for (int k = 0; k < 4; k++)
        if (3'(k) < writes && fill_to == buf_) left[elems[6*k+:6]] = 1'b1;
      for (int e = 63; e >= 0; e--)
        if (left[e] && 7'(e) >= elem && 7'(e) < stop) begin
          found = 7'(e);
          more = 1'b1;
        end
      samples = buf_ ? has1[32*found[5:0]+:32] : has0[32*found[5:0]+:32];
      for (int k = 0; k < 4; k++)
        if (3'(k) < writes && fill_to == buf_ && elems[6*k+:6] == found[5:0])
          samples[word_sample[4:0]] = 1'b1;
      for (int s = 31; s >= 0; s--) if (samples[s]) sample = 5'(s);
      x = cells[{buf_, found[5:0], sample}];
      for (int k = 0; k < 4; k++)
        if (3'(k) < writes && fill_to == buf_ && elems[6*k+:6] == found[5:0]
            && word_sample[4:0] == sample)
          x = nz[22*k+6+:16];
    end
  end
  assign sends = reads;
  assign takes = reads && more;
  assign ends = reads && !more && stop == rows;
  // An end mark is zero besides.
  assign item = more ? {2'b10, x, found[5:0], 2'd0, sample} : {2'b11, 29'd0};

  always_ff @(posedge clk) begin
    for (int k = 0; k < 4; k++)
      if (3'(k) < writes) cells[{fill_to, elems[6*k+:6], word_sample[4:0]}] <= nz[22*k+6+:16];
    if (clears && !fill_to) has0 <= '0;
    if (clears && fill_to) has1 <= '0;
    for (int k = 0; k < 4; k++)
      if (3'(k) < writes) begin
        if (fill_to) has1[{elems[6*k+:6], word_sample[4:0]}] <= 1'b1;
        else has0[{elems[6*k+:6], word_sample[4:0]}] <= 1'b1;
      end
    if (takes && buf_) has1[{found[5:0], sample}] <= 1'b0;
    if (takes && !buf_) has0[{found[5:0], sample}] <= 1'b0;
    if (rst) begin
      has0 <= '0;
      has1 <= '0;
      pos <= '0;
      elem <= '0;
      half <= 1'b0;
    end else begin
      if (pop) pos <= next;
      if (reads) begin
        elem <= ends ? '0 : takes ? found : 7'd32;
        half <= !ends && (half || !more);
      end
    end
  end
endmodule
