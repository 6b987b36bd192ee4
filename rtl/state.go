package rtl

import (
	"fmt"
	"reflect"

	"bdfasim/rtl/port"
)

// State points to all that a later cycle depends on, but external memory: the units' States, the
// wires, the inputs of units that sleep, the counts and the other memories. TestStateIsComplete
// proves it. Of structs, exported and embedded fields belong to it, and no pointers. What toggled
// last (Config.Toggles) is left out.
func (c *Chip) State() []any {
	c.Activity() // nothing is put off any more
	var all []any
	for _, unit := range c.units() {
		all = append(all, reflect.ValueOf(unit).Elem().FieldByName("State").Addr().Interface())
	}
	return append(all, &c.ins, &c.wires, &c.bus, &c.resp, c.act, &c.cycle, &c.ticking, &c.ticked,
		&c.awake, &c.fault, &c.status, &c.since, &c.charged, &c.busy, &c.mask, &listening{c})
}

// listening is where each unit looks for the answers of external memory.
type listening struct{ *Chip }

// MarshalBinary gives a byte a port.
func (l *listening) MarshalBinary() ([]byte, error) {
	at := make([]byte, port.NumXReads)
	for p := range port.NumXReads {
		if *l.listener(p) == &l.resp[1] {
			at[p] = 1
		}
	}
	return at, nil
}

// UnmarshalBinary is its inverse.
func (l *listening) UnmarshalBinary(at []byte) error {
	if len(at) != int(port.NumXReads) {
		return fmt.Errorf("rtl: got %d ports, want %d", len(at), port.NumXReads)
	}
	for p := range port.NumXReads {
		*l.listener(p) = &l.resp[at[p]&1]
	}
	return nil
}
