// Opens a word: its elements that are not zero, with their places in the block. Those from
// limit on are dropped.
module omem_decode (
    input logic open,                   // otherwise the outputs mean nothing
    input logic [63:0] word,
    input logic raw,
    input logic last,                   // it should be the last of its block
    input logic [6:0] pos,              // place of the word's first element
    input logic [6:0] limit,
    output logic [2:0] n,
    output logic [87:0] nz,             // 4 x (16 bits, place of 6 bits)
    output logic [6:0] next,            // place behind the word
    output logic ok
);
  logic [2:0] all;                      // before those behind the limit were dropped
  logic stops;
  logic [7:0] at;
  logic [20:0] pair;
  logic [15:0] level;

  always_comb begin
    n = '0;
    nz = '0;
    all = '0;
    stops = 1'b0;
    ok = 1'b0;
    at = {1'b0, pos};
    pair = '0;
    level = '0;
    if (open && raw) begin
      for (int i = 0; i < 4; i++) begin
        level = word[16*i+:16];
        if (level != 16'd0 && at < 8'd64 && at < {1'b0, limit}) begin
          nz[22*n[1:0]+:22] = {level, at[5:0]};
          n = n + 3'd1;
        end
        at = at + 8'd1;
      end
      ok = 1'b1;
    end else if (open) begin
      for (int i = 0; i < 3; i++)
        if (!stops) begin
          pair = word[21*i+:21];
          level = pair[20:5];
          if (pair == 21'd0) begin
            // Nothing but padding may follow, and only in the last word.
            stops = 1'b1;
            ok = all != 3'd0 && word[63] && word[62:0] >> (21 * i) == 63'd0;
          end else begin
            at = at + {3'd0, pair[4:0]};
            if (at >= 8'd64) stops = 1'b1;
            else begin
              if (level != 16'd0) begin
                all = all + 3'd1;
                if (at < {1'b0, limit}) begin
                  nz[22*n[1:0]+:22] = {level, at[5:0]};
                  n = n + 3'd1;
                end
              end
              at = at + 8'd1;
            end
          end
        end
      if (!stops) ok = all != 3'd0;
      if (word[63] != last) ok = 1'b0;
    end
    next = at[6:0];
  end
endmodule
