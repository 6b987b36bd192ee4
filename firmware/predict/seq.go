package predict

import (
	"math"

	"bdfasim/isa"
	"bdfasim/isa/interp"
	"bdfasim/rtl/port"
)

// sequencer runs the program: it knows the time of each instruction and gives commands to the
// units. Status registers read as zero.
type sequencer struct {
	*interp.Machine
	outstanding [isa.NumUnits]int
	at          float64 // time of the next instruction
	blocked     bool    // it waits for a command to retire
	sent        bool    // the last instruction was a command
}

// watch makes the model hear of what the program does.
func (s *sequencer) watch(m *model) {
	s.Hooks = interp.Hooks{
		Command: func(c interp.Command) (bool, error) { return s.send(m, c), nil },
		Wait:    func(u isa.Unit, n int32) bool { return s.outstanding[u] <= int(n) },
		Mark:    m.openMark,
	}
}

func (s *sequencer) next() float64 {
	if s.Halted || s.blocked {
		return math.Inf(1)
	}
	return s.at
}

func (s *sequencer) retired(u isa.Unit) {
	s.outstanding[u]--
	s.blocked = false
}

// step executes what is due: up to the next command, or to the time of the next event of another
// unit.
func (s *sequencer) step(m *model) error {
	if s.Halted || s.blocked || s.at > m.now {
		return nil
	}
	until := m.next()
	for !s.Halted {
		s.sent = false
		cycles, err := s.Step()
		if err != nil {
			return err
		}
		s.at, s.blocked = m.now+float64(cycles), cycles == 0
		if s.blocked || s.sent || s.at >= until {
			break
		}
		if !s.Halted {
			m.pass(s.at)
		}
	}
	if s.Halted {
		m.closeMark()
	}
	return nil
}

// send gives a command to its unit, unless the unit's queue is full.
func (s *sequencer) send(m *model, c interp.Command) bool {
	u := c.Info.Unit
	if s.outstanding[u] >= port.QueueDepth {
		return false
	}
	s.outstanding[u]++
	s.sent = true
	mark := len(m.marks) - 1
	if k := &m.marks[mark]; k.first < 0 {
		k.first = m.now + 1
	}
	m.units[u].push(&command{
		op: c.Info.Op, unit: u, flags: c.Flags, p: *c.Params, mark: mark, at: m.now + 1,
	})
	return true
}
