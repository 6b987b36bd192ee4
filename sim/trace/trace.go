package trace

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/port"
	"bdfasim/sim"
)

// Filter says what a trace shows; the zero value shows everything.
type Filter struct {
	From, To uint64 // first and last cycle, counted from 1 on; To 0: no last one
	Unit     string // only instructions for this unit: commands, set, seti, get, wait; seq: all others
	Label    string // only instructions from this label to the next one
}

// Tracer writes a line for each instruction that SEQ executes, in the cycle in which it does,
// and one for each command that retires, in the cycle in which SEQ learns of it:
//
//	cycle pc     source       label           instruction           result
//	   12 0x0058 layer.s:27   _start+0x58     wld.w
//	  294 0x0058 retired      _start+0x58     wld.w                 issued 12
//
// The result is the register or the scratch address written, with its value, what set gives to
// a parameter, or the further flags that a command takes from a register.
type Tracer struct {
	w          *bufio.Writer
	chip       *rtl.Chip
	img        *image.Image
	filter     Filter
	unit       isa.Unit // of the filter
	first, end uint32   // addresses of the filter's label, and of the next

	issued [isa.NumUnits][]issue // outstanding commands, oldest first
	held   []line                // not written yet: a get waits for its value
}

// line is a line without the register that its instruction writes; r0: none.
type line struct {
	text string
	reg  uint8
}

// issue is a command that SEQ has issued.
type issue struct {
	cycle uint64
	pc    uint32
	word  isa.Word
}

// New returns a tracer of the program that the chip runs. Call Cycle after every cycle and
// Close at the end. It fails on units and labels that do not exist. Errors of w are kept for
// Close.
func New(w io.Writer, img *image.Image, chip *rtl.Chip, f Filter) (*Tracer, error) {
	t := &Tracer{w: bufio.NewWriter(w), chip: chip, img: img, filter: f}
	t.end = uint32(len(img.Code) * isa.WordBytes)
	if f.Unit != "" {
		named := func(u isa.UnitInfo) bool { return strings.EqualFold(u.Name, f.Unit) }
		u := slices.IndexFunc(isa.Units[:], named)
		if u < 0 {
			return nil, fmt.Errorf("trace: got unit %q, want one that takes commands, or seq", f.Unit)
		}
		t.unit = isa.Unit(u)
	}
	if f.Label != "" {
		if err := t.findLabel(); err != nil {
			return nil, err
		}
	}
	t.w.WriteString("  cycle pc     source       label           instruction           result\n")
	return t, nil
}

// findLabel looks the filter's label up.
func (t *Tracer) findLabel() error {
	s, ok := t.img.Symbol(t.filter.Label)
	if !ok || s.Space != image.Text {
		return fmt.Errorf("trace: the program has no label %q", t.filter.Label)
	}
	t.first = s.Value
	for _, s := range t.img.Symbols {
		if s.Space == image.Text && s.Value > t.first {
			t.end = min(t.end, s.Value)
		}
	}
	return nil
}

// Cycle writes what happened in a cycle, the chip's latest.
func (t *Tracer) Cycle(cycle uint64) error {
	for u, done := range t.chip.Inputs().Seq.Done {
		if done.Valid {
			c := t.issued[u][0] // a unit's commands retire in order
			t.issued[u] = t.issued[u][1:]
			t.line(cycle, c.pc, c.word, "retired", fmt.Sprint("issued ", c.cycle))
		}
	}
	s := &t.chip.Wires().Seq
	if r := &s.Retire; r.Valid {
		if s.Bus.Kind == port.BusCmd {
			t.issued[s.Bus.Unit] = append(t.issued[s.Bus.Unit], issue{cycle, r.PC, r.Word})
		}
		t.line(cycle, r.PC, r.Word, "", t.result(r.Word))
	}
	if !t.chip.Seq.State.GetPending {
		t.flush()
	}
	return nil
}

// Close writes what is left.
func (t *Tracer) Close() error {
	t.flush()
	return t.w.Flush()
}

// line adds a line if the filter lets it pass. A source of "" is that of the instruction.
func (t *Tracer) line(cycle uint64, pc uint32, w isa.Word, source, result string) {
	f := &t.filter
	if cycle < f.From || f.To > 0 && cycle > f.To || pc < t.first || pc >= t.end ||
		f.Unit != "" && unitOf(w) != t.unit {
		return
	}
	at := sim.SiteAt(t.img, pc)
	l := line{}
	if source == "" {
		if at.File != "" {
			source = fmt.Sprintf("%s:%d", path.Base(at.File), at.Line)
		}
		if slices.Contains(isa.Lookup(w.Op()).Format.Operands(), isa.OperandRd) {
			l.reg = w.Rd()
		}
	}
	label := at.Symbol
	if label != "" && at.Offset > 0 {
		label = fmt.Sprintf("%s+0x%x", label, at.Offset)
	}
	l.text = fmt.Sprintf("%7d 0x%04x %-12s %-15s %-21s %s", cycle, pc, source, label, at.Text, result)
	t.held = append(t.held, l)
}

// flush writes the lines with the registers that they write: SEQ executes nothing until the
// value of a get is there.
func (t *Tracer) flush() {
	s := &t.chip.Seq.State
	for _, l := range t.held {
		if l.reg != 0 && !s.GetPending {
			l.text += fmt.Sprintf("%s=%d", isa.RegName(l.reg), int32(s.R[l.reg]))
		}
		t.w.WriteString(strings.TrimRight(l.text, " ") + "\n")
	}
	t.held = t.held[:0]
}

// unitOf is the unit that an instruction is for.
func unitOf(w isa.Word) isa.Unit {
	switch w.Op() {
	case isa.OpSet, isa.OpSeti, isa.OpGet, isa.OpWait:
		return w.AuxUnit()
	}
	return isa.Lookup(w.Op()).Unit
}

// result is what the instruction that was just executed did other than write a register.
func (t *Tracer) result(w isa.Word) string {
	s := &t.chip.Seq.State
	info, bus := isa.Lookup(w.Op()), &t.chip.Wires().Seq.Bus
	switch {
	case info.Op == isa.OpSh:
		return fmt.Sprintf("[0x%x]=%d", s.R[w.Ra()]+uint32(w.Imm()), uint16(s.R[w.Rb()]))
	case info.Op == isa.OpSw:
		return fmt.Sprintf("[0x%x]=%d", s.R[w.Ra()]+uint32(w.Imm()), int32(s.R[w.Rb()]))
	case info.Op == isa.OpSet:
		return fmt.Sprintf("=%d", int32(bus.Val))
	case bus.Kind == port.BusCmd && w.Ra() != 0:
		var names []string
		for _, f := range info.Flags {
			if (bus.Flags&^w.Aux())>>f.Bit&1 != 0 {
				names = append(names, f.Name)
			}
		}
		return strings.Join(names, ", ")
	}
	return ""
}
