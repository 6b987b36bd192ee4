// Sixteen lanes of the array: their weights, their accumulators, and a multiplier and an adder
// each.
//
// A macro of weights holds a buffer, a macro of accumulators a bank. Each has one port. A read
// takes its address from a register of the pipeline, which stands for the address latch of the
// macro; so its access begins with the edge that loads that register, as a write's does with
// the edge at the end of its cycle. A swap writes the old row one edge after it has asked for
// the new one.
module dnnc_slice (
    input logic clk,
    // weights from the loader, and from the momentum unit to buffer 1
    input logic tile,
    input logic tile_buf,
    input logic [5:0] tile_row,
    input logic [255:0] tile_data,
    input logic upd,
    input logic [5:0] upd_row,
    input logic [255:0] upd_data,
    // stage 1: weights are fetched
    input logic fetch,
    input logic [6:0] fetch_at,         // buffer, row
    // stage 2: they are multiplied
    input logic multiply,
    input logic [15:0] x,
    // last stage: sums
    input logic add,
    input logic load,                   // another row comes into the registers
    input logic have,                   // it holds something: it is read; otherwise it is zero
    input logic [chip_pkg::W_BANK+4:0] load_at,
    input logic store,                  // the row in the registers is written
    input logic [chip_pkg::W_BANK+4:0] store_at,
    // the owners of banks that wait
    input logic drain,
    input logic [chip_pkg::W_BANK+4:0] drain_at,
    output logic [16*chip_pkg::W_ACC-1:0] drain_acc,
    input logic mom,
    input logic [chip_pkg::W_BANK+4:0] mom_at,
    output logic [16*chip_pkg::W_ACC-1:0] mom_acc
);
  localparam int W = chip_pkg::W_ACC;
  localparam int ROWS = 32 * chip_pkg::N_BANKS;

  // One port each.
  logic [255:0] wmem0[0:63];
  logic [255:0] wmem1[0:63];
  // One port for each 32 rows: those of the array or, while the bank waits, of its owner.
  logic [16*W-1:0] acc[0:ROWS-1];

`ifndef SYNTHESIS
  initial begin
    for (int i = 0; i < 64; i++) wmem0[i] = '0;
    for (int i = 0; i < 64; i++) wmem1[i] = '0;
    for (int i = 0; i < ROWS; i++) acc[i] = '0;
  end
`endif

  logic [255:0] w;                      // weight registers
  logic [16*W-1:0] sum;                 // row registers
  logic [511:0] product;
  logic [16*W-1:0] next;

  assign drain_acc = drain ? acc[drain_at] : '0;
  assign mom_acc = mom ? acc[mom_at] : '0;

  always_ff @(posedge clk) begin
    if (tile && !tile_buf) wmem0[tile_row] <= tile_data;
    if (upd) wmem1[upd_row] <= upd_data;
    else if (tile && tile_buf) wmem1[tile_row] <= tile_data;
    if (fetch) w <= fetch_at[6] ? wmem1[fetch_at[5:0]] : wmem0[fetch_at[5:0]];
    if (store) acc[store_at] <= sum;
    if (load) sum <= have ? acc[load_at] : '0;
    else if (add) sum <= next;
  end

  generate
    if (chip_pkg::N_PRODUCT_REGISTERS != 0) begin : g_registered
      always_ff @(posedge clk)
        if (multiply)
          for (int l = 0; l < 16; l++)
            product[32*l+:32] <= 32'($signed(x)) * 32'($signed(w[16*l+:16]));
    end else begin : g_direct
      always_comb begin
        product = '0;
        if (multiply)
          for (int l = 0; l < 16; l++)
            product[32*l+:32] = 32'($signed(x)) * 32'($signed(w[16*l+:16]));
      end
    end
  endgenerate

  // Sums are modulo 2^W.
  logic [63:0] wide;
  always_comb begin
    next = sum;
    wide = '0;
    if (add)
      for (int l = 0; l < 16; l++) begin
        wide = {{32{product[32*l+31]}}, product[32*l+:32]};
        next[W*l+:W] = sum[W*l+:W] + wide[W-1:0];
      end
  end
endmodule
