package powertrace

import (
	"fmt"

	"bdfasim/power"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/seq"
)

// counts knows what was counted at the end of the last window and finds what has changed.
type counts struct {
	last   [256]activity.Row
	known  [256]bool
	tags   []uint8 // those known, in the order in which they came
	serial uint32  // number of SEQ's last mark then

	event  [activity.NumEvents]eventPrice
	leak   [activity.NumUnits]power.Attojoules
	prices *power.PriceList
}

// eventPrice is what the inner loop needs of a price.
type eventPrice struct {
	aj       power.Attojoules
	unit     activity.Unit
	notBuilt bool
}

// price takes over a price list.
func (c *counts) price(l *power.PriceList) {
	c.prices, c.leak = l, l.UnitAJ
	for e := range c.event {
		c.event[e] = eventPrice{l.Event[e].AJ, activity.Events[e].Unit, l.Event[e].NotBuilt != ""}
	}
}

// begin takes the counts as they are.
func (c *counts) begin(now *activity.Counts, s *seq.State) {
	c.last, c.serial = now.Rows, s.Serial
	c.tags = make([]uint8, 0, len(c.known))
	c.know(0) // refreshes of external memory, and everything before the first mark
	for t := range c.last {
		if c.last[t] != (activity.Row{}) {
			c.know(uint8(t))
		}
	}
	for _, slot := range s.Slots {
		c.know(uint8(slot.Tag))
	}
}

// know adds a tag to those that are looked at.
func (c *counts) know(tag uint8) {
	if !c.known[tag] {
		c.known[tag] = true
		c.tags = append(c.tags, tag)
	}
}

// meet gets to know the tags of the marks since the last window. SEQ's ring holds the last marks, reported ones, too. When
// there were more, each of the others has a row that changed: SEQ counts the mark that came next.
func (c *counts) meet(now *activity.Counts, s *seq.State) {
	marks := s.Serial - c.serial
	c.serial = s.Serial
	for i := range min(marks, port.MarkSlots) {
		c.know(uint8(s.Slots[(uint32(s.Inst)+port.MarkSlots-i)%port.MarkSlots].Tag))
	}
	if marks > port.MarkSlots {
		for t := range now.Rows {
			if now.Rows[t] != c.last[t] {
				c.know(uint8(t))
			}
		}
	}
}

// window fills in the energies of a record whose cycles are set.
func (c *counts) window(r *Record, now *activity.Counts, s *seq.State) error {
	c.meet(now, s)
	for u, aj := range c.leak {
		r.Unit[u] = 0
		if err := r.Unit[u].Add(aj, r.To-r.From); err != nil {
			return err
		}
	}
	for _, t := range c.tags {
		if now.Rows[t] != c.last[t] {
			if err := c.row(r, t, &now.Rows[t]); err != nil {
				return err
			}
		}
	}
	return r.sum()
}

// row adds what happened under a tag.
func (c *counts) row(r *Record, tag uint8, now *activity.Row) error {
	last := &c.last[tag]
	for e := range now {
		a, b := last[e], now[e]
		if a == b {
			continue
		}
		last[e] = b
		p := &c.event[e]
		if b < a || p.notBuilt {
			return c.refuse(activity.Event(e), activity.Tag(tag), a, b)
		}
		if err := r.Unit[p.unit].Add(p.aj, b-a); err != nil {
			return err
		}
	}
	return nil
}

// refuse says what is wrong with a count that fell, or that counts what the chip does not have.
func (c *counts) refuse(e activity.Event, tag activity.Tag, a, b uint64) error {
	if b < a {
		return fmt.Errorf("%s of phase %s, layer %d: got %d after %d, want counts that never fall", e, power.PhaseNames[tag.Phase()], tag.Layer(), b, a)
	}
	return fmt.Errorf("%d x %s: memory %s is not built", b-a, e, c.prices.Event[e].NotBuilt)
}

// complete reports a row that has changed without being looked at, and counts that the meter would refuse as a whole: those
// of a chip that does not count what the list's activity model prices.
func (c *counts) complete(now *activity.Counts) error {
	for t := range now.Rows {
		if now.Rows[t] != c.last[t] {
			tag := activity.Tag(t)
			return fmt.Errorf("powertrace: events of phase %s, layer %d, in no window, want a mark before them", power.PhaseNames[tag.Phase()], tag.Layer())
		}
	}
	if _, err := c.prices.Window(now, now, power.Cycles{}, power.Cycles{}); err != nil {
		return fmt.Errorf("powertrace: %w", err)
	}
	return nil
}

// sum adds up the units.
func (r *Record) sum() error {
	r.OnDie, r.External = 0, 0
	for u := range activity.NumUnits {
		to := &r.OnDie
		if power.External(u) {
			to = &r.External
		}
		if err := to.Add(r.Unit[u], 1); err != nil {
			return err
		}
	}
	r.Total = r.OnDie
	return r.Total.Add(r.External, 1)
}
