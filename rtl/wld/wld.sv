// The weight loader: fills WMEM from external memory, straight or through the corner-turn, or with
// raw rows from OMEM. Its page is rtl/wld/doc.go.
module wld (
    input logic clk,
    input logic rst,
    input chip_pkg::bus_t in_bus,
    input chip_pkg::x_resp_t in_resp,
    input logic in_x_room,
    input logic [15:0] in_freed, // 2 x 8 bits
    input logic in_req_room,
    input chip_pkg::read_data_t in_read,
    output logic [2:0] out_status,
    output chip_pkg::done_t out_done,
    output chip_pkg::fault_t out_fault,
    output chip_pkg::x_read_t out_x,
    output chip_pkg::read_req_t out_req,
    output chip_pkg::tile_write_t out_tile,
    output chip_pkg::wld_ev_t ev
);
  localparam int W_CMD = chip_pkg::W_CMD_T;
  localparam int W_GROUP = chip_pkg::W_GROUP;
  localparam int W_BLOCK = $clog2(chip_pkg::DNNC_LANES / 64 + 1); // to the first behind the lanes
  localparam int W_WALK = W_BLOCK + 15;
  localparam logic [1:0] TURNS = 2'd3;

  // Registers, beside those of the front, of the corner-turn and of Out, the fault among them.
  logic [15:0] filled; // loads of each buffer, 8 bits each
  logic [2:0] asking;  // queued command whose bursts are being requested
  logic begun;         // that command has its buffer
  logic [W_WALK-1:0] ask;
  logic landing;       // queued command whose bursts arrive: 1 while a turned one is still read out
  logic [W_WALK-1:0] land;
  logic [1:0] booked;  // arrays whose bursts have been requested
  logic sent;          // wld.e: the stream was requested
  logic [6:0] row;     // wld.e: the place of the next group
  logic [W_GROUP-1:0] group;

  logic got_param, got_cmd, got_get, retires;
  logic [2:0] n;
  logic [1:0] head;
  logic [4*W_CMD-1:0] cmds;
  chip_pkg::cmd_t oldest, second, asker, lander;
  logic works; // there is a command, and no fault

  front #(.UNIT(chip_pkg::UNIT_WLD)) front (
      .clk(clk), .rst(rst), .bus(in_bus), .pop(retires), .got_param(got_param),
      .got_cmd(got_cmd), .got_get(got_get), .n(n), .head(head), .cmds(cmds)
  );
  assign oldest = cmds[0+:W_CMD];
  assign second = cmds[W_CMD+:W_CMD];
  assign asker = cmds[W_CMD*asking[1:0]+:W_CMD];
  assign lander = landing ? second : oldest;
  assign works = n != 3'd0 && out_fault.code == chip_pkg::F_NONE;

  // What lands: a burst for the tile or for the corner-turn, a column of it, or a group from OMEM.
  logic is_errors, bursts, straight, turns, reads, frees, ends, last_land, group_lands;
  logic last_group, last_row;
  logic [W_WALK-1:0] next_land;
  logic [255:0] column;
  logic [5:0] column_row;
  logic [W_GROUP-1:0] column_lane;
  logic [W_BLOCK-1:0] land_a;
  logic [6:0] land_b, left;
  logic [2:0] land_c;
  logic [4:0] land_d;
  logic [W_GROUP-1:0] lane;

  assign {land_a, land_b, land_c, land_d} = land;
  assign lane = W_GROUP'({land_a, 2'd0}) + W_GROUP'(land_c);
  assign left = lander.p[32*chip_pkg::P_WLD_ROWS+:7] - {land_b[2:0], 4'd0};

  assign is_errors = oldest.op == chip_pkg::OP_WLD_E;
  assign bursts = works && !is_errors && in_resp.valid && in_resp.port == chip_pkg::XP_WLD;
  assign straight = bursts && (lander.flags & chip_pkg::FLAG_T) == 16'd0;
  assign turns = bursts && !straight;
  assign group_lands = works && is_errors && sent && in_read.valid;
  assign last_group = group + W_GROUP'(1) == oldest.p[32*chip_pkg::P_WLD_GROUPS+:W_GROUP];
  assign last_row = row + 7'd1 == oldest.p[32*chip_pkg::P_WLD_ROWS+:7];

  wld_next #(.W_BLOCK(W_BLOCK)) lands (
      .turned(turns), .rows(lander.p[32*chip_pkg::P_WLD_ROWS+:7]),
      .groups(lander.p[32*chip_pkg::P_WLD_GROUPS+:7]), .at(land), .next(next_land), .last(last_land)
  );
  wld_turn turn (
      .clk(clk), .rst(rst), .write(turns), .row(in_resp.data), .row_at(land_d[3:0]),
      .base({land_b[2:0], 4'd0}), .cols(left < 7'd16 ? left[4:0] : 5'd16), .lane(lane),
      .last(last_land),
      .may_read(works && !is_errors && (oldest.flags & chip_pkg::FLAG_T) != 16'd0),
      .read(reads), .column(column), .column_row(column_row), .column_lane(column_lane),
      .frees(frees), .ends(ends)
  );
  assign retires = straight && last_land || ends || group_lands && last_group && last_row;

  // Which burst is requested: the oldest command's or, ahead of it, the next one's. A command that
  // retires in this cycle counts no longer.
  chip_pkg::cmd_t first;
  logic [2:0] asking_now;
  logic [1:0] booked_now;
  logic may_ask, asker_turned, begins, has_buffer, bad, asks, books, last_ask, checks, buffer;
  logic [W_WALK-1:0] ask_at, next_ask;
  chip_pkg::fault_t fault;

  assign asking_now = asking - {2'd0, retires};
  assign booked_now = booked - {1'b0, frees};
  assign asker_turned = (asker.flags & chip_pkg::FLAG_T) != 16'd0;
  assign first = retires ? second : oldest;
  assign may_ask = works && asking < n && asker.op != chip_pkg::OP_WLD_E
      && (asking_now == 3'd0 || asking_now == 3'd1 && first.op != chip_pkg::OP_WLD_E
          && ((first.flags & chip_pkg::FLAG_T) == 16'd0 || asker_turned));
  assign checks = may_ask && !begun || works && is_errors && !sent;
  assign buffer = asker.flags[0];
  assign has_buffer = in_freed[8*buffer+:8] == filled[8*buffer+:8];

  wld_limits limits (
      .op(asker.op), .flags(asker.flags), .p(asker.p), .loaded('0), .bad(bad), .fault(fault)
  );

  assign begins = may_ask && !begun && !bad && has_buffer;
  assign ask_at = begun ? ask : '0;
  assign asks = (begins || may_ask && begun) && in_x_room
      && !(books && booked_now == TURNS);
  assign books = asker_turned && ask_at[4:0] == 5'd0;

  wld_next #(.W_BLOCK(W_BLOCK)) asking_next (
      .turned(asker_turned), .rows(asker.p[32*chip_pkg::P_WLD_ROWS+:7]),
      .groups(asker.p[32*chip_pkg::P_WLD_GROUPS+:7]), .at(ask_at), .next(next_ask), .last(last_ask)
  );

  logic [31:0] block, steps, pitch, address;
  logic [11:0] in_array;

  assign in_array = 12'd16 * 12'(ask_at[7:5]) + 12'(ask_at[4:0]);
  assign pitch = asker.p[32*chip_pkg::P_WLD_PITCH+:32];
  assign block = asker.p[32*chip_pkg::P_WLD_XADDR+:32]
      + 32'(ask_at[W_WALK-1:15]) * asker.p[32*chip_pkg::P_WLD_XSTEP+:32];
  assign steps = 32'(ask_at[14:8]) * (pitch == 32'd0 ? 32'd128 : pitch);
  assign address = asker_turned ? block + {13'd0, in_array, 7'd0} + {20'd0, ask_at[14:8], 5'd0}
      : block + steps + {24'd0, ask_at[7:5], 5'd0};

  // wld.e: a stream of all its rows. Its buffer is that of the oldest command, and none is asked
  // for ahead of it, so it uses the check of the command that asks.
  logic streams;
  assign streams = works && is_errors && !sent && !bad && has_buffer && in_req_room;

  // Status: what landed counts for more than what is waited for, but for the next command's buffer.
  logic [2:0] next_status;

  always_comb begin
    next_status = chip_pkg::ST_IDLE;
    if (works) begin
      next_status = chip_pkg::ST_WAIT_MEMORY;
      if (is_errors && !sent) begin
        next_status = bad || !has_buffer ? chip_pkg::ST_WAIT_WEIGHT : chip_pkg::ST_WAIT_OPERAND;
      end else if (is_errors) next_status = chip_pkg::ST_WAIT_OPERAND;
      if (bursts || reads || group_lands) next_status = chip_pkg::ST_BUSY;
      if (may_ask && asking_now == 3'd0 && !begun && !bad && !has_buffer) begin
        next_status = chip_pkg::ST_WAIT_WEIGHT;
      end
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      filled <= '0;
      {asking, begun, landing, booked, sent} <= '0;
      {ask, land, row, group} <= '0;
      out_fault <= '0;
      out_status <= chip_pkg::ST_IDLE;
    end else begin
      out_status <= next_status;
      if (checks && bad) out_fault <= fault;
      if (begins || streams) filled[8*buffer+:8] <= filled[8*buffer+:8] + 8'd1;
      asking <= streams ? 3'd1 : asking_now + {2'd0, asks && last_ask};
      booked <= booked_now + {1'b0, asks && books};
      if (begins) begun <= 1'b1;
      if (asks && last_ask) begun <= 1'b0;
      if (asks) ask <= next_ask;
      else if (begins) ask <= '0;
      landing <= landing && !retires || turns && last_land;
      if (bursts) land <= last_land ? '0 : next_land;
      if (streams) sent <= 1'b1;
      if (group_lands) begin
        group <= last_group ? '0 : group + W_GROUP'(1);
        if (last_group) row <= last_row ? 7'd0 : row + 7'd1;
      end
      if (retires) sent <= 1'b0;
    end
  end

  // Out.
  always_ff @(posedge clk) begin
    if (rst) begin
      out_done <= '0;
      out_x <= '0;
      out_req <= '0;
      out_tile <= '0;
    end else begin
      out_done.valid <= retires;
      if (retires) out_done.inst <= oldest.inst;
      out_x.valid <= asks;
      if (asks) out_x.addr <= address;
      out_req.valid <= streams;
      if (streams) begin
        out_req.addr <= oldest.p[32*chip_pkg::P_WLD_SRC+:32];
        out_req.groups <= oldest.p[32*chip_pkg::P_WLD_GROUPS+:9];
        out_req.rows <= oldest.p[32*chip_pkg::P_WLD_ROWS+:8];
        out_req.stride <= oldest.p[32*chip_pkg::P_WLD_SSTEP+:32];
      end
      out_tile.valid <= straight || reads || group_lands;
      if (straight || reads || group_lands) begin
        out_tile.full <= retires;
        out_tile.buf_ <= oldest.flags[0];
        out_tile.split <= oldest.p[32*chip_pkg::P_WLD_SPLIT+:2];
        out_tile.row <= straight ? land_b[5:0] : reads ? column_row : row[5:0];
        out_tile.group <= straight ? lane : reads ? column_lane : group;
        out_tile.data <= straight ? in_resp.data : reads ? column : in_read.data;
      end
    end
  end

  logic called;
  assign called = got_param || got_cmd || got_get;

  always_comb begin
    ev = '0;
    ev.corner_turn = 12'(turns);
    ev.clock_wld = 12'(called || out_done.valid || out_x.valid || out_req.valid || out_tile.valid
        || begins || asks || streams || next_status == chip_pkg::ST_BUSY
        || next_status != out_status);
    ev.clock_wld_param = 12'(got_param);
    ev.clock_wld_cmd = 12'(got_cmd);
    ev.clock_wld_ask = 12'(begins || asks);
    ev.clock_wld_land = 12'(bursts || group_lands);
    ev.clock_wld_turn = 12'(turns) + 12'(reads);
    ev.clock_wld_req = 12'(streams);
    ev.clock_wld_tile = 12'(straight || reads || group_lands);
  end
endmodule
