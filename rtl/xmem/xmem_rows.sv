// Which rows are opened and closed in a cycle, one each at the most: for the heads of the present
// direction, then for the other heads, then for the row looked ahead for.
module xmem_rows #(
    parameter int BANKS = 8,
    parameter int W_BANK = 3
) (
    input logic writing,
    input logic may_act,                 // tRRD and tFAW have passed
    input logic [9:0] has,               // ports with requests
    input logic [10*W_BANK-1:0] banks,   // of the heads
    input logic [319:0] rows,
    input logic ahead,                   // there is a row looked ahead for
    input logic [W_BANK-1:0] ahead_bank,
    input logic [31:0] ahead_row,
    input logic [BANKS-1:0] open,
    input logic [32*BANKS-1:0] open_rows,
    input logic [BANKS-1:0] may_open,    // banks that have been closed for long enough
    input logic [BANKS-1:0] may_close,   // ... or been open
    output logic opens,
    output logic [W_BANK-1:0] opened,
    output logic closes,
    output logic [W_BANK-1:0] closed,
    output logic [BANKS-1:0] open_1,
    output logic [32*BANKS-1:0] open_rows_1,
    output logic ahead_1                 // the row looked ahead for is not open yet
);
  localparam int PORTS = 10;
  localparam int READS = 5;

  logic [BANKS-1:0] closable;
  logic [3:0] port;
  logic last, wanted, needed;
  logic [W_BANK-1:0] bank;
  logic [31:0] row;

  always_comb begin
    {opens, opened, closes, closed, port, last, wanted, needed, bank, row} = '0;
    open_1 = open;
    open_rows_1 = open_rows;
    closable = may_close;
    ahead_1 = ahead;
    for (int i = 0; i <= PORTS; i++) begin
      last = i == PORTS;
      port = 4'(last ? 0 : !writing ? i : i < READS ? i + READS : i - READS);
      bank = last ? ahead_bank : banks[W_BANK*port+:W_BANK];
      row = last ? ahead_row : rows[32*port+:32];
      wanted = last ? ahead : has[port];
      if (wanted && open_1[bank] && open_rows_1[32*bank+:32] == row) begin
        if (last) ahead_1 = 1'b0;
      end else if (wanted && open_1[bank]) begin
        // Another head may still hit the row: for a head those of the present direction count.
        needed = 1'b0;
        for (int p = 0; p < PORTS; p++) begin
          if (has[p] && (last || (p >= READS) == writing) && banks[W_BANK*p+:W_BANK] == bank
              && rows[32*p+:32] == open_rows_1[32*bank+:32]) needed = 1'b1;
        end
        if (!closes && closable[bank] && !needed) begin
          closes = 1'b1;
          closed = bank;
          open_1[bank] = 1'b0;
        end
      end else if (wanted && may_act && !opens && may_open[bank]
          && !(closes && closed == bank)) begin
        opens = 1'b1;
        opened = bank;
        open_1[bank] = 1'b1;
        open_rows_1[32*bank+:32] = row;
        closable[bank] = chip_pkg::T_TRAS == 0;
        if (last) ahead_1 = 1'b0;
      end
    end
  end
endmodule
