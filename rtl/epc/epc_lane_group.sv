// Sixteen lanes: each multiplies the error that all share with a weight of its neuron and adds the
// product to the sum of its neuron and the present sample.
//
// P holds the sums of 32 samples, with a read and a write in a cycle: a swap writes those in the
// lanes back and reads others. EPCW holds two tiles of 64 errors, with a read of one and a write of
// the other in a cycle.
module epc_lane_group #(
    parameter int SUM = 48
) (
    input logic clk,
    input logic rst,
    input logic swap,
    input logic put_row,                // the row in the lanes goes back
    input logic moves,                  // the lanes do not stand still
    input logic mac,
    input logic active,                 // the group exists in this tile
    input logic [4:0] row,              // sample whose sums are in the lanes
    input logic [4:0] read_row,         // of a swap, or of what is rounded
    input logic touched,                // there are sums of that sample
    input logic [15:0] mask_next,       // f' of that sample
    input logic [15:0] x,
    input logic buf_,
    input logic [5:0] error,
    input logic fill,                   // 16 weights of an error come
    input logic fill_buf,
    input logic [5:0] fill_error,
    input logic [255:0] column,
    output logic [16*SUM-1:0] read_sums,
    output logic [4:0] working          // lanes whose f' is 1
);
  localparam int PRODUCTS = chip_pkg::N_EPC_PRODUCTS;

  logic [16*SUM-1:0] partial[0:31];
  logic [255:0] tiles[0:127];
  logic [15:0] mask;
  logic [16*SUM-1:0] sums;

  logic [16*SUM-1:0] sums_next;
  logic [255:0] w;
  logic [511:0] formed, products;
  logic adds;

  assign read_sums = touched ? partial[read_row] : '0;
  assign w = tiles[{buf_, error}];
  always_comb begin
    working = 5'd0;
    for (int i = 0; i < 16; i++) working = working + 5'(mask[i] && active);
    for (int i = 0; i < 16; i++) begin
      formed[32*i+:32] = 32'($signed(x)) * 32'($signed(w[16*i+:16]));
      sums_next[SUM*i+:SUM] = sums[SUM*i+:SUM];
      if (adds && mask[i] && active) begin
        sums_next[SUM*i+:SUM] = sums[SUM*i+:SUM] + SUM'($signed(products[32*i+:32]));
      end
    end
  end

  generate
    if (PRODUCTS != 0) begin : registers
      logic valid;
      assign adds = valid;
      always_ff @(posedge clk) begin
        if (rst) valid <= 1'b0;
        else if (moves) valid <= mac;
        for (int i = 0; i < 16; i++) begin
          if (mac && mask[i] && active) products[32*i+:32] <= formed[32*i+:32];
        end
      end
    end else begin : wires
      assign adds = mac;
      assign products = formed;
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (put_row) partial[row] <= sums_next;
    if (swap) begin
      sums <= read_sums;
      if (active) mask <= mask_next;
    end else if (adds && moves) begin
      sums <= sums_next;
    end
    if (fill) tiles[{fill_buf, fill_error}] <= column;
  end
endmodule
