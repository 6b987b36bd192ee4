// The lanes of the normalisation unit with its memories. A step of the walk stands in register A
// with its burst; what the channel memory holds for its group is read there and worked on. How many
// registers cut the lanes follows the machine: here they stand behind that arithmetic, for
// synthesis to move them into it. Sums, maxima and positions are read, changed and written in the
// last stage. All steps move together, when the last one finds register B free.
module norm_maps (
    input logic clk,
    input logic rst,
    input logic active,       // the unit's own registers are clocked
    input logic go,           // the unit works on a map
    input chip_pkg::cmd_t c,
    input chip_pkg::norm_shape_t s,
    input chip_pkg::norm_walk_t use_,
    input logic take,         // the next step comes
    input logic [255:0] data, // with this burst
    input logic room,         // external memory takes a burst
    output logic a_free,      // A takes a step
    output logic moved,
    output logic empty,       // at the end of the cycle, but for a step that comes
    output logic b_valid,
    output logic [31:0] b_addr,
    output logic [255:0] b_data,
    output logic learns,      // Seen is clocked
    output logic [4:0] sat,
    output logic [15:0] most,

    // The sequencer's channel.
    input logic by_channel,
    input logic [11:0] chan,
    output logic [319:0] record,
    output logic signed [63:0] s1,
    output logic signed [63:0] s2,
    input logic [319:0] new_record,
    input logic [8:0] write_record,
    input logic write_coefficients,
    input logic [95:0] coefficients,

    output chip_pkg::norm_ev_t ev
);
  localparam int N = chip_pkg::N_NORM_STAGES;
  localparam int W_WALK = chip_pkg::W_NORM_WALK_T;
  localparam int W = W_WALK + 256 + 256 + 16;
  localparam logic [1:0] MAP = 2'd0;
  localparam logic [1:0] POS = 2'd1;
  localparam logic [1:0] ERR = 2'd2;

  logic load, store, stat, fwd, back, grad;
  assign load = s.op == chip_pkg::OP_NORM_LOAD;
  assign store = s.op == chip_pkg::OP_NORM_STORE;
  assign stat = s.op == chip_pkg::OP_NORM_STAT;
  assign fwd = s.op == chip_pkg::OP_NORM_FWD;
  assign back = s.op == chip_pkg::OP_NORM_BACK;
  assign grad = s.op == chip_pkg::OP_NORM_GRAD;

  // Registers.

  logic a_valid;
  chip_pkg::norm_walk_t a_at;
  logic [255:0] a_data, h, pos;
  logic stall, moves, emits;

  // The memories. One row of each is read: the sequencer's, or that of the step in A, of the sums
  // and lines that of the last step.

  logic [6:0] row, sum_row;
  logic [3:0] one;                 // a channel of the row
  logic [11:0] a_channel;          // of a record
  logic [511:0] fields[0:7];       // gamma, beta, vg, vb, rm, m, r, sh
  logic [1023:0] rvs, s1s, s2s, new_s1s, new_s2s;
  logic [511:0] a1s, a2s, gs;
  logic [255:0] maxima, new_maxima;
  logic [63:0] places, new_places; // of the maxima in their windows
  logic [8:0] write_field;
  logic [15:0] write_sum, write_line, write_one;
  logic [6:0] write_row;
  logic [319:0] d;

  chip_pkg::norm_walk_t at;        // the last step
  logic [255:0] burst;             // its burst, or the record that it writes
  logic [255:0] y;                 // what the lanes made of it
  logic [15:0] clips;
  logic steps, valid;

  assign a_channel = {1'b0, a_at.group[11:1]};
  assign row = by_channel ? chan[10:4] : store ? a_channel[10:4] : a_at.group[6:0];
  assign one = by_channel ? chan[3:0] : a_channel[3:0];
  assign sum_row = by_channel ? chan[10:4] : at.group[6:0];
  // A record is written by the sequencer, or half by half as it is loaded.
  assign write_field = write_record |
      (steps && load ? at.group[0] ? 9'h100 : 9'h0ff : 9'd0);
  assign write_row = by_channel ? chan[10:4] : at.group[11:5];
  assign write_one = 16'd1 << (by_channel ? chan[3:0] : at.group[4:1]);
  assign d = by_channel ? new_record : {burst[63:0], burst};

  generate
    for (genvar i = 0; i < 8; i++) begin : gen_field
      norm_memory field (
          .clk(clk), .row(row), .q(fields[i]), .write(write_field[i] ? write_one : 16'd0),
          .write_row(write_row), .d({16{d[32*i+:32]}})
      );
      assign record[32*i+:32] = fields[i][32*one+:32];
    end
  endgenerate
  norm_memory #(.W(64)) rv (
      .clk(clk), .row(row), .q(rvs), .write(write_field[8] ? write_one : 16'd0),
      .write_row(write_row), .d({16{d[319:256]}})
  );
  assign record[319:256] = rvs[64*one+:64];

  norm_memory #(.W(64)) sum1 (
      .clk(clk), .row(sum_row), .q(s1s), .write(write_sum), .write_row(sum_row), .d(new_s1s)
  );
  norm_memory #(.W(64)) sum2 (
      .clk(clk), .row(sum_row), .q(s2s), .write(write_sum), .write_row(sum_row), .d(new_s2s)
  );
  assign s1 = s1s[64*one+:64];
  assign s2 = s2s[64*one+:64];
  norm_memory a1 (
      .clk(clk), .row(row), .q(a1s), .write(write_coefficients ? write_one : 16'd0),
      .write_row(write_row), .d({16{coefficients[31:0]}})
  );
  norm_memory a2 (
      .clk(clk), .row(row), .q(a2s), .write(write_coefficients ? write_one : 16'd0),
      .write_row(write_row), .d({16{coefficients[63:32]}})
  );
  norm_memory g (
      .clk(clk), .row(row), .q(gs), .write(write_coefficients ? write_one : 16'd0),
      .write_row(write_row), .d({16{coefficients[95:64]}})
  );
  norm_memory #(.W(16)) line_max (
      .clk(clk), .row(at.group[6:0]), .q(maxima), .write(write_line),
      .write_row(at.group[6:0]), .d(new_maxima)
  );
  norm_memory #(.W(4)) line_place (
      .clk(clk), .row(at.group[6:0]), .q(places), .write(write_line),
      .write_row(at.group[6:0]), .d(new_places)
  );

  // The lanes, from A on.

  logic [255:0] made;
  logic [15:0] clipped;
  generate
    for (genvar l = 0; l < 16; l++) begin : gen_lane
      norm_lane lane (
          .fwd(fwd), .grad(grad), .z(a_data[16*l+:16]), .h(h[16*l+:16]),
          .m(fields[5][32*l+:32]), .r(fields[6][32*l+:32]), .sh(fields[7][32*l+:32]),
          .gamma(fields[0][32*l+:32]), .beta(fields[1][32*l+:32]),
          .a1(a1s[32*l+:32]), .a2(a2s[32*l+:32]), .g(gs[32*l+:32]),
          .shift(c.p[32*chip_pkg::P_NORM_SHIFT+:7]),
          .y(made[16*l+:16]), .clip(clipped[l])
      );
    end
  endgenerate

  logic [W-1:0] front, back_end;
  logic [255:0] stored;
  assign stored = a_at.group[0] ? {192'd0, record[319:256]} : record[255:0];
  assign front = {a_at, store ? stored : a_data, made, clipped};
  assign {at, burst, y, clips} = back_end;

  logic [N:0] valids, left;  // of A, and of the registers behind it; now, and behind a move
  generate
    if (N == 0) begin : gen_uncut
      assign valids = a_valid;
      assign back_end = front;
    end else begin : gen_cut
      logic [N-1:0] stages_valid;
      logic [W-1:0] stages[0:N-1];
      assign valids = {stages_valid, a_valid};
      assign back_end = stages[N-1];
      always_ff @(posedge clk) begin
        if (rst) stages_valid <= '0;
        else if (active && moves) stages_valid <= valids[N-1:0];
        for (int i = 0; i < N; i++) begin
          if (moves && valids[i]) stages[i] <= i == 0 ? front : stages[i-1];
        end
      end
    end
  endgenerate

  assign valid = valids[N];
  assign stall = valid && b_valid && !room;
  assign moves = go && !stall;
  assign steps = moves && valid;
  assign moved = moves && valids != '0;
  assign a_free = !a_valid || !stall;
  assign left = valids << 1;
  assign empty = !emits && !(b_valid && !room) && !stall && left == '0;

  // The last stage.

  logic first, body, of_map;
  logic [15:0] exists, hit;
  logic [4:0] n;
  logic [255:0] z, errors, result;
  logic [15:0] zl, ml, pl, ql, size;
  logic [3:0] kl;
  logic signed [63:0] base1, base2;

  assign first = at.pixel == 27'd0;
  assign of_map = steps && at.kind == MAP;
  assign body = steps && back && at.kind != POS && at.kind != ERR;

  always_comb begin
    n = 5'd0;
    for (int l = 0; l < 16; l++) begin
      exists[l] = {at.group[7:0], 4'(l)} < s.chan;
      n = n + {4'd0, exists[l]};
    end

    // Maxima and their positions, or the errors of a pooled pixel (back).
    z = s.bn ? y : burst;
    for (int l = 0; l < 16; l++) begin
      zl = z[16*l+:16];
      ml = at.place == 4'd0 ? 16'd0 : maxima[16*l+:16];
      kl = at.place == 4'd0 ? 4'd15 : places[4*l+:4];
      if (exists[l] && $signed(zl) > $signed(ml)) begin
        ml = zl;
        kl = at.place;
      end
      new_maxima[16*l+:16] = back ? burst[16*l+:16] : ml;
      new_places[4*l+:4] = back ? pos[64*at.group[1:0]+4*l+:4] : kl;
      hit[l] = exists[l] && at.exists && places[4*l+:4] == at.place;
      errors[16*l+:16] = hit[l] ? maxima[16*l+:16] : 16'd0;
    end
    write_line = steps && (fwd && at.kind == MAP && !at.last || back && at.kind == ERR) ?
        16'hffff : 16'd0;

    // Sums of z and z * z, or of h and h * xhat.
    for (int l = 0; l < 16; l++) begin
      pl = stat ? burst[16*l+:16] : errors[16*l+:16];
      ql = stat ? burst[16*l+:16] : y[16*l+:16];
      base1 = first ? 64'sd0 : s1s[64*l+:64];
      base2 = first ? 64'sd0 : s2s[64*l+:64];
      new_s1s[64*l+:64] = base1 + 64'($signed(pl));
      new_s2s[64*l+:64] = base2 + 64'($signed(pl)) * 64'($signed(ql));
    end
    write_sum = steps && (stat || back && at.kind == MAP) ? exists : 16'd0;

    // What the status registers learn.
    learns = of_map && (fwd && s.bn || grad);
    sat = 5'd0;
    most = 16'd0;
    for (int l = 0; l < 16; l++) begin
      size = y[16*l+15] ? -y[16*l+:16] : y[16*l+:16];
      if (exists[l]) sat = sat + {4'd0, clips[l]};
      if (exists[l] && grad && size > most) most = size;
    end

    // The burst to write.
    result = burst;
    for (int l = 0; l < 16; l++) begin
      if (fwd) result[16*l+:16] = new_maxima[16*l+:16];
      else if (back) result[16*l+:16] = errors[16*l+:16];
      else if (grad) result[16*l+:16] = exists[l] ? y[16*l+:16] : 16'd0;
    end
    if (fwd && at.kind == POS) result = pos;
    emits = steps && (store || fwd && (at.kind == POS || at.last) || body ||
        grad && at.kind == MAP);
  end

  logic [31:0] addr;
  norm_address address (.c(c), .s(s), .at(at), .writes(1'b1), .addr(addr));

  logic collects, keeps;
  assign collects = of_map && fwd && at.last;
  assign keeps = steps && back && at.kind == POS;

  always_ff @(posedge clk) begin
    if (rst) begin
      a_valid <= 1'b0;
      b_valid <= 1'b0;
    end else if (active && go) begin
      a_valid <= take || a_valid && stall;
      b_valid <= emits || b_valid && !room;
    end
    if (take) begin
      a_at <= use_;
      a_data <= data;
    end
    if (emits) begin
      b_addr <= addr;
      b_data <= result;
    end
    // The errors of the group whose pixels come next; they leave A before those come.
    if (moves && a_valid && grad && a_at.kind == ERR) h <= a_data;
    if (keeps) pos <= burst;
    if (collects) begin
      if (at.group[1:0] == 2'd0) pos <= {{192{1'b1}}, new_places};
      else pos[64*at.group[1:0]+:64] <= new_places;
    end
  end

  // Events of the last step.

  logic affine, sums;
  assign affine = of_map && fwd && s.bn;
  assign sums = write_sum != 16'd0;
  always_comb begin
    ev = '0;
    ev.norm_stat = steps && stat ? {7'd0, n} : 12'd0;
    ev.norm_lane = affine || of_map && (back || grad) ? {7'd0, n} : 12'd0;
    ev.norm_pool = of_map && fwd ? {7'd0, n} : 12'd0;
    ev.norm_back = of_map && back ? {7'd0, n} : 12'd0;
    ev.norm_grad = of_map && grad ? {7'd0, n} : 12'd0;
    ev.norm_read = {11'd0, steps && store} + (affine ? 12'd10 : 12'd0) +
        (of_map && (back || grad) ? 12'd6 : 12'd0);
    ev.norm_write = {11'd0, steps && load};
    ev.norm_sum_read = {11'd0, sums && !first || of_map && grad};
    ev.norm_sum_write = {11'd0, sums};
    ev.line_read = {11'd0, of_map && fwd && at.place != 4'd0 || body && at.exists};
    ev.line_write = {11'd0, write_line != 16'd0};
    ev.clock_norm_result = {11'd0, emits};
    ev.clock_norm_errors = {11'd0, steps && grad && at.kind == ERR};
    ev.clock_norm_positions = {11'd0, collects || keeps};
  end
endmodule
