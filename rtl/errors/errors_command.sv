// The commands of a unit that computes errors: its queue, the check of a command, and what is done
// with the oldest one. A command that comes is seen in the next cycle.
module errors_command #(
    parameter logic [3:0] UNIT = 4'd0,
    parameter logic [7:0] LOAD = 8'd0
) (
    input logic clk,
    input logic rst,
    input chip_pkg::bus_t bus,
    input logic own_bad,                 // a fault beside those of commands: the unit stops at once
    input chip_pkg::fault_t own_fault,
    input logic bad,                     // what the limits say of the oldest command
    input chip_pkg::fault_t bad_fault,
    input logic retire,                  // the oldest command ends in this cycle
    output logic got_param,
    output logic got_cmd,
    output logic got_get,
    output logic queued,                 // there is a command, if only since this cycle
    output logic working,                // there was one before
    output chip_pkg::cmd_t cmd,          // the oldest
    output logic begin_load,
    output logic begin_run,
    output logic loading,
    output logic running,
    output chip_pkg::done_t done,
    output chip_pkg::fault_t fault
);
  localparam logic [1:0] IDLE = 2'd0;    // or the command is checked
  localparam logic [1:0] LOADS = 2'd1;
  localparam logic [1:0] RUNS = 2'd2;

  logic [1:0] phase;
  logic [3:0] wait_;                     // cycles that the check has taken
  logic [2:0] n;
  logic [1:0] head;
  logic [4*chip_pkg::W_CMD_T-1:0] cmds;
  logic stopped, checking, checked;

  front #(
      .UNIT(UNIT)
  ) front_i (
      .clk(clk),
      .rst(rst),
      .bus(bus),
      .pop(retire),
      .got_param(got_param),
      .got_cmd(got_cmd),
      .got_get(got_get),
      .n(n),
      .head(head),
      .cmds(cmds)
  );

  assign cmd = cmds[chip_pkg::W_CMD_T-1:0];
  assign stopped = fault.code != chip_pkg::F_NONE || own_bad;
  assign queued = !stopped && n != 3'd0;
  assign working = !stopped && n != {2'd0, got_cmd};
  assign checking = working && phase == IDLE;
  assign checked = checking && wait_ == 4'(chip_pkg::N_ERRORS_CHECK - 1);
  assign begin_load = checked && !bad && cmd.op == LOAD;
  assign begin_run = checked && !bad && cmd.op != LOAD;
  assign loading = working && phase == LOADS;
  assign running = working && phase == RUNS;

  always_ff @(posedge clk) begin
    if (rst) begin
      phase <= IDLE;
      wait_ <= 4'd0;
      done  <= '0;
      fault <= '0;
    end else begin
      if (retire) phase <= IDLE;
      else if (begin_load) phase <= LOADS;
      else if (begin_run) phase <= RUNS;
      if (checking) wait_ <= checked ? 4'd0 : wait_ + 4'd1;
      done.valid <= retire;
      if (retire) done.inst <= cmd.inst;
      if (fault.code == chip_pkg::F_NONE) begin
        if (own_bad) fault <= own_fault;
        else if (checked && bad) fault <= bad_fault;
      end
    end
  end
endmodule
