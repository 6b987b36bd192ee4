package compile

import "math"

// bus is external memory: it moves a burst a cycle at the best, less what refreshes take, and is shared by those who want
// it. Writes go first, for the controller turns to them as soon as enough are collected; reads share the rest in turn.
type bus struct{ flows []*flow }

// flow is a transfer under way. A unit of it is a burst, or what belongs together: a step of the normalisation, a chunk of
// an update.
type flow struct {
	left   float64 // units to move
	cost   float64 // cycles of the bus a unit takes
	cap    float64 // units a cycle at the most
	reads  float64 // of a unit: how its share compares with that of others
	writes bool    // it goes first
	rows   bool    // what holds it back are rows of the memory that open and close: others delay it even if the bus has room
	turns  bool    // reads and writes in turn
	rate   float64 // units a cycle at present
}

// What external memory loses (docs/timing.md).
const (
	usable    = 1 - 37.0/780 // refresh: 26 cycles every 780, the banks closed and opened again, and the one under way
	turnCost  = 1.10         // a burst when reads and writes alternate in batches
	mixed     = 0.94         // of several transfers, one of which reads and writes in turn: they close each other's rows
	latency   = 13           // a burst, from the cycle in which it is asked for to that in which it lands
	settle    = 22           // the last writes wait for more, and for the bus to turn
	rowDelay  = 0.5          // part of others' bursts that hold up one whose row is opened for each burst
	flowIsOut = 1e-6
)

// start adds a flow.
func (b *bus) start(f *flow) *flow {
	b.flows = append(b.flows, f)
	b.share()
	return f
}

// share gives each flow its rate.
func (b *bus) share() {
	b.divide()
	used := 0.0
	for _, f := range b.flows {
		used += f.rate * f.cost
	}
	for _, f := range b.flows {
		if f.rows {
			f.rate *= 1 - rowDelay*(used-f.rate*f.cost)
		}
	}
}

// divide shares the bus.
func (b *bus) divide() {
	room := usable
	for _, f := range b.flows {
		if f.turns && len(b.flows) > 1 {
			room = usable * mixed
		}
	}
	var open []*flow
	for _, f := range b.flows {
		if f.writes {
			f.rate = min(f.cap, room/f.cost)
			room -= f.rate * f.cost
		} else {
			open = append(open, f)
		}
	}
	for len(open) > 0 {
		sum := 0.0
		for _, f := range open {
			sum += f.cost / f.reads
		}
		grant := room / sum // reads a cycle for each
		kept := open[:0:0]
		for _, f := range open {
			if f.cap*f.reads <= grant {
				f.rate = f.cap
				room -= f.rate * f.cost
			} else {
				kept = append(kept, f)
			}
		}
		if len(kept) == len(open) {
			for _, f := range open {
				f.rate = grant / f.reads
			}
			return
		}
		open = kept
	}
}

// next is the time at which a flow ends if nothing else happens.
func (b *bus) next(now float64) float64 {
	t := math.Inf(1)
	for _, f := range b.flows {
		if f.rate > 0 {
			t = min(t, now+f.left/f.rate)
		}
	}
	return t
}

// advance lets dt cycles pass; flows that end leave the bus.
func (b *bus) advance(dt float64) {
	ended := false
	for _, f := range b.flows {
		if f.left -= f.rate * dt; f.left < flowIsOut {
			f.left, ended = 0, true
		}
	}
	if !ended {
		return
	}
	kept := b.flows[:0]
	for _, f := range b.flows {
		if f.left > 0 {
			kept = append(kept, f)
		}
	}
	b.flows = kept
	b.share()
}

// done reports that all of a flow was moved.
func (f *flow) done() bool { return f == nil || f.left == 0 }
