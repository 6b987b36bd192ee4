// The external memory and its controller, a model with the same cycles: times are cycle numbers
// here, down-counters in hardware. Its page is rtl/xmem/doc.go.
//
// A cycle goes in this order: answers, refresh, the direction of the bus, transfers, rows to open
// and to close, requests that come. What a stage leaves is called ..._1, ..._2 and so on.
module xmem (
    input logic clk,
    input logic rst,
    input logic [2889:0] in_req, // 10 x x_req_t
    output logic [521:0] out_resp, // 2 x x_resp_t
    output logic [9:0] out_room, // 10 x 1 bits
    output logic [9:0] out_write_idle, // 10 x 1 bits
    output logic [2:0] out_status,
    output chip_pkg::xmem_ev_t ev
);
  localparam int PORTS = 10;
  localparam int READS = 5; // the first ones
  localparam int WRITES = 5;
  localparam int DEPTH = 32; // places of a FIFO at the most
  localparam int BANKS = chip_pkg::XMEM_TIMING_BANKS;
  localparam int W_BANK = BANKS > 1 ? $clog2(BANKS) : 1;
  localparam int PAIRS = chip_pkg::T_SLOT < chip_pkg::SLOT_UNIT ? 2 : 1; // bursts in a cycle
  localparam int W_MEM = $clog2(chip_pkg::N_EXTERNAL) - 5;
  localparam int W_REQ = chip_pkg::W_X_REQ_T;

  // The memory: a cycle reads or writes PAIRS bursts.
  logic [255:0] mem[0:chip_pkg::N_EXTERNAL/32-1];

`ifndef SYNTHESIS
  string file;
  initial if ($value$plusargs("xmem=%s", file)) $readmemh(file, mem);
`endif

  // Registers.
  logic [63:0] now, refresh_at;
  logic [4:0] q_head[0:PORTS-1];
  logic [5:0] q_n[0:PORTS-1];
  logic [31:0] q_addr[0:PORTS*DEPTH-1];
  logic q_held[0:READS*DEPTH-1];                // writes to its address were pending when it came
  logic [32*WRITES-1:0] q_after[0:READS*DEPTH-1]; // it waits until popped is as far
  logic [255:0] w_data[0:WRITES*DEPTH-1];
  logic [31:0] popped[0:WRITES-1];              // writes transferred
  logic [BANKS-1:0] open;
  logic [31:0] row[0:BANKS-1];
  logic [63:0] col[0:BANKS-1];                  // first slot of an open row
  logic [63:0] pre[0:BANKS-1];                  // first cycle in which the row may be closed
  logic [63:0] act[0:BANKS-1];                  // first cycle in which a closed bank may be opened
  logic [63:0] act_times[0:3];                  // of the last four activates, for tFAW
  logic [1:0] act_slot;
  logic [63:0] act_ok;                          // tRRD
  logic [63:0] bus_free;                        // end of the last slot, 1/SLOT_UNIT cycles
  logic [63:0] slot_ok[0:1];                    // first slot for reads, for writes
  logic ahead_valid;                            // the row that the youngest requests need
  logic [W_BANK-1:0] ahead_bank;
  logic [31:0] ahead_row;
  logic [3:0] next[0:1];                        // first port to look at: reads, writes
  logic [8:0] waiting, writes;                  // requests in all FIFOs, in those of writes
  logic [PORTS-1:0] idle;

  function automatic logic [W_BANK-1:0] bank_of(input logic [31:0] addr);
    logic [31:0] page;
    begin
      page = addr >> chip_pkg::T_PAGE_SHIFT;
      page = page ^ page >> chip_pkg::T_BANK_SHIFT ^ page >> (2 * chip_pkg::T_BANK_SHIFT);
      page = page & 32'(chip_pkg::T_BANK_MASK)
          | (addr >> chip_pkg::T_HALF_SHIFT & 32'd1) << chip_pkg::T_BANK_SHIFT;
      bank_of = page[W_BANK-1:0];
    end
  endfunction

  function automatic logic [31:0] row_of(input logic [31:0] addr);
    begin
      row_of = addr >> (chip_pkg::T_PAGE_SHIFT + chip_pkg::T_BANK_SHIFT);
    end
  endfunction

  function automatic logic [W_MEM-1:0] burst_of(input logic [31:0] addr);
    begin
      burst_of = addr[W_MEM+4:5];
    end
  endfunction

  logic [63:0] t; // this cycle
  assign t = now + 64'd1;

  // Refresh: when every bank may be closed. It closes them.
  logic due, refreshes, works;
  logic [63:0] ready;
  logic [BANKS-1:0] open_1;

  always_comb begin
    due = t >= refresh_at;
    refreshes = due;
    if (due) begin
      for (int i = 0; i < BANKS; i++) if (t < (open[i] ? pre[i] : act[i])) refreshes = 1'b0;
    end
    ready = t + 64'(chip_pkg::T_TRFC) + (open != '0 ? 64'(chip_pkg::T_TR_PAB) : 64'd0);
    open_1 = refreshes ? '0 : open;
    works = waiting != 9'd0 && t < (refreshes ? refresh_at + 64'(chip_pkg::T_TREFI) : refresh_at);
  end

  // The direction of the bus.
  logic high, passed, writing_1;
  logic [8:0] came, came_writes, gone, gone_writes; // requests that come, that move

  always_comb begin
    high = 1'b0;
    for (int p = READS; p < PORTS; p++) begin
      if (q_n[p] >= 6'(chip_pkg::XMEM_WRITE_HIGH)) high = 1'b1;
    end
  end

  xmem_turn turn (
      .clk(clk), .rst(rst), .works(works), .reads(waiting - writes), .writes(writes), .high(high),
      .passed(passed), .moved(gone_writes[1:0]), .came(came_writes != 9'd0), .writing_1(writing_1)
  );

  // Transfers: of the heads whose row is open, round robin over the ports of a direction.
  logic [PORTS-1:0] has, hits, waits, moves;
  logic [1:0] movers;
  logic [7:0] mover; // ports, 4 bits each
  logic [31:0] head_addr[0:PORTS-1];
  logic [3:0] next_1;
  logic [63:0] bus_free_1;
  logic [W_BANK-1:0] bank;

  always_comb begin
    hits = '0;
    waits = '0;
    bank = '0;
    for (int p = 0; p < PORTS; p++) begin
      head_addr[p] = q_addr[DEPTH*p+32'(q_head[p])];
      has[p] = q_n[p] != 6'd0;
      if (has[p]) begin
        bank = bank_of(head_addr[p]);
        hits[p] = open_1[bank] && row[bank] == row_of(head_addr[p]) && t >= col[bank];
      end
    end
    for (int p = 0; p < READS; p++) begin
      if (has[p] && q_held[DEPTH*p+32'(q_head[p])]) begin
        for (int w = 0; w < WRITES; w++) begin
          if ($signed(popped[w] - q_after[DEPTH*p+32'(q_head[p])][32*w+:32]) < 0) waits[p] = 1'b1;
        end
      end
    end
  end

  xmem_transfer #(.PAIRS(PAIRS)) transfer (
      .may(works && t >= slot_ok[writing_1]), .t(t), .bus_free(bus_free), .next(next[writing_1]),
      .has(has), .hits(hits), .waits(waits), .moves(moves), .movers(movers), .mover(mover),
      .next_1(next_1), .bus_free_1(bus_free_1), .held(passed)
  );

  // Answers.
  logic active;
  logic [1:0] answers;
  logic [511:0] burst;

  xmem_pipe #(.PAIRS(PAIRS)) pipe (
      .clk(clk), .rst(rst), .waiting(waiting != 9'd0), .starts(writing_1 ? 2'd0 : movers),
      .port(mover), .data(burst), .active(active), .answers(answers), .out_resp(out_resp)
  );

  // The heads behind those that move, and the banks after them.
  logic [5:0] n_1[0:PORTS-1];
  logic [4:0] head_1[0:PORTS-1];
  logic [PORTS-1:0] has_1;
  logic [W_BANK*PORTS-1:0] want_bank;
  logic [32*PORTS-1:0] want_row;
  logic [31:0] want_addr;
  logic [63:0] pre_1[0:BANKS-1];
  logic [63:0] busy_until;
  logic [W_BANK-1:0] moved;
  logic [32*BANKS-1:0] rows;
  logic [BANKS-1:0] may_open, may_close;

  always_comb begin
    for (int p = 0; p < PORTS; p++) begin
      head_1[p] = q_head[p] + 5'(moves[p]);
      n_1[p] = q_n[p] - 6'(moves[p]);
      want_addr = q_addr[DEPTH*p+32'(head_1[p])];
      has_1[p] = n_1[p] != 6'd0;
      want_bank[W_BANK*p+:W_BANK] = bank_of(want_addr);
      want_row[32*p+:32] = row_of(want_addr);
    end
    for (int i = 0; i < BANKS; i++) pre_1[i] = pre[i];
    busy_until = t + (writing_1 ? 64'(chip_pkg::T_WRITE_TO_PRE) : 64'(chip_pkg::T_READ_TO_PRE));
    moved = '0;
    for (int k = 0; k < PAIRS; k++) begin
      moved = bank_of(head_addr[mover[4*k+:4]]);
      if (movers[k] && pre[moved] < busy_until) pre_1[moved] = busy_until;
    end
    for (int i = 0; i < BANKS; i++) begin
      rows[32*i+:32] = row[i];
      may_open[i] = t >= (refreshes ? ready : act[i]);
      may_close[i] = t >= pre_1[i];
    end
  end

  logic opens, closes, ahead_1;
  logic [W_BANK-1:0] opened, closed;
  logic [BANKS-1:0] open_2;
  logic [32*BANKS-1:0] rows_1;

  xmem_rows #(.BANKS(BANKS), .W_BANK(W_BANK)) commands (
      .writing(writing_1), .may_act(t >= act_ok && t >= act_times[act_slot]),
      .has(works ? has_1 : '0), .banks(want_bank), .rows(want_row), .ahead(works && ahead_valid),
      .ahead_bank(ahead_bank), .ahead_row(ahead_row), .open(open_1), .open_rows(rows),
      .may_open(may_open), .may_close(may_close), .opens(opens), .opened(opened), .closes(closes),
      .closed(closed), .open_1(open_2), .open_rows_1(rows_1), .ahead_1(ahead_1)
  );

  // Requests that come: reads first, so that a write of the same cycle is behind them.
  logic [PORTS-1:0] come;
  logic [31:0] come_addr;
  logic [W_BANK-1:0] come_bank;
  logic missed;
  logic [W_BANK-1:0] missed_bank;
  logic [31:0] missed_row;
  logic [READS-1:0] come_held;
  logic [32*WRITES-1:0] come_after[0:READS-1];
  logic [31:0] popped_1[0:WRITES-1];
  logic [4:0] place;
  logic [4:0] tail[0:PORTS-1];

  always_comb begin
    {missed, missed_bank, missed_row, come_held, came, came_writes, gone, gone_writes} = '0;
    {come_addr, come_bank} = '0;
    place = 5'd0;
    for (int w = 0; w < WRITES; w++) popped_1[w] = popped[w] + 32'(moves[READS+w]);
    for (int p = 0; p < PORTS; p++) begin
      come[p] = in_req[W_REQ*p+W_REQ-1];
      tail[p] = q_head[p] + q_n[p][4:0];
      come_addr = in_req[W_REQ*p+256+:32];
      came = came + 9'(come[p]);
      gone = gone + 9'(moves[p]);
      if (p >= READS) begin
        came_writes = came_writes + 9'(come[p]);
        gone_writes = gone_writes + 9'(moves[p]);
      end
      // A row is looked ahead for when its request does not go to the head of the FIFO.
      come_bank = bank_of(come_addr);
      if (come[p] && has_1[p]
          && !(open_2[come_bank] && rows_1[32*come_bank+:32] == row_of(come_addr))) begin
        missed = 1'b1;
        missed_bank = come_bank;
        missed_row = row_of(come_addr);
      end
    end
    // A read waits for the youngest pending write of each port to its address.
    for (int p = 0; p < READS; p++) begin
      come_addr = in_req[W_REQ*p+256+:32];
      for (int w = 0; w < WRITES; w++) come_after[p][32*w+:32] = popped_1[w];
      if (come[p] && writes != 9'd0) begin
        for (int w = 0; w < WRITES; w++) begin
          for (int i = 0; i < DEPTH; i++) begin
            place = head_1[READS+w] + 5'(i);
            if (6'(i) < n_1[READS+w] && q_addr[DEPTH*(READS+w)+32'(place)] == come_addr) begin
              come_held[p] = 1'b1;
              come_after[p][32*w+:32] = popped_1[w] + 32'(i) + 32'd1;
            end
          end
        end
      end
    end
  end

  logic [2:0] next_status;
  assign next_status = waiting == 9'd0 ? chip_pkg::ST_IDLE
      : movers[0] ? chip_pkg::ST_BUSY : chip_pkg::ST_WAIT_MEMORY;

  // FIFOs and memory.
  logic [3:0] port;
  logic [W_MEM-1:0] cell_at[0:PAIRS-1]; // in mem
  logic [7:0] w_at[0:PAIRS-1];          // in w_data

  always_comb begin
    port = 4'd0;
    burst = '0;
    for (int k = 0; k < PAIRS; k++) begin
      port = mover[4*k+:4];
      w_at[k] = {3'(port - 4'(READS)), q_head[port]};
      cell_at[k] = burst_of(head_addr[port]);
      burst[256*k+:256] = mem[cell_at[k]];
    end
  end

  always_ff @(posedge clk) begin
    for (int p = 0; p < PORTS; p++) begin
      if (come[p]) q_addr[DEPTH*p+32'(tail[p])] <= in_req[W_REQ*p+256+:32];
    end
    for (int p = 0; p < READS; p++) begin
      if (come[p]) begin
        q_held[DEPTH*p+32'(tail[p])] <= come_held[p];
        q_after[DEPTH*p+32'(tail[p])] <= come_after[p];
      end
    end
    for (int w = 0; w < WRITES; w++) begin
      if (come[READS+w]) w_data[DEPTH*w+32'(tail[READS+w])] <= in_req[W_REQ*(READS+w)+:256];
    end
    for (int k = 0; k < PAIRS; k++) begin
      if (writing_1 && movers[k]) mem[cell_at[k]] <= w_data[w_at[k]];
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      now <= 64'd0;
      refresh_at <= 64'(chip_pkg::T_TREFI);
      for (int p = 0; p < PORTS; p++) begin
        q_head[p] <= 5'd0;
        q_n[p] <= 6'd0;
      end
      for (int w = 0; w < WRITES; w++) popped[w] <= 32'd0;
      for (int i = 0; i < BANKS; i++) begin
        row[i] <= 32'd0;
        col[i] <= 64'd0;
        pre[i] <= 64'd0;
        act[i] <= 64'd0;
      end
      for (int i = 0; i < 4; i++) act_times[i] <= 64'd0;
      {open, act_slot, act_ok, bus_free, slot_ok[0], slot_ok[1]} <= '0;
      {ahead_valid, ahead_bank, ahead_row} <= '0;
      next[0] <= 4'd0;
      next[1] <= 4'(READS);
      {waiting, writes} <= '0;
      idle <= '1;
    end else begin
      now <= t;
      if (refreshes) refresh_at <= refresh_at + 64'(chip_pkg::T_TREFI);
      for (int p = 0; p < PORTS; p++) begin
        q_head[p] <= head_1[p];
        q_n[p] <= n_1[p] + 6'(come[p]);
      end
      for (int w = 0; w < WRITES; w++) begin
        popped[w] <= popped_1[w];
        if (come[READS+w]) idle[READS+w] <= 1'b0;
        else if (moves[READS+w] && q_n[READS+w] == 6'd1) idle[READS+w] <= 1'b1;
      end
      waiting <= waiting - gone + came;
      writes <= writes - gone_writes + came_writes;

      // Banks.
      open <= open_2;
      for (int i = 0; i < BANKS; i++) begin
        row[i] <= rows_1[32*i+:32];
        pre[i] <= pre_1[i];
        if (refreshes) act[i] <= ready;
      end
      if (closes) act[closed] <= t + 64'(chip_pkg::T_TRP);
      if (opens) begin
        col[opened] <= t + 64'(chip_pkg::T_TRCD);
        pre[opened] <= t + 64'(chip_pkg::T_TRAS);
        act_ok <= t + 64'(chip_pkg::T_TRRD);
        act_times[act_slot] <= t + 64'(chip_pkg::T_TFAW);
        act_slot <= act_slot + 2'd1;
      end
      ahead_valid <= (works ? ahead_1 : ahead_valid) || missed;
      if (missed) {ahead_bank, ahead_row} <= {missed_bank, missed_row};

      // The bus.
      if (works) begin
        next[writing_1] <= next_1;
        bus_free <= bus_free_1;
        if (movers[0]) begin
          slot_ok[!writing_1] <= t + (writing_1 ? 64'(chip_pkg::T_WRITE_TO_READ)
                                                : 64'(chip_pkg::T_READ_TO_WRITE));
        end
      end
    end
  end

  // Out.
  always_ff @(posedge clk) begin
    if (rst) begin
      out_room <= '1;
      out_write_idle <= '1;
      out_status <= chip_pkg::ST_IDLE;
    end else begin
      out_status <= next_status;
      for (int p = 0; p < PORTS; p++) begin
        out_room[p] <= n_1[p] + 6'(come[p]) + 6'd2
            <= (p < READS ? 6'(chip_pkg::XMEM_READ_DEPTH) : 6'(chip_pkg::XMEM_WRITE_DEPTH));
        out_write_idle[p] <= !come[p] && (idle[p] || moves[p] && q_n[p] == 6'd1) || p < READS;
      end
    end
  end

  always_comb begin
    ev = '0;
    ev.xmem_read_weights = 12'(moves[chip_pkg::XP_WLD]);
    ev.xmem_read_dma = 12'(moves[chip_pkg::XP_DMA]);
    ev.xmem_read_update = 12'(moves[chip_pkg::XP_MOM]);
    ev.xmem_read_norm = 12'(moves[chip_pkg::XP_NORM]);
    ev.xmem_read_epc = 12'(moves[chip_pkg::XP_EPC]);
    ev.xmem_write_update = 12'(moves[chip_pkg::XP_MOM_W]);
    ev.xmem_write_dma = 12'(moves[chip_pkg::XP_DMA_W]);
    ev.xmem_write_drain = 12'(moves[chip_pkg::XP_DRAIN_W]);
    ev.xmem_write_errors = 12'(moves[chip_pkg::XP_DEPC_W]);
    ev.xmem_write_norm = 12'(moves[chip_pkg::XP_NORM_W]);
    ev.xmem_activate = 12'(opens);
    ev.xmem_refresh = 12'(refreshes);
    ev.clock_xmem = 12'(out_resp[chip_pkg::W_X_RESP_T-1] || active || refreshes || came != 9'd0
        || next_status != out_status);
    ev.clock_xmem_refresh = 12'd1;
    ev.clock_xmem_bank = 12'(opens);
    ev.clock_xmem_ahead = 12'(missed);
    ev.clock_xmem_resp = 12'(answers[0]) + 12'(answers[1]);
  end
endmodule
