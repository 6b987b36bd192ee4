// The stages behind the trees: partial sums of the passes before are read while the trees add, and
// those of a pass that is not the last go back. The last ones go to the rounding; all stages stand
// still until it has taken them.
//
// P has a read, into its output latch prev, and a write in a cycle. What is written in the cycle in
// which it is read is taken on its way, and what stands in sum stays there.
module errors_sums #(
    parameter int NEURONS = 16,    // sums that come at once
    parameter int SUM = 27,        // bits of a sum
    parameter int TREE = 21,       // bits of what a tree adds up
    parameter int TILE_N = 16,     // neurons of a tile
    parameter int IN_LOG = 0       // a sum takes 2^IN_LOG parts
) (
    input logic clk,
    input logic rst,
    input logic running,
    input logic put_done,          // the rounding takes the sums
    input logic from_valid,        // the stage before: the trees begin
    input logic from_first,
    input logic from_last,
    input logic [4:0] from_sample,
    input logic [1:0] from_part,
    input logic [NEURONS*TREE-1:0] tree,
    output logic advance,          // all stages move
    output logic put,              // there are sums for the rounding
    output logic moving,           // something is in these stages
    output logic s3_half,          // with NEURONS of 8: the sums are those of the upper half
    output logic [NEURONS*SUM-1:0] sum,
    output logic writes,
    output logic reads,
    output logic clock_tree,
    output logic clock_sum
);
  localparam int NPARTS = TILE_N / NEURONS;
  localparam int D = 32 * NPARTS;
  localparam int W_AT = $clog2(D);
  localparam logic [1:0] IN_MASK = 2'((1 << IN_LOG) - 1);

  logic s2_valid, s2_first, s2_last;
  logic [4:0] s2_sample;
  logic [1:0] s2_part;
  logic s3_valid, s3_first, s3_last;
  logic [4:0] s3_sample;
  logic [1:0] s3_part;
  logic [NEURONS*SUM-1:0] prev;
  logic [NEURONS*SUM-1:0] partial[0:D-1];

  logic on_its_way, keeps;
  logic [W_AT-1:0] write_at, read_at;
  logic [NEURONS*SUM-1:0] addend, sum_next;

  // Of a part, which of the halves of its group.
  function automatic logic [W_AT-1:0] place(input logic [4:0] sample, input logic [1:0] part);
    begin
      place = W_AT'(sample);
      if (NPARTS == 2) place = W_AT'({sample, 1'(part >> IN_LOG)});
    end
  endfunction

  assign put = running && s3_valid && s3_last;
  assign advance = running && (!put || put_done);
  assign writes = running && s3_valid && !s3_last;
  assign clock_tree = advance && from_valid;
  assign reads = clock_tree && !from_first && (from_part & IN_MASK) == 2'd0;
  assign write_at = place(s3_sample, s3_part);
  assign read_at = place(from_sample, from_part);
  assign moving = s2_valid || s3_valid;
  assign s3_half = 1'(s3_part >> IN_LOG);

  // Sums that the stage before last was still adding to stand in sum.
  assign clock_sum = advance && s2_valid;
  assign on_its_way = s3_valid && write_at == place(s2_sample, s2_part);
  assign keeps = (s2_part & IN_MASK) != 2'd0 || (on_its_way && !s2_first);
  assign addend = keeps ? sum : prev;
  always_comb begin
    for (int i = 0; i < NEURONS; i++) begin
      sum_next[SUM*i+:SUM] = SUM'($signed(tree[TREE*i+:TREE]));
      if (keeps || !s2_first) sum_next[SUM*i+:SUM] = sum_next[SUM*i+:SUM] + addend[SUM*i+:SUM];
    end
  end

  always_ff @(posedge clk) begin
    if (writes) partial[write_at] <= sum;
    if (reads) prev <= writes && write_at == read_at ? sum : partial[read_at];
  end

  always_ff @(posedge clk) begin
    if (clock_sum) sum <= sum_next;
    if (rst) begin
      s2_valid <= 1'b0;
      {s2_first, s2_last, s2_sample, s2_part} <= '0;
      s3_valid <= 1'b0;
      {s3_first, s3_last, s3_sample, s3_part} <= '0;
    end else if (advance) begin
      {s2_valid, s2_first, s2_last} <= {from_valid, from_first, from_last};
      {s2_sample, s2_part} <= {from_sample, from_part};
      s3_valid <= s2_valid && (s2_part & IN_MASK) == IN_MASK;
      if (s2_valid) begin
        {s3_first, s3_last} <= {s2_first, s2_last};
        {s3_sample, s3_part} <= {s2_sample, s2_part};
      end
    end
  end
endmodule
