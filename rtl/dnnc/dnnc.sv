// The MAC array: which command has it, and who has the banks and the weight buffers. What its
// streams take is in dnnc_operands, the lanes are in dnnc_array, what a command asks of OMEM is
// in dnnc_request.
module dnnc (
    input logic clk,
    input logic rst,
    input chip_pkg::bus_t in_bus,
    input logic [123:0] in_x, // 4 x x_item_t
    input logic in_stream_room,
    input chip_pkg::tile_write_t in_tile,
    input chip_pkg::upd_write_t in_upd,
    input logic in_free_drain,
    input logic in_free_mom,
    output logic [2:0] out_status,
    output chip_pkg::done_t out_done,
    output chip_pkg::fault_t out_fault,
    output chip_pkg::stream_req_t out_stream,
    output logic [3:0] out_x_room, // 4 x 1 bits
    output logic [31:0] out_w_freed, // 4 x 8 bits
    output chip_pkg::bank_head_t out_head,
    output chip_pkg::dnnc_ev_t ev,
    // the accumulators, for whoever has a bank
    input chip_pkg::acc_req_t read_drain,
    output logic [16*chip_pkg::W_ACC-1:0] drain_acc,
    input chip_pkg::acc_req_t read_mom,
    output logic [32*chip_pkg::W_ACC-1:0] mom_acc
);
  localparam int BANKS = chip_pkg::N_BANKS;
  localparam int WB = chip_pkg::W_BANK;
  localparam int WE = WB + 6;           // an end: done, mark, hand, bank
  localparam int ENDS = 2 + chip_pkg::N_PRODUCT_REGISTERS;
  localparam logic FUSED = chip_pkg::FUSED != 0;
  localparam logic [5:0] NO_ROW = 6'h3f;

  // Of an accumulation: its commands are all of one kind.
  localparam logic [1:0] KIND_MAC = 2'd0, KIND_GRAD = 2'd1, KIND_HALVES = 2'd2, KIND_ONES = 2'd3;

  // Registers, named as the fields of State.
  logic [2:0] asked;
  logic hold, begun, open, opening;
  logic [1:0] kind, split;
  logic outer_open;
  logic [WB-1:0] outer_bank;
  logic [1:0] outer_split;
  logic [23:0] row;                     // 4 x 6 bits, bit 5: none
  logic [3:0] full, part;               // of the buffers
  logic [31:0] freed;
  logic [BANKS-1:0] handed, to_mom;
  logic [128*BANKS-1:0] touched;
  logic [WB-1:0] bank;
  logic [2*WB-1:0] halves;
  logic [WB*BANKS-1:0] line;
  logic [1:0] lined;
  logic [WE*ENDS-1:0] ends;             // the youngest in the lowest bits
  // Also: active groups of the command that was begun last, and for each bank the split and the
  // active groups, without which its rows cannot be read.
  logic [6:0] groups;
  logic [2*BANKS-1:0] bank_split;
  logic [7*BANKS-1:0] bank_groups;

  // Commands.
  logic got_param, got_cmd, got_get, pop;
  logic [2:0] n;
  logic [1:0] head;
  logic [4*chip_pkg::W_CMD_T-1:0] cmds;
  chip_pkg::cmd_t c;
  front #(.UNIT(chip_pkg::UNIT_DNNC)) commands (
      .clk, .rst, .bus(in_bus), .pop, .got_param, .got_cmd, .got_get, .n, .head, .cmds
  );
  assign c = cmds[chip_pkg::W_CMD_T-1:0];

  function automatic logic [3:0] streams(input logic [1:0] s);
    begin
      streams = s == 2'd0 ? 4'h1 : s == 2'd1 ? 4'h3 : 4'hf;
    end
  endfunction
  logic is_mac, is_grad, is_ones, is_first, is_last, is_free, is_upd;
  logic [1:0] c_kind, c_split, c_buf;
  logic [6:0] c_groups;
  logic [31:0] c_nb;
  logic [3:0] mask;                     // the streams of the command
  assign is_mac = c.op == chip_pkg::OP_DNNC_MAC;
  assign is_grad = c.op == chip_pkg::OP_DNNC_GRAD;
  assign is_ones = c.op == chip_pkg::OP_DNNC_ONES;
  assign is_first = (c.flags & chip_pkg::FLAG_FIRST) != 16'd0;
  assign is_last = (c.flags & chip_pkg::FLAG_LAST) != 16'd0;
  assign is_free = (c.flags & chip_pkg::FLAG_FREE) != 16'd0;
  assign is_upd = FUSED && is_mac && (c.flags & chip_pkg::FLAG_UPD) != 16'd0;
  assign c_buf = {is_upd, (c.flags & chip_pkg::FLAG_B1) != 16'd0};
  assign c_kind = is_mac ? KIND_MAC : is_ones ? KIND_ONES
                : c.p[32*chip_pkg::P_DNNC_ROWS+:32] > 32'd32 ? KIND_HALVES : KIND_GRAD;
  assign c_split = c.p[32*chip_pkg::P_DNNC_SPLIT+:2];
  assign c_groups = c.p[32*chip_pkg::P_DNNC_GROUPS+:7];
  assign c_nb = c.p[32*chip_pkg::P_DNNC_NB+:32];
  assign mask = streams(c_split);

  // Wires: a bank comes back, weights come.
  logic free, tile_bad, tile, upd_bad, upd;
  logic [BANKS-1:0] handed_in;
  logic [3:0] full_in, part_in;
  assign free = in_free_drain || in_free_mom;
  assign tile_bad = FUSED && in_tile.valid && in_tile.buf_ && (part[2] || part[3]);
  assign tile = in_tile.valid && !tile_bad;
  assign upd_bad = FUSED && in_upd.valid && !tile_bad && (part[1] || tile && in_tile.buf_);
  assign upd = FUSED && in_upd.valid && !tile_bad && !upd_bad;
  always_comb begin
    handed_in = handed;
    if (free) handed_in[line[WB-1:0]] = 1'b0;
    full_in = full;
    part_in = part;
    for (int b = 0; b < 2; b++) begin
      if (tile && in_tile.buf_ == b[0]) begin
        part_in[b] = 1'b1;
        full_in[b] = full[b] || in_tile.full;
      end
      if (upd && in_upd.buf_ == b[0]) begin
        part_in[b+2] = 1'b1;
        full_in[b+2] = full[b+2] || in_upd.full;
      end
    end
  end

  // What follows the operands arrives at the accumulators.
  logic flying, arrives;
  logic [WE-1:0] arrived;
  logic [WB*BANKS-1:0] line_next;
  logic [1:0] lined_in, lined_next;
  assign arrived = ends[WE*(ENDS-1)+:WE];
  assign arrives = arrived[WB];
  always_comb begin
    flying = 1'b0;
    for (int i = 0; i < ENDS; i++) flying |= ends[WE*i+WE-1] || ends[WE*i+WB];
    line_next = free ? line >> WB : line;
    lined_in = lined - {1'b0, free};
    for (int i = 0; i < BANKS; i++)
      if (arrives && lined_in == 2'(i)) line_next[WB*i+:WB] = arrived[WB-1:0];
    lined_next = lined_in + {1'b0, arrives};
  end

  // The oldest command begins.
  logic run, ready, aside, open_in, begins, bad_bank, bad_split, bad_ones;
  chip_pkg::fault_t ones_fault;
  logic ones_limit;
  dnnc_limits check (
      .op(c.op), .flags(c.flags), .p(c.p), .loaded('0), .bad(ones_limit), .fault(ones_fault)
  );
  assign run = n != 3'd0 && out_fault.code == chip_pkg::F_NONE && !tile_bad && !upd_bad;
  assign ready = run && !begun && asked != 3'd0 && full_in[c_buf];
  assign aside = FUSED && ready && open && kind == KIND_MAC && is_first && is_last
               && (c_kind == KIND_GRAD || c_kind == KIND_ONES);
  assign open_in = open && !aside;
  assign bad_bank = ready && (is_first == open_in || open_in && c_kind != kind);
  assign bad_split = ready && !bad_bank && open_in
                   && c.p[32*chip_pkg::P_DNNC_SPLIT+:32] != {30'd0, split};
  assign bad_ones = ready && !bad_bank && !bad_split && is_ones && ones_limit;
  assign begins = ready && !bad_bank && !bad_split && !bad_ones;

  // It takes a bank: not the one that was used last.
  logic needs, found, opens, works;
  logic [WB-1:0] next1, next2, fresh, bank_in;
  logic [23:0] row_in;
  function automatic logic [WB-1:0] behind(input logic [WB-1:0] b);
    begin
      behind = b == WB'(BANKS - 1) ? '0 : b + 1'b1;
    end
  endfunction
  assign needs = (begins || run && begun) && (begins ? !open_in : opening);
  assign next1 = behind(bank);
  assign next2 = behind(next1);
  assign found = !handed_in[next1] || BANKS > 2 && !handed_in[next2];
  assign fresh = handed_in[next1] ? next2 : next1;
  assign opens = needs && found;
  assign bank_in = opens ? fresh : bank;
  assign row_in = opens ? {4{NO_ROW}} : row;
  assign works = (begins || run && begun) && (!needs || found) && !(in_upd.valid && is_upd);

  // The streams.
  logic [3:0] macs, swaps, taken;
  logic [63:0] xs;
  logic [23:0] wrows;
  logic [19:0] rows;
  logic half, half_next, worked, hand, ended, ended_half, finish, active;
  dnnc_operands operands (
      .clk, .rst, .active, .x(in_x), .room(out_x_room), .works, .is_grad, .is_ones,
      .is_halves(c_kind == KIND_HALVES), .is_upd, .b1(c_buf[0]), .c_split, .mask, .c_nb,
      .row(row_in), .macs, .swaps, .taken, .xs, .rows, .wrows, .half, .half_next, .worked, .ended,
      .ended_half, .finish
  );
  assign hand = ended && is_last;

  // Afterwards: rows that leave the registers, the bank that goes on, who has the banks.
  logic reopen, back, closed, resumed, outer_open_in;
  logic [WB-1:0] outer_bank_in;
  logic [1:0] outer_split_in;
  logic [3:0] split_mask, set_aside, leaves, stores, haves;
  logic [11:0] kinds;
  logic [23:0] row_next;
  logic [WB-1:0] bank_next;
  assign split_mask = streams(split);
  assign reopen = ended_half && half_next && is_first;
  assign back = ended_half && !reopen && (half_next || !is_last);
  assign closed = finish && is_last;
  assign outer_open_in = outer_open || aside;
  assign outer_bank_in = aside ? bank : outer_bank;
  assign outer_split_in = aside ? split : outer_split;
  assign resumed = closed && outer_open_in;
  assign bank_next = resumed ? outer_bank_in : back ? halves[WB*half_next+:WB] : bank_in;
  always_comb begin
    row_next = row_in;
    for (int i = 0; i < 4; i++) begin
      set_aside[i] = aside && split_mask[i] && !row[6*i+5];
      leaves[i] = (hand || ended_half) && mask[i] && !row_in[6*i+5];
      stores[i] = swaps[i] && !row_in[6*i+5];
      haves[i] = swaps[i] && !opens && touched[{bank_in, 2'(i), rows[5*i+:5]}];
      kinds[3*i+:3] = swaps[i] ? {1'b1, haves[i], stores[i] || set_aside[i]}
                    : {1'b0, leaves[i] || set_aside[i], macs[i]};
      if (swaps[i]) row_next[6*i+:6] = {1'b0, rows[5*i+:5]};
    end
    if (back || resumed) row_next = {4{NO_ROW}};
  end
  assign pop = finish;

  // The next command without a stream asks OMEM for it, but not in the cycle after a request, when
  // what OMEM says of its room is out of date.
  chip_pkg::cmd_t next;
  logic wants, skips, bad_request, sends;
  chip_pkg::fault_t request_fault;
  chip_pkg::stream_req_t request;
  assign next = cmds[chip_pkg::W_CMD_T*asked[1:0]+:chip_pkg::W_CMD_T];
  assign wants = run && asked < n && !hold;
  assign skips = wants && next.op == chip_pkg::OP_DNNC_ONES;
  dnnc_request asks (.c(next), .bad(bad_request), .fault(request_fault), .request);
  assign sends = wants && !skips && in_stream_room && !bad_request;

  logic [2:0] status;
  logic some_come;
  assign some_come = in_x[30] || in_x[61] || in_x[92] || in_x[123];
  always_comb begin
    status = flying ? chip_pkg::ST_BUSY : chip_pkg::ST_IDLE;
    if (run) begin
      if (works) status = worked ? chip_pkg::ST_BUSY : chip_pkg::ST_WAIT_OPERAND;
      else if (begins || begun)
        status = needs && !found ? chip_pkg::ST_WAIT_DRAIN : chip_pkg::ST_WAIT_WEIGHT;
      else if (ready) status = chip_pkg::ST_IDLE; // it must not begin
      else status = asked == 3'd0 ? chip_pkg::ST_WAIT_OPERAND : chip_pkg::ST_WAIT_WEIGHT;
    end
  end
  assign active = some_come || out_done.valid || hold || got_param || got_cmd || got_get || free
                || in_tile.valid || in_upd.valid || flying || begins || opens || skips || sends
                || status == chip_pkg::ST_BUSY || status != out_status;

  always_ff @(posedge clk) begin
    if (rst) begin
      {asked, hold, begun, open, opening, kind, split} <= '0;
      {outer_open, outer_bank, outer_split} <= '0;
      row <= {4{NO_ROW}};
      {freed, bank, line, lined, ends, groups} <= '0;
      full <= '0;
      part <= '0;
      handed <= '0;
      to_mom <= '0;
      touched <= '0;
      halves <= '0;
      bank_split <= '0;
      bank_groups <= '0;
      out_status <= chip_pkg::ST_IDLE;
      out_done <= '0;
      out_fault <= '0;
      out_stream <= '0;
    end else begin
      for (int b = 0; b < BANKS; b++)
        for (int i = 0; i < 4; i++)
          if (opens && fresh == WB'(b) || swaps[i] && bank_in == WB'(b)) begin
            if (opens) touched[32*(4*b+i)+:32] <= '0;
            if (swaps[i]) touched[32*(4*b+i)+32'(rows[5*i+:5])] <= 1'b1;
          end
      for (int b = 0; b < 4; b++)
        if (finish && is_free && c_buf == 2'(b))
          freed[8*b+:8] <= freed[8*b+:8] + 8'd1;
      if (sends) out_stream <= request;
      else out_stream.valid <= 1'b0;
      if (active) begin
        asked <= asked - {2'd0, finish} + {2'd0, skips || sends};
        hold <= sends || hold && !run;
        if (begins || finish) begun <= !finish;
        open <= closed ? outer_open_in : begins || open_in;
        if (begins || begun && run) opening <= needs && !found || reopen;
        if (begins) begin
          kind <= c_kind;
          split <= c_split;
          groups <= c_groups;
        end
        if (resumed) begin
          kind <= KIND_MAC;
          split <= outer_split_in;
        end
        if (aside) begin
          outer_bank <= bank;
          outer_split <= split;
        end
        outer_open <= outer_open_in && !resumed;
        row <= row_next;
        full <= full_in;
        part <= part_in;
        if (finish && is_free) begin
          full[c_buf] <= 1'b0;
          part[c_buf] <= 1'b0;
        end
        handed <= handed_in;
        if (hand) begin
          handed[bank_in] <= 1'b1;
          to_mom[bank_in] <= !is_mac;
        end
        bank <= bank_next;
        if (opens) begin
          halves[WB*half+:WB] <= fresh;
          bank_split[2*fresh+:2] <= c_split;
          bank_groups[7*fresh+:7] <= c_groups;
        end
        line <= line_next;
        lined <= lined_next;
        ends <= {ends[WE*(ENDS-1)-1:0], finish, c.inst, hand, bank_in};
        out_status <= status;
        out_done <= arrived[WE-1:WB+1];
        if (out_fault.code == chip_pkg::F_NONE) begin
          if (tile_bad || upd_bad) out_fault <= {chip_pkg::F_WMEM, 64'd1};
          else if (bad_bank) out_fault <= {chip_pkg::F_BANK, 48'd0, c.flags};
          else if (bad_split)
            out_fault <= {chip_pkg::F_PARAM, 32'(chip_pkg::P_DNNC_SPLIT),
                          c.p[32*chip_pkg::P_DNNC_SPLIT+:32]};
          else if (bad_ones) out_fault <= ones_fault;
          else if (wants && !skips && in_stream_room && bad_request) out_fault <= request_fault;
        end
      end
    end
  end
  assign out_w_freed = freed;
  assign out_head = {lined != 2'd0, to_mom[line[WB-1:0]], line[WB-1:0]};

  dnnc_array lanes (
      .clk, .rst, .kinds, .xs, .rows, .wrows, .wbuf(is_upd || c_buf[0]), .bank(bank_in),
      .split(c_split), .groups(c_groups), .tile_valid(tile), .tile(in_tile), .upd_valid(upd),
      .upd(in_upd), .touched, .bank_split, .bank_groups, .read_drain, .drain_acc, .read_mom,
      .mom_acc
  );

  // Events.
  function automatic logic [11:0] count(input logic [3:0] bits);
    begin
      count = {9'd0, {2'd0, bits[0]} + {2'd0, bits[1]} + {2'd0, bits[2]} + {2'd0, bits[3]}};
    end
  endfunction
  logic [11:0] active_groups, fresh_rows;
  assign active_groups = {5'd0, c_groups};
  assign fresh_rows = count(swaps & ~haves);
  always_comb begin
    ev = '0;
    ev.wmem_read = count(macs) * active_groups;
    ev.mac = ev.wmem_read << 4;
    ev.acc_read = count(haves) * active_groups;
    ev.acc_write = count(stores | leaves) * active_groups + count(set_aside) * {5'd0, groups};
    ev.clock_dnnc = {11'd0, active};
    ev.clock_dnnc_param = {11'd0, got_param};
    ev.clock_dnnc_cmd = {11'd0, got_cmd};
    ev.clock_dnnc_work = {11'd0, works && worked};
    ev.clock_dnnc_item = count({in_x[123], in_x[92], in_x[61], in_x[30]});
    ev.clock_dnnc_touched = fresh_rows + (opens ? 12'd4 : 12'd0);
    ev.clock_dnnc_freed = {11'd0, finish && is_free};
    ev.clock_dnnc_stream = {11'd0, sends};
    ev.clock_dnnc_operand = count(taken);
    if (chip_pkg::N_PRODUCT_REGISTERS != 0) ev.clock_dnnc_product = ev.mac;
    ev.wmem_write = (tile ? 12'd1 << in_tile.split : 12'd0)
                  + (upd ? 12'd1 << in_upd.split : 12'd0);
  end
endmodule
