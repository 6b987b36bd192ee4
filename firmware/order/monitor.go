package order

import "bdfasim/isa"

// Monitor judges a program that runs elsewhere by the rules of Check: it is told what SEQ executes,
// in its order, and what commands access, in any order that the machine may have taken.
type Monitor struct{ k *checker }

// Issued is a command that a Monitor knows.
type Issued struct{ c *command }

// Command is the command.
func (i Issued) Command() Command { return i.c.Command }

// NewMonitor returns a monitor for a machine. It keeps so many different findings; 0:
// DefaultFindings.
func NewMonitor(m *isa.Machine, findings int) *Monitor {
	if findings == 0 {
		findings = DefaultFindings
	}
	return &Monitor{newChecker(m, findings)}
}

// Issue is called when SEQ issues a command.
func (m *Monitor) Issue(at Command, flags uint16, params *[isa.NumParams]uint32) Issued {
	i := Issued{&command{Command: at, flags: flags, p: params, watched: true}}
	m.k.enter(i.c)
	return i
}

// Wait is called when SEQ is through with a wait.
func (m *Monitor) Wait(pc uint32, u isa.Unit, n int32) { m.k.wait(pc, u, n) }

// Get is called when SEQ reads a status register, Param when it writes a parameter, Scratch when it
// loads or stores so many bytes.
func (m *Monitor) Get(seq Command, u isa.Unit, reg int) { m.k.get(seq, u, reg) }

// Param implements what Get says.
func (m *Monitor) Param(seq Command, u isa.Unit, reg int) { m.k.param(seq, u, reg) }

// Scratch implements what Get says.
func (m *Monitor) Scratch(seq Command, addr, bytes uint32, act isa.Act) {
	m.k.seqAccess(seq, uint64(addr), uint64(bytes), act)
}

// Access is called when a command reads (isa.ReadEarly, isa.ReadLate) or writes (isa.Write) n
// addresses of a memory. What lies behind its end is left to the unit that faults.
func (m *Monitor) Access(i Issued, act isa.Act, in isa.Space, addr, n uint64) {
	s := m.k.spaces[in]
	m.k.use(i.c, &span{act, in, addr / s.unit, min(up(addr+n, s.unit), s.size)})
}

// Overlap is called when a command writes what it has read or written for another element, or reads
// what it has written.
func (m *Monitor) Overlap(i Issued, in isa.Space, addr, n uint64) {
	m.k.found(Finding{Overlaps, i.c.Command, i.c.Command, isa.Spaces[in].Name, addr, addr + n - 1, 1})
}

// Report is what was found.
func (m *Monitor) Report() *Report { return m.k.report() }
