// The memory of f' masks and its arbiter (package port, memory.go): a word of 16 neurons. It has
// one port, which serves the drain first, then the DEPC, then the EPC. A unit that has to wait
// leaves its request as it is.
module mask (
    input logic clk,
    input chip_pkg::mask_req_t in_drain,
    input chip_pkg::mask_req_t in_depc,
    input chip_pkg::mask_req_t in_epc,
    output chip_pkg::mask_data_t out_drain,
    output chip_pkg::mask_data_t out_depc,
    output chip_pkg::mask_data_t out_epc
);
  logic [15:0] mem[0:chip_pkg::N_MASKS-1];

  chip_pkg::mask_req_t served;
  logic [15:0] data;

  assign served = in_drain.valid ? in_drain : in_depc.valid ? in_depc : in_epc;
  assign data = mem[served.addr];
  assign out_drain = {in_drain.valid, data};
  assign out_depc = {in_depc.valid && !in_drain.valid, data};
  assign out_epc = {in_epc.valid && !in_depc.valid && !in_drain.valid, data};

  always_ff @(posedge clk) begin
    if (served.valid && served.write) mem[served.addr] <= served.data;
  end
endmodule
