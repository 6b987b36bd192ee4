// The sequencer: reads an instruction a cycle, executes it, puts commands on the bus and waits for
// their units. Its page is rtl/seq/doc.go.
module seq (
    input logic clk,
    input logic rst,
    input logic [49:0] in_done, // 10 x done_t
    input logic [319:0] in_stat, // 10 x 32 bits
    input chip_pkg::scratch_req_t in_scratch,
    output logic [2:0] out_status,
    output chip_pkg::bus_t out_bus,
    output chip_pkg::scratch_data_t out_scratch,
    output chip_pkg::fault_t out_fault,
    output chip_pkg::seq_ev_t ev
);
  localparam int IMEM_BYTES = chip_pkg::SEQ_IMEM_BYTES;
  localparam int W_PC = $clog2(IMEM_BYTES + 1); // up to the first behind the memory
  localparam int W_IMEM = IMEM_BYTES > 8 ? $clog2(IMEM_BYTES / 8) : 1;
  localparam int W_SCR = chip_pkg::W_SCRATCH;
  localparam logic [W_PC-1:0] BEYOND = '1; // stands for every address behind that one

  // Registers.
  logic [W_PC-1:0] pc;
  logic [31:0] r[0:15]; // two read ports, one write port; r[0] stays 0
  logic [W_PC-1:0] loops_start[0:3];
  logic [W_PC-1:0] loops_end[0:3];
  logic [31:0] loops_count[0:3]; // passes left after the present one
  logic [2:0] n_loops;
  logic [1:0] stall; // cycles until the present instruction is over
  logic [3:0] get_unit;
  logic [3:0] get_reg;
  logic get_pending;
  logic blocked; // the present instruction waits for a command to retire
  logic halted;
  logic finished;
  // Before a fault its argument holds the last address that the pc cannot.
  chip_pkg::fault_t fault;

  // Memories. The program reads a word of imem a cycle.
  logic [63:0] imem[0:IMEM_BYTES/8-1];
  // The program reads or writes a word a cycle; beside it the DMA reads or writes eight in a row,
  // which lie in eight banks.
  logic [31:0] scratch[0:chip_pkg::SEQ_SCRATCH_BYTES/4-1];

  // Where the program begins and how long it is. A chip starts at 0 and knows no end but that of
  // its memory: behind the program are words of zeros, which are no instructions.
`ifdef SYNTHESIS
  localparam logic [31:0] ENTRY = 32'd0;
  localparam logic [31:0] PROGRAM_BYTES = 32'(IMEM_BYTES);
`else
  logic [31:0] ENTRY, PROGRAM_BYTES;
  string file;
  initial begin
    ENTRY = 32'd0;
    PROGRAM_BYTES = 32'(IMEM_BYTES);
    if ($value$plusargs("imem=%s", file)) $readmemh(file, imem);
    if ($value$plusargs("scratch=%s", file)) $readmemh(file, scratch);
    if ($value$plusargs("entry=%d", ENTRY)) ;
    if ($value$plusargs("program=%d", PROGRAM_BYTES)) ;
  end
`endif

  // The instruction and its operands.
  logic [63:0] word;
  logic [7:0] op;
  logic [3:0] rd, ra, rb, aux_unit;
  logic [11:0] aux;
  logic [31:0] imm, a, b, here, after, addr;

  assign word = imem[pc[W_IMEM+2:3]];
  assign {op, rd, ra, rb, aux, imm} = word;
  assign aux_unit = aux[11:8];
  assign a = r[ra];
  assign b = r[rb];
  assign here = pc == BEYOND ? fault.arg[31:0] : 32'(pc);
  assign after = here + 32'd8;
  assign addr = a + imm;

  logic scalar, branch, taken, is_command;
  logic [31:0] value;
  logic [3:0] executes;
  logic [4:0] params, status;
  logic [15:0] takes, flags;

  seq_alu alu (
      .op(op), .a(a), .b(b), .imm(imm),
      .scalar(scalar), .value(value), .branch(branch), .taken(taken)
  );
  seq_units units (
      .op(op), .command(is_command), .executes(executes), .flags(takes),
      .unit(aux_unit), .params(params), .status(status)
  );
  assign flags = {4'd0, aux} | a[15:0];

  // What happens in this cycle.
  logic any, full, report, used_last, scan, slots;
  logic [29:0] left;
  logic [3:0] inst;
  logic stops, closes, finishes, runs, was_get;
  logic issue, mark;

  seq_marks marks (
      .clk(clk), .rst(rst), .done(in_done), .issue(issue), .unit(executes), .mark(mark),
      .close(closes && used_last), .any(any), .left(left), .inst(inst), .full(full),
      .report(report), .used_last(used_last), .scan(scan), .changes(slots)
  );

  assign stops = fault.code != chip_pkg::F_NONE || finished;
  assign closes = !stops && halted && left == '0 && !report;
  assign finishes = closes && !used_last;
  assign runs = !stops && !halted && stall == 2'd0 && !(blocked && !any);
  assign was_get = !stops && !halted && stall == 2'd1 && get_pending;

  // The program's access to scratch memory. It sees what the DMA writes in the same cycle.
  logic is_load, is_store, crosses;
  logic [1:0] low; // bits of the address that its size leaves no choice
  logic [31:0] old, seen, loaded;
  logic [W_SCR-1:0] behind;

  assign is_load = op == chip_pkg::OP_LW || op == chip_pkg::OP_LHU || op == chip_pkg::OP_LBU;
  assign is_store = op == chip_pkg::OP_SW || op == chip_pkg::OP_SH;
  assign low = op == chip_pkg::OP_LW || op == chip_pkg::OP_SW ? 2'd3
      : {1'b0, op != chip_pkg::OP_LBU};
  assign crosses = (addr[1:0] & low) != 2'd0
      || {1'b0, addr} + {31'd0, low} >= 33'(chip_pkg::SEQ_SCRATCH_BYTES);
  assign old = scratch[addr[W_SCR-1:2]];
  assign behind = {addr[W_SCR-1:2], 2'd0} - in_scratch.addr;

  always_comb begin
    seen = old;
    for (int i = 0; i < 4; i++) begin
      if (in_scratch.valid && in_scratch.write && 32'(behind) + i < 32'(in_scratch.n)) begin
        seen[8*i+:8] = in_scratch.data[8*(32'(behind[4:0])+i)+:8];
      end
    end
    case (op)
      chip_pkg::OP_LW: loaded = seen;
      chip_pkg::OP_LHU: loaded = {16'd0, addr[1] ? seen[31:16] : seen[15:0]};
      default: loaded = {24'd0, seen[8*addr[1:0]+:8]};
    endcase
  end

  // Execution: each kind of instruction says what it wants; a fault or a wait undoes it.
  logic illegal, beyond_memory, too_deep, trap, queue_full, early, waits;
  logic halts, sets, gets, takes_mark, begins, jumps, writes_rd, ok, good;
  logic [31:0] result, target;

  always_comb begin
    {illegal, beyond_memory, too_deep, trap, queue_full, early} = '0;
    {halts, sets, gets, takes_mark, begins, jumps, writes_rd} = '0;
    result = value;
    target = op == chip_pkg::OP_JR ? a : imm;
    if (op >= chip_pkg::OP_DMA_MAP) begin
      queue_full = is_command && left[3*executes+:3] >= 3'(chip_pkg::N_QUEUE);
      illegal = !queue_full && (!is_command || (flags & ~takes) != 16'd0);
    end else if (op >= chip_pkg::OP_SET) begin
      case (op)
        chip_pkg::OP_SET, chip_pkg::OP_SETI: begin
          sets = 1'b1;
          illegal = aux[7:0] >= {3'd0, params};
        end
        chip_pkg::OP_GET: begin
          gets = 1'b1;
          illegal = aux[7:0] >= {3'd0, status};
        end
        chip_pkg::OP_WAIT: begin
          illegal = aux_unit == chip_pkg::UNIT_SEQ || aux_unit > chip_pkg::UNIT_EPC || imm[31];
          early = !illegal && {29'd0, left[3*aux_unit+:3]} > imm;
        end
        chip_pkg::OP_MARK: begin
          takes_mark = 1'b1;
          illegal = 32'(aux) >= chip_pkg::N_PHASES || a > 32'd31;
        end
        default: illegal = 1'b1;
      endcase
    end else if (op >= chip_pkg::OP_BEQ) begin
      case (op)
        chip_pkg::OP_JAL: begin
          {jumps, writes_rd} = 2'b11;
          result = after;
        end
        chip_pkg::OP_JR: jumps = 1'b1;
        chip_pkg::OP_LOOP: begin
          illegal = target < after; // its end would never be reached
          jumps = a[31] || a == 32'd0 || target == after;
          too_deep = !illegal && !jumps && n_loops == 3'd4;
          begins = !jumps;
        end
        default: begin
          illegal = !branch;
          jumps = taken;
        end
      endcase
    end else if (op >= chip_pkg::OP_LW) begin
      illegal = !is_load && !is_store;
      beyond_memory = !illegal && crosses;
      writes_rd = is_load;
      result = loaded;
    end else begin
      halts = op == chip_pkg::OP_HALT;
      trap = op == chip_pkg::OP_TRAP;
      writes_rd = scalar;
      illegal = !scalar && !halts && !trap && op != chip_pkg::OP_NOP;
    end
  end

  assign good = here < PROGRAM_BYTES && here[2:0] == 3'd0;
  assign waits = good && (queue_full || early || takes_mark && !illegal && full);
  assign ok = runs && good && !waits && !illegal && !beyond_memory && !too_deep && !trap;
  assign issue = ok && is_command;
  assign mark = ok && takes_mark;

  // The next pc; loops that end there go round or end, the innermost first.
  logic [31:0] next;
  logic settled, goes_round;
  logic [1:0] round;
  logic [2:0] loops_left;
  logic [W_PC-1:0] next_pc;

  always_comb begin
    next = jumps ? target : after;
    next_pc = next > 32'(IMEM_BYTES) ? BEYOND : next[W_PC-1:0];
    settled = begins;
    goes_round = 1'b0;
    round = 2'd0;
    loops_left = n_loops;
    for (int i = 3; i >= 0; i--) begin
      if (!settled && 3'(i) < n_loops) begin
        if (next_pc != loops_end[i] || next_pc == BEYOND) begin
          settled = 1'b1;
        end else if (loops_count[i] != 32'd0) begin
          settled = 1'b1;
          goes_round = 1'b1;
          round = 2'(i);
        end else begin
          loops_left = 3'(i);
        end
      end
    end
    if (goes_round) next_pc = loops_start[round];
  end

  // Registers of the program.
  logic writes;
  logic [3:0] write_to;
  logic [31:0] write_value;

  assign write_to = was_get ? get_reg : rd;
  assign write_value = was_get ? in_stat[32*get_unit+:32] : result;
  assign writes = (was_get || ok && writes_rd) && write_to != 4'd0;

  always_ff @(posedge clk) begin
    if (rst) begin
      for (int i = 0; i < 16; i++) r[i] <= 32'd0;
    end else if (writes) r[write_to] <= write_value;
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      for (int i = 0; i < 4; i++) begin
        loops_start[i] <= '0;
        loops_end[i] <= '0;
        loops_count[i] <= 32'd0;
      end
    end else if (ok && begins) begin
      loops_start[n_loops[1:0]] <= after[W_PC-1:0];
      loops_end[n_loops[1:0]] <= target > 32'(IMEM_BYTES) ? BEYOND : target[W_PC-1:0];
      loops_count[n_loops[1:0]] <= a - 32'd1;
    end else if (ok && !halts && goes_round) loops_count[round] <= loops_count[round] - 32'd1;
  end

  // The sequence.
  logic [2:0] next_status;
  logic works;

  always_comb begin
    next_status = chip_pkg::ST_BUSY;
    if (stops || halted) next_status = chip_pkg::ST_IDLE;
    else if (runs && waits) next_status = chip_pkg::ST_WAIT_OPERAND;
    else if (stall == 2'd0 && !runs) next_status = out_status;
  end

  assign works = scan || in_scratch.valid || out_scratch.valid || out_bus.kind != chip_pkg::BUS_NONE
      || slots || finishes || next_status == chip_pkg::ST_BUSY || next_status != out_status;

  always_ff @(posedge clk) begin
    if (rst) begin
      pc <= ENTRY[W_PC-1:0];
      n_loops <= 3'd0;
      stall <= 2'd0;
      {get_unit, get_reg, get_pending} <= '0;
      {blocked, halted, finished} <= '0;
      out_status <= chip_pkg::ST_IDLE;
      {fault, out_fault} <= '0;
    end else begin
      out_status <= next_status;
      out_fault <= fault;
      if (finishes) finished <= 1'b1;
      blocked <= blocked && !any || runs && good && (queue_full || early);
      if (was_get) get_pending <= 1'b0;
      if (!stops && !halted && stall != 2'd0) stall <= stall - 2'd1;
      if (ok) begin
        if (halts) halted <= 1'b1;
        else begin
          pc <= next_pc;
          n_loops <= begins ? n_loops + 3'd1 : loops_left;
          if (next_pc == BEYOND) fault.arg <= {32'd0, next};
        end
        if (jumps || is_load) stall <= 2'd1;
        if (gets) begin
          stall <= 2'd2;
          {get_unit, get_reg, get_pending} <= {aux_unit, rd, 1'b1};
        end
      end else if (runs && !waits) begin
        if (!good) fault <= {chip_pkg::F_PC, 32'd0, here};
        else if (illegal) fault <= {chip_pkg::F_ILLEGAL, word};
        else if (beyond_memory) fault <= {chip_pkg::F_SCRATCH, 32'd0, addr};
        else if (too_deep) fault <= {chip_pkg::F_LOOP, 64'd5};
        else fault <= {chip_pkg::F_TRAP, 32'd0, imm};
      end
    end
  end

  // The bus.
  logic sends;
  assign sends = ok && (sets || gets || is_command);

  always_ff @(posedge clk) begin
    if (rst) out_bus <= '0;
    else begin
      out_bus.kind <= chip_pkg::BUS_NONE;
      if (sends) begin
        out_bus <= '0;
        if (is_command) begin
          out_bus.kind <= chip_pkg::BUS_CMD;
          {out_bus.unit, out_bus.op, out_bus.flags, out_bus.inst} <= {executes, op, flags, inst};
        end else begin
          out_bus.kind <= gets ? chip_pkg::BUS_GET : chip_pkg::BUS_PARAM;
          {out_bus.unit, out_bus.index} <= {aux_unit, aux[3:0]};
          if (sets) out_bus.val <= op == chip_pkg::OP_SET ? a : imm;
        end
      end
    end
  end

  // Scratch memory: the DMA's access, then the program's, which wins.
  logic dma_reads, dma_writes;
  logic [W_SCR-3:0] first;

  assign dma_reads = in_scratch.valid && !in_scratch.write;
  assign dma_writes = in_scratch.valid && in_scratch.write;
  assign first = in_scratch.addr[W_SCR-1:2];

  always_ff @(posedge clk) begin
    for (int i = 0; i < 32; i++) begin
      if (dma_writes && 6'(i) < in_scratch.n) begin
        scratch[first+(W_SCR-2)'(i/4)][8*(i%4)+:8] <= in_scratch.data[8*i+:8];
      end
    end
    if (ok && op == chip_pkg::OP_SW) scratch[addr[W_SCR-1:2]] <= b;
    if (ok && op == chip_pkg::OP_SH) scratch[addr[W_SCR-1:2]][16*addr[1]+:16] <= b[15:0];
    if (rst) out_scratch <= '0;
    else begin
      out_scratch.valid <= dma_reads;
      if (dma_reads) begin
        for (int i = 0; i < 8; i++) begin
          out_scratch.data[32*i+:32] <= scratch[first+(W_SCR-2)'(i)];
        end
      end
    end
  end

  always_comb begin
    ev = '0;
    ev.instruction = 12'(ok);
    ev.imem_read = 12'(ok);
    ev.scratch_read = 12'(ok && is_load) + (dma_reads ? 12'd8 : 12'd0);
    ev.scratch_write = 12'(ok && is_store)
        + (dma_writes ? (12'(in_scratch.n) + 12'd3) >> 2 : 12'd0);
    ev.clock_seq = 12'(works);
    ev.clock_seq_reg = 12'(writes);
    ev.clock_seq_loop = 12'(ok && begins);
    ev.clock_seq_count = 12'(ok && (begins || !halts && goes_round));
    ev.clock_seq_slot = 12'(slots);
    ev.clock_seq_bus = 12'(sends);
    ev.clock_seq_scratch = 12'(dma_reads);
  end
endmodule
