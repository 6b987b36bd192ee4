// The way in: a FIFO of four groups, and the largest logit of the row with its first class. A group
// that comes to an empty FIFO may be taken in the same cycle.
module loss_load (
    input logic clk,
    input logic rst,
    input logic clear,    // a command begins
    input logic restart,  // a row begins
    input logic push,
    input logic [255:0] pushed,
    input logic take,
    input logic [10:0] classes,
    input logic [$clog2(chip_pkg::N_CLASSES/16+1)-1:0] groups,
    output logic some,                // there is a group
    output logic few,                 // two places are free after this cycle
    output logic [255:0] data,        // the oldest group
    output logic [$clog2(chip_pkg::N_CLASSES/16+1)-1:0] group, // its number in the row
    output logic [4:0] group_n,       // logits of it that exist
    output logic group_last,          // it ends the row
    output logic signed [15:0] largest,
    output logic [$clog2(chip_pkg::N_CLASSES)-1:0] found // the class, this group included
);
  localparam int WC = $clog2(chip_pkg::N_CLASSES);
  localparam int WG = $clog2(chip_pkg::N_CLASSES / 16 + 1);

  logic [255:0] fifo[0:3];
  logic [1:0] head, tail;
  logic [2:0] len, filled, next_len;

  assign tail = head + len[1:0];
  assign filled = len + {2'd0, push};
  assign next_len = clear ? 3'd0 : filled - {2'd0, take};
  assign some = filled != 3'd0;
  assign few = next_len <= 3'd2;
  assign data = len == 3'd0 ? pushed : fifo[head];

  always_ff @(posedge clk) begin
    if (push) fifo[tail] <= pushed;
    len <= next_len;
    if (take) head <= head + 2'd1;
    if (clear || rst) head <= 2'd0;
    if (rst) len <= 3'd0;
  end

  // A tree finds the first of the largest in the group: node i has the sons 2i and 2i+1, the
  // leaves are nodes 16..31. Lanes that do not exist stand behind all others and cannot win.

  logic [10:0] left;
  logic [16*32-1:0] best;
  logic [4*32-1:0] place;
  logic signed [15:0] a, b;
  logic larger;
  logic [WC-1:0] argmax;

  assign left = classes - {{7 - WG{1'b0}}, group, 4'd0};
  assign group_last = left <= 11'd16;
  assign group_n = group_last ? left[4:0] : 5'd16;

  always_comb begin
    best  = '0;
    place = '0;
    for (int i = 0; i < 16; i++) begin
      best[16*(16+i)+:16] = 5'(i) < group_n ? data[16*i+:16] : 16'h8000;
      place[4*(16+i)+:4]  = 4'(i);
    end
    for (int i = 15; i > 0; i--) begin
      a = best[16*(2*i)+:16];
      b = best[16*(2*i+1)+:16];
      best[16*i+:16] = b > a ? b : a;
      place[4*i+:4]  = b > a ? place[4*(2*i+1)+:4] : place[4*(2*i)+:4];
    end
    larger = group == '0 || $signed(best[31:16]) > largest;
  end

  logic [WG+3:0] at;
  assign at = {group, place[7:4]};
  assign found = larger ? at[WC-1:0] : argmax;

  always_ff @(posedge clk) begin
    if (take) begin
      group  <= group + 1'd1;
      argmax <= found;
      if (larger) largest <= best[31:16];
    end
    if (restart) begin
      group   <= '0;
      argmax  <= '0;
      largest <= 16'sh8000;
    end
  end
endmodule
