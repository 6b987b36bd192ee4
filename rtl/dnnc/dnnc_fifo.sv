// The non-zeros of one stream on their way into the array: eight places.
module dnnc_fifo (
    input logic clk,
    input logic rst,
    input logic active,                 // the array's own registers are clocked
    input chip_pkg::x_item_t x,
    input logic pop,
    output logic some,                  // there is a first item
    output logic eos,                   // the first item is the end of the stream
    output logic [15:0] value,
    output logic [5:0] elem,
    output logic [6:0] sample,
    output logic room                   // register: the places of two more items are free
);
  logic [29:0] items[0:7];
  logic [2:0] head;
  logic [3:0] n, n_next;
  logic [2:0] tail;

  assign some = n != 4'd0;
  assign {eos, value, elem, sample} = items[head];
  assign tail = head + n[2:0];
  assign n_next = n + {3'd0, x.valid} - {3'd0, pop};

  always_ff @(posedge clk) begin
    if (x.valid) items[tail] <= {x.eos, x.x, x.elem, x.sample};
    if (rst) begin
      head <= 3'd0;
      n <= 4'd0;
      room <= 1'b1;
    end else if (active) begin
      if (pop) head <= head + 3'd1;
      n <= n_next;
      room <= n_next <= 4'd6;
    end
  end
endmodule
