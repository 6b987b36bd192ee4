// What a command asks OMEM for, and whether it may.
module dnnc_request (
    input chip_pkg::cmd_t c,
    output logic bad,
    output chip_pkg::fault_t fault,
    output chip_pkg::stream_req_t request
);
  dnnc_limits check (.op(c.op), .flags(c.flags), .p(c.p), .loaded('0), .bad, .fault);

  logic [31:0] out, in, at, tap, step, off;
  chip_pkg::window_t w;
  assign out = c.p[32*chip_pkg::P_DNNC_OUT+:32];
  assign in = c.p[32*chip_pkg::P_DNNC_IN+:32];
  assign at = c.p[32*chip_pkg::P_DNNC_AT+:32];
  assign tap = c.p[32*chip_pkg::P_DNNC_TAP+:32];
  assign step = c.p[32*chip_pkg::P_DNNC_STEP+:32];
  assign off = c.p[32*chip_pkg::P_DNNC_OFF+:32];

  always_comb begin
    w.taps = c.p[32*chip_pkg::P_DNNC_TAPS+:7];
    w.chan = c.p[32*chip_pkg::P_DNNC_CHAN+:7];
    {w.kw, w.ky, w.kx} = tap[23:0];
    {w.oh, w.ow} = out;
    {w.ih, w.iw} = in;
    {w.y, w.x} = at;
    w.stride = step[3:0];
    w.div = step[5:4];
    w.flip = step[8];
    {w.y_off, w.x_off} = off;
    w.n_step = c.p[32*chip_pkg::P_DNNC_NSTEP+:32];
    if (c.p[32*chip_pkg::P_DNNC_TAPS+:32] == 32'd0) w = '0; // no window

    request.valid = 1'b1;
    request.kind = c.op == chip_pkg::OP_DNNC_GRAD ? chip_pkg::STREAM_GRAD
                 : (c.flags & chip_pkg::FLAG_RAW) != 16'd0 ? chip_pkg::STREAM_RAW
                 : chip_pkg::STREAM_RLC;
    request.src = c.p[32*chip_pkg::P_DNNC_SRC+:32];
    request.s_step = c.p[32*chip_pkg::P_DNNC_SSTEP+:32];
    request.nb = c.p[32*chip_pkg::P_DNNC_NB+:8];
    request.rows = c.p[32*chip_pkg::P_DNNC_ROWS+:7];
    request.split = c.p[32*chip_pkg::P_DNNC_SPLIT+:2];
    request.win = w;
  end
endmodule
