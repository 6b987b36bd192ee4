// The random number generator of the direct error propagation core: doc.go has its picture, and
// the derivation of a leap.
module lfsr (
    input logic clk,
    input logic rst,
    input logic in_start,
    input logic [31:0] in_seed,
    input logic [8:0] in_passes,
    input logic [8:0] in_bits,
    input logic [8:0] in_last,
    input logic [31:0] in_fills,
    input logic in_take,
    output logic out_full,
    output logic [255:0] out_reg, // 4 x 64 bits
    output logic [2:0] out_status,
    output chip_pkg::lfsr_ev_t ev
);
  localparam int LEAP = chip_pkg::LFSR_BITS;
  // A fill has a multiple of 16 bits. So only a leap of 32 can be more than what is left: a half.
  localparam int HALF = LEAP == 32 ? 16 : LEAP;

  logic [31:0] s;     // the LFSR
  logic [255:0] fill; // the fill being made
  logic [8:0] pos;    // its bits so far
  logic [7:0] pass;   // its place in the group
  logic [7:0] end_;   // that of the group's last fill
  logic [8:0] bits;
  logic [8:0] last;
  logic [31:0] left;  // fills not yet moved to out_reg

  // HALF steps at once. Bit t of what comes in is s[t] ^ s[t+10] ^ the two that came in before it,
  // and 1 / (1 + x + x^2) modulo x^16 is (1 + x)(1 + x^3)(1 + x^6)(1 + x^12).
  function automatic logic [31:0] leap(input logic [31:0] x);
    logic [31:0] a;
    begin
      a = x ^ (x >> 10) ^ (x >> 30) ^ (x >> 31);
      a = a ^ (a << 1);
      a = a ^ (a << 3);
      a = a ^ (a << 6);
      a = a ^ (a << 12);
      leap = (x >> HALF) | (a << (32 - HALF));
    end
  endfunction

  logic [8:0] size, rest, done;
  logic working, group_ends, makes, half, complete, moves;
  logic [31:0] once, jumped;
  logic [255:0] made;
  logic [2:0] status;

  assign working = !in_start && left != 32'd0;
  assign group_ends = pass == end_;
  assign size = group_ends ? last : bits;
  assign rest = size - pos;
  assign makes = working && pos < size;
  assign half = LEAP == 32 && rest == 9'd16;
  assign done = !makes ? pos : half ? size : pos + 9'(LEAP);
  assign complete = done >= size;
  assign moves = working && complete && (!out_full || in_take);
  assign once = leap(s);
  assign jumped = LEAP == 32 && !half ? leap(once) : once;

  // The fill with the bits of this leap: they come out of s as they are.
  always_comb begin
    made = fill;
    for (int i = 0; i < 256 / LEAP; i++) begin
      if (makes && pos == 9'(LEAP * i)) begin
        made[LEAP*i+:HALF] = s[HALF-1:0];
        if (!half) made[LEAP*i+LEAP-HALF+:HALF] = s[LEAP-1-:HALF];
      end
    end
  end

  always_comb begin
    status = chip_pkg::ST_IDLE;
    if (in_start || in_take || makes || moves) status = chip_pkg::ST_BUSY;
    else if (working) status = chip_pkg::ST_WAIT_DRAIN;
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      s <= 32'd0;
      fill <= 256'd0;
      pos <= 9'd0;
      pass <= 8'd0;
      end_ <= 8'd0;
      bits <= 9'd0;
      last <= 9'd0;
      left <= 32'd0;
      out_full <= 1'b0;
      out_reg <= 256'd0;
      out_status <= chip_pkg::ST_IDLE;
    end else begin
      out_status <= status;
      if (in_start) begin
        s <= in_seed;
        pos <= 9'd0;
        pass <= 8'd0;
        end_ <= 8'(in_passes - 9'd1);
        bits <= in_bits;
        last <= in_last;
        left <= in_fills;
        out_full <= 1'b0;
      end else begin
        if (makes) begin
          s <= jumped;
          fill <= made;
        end
        pos <= moves ? 9'd0 : done;
        if (moves) begin
          out_reg <= made;
          left <= left - 32'd1;
          pass <= group_ends ? 8'd0 : pass + 8'd1;
        end
        out_full <= moves || (out_full && !in_take);
      end
    end
  end

  // A leap clocks only the bits that it makes; they count as one.
  always_comb begin
    ev = '0;
    ev.lfsr_step = {11'd0, makes};
    ev.clock_lfsr = {11'd0, status == chip_pkg::ST_BUSY || status != out_status};
    ev.clock_lfsr_begin = {11'd0, in_start};
    ev.clock_lfsr_fill = {11'd0, makes};
    ev.clock_lfsr_reg = {11'd0, in_start || moves};
  end
endmodule
