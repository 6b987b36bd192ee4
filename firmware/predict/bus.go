package predict

import (
	"math"
	"slices"
)

// bus is external memory: it moves burst after burst at the best, less what refreshes take, and is
// shared by those who want it. Writes go first, for the controller turns to them as soon as enough
// are collected; reads share the rest in turn.
type bus struct {
	flows  []*flow
	usable float64 // as memory's
}

// flow is a transfer under way. A unit of it is a burst, or what belongs together: a step of the
// normalisation, a chunk of an update.
type flow struct {
	left   float64 // units to move
	cost   float64 // cycles of the bus a unit takes
	cap    float64 // units a cycle at the most
	reads  float64 // of a unit: how its share compares with that of others
	writes bool    // it goes first
	rows   bool    // rows that open and close hold it back: others delay it even if the bus has room
	turns  bool    // reads and writes in turn
	rate   float64 // units a cycle at present
}

// flowIsOut is what is too little to be left.
const flowIsOut = 1e-6

func (b *bus) start(f *flow) *flow {
	b.flows = append(b.flows, f)
	b.share()
	return f
}

func (b *bus) share() {
	b.divide()
	used := 0.0
	for _, f := range b.flows {
		used += float64(f.rate * f.cost)
	}
	for _, f := range b.flows {
		if f.rows {
			f.rate *= 1 - float64(lost.rowDelay*(used-float64(f.rate*f.cost)))
		}
	}
}

func (b *bus) divide() {
	room := b.usable
	for _, f := range b.flows {
		if f.turns && len(b.flows) > 1 {
			room = b.usable * lost.mixed
		}
	}
	var open []*flow
	for _, f := range b.flows {
		if f.writes {
			f.rate = min(f.cap, room/f.cost)
			room -= float64(f.rate * f.cost)
		} else {
			open = append(open, f)
		}
	}
	for n := 0; n != len(open); { // until none of them is at its limit
		n = len(open)
		sum := 0.0
		for _, f := range open {
			sum += f.cost / f.reads
		}
		grant := room / sum // reads a cycle for each
		open = slices.DeleteFunc(open, func(f *flow) bool {
			f.rate = min(f.cap, grant/f.reads)
			if f.cap*f.reads > grant {
				return false
			}
			room -= float64(f.rate * f.cost)
			return true
		})
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
	n := len(b.flows)
	b.flows = slices.DeleteFunc(b.flows, func(f *flow) bool {
		if f.left -= float64(f.rate * dt); f.left < flowIsOut {
			f.left = 0
		}
		return f.left == 0
	})
	if len(b.flows) < n {
		b.share()
	}
}

func (f *flow) done() bool { return f == nil || f.left == 0 }
