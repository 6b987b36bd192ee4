package study

import (
	"encoding/json"
	"fmt"

	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

// Key says which run it is: an iteration of a network's training, or a core alone.
type Key struct {
	Net     string `json:",omitempty"` // "": a core alone
	FanIn   int    `json:",omitempty"` // of a core's product: the errors that a sum adds
	Variant string // a name of variants
	Trace   string `json:",omitempty"` // whose training gave the weights; random; a density
	Short   bool   `json:",omitempty"` // errors stop at the first hidden layer
	Set     string `json:",omitempty"` // fields of the machine that differ, separated by spaces
}

func (k Key) String() string {
	if k.Net == "" {
		return fmt.Sprintf("core %s, fan-in %d", k.Variant, k.FanIn)
	}
	return k.Net + " on " + k.Variant
}

// Counts is what a run did: all that prices are applied to, so that other prices need no other run.
type Counts struct {
	Geometry activity.Geometry
	Events   [power.NumPhases]activity.Row // with bits that change, for the model of toggles
	Cycles   power.Cycles                  // by phase

	chip string // Geometry in a text, to find its prices by
}

// named fills in what Geometry is found by.
func (c *Counts) named() {
	c.chip = fmt.Sprint(c.Geometry) // maps are printed in the order of their keys
}

// Case is a run and its counts: an iteration in the middle of an epoch, or the product of a core.
type Case struct {
	Key
	Counts
}

// written is a case as JSON has it: by name, without what is 0.
type written struct {
	Key
	Geometry activity.Geometry
	Clocked  map[activity.Event]activity.Registers
	Events   map[string]map[activity.Event]uint64
	Cycles   map[string]uint64
}

// MarshalJSON writes names in place of numbers, which another version of the program may change.
func (c *Case) MarshalJSON() ([]byte, error) {
	w := written{c.Key, c.Geometry, map[activity.Event]activity.Registers{},
		map[string]map[activity.Event]uint64{}, map[string]uint64{}}
	for e, r := range c.Geometry.Clocked {
		if r != (activity.Registers{}) {
			w.Clocked[activity.Event(e)] = r
		}
	}
	for p, row := range c.Events {
		phase := map[activity.Event]uint64{}
		for e, n := range row {
			if n > 0 {
				phase[activity.Event(e)] = n
			}
		}
		if name := power.PhaseNames[p]; len(phase) > 0 || c.Cycles[p] > 0 {
			w.Events[name], w.Cycles[name] = phase, c.Cycles[p]
		}
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads it.
func (c *Case) UnmarshalJSON(data []byte) error {
	var w written
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*c = Case{w.Key, Counts{Geometry: w.Geometry}}
	for e, r := range w.Clocked {
		c.Geometry.Clocked[e] = r
	}
	for p, name := range power.PhaseNames {
		c.Cycles[p] = w.Cycles[name]
		for e, n := range w.Events[name] {
			c.Events[p][e] = n
		}
	}
	c.named()
	return nil
}

// minus takes the numbers of a shorter run away.
func (c *Counts) minus(o *Counts) {
	for p := range c.Cycles {
		c.Cycles[p] -= o.Cycles[p]
		for e := range c.Events[p] {
			c.Events[p][e] -= o.Events[p][e]
		}
	}
}

// Total adds up an event.
func (c *Counts) Total(e activity.Event) (n uint64) {
	for p := range c.Events {
		n += c.Events[p][e]
	}
	return n
}

// words are 32-bit words to and from external memory by cause, and all of them.
func (c *Counts) words() (by map[string]uint64, all uint64) {
	by = map[string]uint64{}
	for _, cause := range sim.Causes {
		if n := c.Total(cause.Event); n > 0 {
			by[cause.Name] = 8 * n
			all += 8 * n
		}
	}
	return by, all
}

// only keeps one phase.
func (c *Counts) only(p isa.Phase) *Counts {
	out := &Counts{Geometry: c.Geometry, chip: c.chip}
	out.Events[p], out.Cycles[p] = c.Events[p], c.Cycles[p]
	return out
}

// withoutVelocities is plain SGD: three of the five bursts of each chunk both ways are neither read
// nor written. Of the chunk memories' eleven accesses a chunk each way (five for the bursts, three
// for each of two groups of lanes) seven are theirs. Derived, not simulated: lanes and cycles are
// left as they are, and the few chunks of biases count as chunks of weights.
func (c *Counts) withoutVelocities() *Counts {
	out := *c
	for p := range out.Events {
		row := &out.Events[p]
		for _, e := range []activity.Event{activity.XReadMom, activity.XWriteMom} {
			row[e] = row[e] * 2 / 5
		}
		for _, e := range []activity.Event{activity.ChunkRead, activity.ChunkWrite} {
			row[e] = row[e] * 4 / 11
		}
	}
	return &out
}
