// Which heads move in a cycle: the first one, round robin over the five ports of the present
// direction, whose row is open; where a slot is half a cycle or less, another one, too.
module xmem_transfer #(
    parameter int PAIRS = 1
) (
    input logic may,                // a request waits, and the bus has turned
    input logic [63:0] t,           // this cycle
    input logic [63:0] bus_free,    // end of the last slot, 1/SLOT_UNIT cycles
    input logic [3:0] next,         // first port to look at
    input logic [9:0] has,          // ports with requests
    input logic [9:0] hits,         // heads that may move
    input logic [9:0] waits,        // heads that wait for a write
    output logic [9:0] moves,
    output logic [1:0] movers,      // how many move: 00, 01 or 11
    output logic [7:0] mover,       // ports, 4 bits each
    output logic [3:0] next_1,
    output logic [63:0] bus_free_1,
    output logic held               // a port was passed over that waits for a write
);
  logic [3:0] look;
  logic found, room;

  // Ports 0 to 4 read, 5 to 9 write.
  function automatic logic [3:0] after(input logic [3:0] p);
    begin
      after = p == 4'd4 ? 4'd0 : p == 4'd9 ? 4'd5 : p + 4'd1;
    end
  endfunction

  always_comb begin
    {moves, movers, mover, held, found} = '0;
    bus_free_1 = bus_free;
    next_1 = next;
    look = next;
    room = may;
    for (int k = 0; k < PAIRS; k++) begin
      room = room && bus_free_1 < (t + 64'd1) * 64'(chip_pkg::SLOT_UNIT);
      found = 1'b0;
      look = next_1;
      if (room) begin
        for (int i = 0; i < 5; i++) begin
          if (!found && has[look] && !moves[look]) begin
            if (waits[look]) held = 1'b1;
            else if (hits[look]) begin
              found = 1'b1;
              moves[look] = 1'b1;
              movers[k] = 1'b1;
              mover[4*k+:4] = look;
              next_1 = after(look);
            end
          end
          look = after(look);
        end
      end
      if (found) begin
        if (bus_free_1 < t * 64'(chip_pkg::SLOT_UNIT)) bus_free_1 = t * 64'(chip_pkg::SLOT_UNIT);
        bus_free_1 = bus_free_1 + 64'(chip_pkg::T_SLOT);
      end
      room = found;
    end
  end
endmodule
