// An encoder: groups wait in a FIFO, are collected into a block, and leave it as words and a
// pointer. A block is coded in the cycle that collects its last group, while its words leave
// the next one is collected.
module omem_encoder #(
    parameter int WP = 13               // bits of a pointer's address
) (
    input logic clk,
    input logic rst,
    input chip_pkg::enc_req_t in,
    // words to memory, up to four in order
    output logic [2:0] wants,
    output logic [chip_pkg::W_WORD-1:0] at,
    output logic [255:0] data,
    input logic [2:0] granted,
    // the pointer, with the last of them
    output logic wants_ptr,
    output logic [WP-1:0] ptr_at,
    output logic [23:0] ptr_data,
    input logic ptr_granted,
    output logic room,                  // register
    output logic idle,                  // register
    output logic stays,                 // something is held after this cycle
    output logic bad,
    output chip_pkg::fault_t fault,
    // events
    output logic works,
    output logic collects,
    output logic [4:0] codes            // words
);
  localparam int WE = $clog2(chip_pkg::N_WORDS + 1);

  logic [355:0] q[0:3];
  logic [1:0] head, tail;
  logic [2:0] n, n_next;
  logic [1023:0] block;
  logic [1023:0] words;                 // coded, on their way to memory
  logic [4:0] count, next;
  logic raw, full;
  logic [chip_pkg::W_POINTER-1:0] ptr;
  logic [WE-1:0] base;
  logic [31:0] alloc;

  // The coded block leaves.
  logic [4:0] left, next_in;
  logic [3:0] word;
  logic full_in;
  assign left = count - next;
  assign wants = !full ? 3'd0 : left > 5'd4 ? 3'd4 : left[2:0];
  assign at = base[chip_pkg::W_WORD-1:0] + chip_pkg::W_WORD'(next);
  always_comb
    for (int k = 0; k < 4; k++) begin
      word = next[3:0] + 4'(k);
      data[64*k+:64] = words[64*word+:64];
    end
  assign next_in = next + {2'd0, granted};
  assign wants_ptr = full && next_in == count;
  assign ptr_at = WP'(ptr);
  assign ptr_data = {raw, count, 18'(base)};
  assign full_in = full && !ptr_granted;

  // The oldest group is collected; the last one of a block when the block before has left.
  chip_pkg::enc_req_t g;
  logic [1023:0] whole, coded;
  logic code, coded_raw, accepted, bad_full, bad_ptr;
  logic [4:0] coded_count;
  logic [31:0] alloc_in;
  logic [32:0] stop, limit;
  assign g = {1'b1, q[head]};
  assign collects = n != 3'd0 && !(g.last && full_in);
  assign code = collects && g.last;
  always_comb begin
    whole = block;
    whole[256*g.group+:256] = g.data;
  end
  omem_coder coder (
      .code, .block(whole), .last(g.group), .count(coded_count), .raw(coded_raw), .words(coded)
  );
  assign codes = coded_count;
  assign alloc_in = g.new_ && g.group == 2'd0 ? g.alloc : alloc;
  assign stop = {1'b0, alloc_in} + {28'd0, coded_count};
  assign limit = g.limit < 32'(chip_pkg::N_WORDS) ? {1'b0, g.limit} : 33'(chip_pkg::N_WORDS);
  assign bad_full = code && stop > limit;
  assign bad_ptr = code && !bad_full && g.ptr >= 32'(chip_pkg::N_POINTERS);
  assign bad = bad_full || bad_ptr;
  assign fault = bad_full ? {chip_pkg::F_OMEM_FULL, 64'(stop) - 64'd1}
                          : {chip_pkg::F_OMEM_ADDR, 64'(g.ptr)};
  assign accepted = code && !bad;

  assign works = granted != 3'd0 || ptr_granted || collects || in.valid;
  assign stays = n_next != 3'd0 || full_in || accepted;
  assign tail = head + n[1:0];
  assign n_next = n + {2'd0, in.valid} - {2'd0, collects};

  always_ff @(posedge clk) begin
    if (in.valid) q[tail] <= in[355:0];
    for (int k = 0; k < 4; k++)
      if (collects && g.group == 2'(k)) block[256*k+:256] <= g.data;
    for (int w = 0; w < 16; w++)
      if (5'(w) < coded_count) words[64*w+:64] <= coded[64*w+:64];
    if (rst) begin
      {head, n, count, next, raw, full, ptr, base, alloc} <= '0;
      room <= 1'b1;
      idle <= 1'b1;
    end else if (works) begin
      if (collects) begin
        head <= head + 2'd1;
        alloc <= alloc_in;
      end
      n <= n_next;
      next <= next_in;
      full <= full_in || accepted;
      if (accepted) begin
        count <= coded_count;
        raw <= coded_raw;
        next <= '0;
        ptr <= g.ptr[chip_pkg::W_POINTER-1:0];
        base <= alloc_in[WE-1:0];
        alloc <= stop[31:0];
      end
      room <= n_next <= 3'd2;
      idle <= !stays;
    end
  end
endmodule
