// The feature-map memory: banks and pointers with their arbiter, the streams for the DNNC, and
// the ports of encoders, writers and readers.
module omem (
    input logic clk,
    input logic rst,
    input chip_pkg::stream_req_t in_stream,
    input logic [3:0] in_x_room, // 4 x 1 bits
    input logic [713:0] in_enc, // 2 x enc_req_t
    input logic [409:0] in_read, // 5 x read_req_t
    input logic [4:0] in_read_room, // 5 x 1 bits
    input logic [1155:0] in_write, // 4 x write_req_t
    output logic [2:0] out_status,
    output logic [123:0] out_x, // 4 x x_item_t
    output logic out_stream_room,
    output logic [1:0] out_enc_room, // 2 x 1 bits
    output logic [1:0] out_enc_idle, // 2 x 1 bits
    output logic [1284:0] out_read_data, // 5 x read_data_t
    output logic [4:0] out_req_room, // 5 x 1 bits
    output logic [3:0] out_write_room, // 4 x 1 bits
    output logic [3:0] out_write_idle, // 4 x 1 bits
    output chip_pkg::fault_t out_fault,
    output chip_pkg::omem_ev_t ev
);
  localparam int W = chip_pkg::W_WORD;
  localparam int WP = chip_pkg::W_POINTER > 2 ? chip_pkg::W_POINTER : 3; // of four banks
  localparam int TURN = 4;              // the fetcher of the corner-turn, behind those of streams

  // Memories: eight macros, word a in number a mod 8, and four of pointers. One port each.
  logic [63:0] mem[0:chip_pkg::N_WORDS-1];
  localparam int POINTERS = chip_pkg::N_POINTERS > 4 ? chip_pkg::N_POINTERS : 8;
  logic [23:0] ptr[0:POINTERS-1];

`ifndef SYNTHESIS
  initial begin
    for (int i = 0; i < chip_pkg::N_WORDS; i++) mem[i] = '0;
    for (int i = 0; i < POINTERS; i++) ptr[i] = '0;
  end
`endif

  // Streams: two requests. The decoders, or the reading of the corner-turn, work for the older
  // one, its filling for the oldest one of kind grad that has no buffer yet.
  localparam int WR = chip_pkg::W_STREAM_REQ_T + 7; // valid means nothing; limit
  logic [2*WR-1:0] requests;
  logic [1:0] filled, buf_;
  logic [1:0] n_req, n_req_in, n_req_next;
  logic [1:0] unfilled;
  logic running;
  logic [1:0] busy;                     // corner-turn buffers
  logic on, fill_to;

  chip_pkg::stream_req_t older, filling;
  logic [6:0] older_limit, filling_limit;
  logic grad, decodes, begins, fills, fill_second, turns, turn_begins, to, turn_done;
  logic filled_in, buf_in, reads, finish, active;
  logic [3:0] streams, works, ends;
  logic [2:0] width;                    // number of streams
  assign {older_limit, older} = requests[WR-1:0];
  assign grad = older.kind == chip_pkg::STREAM_GRAD;
  assign decodes = n_req != 2'd0 && !grad;
  assign begins = decodes && !running;
  assign streams = older.split == 2'd0 ? 4'h1 : older.split == 2'd1 ? 4'h3 : 4'hf;
  assign width = older.split == 2'd0 ? 3'd1 : older.split == 2'd1 ? 3'd2 : 3'd4;

  assign fills = n_req != 2'd0 && unfilled != 2'd0;
  assign fill_second = !grad || filled[0];
  assign {filling_limit, filling} = fill_second ? requests[2*WR-1:WR] : requests[WR-1:0];
  assign turn_begins = fills && !on && busy != 2'b11;
  assign turns = fills && on || turn_begins;
  assign to = turn_begins ? busy[0] : fill_to;
  // A buffer that becomes full is read in the same cycle.
  assign filled_in = filled[0] || turn_done && !fill_second;
  assign buf_in = filled[0] ? buf_[0] : to;
  assign reads = n_req != 2'd0 && grad && filled_in && in_x_room[0];

  // Fetchers.
  logic [4:0] f_some, f_raw, f_first, f_last, f_pop, f_done, f_done_after, f_wants, f_granted;
  logic [4:0] f_wants_ptr, f_ptr_granted, f_located, f_bad, f_stores, f_moves, f_looks;
  logic [319:0] f_word, f_data;         // 5 x 64 bits
  logic [34:0] f_sample;                // 5 x 7 bits
  logic [29:0] f_elem;                  // 5 x 6 bits
  logic [159:0] f_word_at;              // 5 x 32 bits
  logic [5*W-1:0] f_at;
  logic [5*WP-1:0] f_ptr_at;
  logic [119:0] f_ptr_data;             // 5 x 24 bits
  logic [5*chip_pkg::W_FAULT_T-1:0] f_fault;
  logic [9:0] f_walks;                  // 5 x 2 bits
  logic [3:0] x_bad, x_moves;
  logic [11:0] x_decodes;               // 4 x 3 bits
  logic [123:0] items;
  genvar g;
  generate
    for (g = 0; g < 5; g = g + 1) begin : g_fetch
      omem_fetch #(.WP(WP)) fetch (
          .clk, .rst, .req(g == TURN ? filling : older),
          .limit(g == TURN ? filling_limit : older_limit),
          .starts(g == TURN ? turn_begins : begins && streams[g%4]),
          .first(g == TURN ? 2'd0 : 2'(g)), .step(g == TURN ? 3'd1 : width),
          .goes(g == TURN ? turns : works[g%4]),
          .some(f_some[g]), .word(f_word[64*g+:64]), .word_raw(f_raw[g]), .word_first(f_first[g]),
          .word_last(f_last[g]), .word_sample(f_sample[7*g+:7]), .word_elem(f_elem[6*g+:6]),
          .word_at(f_word_at[32*g+:32]), .pop(f_pop[g]), .done(f_done[g]),
          .done_after(f_done_after[g]), .wants(f_wants[g]), .at(f_at[W*g+:W]),
          .granted(f_granted[g]), .data(f_data[64*g+:64]), .wants_ptr(f_wants_ptr[g]),
          .ptr_at(f_ptr_at[WP*g+:WP]), .ptr_granted(f_ptr_granted[g]),
          .ptr_data(f_ptr_data[24*g+:24]), .located(f_located[g]), .bad(f_bad[g]),
          .fault(f_fault[68*g+:68]), .walks(f_walks[2*g+:2]), .stores(f_stores[g]),
          .moves(f_moves[g]), .looks(f_looks[g])
      );
    end
    for (g = 0; g < 4; g = g + 1) begin : g_extract
      omem_extract extract (
          .clk, .rst, .starts(begins), .runs(decodes && streams[g]), .limit(older_limit),
          .room(in_x_room[g]), .some(f_some[g]), .word(f_word[64*g+:64]), .word_raw(f_raw[g]),
          .word_first(f_first[g]), .word_last(f_last[g]), .word_sample(f_sample[7*g+:7]),
          .word_elem(f_elem[6*g+:6]), .pop(f_pop[g]), .done(f_done[g]), .item(items[31*g+:31]),
          .works(works[g]), .ends(ends[g]), .bad(x_bad[g]), .moves(x_moves[g]),
          .decodes(x_decodes[3*g+:3])
      );
    end
  endgenerate

  // The corner-turn.
  logic turn_bad, turn_sends, turn_ends, turn_takes;
  logic [2:0] turn_writes;
  chip_pkg::x_item_t turn_item;
  omem_turn turn (
      .clk, .rst, .clears(turn_begins), .fill_to(to), .limit(filling_limit),
      .some(turns && f_some[TURN]), .word(f_word[64*TURN+:64]), .word_raw(f_raw[TURN]),
      .word_first(f_first[TURN]), .word_last(f_last[TURN]), .word_sample(f_sample[7*TURN+:7]),
      .word_elem(f_elem[6*TURN+:6]), .pop(f_pop[TURN]), .bad(turn_bad), .reads, .buf_(buf_in),
      .rows(older.rows), .sends(turn_sends), .ends(turn_ends), .item(turn_item),
      .writes(turn_writes), .takes(turn_takes)
  );
  assign turn_done = turns && f_done_after[TURN];
  assign finish = decodes ? (streams & works & ~ends) == 4'd0 : turn_ends;
  assign n_req_in = n_req - {1'b0, finish};
  assign n_req_next = n_req_in + {1'b0, in_stream.valid};

  // The corner-turn takes whole blocks, unless a window packs several of them into a column.
  logic [6:0] limit;
  assign limit = in_stream.win.taps != 7'd0 ? in_stream.win.chan
               : in_stream.kind == chip_pkg::STREAM_GRAD ? 7'd64 : in_stream.rows;

  always_ff @(posedge clk) begin
    if (finish && n_req == 2'd2) requests[WR-1:0] <= requests[2*WR-1:WR];
    if (in_stream.valid && n_req_in == 2'd0) requests[WR-1:0] <= {limit, in_stream};
    if (in_stream.valid && n_req_in == 2'd1) requests[2*WR-1:WR] <= {limit, in_stream};
    for (int i = 0; i < 4; i++) begin
      if (x_moves[i]) out_x[31*i+:30] <= items[31*i+:30];
      if (i == 0 && turn_sends) out_x[29:0] <= turn_item[29:0];
    end
    if (rst) begin
      for (int i = 0; i < 4; i++) out_x[31*i+30] <= 1'b0;
      {filled, buf_, n_req, unfilled, running, busy, on, fill_to} <= '0;
      out_stream_room <= 1'b1;
    end else if (active) begin
      for (int i = 0; i < 4; i++) out_x[31*i+30] <= items[31*i+30] || i == 0 && turn_sends;
      n_req <= n_req_next;
      out_stream_room <= n_req_next <= 2'd1;
      unfilled <= unfilled - {1'b0, turn_done}
                + {1'b0, in_stream.valid && in_stream.kind == chip_pkg::STREAM_GRAD};
      running <= decodes && !finish;
      on <= turns && !turn_done;
      fill_to <= to;
      busy <= (busy | {2{turn_begins}} & (to ? 2'b10 : 2'b01))
            & ~({2{turn_ends}} & (buf_in ? 2'b10 : 2'b01));
      // What a request has, moves up with it.
      filled <= (filled | {2{turn_done}} & (fill_second ? 2'b10 : 2'b01)) >> finish;
      buf_ <= {turn_done && fill_second ? to : buf_[1], buf_in} >> finish;
    end
  end

  // The other ports.
  logic [5:0] e_wants, e_granted;       // 2 x 3 bits: words
  logic [2*W-1:0] e_at;
  logic [511:0] e_data;
  logic [1:0] e_wants_ptr, e_ptr_granted, e_bad, e_works, e_collects, e_stays;
  logic [2*WP-1:0] e_ptr_at;
  logic [47:0] e_ptr_data;
  logic [2*chip_pkg::W_FAULT_T-1:0] e_fault;
  logic [9:0] e_codes;                  // 2 x 5 bits
  logic [3:0] w_wants, w_granted, w_takes, w_bad, w_stays;
  logic [4*W-1:0] w_at;
  logic [1023:0] w_data;
  logic [4:0] r_wants, r_granted, r_takes, r_stays, r_bad;
  logic [5*W-1:0] r_at;
  logic [1279:0] r_data;
  generate
    for (g = 0; g < 2; g = g + 1) begin : g_encoder
      omem_encoder #(.WP(WP)) encoder (
          .clk, .rst, .in(in_enc[357*g+:357]), .wants(e_wants[3*g+:3]), .at(e_at[W*g+:W]),
          .data(e_data[256*g+:256]), .granted(e_granted[3*g+:3]), .wants_ptr(e_wants_ptr[g]),
          .ptr_at(e_ptr_at[WP*g+:WP]), .ptr_data(e_ptr_data[24*g+:24]),
          .ptr_granted(e_ptr_granted[g]), .room(out_enc_room[g]), .idle(out_enc_idle[g]),
          .stays(e_stays[g]), .bad(e_bad[g]), .fault(e_fault[68*g+:68]),
          .works(e_works[g]), .collects(e_collects[g]),
          .codes(e_codes[5*g+:5])
      );
    end
    for (g = 0; g < 4; g = g + 1) begin : g_writer
      omem_writer writer (
          .clk, .rst, .in(in_write[289*g+:289]), .wants(w_wants[g]), .at(w_at[W*g+:W]),
          .data(w_data[256*g+:256]), .granted(w_granted[g]), .room(out_write_room[g]),
          .idle(out_write_idle[g]), .stays(w_stays[g]), .takes(w_takes[g]), .bad(w_bad[g])
      );
    end
    for (g = 0; g < 5; g = g + 1) begin : g_reader
      omem_reader reader (
          .clk, .rst, .in(in_read[82*g+:82]), .room(in_read_room[g]), .wants(r_wants[g]),
          .at(r_at[W*g+:W]), .granted(r_granted[g]), .data(r_data[256*g+:256]),
          .out(out_read_data[257*g+:257]), .req_room(out_req_room[g]), .takes(r_takes[g]),
          .stays(r_stays[g]), .bad(r_bad[g])
      );
    end
  endgenerate

  logic [7:0] used, writes;             // banks
  logic [8*(W-3)-1:0] at;
  logic [511:0] data, out;
  omem_banks #(.W(W)) banks (
      .e_wants, .e_at, .w_wants, .w_at, .f_wants, .f_at, .r_wants, .r_at, .e_granted, .w_granted,
      .f_granted, .r_granted, .e_data, .w_data, .used, .writes, .at, .data
  );
  always_comb begin
    for (int b = 0; b < 8; b++)
      out[64*b+:64] = used[b] && !writes[b] ? mem[{at[(W-3)*b+:W-3], 3'(b)}] : '0;
    for (int i = 0; i < 5; i++) begin
      f_data[64*i+:64] = f_granted[i] ? out[64*f_at[W*i+:3]+:64] : '0;
      r_data[256*i+:256] = r_granted[i] ? out[256*r_at[W*i+2]+:256] : '0;
    end
  end
  always_ff @(posedge clk)
    for (int b = 0; b < 8; b++) if (writes[b]) mem[{at[(W-3)*b+:W-3], 3'(b)}] <= data[64*b+:64];

  // Pointers: the same order.
  logic [3:0] ptr_used, ptr_writes;
  logic [4*(WP-2)-1:0] ptr_at;
  logic [95:0] ptr_data, ptr_out;
  always_comb begin
    ptr_used = '0;
    ptr_writes = '0;
    ptr_at = '0;
    ptr_data = '0;
    e_ptr_granted = '0;
    f_ptr_granted = '0;
    for (int i = 0; i < 2; i++)
      if (e_wants_ptr[i] && !ptr_used[e_ptr_at[WP*i+:2]]) begin
        e_ptr_granted[i] = 1'b1;
        ptr_used[e_ptr_at[WP*i+:2]] = 1'b1;
        ptr_writes[e_ptr_at[WP*i+:2]] = 1'b1;
        ptr_at[(WP-2)*e_ptr_at[WP*i+:2]+:WP-2] = e_ptr_at[WP*i+2+:WP-2];
        ptr_data[24*e_ptr_at[WP*i+:2]+:24] = e_ptr_data[24*i+:24];
      end
    for (int i = 0; i < 5; i++)
      if (f_wants_ptr[i] && !ptr_used[f_ptr_at[WP*i+:2]]) begin
        f_ptr_granted[i] = 1'b1;
        ptr_used[f_ptr_at[WP*i+:2]] = 1'b1;
        ptr_at[(WP-2)*f_ptr_at[WP*i+:2]+:WP-2] = f_ptr_at[WP*i+2+:WP-2];
      end
    for (int b = 0; b < 4; b++)
      ptr_out[24*b+:24] = ptr_used[b] && !ptr_writes[b]
                        ? ptr[{ptr_at[(WP-2)*b+:WP-2], 2'(b)}] : '0;
    for (int i = 0; i < 5; i++)
      f_ptr_data[24*i+:24] = f_ptr_granted[i] ? ptr_out[24*f_ptr_at[WP*i+:2]+:24] : '0;
  end
  always_ff @(posedge clk)
    for (int b = 0; b < 4; b++)
      if (ptr_writes[b]) ptr[{ptr_at[(WP-2)*b+:WP-2], 2'(b)}] <= ptr_data[24*b+:24];

  // Status and the first fault.
  logic moved, held;
  logic [2:0] status;
  logic bad;
  chip_pkg::fault_t fault;
  assign moved = e_works != '0 || w_granted != '0 || w_takes != '0 || f_granted != '0
               || f_ptr_granted != '0 || f_looks != '0 || x_moves != '0 || f_pop[TURN]
               || turn_sends || in_stream.valid || r_granted != '0;
  assign status = moved ? chip_pkg::ST_BUSY
                : n_req_next == 2'd0 && !held ? chip_pkg::ST_IDLE : chip_pkg::ST_WAIT_OPERAND;

  // OMEM's own registers are clocked. A Valid that ends, ends in a cycle that moves something or in
  // which the status is Busy no longer.
  assign active = moved || begins || turn_begins || r_takes != '0 || status != out_status;
  assign held = e_stays != '0 || w_stays != '0 || r_stays != '0;

  // Several in one cycle: that of whoever comes first in the order of grants.
  always_comb begin
    bad = 1'b0;
    fault = '0;
    for (int i = 4; i >= 0; i--)
      if (r_bad[i]) begin
        bad = 1'b1;
        fault = {chip_pkg::F_OMEM_ADDR, 32'd0, in_read[82*i+49+:32]};
      end
    for (int i = 4; i >= 0; i--) begin
      if (f_bad[i]) begin
        bad = 1'b1;
        fault = f_fault[68*i+:68];
      end
      if (i == TURN ? turn_bad : x_bad[i%4]) begin
        bad = 1'b1;
        fault = {chip_pkg::F_RLC, 32'd0, f_word_at[32*i+:32]};
      end
    end
    for (int i = 3; i >= 0; i--)
      if (w_bad[i]) begin
        bad = 1'b1;
        fault = {chip_pkg::F_OMEM_ADDR, 32'd0, in_write[289*i+256+:32]};
      end
    for (int i = 1; i >= 0; i--)
      if (e_bad[i]) begin
        bad = 1'b1;
        fault = e_fault[68*i+:68];
      end
  end

  always_ff @(posedge clk)
    if (rst) out_fault <= '0;
    else if (bad && out_fault.code == chip_pkg::F_NONE) out_fault <= fault;

  always_ff @(posedge clk)
    if (rst) begin
      out_status <= chip_pkg::ST_IDLE;
    end else if (active) begin
      out_status <= status;
    end

  // Events.
  function automatic logic [11:0] count(input logic [4:0] bits);
    begin
      count = {9'd0, {2'd0, bits[0]} + {2'd0, bits[1]} + {2'd0, bits[2]} + {2'd0, bits[3]}
                     + {2'd0, bits[4]}};
    end
  endfunction
  always_comb begin
    ev = '0;
    ev.omem_read = count(f_granted) + (count(r_granted) << 2);
    ev.omem_write = {9'd0, e_granted[2:0]} + {9'd0, e_granted[5:3]}
                  + (count({1'b0, w_granted}) << 2);
    ev.ptr_read = count(f_ptr_granted);
    ev.ptr_write = count({3'd0, e_ptr_granted});
    ev.rlc_encode = count({3'd0, e_collects}) << 4;
    ev.rlc_decode = {9'd0, x_decodes[2:0]} + {9'd0, x_decodes[5:3]} + {9'd0, x_decodes[8:6]}
                  + {9'd0, x_decodes[11:9]} + {11'd0, turn_takes};
    ev.trlc_write = {9'd0, turn_writes};
    ev.trlc_read = {11'd0, turn_takes};
    ev.clock_omem = {11'd0, active};
    ev.clock_omem_request = count({3'd0, in_stream.valid, finish && n_req == 2'd2});
    ev.clock_omem_fetch = count(f_moves);
    for (int i = 0; i < 5; i++) ev.clock_omem_walk = ev.clock_omem_walk + {10'd0, f_walks[2*i+:2]};
    ev.clock_omem_block = count(f_stores);
    ev.clock_omem_word = count(f_granted);
    ev.clock_omem_extract = count({1'b0, f_pop[3:0]});
    ev.clock_omem_x = count({turn_sends, x_moves});
    ev.clock_omem_has = (turn_begins ? 12'd64 : 12'd0) + {9'd0, turn_writes} + {11'd0, turn_takes};
    ev.clock_omem_enc = count({3'd0, in_enc[713], in_enc[356]});
    ev.clock_omem_encoder = count({3'd0, e_works});
    ev.clock_omem_collect = count({3'd0, e_collects});
    ev.clock_omem_coded = {7'd0, e_codes[4:0]} + {7'd0, e_codes[9:5]};
    ev.clock_omem_reader = count(r_takes) + count(r_granted);
    ev.clock_omem_read = count(r_takes);
    ev.clock_omem_write = count({1'b0, w_takes});
    ev.clock_omem_data = count(r_granted);
  end
endmodule
