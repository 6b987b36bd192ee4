// The normalisation and pooling unit (doc.go): two walks over the same steps, one that asks for
// bursts and one behind it that gives them to the lanes (norm_maps), and a sequencer for what is
// done channel by channel (norm_channel).
module norm (
    input logic clk,
    input logic rst,
    input chip_pkg::bus_t in_bus,
    input chip_pkg::x_resp_t in_resp,
    input logic in_read_room,
    input logic in_write_room,
    input logic in_write_idle,
    output logic [2:0] out_status,
    output chip_pkg::done_t out_done,
    output chip_pkg::fault_t out_fault,
    output logic [31:0] out_stat,
    output chip_pkg::x_read_t out_read,
    output chip_pkg::x_req_t out_write,
    output chip_pkg::norm_ev_t ev
);
  localparam int W = chip_pkg::W_CMD_T;
  localparam int LAND = 32;  // bursts under way or waiting

  // Commands.

  logic got_param, got_cmd, got_get, go, pop, active;
  logic [2:0] queued;
  logic [1:0] queue_head;
  logic [4*W-1:0] cmds;
  chip_pkg::cmd_t c;

  front #(.UNIT(chip_pkg::UNIT_NORM)) front (
      .clk(clk), .rst(rst), .bus(in_bus), .pop(pop), .got_param(got_param), .got_cmd(got_cmd),
      .got_get(got_get), .n(queued), .head(queue_head), .cmds(cmds)
  );
  assign c = cmds[W-1:0];
  assign go = queued != 3'd0 && out_fault.code == chip_pkg::F_NONE;

  // Registers.

  logic begun, retire, settle;
  logic [31:0] stats[0:1];      // sat, max
  logic [4:0] seen_sat;         // of the last step, not yet in stats
  logic [15:0] seen_max;
  chip_pkg::norm_shape_t shape;
  chip_pkg::norm_walk_t ask;    // what is requested next
  chip_pkg::norm_walk_t use_;   // what goes to the lanes next
  logic [5:0] flight;           // places of `land` that are asked for or taken
  logic [255:0] land[0:LAND-1];
  logic [4:0] head;             // oldest burst of it
  logic [5:0] n;                // bursts in it

  // The check, and the beginning of a command.

  chip_pkg::norm_shape_t new_shape;
  logic begins, checks, bad, by_channel;
  chip_pkg::fault_t fault;

  norm_shape shape_of (.c(c), .s(new_shape));
  norm_check check (.c(c), .s(new_shape), .bad(bad), .fault(fault));
  assign checks = go && !begun;
  assign begins = checks && !bad;
  assign by_channel = c.op == chip_pkg::OP_NORM_FIN || c.op == chip_pkg::OP_NORM_UPDATE;

  // The walks.

  chip_pkg::norm_walk_t ask_next, use_next;
  chip_pkg::norm_shape_t ask_shape;
  logic ask_reads, use_reads, asks, reads, takes, maps, a_free;
  logic [31:0] ask_addr;
  logic [5:0] flight_left;

  assign ask_shape = begins ? new_shape : shape;
  norm_walk walk_ask (.s(ask_shape), .at(ask), .begins(begins), .next(ask_next), .reads(ask_reads));
  norm_walk walk_use (.s(shape), .at(use_), .begins(1'b0), .next(use_next), .reads(use_reads));
  norm_address address (.c(c), .s(shape), .at(ask), .writes(1'b0), .addr(ask_addr));

  assign takes = maps && !use_.end_ && a_free && (!use_reads || n != 6'd0);
  assign flight_left = flight - {5'd0, takes && use_reads};
  assign asks = maps && !ask.end_ && (!ask_reads || in_read_room && flight_left != 6'(LAND));
  assign reads = asks && ask_reads;

  // The lanes and the sequencer.

  logic works, last, done, moved, empty, b_valid, sent, learns, told;
  logic [31:0] b_addr;
  logic [255:0] b_data;
  logic [4:0] sat;
  logic [15:0] most;
  logic [11:0] chan;
  logic [2:0] clips;
  logic [1:0] divides;
  logic divided;
  chip_pkg::norm_ev_t maps_ev;

  generate
    if (chip_pkg::N_CHANNELS == 0) begin : gen_none
      assign {works, last, done, moved, b_valid, learns, divided} = '0;
      assign {a_free, empty} = 2'b11;
      assign b_addr = 32'd0;
      assign b_data = 256'd0;
      assign sat = 5'd0;
      assign most = 16'd0;
      assign chan = 12'd0;
      assign clips = 3'd0;
      assign divides = 2'd0;
      assign maps_ev = '0;
    end else begin : gen_unit
      logic [319:0] record, new_record;
      logic [63:0] s1, s2;
      logic [8:0] write_record;
      logic [95:0] coefficients;

      norm_channel channel (
          .clk(clk), .rst(rst), .active(active), .go(go), .begun(begun), .begins(begins), .c(c),
          .channels(shape.chan), .chan(chan), .works(works), .last(last), .done(done),
          .record(record), .s1(s1), .s2(s2), .new_record(new_record), .write(write_record),
          .coefficients(coefficients), .clips(clips), .divides(divides), .learns(divided)
      );
      norm_maps lanes (
          .clk(clk), .rst(rst), .active(active), .go(maps), .c(c), .s(shape), .use_(use_),
          .take(takes), .data(land[head]), .room(in_write_room), .a_free(a_free), .moved(moved),
          .empty(empty), .b_valid(b_valid), .b_addr(b_addr), .b_data(b_data), .learns(learns),
          .sat(sat), .most(most), .by_channel(works), .chan(chan), .record(record), .s1(s1),
          .s2(s2), .new_record(new_record), .write_record(write_record),
          .write_coefficients(last && c.op == chip_pkg::OP_NORM_GRAD),
          .coefficients(coefficients), .ev(maps_ev)
      );
    end
  endgenerate
  assign maps = go && begun && !works;
  assign sent = maps && b_valid && in_write_room;

  // The end of a command. The last write needs a cycle to reach the controller before in_write_idle
  // can tell of it.

  logic lands, finish, retires, settles;
  assign lands = maps && in_resp.valid && in_resp.port == chip_pkg::XP_NORM;
  assign finish = maps && !retire && use_.end_ && empty;
  assign retires = go && (retire || finish || done);
  assign settles = finish ? sent : settle;
  assign pop = retires && !sent && !settles && in_write_idle;

  logic busy;
  logic [2:0] status_next;
  assign busy = checks || works || sent || moved || takes;
  assign status_next = !go ? chip_pkg::ST_IDLE :
      busy ? chip_pkg::ST_BUSY : chip_pkg::ST_WAIT_MEMORY;
  assign active = out_done.valid || out_read.valid || out_write.valid || got_param || got_cmd ||
      got_get || status_next != out_status || busy || lands || asks || finish || pop ||
      retires && settles;
  assign told = go && {seen_sat, seen_max} != 21'd0;

  always_ff @(posedge clk) begin
    if (rst) begin
      out_status <= chip_pkg::ST_IDLE;
      out_done.valid <= 1'b0;
      out_fault.code <= chip_pkg::F_NONE;
      out_read.valid <= 1'b0;
      out_write.valid <= 1'b0;
      begun <= 1'b0;
      retire <= 1'b0;
      settle <= 1'b0;
      flight <= 6'd0;
      head <= 5'd0;
      n <= 6'd0;
    end else if (active) begin
      out_status <= status_next;
      out_done.valid <= pop;
      if (pop) out_done.inst <= c.inst;
      if (checks && bad) out_fault <= fault;
      out_read.valid <= reads;
      out_write.valid <= sent;
      begun <= (begun || begins) && !pop;
      retire <= retires && !pop;
      if (retires) settle <= finish && sent;
      flight <= flight_left + {5'd0, reads};
      head <= head + {4'd0, takes && use_reads};
      n <= n + {5'd0, lands} - {5'd0, takes && use_reads};
    end

    if (begins) shape <= new_shape;
    if (begins || asks) begin
      ask <= ask_next;
      if (begins) ask.end_ <= by_channel;
    end
    if (begins || takes) begin
      use_ <= begins ? ask_next : use_next;
      if (begins) use_.end_ <= by_channel;
    end
    if (lands) land[head+n[4:0]] <= in_resp.data;
    if (reads) out_read.addr <= ask_addr;
    if (sent) begin
      out_write.addr <= b_addr;
      out_write.data <= b_data;
    end
  end

  // The status registers learn of a step in the cycle behind it, of a channel at once.

  logic [31:0] kept_sat, kept_max;
  assign kept_sat = got_get && !in_bus.index[0] ? 32'd0 : stats[chip_pkg::S_NORM_SAT];
  assign kept_max = got_get && in_bus.index[0] ? 32'd0 : stats[chip_pkg::S_NORM_MAX];

  always_ff @(posedge clk) begin
    if (rst) begin
      stats[0] <= 32'd0;
      stats[1] <= 32'd0;
      seen_sat <= 5'd0;
      seen_max <= 16'd0;
    end else if (got_get || told || learns || clips != 3'd0) begin
      stats[chip_pkg::S_NORM_SAT] <= kept_sat + {29'd0, clips} + (told ? {27'd0, seen_sat} : 32'd0);
      stats[chip_pkg::S_NORM_MAX] <= told && {16'd0, seen_max} > kept_max ?
          {16'd0, seen_max} : kept_max;
      if (learns) {seen_sat, seen_max} <= {sat, most};
      else if (told) {seen_sat, seen_max} <= 21'd0;
    end
    if (got_get) out_stat <= stats[in_bus.index[0]];
  end

  // Events.

  logic fin, grad, update, eval, first_of_row;
  assign fin = last && c.op == chip_pkg::OP_NORM_FIN;
  assign grad = last && c.op == chip_pkg::OP_NORM_GRAD;
  assign update = last && c.op == chip_pkg::OP_NORM_UPDATE;
  assign eval = (c.flags & chip_pkg::FLAG_EVAL) != 16'd0;
  assign first_of_row = chan[3:0] == 4'd0;

  always_comb begin
    ev = maps_ev;
    ev.norm_step = {11'd0, works};
    if (last) begin
      ev.norm_read = fin ? 12'd2 : 12'd1;
      ev.norm_write = grad ? 12'd0 : fin && !eval ? 12'd2 : 12'd1;
      ev.norm_sum_read = {11'd0, first_of_row && !(fin && eval)};
      ev.norm_sum_write = {11'd0, first_of_row && grad};
    end
    ev.clock_norm = {11'd0, active};
    ev.clock_norm_param = {11'd0, got_param};
    ev.clock_norm_cmd = {11'd0, got_cmd};
    ev.clock_norm_shape = {11'd0, begins};
    ev.clock_norm_ask = {11'd0, begins || asks};
    ev.clock_norm_use = {11'd0, begins || takes};
    ev.clock_norm_land = {11'd0, lands};
    ev.clock_norm_lanes = {11'd0, takes};
    ev.clock_norm_divide = {10'd0, divides};
    ev.clock_norm_channel = {11'd0, divided};
    ev.clock_norm_stats = {11'd0, got_get || told || learns || update};
    ev.clock_norm_read = {11'd0, reads};
    ev.clock_norm_write = {11'd0, sent};
  end
endmodule
