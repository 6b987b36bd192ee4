// The check of the commands in the queue, one after another: a cycle for the parameters, then one
// for each pair of a block of the command and one of an older command. A command that meets an
// older one waits for its end before it is read ahead.
module mom_check (
    input logic clk,
    input logic rst,
    input logic active,                         // the unit's own registers are clocked
    input logic go,                             // the unit works
    input logic pop,                            // the oldest command retires
    input logic [2:0] n,                        // commands in the queue
    input logic [1:0] head,
    input logic [4*chip_pkg::W_CMD_T-1:0] cmds, // by age
    output logic [2:0] check_cmd,               // the commands before it may be read
    output logic [7:0] check_wait,              // 2 bits a place: older ones that must retire first
    output logic checking,
    output logic bad,
    output chip_pkg::fault_t fault
);
  localparam int W = chip_pkg::W_CMD_T;
  localparam int BLOCKS = chip_pkg::N_LANES / 64;
  localparam int W_BLOCK = BLOCKS > 1 ? $clog2(BLOCKS) : 1;
  localparam logic [63:0] XBYTES = 64'(chip_pkg::N_EXTERNAL);

  logic check_begun;
  logic [1:0] check_old;
  logic [W_BLOCK-1:0] check_pair_new, check_pair_old;  // a block of each, of the pair

  chip_pkg::cmd_t c, o;
  logic [1:0] slot;
  logic [4:0] blocks_new, blocks_old;
  logic [31:0] wn, vn, wn_bytes, vn_bytes, wo, vo, wo_bytes, vo_bytes;
  logic touch, last_old, last_pair, comparing, begins, ends;
  logic [1:0] old_next;
  logic limits_bad, block_bad;
  chip_pkg::fault_t limits_fault;
  logic [7:0] waits;

  assign c = cmds[W*check_cmd[1:0]+:W];
  assign o = cmds[W*check_old+:W];
  assign slot = head + check_cmd[1:0];
  assign checking = go && check_cmd < n;
  assign begins = checking && !check_begun && !(limits_bad || block_bad);
  assign comparing = checking && check_begun && {1'b0, check_old} < check_cmd;

  // The parameters, then all blocks at once: of the first that is outside the fault has the
  // address, or that of its last burst if it begins inside.
  logic [63:0] block_arg;
  logic [127:0] at[0:BLOCKS-1];
  logic [32:0] from, stop;
  momentum_limits limits (
      .op(c.op), .flags(c.flags), .p(c.p), .loaded(512'd0), .bad(limits_bad), .fault(limits_fault)
  );
  generate
    for (genvar b = 0; b < BLOCKS; b++) begin : gen_block
      mom_blocks blocks (.c(c), .index(4'(b)), .w(at[b][31:0]), .v(at[b][63:32]),
          .w_bytes(at[b][95:64]), .v_bytes(at[b][127:96]));
    end
  endgenerate
  always_comb begin
    block_bad = 1'b0;
    block_arg = 64'd0;
    {from, stop} = '0;
    for (int i = 2 * BLOCKS - 1; i >= 0; i--) begin
      from = {1'b0, at[i/2][32*(i%2)+:32]};
      stop = from + {1'b0, at[i/2][64+32*(i%2)+:32]};
      if (5'(i/2) < blocks_new && (from[4:0] != 5'd0 || {31'd0, from} >= XBYTES)) begin
        block_bad = 1'b1;
        block_arg = {31'd0, from};
      end else if (5'(i/2) < blocks_new && {31'd0, stop} > XBYTES) begin
        block_bad = 1'b1;
        block_arg = {31'd0, stop} - 64'd32;
      end
    end
  end

  assign bad = checking && !check_begun && (limits_bad || block_bad);
  assign fault = limits_bad ? limits_fault : {chip_pkg::F_XADDR, block_arg};

  // A pair: weights and velocities of each side.
  function automatic logic meet(input logic [31:0] a, input logic [31:0] a_bytes,
      input logic [31:0] b, input logic [31:0] b_bytes);
    begin
      meet = {1'b0, a} < {1'b0, b} + {1'b0, b_bytes} && {1'b0, b} < {1'b0, a} + {1'b0, a_bytes};
    end
  endfunction

  mom_blocks block_new (.c(c), .index(4'(check_pair_new)), .w(wn), .v(vn),
      .w_bytes(wn_bytes), .v_bytes(vn_bytes));
  mom_blocks block_old (.c(o), .index(4'(check_pair_old)), .w(wo), .v(vo),
      .w_bytes(wo_bytes), .v_bytes(vo_bytes));
  assign touch = meet(wn, wn_bytes, wo, wo_bytes) || meet(wn, wn_bytes, vo, vo_bytes) ||
      meet(vn, vn_bytes, wo, wo_bytes) || meet(vn, vn_bytes, vo, vo_bytes);
  assign blocks_new = 5'((c.p[32*chip_pkg::P_MOM_LANES+:11] + 11'd63) >> 6);
  assign blocks_old = 5'((o.p[32*chip_pkg::P_MOM_LANES+:11] + 11'd63) >> 6);
  assign last_old = 5'(check_pair_old) + 5'd1 == blocks_old;
  assign last_pair = last_old && 5'(check_pair_new) + 5'd1 == blocks_new;

  assign old_next = begins ? 2'd0 : check_old + {1'b0, comparing && last_pair};
  assign ends = (begins || checking && check_begun && (!comparing || last_pair)) &&
      {1'b0, old_next} == check_cmd;

  always_ff @(posedge clk) begin
    if (rst) begin
      check_cmd <= 3'd0;
      check_begun <= 1'b0;
      check_old <= 2'd0;
      check_pair_new <= '0;
      check_pair_old <= '0;
      check_wait <= 8'd0;
    end else if (active) begin
      check_cmd <= check_cmd + {2'd0, ends} - {2'd0, pop};
      check_begun <= (check_begun || begins) && !ends;
      check_old <= old_next - {1'b0, pop && old_next != 2'd0};
      if (begins || comparing && last_pair || pop && old_next == 2'd0) begin
        check_pair_new <= '0;
        check_pair_old <= '0;
      end else if (comparing) begin
        check_pair_old <= last_old ? '0 : check_pair_old + 1'b1;
        if (last_old) check_pair_new <= check_pair_new + 1'b1;
      end
      for (int i = 0; i < 4; i++) check_wait[2*i+:2] <= waits[2*i+:2];
    end
  end

  // A pair that meets is noted at once: nobody looks before the check is at its end.
  always_comb begin
    waits = check_wait;
    if (begins) waits[2*slot+:2] = 2'd0;
    if (comparing && touch) waits[2*slot+:2] = check_old + 2'd1;
    for (int i = 0; i < 4; i++) begin
      if (pop && waits[2*i+:2] != 2'd0) waits[2*i+:2] = waits[2*i+:2] - 2'd1;
    end
  end
endmodule
