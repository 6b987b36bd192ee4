// A result on its way through N registers, each clocked in the cycle in which it is passed on.
module mom_delay #(
    parameter int W = 1,
    parameter int N = 0
) (
    input logic clk,
    input logic [N:0] valid,  // of what stands before each register
    input logic [W-1:0] d,
    output logic [W-1:0] q
);
  generate
    if (N == 0) begin : gen_wire
      assign q = d;
    end else begin : gen_line
      logic [W-1:0] line[0:N-1];
      assign q = line[N-1];
      always_ff @(posedge clk) begin
        if (valid[0]) line[0] <= d;
        for (int i = 1; i < N; i++) if (valid[i]) line[i] <= line[i-1];
      end
    end
  endgenerate
endmodule
