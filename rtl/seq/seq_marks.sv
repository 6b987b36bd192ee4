// Which commands are outstanding, by unit and by mark. A mark is a slot in a ring of sixteen; it is
// done when a later one is present and none of its commands is outstanding.
module seq_marks (
    input logic clk,
    input logic rst,
    input logic [49:0] done,    // 10 x done_t
    input logic issue,          // a command goes out
    input logic [3:0] unit,     // ... to this unit
    input logic mark,           // a mark is set
    input logic close,          // the program has halted and every command has retired
    output logic any,           // a command retires
    output logic [29:0] left,   // outstanding by unit, 3 bits each, after those that retire
    output logic [3:0] inst,    // the present slot
    output logic full,          // the next slot is still in use
    output logic report,        // a mark is done
    output logic used_last,     // the present slot is in use
    output logic scan,
    output logic changes        // a register of this group is written
);
  localparam int N = chip_pkg::N_MARK_SLOTS;
  localparam int W = chip_pkg::W_DONE_T;

  logic [29:0] outstanding;
  logic [6*N-1:0] slots_outstanding;
  logic [N-1:0] slots_used;
  logic [6*N-1:0] slots_left;
  logic [N-1:0] used;
  logic scanning;
  logic [3:0] next, at;
  chip_pkg::done_t d;

  assign next = inst + 4'd1;

  always_comb begin
    any = 1'b0;
    left = outstanding;
    slots_left = slots_outstanding;
    for (int u = 1; u < 10; u++) begin
      d = done[W*u+:W];
      if (d.valid) begin
        any = 1'b1;
        left[3*u+:3] = outstanding[3*u+:3] - 3'd1;
        slots_left[6*d.inst+:6] = slots_left[6*d.inst+:6] - 6'd1;
      end
    end
  end

  // One done mark is reported a cycle, the oldest first: the slot behind the present one.
  always_comb begin
    scanning = scan || any;
    report = 1'b0;
    used = slots_used;
    at = inst;
    for (int i = 1; i < N; i++) begin
      at = at + 4'd1;
      if (scanning && !report && used[at] && slots_left[6*at+:6] == 6'd0) begin
        report = 1'b1;
        used[at] = 1'b0;
      end
    end
  end

  assign full = used[next];
  assign used_last = used[inst];
  assign changes = any || report || issue || mark || close && used_last;

  always_ff @(posedge clk) begin
    if (rst) begin
      outstanding <= '0;
      slots_outstanding <= '0;
      slots_used <= N'(1);
      inst <= 4'd0;
      scan <= 1'b0;
    end else begin
      scan <= report || mark;
      if (changes) begin
        outstanding <= left;
        slots_outstanding <= slots_left;
        slots_used <= used;
        if (issue) begin
          outstanding[3*unit+:3] <= left[3*unit+:3] + 3'd1;
          slots_outstanding[6*inst+:6] <= slots_left[6*inst+:6] + 6'd1;
        end
        if (mark) begin
          slots_outstanding[6*next+:6] <= 6'd0;
          slots_used[next] <= 1'b1;
          inst <= next;
        end
        if (close) slots_used[inst] <= 1'b0;
      end
    end
  end
endmodule
