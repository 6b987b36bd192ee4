// The passes over a row: four logits are read, and behind a register each become z, p, p * R and
// errors (docs/arithmetic.md section 3). The first pass goes as far as p, which is summed. Lanes
// beyond the last class carry what they may; nobody looks at them.
module loss_pass (
    input logic clk,
    input logic rst,
    input logic store,  // a group into the row buffer
    input logic [$clog2(chip_pkg::N_CLASSES/16+1)-1:0] group,
    input logic [255:0] data,
    input logic start,  // a pass
    input logic move,
    input logic out,    // the second pass
    input logic [10:0] classes,
    input logic [5:0] shift,
    input logic signed [15:0] largest,
    input logic [24:0] r,
    input logic [15:0] label,
    input logic [31:0] addr,    // of the row's first group
    output logic empty,         // after this cycle nothing is left in the first three stages
    output logic s3_valid,
    output logic completes,     // the errors that stand behind p * R complete a group
    output logic [18:0] four,   // sum of four p
    output logic [14:0] biggest,// largest magnitude of four errors
    output logic reads,         // the stages, each clocked when something comes into it
    output logic exponents,
    output logic powers,
    output logic products,
    output logic errs,
    output logic sends,
    output logic [2:0] exist1,  // elements that exist in the first stages
    output logic [2:0] exist2,
    output logic [2:0] exist3,
    output chip_pkg::write_req_t out_write
);
  localparam int CLASSES = chip_pkg::N_CLASSES;
  localparam int WQ = $clog2(CLASSES / 4);
  localparam int WI = $clog2(CLASSES / 4 + 1);
  localparam int WA = CLASSES > 16 ? $clog2(CLASSES / 16) : 1;

  // How many elements of the four at quarter q exist.
  function automatic logic [2:0] exist(input logic [10:0] all, input logic [WQ-1:0] q);
    logic [10:0] left;
    begin
      left  = all - {{9 - WQ{1'b0}}, q, 2'd0};
      exist = left >= 11'd4 ? 3'd4 : left[2:0];
    end
  endfunction

  logic s1_valid, s2_valid, s4_valid;
  logic [WQ-1:0] s1_quarter, s2_quarter, s3_quarter, s4_quarter;
  logic [WI-1:0] issue;
  logic [2:0] exist4;
  logic [10:0] last;

  assign exist1 = exist(classes, s1_quarter);
  assign exist2 = exist(classes, s2_quarter);
  assign exist3 = exist(classes, s3_quarter);
  assign exist4 = exist(classes, s4_quarter);
  assign last = (classes - 11'd1) >> 2;  // quarter of the row

  assign reads = move && {{11 - WI{1'b0}}, issue} <= last;
  assign exponents = move && s1_valid;
  assign powers = move && s2_valid;
  assign products = move && out && s3_valid;
  assign errs = move && out && s4_valid;
  assign empty = {{11 - WI{1'b0}}, issue} > last && !s1_valid && !s2_valid;
  assign completes = s4_valid
      && (s4_quarter[1:0] == 2'd3 || {{11 - WQ{1'b0}}, s4_quarter} == last);
  assign sends = errs && completes;

  always_ff @(posedge clk) begin
    if (start) issue <= '0;
    if (reads) begin
      issue <= issue + 1'd1;
      s1_quarter <= issue[WQ-1:0];
    end
    if (move) begin
      s1_valid   <= reads;
      s2_valid   <= s1_valid;
      s2_quarter <= s1_quarter;
      s3_valid   <= s2_valid;
      s3_quarter <= s2_quarter;
    end
    if (move && out) begin
      s4_valid   <= s3_valid;
      s4_quarter <= s3_quarter;
    end
    if (rst) {s1_valid, s2_valid, s3_valid, s4_valid} <= 4'd0;
  end

  // LOGIT has one port: it is written while a row is loaded, and read in the passes.

  logic [255:0] logits[0:CLASSES/16-1];
  logic [255:0] word;
  logic [WI+1:0] at;  // group of the quarter, with bits to spare for the smallest buffer
  logic [63:0] a;

  assign at   = {2'd0, issue} >> 2;
  assign word = logits[at[WA-1:0]];

  always_ff @(posedge clk) begin
    if (store) logits[group[WA-1:0]] <= data;
    if (reads) a <= word[64*issue[1:0]+:64];
  end

  // z: 6 bits before the binary point, 8 behind it; from 32 on p is 0.

  logic [55:0] z, next_z;
  logic [16:0] difference;
  logic [32:0] scaled;

  always_comb begin
    for (int i = 0; i < 4; i++) begin
      difference = {largest[15], largest} - {a[16*i+15], a[16*i+:16]};
      scaled = ({16'd0, difference} * 33'd94548) >> shift;
      next_z[14*i+:14] = scaled > 33'd8192 ? 14'd8192 : scaled[13:0];
    end
  end

  always_ff @(posedge clk) if (exponents) z <= next_z;

  // p, by four copies of the table.

  logic [67:0] p, table_out, next_p;
  for (genvar i = 0; i < 4; i++) begin : lane
    loss_exp exp (
        .f(z[14*i+:8]), .t(table_out[17*i+:17])
    );
  end

  always_comb begin
    four = 19'd0;
    for (int i = 0; i < 4; i++) begin
      next_p[17*i+:17] = table_out[17*i+:17] >> z[14*i+8+:6];
      if (3'(i) < exist3) four = four + {2'd0, p[17*i+:17]};
    end
  end

  always_ff @(posedge clk) if (powers) p <= next_p;

  // p * R, at most 2^40.

  logic [163:0] prod, next_prod;

  always_comb begin
    for (int i = 0; i < 4; i++) next_prod[41*i+:41] = {24'd0, p[17*i+:17]} * {16'd0, r};
  end

  always_ff @(posedge clk) if (products) prod <= next_prod;

  // The error: rounded to 14 bits behind the binary point, less one for the label.

  logic [63:0] fresh;
  logic [191:0] errors;  // of the group so far: three times four
  logic [14:0] q;
  logic [15:0] e, magnitude;
  logic [40:0] rounded;

  always_comb begin
    biggest = 15'd0;
    for (int i = 0; i < 4; i++) begin
      rounded = prod[41*i+:41] + 41'd33554432;
      q = rounded[40:26];
      e = {1'b0, q};
      if ({{14 - WQ{1'b0}}, s4_quarter, 2'(i)} == label) e = e - 16'd16384;
      if (3'(i) >= exist4) e = 16'd0;
      fresh[16*i+:16] = e;
      magnitude = e[15] ? -e : e;
      if (magnitude[14:0] > biggest) biggest = magnitude[14:0];
    end
  end

  always_ff @(posedge clk) begin
    if (errs && !completes) begin
      if (s4_quarter[1:0] == 2'd0) errors[63:0] <= fresh;
      if (s4_quarter[1:0] == 2'd1) errors[127:64] <= fresh;
      if (s4_quarter[1:0] == 2'd2) errors[191:128] <= fresh;
    end
    out_write.valid <= sends;
    if (sends) begin
      out_write.addr <= addr + ({{32 - WQ{1'b0}}, s4_quarter} & ~32'd3);
      case (s4_quarter[1:0])
        2'd0: out_write.data <= {192'd0, fresh};
        2'd1: out_write.data <= {128'd0, fresh, errors[63:0]};
        2'd2: out_write.data <= {64'd0, fresh, errors[127:0]};
        default: out_write.data <= {fresh, errors};
      endcase
    end
    if (rst) out_write.valid <= 1'b0;
  end
endmodule
