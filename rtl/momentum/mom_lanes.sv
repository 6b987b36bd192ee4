// The lanes of the momentum unit. A part stands at the outputs of the memories and is worked on
// until its results are written. How many registers cut that way follows the machine: here all of
// them hold results, behind the arithmetic, for synthesis to move them into it.
module mom_lanes (
    input logic clk,
    input logic [chip_pkg::N_MOM_WRITE:0] valid, // parts before each register
    input chip_pkg::cmd_t c,
    input logic bias,
    input logic [1:0] index,                    // of the part in its chunk
    input logic [5:0] n,                        // lanes that exist
    input logic [7*256-1:0] fetched,            // what the chunk memory shows
    input logic [32*chip_pkg::W_ACC-1:0] acc,
    input logic [16*chip_pkg::MOMENTUM_LANES-1:0] words,

    // Where results are written.
    output logic [32*chip_pkg::MOMENTUM_LANES-1:0] w,
    output logic [24*chip_pkg::MOMENTUM_LANES-1:0] v,
    output logic [chip_pkg::MOMENTUM_LANES-1:0] clip_w,
    output logic [chip_pkg::MOMENTUM_LANES-1:0] clip_v
);
  localparam int L = chip_pkg::MOMENTUM_LANES;
  localparam int ACC = chip_pkg::W_ACC;

  logic [16*L-1:0] w_short;
  logic [32*L-1:0] w_long, w_new;
  logic [24*L-1:0] v_old, v_new;
  logic [ACC*L-1:0] grads;
  logic [L-1:0] clips_w, clips_v;

  assign w_short = fetched[16*L*index+:16*L];
  assign w_long = fetched[32*L*index+:32*L];
  assign v_old = fetched[1024+24*L*index+:24*L];
  generate
    if (L == 8) begin : gen_half
      assign grads = index[0] ? acc[ACC*8+:ACC*8] : acc[0+:ACC*8];
    end else begin : gen_whole
      assign grads = acc[ACC*L-1:0];
    end
    for (genvar l = 0; l < L; l++) begin : gen_lane
      mom_lane lane (
          .exists(6'(l) < n),
          .bias(bias),
          .grad(grads[ACC*l+:ACC]),
          .w(bias ? w_long[32*l+:32] : {{16{w_short[16*l+15]}}, w_short[16*l+:16]}),
          .v(v_old[24*l+:24]),
          .word(words[16*l+:16]),
          .mu(c.p[32*chip_pkg::P_MOM_MU+:16]),
          .eta(c.p[32*chip_pkg::P_MOM_ETA+:16]),
          .lambda(c.p[32*chip_pkg::P_MOM_LAMBDA+:16]),
          .gshift(c.p[32*chip_pkg::P_MOM_GSHIFT+:7]),
          .dshift(c.p[32*chip_pkg::P_MOM_DSHIFT+:7]),
          .tshift(c.p[32*chip_pkg::P_MOM_TSHIFT+:7]),
          .w_new(w_new[32*l+:32]),
          .v_new(v_new[24*l+:24]),
          .clip_w(clips_w[l]),
          .clip_v(clips_v[l])
      );
    end
  endgenerate

  mom_delay #(.W(58*L), .N(chip_pkg::N_MOM_WRITE)) results (
      .clk(clk), .valid(valid), .d({clips_w, clips_v, w_new, v_new}), .q({clip_w, clip_v, w, v})
  );
endmodule
