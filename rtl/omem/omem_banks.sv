// Grants the banks for a cycle: to encoders, writers, decoders, the corner-turn and readers, in
// this order.
module omem_banks #(
    parameter int W = 15
) (
    input logic [5:0] e_wants,          // words of each encoder
    input logic [2*W-1:0] e_at,
    input logic [511:0] e_data,
    input logic [3:0] w_wants,          // a group of each writer
    input logic [4*W-1:0] w_at,
    input logic [1023:0] w_data,
    input logic [4:0] f_wants,          // a word of each fetcher, the corner-turn's last
    input logic [5*W-1:0] f_at,
    input logic [4:0] r_wants,          // a group of each reader
    input logic [5*W-1:0] r_at,
    output logic [5:0] e_granted,
    output logic [3:0] w_granted,
    output logic [4:0] f_granted,
    output logic [4:0] r_granted,
    output logic [7:0] used,
    output logic [7:0] writes,
    output logic [8*(W-3)-1:0] at,      // in each bank
    output logic [511:0] data
);
  logic stops;
  logic [W-1:0] a;

  always_comb begin
    e_granted = '0;
    w_granted = '0;
    f_granted = '0;
    r_granted = '0;
    used = '0;
    writes = '0;
    at = '0;
    data = '0;
    stops = 1'b0;
    a = '0;
    for (int i = 0; i < 2; i++) begin
      stops = 1'b0;
      for (int k = 0; k < 4; k++) begin
        a = e_at[W*i+:W] + W'(k);
        if (3'(k) >= e_wants[3*i+:3] || used[a[2:0]]) stops = 1'b1;
        if (!stops) begin
          used[a[2:0]] = 1'b1;
          writes[a[2:0]] = 1'b1;
          at[(W-3)*a[2:0]+:W-3] = a[W-1:3];
          data[64*a[2:0]+:64] = e_data[256*i+64*k+:64];
          e_granted[3*i+:3] = 3'(k + 1);
        end
      end
    end
    for (int i = 0; i < 4; i++) begin
      a = w_at[W*i+:W];
      if (w_wants[i] && used[4*a[2]+:4] == 4'd0) begin
        w_granted[i] = 1'b1;
        used[4*a[2]+:4] = 4'hf;
        writes[4*a[2]+:4] = 4'hf;
        at[(W-3)*4*a[2]+:4*(W-3)] = {4{a[W-1:3]}};
        data[256*a[2]+:256] = w_data[256*i+:256];
      end
    end
    for (int i = 0; i < 5; i++) begin
      a = f_at[W*i+:W];
      if (f_wants[i] && !used[a[2:0]]) begin
        f_granted[i] = 1'b1;
        used[a[2:0]] = 1'b1;
        at[(W-3)*a[2:0]+:W-3] = a[W-1:3];
      end
    end
    for (int i = 0; i < 5; i++) begin
      a = r_at[W*i+:W];
      if (r_wants[i] && used[4*a[2]+:4] == 4'd0) begin
        r_granted[i] = 1'b1;
        used[4*a[2]+:4] = 4'hf;
        at[(W-3)*4*a[2]+:4*(W-3)] = {4{a[W-1:3]}};
      end
    end
  end
endmodule
