// The corner-turn: three arrays of 16 x 16 elements in a ring. One is written by rows, one is read
// by columns, one covers the latency of external memory.
module wld_turn (
    input logic clk,
    input logic rst,
    input logic write,       // a row lands
    input logic [255:0] row,
    input logic [3:0] row_at,
    input logic [6:0] base,  // with row 0: the WMEM row of column 0
    input logic [4:0] cols,  // ... columns that exist
    input logic [chip_pkg::W_GROUP-1:0] lane, // ... group of WMEM lanes
    input logic last,        // the load ends with this row
    input logic may_read,
    output logic read,       // a column goes
    output logic [255:0] column,
    output logic [5:0] column_row,
    output logic [chip_pkg::W_GROUP-1:0] column_lane,
    output logic frees,      // it was the last of its array
    output logic ends        // ... and of its load
);
  // Registers, clocked a row at a time.
  logic [255:0] cells[0:47];
  // Registers of each array.
  logic [4:0] turns_in[0:2];  // rows written
  logic [4:0] turns_out[0:2]; // columns read
  logic [6:0] turns_base[0:2];
  logic [4:0] turns_cols[0:2];
  logic [chip_pkg::W_GROUP-1:0] turns_lane[0:2];
  logic turns_last[0:2];
  logic [1:0] turn_in, turn_out; // the array that is written, that is read

  logic [4:0] out, next_out;
  logic [1:0] after_in, after_out;

  assign after_in = turn_in == 2'd2 ? 2'd0 : turn_in + 2'd1;
  assign after_out = turn_out == 2'd2 ? 2'd0 : turn_out + 2'd1;
  assign out = turns_out[turn_out];
  assign next_out = out + 5'd1;

  assign read = may_read && turns_in[turn_out] == 5'd16;
  assign frees = read && next_out >= turns_cols[turn_out];
  assign ends = frees && turns_last[turn_out];
  assign column_row = turns_base[turn_out][5:0] + {1'b0, out};
  assign column_lane = turns_lane[turn_out];

  always_comb begin
    for (int i = 0; i < 16; i++) begin
      column[16*i+:16] = cells[{turn_out, 4'(i)}][16*out[3:0]+:16];
    end
  end

  always_ff @(posedge clk) begin
    if (write) cells[{turn_in, row_at}] <= row;
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      for (int i = 0; i < 3; i++) begin
        turns_in[i] <= '0;
        turns_out[i] <= '0;
        turns_base[i] <= '0;
        turns_cols[i] <= '0;
        turns_lane[i] <= '0;
        turns_last[i] <= 1'b0;
      end
      turn_in <= 2'd0;
      turn_out <= 2'd0;
    end else begin
      if (read) turns_out[turn_out] <= next_out;
      if (frees) begin
        turns_in[turn_out] <= 5'd0;
        turn_out <= after_out;
      end
      if (write) begin
        turns_in[turn_in] <= {1'b0, row_at} + 5'd1;
        turns_last[turn_in] <= last;
        if (row_at == 4'd0) begin
          turns_out[turn_in] <= 5'd0;
          turns_base[turn_in] <= base;
          turns_cols[turn_in] <= cols;
          turns_lane[turn_in] <= lane;
        end
        if (row_at == 4'd15) turn_in <= after_in;
      end
    end
  end
endmodule
