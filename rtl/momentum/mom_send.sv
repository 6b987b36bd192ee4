// Sending results. Of the chunk whose turn it is the bursts that are left, and in the other macros
// those of the next one, are shown at the outputs of `results` before they are sent.
module mom_send (
    input logic clk,
    input logic rst,
    input logic active,      // the unit's own registers are clocked
    input logic go,          // the unit works
    input logic room,        // external memory takes a burst, and the oldest command still sends
    input logic one_ended,   // at least one chunk has all results
    input logic two_ended,
    input logic three_ended,
    input logic [3*(76+chip_pkg::W_GROUP)-1:0] chunks,  // whose turn it is, and the two behind it
    input logic [6:0] written,          // macros that take results in this cycle
    input logic [7*256-1:0] results,    // what the macros show
    output logic [6:0] show,            // macros that are read,
    output logic [6:0] show_first,      // ... for the chunk whose turn it is behind this cycle
    output logic sent,
    output logic sent_all,              // the last burst of a chunk,
    output logic end_cmd,               // ... and of its command
    output logic [31:0] addr,
    output logic [255:0] data
);
  typedef struct packed {
    logic [1:0] slot;
    logic [4:0] row;
    logic [chip_pkg::W_GROUP-1:0] group;
    logic bias;
    logic first;
    logic alone;
    logic end_half;
    logic end_cmd;
    logic [31:0] w_addr;
    logic [31:0] v_addr;
  } chunk_t;

  logic [2:0] burst;
  logic [6:0] shown;  // macros with a burst to send at the output

  chunk_t now, second, third;
  logic [2:0] weights, now_macro, burst_left, first_macro;
  logic [6:0] shown_left, free, first, behind;
  logic first_bias, behind_bias;

  // The macro of a burst, and those of a chunk.
  function automatic logic [2:0] macro(input logic bias, input logic [2:0] b);
    begin
      macro = !bias && b >= 3'd2 ? b + 3'd2 : b;
    end
  endfunction

  function automatic logic [6:0] macros(input logic bias);
    begin
      macros = bias ? 7'b1111111 : 7'b1110011;
    end
  endfunction

  assign {third, second, now} = chunks;
  assign weights = now.bias ? 3'd4 : 3'd2;
  assign now_macro = macro(now.bias, burst);
  assign sent = go && shown[now_macro] && room;
  assign sent_all = sent && burst == weights + 3'd2;
  assign end_cmd = sent_all && now.end_cmd;
  assign addr = burst < weights ? now.w_addr + {24'd0, burst, 5'd0}
                                : now.v_addr + {24'd0, burst - weights, 5'd0};
  assign data = results[256*now_macro+:256];

  assign burst_left = sent_all ? 3'd0 : burst + {2'd0, sent};
  assign first_bias = sent_all ? second.bias : now.bias;
  assign behind_bias = sent_all ? third.bias : second.bias;
  assign first_macro = macro(first_bias, burst_left);
  always_comb begin
    shown_left = shown;
    if (sent) shown_left[now_macro] = 1'b0;
    free = ~shown_left & ~written;
    first = macros(first_bias) & (7'h7f << first_macro);
    behind = macros(behind_bias) & ~first;
    if (!go || !(sent_all ? two_ended : one_ended)) first = 7'd0;
    if (!go || !(sent_all ? three_ended : two_ended)) behind = 7'd0;
    show_first = first & free;
    show = (first | behind) & free;
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      burst <= 3'd0;
      shown <= 7'd0;
    end else if (active) begin
      burst <= burst_left;
      shown <= shown_left | show;
    end
  end
endmodule
