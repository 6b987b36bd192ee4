package testbench

import (
	"fmt"
	"io"

	"bdfasim/testbench/cosim/sv"
)

// rtlMemory is a memory of the RTL chip: where it is among the instances, and how many words of it are
// written at the end; 0: all.
type rtlMemory struct {
	Name  string // file
	Path  string
	Words int
}

// tbLines write the lines of a module tb.
func tbLines(w io.Writer) func(format string, args ...any) {
	return func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
}

// unitBench writes the module tb around a unit: its ports as one vector each way, and its events.
func (b *cosimBench) unitBench(w io.Writer) {
	line, u := tbLines(w), b.Parts[0].Unit
	line("module tb (")
	line("    input logic clk,")
	line("    input logic rst,")
	line("    input logic [%d:0] in,", 32*b.Ins-1)
	line("    output logic [%d:0] out,", 32*b.Outs-1)
	line("    output logic [%d:0] ev", 32*b.Events-1)
	line(");")
	line("  chip_pkg::%s_ev_t count;", u.Module)
	line("  %s dut (", u.Module)
	line("      .clk(clk), .rst(rst), .ev(count)")
	ports(line, "in", u.In)
	ports(line, "out", u.Out)
	line("  );")
	rest(line, "out", u.Out.Width, 32*b.Outs)
	n := len(u.Events) * sv.EventBits
	line("  assign ev[%d:0] = count;", n-1)
	rest(line, "ev", n, 32*b.Events)
	line("endmodule")
}

// ports connects ports to the bits of a vector.
func ports(line func(string, ...any), vector string, of *sv.Type) {
	at := 0
	for i := range of.Fields {
		f := &of.Fields[i]
		line("      , .%s_%s(%s[%d:%d])", vector, f.Name, vector, at+f.Bits()-1, at)
		at += f.Bits()
	}
}

// chipBench writes the module tb around the chip: what its units drive and count as one vector each.
func (b *cosimBench) chipBench(w io.Writer, memories []rtlMemory) {
	line := tbLines(w)
	line("module tb (")
	line("    input logic clk,")
	line("    input logic rst,")
	line("    input logic dump,")
	line("    output logic [%d:0] out,", 32*b.Outs-1)
	line("    output logic [%d:0] ev", 32*b.Events-1)
	line(");")
	line("  chip dut (.clk(clk), .rst(rst));")
	line("  string dir;")
	for _, part := range b.Parts {
		u, at := part.Unit, 32*part.Out
		for i := range u.Out.Fields {
			f := &u.Out.Fields[i]
			line("  assign out[%d:%d] = dut.%s.out_%s;", at+f.Bits()-1, at, u.Module, f.Name)
			at += f.Bits()
		}
		rest(line, "out", at, 32*(part.Out+vectorWords(u.Out.Width)))
		at = 32 * part.Ev
		n := len(u.Events) * sv.EventBits
		line("  assign ev[%d:%d] = dut.%s.ev;", at+n-1, at, u.Module)
		rest(line, "ev", at+n, at+32*vectorWords(n))
	}
	line("  always @(posedge dump) begin")
	line("    if ($value$plusargs(\"dump=%%s\", dir)) begin")
	for _, m := range memories {
		span := ""
		if m.Words > 0 {
			span = fmt.Sprintf(", 0, %d", m.Words-1)
		}
		line("      $writememh({dir, \"/%s.hex\"}, dut.%s%s);", m.Name, m.Path, span)
	}
	line("    end")
	line("  end")
	line("endmodule")
}

// rest ties the bits that stand for nothing.
func rest(line func(string, ...any), vector string, from, end int) {
	if from < end {
		line("  assign %s[%d:%d] = '0;", vector, end-1, from)
	}
}
