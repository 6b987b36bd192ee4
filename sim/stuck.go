package sim

import (
	"errors"
	"fmt"
	"strings"

	"bdfasim/isa"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Where is where everybody is in a cycle.
type Where struct {
	Cycle    uint64
	Site     Site // SEQ's instruction
	Halted   bool
	WaitUnit isa.Unit // whom SEQ waits for, if it waits; UnitSeq: for an old mark's commands
	Units    []UnitState
}

// UnitState is what one unit does.
type UnitState struct {
	Unit     activity.Unit
	Status   activity.Status
	Since    uint64 // first cycle with this status
	Commands int    // in its queue
	Oldest   Site   // the oldest of them, if there is any
}

// LimitError says that a program has not ended within the cycles that it was given.
type LimitError struct {
	Limit uint64
	Where Where
}

func (l *LimitError) Error() string {
	return fmt.Sprintf("the program has not ended after %d cycles\n%s", l.Limit, l.Where)
}

// StoppedError says that a run was stopped from outside.
type StoppedError struct {
	Cycle uint64
	Site  Site  // the instruction that SEQ has come to
	Cause error // of the context
}

func (s *StoppedError) Error() string {
	return fmt.Sprintf("interrupted at cycle %d, `%s` at %s", s.Cycle, s.Site.Text, s.Site)
}

// Unwrap gives the context's error.
func (s *StoppedError) Unwrap() error { return s.Cause }

// Unfinished tells whether an error is that of a run that has only not come to its end: one that was
// stopped, or has reached its limit.
func Unfinished(err error) bool {
	var stopped *StoppedError
	var limit *LimitError
	return errors.As(err, &stopped) || errors.As(err, &limit)
}

// DeadlockError says that no unit has worked for a long time, and none ever will.
type DeadlockError struct {
	Still uint64 // the first cycle in which nobody worked
	Where Where
}

func (d *DeadlockError) Error() string {
	return fmt.Sprintf("deadlock: no unit has worked since cycle %d\n%s", d.Still, d.Where)
}

// where takes stock of the units.
func (e *Engine) where() Where {
	s := &e.chip.Seq.State
	w := Where{Cycle: e.chip.Cycle(), Site: SiteAt(e.img, s.PC), Halted: s.Halted, WaitUnit: e.chip.Wires().Seq.WaitUnit}
	for u, status := range e.chip.Status() {
		u := activity.Unit(u)
		state := UnitState{Unit: u, Status: status, Since: e.chip.Since(u)}
		if q := commands(e.chip, u); q != nil && q.N > 0 {
			state.Commands = int(q.N)
			state.Oldest = SiteAt(e.img, q.At(0).PC)
		}
		w.Units = append(w.Units, state)
	}
	return w
}

// commands returns a unit's command queue, or nil for a unit without one.
func commands(c *rtl.Chip, u activity.Unit) *port.Queue {
	return map[activity.Unit]*port.Queue{
		activity.DMA: &c.DMA.Queue, activity.WLD: &c.WLD.Queue,
		activity.DNNC: &c.DNNC.Queue, activity.Drain: &c.Drain.Queue,
		activity.Loss: &c.Loss.Queue, activity.DEPC: &c.DEPC.Queue, activity.Mom: &c.Mom.Queue,
		activity.Norm: &c.Norm.Queue, activity.EPC: &c.EPC.Queue,
	}[u]
}

// String is a line for SEQ and one for each unit that is not simply idle.
func (w Where) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "in cycle %d:", w.Cycle)
	for _, u := range w.Units {
		switch {
		case u.Unit == activity.Seq:
			fmt.Fprintf(&b, "\n  %-5s %s", u.Unit, w.seq(u))
		case u.Status != activity.Idle || u.Commands > 0:
			fmt.Fprintf(&b, "\n  %-5s %s", u.Unit, u)
		}
	}
	return b.String()
}

// seq tells what the sequencer does.
func (w Where) seq(u UnitState) string {
	at := fmt.Sprintf("`%s` at %s", w.Site.Text, w.Site)
	whom := fmt.Sprintf("unit %s", w.WaitUnit)
	if w.WaitUnit == isa.UnitSeq {
		whom = fmt.Sprintf("the commands of the oldest of %d marks", port.MarkSlots)
	}
	switch {
	case w.Halted:
		return fmt.Sprintf("halted, waits for %s since cycle %d", whom, u.Since)
	case u.Status == activity.WaitOperand:
		return fmt.Sprintf("waits for %s since cycle %d in %s", whom, u.Since, at)
	}
	return fmt.Sprintf("executes %s", at)
}

// reasons say what a unit waits for.
var reasons = [activity.NumStatus]string{
	activity.Idle:        "stands still",
	activity.Busy:        "works",
	activity.WaitOperand: "waits for operands or another unit's results",
	activity.WaitWeight:  "waits for a weight buffer",
	activity.WaitMemory:  "waits for external memory",
	activity.WaitDrain:   "waits for an accumulator bank or room to write",
}

// String tells what the unit does, since when, and for which command.
func (u UnitState) String() string {
	text := fmt.Sprintf("%s since cycle %d", reasons[u.Status], u.Since)
	if u.Commands > 0 {
		text += fmt.Sprintf(", in `%s` from %s", u.Oldest.Text, u.Oldest)
	}
	if u.Commands > 1 {
		text += fmt.Sprintf(", %d more queued", u.Commands-1)
	}
	return text
}
