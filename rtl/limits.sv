// Generated from the contracts of the commands (isa/REFERENCE.md): make gen.

module dma_limits (
    input logic [7:0] op,
    input logic [15:0] flags,
    input logic [511:0] p,      // parameters, 32 bits each
    input logic [511:0] loaded, // those of the last load; 0: there was none
    output logic bad,
    output chip_pkg::fault_t fault
);
  // verilator lint_off UNUSEDSIGNAL
  // verilator lint_off WIDTH
  function automatic logic [63:0] reach(input logic [63:0] n, input logic [63:0] step,
      input logic [63:0] per, input logic [63:0] jump);
    logic [63:0] last, far, nearer;
    begin
      last = (n - 64'd1) / per;
      far = last * jump + (n - 64'd1 - last * per) * step;
      nearer = (last - 64'd1) * jump + (per - 64'd1) * step;
      if (last != 64'd0 && nearer > far) far = nearer;
      reach = n == 64'd0 ? 64'd0 : far;
    end
  endfunction
  logic signed [63:0] v;
  logic [63:0] first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump;
  logic unaligned;
  always_comb begin
    bad = 1'b0;
    fault = '0;
    {v, first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump} = '0;
    unaligned = 1'b0;
    case (op)
      chip_pkg::OP_DMA_MAP: begin
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd0 || v > 64'sd65536)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        if (!bad) begin
          first = {32'd0, p[31:0]};
          len = ($signed({32'd0, p[63:32]}) * ($signed({63'd0, (flags & 16'd128) != 16'd0}) + 64'sd1));
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          n = ($signed({32'd0, p[191:160]}) != 64'sd0 ? $signed({32'd0, p[191:160]}) : 64'sd1);
          step = ($signed({32'd0, p[223:192]}) * $signed({63'd0, $signed({32'd0, p[191:160]}) > 64'sd1}));
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, first};
        end
        end
        v = 64'($signed(p[63:32]));
        if (!bad && (v < 64'sd1 || v > 64'sd1048576)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd1, p[63:32]}};
        end
        v = 64'($signed(p[287:256]));
        if (!bad && $signed({63'd0, (flags & 16'd128) != 16'd0}) != 64'sd0 && (v % 64'sd16 != 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
      end
      chip_pkg::OP_DMA_SCR: begin
        if (!bad) begin
          first = {32'd0, p[31:0]};
          len = $signed({32'd0, p[63:32]});
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, first};
        end
        end
        v = 64'($signed(p[63:32]));
        if (!bad && (v < 64'sd1 || v > 64'sd1048576)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd1, p[63:32]}};
        end
        if (!bad) begin
          first = {32'd0, p[95:64]};
          len = $signed({32'd0, p[63:32]});
          piece = 64'd1;
          unaligned = first % 64'd4 != 64'd0;
          wrong = first;
          stop = first + len;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_SCRATCH) begin
          bad = 1'b1;
          fault = {chip_pkg::F_SCRATCH, first};
        end
        end
      end
      chip_pkg::OP_DMA_STORE: begin
        if (!bad) begin
          first = {32'd0, p[31:0]};
          len = $signed({32'd0, p[63:32]});
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, first};
        end
        end
        v = 64'($signed(p[63:32]));
        if (!bad && (v < 64'sd1 || v > 64'sd1048576 || v % 64'sd32 != 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd1, p[63:32]}};
        end
        if (!bad) begin
          first = {32'd0, p[95:64]};
          len = $signed({32'd0, p[63:32]});
          piece = 64'd1;
          unaligned = first % 64'd4 != 64'd0;
          wrong = first;
          stop = first + len;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_SCRATCH) begin
          bad = 1'b1;
          fault = {chip_pkg::F_SCRATCH, first};
        end
        end
      end
      chip_pkg::OP_DMA_BIAS: begin
        if (!bad) begin
          first = {32'd0, p[31:0]};
          len = ($signed({32'd0, p[63:32]}) * 64'sd4);
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, first};
        end
        end
        v = 64'($signed(p[63:32]));
        if (!bad && (v < 64'sd1 || v > 64'sd256)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd1, p[63:32]}};
        end
      end
      chip_pkg::OP_DMA_SIGN: begin
        if (!bad) begin
          first = {32'd0, p[31:0]};
          len = ($signed({32'd0, p[63:32]}) * 64'sd32);
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, first};
        end
        end
        v = 64'($signed(p[63:32]));
        if (!bad && (v < 64'sd1 || v > 64'sd1048576)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd1, p[63:32]}};
        end
        if (!bad) begin
          first = {32'd0, p[95:64]};
          len = $signed({32'd0, p[63:32]});
          piece = 64'd1;
          unaligned = first % 64'd1 != 64'd0;
          wrong = first;
          stop = first + len;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_SIGNS) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd2, p[95:64]}};
        end
        end
      end
      chip_pkg::OP_DMA_COPY: begin
        if (!bad) begin
          first = {32'd0, p[31:0]};
          len = $signed({32'd0, p[63:32]});
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, first};
        end
        end
        v = 64'($signed(p[63:32]));
        if (!bad && (v < 64'sd1 || v > 64'sd33554432 || v % 64'sd32 != 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd1, p[63:32]}};
        end
        if (!bad) begin
          first = {32'd0, p[95:64]};
          len = $signed({32'd0, p[63:32]});
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL || !(first + len <= 64'($signed({32'd0, p[31:0]})) || 64'($signed({32'd0, p[31:0]})) + len <= first)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, first};
        end
        end
      end
      chip_pkg::OP_DMA_SAVE: begin
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd0 || v > 64'sd65536)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        if (!bad) begin
          first = {32'd0, p[31:0]};
          len = ($signed({32'd0, p[63:32]}) * 64'sd2);
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          n = ($signed({32'd0, p[191:160]}) != 64'sd0 ? $signed({32'd0, p[191:160]}) : 64'sd1);
          step = ($signed({32'd0, p[223:192]}) * $signed({63'd0, $signed({32'd0, p[191:160]}) > 64'sd1}));
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, first};
        end
        end
        v = 64'($signed(p[63:32]));
        if (!bad && (v < 64'sd1 || v > 64'sd1048576)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd1, p[63:32]}};
        end
      end
      default: begin
        bad = 1'b1;
        fault = {chip_pkg::F_ILLEGAL, 64'(op)};
      end
    endcase
  end
  // verilator lint_on WIDTH
  // verilator lint_on UNUSEDSIGNAL
endmodule

module wld_limits (
    input logic [7:0] op,
    input logic [15:0] flags,
    input logic [511:0] p,      // parameters, 32 bits each
    input logic [511:0] loaded, // those of the last load; 0: there was none
    output logic bad,
    output chip_pkg::fault_t fault
);
  // verilator lint_off UNUSEDSIGNAL
  // verilator lint_off WIDTH
  function automatic logic [63:0] reach(input logic [63:0] n, input logic [63:0] step,
      input logic [63:0] per, input logic [63:0] jump);
    logic [63:0] last, far, nearer;
    begin
      last = (n - 64'd1) / per;
      far = last * jump + (n - 64'd1 - last * per) * step;
      nearer = (last - 64'd1) * jump + (per - 64'd1) * step;
      if (last != 64'd0 && nearer > far) far = nearer;
      reach = n == 64'd0 ? 64'd0 : far;
    end
  endfunction
  logic signed [63:0] v;
  logic [63:0] first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump;
  logic unaligned;
  always_comb begin
    bad = 1'b0;
    fault = '0;
    {v, first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump} = '0;
    unaligned = 1'b0;
    case (op)
      chip_pkg::OP_WLD_W: begin
        v = 64'($signed(p[95:64]));
        if (!bad && (v < 64'sd1 || v > 64'sd64)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd2, p[95:64]}};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && (v < 64'sd0 || v > 64'sd2)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        v = 64'($signed(p[127:96]));
        if (!bad && (v < 64'sd1 || v > (64'sd16 >>> $signed({32'd0, p[159:128]})))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, p[127:96]}};
        end
        if (!bad && $signed({63'd0, (flags & 16'd64) != 16'd0}) != 64'sd0) begin
          first = {32'd0, p[31:0]};
          len = 64'sd32;
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          piece = len;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          n = ($signed({32'd0, p[127:96]}) * 64'sd16);
          step = 64'sd128;
          jump = $signed({32'd0, p[63:32]});
          per = 64'sd64;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          n = (n + per - 64'd1) / per * per;
          piece = piece + (per - 64'd1) * step;
          stop = stop + reach(n, step, per, jump);
          n = (64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[95:64]}) + 64'sd16 - 64'sd1) / 64'sd16);
          step = 64'sd32;
          jump = 64'sd0;
          per = 64'sd4;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          n = (n + per - 64'd1) / per * per;
          piece = piece + (per - 64'd1) * step;
          stop = stop + reach(n, step, per, jump);
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, first};
        end
        end
        if (!bad && $signed({63'd0, ($signed({63'd0, (flags & 16'd64) != 16'd0}) != 64'sd0 ? $signed({63'd0, (flags & 16'd64) != 16'd0}) : $signed({32'd0, p[255:224]})) == 64'sd0}) != 64'sd0) begin
          first = {32'd0, p[31:0]};
          len = 64'sd32;
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          piece = len;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, p[95:64]});
          step = 64'sd128;
          jump = 64'sd0;
          per = 64'sd64;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          n = (n + per - 64'd1) / per * per;
          piece = piece + (per - 64'd1) * step;
          stop = stop + reach(n, step, per, jump);
          n = $signed({32'd0, p[127:96]});
          step = 64'sd32;
          jump = $signed({32'd0, p[63:32]});
          per = 64'sd4;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          n = (n + per - 64'd1) / per * per;
          piece = piece + (per - 64'd1) * step;
          stop = stop + reach(n, step, per, jump);
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, first};
        end
        end
        if (!bad && ($signed({32'd0, p[255:224]}) * $signed({63'd0, $signed({63'd0, (flags & 16'd64) != 16'd0}) == 64'sd0})) != 64'sd0) begin
          first = {32'd0, p[31:0]};
          len = 64'sd32;
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, p[95:64]});
          step = $signed({32'd0, p[255:224]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          n = $signed({32'd0, p[127:96]});
          step = 64'sd32;
          jump = $signed({32'd0, p[63:32]});
          per = 64'sd4;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          stop = stop + reach(n, step, per, jump);
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, first};
        end
        end
      end
      chip_pkg::OP_WLD_E: begin
        v = 64'($signed(p[95:64]));
        if (!bad && (v < 64'sd1 || v > 64'sd64)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd2, p[95:64]}};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && (v < 64'sd0 || v > 64'sd2)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        v = 64'($signed(p[127:96]));
        if (!bad && (v < 64'sd1 || v > (64'sd16 >>> $signed({32'd0, p[159:128]})))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, p[127:96]}};
        end
      end
      default: begin
        bad = 1'b1;
        fault = {chip_pkg::F_ILLEGAL, 64'(op)};
      end
    endcase
  end
  // verilator lint_on WIDTH
  // verilator lint_on UNUSEDSIGNAL
endmodule

module dnnc_limits (
    input logic [7:0] op,
    input logic [15:0] flags,
    input logic [511:0] p,      // parameters, 32 bits each
    input logic [511:0] loaded, // those of the last load; 0: there was none
    output logic bad,
    output chip_pkg::fault_t fault
);
  // verilator lint_off UNUSEDSIGNAL
  // verilator lint_off WIDTH
  function automatic logic [63:0] reach(input logic [63:0] n, input logic [63:0] step,
      input logic [63:0] per, input logic [63:0] jump);
    logic [63:0] last, far, nearer;
    begin
      last = (n - 64'd1) / per;
      far = last * jump + (n - 64'd1 - last * per) * step;
      nearer = (last - 64'd1) * jump + (per - 64'd1) * step;
      if (last != 64'd0 && nearer > far) far = nearer;
      reach = n == 64'd0 ? 64'd0 : far;
    end
  endfunction
  logic signed [63:0] v;
  logic [63:0] first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump;
  logic unaligned;
  always_comb begin
    bad = 1'b0;
    fault = '0;
    {v, first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump} = '0;
    unaligned = 1'b0;
    case (op)
      chip_pkg::OP_DNNC_MAC: begin
        if (!bad && $signed({63'd0, (flags & 16'd128) != 16'd0}) != 64'sd0 && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[95:64]));
        if (!bad && (v < 64'sd1 || v > (64'sd32 <<< ($signed({32'd0, p[191:160]}) > 64'sd2 ? 64'sd0 : $signed({32'd0, p[191:160]}))))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd2, p[95:64]}};
        end
        v = 64'($signed(p[127:96]));
        if (!bad && (v < 64'sd1 || v > 64'sd64)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, p[127:96]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd0 || v > 64'sd2)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && (v < 64'sd1 || v > (64'sd16 >>> $signed({32'd0, p[191:160]})))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        v = 64'($signed(p[127:96]));
        if (!bad && $signed({63'd0, (flags & 16'd128) != 16'd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, p[127:96]}};
        end
        v = 64'($signed(p[255:224]));
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd64)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
        v = 64'($signed(p[127:96]));
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < ($signed({32'd0, p[223:192]}) * $signed({32'd0, p[255:224]})) || v > ($signed({32'd0, p[223:192]}) * $signed({32'd0, p[255:224]})))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, p[127:96]}};
        end
        v = (($signed({32'd0, p[287:256]}) >>> 64'sd16) & 64'sd65535);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
        v = ($signed({32'd0, p[287:256]}) & 64'sd65535);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
        v = (($signed({32'd0, p[319:288]}) >>> 64'sd16) & 64'sd65535);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd9, p[319:288]}};
        end
        v = ($signed({32'd0, p[319:288]}) & 64'sd65535);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd9, p[319:288]}};
        end
        v = (($signed({32'd0, p[383:352]}) >>> 64'sd16) & 64'sd65535);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd255)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd11, p[383:352]}};
        end
        v = ($signed({32'd0, p[415:384]}) & 64'sd15);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd15)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd12, p[415:384]}};
        end
        v = (($signed({32'd0, p[415:384]}) >>> 64'sd4) & 64'sd15);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd0 || v > 64'sd2)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd12, p[415:384]}};
        end
        v = ($signed({32'd0, p[415:384]}) >>> 64'sd8);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd0 || v > 64'sd1)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd12, p[415:384]}};
        end
      end
      chip_pkg::OP_DNNC_GRAD: begin
        v = 64'($signed(p[95:64]));
        if (!bad && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd2, p[95:64]}};
        end
        v = 64'($signed(p[127:96]));
        if (!bad && (v < 64'sd1 || v > 64'sd64)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, p[127:96]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd0 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && (v < 64'sd1 || v > 64'sd16)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        v = 64'($signed(p[255:224]));
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd64)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
        v = 64'($signed(p[127:96]));
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < ($signed({32'd0, p[223:192]}) * $signed({32'd0, p[255:224]})) || v > ($signed({32'd0, p[223:192]}) * $signed({32'd0, p[255:224]})))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, p[127:96]}};
        end
        v = (($signed({32'd0, p[287:256]}) >>> 64'sd16) & 64'sd65535);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
        v = ($signed({32'd0, p[287:256]}) & 64'sd65535);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
        v = (($signed({32'd0, p[319:288]}) >>> 64'sd16) & 64'sd65535);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd9, p[319:288]}};
        end
        v = ($signed({32'd0, p[319:288]}) & 64'sd65535);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd9, p[319:288]}};
        end
        v = (($signed({32'd0, p[383:352]}) >>> 64'sd16) & 64'sd65535);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd255)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd11, p[383:352]}};
        end
        v = ($signed({32'd0, p[415:384]}) & 64'sd15);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd15)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd12, p[415:384]}};
        end
        v = (($signed({32'd0, p[415:384]}) >>> 64'sd4) & 64'sd15);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd0 || v > 64'sd2)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd12, p[415:384]}};
        end
        v = ($signed({32'd0, p[415:384]}) >>> 64'sd8);
        if (!bad && $signed({63'd0, $signed({32'd0, p[223:192]}) > 64'sd0}) != 64'sd0 && (v < 64'sd0 || v > 64'sd1)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd12, p[415:384]}};
        end
      end
      chip_pkg::OP_DNNC_ONES: begin
        v = 64'($signed(p[95:64]));
        if (!bad && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd2, p[95:64]}};
        end
        v = 64'($signed(p[127:96]));
        if (!bad && (v < 64'sd1 || v > 64'sd64)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, p[127:96]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd0 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && (v < 64'sd1 || v > 64'sd16)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
      end
      default: begin
        bad = 1'b1;
        fault = {chip_pkg::F_ILLEGAL, 64'(op)};
      end
    endcase
  end
  // verilator lint_on WIDTH
  // verilator lint_on UNUSEDSIGNAL
endmodule

module drain_limits (
    input logic [7:0] op,
    input logic [15:0] flags,
    input logic [511:0] p,      // parameters, 32 bits each
    input logic [511:0] loaded, // those of the last load; 0: there was none
    output logic bad,
    output chip_pkg::fault_t fault
);
  // verilator lint_off UNUSEDSIGNAL
  // verilator lint_off WIDTH
  function automatic logic [63:0] reach(input logic [63:0] n, input logic [63:0] step,
      input logic [63:0] per, input logic [63:0] jump);
    logic [63:0] last, far, nearer;
    begin
      last = (n - 64'd1) / per;
      far = last * jump + (n - 64'd1 - last * per) * step;
      nearer = (last - 64'd1) * jump + (per - 64'd1) * step;
      if (last != 64'd0 && nearer > far) far = nearer;
      reach = n == 64'd0 ? 64'd0 : far;
    end
  endfunction
  logic signed [63:0] v;
  logic [63:0] first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump;
  logic unaligned;
  always_comb begin
    bad = 1'b0;
    fault = '0;
    {v, first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump} = '0;
    unaligned = 1'b0;
    case (op)
      chip_pkg::OP_DRAIN_ACT: begin
        v = 64'($signed(p[319:288]));
        if (!bad && (v < 64'sd0 || v > 64'sd2)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd9, p[319:288]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < 64'sd1 || v > (64'sd256 >>> $signed({32'd0, p[319:288]})))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd1 || v > (64'sd32 <<< ($signed({32'd0, p[319:288]}) > 64'sd2 ? 64'sd0 : $signed({32'd0, p[319:288]}))))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && (v < -64'sd15 || v > 64'sd47)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        v = 64'($signed(p[447:416]));
        if (!bad && (v < 64'sd0 || v > 64'sd64 || v % 64'sd16 != 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd13, p[447:416]}};
        end
        if (!bad) begin
          first = {32'd0, p[255:224]};
          len = (64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[223:192]}) + 64'sd16 - 64'sd1) / 64'sd16);
          piece = 64'd1;
          unaligned = first % 64'd1 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, p[191:160]});
          step = $signed({32'd0, p[287:256]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_MASKS) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
        end
      end
      chip_pkg::OP_DRAIN_LOGIT: begin
        v = 64'($signed(p[319:288]));
        if (!bad && (v < 64'sd0 || v > 64'sd2)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd9, p[319:288]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < 64'sd1 || v > (64'sd256 >>> $signed({32'd0, p[319:288]})))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd1 || v > (64'sd32 <<< ($signed({32'd0, p[319:288]}) > 64'sd2 ? 64'sd0 : $signed({32'd0, p[319:288]}))))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && (v < -64'sd15 || v > 64'sd47)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        if (!bad && $signed({63'd0, (flags & 16'd512) != 16'd0}) != 64'sd0) begin
          first = {32'd0, p[31:0]};
          len = ((64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[223:192]}) + 64'sd16 - 64'sd1) / 64'sd16) * 64'sd32);
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, p[191:160]});
          step = $signed({32'd0, p[63:32]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, wrong};
        end
        end
      end
      chip_pkg::OP_DRAIN_ERR: begin
        v = 64'($signed(p[319:288]));
        if (!bad && (v < 64'sd0 || v > 64'sd2)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd9, p[319:288]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < 64'sd1 || v > (64'sd256 >>> $signed({32'd0, p[319:288]})))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd1 || v > (64'sd32 <<< ($signed({32'd0, p[319:288]}) > 64'sd2 ? 64'sd0 : $signed({32'd0, p[319:288]}))))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && (v < -64'sd15 || v > 64'sd47)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        if (!bad && $signed({63'd0, $signed({63'd0, (flags & 16'd2048) != 16'd0}) == 64'sd0}) != 64'sd0) begin
          first = {32'd0, p[255:224]};
          len = (64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[223:192]}) + 64'sd16 - 64'sd1) / 64'sd16);
          piece = 64'd1;
          unaligned = first % 64'd1 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, p[191:160]});
          step = $signed({32'd0, p[287:256]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_MASKS) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
        end
        if (!bad && $signed({63'd0, (flags & 16'd512) != 16'd0}) != 64'sd0) begin
          first = {32'd0, p[31:0]};
          len = ((64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[223:192]}) + 64'sd16 - 64'sd1) / 64'sd16) * 64'sd32);
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, p[191:160]});
          step = $signed({32'd0, p[63:32]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, wrong};
        end
        end
      end
      default: begin
        bad = 1'b1;
        fault = {chip_pkg::F_ILLEGAL, 64'(op)};
      end
    endcase
  end
  // verilator lint_on WIDTH
  // verilator lint_on UNUSEDSIGNAL
endmodule

module loss_limits (
    input logic [7:0] op,
    input logic [15:0] flags,
    input logic [511:0] p,      // parameters, 32 bits each
    input logic [511:0] loaded, // those of the last load; 0: there was none
    output logic bad,
    output chip_pkg::fault_t fault
);
  // verilator lint_off UNUSEDSIGNAL
  // verilator lint_off WIDTH
  function automatic logic [63:0] reach(input logic [63:0] n, input logic [63:0] step,
      input logic [63:0] per, input logic [63:0] jump);
    logic [63:0] last, far, nearer;
    begin
      last = (n - 64'd1) / per;
      far = last * jump + (n - 64'd1 - last * per) * step;
      nearer = (last - 64'd1) * jump + (per - 64'd1) * step;
      if (last != 64'd0 && nearer > far) far = nearer;
      reach = n == 64'd0 ? 64'd0 : far;
    end
  endfunction
  logic signed [63:0] v;
  logic [63:0] first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump;
  logic unaligned;
  always_comb begin
    bad = 1'b0;
    fault = '0;
    {v, first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump} = '0;
    unaligned = 1'b0;
    case (op)
      chip_pkg::OP_LOSS_CE: begin
        v = 64'($signed(p[159:128]));
        if (!bad && (v < 64'sd1 || v > 64'sd1024)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = ($signed({32'd0, p[255:224]}) >>> 64'sd16);
        if (!bad && (v < 64'sd0 || v > 64'sd31)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
        if (!bad) begin
          first = {32'd0, p[95:64]};
          len = ((64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[159:128]}) + 64'sd16 - 64'sd1) / 64'sd16) * 64'sd4);
          piece = 64'd1;
          unaligned = first % 64'd4 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, p[191:160]});
          step = $signed({32'd0, p[127:96]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (!unaligned && step % 64'd4 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd4 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned) begin
          bad = 1'b1;
          fault = {chip_pkg::F_OMEM_ADDR, wrong};
        end
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < -64'sd8 || v > 64'sd39)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
      end
      chip_pkg::OP_LOSS_EVAL: begin
        v = 64'($signed(p[159:128]));
        if (!bad && (v < 64'sd1 || v > 64'sd1024)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = ($signed({32'd0, p[255:224]}) >>> 64'sd16);
        if (!bad && (v < 64'sd0 || v > 64'sd31)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
      end
      default: begin
        bad = 1'b1;
        fault = {chip_pkg::F_ILLEGAL, 64'(op)};
      end
    endcase
  end
  // verilator lint_on WIDTH
  // verilator lint_on UNUSEDSIGNAL
endmodule

module depc_limits (
    input logic [7:0] op,
    input logic [15:0] flags,
    input logic [511:0] p,      // parameters, 32 bits each
    input logic [511:0] loaded, // those of the last load; 0: there was none
    output logic bad,
    output chip_pkg::fault_t fault
);
  // verilator lint_off UNUSEDSIGNAL
  // verilator lint_off WIDTH
  function automatic logic [63:0] reach(input logic [63:0] n, input logic [63:0] step,
      input logic [63:0] per, input logic [63:0] jump);
    logic [63:0] last, far, nearer;
    begin
      last = (n - 64'd1) / per;
      far = last * jump + (n - 64'd1 - last * per) * step;
      nearer = (last - 64'd1) * jump + (per - 64'd1) * step;
      if (last != 64'd0 && nearer > far) far = nearer;
      reach = n == 64'd0 ? 64'd0 : far;
    end
  endfunction
  logic signed [63:0] v;
  logic [63:0] first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump;
  logic unaligned;
  always_comb begin
    bad = 1'b0;
    fault = '0;
    {v, first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump} = '0;
    unaligned = 1'b0;
    case (op)
      chip_pkg::OP_DEPC_LOAD: begin
        if (!bad && 64'sd128 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[127:96]));
        if (!bad && (v < 64'sd1 || v > 64'sd128)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, p[127:96]}};
        end
        v = 64'($signed(p[95:64]));
        if (!bad && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd2, p[95:64]}};
        end
      end
      chip_pkg::OP_DEPC_RUN: begin
        if (!bad && 64'sd128 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = $signed({32'd0, loaded[127:96]});
        if (!bad && (v < 64'sd1 || v > 64'sd128)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, v[31:0]}};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && (v < 64'sd1 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < -64'sd15 || v > 64'sd47)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        if (!bad && $signed({63'd0, (flags & 16'd512) != 16'd0}) != 64'sd0) begin
          first = {32'd0, p[223:192]};
          len = ((64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[159:128]}) + 64'sd16 - 64'sd1) / 64'sd16) * 64'sd32);
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, loaded[95:64]});
          step = $signed({32'd0, p[255:224]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, wrong};
        end
        end
        if (!bad && $signed({63'd0, $signed({63'd0, (flags & 16'd512) != 16'd0}) == 64'sd0}) != 64'sd0) begin
          first = {32'd0, p[223:192]};
          len = ((64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[159:128]}) + 64'sd16 - 64'sd1) / 64'sd16) * 64'sd4);
          piece = 64'd1;
          unaligned = first % 64'd4 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, loaded[95:64]});
          step = $signed({32'd0, p[255:224]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (!unaligned && step % 64'd4 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd4 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned) begin
          bad = 1'b1;
          fault = {chip_pkg::F_OMEM_ADDR, wrong};
        end
        end
        if (!bad && $signed({63'd0, $signed({63'd0, (flags & 16'd2048) != 16'd0}) == 64'sd0}) != 64'sd0) begin
          first = {32'd0, p[287:256]};
          len = (64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[159:128]}) + 64'sd16 - 64'sd1) / 64'sd16);
          piece = 64'd1;
          unaligned = first % 64'd1 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, loaded[95:64]});
          step = $signed({32'd0, p[319:288]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_MASKS) begin
          bad = 1'b1;
          fault = {chip_pkg::F_OMEM_ADDR, wrong};
        end
        end
        v = $signed({32'd0, p[351:320]});
        if (!bad && $signed({63'd0, $signed({63'd0, (flags & 16'd256) != 16'd0}) == 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd4294967295)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_SEED, {32'd0, p[351:320]}};
        end
        if (!bad && $signed({63'd0, (flags & 16'd256) != 16'd0}) != 64'sd0) begin
          first = {32'd0, p[383:352]};
          len = ((64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[159:128]}) + 64'sd16 - 64'sd1) / 64'sd16) * (64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, loaded[127:96]}) + 64'sd16 - 64'sd1) / 64'sd16));
          piece = 64'd1;
          unaligned = first % 64'd1 != 64'd0;
          wrong = first;
          stop = first + len;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_SIGNS) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd11, p[383:352]}};
        end
        end
      end
      default: begin
        bad = 1'b1;
        fault = {chip_pkg::F_ILLEGAL, 64'(op)};
      end
    endcase
  end
  // verilator lint_on WIDTH
  // verilator lint_on UNUSEDSIGNAL
endmodule

module momentum_limits (
    input logic [7:0] op,
    input logic [15:0] flags,
    input logic [511:0] p,      // parameters, 32 bits each
    input logic [511:0] loaded, // those of the last load; 0: there was none
    output logic bad,
    output chip_pkg::fault_t fault
);
  // verilator lint_off UNUSEDSIGNAL
  // verilator lint_off WIDTH
  function automatic logic [63:0] reach(input logic [63:0] n, input logic [63:0] step,
      input logic [63:0] per, input logic [63:0] jump);
    logic [63:0] last, far, nearer;
    begin
      last = (n - 64'd1) / per;
      far = last * jump + (n - 64'd1 - last * per) * step;
      nearer = (last - 64'd1) * jump + (per - 64'd1) * step;
      if (last != 64'd0 && nearer > far) far = nearer;
      reach = n == 64'd0 ? 64'd0 : far;
    end
  endfunction
  logic signed [63:0] v;
  logic [63:0] first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump;
  logic unaligned;
  always_comb begin
    bad = 1'b0;
    fault = '0;
    {v, first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump} = '0;
    unaligned = 1'b0;
    case (op)
      chip_pkg::OP_MOM_W: begin
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd1 || v > 64'sd256)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < -64'sd14 || v > 64'sd62)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[319:288]));
        if (!bad && (v < 64'sd0 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd9, p[319:288]}};
        end
        v = 64'($signed(p[351:320]));
        if (!bad && (v < 64'sd0 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd10, p[351:320]}};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && (v < 64'sd1 || v > 64'sd64)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        v = 64'($signed(p[255:224]));
        if (!bad && (v < -64'sd30 || v > 64'sd62)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
        v = 64'($signed(p[287:256]));
        if (!bad && (v < 64'sd0 || v > 64'sd62)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
        v = 64'($signed(p[383:352]));
        if (!bad && (v < 64'sd0 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd11, p[383:352]}};
        end
        if (!bad && $signed({63'd0, (flags & 16'd128) != 16'd0}) != 64'sd0 && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && $signed({63'd0, (flags & 16'd128) != 16'd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        v = 64'($signed(p[511:480]));
        if (!bad && $signed({63'd0, (flags & 16'd128) != 16'd0}) != 64'sd0 && (v < 64'sd0 || v > 64'sd2)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd15, p[511:480]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && $signed({63'd0, (flags & 16'd128) != 16'd0}) != 64'sd0 && (v < 64'sd1 || v > (64'sd256 >>> $signed({32'd0, p[511:480]})))) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
      end
      chip_pkg::OP_MOM_B: begin
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd1 || v > 64'sd256)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < -64'sd14 || v > 64'sd62)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[319:288]));
        if (!bad && (v < 64'sd0 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd9, p[319:288]}};
        end
        v = 64'($signed(p[351:320]));
        if (!bad && (v < 64'sd0 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd10, p[351:320]}};
        end
        v = 64'($signed(p[287:256]));
        if (!bad && (v < -64'sd22 || v > 64'sd62)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
      end
      default: begin
        bad = 1'b1;
        fault = {chip_pkg::F_ILLEGAL, 64'(op)};
      end
    endcase
  end
  // verilator lint_on WIDTH
  // verilator lint_on UNUSEDSIGNAL
endmodule

module norm_limits (
    input logic [7:0] op,
    input logic [15:0] flags,
    input logic [511:0] p,      // parameters, 32 bits each
    input logic [511:0] loaded, // those of the last load; 0: there was none
    output logic bad,
    output chip_pkg::fault_t fault
);
  // verilator lint_off UNUSEDSIGNAL
  // verilator lint_off WIDTH
  function automatic logic [63:0] reach(input logic [63:0] n, input logic [63:0] step,
      input logic [63:0] per, input logic [63:0] jump);
    logic [63:0] last, far, nearer;
    begin
      last = (n - 64'd1) / per;
      far = last * jump + (n - 64'd1 - last * per) * step;
      nearer = (last - 64'd1) * jump + (per - 64'd1) * step;
      if (last != 64'd0 && nearer > far) far = nearer;
      reach = n == 64'd0 ? 64'd0 : far;
    end
  endfunction
  logic signed [63:0] v;
  logic [63:0] first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump;
  logic unaligned;
  always_comb begin
    bad = 1'b0;
    fault = '0;
    {v, first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump} = '0;
    unaligned = 1'b0;
    case (op)
      chip_pkg::OP_NORM_LOAD: begin
        if (!bad && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[287:256]));
        if (!bad && (v < 64'sd1 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
      end
      chip_pkg::OP_NORM_STORE: begin
        if (!bad && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[287:256]));
        if (!bad && (v < 64'sd1 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
      end
      chip_pkg::OP_NORM_STAT: begin
        if (!bad && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[287:256]));
        if (!bad && (v < 64'sd1 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < 64'sd1 || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[255:224]));
        if (!bad && (v < 64'sd1 || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
      end
      chip_pkg::OP_NORM_FIN: begin
        if (!bad && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[287:256]));
        if (!bad && (v < 64'sd1 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
        v = $signed({32'd0, p[383:352]});
        if (!bad && (v < 64'sd1 || v > 64'sd4294967295)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd11, p[383:352]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && $signed({63'd0, $signed({63'd0, (flags & 16'd32) != 16'd0}) == 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && $signed({63'd0, $signed({63'd0, (flags & 16'd32) != 16'd0}) == 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[255:224]));
        if (!bad && $signed({63'd0, $signed({63'd0, (flags & 16'd32) != 16'd0}) == 64'sd0}) != 64'sd0 && (v < 64'sd1 || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
      end
      chip_pkg::OP_NORM_FWD: begin
        if (!bad && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[287:256]));
        if (!bad && (v < 64'sd1 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < 64'sd1 || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[255:224]));
        if (!bad && (v < 64'sd1 || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
        v = 64'($signed(p[319:288]));
        if (!bad && (v < 64'sd1 || v > 64'sd3)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd9, p[319:288]}};
        end
        v = 64'($signed(p[351:320]));
        if (!bad && $signed({63'd0, (flags & 16'd16) != 16'd0}) != 64'sd0 && (v < -64'sd15 || v > 64'sd62)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd10, p[351:320]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < $signed({32'd0, p[319:288]}) || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[255:224]));
        if (!bad && (v < $signed({32'd0, p[319:288]}) || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
      end
      chip_pkg::OP_NORM_BACK: begin
        if (!bad && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[287:256]));
        if (!bad && (v < 64'sd1 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < 64'sd1 || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[255:224]));
        if (!bad && (v < 64'sd1 || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
        v = 64'($signed(p[319:288]));
        if (!bad && (v < 64'sd1 || v > 64'sd3)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd9, p[319:288]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < $signed({32'd0, p[319:288]}) || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[255:224]));
        if (!bad && (v < $signed({32'd0, p[319:288]}) || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
      end
      chip_pkg::OP_NORM_GRAD: begin
        if (!bad && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[287:256]));
        if (!bad && (v < 64'sd1 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        v = 64'($signed(p[223:192]));
        if (!bad && (v < 64'sd1 || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd6, p[223:192]}};
        end
        v = 64'($signed(p[255:224]));
        if (!bad && (v < 64'sd1 || v > 64'sd4095)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd7, p[255:224]}};
        end
        v = 64'($signed(p[351:320]));
        if (!bad && (v < -64'sd15 || v > 64'sd62)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd10, p[351:320]}};
        end
      end
      chip_pkg::OP_NORM_UPDATE: begin
        if (!bad && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[287:256]));
        if (!bad && (v < 64'sd1 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd8, p[287:256]}};
        end
        v = 64'($signed(p[415:384]));
        if (!bad && (v < 64'sd0 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd12, p[415:384]}};
        end
        v = 64'($signed(p[447:416]));
        if (!bad && (v < 64'sd0 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd13, p[447:416]}};
        end
        v = 64'($signed(p[479:448]));
        if (!bad && (v < -64'sd15 || v > 64'sd62)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd14, p[479:448]}};
        end
        v = 64'($signed(p[511:480]));
        if (!bad && (v < -64'sd15 || v > 64'sd62)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd15, p[511:480]}};
        end
      end
      default: begin
        bad = 1'b1;
        fault = {chip_pkg::F_ILLEGAL, 64'(op)};
      end
    endcase
  end
  // verilator lint_on WIDTH
  // verilator lint_on UNUSEDSIGNAL
endmodule

module epc_limits (
    input logic [7:0] op,
    input logic [15:0] flags,
    input logic [511:0] p,      // parameters, 32 bits each
    input logic [511:0] loaded, // those of the last load; 0: there was none
    output logic bad,
    output chip_pkg::fault_t fault
);
  // verilator lint_off UNUSEDSIGNAL
  // verilator lint_off WIDTH
  function automatic logic [63:0] reach(input logic [63:0] n, input logic [63:0] step,
      input logic [63:0] per, input logic [63:0] jump);
    logic [63:0] last, far, nearer;
    begin
      last = (n - 64'd1) / per;
      far = last * jump + (n - 64'd1 - last * per) * step;
      nearer = (last - 64'd1) * jump + (per - 64'd1) * step;
      if (last != 64'd0 && nearer > far) far = nearer;
      reach = n == 64'd0 ? 64'd0 : far;
    end
  endfunction
  logic signed [63:0] v;
  logic [63:0] first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump;
  logic unaligned;
  always_comb begin
    bad = 1'b0;
    fault = '0;
    {v, first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump} = '0;
    unaligned = 1'b0;
    case (op)
      chip_pkg::OP_EPC_LOAD: begin
        if (!bad && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = 64'($signed(p[127:96]));
        if (!bad && (v < 64'sd1 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, p[127:96]}};
        end
        v = 64'($signed(p[95:64]));
        if (!bad && (v < 64'sd1 || v > 64'sd32)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd2, p[95:64]}};
        end
      end
      chip_pkg::OP_EPC_RUN: begin
        if (!bad && 64'sd0 == 64'sd0) begin
          bad = 1'b1;
          fault = {chip_pkg::F_ILLEGAL, 64'(op)};
        end
        v = $signed({32'd0, loaded[127:96]});
        if (!bad && (v < 64'sd1 || v > 64'sd0)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd3, v[31:0]}};
        end
        v = 64'($signed(p[159:128]));
        if (!bad && (v < 64'sd1 || v > 64'sd65535)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd4, p[159:128]}};
        end
        v = 64'($signed(p[191:160]));
        if (!bad && (v < -64'sd15 || v > 64'sd47)) begin
          bad = 1'b1;
          fault = {chip_pkg::F_PARAM, {32'd5, p[191:160]}};
        end
        if (!bad && $signed({63'd0, (flags & 16'd512) != 16'd0}) != 64'sd0) begin
          first = {32'd0, p[223:192]};
          len = ((64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[159:128]}) + 64'sd16 - 64'sd1) / 64'sd16) * 64'sd32);
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, loaded[95:64]});
          step = $signed({32'd0, p[255:224]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, wrong};
        end
        end
        if (!bad && $signed({63'd0, $signed({63'd0, (flags & 16'd512) != 16'd0}) == 64'sd0}) != 64'sd0) begin
          first = {32'd0, p[223:192]};
          len = ((64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[159:128]}) + 64'sd16 - 64'sd1) / 64'sd16) * 64'sd4);
          piece = 64'd1;
          unaligned = first % 64'd4 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, loaded[95:64]});
          step = $signed({32'd0, p[255:224]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (!unaligned && step % 64'd4 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd4 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned) begin
          bad = 1'b1;
          fault = {chip_pkg::F_OMEM_ADDR, wrong};
        end
        end
        if (!bad && $signed({63'd0, $signed({63'd0, (flags & 16'd2048) != 16'd0}) == 64'sd0}) != 64'sd0) begin
          first = {32'd0, p[287:256]};
          len = (64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[159:128]}) + 64'sd16 - 64'sd1) / 64'sd16);
          piece = 64'd1;
          unaligned = first % 64'd1 != 64'd0;
          wrong = first;
          stop = first + len;
          n = $signed({32'd0, loaded[95:64]});
          step = $signed({32'd0, p[319:288]});
          jump = 64'sd0;
          per = n > 64'd1 ? n : 64'd1;
          if (n != 64'd0) stop = stop + (n - 64'd1) * step;
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_MASKS) begin
          bad = 1'b1;
          fault = {chip_pkg::F_OMEM_ADDR, wrong};
        end
        end
        if (!bad) begin
          first = {32'd0, p[351:320]};
          len = 64'sd32;
          piece = 64'd1;
          len = (len + 64'd31) / 64'd32 * 64'd32;
          piece = 64'd32;
          piece = len;
          unaligned = first % 64'd32 != 64'd0;
          wrong = first;
          stop = first + len;
          n = ((64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, p[159:128]}) + 64'sd16 - 64'sd1) / 64'sd16) * 64'sd16);
          step = 64'sd128;
          jump = $signed({32'd0, p[383:352]});
          per = 64'sd64;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          n = (n + per - 64'd1) / per * per;
          piece = piece + (per - 64'd1) * step;
          stop = stop + reach(n, step, per, jump);
          n = (64'sd16 == 64'sd0 ? 64'sd0 : ($signed({32'd0, loaded[127:96]}) + 64'sd16 - 64'sd1) / 64'sd16);
          step = 64'sd32;
          jump = $signed({32'd0, p[415:384]});
          per = 64'sd4;
          if (!unaligned && step % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = step;
          end else if (!unaligned && jump % 64'd32 != 64'd0) begin
            unaligned = 1'b1;
            wrong = jump;
          end
          n = (n + per - 64'd1) / per * per;
          piece = piece + (per - 64'd1) * step;
          stop = stop + reach(n, step, per, jump);
          if (!unaligned) wrong = stop - piece;
        if (unaligned || stop > chip_pkg::N_EXTERNAL) begin
          bad = 1'b1;
          fault = {chip_pkg::F_XADDR, wrong};
        end
        end
      end
      default: begin
        bad = 1'b1;
        fault = {chip_pkg::F_ILLEGAL, 64'(op)};
      end
    endcase
  end
  // verilator lint_on WIDTH
  // verilator lint_on UNUSEDSIGNAL
endmodule
