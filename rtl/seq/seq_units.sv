// What SEQ knows of the units: whose command an operation code is and which flags it may have, and
// how many parameter and status registers a unit has.
module seq_units (
    input logic [7:0] op,
    output logic command,        // op is a command
    output logic [3:0] executes, // the unit that executes it
    output logic [15:0] flags,   // all that it takes
    input logic [3:0] unit,
    output logic [4:0] params,
    output logic [4:0] status
);
  always_comb begin
    command = 1'b1;
    flags = 16'd0;
    case (op)
      chip_pkg::OP_DMA_MAP: flags = chip_pkg::FLAGS_DMA_MAP;
      chip_pkg::OP_DMA_SCR: flags = chip_pkg::FLAGS_DMA_SCR;
      chip_pkg::OP_DMA_STORE: flags = chip_pkg::FLAGS_DMA_STORE;
      chip_pkg::OP_DMA_BIAS: flags = chip_pkg::FLAGS_DMA_BIAS;
      chip_pkg::OP_DMA_SIGN: flags = chip_pkg::FLAGS_DMA_SIGN;
      chip_pkg::OP_DMA_COPY: flags = chip_pkg::FLAGS_DMA_COPY;
      chip_pkg::OP_DMA_SAVE: flags = chip_pkg::FLAGS_DMA_SAVE;
      chip_pkg::OP_WLD_W: flags = chip_pkg::FLAGS_WLD_W;
      chip_pkg::OP_WLD_E: flags = chip_pkg::FLAGS_WLD_E;
      chip_pkg::OP_DNNC_MAC: flags = chip_pkg::FLAGS_DNNC_MAC;
      chip_pkg::OP_DNNC_GRAD: flags = chip_pkg::FLAGS_DNNC_GRAD;
      chip_pkg::OP_DNNC_ONES: flags = chip_pkg::FLAGS_DNNC_ONES;
      chip_pkg::OP_DRAIN_ACT: flags = chip_pkg::FLAGS_DRAIN_ACT;
      chip_pkg::OP_DRAIN_LOGIT: flags = chip_pkg::FLAGS_DRAIN_LOGIT;
      chip_pkg::OP_DRAIN_ERR: flags = chip_pkg::FLAGS_DRAIN_ERR;
      chip_pkg::OP_LOSS_CE: flags = chip_pkg::FLAGS_LOSS_CE;
      chip_pkg::OP_LOSS_EVAL: flags = chip_pkg::FLAGS_LOSS_EVAL;
      chip_pkg::OP_DEPC_LOAD: flags = chip_pkg::FLAGS_DEPC_LOAD;
      chip_pkg::OP_DEPC_RUN: flags = chip_pkg::FLAGS_DEPC_RUN;
      chip_pkg::OP_EPC_LOAD: flags = chip_pkg::FLAGS_EPC_LOAD;
      chip_pkg::OP_EPC_RUN: flags = chip_pkg::FLAGS_EPC_RUN;
      chip_pkg::OP_MOM_W: flags = chip_pkg::FLAGS_MOM_W;
      chip_pkg::OP_MOM_B: flags = chip_pkg::FLAGS_MOM_B;
      chip_pkg::OP_NORM_LOAD: flags = chip_pkg::FLAGS_NORM_LOAD;
      chip_pkg::OP_NORM_STORE: flags = chip_pkg::FLAGS_NORM_STORE;
      chip_pkg::OP_NORM_STAT: flags = chip_pkg::FLAGS_NORM_STAT;
      chip_pkg::OP_NORM_FIN: flags = chip_pkg::FLAGS_NORM_FIN;
      chip_pkg::OP_NORM_FWD: flags = chip_pkg::FLAGS_NORM_FWD;
      chip_pkg::OP_NORM_BACK: flags = chip_pkg::FLAGS_NORM_BACK;
      chip_pkg::OP_NORM_GRAD: flags = chip_pkg::FLAGS_NORM_GRAD;
      chip_pkg::OP_NORM_UPDATE: flags = chip_pkg::FLAGS_NORM_UPDATE;
      default: command = 1'b0;
    endcase
  end

  // The units' commands lie in blocks of sixteen codes; DEPC and EPC share one.
  always_comb begin
    case (op[7:4])
      4'h8: executes = chip_pkg::UNIT_DMA;
      4'h9: executes = chip_pkg::UNIT_WLD;
      4'ha: executes = chip_pkg::UNIT_DNNC;
      4'hb: executes = chip_pkg::UNIT_DRAIN;
      4'hc: executes = chip_pkg::UNIT_LOSS;
      4'hd: executes = op[3] ? chip_pkg::UNIT_EPC : chip_pkg::UNIT_DEPC;
      4'he: executes = chip_pkg::UNIT_MOM;
      4'hf: executes = chip_pkg::UNIT_NORM;
      default: executes = chip_pkg::UNIT_SEQ;
    endcase
  end

  always_comb begin
    case (unit)
      chip_pkg::UNIT_DMA: {params, status} = {chip_pkg::PARAMS_DMA, chip_pkg::STATUS_DMA};
      chip_pkg::UNIT_WLD: {params, status} = {chip_pkg::PARAMS_WLD, chip_pkg::STATUS_WLD};
      chip_pkg::UNIT_DNNC: {params, status} = {chip_pkg::PARAMS_DNNC, chip_pkg::STATUS_DNNC};
      chip_pkg::UNIT_DRAIN: {params, status} = {chip_pkg::PARAMS_DRAIN, chip_pkg::STATUS_DRAIN};
      chip_pkg::UNIT_LOSS: {params, status} = {chip_pkg::PARAMS_LOSS, chip_pkg::STATUS_LOSS};
      chip_pkg::UNIT_DEPC: {params, status} = {chip_pkg::PARAMS_DEPC, chip_pkg::STATUS_DEPC};
      chip_pkg::UNIT_MOM: {params, status} = {chip_pkg::PARAMS_MOM, chip_pkg::STATUS_MOM};
      chip_pkg::UNIT_NORM: {params, status} = {chip_pkg::PARAMS_NORM, chip_pkg::STATUS_NORM};
      chip_pkg::UNIT_EPC: {params, status} = {chip_pkg::PARAMS_EPC, chip_pkg::STATUS_EPC};
      default: {params, status} = 10'd0; // SEQ itself, or no unit
    endcase
  end
endmodule
