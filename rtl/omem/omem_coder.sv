// Codes a block of 16, 32, 48 or 64 elements: into words of three pairs or, if those were more,
// into words of four elements.
module omem_coder (
    input logic code,                   // otherwise the outputs are zero
    input logic [1023:0] block,
    input logic [1:0] last,             // the last group
    output logic [4:0] count,           // words
    output logic raw,
    output logic [1023:0] words
);
  // Elements that are not zero move down over the zeros before them, in steps of 1, 2, 4, ... 32.
  logic [1343:0] pairs;                 // 64 x 21 bits
  logic [383:0] zeros;                  // 64 x 6 bits: before the element, that is not zero
  logic [63:0] some;
  // A run has five bits. A longer one, of which 64 elements hold one at most, takes a pair of its
  // own before that of its element: 31 zeros, and a level of 0, which stands for one more.
  logic long;
  logic [5:0] long_at;
  logic [1007:0] placed;                // 48 x 21 bits: a block with more pairs is stored raw

  logic [6:0] n;                        // pairs
  logic [5:0] gone, run;
  logic [6:0] coded, plain;             // words

  always_comb begin
    pairs = '0;
    zeros = '0;
    some = '0;
    long = 1'b0;
    long_at = '0;
    placed = '0;
    n = '0;
    gone = '0;
    run = '0;
    words = '0;
    if (code) begin
      for (int i = 0; i < 64; i++) begin
        some[i] = 2'(i / 16) <= last && block[16*i+:16] != 16'd0;
        if (some[i]) begin
          pairs[21*i+:21] = {block[16*i+:16], run[4:0]};
          zeros[6*i+:6] = gone;
          if (run[5]) begin
            long = 1'b1;
            long_at = n[5:0];
          end
          n = n + 7'd1;
          run = '0;
        end else begin
          gone = gone + 6'd1;
          run = run + 6'd1;
        end
      end
      if (long) n = n + 7'd1;
      for (int k = 0; k < 6; k++)
        for (int i = 0; i < 64; i++) begin
          // What stands here moves on, or it does not and nothing comes.
          if (some[i] && zeros[6*i+k]) begin
            some[i] = 1'b0;
            pairs[21*i+:21] = '0;
          end
          if (i + (1 << k) < 64)
            if (some[(i+(1<<k))%64] && zeros[6*((i+(1<<k))%64)+k]) begin
              some[i] = 1'b1;
              pairs[21*i+:21] = pairs[21*((i+(1<<k))%64)+:21];
              zeros[6*i+:6] = zeros[6*((i+(1<<k))%64)+:6];
            end
        end
      for (int s = 0; s < 48; s++)
        placed[21*s+:21] = !long || 6'(s) < long_at ? pairs[21*s+:21]
                         : 6'(s) == long_at ? 21'd31 : pairs[21*((s+63)%64)+:21];
    end
    plain = {3'd0, last, 2'd0} + 7'd4;
    coded = (n + 7'd2) / 7'd3;
    raw = coded > plain;
    count = !code ? 5'd0 : raw ? plain[4:0] : coded[4:0];
    if (code)
      for (int w = 0; w < 16; w++)
        words[64*w+:64] = raw ? block[64*w+:64] : {coded == 7'(w + 1), placed[63*w+:63]};
  end
endmodule
