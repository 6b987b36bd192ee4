package sim

import (
	"fmt"
	"strings"

	"bdfasim/isa"
	"bdfasim/isa/disasm"
	"bdfasim/isa/image"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Site is an instruction as a reader of the program finds it.
type Site struct {
	PC     uint32
	Text   string // the instruction, disassembled
	File   string // "" without a line table
	Line   int
	Symbol string // the last label at or before PC, or ""
	Offset uint32 // bytes from the label
}

// String gives pc, source line and label: pc 0x148 (net.s:120, fc1_forward+0x20).
func (s Site) String() string {
	var where []string
	if s.File != "" {
		where = append(where, fmt.Sprintf("%s:%d", s.File, s.Line))
	}
	switch {
	case s.Symbol != "" && s.Offset == 0:
		where = append(where, s.Symbol)
	case s.Symbol != "":
		where = append(where, fmt.Sprintf("%s+0x%x", s.Symbol, s.Offset))
	}
	if len(where) == 0 {
		return fmt.Sprintf("pc 0x%x", s.PC)
	}
	return fmt.Sprintf("pc 0x%x (%s)", s.PC, strings.Join(where, ", "))
}

// SiteAt looks the instruction at a byte address up in the image.
func SiteAt(img *image.Image, pc uint32) Site {
	s := Site{PC: pc}
	if i := int(pc / isa.WordBytes); pc%isa.WordBytes == 0 && i < len(img.Code) {
		s.Text = strings.Join(strings.Fields(disasm.Line(img.Code[i], img.Symbols)), " ")
	}
	if l, ok := img.LineAt(pc); ok {
		s.File, s.Line = l.File, l.Line
	}
	found := false
	for _, sym := range img.Symbols {
		if sym.Space != image.Text || sym.Value > pc {
			continue
		}
		if !found || sym.Value > pc-s.Offset {
			s.Symbol, s.Offset, found = sym.Name, pc-sym.Value, true
		}
	}
	return s
}

// FaultError says that a unit refused to do something undefined. The chip stands as it was in that cycle.
type FaultError struct {
	Cycle uint64 // cycles run; the fault was raised in the last one or, by SEQ, in that before
	Unit  activity.Unit
	Code  port.FaultCode
	Arg   uint64 // see port.FaultCode
	Site  Site   // the instruction or command that caused it
	From  Site   // of a pc outside the program: the instruction that led there
	Why   string // of an illegal instruction: what is wrong with it; "" if nothing of it is known
}

func (e *Engine) faultError() *FaultError {
	unit, f := e.chip.Fault()
	err := &FaultError{Cycle: e.chip.Cycle(), Unit: unit, Code: f.Code, Arg: f.Arg, Site: SiteAt(e.img, f.PC)}
	switch {
	case f.Code == port.FaultPC && e.began:
		err.From = SiteAt(e.img, e.last)
	case f.Code == port.FaultIllegal && unit == activity.Seq:
		err.Why = why(isa.Word(f.Arg), e.chip.Seq.R)
	}
	return err
}

// why says what is wrong with an instruction that SEQ refused, with the registers as it found them.
func why(w isa.Word, r [isa.NumRegs]uint32) string {
	info, v := isa.Lookup(w.Op()), r[w.Ra()]
	if info == nil {
		return ""
	}
	if err := w.Check(); err != nil {
		return err.Error()
	}
	switch w.Op() {
	case isa.OpMark:
		return fmt.Sprintf("mark: layer: got %d in r%d, want 0..%d", v, w.Ra(), NumTags/int(isa.NumPhases)-1)
	case isa.OpLoop:
		return fmt.Sprintf("loop: end: got 0x%x, want an address behind it", w.Imm())
	}
	return fmt.Sprintf("%s: flags: got 0x%x with those in r%d, want bits of 0x%x",
		info.Name, w.Aux()|uint16(v), w.Ra(), info.FlagMask())
}

// Error is one paragraph: cycle, unit, what, and the instruction with its place in the source.
func (f *FaultError) Error() string {
	text := fmt.Sprintf("cycle %d: %s: %s%s", f.Cycle, f.Unit, port.FaultTexts[f.Code], f.detail())
	unknown := f.Code == port.FaultIllegal && f.Why == "" // to SEQ, which has no text for it; a unit's command is one
	if unknown && f.Unit != activity.Seq {
		text, unknown = fmt.Sprintf("cycle %d: %s: no command of this unit, or a chip without it", f.Cycle, f.Unit), false
	}
	if f.Site.Text == "" || unknown {
		text += ", raised at " + f.Site.String()
		if f.From.Text != "" {
			text += fmt.Sprintf(", reached from `%s` at %s", f.From.Text, f.From)
		}
		return text
	}
	return fmt.Sprintf("%s, raised for `%s` at %s", text, f.Site.Text, f.Site)
}

// detail prints the argument of the fault.
func (f *FaultError) detail() string {
	switch f.Code {
	case port.FaultIllegal:
		if f.Why != "" {
			return ": " + f.Why
		}
		return fmt.Sprintf(" 0x%016x", f.Arg)
	case port.FaultOMEMFull, port.FaultOMEMAddr, port.FaultRLC:
		return fmt.Sprintf(" at word 0x%x", f.Arg)
	case port.FaultScratch, port.FaultXAddr:
		return fmt.Sprintf(" at address 0x%x", f.Arg)
	case port.FaultTrap:
		return fmt.Sprintf(" with code %d", f.Arg)
	case port.FaultLoop:
		return fmt.Sprintf(" (%d)", f.Arg)
	case port.FaultParam:
		return fmt.Sprintf(": %s is %d", f.param(), int32(uint32(f.Arg)))
	case port.FaultBank:
		return fmt.Sprintf(" (flags 0x%x)", f.Arg)
	}
	return ""
}

// param names the parameter register in the argument.
func (f *FaultError) param() string {
	index := int(f.Arg >> 32)
	for _, u := range isa.Units {
		if strings.EqualFold(u.Name, f.Unit.String()) && index < len(u.Params) {
			return u.Name + "." + u.Params[index].Name
		}
	}
	return fmt.Sprintf("register %d", index)
}
