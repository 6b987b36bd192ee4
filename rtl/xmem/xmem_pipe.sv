// Bursts on their way from the memory: a ring of cycles, one more than the latency, and the wires
// that they arrive on. The ring stands still while nothing waits and nothing is under way.
module xmem_pipe #(
    parameter int PAIRS = 1
) (
    input logic clk,
    input logic rst,
    input logic waiting,          // a request waits
    input logic [1:0] starts,     // bursts are read
    input logic [7:0] port,       // their ports, 4 bits each
    input logic [511:0] data,
    output logic active,
    output logic [1:0] answers,   // bursts that arrive
    output logic [521:0] out_resp // 2 x x_resp_t
);
  localparam int PIPE = (chip_pkg::T_READ_LATENCY + 1) * PAIRS;
  localparam int W_RESP = chip_pkg::W_X_RESP_T;

  // Registers.
  logic [PIPE-1:0] pipe_valid;
  logic [3:0] pipe_port[0:PIPE-1];
  logic [255:0] pipe_data[0:PIPE-1];
  logic [7:0] at; // the present cycle in the pipe
  logic [8:0] in_flight;

  logic [7:0] at_1, arrives;
  logic [31:0] first, place; // in the pipe

  assign active = waiting || in_flight != 9'd0;
  assign at_1 = !active ? at : at == 8'(chip_pkg::T_READ_LATENCY) ? 8'd0 : at + 8'd1;
  assign arrives = at_1 == 8'd0 ? 8'(chip_pkg::T_READ_LATENCY) : at_1 - 8'd1;
  assign first = 32'(at_1) * PAIRS;
  assign place = 32'(arrives) * PAIRS;

  always_comb begin
    answers = 2'd0;
    if (in_flight != 9'd0) begin
      for (int i = 0; i < PAIRS; i++) answers[i] = pipe_valid[first+i];
    end
    if (!answers[0]) answers[1] = 1'b0;
  end

  always_ff @(posedge clk) begin
    for (int i = 0; i < PAIRS; i++) begin
      if (starts[i]) begin
        pipe_port[place+i] <= port[4*i+:4];
        pipe_data[place+i] <= data[256*i+:256];
      end
    end
    if (rst) begin
      pipe_valid <= '0;
      out_resp <= '0;
      {at, in_flight} <= '0;
    end else begin
      at <= at_1;
      in_flight <= in_flight - 9'(answers[0]) - 9'(answers[1]) + 9'(starts[0]) + 9'(starts[1]);
      for (int i = 0; i < PAIRS; i++) begin
        if (answers[i]) begin
          pipe_valid[first+i] <= 1'b0;
          out_resp[W_RESP*i+:W_RESP-1] <= {pipe_port[first+i], pipe_data[first+i]};
        end
        if (starts[i]) pipe_valid[place+i] <= 1'b1;
      end
      for (int i = 0; i < 2; i++) out_resp[W_RESP*i+W_RESP-1] <= answers[i];
    end
  end
endmodule
