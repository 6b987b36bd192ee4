// The next group of a map: up to 16 elements of a pixel, from the oldest burst or across its end,
// with its place in the pixel's blocks.
module dma_group (
    input logic wide,              // elements are int16; otherwise bytes
    input logic [31:0] pixel,      // elements that are cut into blocks of their own
    input logic [20:0] elem,       // elements of the pixel sent
    input logic [20:0] left,       // elements of the row not yet sent
    input logic [4:0] at,          // byte of the oldest burst where the group begins
    input logic [511:0] bursts,    // the two oldest
    output logic [255:0] data,
    output logic across,           // it ends in the second one
    output logic [1:0] group,      // its place in the block
    output logic last,             // of the block
    output logic ends_pixel,
    output logic ends_row,
    output logic [20:0] next_elem,
    output logic [20:0] next_left,
    output logic [4:0] next_at,
    output logic [1:0] drops       // bursts that are used up
);
  logic [20:0] rest, size, more;
  logic [4:0] count;
  logic [5:0] stop;
  logic [127:0] bytes;

  // The last pixel of a row may be shorter.
  assign rest = elem + left;
  assign size = pixel < 32'(rest) ? pixel[20:0] : rest;
  assign more = size - elem;
  assign count = more < 21'd16 ? more[4:0] : 5'd16;
  assign stop = {1'b0, at} + (wide ? {count, 1'b0} : {1'b0, count});
  assign across = stop > 6'd32;

  assign group = elem[5:4];
  assign ends_pixel = more == 21'(count);
  assign last = group == 2'd3 || ends_pixel;
  assign ends_row = left == 21'(count);
  assign next_elem = ends_row || ends_pixel ? 21'd0 : elem + 21'(count);
  assign next_left = left - 21'(count);
  assign next_at = ends_row ? 5'd0 : stop[4:0];
  // A row ends with the burst that its last element lies in.
  assign drops = ends_row ? (across ? 2'd2 : 2'd1) : {1'b0, stop[5]};

  // Groups of int16 are whole bursts, but for the last one of a row.
  assign bytes = bursts[8*at+:128];
  always_comb begin
    data = '0;
    for (int i = 0; i < 16; i++) begin
      if (5'(i) < count) data[16*i+:16] = wide ? bursts[16*i+:16] : {8'd0, bytes[8*i+:8]};
    end
  end
endmodule
