// The momentum unit (doc.go). Chunks of 32 lanes go through a ring of places: mom_fetch opens them
// and asks for their bursts, which land in `fetched`; part after part is read from there, goes
// through mom_lanes into `results`, and is shown and sent from there.
module momentum (
    input logic clk,
    input logic rst,
    input chip_pkg::bus_t in_bus,
    input chip_pkg::x_resp_t in_resp,
    input logic in_read_room,
    input logic in_write_room,
    input logic in_write_idle,
    input chip_pkg::bank_head_t in_head,
    input logic [15:0] in_freed, // 2 x 8 bits
    input logic [32*chip_pkg::W_ACC-1:0] in_acc, // 32 sums
    output logic [2:0] out_status,
    output chip_pkg::done_t out_done,
    output chip_pkg::fault_t out_fault,
    output logic [31:0] out_stat,
    output chip_pkg::x_read_t out_read,
    output chip_pkg::x_req_t out_write,
    output logic out_free,
    output chip_pkg::acc_req_t out_acc,
    output chip_pkg::upd_write_t out_upd,
    output chip_pkg::momentum_ev_t ev
);
  localparam int L = chip_pkg::MOMENTUM_LANES;
  localparam int CHUNKS = chip_pkg::MOMENTUM_CHUNKS;
  localparam int STAGES = chip_pkg::N_MOM_STAGES;
  localparam int WRITE = chip_pkg::N_MOM_WRITE;
  localparam int W = chip_pkg::W_CMD_T;
  localparam int W_PLACE = $clog2(CHUNKS);
  localparam int W_COUNT = $clog2(CHUNKS + 1);
  localparam int W_CHUNK = 76 + chip_pkg::W_GROUP;
  localparam int W_PART = W_PLACE + 8;

  typedef struct packed {
    logic [1:0] slot;                      // place of its command in the queue
    logic [4:0] row;                       // of the accumulators
    logic [chip_pkg::W_GROUP-1:0] group;   // its first group of 16 lanes
    logic bias;
    logic first;                           // of a half-block: takes new starts
    logic alone;                           // the row has no other chunk
    logic end_half;                        // last that reads its bank
    logic end_cmd;
    logic [31:0] w_addr;
    logic [31:0] v_addr;
  } chunk_t;

  typedef struct packed {
    logic [W_PLACE-1:0] chunk;
    logic [1:0] index;                     // of the parts of its chunk
    logic [5:0] n;                         // lanes that exist
  } part_t;

  function automatic logic [W_PLACE-1:0] after(input logic [W_PLACE-1:0] place);
    begin
      after = 32'(place) == CHUNKS - 1 ? '0 : place + 1'b1;
    end
  endfunction

  function automatic logic [W_COUNT-1:0] one(input logic a);
    begin
      one = {{(W_COUNT - 1) {1'b0}}, a};
    end
  endfunction

  // Commands.

  logic got_param, got_cmd, got_get, go, pop, active;
  logic [2:0] n;
  logic [1:0] head;
  logic [4*W-1:0] cmds;
  logic [2:0] check_cmd;
  logic [7:0] check_wait;
  logic checking, bad;
  chip_pkg::fault_t fault;

  front #(.UNIT(chip_pkg::UNIT_MOM)) front (
      .clk(clk), .rst(rst), .bus(in_bus), .pop(pop), .got_param(got_param), .got_cmd(got_cmd),
      .got_get(got_get), .n(n), .head(head), .cmds(cmds)
  );
  assign go = n != 3'd0 && out_fault.code == chip_pkg::F_NONE;

  mom_check check (
      .clk(clk), .rst(rst), .active(active), .go(go), .pop(pop), .n(n), .head(head), .cmds(cmds),
      .check_cmd(check_cmd), .check_wait(check_wait), .checking(checking), .bad(bad),
      .fault(fault)
  );

  // The ring of chunks.

  logic [W_CHUNK-1:0] ring[0:CHUNKS-1];
  logic [W_PLACE-1:0] alloc, recv, work, send;
  logic [W_COUNT-1:0] used, to_work, ready, ended;
  logic [2:0] got;
  logic [1:0] next;
  logic retire, settle;
  logic [15:0] filled;
  part_t asked;
  logic asked_valid;
  logic [W_PART-1:0] stages[0:STAGES-1];
  logic [STAGES-1:0] stages_valid;

  logic fetching, opening, fetched_all, sent, sent_all, lands, landed_all, asks, asked_all;
  logic writes, ended_one;
  logic [31:0] fetch_addr;
  logic [W_CHUNK-1:0] opened;

  // Reading ahead. A place that is left in this cycle is free.

  mom_fetch fetch (
      .clk(clk), .rst(rst), .active(active), .go(go), .pop(pop), .room(in_read_room),
      .full(32'(used) - 32'(sent_all) == CHUNKS), .checked(check_cmd), .waits(check_wait),
      .head(head), .cmds(cmds), .chunk(ring[alloc]), .read(fetching), .addr(fetch_addr),
      .open(opening), .opened(opened), .next_place(fetched_all)
  );

  // Answers.

  chunk_t at_recv;
  logic [2:0] recv_macro;
  logic [6:0] landing;

  assign at_recv = ring[recv];
  assign lands = go && in_resp.valid && in_resp.port == chip_pkg::XP_MOM;
  assign recv_macro = !at_recv.bias && got >= 3'd2 ? got + 3'd2 : got;
  assign landing = lands ? 7'd1 << recv_macro : 7'd0;
  assign landed_all = lands && got == (at_recv.bias ? 3'd6 : 3'd4);

  // The part that is asked for next, and what it waits for.

  chunk_t at_work;
  chip_pkg::cmd_t work_cmd;
  logic [1:0] work_age;
  logic [10:0] work_first, work_left;
  part_t ask;
  logic start, fills, paced, half, seeded, no_half;
  logic [27:0] ask_pieces;
  logic [6:0] ask_macros;
  logic [2:0] status;

  assign at_work = ring[work];
  assign work_age = at_work.slot - head;
  assign work_cmd = cmds[W*work_age+:W];
  assign work_first = 11'({at_work.group, 4'd0}) + 11'(32'(next) * L);
  assign work_left = work_cmd.p[32*chip_pkg::P_MOM_LANES+:11] - work_first;
  always_comb begin
    ask.chunk = work;
    ask.index = next;
    if (work_cmd.p[32*chip_pkg::P_MOM_LANES+:11] <= work_first) ask.n = 6'd0;
    else ask.n = 32'(work_left) > L ? 6'(L) : work_left[5:0];
  end
  mom_touch touch_ask (
      .bias(at_work.bias), .index(next), .pieces(ask_pieces), .macros(ask_macros)
  );

  assign start = at_work.first && next == 2'd0;
  assign half = work_cmd.flags[0];
  assign fills = start && at_work.group == '0 && chip_pkg::FUSED != 0 &&
      (work_cmd.flags & chip_pkg::FLAG_UPD) != 16'd0;
  // WMEM takes one group of 16 weights a cycle.
  assign paced = L == 32 && asked_valid && (work_cmd.flags & chip_pkg::FLAG_UPD) != 16'd0;
  assign no_half = fills && filled[8*half+:8] != in_freed[8*half+:8];
  always_comb begin
    asks = 1'b0;
    status = chip_pkg::ST_BUSY;
    if (to_work == '0) status = chip_pkg::ST_WAIT_MEMORY;
    else if (!in_head.valid || !in_head.to_mom) status = chip_pkg::ST_WAIT_OPERAND;
    else if (ready == '0) status = chip_pkg::ST_WAIT_MEMORY;
    else if (start && !at_work.bias && !seeded || paced) status = chip_pkg::ST_BUSY;
    else if (no_half) status = chip_pkg::ST_WAIT_WEIGHT;
    else if ((ask_macros & landing) != 7'd0) status = chip_pkg::ST_WAIT_MEMORY;
    else asks = go;
  end
  assign asked_all = asks && 32'(next) == 32 / L - 1;

  // The part at the memories' outputs, and its random words.

  chunk_t at_front;
  chip_pkg::cmd_t front_cmd;
  logic [1:0] front_age;
  logic [31:0] front_before;  // lanes before its block
  logic seeder_moved, seeder_enter, seeder_leave;
  logic [4:0] drawn, lfsr_clocked;
  logic [16*L-1:0] words;

  assign at_front = ring[asked.chunk];
  assign front_age = at_front.slot - head;
  assign front_cmd = cmds[W*front_age+:W];
  assign front_before = 32'(at_front.group) >> 2 << 6;
  mom_random random (
      .clk(clk), .rst(rst), .active(active), .go(go), .pop(pop), .checked(check_cmd), .cmds(cmds),
      .draw(go && asked_valid && !at_front.bias), .start(at_front.first && asked.index == 2'd0),
      .alone(at_front.alone), .index(asked.index),
      .left(front_cmd.p[32*chip_pkg::P_MOM_LANES+:11] - front_before[10:0]),
      .words(words), .ready(seeded), .moved(seeder_moved), .enter(seeder_enter),
      .leave(seeder_leave), .drawn(drawn), .clocked(lfsr_clocked)
  );

  // The lanes. Parts before each register on the way, the last one before the status registers.

  logic [STAGES:0] valids;
  logic [7*256-1:0] fetched_q, results_q;
  logic [32*L-1:0] w_new;
  logic [24*L-1:0] v_new;
  logic [L-1:0] clip_w, clip_v;
  part_t result;
  chunk_t at_result;
  chip_pkg::cmd_t result_cmd;
  logic [1:0] result_age;
  logic [27:0] result_pieces;
  logic [6:0] result_macros;
  logic [7*256-1:0] result_data;

  assign valids = go ? {stages_valid, asked_valid} : '0;
  mom_lanes lanes (
      .clk(clk), .valid(valids[WRITE:0]), .c(front_cmd), .bias(at_front.bias),
      .index(asked.index), .n(asked.n), .fetched(fetched_q), .acc(in_acc), .words(words),
      .w(w_new), .v(v_new), .clip_w(clip_w), .clip_v(clip_v)
  );

  generate
    if (WRITE == 0) begin : gen_uncut
      assign result = asked;
    end else begin : gen_cut
      assign result = stages[WRITE-1];
    end
  endgenerate
  assign writes = valids[WRITE];
  assign ended_one = writes && 32'(result.index) == 32 / L - 1;
  assign at_result = ring[result.chunk];
  assign result_age = at_result.slot - head;
  assign result_cmd = cmds[W*result_age+:W];
  mom_touch touch_result (
      .bias(at_result.bias), .index(result.index), .pieces(result_pieces), .macros(result_macros)
  );
  always_comb begin
    for (int i = 0; i < 32; i++) begin
      result_data[16*i+:16] = w_new[32*(i%L)+:16];
      result_data[512+16*i+:16] = 16'd0;
      result_data[1024+24*i+:24] = v_new[24*(i%L)+:24];
    end
    if (at_result.bias) begin
      for (int i = 0; i < 32; i++) result_data[32*i+:32] = w_new[32*(i%L)+:32];
    end
  end

  mom_status status_registers (
      .clk(clk), .rst(rst), .valid(valids[STAGES:WRITE]), .bias(at_result.bias), .n(result.n),
      .w(w_new), .v(v_new), .clip_w(clip_w), .clip_v(clip_v), .get(got_get),
      .index(in_bus.index[1:0]), .out_stat(out_stat)
  );

  logic [1:0] upd_clocked;
  generate
    if (chip_pkg::FUSED == 0) begin : gen_no_upd
      assign out_upd = '0;
      assign upd_clocked = 2'd0;
    end else begin : gen_upd
      mom_upd upd (
          .clk(clk), .rst(rst), .active(active), .go(go), .valid(writes), .c(result_cmd),
          .row(at_result.row), .group(at_result.group), .end_cmd(at_result.end_cmd),
          .index(result.index), .w(w_new), .out_upd(out_upd), .clocked(upd_clocked)
      );
    end
  endgenerate

  // Sending.

  logic [6:0] show, show_first;
  logic end_cmd;
  logic [31:0] send_addr;
  logic [255:0] send_data;
  logic [W_PLACE-1:0] show_place;

  mom_send sending (
      .clk(clk), .rst(rst), .active(active), .go(go), .room(in_write_room && !retire),
      .one_ended(ended != '0), .two_ended(32'(ended) >= 2), .three_ended(32'(ended) >= 3),
      .chunks({ring[after(after(send))], ring[after(send)], ring[send]}),
      .written(writes ? result_macros : 7'd0), .results(results_q), .show(show),
      .show_first(show_first), .sent(sent), .sent_all(sent_all), .end_cmd(end_cmd),
      .addr(send_addr), .data(send_data)
  );
  assign show_place = sent_all ? after(send) : send;

  generate
    for (genvar m = 0; m < 7; m++) begin : gen_macro
      mom_macro fetched (
          .clk(clk), .read(asks && ask_macros[m]), .write({4{landing[m]}}),
          .place(landing[m] ? recv : work), .d(in_resp.data), .q(fetched_q[256*m+:256])
      );
      mom_macro results (
          .clk(clk), .read(show[m]), .write(writes ? result_pieces[4*m+:4] : 4'd0),
          .place(!show[m] ? result.chunk : show_first[m] ? show_place : after(show_place)),
          .d(result_data[256*m+:256]), .q(results_q[256*m+:256])
      );
    end
  endgenerate

  // The end of a command. The last write needs a cycle to reach the controller before in_write_idle
  // can tell of it.

  assign pop = go && retire && !settle && in_write_idle;

  // Registers.

  logic [2:0] status_next;
  logic lanes_move;
  assign lanes_move = valids != '0;
  assign status_next = !go ? chip_pkg::ST_IDLE :
      sent || lanes_move ? chip_pkg::ST_BUSY : status;
  assign active = out_done.valid || out_read.valid || out_write.valid || out_free ||
      out_acc.valid || out_upd.valid || got_param || got_cmd || got_get ||
      status_next != out_status || asks || show != 7'd0 || lands || fetching || seeder_moved ||
      checking || sent || lanes_move || go && retire && (settle || in_write_idle);

  always_ff @(posedge clk) begin
    if (rst) begin
      out_status <= chip_pkg::ST_IDLE;
      out_done.valid <= 1'b0;
      out_fault.code <= chip_pkg::F_NONE;
      out_read.valid <= 1'b0;
      out_write.valid <= 1'b0;
      out_free <= 1'b0;
      out_acc.valid <= 1'b0;
      asked_valid <= 1'b0;
      stages_valid <= '0;
      alloc <= '0;
      recv <= '0;
      work <= '0;
      send <= '0;
      used <= '0;
      to_work <= '0;
      ready <= '0;
      ended <= '0;
      got <= 3'd0;
      next <= 2'd0;
      retire <= 1'b0;
      settle <= 1'b0;
      filled <= 16'd0;
    end else if (active) begin
      out_status <= status_next;
      out_done.valid <= pop;
      if (pop) out_done.inst <= cmds[512+:4];
      if (bad) out_fault <= fault;
      out_read.valid <= fetching;
      out_write.valid <= sent;
      out_free <= asked_all && at_work.end_half;
      out_acc.valid <= asks && ask.n != 6'd0;
      if (go) begin
        asked_valid <= asks;
        stages_valid <= valids[STAGES-1:0];
      end
      if (fetched_all) alloc <= after(alloc);
      if (landed_all) recv <= after(recv);
      if (asked_all) work <= after(work);
      if (sent_all) send <= after(send);
      used <= used + one(opening) - one(sent_all);
      to_work <= to_work + one(opening) - one(asked_all);
      ready <= ready + one(landed_all) - one(asked_all);
      ended <= ended + one(ended_one) - one(sent_all);
      if (lands) got <= landed_all ? 3'd0 : got + 3'd1;
      if (asks) next <= asked_all ? 2'd0 : next + 2'd1;
      retire <= (retire || end_cmd) && !pop;
      if (end_cmd) settle <= 1'b1;
      else if (go && retire) settle <= 1'b0;
      if (asks && fills) filled[8*half+:8] <= filled[8*half+:8] + 8'd1;
    end

    if (opening) ring[alloc] <= opened;
    if (fetching) out_read.addr <= fetch_addr;
    if (sent) begin
      out_write.addr <= send_addr;
      out_write.data <= send_data;
    end
    if (asks) begin
      asked <= ask;
      out_acc.bank <= in_head.bank;
      out_acc.row <= at_work.row;
      out_acc.group <= work_first[4+:chip_pkg::W_GROUP];
    end
    for (int i = 0; i < STAGES; i++) begin
      if (valids[i]) stages[i] <= i == 0 ? asked : stages[i-1];
    end
  end

  // Events.

  function automatic logic [2:0] ones(input logic [6:0] a);
    begin
      ones = 3'd0;
      for (int i = 0; i < 7; i++) ones = ones + {2'd0, a[i]};
    end
  endfunction

  always_comb begin
    ev = '0;
    ev.momentum_lane = asks ? {6'd0, ask.n} : 12'd0;
    ev.momentum_random = L == 32 ? {6'd0, drawn, 1'b0} : {7'd0, drawn};
    ev.chunk_read = {9'd0, ones(show)} + (asks ? {9'd0, ones(ask_macros)} : 12'd0);
    ev.chunk_write = {11'd0, lands} + (writes ? {9'd0, ones(result_macros)} : 12'd0);
    ev.clock_mom = {11'd0, active};
    ev.clock_mom_param = {11'd0, got_param};
    ev.clock_mom_cmd = {11'd0, got_cmd};
    ev.clock_mom_ask = {11'd0, asks};
    ev.clock_mom_chunk = {11'd0, opening};
    ev.clock_mom_seeder = {11'd0, seeder_enter};
    ev.clock_mom_seed = {11'd0, seeder_leave};
    ev.clock_mom_lfsr = {7'd0, lfsr_clocked};
    ev.clock_mom_stats = {11'd0, got_get || valids[STAGES]};
    ev.clock_mom_read = {11'd0, fetching};
    ev.clock_mom_write = {11'd0, sent};
    ev.clock_mom_upd = {10'd0, upd_clocked};
    ev.clock_mom_lanes = {11'd0, valids[0]};
    ev.acc_read = asks ? {10'd0, ask.n > 6'd16, ask.n != 6'd0 && ask.n <= 6'd16} : 12'd0;
  end
endmodule
