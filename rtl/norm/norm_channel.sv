// The sequencer of the normalisation unit: what is done channel by channel in fin, grad and update.
// A channel takes a number of cycles, some of them the dividers'; its results are written in the
// last one. What is neither reading nor dividing takes N_NORM_SLOWER cycles for what takes one at
// 200 MHz.
module norm_channel (
    input logic clk,
    input logic rst,
    input logic active,           // the unit's own registers are clocked
    input logic go,               // the unit works
    input logic begun,            // on a command that is good
    input logic begins,
    input chip_pkg::cmd_t c,
    input logic [11:0] channels,
    output logic [11:0] chan,     // the one at work
    output logic works,
    output logic last,            // its last cycle
    output logic done,            // all channels are done, and the command with them

    // The channel's record and sums, and what becomes of them.
    input logic [319:0] record,   // rv, sh, r, m, rm, vb, vg, beta, gamma
    input logic signed [63:0] s1,
    input logic signed [63:0] s2,
    output logic [319:0] new_record,
    output logic [8:0] write,     // fields of the record
    output logic [95:0] coefficients, // g, a2, a1
    output logic [2:0] clips,

    output logic [1:0] divides,   // dividers that are clocked
    output logic learns           // mean and variance
);
  localparam int SLOW = chip_pkg::N_NORM_SLOWER;
  localparam logic [9:0] READ = 10'd2;
  localparam logic [9:0] BETWEEN = 10'd50;                // the first quotients are there
  localparam logic [9:0] SECOND = BETWEEN + 10'(2 * SLOW);
  localparam logic [9:0] REST = SECOND + 10'd48;          // the second one is there

  logic [9:0] step, steps;
  logic signed [31:0] mean;
  logic [47:0] variance;

  logic fin, grad, update, eval, counts;
  logic first, again;
  logic [61:0] n;
  logic [63:0] size1, size2;
  logic begin0, begin1, step0, step1;
  logic [127:0] dividend0, dividend1;
  logic signed [63:0] q0, q1, spread;

  assign fin = c.op == chip_pkg::OP_NORM_FIN;
  assign grad = c.op == chip_pkg::OP_NORM_GRAD;
  assign update = c.op == chip_pkg::OP_NORM_UPDATE;
  assign eval = (c.flags & chip_pkg::FLAG_EVAL) != 16'd0;
  assign works = go && begun && (fin || grad || update) && chan < channels;
  assign steps = grad ? BETWEEN + 10'(4 * SLOW) : update ? 10'(10 * SLOW) :
      eval ? 10'(12 * SLOW) : REST + 10'(4 * SLOW);
  assign last = works && step + 10'd1 >= steps;
  assign done = last && !grad && chan + 12'd1 == channels;

  always_ff @(posedge clk) begin
    if (rst) begin
      chan <= 12'd0;
      step <= 10'd0;
    end else if (active) begin
      if (begins) begin
        chan <= 12'd0;
        step <= 10'd0;
      end else if (works) begin
        step <= last ? 10'd0 : step + 10'd1;
        if (last) chan <= chan + 12'd1;
      end
    end
  end

  // Division: the sums by n, and then n V by n - 1.

  assign n = 62'(c.p[32*chip_pkg::P_NORM_NB+:6]) * 62'(c.p[32*chip_pkg::P_NORM_H+:12]) *
      62'(c.p[32*chip_pkg::P_NORM_W+:12]);
  assign counts = works && (grad || fin && !eval);
  assign first = counts && step == READ - 10'd1;
  assign again = counts && fin && step == SECOND - 10'd1 && n > 62'd1;
  assign learns = counts && fin && step == BETWEEN + 10'(SLOW) - 10'd1;
  assign begin0 = first || again;
  assign begin1 = first;
  assign step1 = counts && step >= READ && step < BETWEEN;
  assign step0 = step1 || counts && fin && step >= SECOND && step < REST && n > 62'd1;
  assign divides = {1'b0, begin0 || step0} + {1'b0, begin1 || step1};
  assign size1 = s1[63] ? -s1 : s1;
  assign size2 = s2[63] ? -s2 : s2;
  assign dividend0 = first ? {64'd0, size1} << 8 : {80'd0, variance} * {66'd0, n};
  assign dividend1 = fin ? {64'd0, size2} << 16 : {64'd0, size2};

  norm_divider divider0 (
      .clk(clk), .begins(begin0), .steps(step0), .dividend(dividend0),
      .negative(first && s1[63]), .n(first ? n : n - 62'd1), .quotient(q0)
  );
  norm_divider divider1 (
      .clk(clk), .begins(begin1), .steps(step1), .dividend(dividend1),
      .negative(s2[63]), .n(n), .quotient(q1)
  );

  assign spread = q1 - 64'($signed(q0[31:0])) * 64'($signed(q0[31:0]));
  always_ff @(posedge clk) begin
    if (learns) begin
      mean <= q0[31:0];
      variance <= spread < 64'sd0 ? 48'd0 : spread[47:0];
    end
  end

  // What is written in the last cycle.

  logic signed [31:0] gamma, beta, vg, vb, rm;
  logic [31:0] r, root;
  logic signed [31:0] root_sh;
  logic signed [63:0] rv, unbiased, scale, rm_step;
  logic signed [31:0] new_gamma, new_beta, new_vg, new_vb, new_m, new_rm;
  logic signed [63:0] new_rv;
  logic [3:0] clip;
  logic [15:0] mu, eta;
  logic signed [6:0] gshift, tshift;

  assign {rv, rm, vb, vg, beta, gamma} = {record[319:256], record[159:0]};
  assign r = record[223:192];
  assign mu = c.p[32*chip_pkg::P_NORM_MU+:16];
  assign eta = c.p[32*chip_pkg::P_NORM_ETA+:16];
  assign gshift = c.p[32*chip_pkg::P_NORM_GSHIFT+:7];
  assign tshift = c.p[32*chip_pkg::P_NORM_TSHIFT+:7];

  norm_root root_of (
      .x((eval ? rv : $signed({16'd0, variance})) +
          $signed({32'd0, c.p[32*chip_pkg::P_NORM_EPS+:32]})),
      .r(root), .sh(root_sh)
  );

  // Rounds to nearest, ties away from zero; negative shifts go left.
  function automatic logic signed [63:0] away(input logic signed [63:0] a,
      input logic signed [6:0] s);
    logic signed [63:0] size;
    logic [5:0] right, left;
    begin
      right = s[5:0];
      left = -s[5:0];
      size = a[63] ? -a : a;
      size = (size + (64'sd1 <<< (right - 6'd1))) >>> right;
      if (s > 7'sd0) away = a[63] ? -size : size;
      else away = a <<< left;
    end
  endfunction

  function automatic logic signed [63:0] sat(input logic signed [63:0] a,
      input logic signed [63:0] most);
    begin
      sat = a > most ? most : a < -most - 64'sd1 ? -most - 64'sd1 : a;
    end
  endfunction

  // The new velocity, before its clip. A sum is clipped before a shift to the left: what lies
  // outside is clipped afterwards in any case.
  function automatic logic signed [63:0] velocity(input logic signed [31:0] v,
      input logic signed [63:0] sum, input logic signed [6:0] s);
    logic signed [63:0] kept;
    begin
      kept = $signed({48'd0, mu}) * 64'(v);
      kept = kept[63] ? -(-kept >>> 16) : kept >>> 16;
      velocity = kept + away(s > 7'sd0 ? sum : sat(sum, 64'sh3fff_ffff), s);
    end
  endfunction

  // {clipped, v} of a number that may have so much.
  function automatic logic [32:0] clipped(input logic signed [63:0] a,
      input logic signed [63:0] most);
    logic signed [63:0] b;
    begin
      b = sat(a, most);
      clipped = {a != b, b[31:0]};
    end
  endfunction

  always_comb begin
    {clip[0], new_vg} = clipped(velocity(vg, s2, gshift), 64'sh7f_ffff);
    {clip[1], new_gamma} = clipped(64'(gamma) - away($signed({48'd0, eta}) * 64'(new_vg), tshift),
        64'sh1fff_ffff);
    {clip[2], new_vb} = clipped(velocity(vb, s1, gshift - 7'sd12), 64'sh7f_ffff);
    {clip[3], new_beta} = clipped(64'(beta) - away($signed({48'd0, eta}) * 64'(new_vb),
        tshift - 7'sd6), 64'sh7fff_ffff);
    clips = update && last ?
        {2'd0, clip[0]} + {2'd0, clip[1]} + {2'd0, clip[2]} + {2'd0, clip[3]} : 3'd0;

    new_m = eval ? rm : mean;
    unbiased = n > 62'd1 ? q0 : $signed({16'd0, variance});
    rm_step = away((64'(mean) - 64'(rm)) * 64'sd6554, 7'sd16);
    new_rm = rm + rm_step[31:0];
    new_rv = rv + away((unbiased - rv) * 64'sd6554, 7'sd16);
    new_record = {new_rv, root_sh, root, new_m, new_rm, new_vb, new_vg, new_beta, new_gamma};
    write = !last ? 9'd0 : update ? 9'h00f : !fin ? 9'd0 : eval ? 9'h0e0 : 9'h1f0;

    scale = away(away(64'(gamma), 7'sd6) * $signed({32'd0, r}), 7'sd16);
    coefficients = {scale[31:0], q1[31:0], q0[31:0]};
  end
endmodule
