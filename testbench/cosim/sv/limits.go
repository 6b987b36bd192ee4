package sv

import (
	"fmt"
	"io"
	"strings"

	"bdfasim/isa"
)

// Limits writes limits.sv: for each unit with commands a module that checks a command against its
// contract, clause by clause in the order of isa/REFERENCE.md, as a unit does in one cycle.
func (c *Chip) Limits(w io.Writer) {
	p := &printer{w: w}
	p.line("// Generated from the contracts of the commands (isa/REFERENCE.md): make gen.")
	m := isa.Of(&c.Config)
	for _, u := range c.Units {
		if unit, ok := commands[u.Unit]; ok {
			limits(p, u.Module, unit, &m)
		}
	}
}

const reach = `  function automatic logic [63:0] reach(input logic [63:0] n, input logic [63:0] step,
      input logic [63:0] per, input logic [63:0] jump);
    logic [63:0] last, far, nearer;
    begin
      last = (n - 64'd1) / per;
      far = last * jump + (n - 64'd1 - last * per) * step;
      nearer = (last - 64'd1) * jump + (per - 64'd1) * step;
      if (last != 64'd0 && nearer > far) far = nearer;
      reach = n == 64'd0 ? 64'd0 : far;
    end
  endfunction`

func limits(p *printer, module string, unit isa.Unit, m *isa.Machine) {
	p.line("\nmodule %s_limits (", module)
	p.line("    input logic [7:0] op,")
	p.line("    input logic [15:0] flags,")
	p.line("    input logic [511:0] p,      // parameters, 32 bits each")
	p.line("    input logic [511:0] loaded, // those of the last load; 0: there was none")
	p.line("    output logic bad,")
	p.line("    output chip_pkg::fault_t fault")
	p.line(");")
	p.line("  // verilator lint_off UNUSEDSIGNAL")
	p.line("  // verilator lint_off WIDTH")
	p.line("%s", reach)
	p.line("  logic signed [63:0] v;")
	p.line("  logic [63:0] first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump;")
	p.line("  logic unaligned;")
	p.line("  always_comb begin")
	p.line("    bad = 1'b0;")
	p.line("    fault = '0;")
	p.line("    {v, first, n, per, step, jump, len, piece, stop, wrong, rows, row_step, row_per, row_jump} = '0;")
	p.line("    unaligned = 1'b0;")
	p.line("    case (op)")
	for _, row := range isa.Table {
		if row.Unit != unit || row.Format != isa.FmtCmd {
			continue
		}
		p.line("      chip_pkg::OP_%s: begin", upper(row.Name))
		contract := row.Op.Contract().Bind(m)
		for i := range contract {
			clause(p, &contract[i])
		}
		p.line("      end")
	}
	p.line("      default: begin")
	p.line("        bad = 1'b1;")
	p.line("        fault = {chip_pkg::F_ILLEGAL, 64'(op)};")
	p.line("      end")
	p.line("    endcase")
	p.line("  end")
	p.line("  // verilator lint_on WIDTH")
	p.line("  // verilator lint_on UNUSEDSIGNAL")
	p.line("endmodule")
}

// clause writes the check of a clause, if it has one.
func clause(p *printer, k *isa.Clause) {
	cond := "!bad"
	if !k.If.IsZero() {
		cond += " && " + k.If.Verilog() + " != 64'sd0"
	}
	switch r := &k.Range; {
	case !k.Needs.IsZero():
		raise(p, cond+" && "+k.Needs.Verilog()+" == 64'sd0", "ILLEGAL", "64'(op)")
	case k.Access.Act > isa.Nothing && k.Access.Check != isa.Unchecked && k.Access.Check != isa.ByBlock:
		p.line("        if (%s) begin", cond)
		access(p, k)
		p.line("        end")
	case k.Access.Act != 0 || !k.Checked():
	default:
		register := word(k.Param)
		value := fmt.Sprintf("64'($signed(%s))", register)
		if !r.Value.IsZero() {
			value = r.Value.Verilog()
		}
		if r.Value.IsLoaded() {
			register = "v[31:0]"
		}
		p.line("        v = %s;", value)
		bad := []string{}
		if !r.Hi.IsZero() {
			lo := "64'sd0"
			if !r.Lo.IsZero() {
				lo = r.Lo.Verilog()
			}
			bad = append(bad, "v < "+lo, "v > "+r.Hi.Verilog())
		}
		if !r.Multiple.IsZero() {
			bad = append(bad, fmt.Sprintf("v %% %s != 64'sd0", r.Multiple.Verilog()))
		}
		code, arg := "PARAM", fmt.Sprintf("{32'd%d, %s}", k.Param, register)
		if r.Seed {
			code, arg = "SEED", "{32'd0, "+register+"}"
		}
		raise(p, cond+" && ("+strings.Join(bad, " || ")+")", code, arg)
	}
}

func word(param int) string { return fmt.Sprintf("p[%d:%d]", 32*param+31, 32*param) }

func raise(p *printer, cond, code, arg string) {
	p.line("        if (%s) begin", cond)
	p.line("          bad = 1'b1;")
	p.line("          fault = {chip_pkg::F_%s, %s};", code, arg)
	p.line("        end")
}

// beyond is the fault for an address outside of a memory, or not aligned.
var beyond = [isa.NumSpaces]string{
	isa.External: "XADDR", isa.OMEM: "OMEM_ADDR", isa.MaskMem: "OMEM_ADDR", isa.ScratchMem: "SCRATCH",
}

// access writes the check of an access: that it is aligned, and where it ends.
func access(p *printer, k *isa.Clause) {
	a := &k.Access
	align := isa.Spaces[a.Space].Align
	first := fmt.Sprintf("{32'd0, %s}", word(k.Param))
	if !a.At.IsZero() {
		first = fmt.Sprintf("{32'd0, 32'(%s)}", a.At.Verilog())
	}
	p.line("          first = %s;", first)
	p.line("          len = %s;", a.Len.Verilog())
	p.line("          piece = 64'd1;")
	if a.Space == isa.External {
		p.line("          len = (len + 64'd%d) / 64'd%d * 64'd%d;", isa.BurstBytes-1, isa.BurstBytes, isa.BurstBytes)
		p.line("          piece = 64'd%d;", isa.BurstBytes)
	}
	if a.Whole {
		p.line("          piece = len;")
	}
	p.line("          unaligned = first %% 64'd%d != 64'd0;", align)
	p.line("          wrong = first;")
	p.line("          stop = first + len;")
	for i := range a.Dims {
		dimension(p, &a.Dims[i], align, a.Whole)
	}
	p.line("          if (!unaligned) wrong = stop - piece;")
	apart := ""
	if !a.Apart.IsZero() {
		other := a.Apart.Verilog()
		apart = fmt.Sprintf(" || !(first + len <= 64'(%s) || 64'(%s) + len <= first)", other, other)
	}
	outside := fmt.Sprintf("stop > chip_pkg::N_%s%s", isa.Sizes[isa.Spaces[a.Space].Size].Name, apart)
	cond := "unaligned || " + outside
	switch a.Check {
	case isa.ByAlign:
		raise(p, "unaligned", beyond[a.Space], "wrong")
	case isa.ByParam:
		raise(p, cond, "PARAM", fmt.Sprintf("{32'd%d, %s}", k.Param, word(k.Param)))
	case isa.ByBase:
		raise(p, cond, beyond[a.Space], "first")
	default:
		raise(p, cond, beyond[a.Space], "wrong")
	}
}

func dimension(p *printer, d *isa.Dim, align uint64, whole bool) {
	if d.N.IsZero() {
		return
	}
	p.line("          n = %s;", d.N.Verilog())
	p.line("          step = %s;", d.Step.Verilog())
	p.line("          jump = %s;", d.Jump.Verilog())
	if d.Per.IsZero() {
		p.line("          per = n > 64'd1 ? n : 64'd1;")
	} else {
		p.line("          per = %s;", d.Per.Verilog())
	}
	if align > 1 {
		p.line("          if (!unaligned && step %% 64'd%d != 64'd0) begin", align)
		p.line("            unaligned = 1'b1;")
		p.line("            wrong = step;")
		p.line("          end else if (!unaligned && jump %% 64'd%d != 64'd0) begin", align)
		p.line("            unaligned = 1'b1;")
		p.line("            wrong = jump;")
		p.line("          end")
	}
	if whole {
		p.line("          n = (n + per - 64'd1) / per * per;")
		p.line("          piece = piece + (per - 64'd1) * step;")
	}
	if d.Per.IsZero() {
		p.line("          if (n != 64'd0) stop = stop + (n - 64'd1) * step;")
	} else {
		p.line("          stop = stop + reach(n, step, per, jump);")
	}
}
