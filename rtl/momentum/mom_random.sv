// Random words: the starts of the rounding LFSRs of the next half-block, two multiplications one
// behind the other, and the 16 LFSRs of the present one.
module mom_random (
    input logic clk,
    input logic rst,
    input logic active,                         // the unit's own registers are clocked
    input logic go,                             // the unit works
    input logic pop,                            // the oldest command retires
    input logic [2:0] checked,                  // commands that may be read
    input logic [4*chip_pkg::W_CMD_T-1:0] cmds, // by age

    // The part at the memories' outputs, if it takes words.
    input logic draw,
    input logic start,      // the first of a half-block
    input logic alone,      // its row has no other chunk
    input logic [1:0] index,
    input logic [10:0] left, // lanes of the command from its block on
    output logic [16*chip_pkg::MOMENTUM_LANES-1:0] words,

    output logic ready,     // the starts are there, and not taken in this cycle
    output logic moved,
    output logic enter,     // a lane enters the first stage
    output logic leave,     // and one leaves the second
    output logic [4:0] drawn,  // LFSRs that leap
    output logic [4:0] clocked // LFSRs that leap or start
);
  localparam int L = chip_pkg::MOMENTUM_LANES;
  localparam int W = chip_pkg::W_CMD_T;
  localparam int W_BLOCK = chip_pkg::N_LANES > 64 ? $clog2(chip_pkg::N_LANES / 64) : 1;

  logic [2:0] seeder_cmd;
  logic seeder_half;
  logic [W_BLOCK-1:0] seeder_block;
  logic [4:0] seeder_n;
  logic seeder_step;
  logic [31:0] seeder_mid;
  logic [31:0] seeder_seeds[0:15];
  logic [31:0] lfsr[0:15];

  chip_pkg::cmd_t c;
  logic [4:0] n, blocks;
  logic [31:0] ctr, x, start_value;
  logic take, is_bias, last_block, last_half, skip;
  logic [3:0] place;

  function automatic logic [31:0] mix_a(input logic [31:0] a);
    begin
      mix_a = (a ^ a >> 16) * 32'h7feb352d;
    end
  endfunction

  function automatic logic [31:0] mix_b(input logic [31:0] a);
    logic [31:0] b;
    begin
      b = (a ^ a >> 15) * 32'h846ca68b;
      mix_b = b ^ b >> 16;
    end
  endfunction

  // 16 steps of the LFSR at once. A new bit is the sum of two old ones and the two new bits before
  // it, b[i] = s[i] ^ s[i+10] ^ b[i-2] ^ b[i-1], with s[30] and s[31] before the first.
  function automatic logic [31:0] leap(input logic [31:0] s);
    logic [17:0] b;
    begin
      b[1:0] = s[31:30];
      for (int i = 0; i < 16; i++) b[i+2] = s[i] ^ s[i+10] ^ b[i] ^ b[i+1];
      leap = {b[17:2], s[31:16]};
    end
  endfunction

  assign c = cmds[W*seeder_cmd[1:0]+:W];
  assign take = draw && start;
  assign n = take ? 5'd0 : seeder_n;
  assign is_bias = c.op == chip_pkg::OP_MOM_B;
  assign enter = go && n != 5'd16 && seeder_cmd < checked && !is_bias;
  assign skip = go && n != 5'd16 && seeder_cmd < checked && is_bias;
  assign leave = go && seeder_step;
  assign moved = leave || enter || skip;
  assign ready = seeder_n == 5'd16 && !seeder_step && !take;

  assign ctr = c.p[32*chip_pkg::P_MOM_CTR+:32] +
      32'(seeder_block) * c.p[32*chip_pkg::P_MOM_CSTEP+:32] +
      {27'd0, seeder_half, 4'd0} + {27'd0, n};
  assign x = mix_b(seeder_mid);
  assign start_value = x == 32'd0 ? 32'h9E3779B9 : x;
  assign place = seeder_n[3:0] - 4'd1;

  assign blocks = 5'((c.p[32*chip_pkg::P_MOM_LANES+:11] + 11'd63) >> 6);
  assign last_block = 5'(seeder_block) + 5'd1 >= blocks;
  assign last_half = seeder_half || c.p[32*chip_pkg::P_MOM_ROWS+:7] <= 7'd32;

  always_ff @(posedge clk) begin
    if (rst) begin
      seeder_cmd <= 3'd0;
      seeder_half <= 1'b0;
      seeder_block <= '0;
      seeder_n <= 5'd0;
      seeder_step <= 1'b0;
    end else if (active) begin
      seeder_step <= enter;
      seeder_n <= n + {4'd0, enter};
      if (enter && n == 5'd15) begin
        seeder_block <= last_block ? '0 : seeder_block + 1'b1;
        if (last_block) seeder_half <= !last_half;
      end
      seeder_cmd <= seeder_cmd - {2'd0, pop} +
          {2'd0, skip || enter && n == 5'd15 && last_block && last_half};
    end
    if (enter) seeder_mid <= mix_a(c.p[32*chip_pkg::P_MOM_SEED+:32] ^ ctr);
    if (leave) seeder_seeds[place] <= start_value;
  end

  // Lane t of a group of 16 has the t-th LFSR: of 8 lanes each second part has the upper ones, 32
  // draw two words. Words of a chunk that does not exist are leapt over.
  logic upper, leaps_over;
  logic [4:0] from, exist;
  logic [31:0] base[0:15];
  logic [31:0] once[0:15];
  logic [31:0] next[0:15];

  assign upper = L == 8 && index[0];
  assign from = upper ? 5'd8 : 5'd0;
  assign leaps_over = alone && (L == 8 ? index[1] : L == 16 ? index[0] : 1'b1);
  assign exist = left > 11'd16 ? 5'd16 : left[4:0];
  assign drawn = !draw || exist <= from ? 5'd0 :
      L == 8 && exist - from > 5'd8 ? 5'd8 : exist - from;
  assign clocked = take ? 5'd16 : drawn;

  always_comb begin
    for (int t = 0; t < 16; t++) begin
      base[t] = start ? seeder_seeds[t] : lfsr[t];
      once[t] = leap(base[t]);
      next[t] = L == 32 ? leap(once[t]) : once[t];
      if (leaps_over) next[t] = leap(leap(next[t]));
    end
    for (int l = 0; l < L; l++) begin
      words[16*l+:16] = l >= 16 ? once[l%16][15:0] : base[l][15:0];
      if (upper) words[16*l+:16] = base[(l+8)%16][15:0];
    end
  end

  always_ff @(posedge clk) begin
    for (int t = 0; t < 16; t++) begin
      if (draw && 5'(t) - from < drawn) lfsr[t] <= next[t];
      else if (take) lfsr[t] <= seeder_seeds[t];
    end
  end
endmodule
