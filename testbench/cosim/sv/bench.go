package sv

import "io"

// Bench writes the module tb around a unit: its ports as one vector each way, and its events, in
// vectors of so many bits.
func (u *Unit) Bench(w io.Writer, in, out, events int) {
	p := &printer{w: w}
	p.line("module tb (")
	p.line("    input logic clk,")
	p.line("    input logic rst,")
	p.line("    input logic [%d:0] in,", in-1)
	p.line("    output logic [%d:0] out,", out-1)
	p.line("    output logic [%d:0] ev", events-1)
	p.line(");")
	p.line("  chip_pkg::%s_ev_t count;", u.Module)
	p.line("  %s dut (", u.Module)
	p.line("      .clk(clk), .rst(rst), .ev(count)")
	p.slices("in", u.In)
	p.slices("out", u.Out)
	p.line("  );")
	p.rest("out", u.Out.Width, out)
	p.line("  assign ev[%d:0] = count;", len(u.Events)*EventBits-1)
	p.rest("ev", len(u.Events)*EventBits, events)
	p.line("endmodule")
}

// slices connects ports to the bits of a vector.
func (p *printer) slices(vector string, of *Type) {
	at := 0
	for i := range of.Fields {
		f := &of.Fields[i]
		p.line("      , .%s_%s(%s[%d:%d])", vector, f.Name, vector, at+f.Bits()-1, at)
		at += f.Bits()
	}
}

// rest ties the bits that stand for nothing.
func (p *printer) rest(vector string, used, all int) {
	if used < all {
		p.line("  assign %s[%d:%d] = '0;", vector, all-1, used)
	}
}
