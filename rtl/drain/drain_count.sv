// Of a group that is sent: how many lanes were clipped, and the largest magnitude.
module drain_count (
    input logic [255:0] data,
    input logic [15:0] sat,
    output logic [31:0] clips,
    output logic [15:0] largest
);
  logic [15:0] magnitude;

  always_comb begin
    clips   = 32'd0;
    largest = 16'd0;
    for (int i = 0; i < 16; i++) begin
      clips = clips + {31'd0, sat[i]};
      magnitude = data[16*i+15] ? -data[16*i+:16] : data[16*i+:16];
      if (magnitude > largest) largest = magnitude;
    end
  end
endmodule
