// A port that streams groups: rows of up to 256, one group a cycle.
module omem_reader (
    input logic clk,
    input logic rst,
    input chip_pkg::read_req_t in,
    input logic room,
    output logic wants,
    output logic [chip_pkg::W_WORD-1:0] at,
    input logic granted,
    input logic [255:0] data,
    output chip_pkg::read_data_t out,   // register
    output logic req_room,
    output logic takes,
    output logic stays,                 // something is held after this cycle
    output logic bad                    // the address is in.addr
);
  localparam int W = chip_pkg::W_WORD;

  chip_pkg::read_req_t req;
  logic [7:0] row, group;
  logic [W-1:0] line;
  logic row_ends, ends;
  logic [63:0] stop;

  assign wants = req.valid && room;
  assign row_ends = granted && {1'b0, group} + 9'd1 == req.groups;
  assign ends = row_ends && row + 8'd1 == req.rows;
  assign req_room = !req.valid;
  assign stays = takes || granted || req.valid;

  // The whole stream must lie in memory.
  assign stop = 64'(in.addr) + 64'(in.stride) * 64'(8'(in.rows - 8'd1)) + {53'd0, in.groups, 2'd0};
  assign bad = in.valid && (in.addr[1:0] != 2'd0 || in.stride[1:0] != 2'd0 || in.rows == 8'd0
             || in.groups == 9'd0 || in.groups > 9'(chip_pkg::N_MAX_GROUPS)
             || stop > 64'(chip_pkg::N_WORDS));
  assign takes = in.valid && !bad;

  always_ff @(posedge clk) begin
    if (granted) out.data <= data;
    if (rst) begin
      out.valid <= 1'b0;
      req <= '0;
      {row, group, line, at} <= '0;
    end else begin
      out.valid <= granted;
      if (granted) begin
        group <= row_ends ? '0 : group + 8'd1;
        at <= row_ends ? line + req.stride[W-1:0] : at + W'(4);
        if (row_ends) begin
          line <= line + req.stride[W-1:0];
          row <= row + 8'd1;
        end
        if (ends) req.valid <= 1'b0;
      end
      if (takes) begin
        req <= in;
        row <= '0;
        group <= '0;
        line <= in.addr[W-1:0];
        at <= in.addr[W-1:0];
      end
    end
  end
endmodule
