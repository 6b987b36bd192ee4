// The lanes of the array and the pipeline that brings them operands:
//
//   issue      a product, a swap or an end leaves its FIFO, with the address of its weights
//   stage 1    the weights are fetched
//   stage 2    products; without product registers also the sums
//   stage 3    with product registers: the sums
//
// A stream has L >> split lanes side by side. Each quarter of the lanes, a core, so belongs to one
// stream, and operands stand once a stream, not once a core.
module dnnc_array (
    input logic clk,
    input logic rst,
    // what the streams issue
    input logic [11:0] kinds,           // 4 x 3 bits, see below
    input logic [63:0] xs,              // 4 x 16 bits
    input logic [19:0] rows,            // 4 x 5 bits: the accumulator row of a swap
    input logic [23:0] wrows,           // 4 x 6 bits
    input logic wbuf,
    input logic [chip_pkg::W_BANK-1:0] bank,
    input logic [1:0] split,
    input logic [6:0] groups,
    // weights that come
    input logic tile_valid,
    input chip_pkg::tile_write_t tile,
    input logic upd_valid,
    input chip_pkg::upd_write_t upd,
    // banks that wait
    input logic [128*chip_pkg::N_BANKS-1:0] touched, // rows in use, by bank and stream
    input logic [2*chip_pkg::N_BANKS-1:0] bank_split,
    input logic [7*chip_pkg::N_BANKS-1:0] bank_groups,
    input chip_pkg::acc_req_t read_drain,
    output logic [16*chip_pkg::W_ACC-1:0] drain_acc,
    input chip_pkg::acc_req_t read_mom,
    output logic [32*chip_pkg::W_ACC-1:0] mom_acc
);
  localparam int SLICES = chip_pkg::N_LANES / 16;
  localparam int WB = chip_pkg::W_BANK;
  localparam int WA = 16 * chip_pkg::W_ACC;

  // A kind of operand: a product, or an end (the row in the registers is written), or a swap with
  // bits that tell whether the new row is read and whether the old one is written.
  localparam logic [2:0] MAC = 3'd1;
  localparam logic [2:0] LEAVE = 3'd2;

  // Stages. What all streams share is that of the command which issued.
  logic [11:0] kinds1, kinds2, kinds3;
  logic [63:0] x1, x2;
  logic [19:0] rows1, rows2, rows3;
  logic [23:0] wrows1;
  logic wbuf1;
  logic [WB-1:0] bank1, bank2, bank3;
  logic [1:0] split1, split2, split3;
  logic [6:0] groups1, groups2, groups3;

  // The row registers: what they hold.
  logic [19:0] held_rows;
  logic [WB-1:0] held_bank;
  logic [1:0] held_split;
  logic [6:0] held_groups;

  always_ff @(posedge clk) begin
    if (rst) begin
      kinds1 <= '0;
      kinds2 <= '0;
    end else begin
      kinds1 <= kinds;
      kinds2 <= kinds1;
    end
    for (int i = 0; i < 4; i++) begin
      if (kinds[3*i+:3] != 3'd0) begin
        x1[16*i+:16] <= xs[16*i+:16];
        rows1[5*i+:5] <= rows[5*i+:5];
        wrows1[6*i+:6] <= wrows[6*i+:6];
      end
      if (kinds1[3*i+:3] != 3'd0) begin
        x2[16*i+:16] <= x1[16*i+:16];
        rows2[5*i+:5] <= rows1[5*i+:5];
      end
    end
    if (kinds != '0) begin
      wbuf1 <= wbuf;
      bank1 <= bank;
      split1 <= split;
      groups1 <= groups;
    end
    if (kinds1 != '0) begin
      bank2 <= bank1;
      split2 <= split1;
      groups2 <= groups1;
    end
    for (int i = 0; i < 4; i++) if (kinds3[3*i+2]) held_rows[5*i+:5] <= rows3[5*i+:5];
    for (int i = 0; i < 4; i++)
      if (kinds3[3*i+2]) begin
        held_bank <= bank3;
        held_split <= split3;
        held_groups <= groups3;
      end
  end

  generate
    if (chip_pkg::N_PRODUCT_REGISTERS != 0) begin : g_registered
      always_ff @(posedge clk) begin
        if (rst) kinds3 <= '0;
        else kinds3 <= kinds2;
        if (kinds2 != '0) begin
          rows3 <= rows2;
          bank3 <= bank2;
          split3 <= split2;
          groups3 <= groups2;
        end
      end
    end else begin : g_direct
      assign kinds3 = kinds2;
      assign rows3 = rows2;
      assign bank3 = bank2;
      assign split3 = split2;
      assign groups3 = groups2;
    end
  endgenerate

  // The stream that core c belongs to.
  function automatic logic [1:0] stream(input logic [1:0] s, input int c);
    begin
      stream = s == 2'd0 ? 2'd0 : s == 2'd1 ? {1'b0, c[1]} : c[1:0];
    end
  endfunction

  // The place of slice s among the groups of its stream.
  function automatic logic [6:0] place(input logic [6:0] at, input logic [1:0] p);
    begin
      place = p == 2'd0 ? at : p == 2'd1 ? at & 7'(SLICES / 2 - 1) : at & 7'(SLICES / 4 - 1);
    end
  endfunction

  // What the cores are told in each stage.
  logic [3:0] fetch, multiply, add, load, have, store;
  logic [27:0] fetch_at;                // 4 x 7 bits
  logic [63:0] x;
  logic [4*(WB+5)-1:0] load_at, store_at, drain_at, mom_at;
  logic [3:0] drain_holds, mom_holds;   // the row that is read holds something
  logic [WB+6:0] drain_bits, mom_bits;
  // What does not belong to the sums reads as zero: idle lanes, and rows that met no operand.
  logic [1:0] drain_split, mom_split;
  logic [6:0] drain_groups, mom_groups;
  assign drain_split = bank_split[2*read_drain.bank+:2];
  assign mom_split = bank_split[2*read_mom.bank+:2];
  assign drain_groups = bank_groups[7*read_drain.bank+:7];
  assign mom_groups = bank_groups[7*read_mom.bank+:7];

  always_comb begin
    for (int c = 0; c < 4; c++) begin
      fetch[c] = kinds1[3*stream(split1, c)+:3] == MAC;
      fetch_at[7*c+:7] = {wbuf1, wrows1[6*stream(split1, c)+:6]};
      multiply[c] = kinds2[3*stream(split2, c)+:3] == MAC;
      x[16*c+:16] = x2[16*stream(split2, c)+:16];
      add[c] = kinds3[3*stream(split3, c)+:3] == MAC;
      load[c] = kinds3[3*stream(split3, c)+2];
      have[c] = kinds3[3*stream(split3, c)+1];
      load_at[(WB+5)*c+:WB+5] = {bank3, rows3[5*stream(split3, c)+:5]};
      store[c] = kinds3[3*stream(held_split, c)+2] ? kinds3[3*stream(held_split, c)]
               : kinds3[3*stream(held_split, c)+:3] == LEAVE;
      store_at[(WB+5)*c+:WB+5] = {held_bank, held_rows[5*stream(held_split, c)+:5]};
      drain_at[(WB+5)*c+:WB+5] = {read_drain.bank, read_drain.row};
      mom_at[(WB+5)*c+:WB+5] = {read_mom.bank, read_mom.row};
      drain_bits = {read_drain.bank, stream(drain_split, c), read_drain.row};
      mom_bits = {read_mom.bank, stream(mom_split, c), read_mom.row};
      drain_holds[c] = read_drain.valid && touched[drain_bits];
      mom_holds[c] = read_mom.valid && touched[mom_bits];
    end
  end

  logic [WA*SLICES-1:0] drain_all, mom_all;
  genvar s;
  generate
    for (s = 0; s < SLICES; s = s + 1) begin : g_slice
      localparam int C = 4 * s / SLICES;
      dnnc_slice slice (
          .clk,
          .tile(tile_valid && place(7'(s), tile.split) == 7'(tile.group)),
          .tile_buf(tile.buf_),
          .tile_row(tile.row),
          .tile_data(tile.data),
          .upd(upd_valid && place(7'(s), upd.split) == 7'(upd.group)),
          .upd_row({upd.buf_, upd.row[4:0]}),
          .upd_data(upd.data),
          .fetch(fetch[C] && place(7'(s), split1) < groups1),
          .fetch_at(fetch_at[7*C+:7]),
          .multiply(multiply[C] && place(7'(s), split2) < groups2),
          .x(x[16*C+:16]),
          .add(add[C] && place(7'(s), split3) < groups3),
          .load(load[C] && place(7'(s), split3) < groups3),
          .have(have[C]),
          .load_at(load_at[(WB+5)*C+:WB+5]),
          .store(store[C] && place(7'(s), held_split) < held_groups),
          .store_at(store_at[(WB+5)*C+:WB+5]),
          .drain(drain_holds[C] && 7'(read_drain.group) == 7'(s)
                 && place(7'(s), drain_split) < drain_groups),
          .drain_at(drain_at[(WB+5)*C+:WB+5]),
          .drain_acc(drain_all[WA*s+:WA]),
          .mom(mom_holds[C]
               && (7'(read_mom.group) == 7'(s) || 7'(read_mom.group) + 7'd1 == 7'(s))
               && place(7'(s), mom_split) < mom_groups),
          .mom_at(mom_at[(WB+5)*C+:WB+5]),
          .mom_acc(mom_all[WA*s+:WA])
      );
    end
  endgenerate

  // Slices that are not asked drive zero.
  always_comb begin
    drain_acc = '0;
    mom_acc = '0;
    if (read_drain.valid)
      for (int i = 0; i < SLICES; i++) drain_acc |= drain_all[WA*i+:WA];
    if (read_mom.valid)
      for (int i = 0; i < SLICES; i++)
        if (7'(read_mom.group) == 7'(i)) mom_acc[WA-1:0] = mom_all[WA*i+:WA];
        else mom_acc[2*WA-1:WA] |= mom_all[WA*i+:WA];
  end
endmodule
