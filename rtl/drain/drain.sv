// The drain (doc.go): a group of 16 lanes a cycle out of the accumulators, in four stages that move
// together or stand still together.
//
//   ask     a request for accumulators and mask, the address of the biases
//   add     + bias                            drain_add.sv
//   narrow  shift, round, clip, mask          drain_narrow.sv
//   send    to encoder, OMEM or external memory; maximum and clips
module drain (
    input logic clk,
    input logic rst,
    input chip_pkg::bus_t in_bus,
    input chip_pkg::bank_head_t in_head,
    input logic [16*chip_pkg::W_ACC-1:0] in_acc,
    input chip_pkg::mask_data_t in_mask,
    input chip_pkg::bias_write_t in_bias,
    input logic in_enc_room,
    input logic in_enc_idle,
    input logic in_write_room,
    input logic in_write_idle,
    input logic in_x_room,
    input logic in_x_idle,
    output logic [2:0] out_status,
    output chip_pkg::done_t out_done,
    output chip_pkg::fault_t out_fault,
    output logic [31:0] out_stat,
    output logic out_free,
    output chip_pkg::acc_req_t out_acc,
    output chip_pkg::mask_req_t out_mask,
    output chip_pkg::enc_req_t out_enc,
    output chip_pkg::write_req_t out_write,
    output chip_pkg::x_req_t out_x,
    output chip_pkg::drain_ev_t ev
);
  localparam int WG = chip_pkg::W_GROUP;
  localparam int WM = chip_pkg::W_MASK;

  // The oldest command.

  logic got_param, got_cmd, got_get, retires, bad;
  logic [2:0] n;
  logic [1:0] oldest;
  logic [4*chip_pkg::W_CMD_T-1:0] cmds;
  chip_pkg::cmd_t c;
  chip_pkg::fault_t fault;
  logic act, external, drops, masked;
  logic [31:0] dstep, block;
  logic [1:0] split;
  logic [WM-1:0] mstep;

  front #(
      .UNIT(chip_pkg::UNIT_DRAIN)
  ) front_i (
      .clk(clk), .rst(rst), .bus(in_bus), .pop(retires), .got_param(got_param), .got_cmd(got_cmd),
      .got_get(got_get), .n(n), .head(oldest), .cmds(cmds)
  );
  assign c = cmds[chip_pkg::W_CMD_T-1:0];
  drain_limits limits (
      .op(c.op), .flags(c.flags), .p(c.p), .loaded(512'd0), .bad(bad), .fault(fault)
  );
  assign act = c.op == chip_pkg::OP_DRAIN_ACT;
  assign external = !act && (c.flags & chip_pkg::FLAG_X) != 16'd0;
  assign drops = act && (c.flags & chip_pkg::FLAG_DROP) != 16'd0;
  assign masked = c.op == chip_pkg::OP_DRAIN_ERR && (c.flags & chip_pkg::FLAG_ALL) == 16'd0;
  assign split = c.p[32*chip_pkg::P_DRAIN_SPLIT+:2];
  assign dstep = c.p[32*chip_pkg::P_DRAIN_DSTEP+:32];
  assign mstep = c.p[32*chip_pkg::P_DRAIN_MSTEP+:WM];
  assign block = c.p[32*chip_pkg::P_DRAIN_BLOCK+:32];

  // What happens in this cycle. A command that takes its bank asks for the first group at once.

  logic running, read, sent, settle;
  logic [chip_pkg::W_BANK-1:0] bank;
  logic asked_valid, sums_valid, pipe_valid;
  logic called, works, offered, begins, flows, room, sends, moves, asks, adds, narrows, ends, idle;
  logic [2:0] status;

  assign called = in_bus.kind != chip_pkg::BUS_NONE && in_bus.unit == chip_pkg::UNIT_DRAIN;
  assign works = n != 3'd0 && out_fault.code == chip_pkg::F_NONE;
  assign offered = works && !running && in_head.valid && !in_head.to_mom;
  assign begins = offered && !bad;
  assign flows = begins || works && running && !sent;
  assign room = external ? in_x_room : act ? in_enc_room : in_write_room;
  assign moves = flows && (!pipe_valid || room);
  assign sends = moves && pipe_valid;
  assign narrows = moves && sums_valid;
  assign adds = moves && asked_valid;
  assign asks = moves && (begins || !read);
  assign ends = works && running && sent;
  assign idle = external ? in_x_idle : in_enc_idle && in_write_idle;
  assign retires = ends && !settle && idle;

  always_comb begin
    status = chip_pkg::ST_IDLE;
    if (flows) status = moves ? chip_pkg::ST_BUSY : chip_pkg::ST_WAIT_DRAIN;
    else if (ends) status = settle || idle ? chip_pkg::ST_BUSY : chip_pkg::ST_WAIT_DRAIN;
    else if (works && !offered) status = chip_pkg::ST_WAIT_OPERAND;
  end

  always_ff @(posedge clk) begin
    out_status <= status;
    out_done.valid <= retires;
    if (retires) out_done.inst <= c.inst;
    if (begins) bank <= in_head.bank;
    if (offered && bad) out_fault <= fault;
    if (begins) running <= 1'b1;
    if (retires) running <= 1'b0;
    if (rst) begin
      running    <= 1'b0;
      out_status <= chip_pkg::ST_IDLE;
      out_done   <= '0;
      out_fault  <= '0;
    end
  end

  // Ask: the next group, of a command that begins the first one.

  logic [6:0] from_sample, sample;
  logic [WG-1:0] from_group, group;
  logic [31:0] from_ctr, ctr;
  logic [WM-1:0] from_mask, from_mask_row, mask_word, mask_row;
  logic [10:0] left;
  logic [WG+1:0] part;
  logic [6:0] bank_row;
  logic group_last, group_end;
  logic [4:0] group_n;
  logic [WG:0] bias_at;  // the address that BIAS has taken
  logic [4:0] asked_n;
  logic asked_last, asked_end;
  logic [31:0] asked_mix;

  always_comb begin
    sample = from_sample;
    group = from_group;
    ctr = from_ctr;
    mask_word = from_mask;
    mask_row = from_mask_row;
    if (begins) begin
      sample = 7'd0;
      group = '0;
      ctr = c.p[32*chip_pkg::P_DRAIN_CTR+:32];
      mask_word = c.p[32*chip_pkg::P_DRAIN_MASK+:WM];
      mask_row = mask_word;
    end
    left = c.p[32*chip_pkg::P_DRAIN_LANES+:11] - {{7 - WG{1'b0}}, group, 4'd0};
    group_last = left <= 11'd16;
    group_n = group_last ? left[4:0] : 5'd16;
    group_end = group_last && {1'b0, sample} + 8'd1 == c.p[32*chip_pkg::P_DRAIN_NB+:8];
    // The low bits of the sample choose a 2^split-th of the row.
    part = {sample[1:0], {WG{1'b0}}} >> split;
    bank_row = sample >> split;
  end

  always_ff @(posedge clk) begin
    if (moves) begin
      asked_valid   <= asks;
      out_acc.valid <= asks;
    end
    if (asks) begin
      read <= group_end;
      out_acc.bank <= begins ? in_head.bank : bank;
      out_acc.row <= bank_row[4:0];
      out_acc.group <= group | part[WG-1:0];
      bias_at <= {(c.flags & chip_pkg::FLAG_B1) != 16'd0, group};
      asked_n <= group_n;
      asked_last <= group_last;
      asked_end <= group_end;
      if (drops)
        asked_mix <= c.p[32*chip_pkg::P_DRAIN_SEED+:32] ^ (ctr + {{32 - WG{1'b0}}, group});
      from_sample <= group_last ? sample + 7'd1 : sample;
      from_group <= group_last ? '0 : group + 1'd1;
      from_ctr <= group_last ? ctr + c.p[32*chip_pkg::P_DRAIN_CSTEP+:32] : ctr;
      from_mask <= group_last ? mask_row + mstep : mask_word + 1'd1;
      from_mask_row <= group_last ? mask_row + mstep : mask_row;
    end
    if (rst) begin
      read <= 1'b0;
      asked_valid <= 1'b0;
      out_acc.valid <= 1'b0;
    end
  end

  // Add: BIAS in words of 16, each buffer a memory with one port, which is read or, while no
  // command uses the buffer, written. The DMA writes half a word at a time.

  logic [255:0] bias_low[0:chip_pkg::N_LANES/8-1];
  logic [255:0] bias_high[0:chip_pkg::N_LANES/8-1];
  logic [WG:0] bias_to;
  logic [16*chip_pkg::W_ACC-1:0] sums_sum;
  logic [31:0] sums_mix;
  logic [15:0] sums_mask;
  logic [4:0] sums_n;
  logic sums_last, sums_end;

  assign bias_to = {in_bias.buf_, in_bias.index[chip_pkg::W_LANE-1:4]};

  always_ff @(posedge clk) begin
    if (in_bias.valid && !in_bias.index[3]) bias_low[bias_to] <= in_bias.data;
    if (in_bias.valid && in_bias.index[3]) bias_high[bias_to] <= in_bias.data;
  end

  drain_add add (
      .clk(clk), .enable(adds), .with_bias(c.op != chip_pkg::OP_DRAIN_ERR), .drops(drops),
      .acc(in_acc), .bias({bias_high[bias_at], bias_low[bias_at]}), .mix(asked_mix),
      .sums_sum(sums_sum), .sums_mix(sums_mix)
  );

  always_ff @(posedge clk) begin
    out_free <= adds && asked_end;
    if (moves) sums_valid <= asked_valid;
    if (adds) begin
      sums_n <= asked_n;
      sums_last <= asked_last;
      sums_end <= asked_end;
      sums_mask <= masked ? in_mask.data : 16'hffff;
    end
    if (rst) begin
      sums_valid <= 1'b0;
      out_free   <= 1'b0;
    end
  end

  // Narrow.

  logic [255:0] pipe_data;
  logic [15:0] pipe_sat, pipe_keep;
  logic [4:0] pipe_n;
  logic pipe_last, pipe_end;

  drain_narrow narrow (
      .clk(clk), .enable(narrows), .shift(c.p[32*chip_pkg::P_DRAIN_SHIFT+:7]), .drops(drops),
      .sum(sums_sum), .mix(sums_mix), .n(sums_n), .mask(sums_mask), .pipe_data(pipe_data),
      .pipe_sat(pipe_sat), .pipe_keep(pipe_keep)
  );

  always_ff @(posedge clk) begin
    if (moves) pipe_valid <= sums_valid;
    if (narrows) begin
      pipe_n <= sums_n;
      pipe_last <= sums_last;
      pipe_end <= sums_end;
    end
    if (rst) pipe_valid <= 1'b0;
  end

  // Send.

  logic to_first;
  logic [1:0] to_at;
  logic [31:0] to_addr, to_row, next_addr;
  logic [WM-1:0] to_mask, to_mask_row;
  logic [255:0] rectified;
  logic [15:0] positive;
  logic block_last;

  always_comb begin
    for (int i = 0; i < 16; i++) begin
      positive[i] = pipe_keep[i] && !pipe_data[16*i+15] && pipe_data[16*i+:15] != 15'd0;
      rectified[16*i+:16] = positive[i] ? pipe_data[16*i+:16] : 16'd0;
    end
    // Blocks of 64 elements (which 0 stands for), 48, 32 or 16.
    block_last = pipe_last || to_at == block[5:4] - 2'd1;
    next_addr = to_addr + 32'd4;
    if (external) next_addr = to_addr + 32'd32;
    if (act) next_addr = to_addr + {31'd0, block_last};
  end

  always_ff @(posedge clk) begin
    if (begins) begin
      sent <= 1'b0;
      to_first <= 1'b1;
      to_at <= 2'd0;
      to_row <= c.p[32*chip_pkg::P_DRAIN_DST+:32];
      to_addr <= c.p[32*chip_pkg::P_DRAIN_DST+:32];
      to_mask <= c.p[32*chip_pkg::P_DRAIN_MASK+:WM];
      to_mask_row <= c.p[32*chip_pkg::P_DRAIN_MASK+:WM];
    end
    if (sends) begin
      sent <= pipe_end;
      to_addr <= next_addr;
      to_mask <= to_mask + 1'd1;
      if (act) to_at <= block_last ? 2'd0 : to_at + 2'd1;
      if (act && block_last) to_first <= 1'b0;
      if (pipe_last) begin
        to_row <= to_row + dstep;
        to_addr <= to_row + dstep;
        to_mask_row <= to_mask_row + mstep;
        to_mask <= to_mask_row + mstep;
      end
    end
    settle <= sends && pipe_end;
    if (rst) begin
      sent   <= 1'b0;
      settle <= 1'b0;
    end
  end

  always_ff @(posedge clk) begin
    out_enc.valid   <= sends && act;
    out_write.valid <= sends && !act && !external;
    out_x.valid     <= sends && external;
    if (sends && act) begin
      out_enc.last <= block_last;
      out_enc.new_ <= (c.flags & chip_pkg::FLAG_NEW) != 16'd0 && to_first;
      out_enc.group <= to_at;
      out_enc.ptr <= to_addr;
      out_enc.alloc <= c.p[32*chip_pkg::P_DRAIN_ALLOC+:32];
      out_enc.limit <= c.p[32*chip_pkg::P_DRAIN_LIMIT+:32];
      out_enc.data <= rectified;
    end
    if (sends && !act && !external) begin
      out_write.addr <= to_addr;
      out_write.data <= pipe_data;
    end
    if (sends && external) begin
      out_x.addr <= to_addr;
      out_x.data <= pipe_data;
    end
    if (rst) begin
      out_enc.valid   <= 1'b0;
      out_write.valid <= 1'b0;
      out_x.valid     <= 1'b0;
    end
  end

  // The port of the mask memory: a read stays until its group is added, a write falls.

  logic mask_reads, mask_writes;
  assign mask_reads  = asks && masked;
  assign mask_writes = sends && act;

  always_ff @(posedge clk) begin
    if (mask_reads || mask_writes) begin
      out_mask.valid <= 1'b1;
      out_mask.write <= mask_writes;
      out_mask.addr  <= mask_writes ? to_mask : mask_word;
      out_mask.data  <= mask_writes ? positive : 16'd0;
    end else if (out_mask.write || adds) begin
      out_mask.valid <= 1'b0;
    end
    if (rst) out_mask.valid <= 1'b0;
  end

  // Status registers: reading clears, and what is sent in the same cycle counts from then on.

  logic [31:0] sat, clips;
  logic [15:0] max, largest;

  drain_count count (
      .data(pipe_data), .sat(pipe_sat), .clips(clips), .largest(largest)
  );

  logic [31:0] old_sat;
  logic [15:0] old_max;
  assign old_sat = got_get && in_bus.index == 4'd0 ? 32'd0 : sat;
  assign old_max = got_get && in_bus.index == 4'd1 ? 16'd0 : max;

  always_ff @(posedge clk) begin
    if (sends || got_get) begin
      sat <= sends ? old_sat + clips : old_sat;
      max <= sends && largest > old_max ? largest : old_max;
    end
    if (got_get) begin
      out_stat <= 32'd0;
      if (in_bus.index == 4'd0) out_stat <= sat;
      if (in_bus.index == 4'd1) out_stat <= {16'd0, max};
    end
    if (rst) begin
      sat <= 32'd0;
      max <= 16'd0;
      out_stat <= 32'd0;
    end
  end

  // Events.

  always_comb begin
    ev = '0;
    ev.bias_read[0] = adds && c.op != chip_pkg::OP_DRAIN_ERR;
    ev.bias_write[0] = in_bias.valid;
    ev.drain_lane = narrows ? {7'd0, sums_n} : 12'd0;
    ev.dropout_random[0] = narrows && drops;
    ev.clock_drain[0] = called || status == chip_pkg::ST_BUSY || status != out_status;
    ev.clock_drain_param[0] = got_param;
    ev.clock_drain_cmd[0] = got_cmd;
    ev.clock_drain_read[0] = asks;
    ev.clock_drain_mask[0] = mask_reads || mask_writes;
    ev.clock_drain_sums[0] = adds;
    ev.clock_drain_pipe[0] = narrows;
    ev.clock_drain_send[0] = begins || sends;
    ev.clock_drain_count = {11'd0, sends} + {11'd0, got_get};
    ev.clock_drain_stat[0] = got_get;
    ev.clock_drain_enc[0] = sends && act;
    ev.clock_drain_write[0] = sends && !act && !external;
    ev.clock_drain_x[0] = sends && external;
    ev.acc_read[0] = asks;
    ev.mask_read[0] = mask_reads;
    ev.mask_write[0] = mask_writes;
  end
endmodule
