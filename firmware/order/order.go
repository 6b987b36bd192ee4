package order

import (
	"cmp"
	"fmt"
	"strings"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/isa/interp"
)

// Options limit a check; the zero value is good for any program that ends.
type Options struct {
	Limit    uint64 // instructions, more are an error; 0: DefaultLimit
	Findings int    // different findings that are kept, further ones are counted; 0: DefaultFindings
}

// The limits that stand for 0.
const (
	DefaultLimit    = 1_000_000_000
	DefaultFindings = 100
)

// Report is what a check found.
type Report struct {
	Instructions uint64
	Commands     [isa.NumUnits]int
	Findings     []Finding // in the order in which they came up; those of the same two instructions in the same memory are one
	More         int       // further ones, beyond Options.Findings
	Waits        []Wait    // every wait instruction that was executed, by pc
}

// Total is the number of commands of all units.
func (r *Report) Total() int {
	n := 0
	for _, c := range r.Commands {
		n += c
	}
	return n
}

// Wait is an instruction `wait`. This program could do without one that never told anything: queues, interlocks or other waits tell the same.
type Wait struct {
	PC       uint32
	Executed int
	Told     int // times it made something known to be complete
}

// Command is a command, or an instruction of SEQ that reads or writes what units do, in a finding.
type Command struct {
	Unit  isa.Unit
	Op    isa.Op
	PC    uint32
	Phase isa.Phase // of the mark it was issued under
	Layer int
}

// Hazard says how two commands meet.
type Hazard uint8

// The hazards: what the later command does, and what the earlier one may still be doing.
const (
	ReadsUnwritten    Hazard = iota // reads what may not be written yet
	OverwritesUnread                // overwrites what may not be read yet
	OverwritesWritten               // overwrites what may be written later
	Overlaps                        // the same command: writes here for one element and reads or writes for another
)

// Finding is a pair of commands whose order depends on timing.
type Finding struct {
	Hazard   Hazard
	Command  Command // the later one in the program
	Other    Command // the earlier one, which may not be complete
	Memory   string  // or the name of a register
	From, To uint64  // first and last address in the memory, where they met first
	Times    int
}

// registers begins the names of registers.
const registers = "register "

// What names the memory and the piece of it.
func (f Finding) What() string {
	if strings.HasPrefix(f.Memory, registers) {
		return f.Memory
	}
	if f.From == f.To {
		return fmt.Sprintf("%s %#x", f.Memory, f.From)
	}
	return fmt.Sprintf("%s %#x to %#x", f.Memory, f.From, f.To)
}

// Check runs a program and returns what it found. Limits and memories are those of the machine that
// the image was compiled for, or of the largest if it does not tell. An error means that the program
// cannot be followed to its end: it leaves a memory, traps, does not halt, or waits for what no
// command brings. The report holds what was found until then.
func Check(img *image.Image, opt Options) (*Report, error) {
	limit, findings := cmp.Or(opt.Limit, DefaultLimit), cmp.Or(opt.Findings, DefaultFindings)
	m := interp.New(img)
	m.Blind = true
	sizes := isa.Largest()
	if c, ok := compile.MachineOf(img); ok {
		c = isa.For(c, img.Code)
		sizes = isa.Of(&c)
	}
	sizes[isa.XMemBytes], sizes[isa.ScratchBytes] = int(img.XMemBytes), len(m.Scratch)
	k := newChecker(&sizes, findings)
	k.watch(m)
	var err error
	for err == nil && !m.Halted {
		if _, err = m.Step(); m.Executed == limit && !m.Halted {
			err = fmt.Errorf("no halt within %d instructions", limit)
		}
	}
	if err == nil {
		err = k.finish()
	}
	if err != nil {
		err = fmt.Errorf("order: %w", err)
	}
	r := k.report()
	r.Instructions = m.Executed
	return r, err
}
