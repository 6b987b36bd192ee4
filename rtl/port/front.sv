// What every unit with commands begins with (package port, Front): its parameter registers and its
// queue of four commands. A command that the bus brings is seen in the same cycle.
module front #(
    parameter logic [3:0] UNIT = 4'd0
) (
    input logic clk,
    input logic rst,
    input chip_pkg::bus_t bus,
    input logic pop,                          // the oldest command retires in this cycle
    output logic got_param,                   // a parameter register is written
    output logic got_cmd,                     // a command comes
    output logic got_get,                     // SEQ asks for status register bus.index
    output logic [2:0] n,                     // commands, that which comes included
    output logic [1:0] head,                  // place of the oldest in the queue
    output logic [4*chip_pkg::W_CMD_T-1:0] cmds // by age: the oldest in the lowest bits
);
  localparam int W = chip_pkg::W_CMD_T;

  logic [511:0] params;
  logic [W-1:0] places[0:3];
  logic [2:0] count;
  logic [1:0] tail;
  logic mine;
  chip_pkg::cmd_t incoming;

  assign mine = bus.unit == UNIT;
  assign got_param = mine && bus.kind == chip_pkg::BUS_PARAM;
  assign got_cmd = mine && bus.kind == chip_pkg::BUS_CMD;
  assign got_get = mine && bus.kind == chip_pkg::BUS_GET;
  assign incoming = {bus.op, bus.flags, bus.inst, params};
  assign tail = head + count[1:0];
  assign n = count + {2'd0, got_cmd};

  always_comb begin
    for (int i = 0; i < 4; i++) begin
      cmds[W*i+:W] = places[head+2'(i)];
      if (got_cmd && count == 3'(i)) cmds[W*i+:W] = incoming;
    end
  end

  always_ff @(posedge clk) begin
    if (got_param) params[32*bus.index+:32] <= bus.val;
    if (got_cmd) places[tail] <= incoming;
    if (rst) begin
      params <= 512'd0;
      head  <= 2'd0;
      count <= 3'd0;
    end else begin
      if (pop) head <= head + 2'd1;
      count <= n - {2'd0, pop};
    end
  end
endmodule
