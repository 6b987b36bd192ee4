// The check of a command: its parameters, then what it reads and writes, as a whole each. Of the
// first that is outside the fault has the address, or that of its last burst if it begins inside.
module norm_check (
    input chip_pkg::cmd_t c,
    input chip_pkg::norm_shape_t s,
    output logic bad,
    output chip_pkg::fault_t fault
);
  localparam logic [63:0] XBYTES = 64'(chip_pkg::N_EXTERNAL);
  localparam logic [1:0] NONE = 2'd0;
  localparam logic [1:0] FULL = 2'd1;
  localparam logic [1:0] POOLED = 2'd2;
  localparam logic [1:0] POSITIONS = 2'd3;

  logic limits_bad, map_bad;
  chip_pkg::fault_t limits_fault;
  logic [63:0] full, cells, pooled, positions, from, stop, arg;
  logic [31:0] src, dst, pos, aux, rec;
  logic [4*34-1:0] list;  // {size, address} of what is accessed, the first in the lowest bits

  norm_limits limits (
      .op(c.op), .flags(c.flags), .p(c.p), .loaded(512'd0), .bad(limits_bad), .fault(limits_fault)
  );
  assign src = c.p[32*chip_pkg::P_NORM_SRC+:32];
  assign dst = c.p[32*chip_pkg::P_NORM_DST+:32];
  assign pos = c.p[32*chip_pkg::P_NORM_POS+:32];
  assign aux = c.p[32*chip_pkg::P_NORM_AUX+:32];
  assign rec = c.p[32*chip_pkg::P_NORM_REC+:32];

  always_comb begin
    full = 64'(s.images) * 64'(s.h) * 64'(s.w) * 64'(s.groups) * 64'd32;
    cells = 64'(s.images) * 64'(s.rows_y) * 64'(s.rows_x);
    pooled = cells * 64'(s.groups) * 64'd32;
    positions = cells * ((64'(s.groups) + 64'd3) >> 2) * 64'd32;

    list = '0;
    case (c.op)
      chip_pkg::OP_NORM_LOAD, chip_pkg::OP_NORM_STORE: list[0+:34] = {FULL, rec};
      chip_pkg::OP_NORM_STAT: list[0+:34] = {FULL, src};
      chip_pkg::OP_NORM_FWD: list[0+:102] = {POSITIONS, pos, POOLED, dst, FULL, src};
      chip_pkg::OP_NORM_BACK:
        list = {FULL, dst, s.bn ? FULL : NONE, src, POSITIONS, pos, POOLED, aux};
      chip_pkg::OP_NORM_GRAD: list[0+:102] = {FULL, dst, FULL, src, FULL, aux};
      default: list = '0;
    endcase

    map_bad = 1'b0;
    arg = 64'd0;
    {from, stop} = '0;
    for (int i = 3; i >= 0; i--) begin
      from = {32'd0, list[34*i+:32]};
      stop = from + (list[34*i+32+:2] == FULL ? full :
          list[34*i+32+:2] == POOLED ? pooled : positions);
      if (list[34*i+32+:2] != NONE && (from[4:0] != 5'd0 || from >= XBYTES)) begin
        map_bad = 1'b1;
        arg = from;
      end else if (list[34*i+32+:2] != NONE && stop > XBYTES) begin
        map_bad = 1'b1;
        arg = stop - 64'd32;
      end
    end
  end

  assign bad = limits_bad || map_bad;
  assign fault = limits_bad ? limits_fault : {chip_pkg::F_XADDR, arg};
endmodule
