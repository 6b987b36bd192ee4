// The status registers of the momentum unit. What they learn of a part is counted where its results
// are written, and passes one register with them and others behind.
module mom_status (
    input logic clk,
    input logic rst,
    // Parts before each register from the results on; the last one tells the status registers.
    input logic [chip_pkg::N_MOM_STAGES-chip_pkg::N_MOM_WRITE:0] valid,
    input logic bias,
    input logic [5:0] n,  // lanes that exist
    input logic [32*chip_pkg::MOMENTUM_LANES-1:0] w,
    input logic [24*chip_pkg::MOMENTUM_LANES-1:0] v,
    input logic [chip_pkg::MOMENTUM_LANES-1:0] clip_w,
    input logic [chip_pkg::MOMENTUM_LANES-1:0] clip_v,
    input logic get,
    input logic [1:0] index,
    output logic [31:0] out_stat
);
  localparam int L = chip_pkg::MOMENTUM_LANES;
  localparam int N = chip_pkg::N_MOM_STAGES - chip_pkg::N_MOM_WRITE;

  logic [31:0] stats[0:3];  // satv, satw, maxv, maxw
  logic [31:0] kept[0:3];   // without the one that is read
  logic [5:0] sat_v, sat_w, told_sat_v, told_sat_w;
  logic [23:0] max_v, told_max_v, size_v;
  logic [15:0] max_w, told_max_w, size_w;

  always_comb begin
    {sat_v, sat_w, max_v, max_w, size_v, size_w} = '0;
    for (int l = 0; l < L; l++) begin
      sat_v = sat_v + {5'd0, clip_v[l]};
      sat_w = sat_w + {5'd0, clip_w[l]};
      size_v = v[24*l+23] ? -v[24*l+:24] : v[24*l+:24];
      size_w = w[32*l+15] ? -w[32*l+:16] : w[32*l+:16];
      if (6'(l) < n && size_v > max_v) max_v = size_v;
      // Biases have another format: a maximum of both would say nothing.
      if (6'(l) < n && !bias && size_w > max_w) max_w = size_w;
    end
  end

  mom_delay #(.W(52), .N(N)) told (
      .clk(clk), .valid(valid), .d({sat_v, sat_w, max_v, max_w}),
      .q({told_sat_v, told_sat_w, told_max_v, told_max_w})
  );

  always_comb begin
    for (int i = 0; i < 4; i++) kept[i] = get && index == 2'(i) ? 32'd0 : stats[i];
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      for (int i = 0; i < 4; i++) stats[i] <= 32'd0;
    end else if (get || valid[N]) begin
      for (int i = 0; i < 4; i++) stats[i] <= kept[i];
      if (valid[N]) begin
        stats[chip_pkg::S_MOM_SATV] <= kept[chip_pkg::S_MOM_SATV] + {26'd0, told_sat_v};
        stats[chip_pkg::S_MOM_SATW] <= kept[chip_pkg::S_MOM_SATW] + {26'd0, told_sat_w};
        if ({8'd0, told_max_v} > kept[chip_pkg::S_MOM_MAXV])
          stats[chip_pkg::S_MOM_MAXV] <= {8'd0, told_max_v};
        if ({16'd0, told_max_w} > kept[chip_pkg::S_MOM_MAXW])
          stats[chip_pkg::S_MOM_MAXW] <= {16'd0, told_max_w};
      end
    end
    if (get) out_stat <= stats[index];
  end
endmodule
