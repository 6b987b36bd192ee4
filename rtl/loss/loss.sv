// The loss unit (doc.go): rows of logits come in and are scored; loss.ce then makes two passes over
// each row, four elements a cycle.
//
//   loss_load.sv    FIFO of what comes, the largest logit of a row and its class
//   loss_pass.sv    row buffer; logit -> z -> p -> p * R -> error; the group of e_L
//   loss_exp.sv     the table of p
//
// Here stand the command and its phases, labels, sum and divider, and the status registers.
module loss (
    input logic clk,
    input logic rst,
    input chip_pkg::bus_t in_bus,
    input chip_pkg::read_data_t in_read,
    input logic in_req_room,
    input logic in_write_room,
    input logic in_write_idle,
    output logic [2:0] out_status,
    output chip_pkg::done_t out_done,
    output chip_pkg::fault_t out_fault,
    output logic [31:0] out_stat,
    output chip_pkg::read_req_t out_req,
    output logic out_read_room,
    output chip_pkg::write_req_t out_write,
    output chip_pkg::loss_ev_t ev
);
  localparam int WC = $clog2(chip_pkg::N_CLASSES);
  localparam int WG = $clog2(chip_pkg::N_CLASSES / 16 + 1);
  localparam int WS = $clog2(chip_pkg::N_CLASSES + 1) + 16;  // a sum, at most 2^16 a class

  localparam logic [2:0] PHASE_IDLE = 3'd0;
  localparam logic [2:0] PHASE_LOAD = 3'd1;
  localparam logic [2:0] PHASE_EXP = 3'd2;
  localparam logic [2:0] PHASE_DIVIDE = 3'd3;
  localparam logic [2:0] PHASE_OUT = 3'd4;
  localparam logic [2:0] PHASE_FINISH = 3'd5;

  // The oldest command.

  logic got_param, got_cmd, got_get, retires, bad, ce;
  logic [2:0] n;
  logic [1:0] oldest;
  logic [4*chip_pkg::W_CMD_T-1:0] cmds;
  chip_pkg::cmd_t c;
  chip_pkg::fault_t limit_fault;
  logic [10:0] classes, ceiled;
  logic [WG-1:0] groups;
  logic [31:0] dstep;

  front #(
      .UNIT(chip_pkg::UNIT_LOSS)
  ) front_i (
      .clk(clk), .rst(rst), .bus(in_bus), .pop(retires), .got_param(got_param), .got_cmd(got_cmd),
      .got_get(got_get), .n(n), .head(oldest), .cmds(cmds)
  );
  assign c = cmds[chip_pkg::W_CMD_T-1:0];
  loss_limits limits (
      .op(c.op), .flags(c.flags), .p(c.p), .loaded(512'd0), .bad(bad), .fault(limit_fault)
  );
  assign ce = c.op == chip_pkg::OP_LOSS_CE;
  assign classes = c.p[32*chip_pkg::P_LOSS_N+:11];
  assign ceiled = classes + 11'd15;
  assign groups = ceiled[WG+3:4];
  assign dstep = c.p[32*chip_pkg::P_LOSS_DSTEP+:32];

  // Label registers. A label of a sample that cannot be stops the unit in this very cycle.

  logic [511:0] label;
  logic [15:0] row_label;
  logic [4:0] row;
  logic got_label, bad_label;

  assign got_label = got_param && in_bus.index == 4'(chip_pkg::P_LOSS_LABEL);
  assign bad_label = got_label && in_bus.val[31:21] != 11'd0;
  assign row_label = label[16*row+:16];

  always_ff @(posedge clk) begin
    if (got_label && !bad_label) label[16*in_bus.val[20:16]+:16] <= in_bus.val[15:0];
    if (rst) label <= '0;
  end

  // What happens in this cycle.

  logic [2:0] phase, next_phase, status;
  logic asked, settle;
  logic [4:0] step;
  logic some, few, group_last, empty, s3_valid, completes;  // from the parts below
  logic works, begins, loading, asks, looks, wrong, takes, scored, hit;
  logic exp_pass, out_pass, exp_ends, out_ends, divides, divided, last_row, next_row, finishing;

  assign works = n != 3'd0 && out_fault.code == chip_pkg::F_NONE && !bad_label;
  assign begins = works && phase == PHASE_IDLE && !bad;
  assign loading = works && phase == PHASE_LOAD;
  assign asks = (begins || loading && !asked) && in_req_room;
  assign looks = loading && !asks && some;
  assign wrong = looks && row_label >= {5'd0, classes};
  assign takes = looks && !wrong;
  assign scored = takes && group_last;
  assign exp_pass = works && phase == PHASE_EXP;
  assign exp_ends = exp_pass && empty;
  assign divides = works && phase == PHASE_DIVIDE;
  assign divided = divides && step == 5'd24;
  assign out_pass = works && phase == PHASE_OUT && (!completes || in_write_room);
  assign out_ends = out_pass && empty && !s3_valid;
  assign last_row = {1'b0, row} + 6'd1 == c.p[32*chip_pkg::P_LOSS_NB+:6];
  assign next_row = (out_ends || scored && !ce) && !last_row;
  assign finishing = works && phase == PHASE_FINISH;
  assign retires = finishing && !settle && in_write_idle || scored && !ce && last_row;

  always_comb begin
    next_phase = phase;
    if (begins || next_row) next_phase = PHASE_LOAD;
    else if (scored && ce) next_phase = PHASE_EXP;
    else if (exp_ends) next_phase = PHASE_DIVIDE;
    else if (divided) next_phase = PHASE_OUT;
    else if (out_ends) next_phase = PHASE_FINISH;
    else if (retires) next_phase = PHASE_IDLE;

    status = chip_pkg::ST_BUSY;
    if (!works) status = chip_pkg::ST_IDLE;
    else if ((begins || loading) && !asks && !looks) status = chip_pkg::ST_WAIT_OPERAND;
    else if (phase == PHASE_OUT && !out_pass) status = chip_pkg::ST_WAIT_DRAIN;
    else if (finishing && !retires) status = chip_pkg::ST_WAIT_DRAIN;
  end

  always_ff @(posedge clk) begin
    out_status <= status;
    out_read_room <= works && next_phase != PHASE_IDLE && few;
    phase <= next_phase;
    if (begins) begin
      row   <= 5'd0;
      asked <= 1'b0;
    end
    if (asks) asked <= 1'b1;
    if (next_row) row <= row + 5'd1;
    out_done.valid <= retires;
    if (retires) out_done.inst <= c.inst;
    if (out_fault.code == chip_pkg::F_NONE) begin
      if (bad_label) out_fault <= {chip_pkg::F_PARAM, 32'(chip_pkg::P_LOSS_LABEL), in_bus.val};
      else if (works && phase == PHASE_IDLE && bad) out_fault <= limit_fault;
      else if (wrong)
        out_fault <= {chip_pkg::F_PARAM, 32'(chip_pkg::P_LOSS_LABEL), 11'd0, row, row_label};
    end
    out_req.valid <= asks;
    if (asks) begin
      out_req.addr <= c.p[32*chip_pkg::P_LOSS_SRC+:32];
      out_req.groups <= {{9 - WG{1'b0}}, groups};
      out_req.rows <= c.p[32*chip_pkg::P_LOSS_NB+:8];
      out_req.stride <= c.p[32*chip_pkg::P_LOSS_SSTEP+:32];
    end
    if (rst) begin
      out_status <= chip_pkg::ST_IDLE;
      out_read_room <= 1'b0;
      phase <= PHASE_IDLE;
      out_done <= '0;
      out_fault <= '0;
      out_req.valid <= 1'b0;
    end
  end

  // Load.

  logic signed [15:0] largest;
  logic [WC-1:0] found;
  logic [WG-1:0] group;
  logic [4:0] group_n;
  logic [255:0] data;

  loss_load load (
      .clk(clk), .rst(rst), .clear(begins), .restart(begins || next_row),
      .push(works && in_read.valid), .pushed(in_read.data), .take(takes), .classes(classes),
      .groups(groups), .some(some), .few(few), .data(data), .group(group), .group_n(group_n),
      .group_last(group_last), .largest(largest), .found(found)
  );
  assign hit = scored && {{16 - WC{1'b0}}, found} == row_label;

  // The two passes.

  logic [24:0] r;
  logic sums, errs, sends;
  logic [18:0] four;  // the sum of four p
  logic [14:0] biggest;
  logic [2:0] exist1, exist2, exist3;
  logic reads, exponents, powers, products;

  loss_pass pass (
      .clk(clk), .rst(rst), .store(takes && ce), .group(group), .data(data),
      .start(scored && ce || divided), .move(exp_pass || out_pass), .out(phase == PHASE_OUT),
      .classes(classes), .shift(c.p[32*chip_pkg::P_LOSS_FRAC+:6] + 6'd8), .largest(largest), .r(r),
      .label(row_label), .addr(c.p[32*chip_pkg::P_LOSS_DST+:32] + {27'd0, row} * dstep),
      .empty(empty), .s3_valid(s3_valid), .completes(completes), .four(four), .biggest(biggest),
      .reads(reads), .exponents(exponents), .powers(powers), .products(products), .errs(errs),
      .sends(sends), .exist1(exist1), .exist2(exist2), .exist3(exist3), .out_write(out_write)
  );

  // WriteIdle tells of a write from the second cycle after it on.
  always_ff @(posedge clk) begin
    if (begins || finishing) settle <= 1'b0;
    if (sends) settle <= 1'b1;
    if (rst) settle <= 1'b0;
  end

  // S and R. The top 16 bits of the dividend 2^40 have gone into the divider beforehand: S >= 2^16,
  // so they would give no bit of the quotient.

  logic [WS-1:0] s, rem;
  logic [WS:0] twice, less;

  assign sums  = exp_pass && s3_valid;
  assign twice = {rem, 1'b0};
  assign less  = twice - {1'b0, s};  // negative: S does not fit

  always_ff @(posedge clk) begin
    if (scored && ce) s <= '0;
    if (sums) s <= s + {{WS - 19{1'b0}}, four};
    if (exp_ends) begin
      rem <= {{WS - 16{1'b0}}, 16'h8000};
      r <= 25'd0;
      step <= 5'd0;
    end
    if (divides) begin
      rem <= less[WS] ? twice[WS-1:0] : less[WS-1:0];
      r <= {r[23:0], !less[WS]};
      step <= step + 5'd1;
    end
  end

  // Status registers: reading clears, and what comes in the same cycle counts from then on.

  logic [31:0] correct, old_correct;
  logic [14:0] max, old_max;

  assign old_correct = got_get && in_bus.index == 4'(chip_pkg::S_LOSS_CORRECT) ? 32'd0 : correct;
  assign old_max = got_get && in_bus.index == 4'(chip_pkg::S_LOSS_MAX) ? 15'd0 : max;

  always_ff @(posedge clk) begin
    if (got_get || hit || errs) begin
      correct <= old_correct + {31'd0, hit};
      max <= errs && biggest > old_max ? biggest : old_max;
    end
    if (got_get) begin
      out_stat <= 32'd0;
      if (in_bus.index == 4'(chip_pkg::S_LOSS_CORRECT)) out_stat <= correct;
      if (in_bus.index == 4'(chip_pkg::S_LOSS_MAX)) out_stat <= {17'd0, max};
    end
    if (rst) begin
      correct <= 32'd0;
      max <= 15'd0;
      out_stat <= 32'd0;
    end
  end

  // Events.

  logic called, moved;
  logic [4:0] quarters;

  assign called = in_bus.kind != chip_pkg::BUS_NONE && in_bus.unit == chip_pkg::UNIT_LOSS;
  assign moved = out_done.valid || out_req.valid || out_write.valid || called
      || status == chip_pkg::ST_BUSY || works && in_read.valid || finishing && settle
      || status != out_status;
  assign quarters = group_n + 5'd3;

  always_comb begin
    ev = '0;
    ev.logit_read[0] = reads;
    ev.logit_write = takes && ce ? {9'd0, quarters[4:2]} : 12'd0;
    ev.exp_lookup = powers ? {9'd0, exist2} : 12'd0;
    ev.loss_multiply = (exponents ? {9'd0, exist1} : 12'd0) + (products ? {9'd0, exist3} : 12'd0);
    ev.loss_divide_step[0] = divides;
    ev.clock_loss[0] = moved;
    ev.clock_loss_param[0] = got_param;
    ev.clock_loss_cmd[0] = got_cmd;
    ev.clock_loss_label[0] = got_label && !bad_label;
    ev.clock_loss_fifo[0] = works && in_read.valid;
    ev.clock_loss_row[0] = begins || takes || out_ends && next_row;
    ev.clock_loss_sum[0] = scored && ce || sums;
    ev.clock_loss_divide[0] = exp_ends || divides;
    ev.clock_loss_logits[0] = reads;
    ev.clock_loss_exponents[0] = exponents;
    ev.clock_loss_powers[0] = powers;
    ev.clock_loss_products[0] = products;
    ev.clock_loss_errors[0] = errs && !sends;
    ev.clock_loss_stats[0] = got_get || hit || errs;
    ev.clock_loss_request[0] = asks;
    ev.clock_loss_write[0] = sends;
  end
endmodule
