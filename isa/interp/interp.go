// Package interp follows a program through the sequencer's instructions, for tools that want to
// know what it does without the chip: which commands it issues, in which order, with which
// parameters.
//
//	image --> Machine: pc, registers, loops, scratch, parameters, mark --> Hooks: commands, waits,
//	             ^ |                                                      status, scratch accesses
//	             | v dma.scr, dma.store
//	          external memory: the image's, and what the program has stored
//
// Units compute nothing here. A tool says by its hooks what a command does, whether one has to
// wait, and which bytes that a dma.scr fetched hold what a unit has computed: a program that looks
// at those cannot be followed. Nor can one, by a Blind machine, in which a status register matters
// for what units do (doubt.go). Package rtl/seq is the same in hardware; a test of package testbench
// compares the two on random programs.
package interp

import (
	"errors"
	"fmt"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// The sequencer of the reference machine.
const (
	ScratchBytes = 4 << 10
	MaxLoops     = 4  // that nest
	MaxLayer     = 31 // of a mark
)

// Why a program cannot go on; Step wraps them.
var (
	ErrPC      = errors.New("outside the program")
	ErrIllegal = errors.New("illegal instruction")
	ErrScratch = errors.New("scratch address")
	ErrLoops   = fmt.Errorf("more than %d loops nested", MaxLoops)
	ErrTrap    = errors.New("trap")
	ErrStatus  = errors.New("depends on a status register: " +
		"the program cannot be followed without its value")
	ErrUnknown = errors.New("what a unit has computed: " +
		"the program cannot be followed without its value")
)

// Loop is an entry of the loop stack.
type Loop struct{ Start, End, Left uint32 }

// Command is what a unit is told.
type Command struct {
	Info   *isa.Info
	Flags  uint16                 // of the word and of its register
	Params *[isa.NumParams]uint32 // of the unit, as they stand while the command is issued
}

// Hooks are what a tool adds. While one runs, the machine stands before the instruction. A hook
// that is nil does nothing and lets everything pass.
type Hooks struct {
	Command func(c Command) (bool, error)       // false: the unit has no room yet
	Wait    func(u isa.Unit, n int32) bool      // false: more than n commands are outstanding
	Get     func(u isa.Unit, reg int) uint32    // the value of a status register, else 0
	Param   func(u isa.Unit, reg int)           // a parameter was written
	Access  func(addr, bytes uint32, load bool) // a load or store of scratch
	Fetched func(addr uint32, unknown []bool)   // dma.scr from addr: marks what units computed
	Mark    func()                              // Phase and Layer have changed
}

// Machine is a sequencer with the program of an image.
type Machine struct {
	Hooks
	PC       uint32
	R        [isa.NumRegs]uint32
	Params   [isa.NumUnits][isa.NumParams]uint32
	Loops    []Loop // the innermost last
	Phase    isa.Phase
	Layer    int
	Halted   bool
	Executed uint64 // instructions
	Scratch  []byte

	// Blind: nobody knows what status registers hold. What depends on one must not matter for the
	// path, for commands, their parameters, or addresses.
	Blind bool

	doubt   doubt
	code    []isa.Word
	unknown []bool // bytes of scratch that hold what a unit has computed
	mem     memory
}

// New returns a machine at the entry of a program. The image must not change while it runs.
func New(img *image.Image) *Machine {
	m := &Machine{code: img.Code, PC: img.Entry, mem: memory{img.Segments, map[uint32]*page{}}}
	m.Scratch = make([]byte, max(ScratchBytes, len(img.Scratch)))
	m.unknown = make([]bool, len(m.Scratch))
	m.doubt = doubt{scratch: make([]bool, len(m.Scratch)), bursts: map[uint32]bool{}}
	copy(m.Scratch, img.Scratch)
	return m
}

// Word is the instruction at pc, 0 (which is none) outside the program.
func (m *Machine) Word() isa.Word {
	if m.outside() {
		return 0
	}
	return m.code[m.PC/isa.WordBytes]
}

func (m *Machine) outside() bool {
	return m.PC%isa.WordBytes != 0 || uint64(m.PC/isa.WordBytes) >= uint64(len(m.code))
}

// Step executes an instruction and returns its cycles; 0: it waits, and nothing has changed. After
// halt it must not be called again. An error says at which pc the program cannot go on.
func (m *Machine) Step() (cycles int, err error) {
	if m.outside() {
		return 0, fmt.Errorf("pc 0x%x: %w", m.PC, ErrPC)
	}
	w, next, jumps, ok := m.Word(), m.PC+isa.WordBytes, false, true
	info := isa.Lookup(w.Op())
	if m.Blind && info != nil {
		err = m.believe(w, info.Format)
	}
	switch {
	case err != nil:
	case info == nil:
		err = illegal(w)
	case info.Format == isa.FmtCmd:
		ok, err = m.command(info, w)
	case w.Op() >= isa.OpSet:
		ok, err = m.control(w)
	case w.Op() >= isa.OpBeq:
		next, jumps, err = m.branch(w, next)
	case w.Op() >= isa.OpLw:
		err = m.access(w)
	default:
		err = m.scalar(w)
	}
	if err != nil {
		return 0, fmt.Errorf("pc 0x%x: %w", m.PC, err)
	}
	if !ok {
		return 0, nil
	}
	m.R[0] = 0
	m.Executed++
	if !m.Halted {
		m.PC = m.loopBack(next)
	}
	return w.Cycles(jumps), nil
}

// illegal is an instruction that does not exist, or that has an operand that does not.
func illegal(w isa.Word) error { return fmt.Errorf("%w 0x%016x", ErrIllegal, uint64(w)) }
