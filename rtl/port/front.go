package port

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
)

// Front is what every unit with commands begins with: its parameter registers, its queue, and its
// fault, after which it stops.
type Front struct {
	Queue Queue
	Fault Fault
}

// Listen takes what the bus brings for unit u. It returns the index of a status register that SEQ
// gets, or -1.
func (f *Front) Listen(b *Bus, u isa.Unit, act *activity.Counts) int {
	if !b.Calls(u) {
		return -1
	}
	return f.take(b, u, act)
}

func (f *Front) take(b *Bus, u isa.Unit, act *activity.Counts) int {
	q := &f.Queue
	switch b.Kind {
	case BusParam:
		q.Params[b.Index&(NumParams-1)] = b.Val
		act.Rows[b.Tag][activity.Param(activity.Unit(u))]++
	case BusCmd:
		c := &q.Cmds[(q.Head+q.N)%QueueDepth]
		c.Op, c.Flags, c.Tag, c.Inst, c.PC = b.Op, b.Flags, b.Tag, b.Inst, b.PC
		c.P = q.Params
		q.N++
		act.Rows[b.Tag][activity.Command(activity.Unit(u))]++
	case BusGet:
		return int(b.Index)
	}
	return -1
}

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
