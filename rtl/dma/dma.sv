// The general DMA channel: moves bursts between external memory, OMEM, scratch memory and the small
// memories of DRAIN and DEPC. Its page is rtl/dma/doc.go.
module dma (
    input logic clk,
    input logic rst,
    input chip_pkg::bus_t in_bus,
    input chip_pkg::x_resp_t in_resp,
    input logic in_x_room,
    input logic in_w_room,
    input logic in_w_idle,
    input logic in_enc_room,
    input logic in_enc_idle,
    input chip_pkg::scratch_data_t in_scratch,
    input logic in_req_room,
    input chip_pkg::read_data_t in_read,
    output logic [2:0] out_status,
    output chip_pkg::done_t out_done,
    output chip_pkg::fault_t out_fault,
    output chip_pkg::x_read_t out_x,
    output chip_pkg::x_req_t out_w,
    output chip_pkg::enc_req_t out_enc,
    output chip_pkg::scratch_req_t out_scratch,
    output chip_pkg::bias_write_t out_bias,
    output chip_pkg::sign_write_t out_sign,
    output chip_pkg::read_req_t out_req,
    output logic out_read_room,
    output chip_pkg::dma_ev_t ev
);
  localparam int W_CMD = chip_pkg::W_CMD_T;
  localparam logic [20:0] STREAM_GROUPS = 21'd255; // the longest stream that is asked for

  // Registers, beside those of the front and of Out, the fault among them.
  logic begun;
  logic [16:0] rows;      // of the command; 1 but for map and save
  logic [20:0] total;     // bursts of a row
  logic [16:0] ask_row;   // burst requested next; save: group
  logic [20:0] ask_burst;
  logic [16:0] use_row;   // burst passed on next
  logic [20:0] use_burst;
  logic [255:0] land[0:15]; // two read ports, one write port
  logic [3:0] head;
  logic [4:0] n;
  logic [7:0] flown;      // bursts requested that have not come
  logic [4:0] at;         // map: byte of the oldest burst where the next group begins
  logic [20:0] elem;      // map: elements of the pixel sent
  logic [20:0] left;      // map: elements of the row not yet sent
  logic [20:0] block;     // map: blocks of the row completed
  logic [1:0] settle;

  // The command.
  logic got_param, got_cmd, got_get, retires;
  logic [2:0] queue_n;
  logic [1:0] queue_head;
  logic [4*W_CMD-1:0] cmds;
  chip_pkg::cmd_t c;
  logic [31:0] p_xaddr, p_n, p_dst, p_rows, p_xstep, p_dstep, p_chan;
  logic is_map, is_scr, is_store, is_bias, is_sign, is_copy, is_save, wide;

  front #(.UNIT(chip_pkg::UNIT_DMA)) front (
      .clk(clk), .rst(rst), .bus(in_bus), .pop(retires), .got_param(got_param),
      .got_cmd(got_cmd), .got_get(got_get), .n(queue_n), .head(queue_head), .cmds(cmds)
  );
  assign c = cmds[0+:W_CMD];
  assign p_xaddr = c.p[32*chip_pkg::P_DMA_XADDR+:32];
  assign p_n = c.p[32*chip_pkg::P_DMA_N+:32];
  assign p_dst = c.p[32*chip_pkg::P_DMA_DST+:32];
  assign p_rows = c.p[32*chip_pkg::P_DMA_ROWS+:32];
  assign p_xstep = c.p[32*chip_pkg::P_DMA_XSTEP+:32];
  assign p_dstep = c.p[32*chip_pkg::P_DMA_DSTEP+:32];
  assign p_chan = c.p[32*chip_pkg::P_DMA_CHAN+:32];
  assign is_map = c.op == chip_pkg::OP_DMA_MAP;
  assign is_scr = c.op == chip_pkg::OP_DMA_SCR;
  assign is_store = c.op == chip_pkg::OP_DMA_STORE;
  assign is_bias = c.op == chip_pkg::OP_DMA_BIAS;
  assign is_sign = c.op == chip_pkg::OP_DMA_SIGN;
  assign is_copy = c.op == chip_pkg::OP_DMA_COPY;
  assign is_save = c.op == chip_pkg::OP_DMA_SAVE;
  assign wide = (c.flags & chip_pkg::FLAG_I16) != 16'd0;

  // What the command does in this cycle.
  logic works, starts, settles, loads, stores, saves;
  assign works = queue_n != 3'd0 && out_fault.code == chip_pkg::F_NONE;
  assign starts = works && !begun;
  assign settles = works && begun && use_row == rows;
  assign stores = works && begun && !settles && is_store;
  assign saves = works && begun && !settles && is_save;
  assign loads = works && begun && !settles && !is_store && !is_save;

  // The start: the check, and bursts of a row.
  logic bad, begins;
  chip_pkg::fault_t fault;
  logic [31:0] size;

  dma_limits limits (
      .op(c.op), .flags(c.flags), .p(c.p), .loaded('0), .bad(bad), .fault(fault)
  );
  assign begins = starts && !bad;
  assign size = is_bias ? {p_n[29:0], 2'd0} : is_sign ? {p_n[26:0], 5'd0}
      : is_save || is_map && wide ? {p_n[30:0], 1'd0} : p_n;

  // The end: two cycles until what was sent shows in the idle wires, then until all is stored.
  logic idle;
  assign idle = is_map ? in_enc_idle : is_store || is_save || is_copy ? in_w_idle : 1'b1;
  assign retires = settles && settle == 2'd0 && idle;

  // What lands.
  logic lands;
  logic [255:0] landing, group;
  logic [3:0] row_end;

  assign row_end = p_n[3:0] - 4'd1;
  always_comb begin
    // Elements behind the end of a row become 0. A group is the last of its row when all that was
    // asked for has come and what is asked for next begins a row.
    group = in_read.data;
    for (int i = 1; i < 16; i++) begin
      if (flown == 8'd1 && ask_burst == 21'd0 && 4'(i) > row_end) group[16*i+:16] = 16'd0;
    end
  end
  assign landing = saves ? group : stores ? in_scratch.data : in_resp.data;
  assign lands = saves && in_read.valid || stores && in_scratch.valid
      || loads && in_resp.valid && in_resp.port == chip_pkg::XP_DMA;

  // What is passed on. A save and a store may pass on what lands in the same cycle.
  logic [255:0] oldest, passed;
  logic has, encodes, copies, writes, scratches, biases, signs;
  logic across, block_ends, pixel_ends, row_ends;
  logic [1:0] group_at, drops, pops;
  logic [20:0] next_elem, next_left, next_use, next_ask, asked;
  logic [4:0] next_at;
  logic [255:0] elements;

  assign oldest = land[head];
  assign passed = n == 5'd0 ? landing : oldest;
  assign has = loads && n != 5'd0;

  dma_group map (
      .wide(wide), .pixel(p_chan != 32'd0 ? p_chan : p_n), .elem(elem), .left(left), .at(at),
      .bursts({land[head+4'd1], oldest}), .data(elements), .across(across), .group(group_at),
      .last(block_ends), .ends_pixel(pixel_ends), .ends_row(row_ends), .next_elem(next_elem),
      .next_left(next_left), .next_at(next_at), .drops(drops)
  );
  assign encodes = has && is_map && in_enc_room && !(across && n < 5'd2);
  assign copies = has && is_copy && in_w_room;
  assign scratches = has && is_scr;
  assign biases = has && is_bias;
  assign signs = has && is_sign;
  assign writes = (stores || saves) && (n != 5'd0 || lands) && in_w_room;
  assign pops = encodes ? drops : {1'b0, copies || scratches || biases || signs || writes};
  assign next_use = use_burst + 21'(pops);

  // What is asked for: as much as has a place.
  logic more, fetches, reads, streams, asks;
  logic [7:0] taken;

  assign more = ask_row < rows;
  assign taken = flown + 8'(n) - 8'(pops);
  assign fetches = loads && more && in_x_room && taken < 8'd16;
  assign reads = stores && more && taken < 8'd8;
  // One stream at a time: until the first group has come, in_req_room may tell of the time before
  // the request.
  assign streams = saves && more && in_req_room && flown == 8'(lands);
  assign asks = fetches || reads || streams;
  assign asked = !streams ? 21'd1
      : total - ask_burst < STREAM_GROUPS ? total - ask_burst : STREAM_GROUPS;
  assign next_ask = ask_burst + asked;

  logic [2:0] next_status;
  logic moves, next_read_room;

  assign moves = pops != 2'd0 || encodes || lands && !stores || reads || streams;
  assign next_read_room = saves && n + 5'(lands) - 5'(pops) <= 5'd14;

  always_comb begin
    next_status = chip_pkg::ST_IDLE;
    if (starts || settles && !(settle == 2'd0 && !idle) || moves) next_status = chip_pkg::ST_BUSY;
    else if (settles || has && (is_map && !in_enc_room || is_copy && !in_w_room)
        || saves && n != 5'd0) next_status = chip_pkg::ST_WAIT_DRAIN;
    else if (saves) next_status = chip_pkg::ST_WAIT_OPERAND;
    else if (works) next_status = chip_pkg::ST_WAIT_MEMORY;
  end

  always_ff @(posedge clk) begin
    if (lands) land[head+n[3:0]] <= landing;
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      {begun, rows, total, ask_row, ask_burst, use_row, use_burst} <= '0;
      {head, n, flown, at, elem, left, block, settle} <= '0;
      out_fault <= '0;
      out_status <= chip_pkg::ST_IDLE;
    end else begin
      out_status <= next_status;
      if (starts && bad) out_fault <= fault;
      head <= head + 4'(pops);
      n <= n + 5'(lands) - 5'(pops);
      flown <= (streams ? asked[7:0] : flown - 8'(lands) + 8'(asks));
      if (asks) begin
        ask_burst <= next_ask == total ? 21'd0 : next_ask;
        if (next_ask == total) ask_row <= ask_row + 17'd1;
      end
      if (pops != 2'd0) begin
        use_burst <= next_use == total ? 21'd0 : next_use;
        if (next_use == total) use_row <= use_row + 17'd1;
      end
      if (encodes) begin
        {at, elem} <= {next_at, next_elem};
        left <= row_ends ? p_n[20:0] : next_left;
        block <= row_ends ? 21'd0 : block + 21'(block_ends);
      end
      if (settles && settle != 2'd0) settle <= settle - 2'd1;
      if (retires) begun <= 1'b0;
      if (begins) begin
        begun <= 1'b1;
        rows <= (is_map || is_save) && p_rows != 32'd0 ? p_rows[16:0] : 17'd1;
        total <= 21'((size + 32'd31) >> 5);
        {ask_row, ask_burst, use_row, use_burst, flown} <= '0;
        settle <= 2'd2;
        if (is_map) {at, elem, left, block} <= {26'd0, p_n[20:0], 21'd0};
      end
    end
  end

  // Out. Addresses are products of row and step.
  logic [31:0] external_ask, external_use, use_bytes;
  assign external_ask = p_xaddr + {15'd0, ask_row} * p_xstep + {6'd0, ask_burst, 5'd0};
  assign external_use = p_xaddr + {15'd0, use_row} * p_xstep + use_bytes;
  assign use_bytes = {6'd0, use_burst, 5'd0};

  logic [31:0] scratch_at, scratch_left;
  assign scratch_at = p_dst + (stores ? {6'd0, ask_burst, 5'd0} : use_bytes);
  assign scratch_left = p_n - use_bytes;

  always_ff @(posedge clk) begin
    if (rst) begin
      {out_done, out_x, out_w, out_enc, out_scratch, out_bias, out_sign, out_req} <= '0;
      out_read_room <= 1'b0;
    end else begin
      out_done.valid <= retires;
      if (retires) out_done.inst <= c.inst;
      out_x.valid <= fetches;
      if (fetches) out_x.addr <= external_ask;
      out_w.valid <= copies || writes;
      if (copies) {out_w.addr, out_w.data} <= {p_dst + use_bytes, oldest};
      if (writes) {out_w.addr, out_w.data} <= {external_use, passed};
      out_enc.valid <= encodes;
      if (encodes) begin
        out_enc.last <= block_ends;
        out_enc.new_ <= (c.flags & chip_pkg::FLAG_NEW) != 16'd0 && use_row == '0 && block == '0;
        out_enc.group <= group_at;
        out_enc.ptr <= p_dst + {15'd0, use_row} * p_dstep + {11'd0, block};
        out_enc.alloc <= c.p[32*chip_pkg::P_DMA_ALLOC+:32];
        out_enc.limit <= c.p[32*chip_pkg::P_DMA_LIMIT+:32];
        out_enc.data <= elements;
      end
      out_scratch.valid <= scratches || reads;
      if (scratches || reads) begin
        out_scratch.write <= scratches;
        out_scratch.addr <= scratch_at[chip_pkg::W_SCRATCH-1:0];
      end
      if (scratches) begin
        out_scratch.n <= scratch_left < 32'd32 ? scratch_left[5:0] : 6'd32;
        out_scratch.data <= oldest;
      end
      out_bias.valid <= biases;
      if (biases) begin
        out_bias.buf_ <= c.flags[0];
        out_bias.index <= chip_pkg::W_LANE'({use_burst, 3'd0});
        out_bias.data <= oldest;
      end
      out_sign.valid <= signs;
      if (signs) {out_sign.entry, out_sign.data} <= {p_dst[15:0] + use_burst[15:0], oldest};
      out_req.valid <= streams;
      if (streams) begin
        out_req.addr <= p_dst + {15'd0, ask_row} * p_dstep + {9'd0, ask_burst, 2'd0};
        {out_req.groups, out_req.rows, out_req.stride} <= {asked[8:0], 8'd1, 32'd0};
      end
      out_read_room <= next_read_room;
    end
  end

  logic sent, sends, called;
  assign sent = out_done.valid || out_x.valid || out_w.valid || out_enc.valid || out_scratch.valid
      || out_bias.valid || out_sign.valid || out_req.valid || out_read_room;
  assign sends = retires || copies || writes || encodes || scratches || biases || signs || asks
      || next_read_room;
  assign called = got_param || got_cmd || got_get;

  always_comb begin
    ev = '0;
    ev.clock_dma = 12'(called || in_scratch.valid || sent || sends
        || next_status == chip_pkg::ST_BUSY || next_status != out_status);
    ev.clock_dma_param = 12'(got_param);
    ev.clock_dma_cmd = 12'(got_cmd);
    ev.clock_dma_begin = 12'(begins);
    ev.clock_dma_ask = 12'(begins || asks);
    ev.clock_dma_use = 12'(begins || pops != 2'd0);
    ev.clock_dma_map = 12'(begins && is_map || encodes);
    ev.clock_dma_land = 12'(lands);
    ev.clock_dma_x = 12'(fetches);
    ev.clock_dma_w = 12'(copies || writes);
    ev.clock_dma_enc = 12'(encodes);
    ev.clock_dma_scratch = 12'(scratches || reads);
    ev.clock_dma_bias = 12'(biases);
    ev.clock_dma_sign = 12'(signs);
    ev.clock_dma_req = 12'(streams);
  end
endmodule
