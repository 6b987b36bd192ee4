// A 1 for each neuron of a group that exists.
module errors_exist (
    input logic [31:0] neurons, // 1..65535
    input logic [12:0] group,
    output logic [15:0] exist
);
  logic [15:0] rest;

  assign rest = neurons[15:0] - {group[11:0], 4'd0};
  always_comb begin
    for (int i = 0; i < 16; i++) exist[i] = rest > 16'(i);
  end
endmodule
