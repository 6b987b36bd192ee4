package port

import "bdfasim/isa"

// Front is what every unit with commands begins with: its parameter registers, its queue, and its
// fault, after which it stops.
type Front struct {
	Queue Queue
	Fault Fault
}

// Listen takes what the bus brings for unit u. It returns the index of a status register that SEQ
// gets, or -1.
func (f *Front) Listen(b *Bus, u isa.Unit) int { return f.Queue.Tick(b, u) }

// Oldest is the command that the unit works on; nil: there is none, or the unit has stopped.
func (f *Front) Oldest() *Cmd {
	if f.Queue.N == 0 || f.Fault.Code != FaultNone {
		return nil
	}
	return f.Queue.At(0)
}

// Retire ends the oldest command, whose results are all where the next command may read them.
func (f *Front) Retire() Done {
	done := Done{Valid: true, Inst: f.Queue.At(0).Inst}
	f.Queue.Pop()
	return done
}
