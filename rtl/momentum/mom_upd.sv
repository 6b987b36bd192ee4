// New weights for WMEM, 16 at a time, if the command wants it (flag upd); only where the machine
// has it (FUSED). 8 lanes wait for the other half of their group; of 32 the second group follows in
// the next cycle.
module mom_upd (
    input logic clk,
    input logic rst,
    input logic active,       // the unit's own registers are clocked
    input logic go,           // the unit works
    input logic valid,        // results of a part are written
    input chip_pkg::cmd_t c,  // its command
    input logic [4:0] row,
    input logic [chip_pkg::W_GROUP-1:0] group,  // the first one of the chunk
    input logic end_cmd,
    input logic [1:0] index,  // of the part in its chunk
    input logic [32*chip_pkg::MOMENTUM_LANES-1:0] w,
    output chip_pkg::upd_write_t out_upd,
    output logic [1:0] clocked
);
  localparam int L = chip_pkg::MOMENTUM_LANES;
  localparam int W_GROUP = chip_pkg::W_GROUP;
  localparam int W_HEAD = chip_pkg::W_UPD_WRITE_T - 257;

  logic [6:0] at, groups;           // the part's group, and the groups of the command
  logic exists, second;             // the group, and one behind it
  logic send, send_later;
  logic [W_HEAD-1:0] head, head_later;
  logic [W_GROUP-1:0] place;
  logic [255:0] data, data_later;

  assign groups = 7'((c.p[32*chip_pkg::P_MOM_LANES+:11] + 11'd15) >> 4);
  assign exists = valid && (c.flags & chip_pkg::FLAG_UPD) != 16'd0 && at < groups;
  assign second = at + 7'd1 < groups;
  assign place = at[W_GROUP-1:0];
  assign head = {end_cmd && (at[0] || !second), c.flags[0], 1'b0, row, place,
      c.p[32*chip_pkg::P_MOM_SPLIT+:2]};

  generate
    if (L == 8) begin : gen_8
      logic [127:0] later;  // the first half of a group
      assign at = 7'(group) + {6'd0, index[1]};
      assign send = exists && index[0];
      assign send_later = 1'b0;
      assign head_later = '0;
      assign data_later = 256'd0;
      assign data[127:0] = later;
      for (genvar l = 0; l < 8; l++) begin : gen_weight
        assign data[128+16*l+:16] = w[32*l+:16];
        always_ff @(posedge clk) if (exists && !index[0]) later[16*l+:16] <= w[32*l+:16];
      end
    end else begin : gen_whole
      for (genvar l = 0; l < 16; l++) begin : gen_weight
        assign data[16*l+:16] = w[32*l+:16];
      end
      assign send = exists;
      if (L == 16) begin : gen_16
        assign at = 7'(group) + {6'd0, index[0]};
        assign send_later = 1'b0;
        assign head_later = '0;
        assign data_later = 256'd0;
      end else begin : gen_32
        logic later_valid;
        logic [W_HEAD-1:0] later_head;
        logic [255:0] later_data;
        assign at = 7'(group);
        assign send_later = go && later_valid;
        assign head_later = later_head;
        assign data_later = later_data;
        always_ff @(posedge clk) begin
          if (rst) later_valid <= 1'b0;
          else if (active && go) later_valid <= exists && second;
          if (exists && second) begin
            later_head <= {end_cmd, head[W_HEAD-2:3], 1'b1, head[1:0]};  // the odd group
            for (int l = 0; l < 16; l++) later_data[16*l+:16] <= w[512+32*l+:16];
          end
        end
      end
    end
  endgenerate

  assign clocked = {1'b0, exists} + {1'b0, send_later};
  always_ff @(posedge clk) begin
    if (rst) out_upd.valid <= 1'b0;
    else if (active) out_upd.valid <= send || send_later;
    if (send || send_later) begin
      out_upd[chip_pkg::W_UPD_WRITE_T-2:0] <= send ? {head, data} : {head_later, data_later};
    end
  end
endmodule
