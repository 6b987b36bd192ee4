// The chip: thirteen units, the f' mask memory, and the wires between them (doc.go draws them).
//
// Every output of a unit is a register, so what stands here is wires only, but for four things:
// a burst that was read finds its unit, the oldest bank is hidden in the cycle after its release,
// the DEPC and the EPC share a write port, and the mask memory has an arbiter (mask.sv).
//
// A wire is named after the unit and the port that drive it.
module chip (
    input logic clk,
    input logic rst,
    output logic busy,  // a unit works or waits
    output logic fault  // a unit has stopped
);
  localparam int XREQ = chip_pkg::W_X_REQ_T;

  // Sequencer.

  logic [2:0] seq_status;
  chip_pkg::bus_t bus;
  chip_pkg::scratch_data_t seq_scratch;
  chip_pkg::fault_t seq_fault;
  chip_pkg::seq_ev_t seq_ev;

  // DMA.

  logic [2:0] dma_status;
  chip_pkg::done_t dma_done;
  chip_pkg::fault_t dma_fault;
  chip_pkg::x_read_t dma_x;
  chip_pkg::x_req_t dma_w;
  chip_pkg::enc_req_t dma_enc;
  chip_pkg::scratch_req_t dma_scratch;
  chip_pkg::bias_write_t dma_bias;
  chip_pkg::sign_write_t dma_sign;
  chip_pkg::read_req_t dma_req;
  logic dma_read_room;
  chip_pkg::dma_ev_t dma_ev;

  // Weight loader.

  logic [2:0] wld_status;
  chip_pkg::done_t wld_done;
  chip_pkg::fault_t wld_fault;
  chip_pkg::x_read_t wld_x;
  chip_pkg::read_req_t wld_req;
  chip_pkg::tile_write_t wld_tile;
  chip_pkg::wld_ev_t wld_ev;

  // DNNC.

  logic [2:0] dnnc_status;
  chip_pkg::done_t dnnc_done;
  chip_pkg::fault_t dnnc_fault;
  chip_pkg::stream_req_t dnnc_stream;
  logic [3:0] dnnc_x_room;
  logic [31:0] dnnc_w_freed;
  chip_pkg::bank_head_t dnnc_head;
  logic [16*chip_pkg::W_ACC-1:0] drain_acc_data;
  logic [32*chip_pkg::W_ACC-1:0] mom_acc_data;
  chip_pkg::dnnc_ev_t dnnc_ev;

  // Drain.

  logic [2:0] drain_status;
  chip_pkg::done_t drain_done;
  chip_pkg::fault_t drain_fault;
  logic [31:0] drain_stat;
  logic drain_free;
  chip_pkg::acc_req_t drain_acc;
  chip_pkg::mask_req_t drain_mask;
  chip_pkg::enc_req_t drain_enc;
  chip_pkg::write_req_t drain_write;
  chip_pkg::x_req_t drain_x;
  chip_pkg::drain_ev_t drain_ev;

  // Loss unit.

  logic [2:0] loss_status;
  chip_pkg::done_t loss_done;
  chip_pkg::fault_t loss_fault;
  logic [31:0] loss_stat;
  chip_pkg::read_req_t loss_req;
  logic loss_read_room;
  chip_pkg::write_req_t loss_write;
  chip_pkg::loss_ev_t loss_ev;

  // DEPC and its generator.

  logic [2:0] depc_status;
  chip_pkg::done_t depc_done;
  chip_pkg::fault_t depc_fault;
  logic [31:0] depc_stat;
  chip_pkg::read_req_t depc_req;
  logic depc_read_room;
  chip_pkg::write_req_t depc_write;
  chip_pkg::x_req_t depc_w;
  chip_pkg::mask_req_t depc_mask;
  logic rng_start, rng_take;
  logic [31:0] rng_seed;
  logic [8:0] rng_passes, rng_bits, rng_last;
  logic [chip_pkg::W_BLOCKS-1:0] rng_fills;
  chip_pkg::depc_ev_t depc_ev;

  logic lfsr_full;
  logic [255:0] lfsr_reg;
  logic [2:0] lfsr_status;
  chip_pkg::lfsr_ev_t lfsr_ev;

  // Momentum unit.

  logic [2:0] mom_status;
  chip_pkg::done_t mom_done;
  chip_pkg::fault_t mom_fault;
  logic [31:0] mom_stat;
  chip_pkg::x_read_t mom_read;
  chip_pkg::x_req_t mom_write;
  logic mom_free;
  chip_pkg::acc_req_t mom_acc;
  chip_pkg::upd_write_t mom_upd;
  chip_pkg::momentum_ev_t mom_ev;

  // Normalisation.

  logic [2:0] norm_status;
  chip_pkg::done_t norm_done;
  chip_pkg::fault_t norm_fault;
  logic [31:0] norm_stat;
  chip_pkg::x_read_t norm_read;
  chip_pkg::x_req_t norm_write;
  chip_pkg::norm_ev_t norm_ev;

  // EPC.

  logic [2:0] epc_status;
  chip_pkg::done_t epc_done;
  chip_pkg::fault_t epc_fault;
  logic [31:0] epc_stat;
  chip_pkg::read_req_t epc_req;
  logic epc_read_room;
  chip_pkg::write_req_t epc_write;
  chip_pkg::x_req_t epc_w;
  chip_pkg::mask_req_t epc_mask;
  chip_pkg::x_req_without_data_t epc_x;
  chip_pkg::epc_ev_t epc_ev;

  // OMEM, by its ports: what each is sent or shows.

  logic [2:0] omem_status;
  logic [4*chip_pkg::W_X_ITEM_T-1:0] omem_x;
  logic omem_stream_room;
  logic [1:0] omem_enc_room, omem_enc_idle;
  logic [5*chip_pkg::W_READ_DATA_T-1:0] omem_read_data;
  logic [4:0] omem_req_room;
  logic [3:0] omem_write_room, omem_write_idle;
  chip_pkg::fault_t omem_fault;
  chip_pkg::omem_ev_t omem_ev;
  chip_pkg::read_data_t wld_data, loss_data, depc_data, dma_data, epc_data;

  assign {epc_data, dma_data, depc_data, loss_data, wld_data} = omem_read_data;

  // External memory.

  logic [2:0] xmem_status;
  logic [10*XREQ-1:0] xmem_req;
  logic [2*chip_pkg::W_X_RESP_T-1:0] xmem_resp;
  logic [9:0] xmem_room, xmem_write_idle;
  chip_pkg::xmem_ev_t xmem_ev;
  chip_pkg::x_req_t direct_w;

  // The DEPC and the EPC share a port: one of them works at a time.
  assign direct_w = epc_w.valid ? epc_w : depc_w;
  assign xmem_req = {
    norm_write, direct_w, drain_x, dma_w, mom_write, epc_x, 256'd0, norm_read, 256'd0,
    mom_read, 256'd0, dma_x, 256'd0, wld_x, 256'd0
  };

  // A second burst goes to another unit than the first, which everybody else sees.

  chip_pkg::x_resp_t resp_first, resp_second;
  chip_pkg::x_resp_t resp_wld, resp_dma, resp_mom, resp_norm, resp_epc;
  logic [9:0] takes_second;

  assign {resp_second, resp_first} = xmem_resp;
  assign takes_second = {9'd0, resp_second.valid} << resp_second.port;
  assign resp_wld = takes_second[chip_pkg::XP_WLD] ? resp_second : resp_first;
  assign resp_dma = takes_second[chip_pkg::XP_DMA] ? resp_second : resp_first;
  assign resp_mom = takes_second[chip_pkg::XP_MOM] ? resp_second : resp_first;
  assign resp_norm = takes_second[chip_pkg::XP_NORM] ? resp_second : resp_first;
  assign resp_epc = takes_second[chip_pkg::XP_EPC] ? resp_second : resp_first;

  // In the cycle after a release the DNNC still shows the bank that was released.

  chip_pkg::bank_head_t head;
  assign head = {dnnc_head.valid && !drain_free && !mom_free, dnnc_head.to_mom, dnnc_head.bank};

  // The masks.

  chip_pkg::mask_data_t mask_drain, mask_depc, mask_epc;

  mask mask (
      .clk(clk), .in_drain(drain_mask), .in_depc(depc_mask), .in_epc(epc_mask),
      .out_drain(mask_drain), .out_depc(mask_depc), .out_epc(mask_epc)
  );

  // The units. Commands and their status come by the numbers of units, SEQ's own being 0.

  seq seq (
      .clk(clk), .rst(rst),
      .in_done({epc_done, norm_done, mom_done, depc_done, loss_done, drain_done, dnnc_done,
                wld_done, dma_done, 5'd0}),
      .in_stat({epc_stat, norm_stat, mom_stat, depc_stat, loss_stat, drain_stat, 128'd0}),
      .in_scratch(dma_scratch), .out_status(seq_status), .out_bus(bus), .out_scratch(seq_scratch),
      .out_fault(seq_fault), .ev(seq_ev)
  );

  dma dma (
      .clk(clk), .rst(rst), .in_bus(bus), .in_resp(resp_dma),
      .in_x_room(xmem_room[chip_pkg::XP_DMA]), .in_w_room(xmem_room[chip_pkg::XP_DMA_W]),
      .in_w_idle(xmem_write_idle[chip_pkg::XP_DMA_W]),
      .in_enc_room(omem_enc_room[chip_pkg::EP_DMA]),
      .in_enc_idle(omem_enc_idle[chip_pkg::EP_DMA]), .in_scratch(seq_scratch),
      .in_req_room(omem_req_room[chip_pkg::RP_DMA]), .in_read(dma_data), .out_status(dma_status),
      .out_done(dma_done), .out_fault(dma_fault), .out_x(dma_x), .out_w(dma_w), .out_enc(dma_enc),
      .out_scratch(dma_scratch), .out_bias(dma_bias), .out_sign(dma_sign), .out_req(dma_req),
      .out_read_room(dma_read_room), .ev(dma_ev)
  );

  wld wld (
      .clk(clk), .rst(rst), .in_bus(bus), .in_resp(resp_wld),
      .in_x_room(xmem_room[chip_pkg::XP_WLD]), .in_freed(dnnc_w_freed[15:0]),
      .in_req_room(omem_req_room[chip_pkg::RP_WLD]), .in_read(wld_data), .out_status(wld_status),
      .out_done(wld_done), .out_fault(wld_fault), .out_x(wld_x), .out_req(wld_req),
      .out_tile(wld_tile), .ev(wld_ev)
  );

  dnnc dnnc (
      .clk(clk), .rst(rst), .in_bus(bus), .in_x(omem_x), .in_stream_room(omem_stream_room),
      .in_tile(wld_tile), .in_upd(mom_upd), .in_free_drain(drain_free), .in_free_mom(mom_free),
      .read_drain(drain_acc), .drain_acc(drain_acc_data), .read_mom(mom_acc),
      .mom_acc(mom_acc_data), .out_status(dnnc_status), .out_done(dnnc_done),
      .out_fault(dnnc_fault), .out_stream(dnnc_stream), .out_x_room(dnnc_x_room),
      .out_w_freed(dnnc_w_freed), .out_head(dnnc_head), .ev(dnnc_ev)
  );

  drain drain (
      .clk(clk), .rst(rst), .in_bus(bus), .in_head(head), .in_acc(drain_acc_data),
      .in_mask(mask_drain), .in_bias(dma_bias), .in_enc_room(omem_enc_room[chip_pkg::EP_DRAIN]),
      .in_enc_idle(omem_enc_idle[chip_pkg::EP_DRAIN]),
      .in_write_room(omem_write_room[chip_pkg::WP_DRAIN]),
      .in_write_idle(omem_write_idle[chip_pkg::WP_DRAIN]),
      .in_x_room(xmem_room[chip_pkg::XP_DRAIN_W]),
      .in_x_idle(xmem_write_idle[chip_pkg::XP_DRAIN_W]), .out_status(drain_status),
      .out_done(drain_done), .out_fault(drain_fault), .out_stat(drain_stat), .out_free(drain_free),
      .out_acc(drain_acc), .out_mask(drain_mask), .out_enc(drain_enc), .out_write(drain_write),
      .out_x(drain_x), .ev(drain_ev)
  );

  loss loss (
      .clk(clk), .rst(rst), .in_bus(bus), .in_read(loss_data),
      .in_req_room(omem_req_room[chip_pkg::RP_LOSS]),
      .in_write_room(omem_write_room[chip_pkg::WP_LOSS]),
      .in_write_idle(omem_write_idle[chip_pkg::WP_LOSS]), .out_status(loss_status),
      .out_done(loss_done), .out_fault(loss_fault), .out_stat(loss_stat), .out_req(loss_req),
      .out_read_room(loss_read_room), .out_write(loss_write), .ev(loss_ev)
  );

  depc depc (
      .clk(clk), .rst(rst), .in_bus(bus), .in_read(depc_data),
      .in_req_room(omem_req_room[chip_pkg::RP_DEPC]),
      .in_write_room(omem_write_room[chip_pkg::WP_DEPC]),
      .in_write_idle(omem_write_idle[chip_pkg::WP_DEPC]),
      .in_w_room(xmem_room[chip_pkg::XP_DEPC_W]),
      .in_w_idle(xmem_write_idle[chip_pkg::XP_DEPC_W]), .in_mask(mask_depc),
      .in_rng_full(lfsr_full), .in_rng_reg(lfsr_reg), .in_sign(dma_sign),
      .out_status(depc_status), .out_done(depc_done), .out_fault(depc_fault),
      .out_stat(depc_stat), .out_req(depc_req), .out_read_room(depc_read_room),
      .out_write(depc_write), .out_w(depc_w), .out_mask(depc_mask), .out_rng_start(rng_start),
      .out_rng_seed(rng_seed), .out_rng_passes(rng_passes), .out_rng_bits(rng_bits),
      .out_rng_last(rng_last), .out_rng_fills(rng_fills), .out_rng_take(rng_take), .ev(depc_ev)
  );

  momentum momentum (
      .clk(clk), .rst(rst), .in_bus(bus), .in_resp(resp_mom),
      .in_read_room(xmem_room[chip_pkg::XP_MOM]), .in_write_room(xmem_room[chip_pkg::XP_MOM_W]),
      .in_write_idle(xmem_write_idle[chip_pkg::XP_MOM_W]), .in_head(head),
      .in_freed(dnnc_w_freed[31:16]), .in_acc(mom_acc_data), .out_status(mom_status),
      .out_done(mom_done), .out_fault(mom_fault), .out_stat(mom_stat), .out_read(mom_read),
      .out_write(mom_write), .out_free(mom_free), .out_acc(mom_acc), .out_upd(mom_upd), .ev(mom_ev)
  );

  norm norm (
      .clk(clk), .rst(rst), .in_bus(bus), .in_resp(resp_norm),
      .in_read_room(xmem_room[chip_pkg::XP_NORM]), .in_write_room(xmem_room[chip_pkg::XP_NORM_W]),
      .in_write_idle(xmem_write_idle[chip_pkg::XP_NORM_W]), .out_status(norm_status),
      .out_done(norm_done), .out_fault(norm_fault), .out_stat(norm_stat), .out_read(norm_read),
      .out_write(norm_write), .ev(norm_ev)
  );

  epc epc (
      .clk(clk), .rst(rst), .in_bus(bus), .in_read(epc_data),
      .in_req_room(omem_req_room[chip_pkg::RP_EPC]),
      .in_write_room(omem_write_room[chip_pkg::WP_EPC]),
      .in_write_idle(omem_write_idle[chip_pkg::WP_EPC]),
      .in_w_room(xmem_room[chip_pkg::XP_DEPC_W]),
      .in_w_idle(xmem_write_idle[chip_pkg::XP_DEPC_W]), .in_mask(mask_epc), .in_resp(resp_epc),
      .in_x_room(xmem_room[chip_pkg::XP_EPC]), .out_status(epc_status), .out_done(epc_done),
      .out_fault(epc_fault), .out_stat(epc_stat), .out_req(epc_req),
      .out_read_room(epc_read_room), .out_write(epc_write), .out_w(epc_w), .out_mask(epc_mask),
      .out_x(epc_x), .ev(epc_ev)
  );

  lfsr lfsr (
      .clk(clk), .rst(rst), .in_start(rng_start), .in_seed(rng_seed), .in_passes(rng_passes),
      .in_bits(rng_bits), .in_last(rng_last), .in_fills(32'(rng_fills)), .in_take(rng_take),
      .out_full(lfsr_full), .out_reg(lfsr_reg), .out_status(lfsr_status), .ev(lfsr_ev)
  );

  omem omem (
      .clk(clk), .rst(rst), .in_stream(dnnc_stream), .in_x_room(dnnc_x_room),
      .in_enc({dma_enc, drain_enc}), .in_read({epc_req, dma_req, depc_req, loss_req, wld_req}),
      // The loader takes whatever comes.
      .in_read_room({epc_read_room, dma_read_room, depc_read_room, loss_read_room, 1'b1}),
      .in_write({epc_write, depc_write, loss_write, drain_write}), .out_status(omem_status),
      .out_x(omem_x), .out_stream_room(omem_stream_room), .out_enc_room(omem_enc_room),
      .out_enc_idle(omem_enc_idle), .out_read_data(omem_read_data), .out_req_room(omem_req_room),
      .out_write_room(omem_write_room), .out_write_idle(omem_write_idle), .out_fault(omem_fault),
      .ev(omem_ev)
  );

  xmem xmem (
      .clk(clk), .rst(rst), .in_req(xmem_req), .out_resp(xmem_resp), .out_room(xmem_room),
      .out_write_idle(xmem_write_idle), .out_status(xmem_status), .ev(xmem_ev)
  );

  assign busy = {seq_status, dma_status, wld_status, dnnc_status, drain_status, loss_status,
                 depc_status, mom_status, norm_status, epc_status, lfsr_status, omem_status,
                 xmem_status} != '0;
  assign fault = {seq_fault.code, dma_fault.code, wld_fault.code, dnnc_fault.code,
                  drain_fault.code, loss_fault.code, depc_fault.code, mom_fault.code,
                  norm_fault.code, epc_fault.code, omem_fault.code} != '0;
endmodule
