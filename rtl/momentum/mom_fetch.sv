// The engine that reads ahead: half after half of the commands that were checked, block, row and
// chunk of 32 lanes, each chunk into a place of the ring.
module mom_fetch (
    input logic clk,
    input logic rst,
    input logic active,                         // the unit's own registers are clocked
    input logic go,                             // the unit works
    input logic pop,                            // the oldest command retires
    input logic room,                           // external memory takes a request
    input logic full,                           // no place is free
    input logic [2:0] checked,                  // commands that may be read
    input logic [7:0] waits,                    // 2 bits a place: older ones that must retire first
    input logic [1:0] head,
    input logic [4*chip_pkg::W_CMD_T-1:0] cmds, // by age
    input logic [75+chip_pkg::W_GROUP:0] chunk, // the one at its place
    output logic read,
    output logic [31:0] addr,
    output logic open,                          // a place is taken
    output logic [75+chip_pkg::W_GROUP:0] opened,
    output logic next_place
);
  localparam int W = chip_pkg::W_CMD_T;
  localparam int W_GROUP = chip_pkg::W_GROUP;
  localparam int W_BLOCK = chip_pkg::N_LANES > 64 ? $clog2(chip_pkg::N_LANES / 64) : 1;

  typedef struct packed {
    logic [1:0] slot;
    logic [4:0] row;
    logic [chip_pkg::W_GROUP-1:0] group;
    logic bias;
    logic first;
    logic alone;
    logic end_half;
    logic end_cmd;
    logic [31:0] w_addr;
    logic [31:0] v_addr;
  } chunk_t;

  logic [2:0] fetch_cmd;
  logic fetch_half;
  logic [W_BLOCK-1:0] fetch_block;
  logic [4:0] fetch_row;
  logic fetch_chunk;
  logic [2:0] fetch_burst;

  chip_pkg::cmd_t c;
  logic [1:0] slot;
  logic bias, alone, last_chunk, last_row, last_block, last_half;
  logic [31:0] w_addr, v_addr, w, v, w_bytes, v_bytes;
  logic [10:0] left;
  logic [6:0] rows;
  logic [2:0] weights;
  logic [W_BLOCK+1:0] group;
  chunk_t ch;

  assign c = cmds[W*fetch_cmd[1:0]+:W];
  assign slot = head + fetch_cmd[1:0];
  assign bias = c.op == chip_pkg::OP_MOM_B;
  assign rows = bias ? 7'd1 : c.p[32*chip_pkg::P_MOM_ROWS+:7];
  assign left = c.p[32*chip_pkg::P_MOM_LANES+:11] - (11'(fetch_block) << 6);
  assign alone = left <= 11'd32;
  assign last_chunk = fetch_chunk || alone;
  assign last_row = {1'b0, fetch_half, fetch_row} + 7'd1 == rows || fetch_row == 5'd31;
  assign last_block = left <= 11'd64;
  assign last_half = fetch_half || rows <= 7'd32;

  assign read = go && room && fetch_cmd < checked && waits[2*slot+:2] == 2'd0 &&
      !(fetch_burst == 3'd0 && full);
  assign open = read && fetch_burst == 3'd0;

  // The chunk that is opened, and its addresses.
  mom_blocks block (.c(c), .index(4'(fetch_block)), .w(w), .v(v),
      .w_bytes(w_bytes), .v_bytes(v_bytes));
  always_comb begin
    if (bias) begin
      w_addr = w + {24'd0, fetch_chunk, 7'd0};
      v_addr = v + 32'(fetch_chunk) * 32'd96;
    end else begin
      w_addr = w + {19'd0, fetch_half, fetch_row, fetch_chunk, 6'd0};
      v_addr = v + 32'({fetch_half, fetch_row, fetch_chunk}) * 32'd96;
    end
  end
  assign group = {fetch_block, fetch_chunk, 1'b0};
  assign opened = {slot, fetch_row, group[W_GROUP-1:0], bias,
      fetch_row == 5'd0 && !fetch_chunk, alone,
      last_chunk && last_row && last_block,
      last_chunk && last_row && last_block && last_half, w_addr, v_addr};

  // The bursts of the chunk, those of the weights or biases first.
  assign ch = open ? opened : chunk;
  assign weights = ch.bias ? 3'd4 : 3'd2;
  assign addr = fetch_burst < weights ? ch.w_addr + {24'd0, fetch_burst, 5'd0}
                                      : ch.v_addr + {24'd0, fetch_burst - weights, 5'd0};
  assign next_place = read && fetch_burst == weights + 3'd2;

  always_ff @(posedge clk) begin
    if (rst) begin
      fetch_cmd <= 3'd0;
      fetch_half <= 1'b0;
      fetch_block <= '0;
      fetch_row <= 5'd0;
      fetch_chunk <= 1'b0;
      fetch_burst <= 3'd0;
    end else if (active) begin
      fetch_cmd <= fetch_cmd + {2'd0, next_place && ch.end_cmd} - {2'd0, pop};
      if (read) fetch_burst <= next_place ? 3'd0 : fetch_burst + 3'd1;
      if (open) begin
        fetch_chunk <= !last_chunk;
        if (last_chunk) fetch_row <= last_row ? 5'd0 : fetch_row + 5'd1;
        if (last_chunk && last_row) begin
          fetch_block <= last_block ? '0 : fetch_block + 1'b1;
          if (last_block) fetch_half <= !last_half;
        end
      end
    end
  end
endmodule
