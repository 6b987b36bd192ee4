// What the command takes in a cycle: of each of its streams a product, a swap or an end.
module dnnc_operands (
    input logic clk,
    input logic rst,
    input logic active,                 // the array's own registers are clocked
    input logic [123:0] x,              // 4 x x_item_t
    output logic [3:0] room,            // registers
    // the command
    input logic works,
    input logic is_grad,
    input logic is_ones,
    input logic is_halves,
    input logic is_upd,
    input logic b1,
    input logic [1:0] c_split,
    input logic [3:0] mask,             // its streams
    input logic [31:0] c_nb,
    input logic [23:0] row,             // in the registers: 4 x 6 bits, bit 5: none
    // what is taken
    output logic [3:0] macs,
    output logic [3:0] swaps,
    output logic [3:0] taken,           // one of these, or an end
    output logic [63:0] xs,             // 4 x 16 bits
    output logic [19:0] rows,           // 4 x 5 bits, of the accumulators
    output logic [23:0] wrows,          // 4 x 6 bits, of the weights
    output logic half,                  // register: half of a long gradient block under way
    output logic half_next,
    output logic worked,
    output logic ended,                 // the last end of a block, or of its half, was taken
    output logic ended_half,            // ... and belongs to a half
    output logic finish                 // the command has taken everything
);
  logic [3:0] seen, seen_next;          // Ended in State: ends of streams
  logic [5:0] ones, ones_next;
  logic [3:0] some, eos, pops;
  logic [63:0] values;
  logic [23:0] elems;
  logic [27:0] samples;
  logic [6:0] shifted;

  generate
    genvar g;
    for (g = 0; g < 4; g = g + 1) begin : g_fifo
      dnnc_fifo fifo (
          .clk, .rst, .active, .x(x[31*g+:31]), .pop(pops[g]), .some(some[g]), .eos(eos[g]),
          .value(values[16*g+:16]), .elem(elems[6*g+:6]), .sample(samples[7*g+:7]), .room(room[g])
      );
    end
  endgenerate

  // Where they belong.
  always_comb begin
    xs = values;
    wrows = elems;
    rows = '0;
    shifted = '0;
    for (int i = 0; i < 4; i++) begin
      shifted = samples[7*i+:7] >> c_split;
      rows[5*i+:5] = shifted[4:0];
      if (is_upd) wrows[6*i+5] = b1;    // a half of the buffer
    end
    if (is_grad) begin
      rows[4:0] = elems[4:0];
      wrows[5:0] = samples[5:0];
    end
    if (is_ones) begin
      rows[4:0] = 5'd0;
      wrows[5:0] = ones;
      xs[15:0] = 16'd1;
    end
  end

  // What is done with them.
  always_comb begin
    pops = '0;
    macs = '0;
    swaps = '0;
    taken = '0;
    seen_next = seen;
    ones_next = ones;
    worked = 1'b0;
    ended = 1'b0;
    if (works && is_ones) begin
      worked = 1'b1;
      taken[0] = 1'b1;
      if (row[5:0] != 6'd0) swaps[0] = 1'b1;
      else if ({26'd0, ones} < c_nb) begin
        macs[0] = 1'b1;
        ones_next = ones + 6'd1;
      end else begin
        ones_next = '0;
        ended = 1'b1;
      end
    end else if (works) begin
      for (int i = 0; i < 4; i++)
        if (mask[i] && some[i] && !seen[i]) begin
          worked = 1'b1;
          taken[i] = 1'b1;
          pops[i] = 1'b1;
          if (eos[i]) seen_next[i] = 1'b1;
          else if (row[6*i+:6] == {1'b0, rows[5*i+:5]}) macs[i] = 1'b1;
          else begin
            swaps[i] = 1'b1;
            pops[i] = 1'b0;
          end
        end
      if (seen_next == mask) begin
        ended = 1'b1;
        seen_next = '0;
      end
    end
  end
  assign ended_half = ended && is_halves;
  assign half_next = half ^ ended_half;
  assign finish = ended && (!is_halves || half);

  always_ff @(posedge clk)
    if (rst) begin
      seen <= '0;
      ones <= '0;
      half <= 1'b0;
    end else if (worked) begin
      seen <= seen_next;
      ones <= ones_next;
      half <= half_next;
    end
endmodule
