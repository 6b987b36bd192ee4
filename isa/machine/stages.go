package machine

import (
	"fmt"
	"math"
	"math/bits"
)

// step is a piece of a data path that no register cuts.
type step struct {
	levels int // gate levels
	bits   int // flip-flops that a register behind it has
}

// cut places registers behind steps of a path, the last one excepted, so that no stage has more
// than so many levels and the registers have the fewest bits together: n registers, or with n = 0
// as many as that takes. It returns the steps, and whether there is a way.
func cut(path []step, levels, n int) (behind []int, ok bool) {
	// best[m][j] has m registers before step j, the last one right before it.
	type way struct{ bits, from int }
	best := make([][]way, len(path)+1)
	for m := range best {
		best[m] = make([]way, len(path)+1)
		for j := range best[m] {
			best[m][j] = way{bits: math.MaxInt}
		}
	}
	best[0][0].bits = 0
	last, least := 0, math.MaxInt // registers and bits of the best way through the path
	for m := range path {
		for i, w := range best[m] {
			if w.bits == math.MaxInt {
				continue
			}
			for j, sum := i, 0; j < len(path); j++ {
				if sum += path[j].levels; sum > levels {
					break
				}
				if j == len(path)-1 {
					if (n == 0 || n == m) && w.bits < least {
						last, least = m, w.bits
						best[len(path)][len(path)].from = i
					}
				} else if b := w.bits + path[j].bits; b < best[m+1][j+1].bits {
					best[m+1][j+1] = way{b, i}
				}
			}
		}
	}
	if least == math.MaxInt {
		return nil, false
	}
	behind = make([]int, last)
	at := best[len(path)][len(path)].from
	for m := last; m > 0; m-- {
		behind[m-1] = at - 1
		at = best[m][at].from
	}
	return behind, true
}

// momentumLanes is the way of a weight through a lane of the momentum unit, until it is written.
// Levels are by hand, for 16 x 16 bits (40 together) and adders with carry look-ahead; bits are
// what is still needed: sum G, weight or bias W, random word r, velocity V, and from V on the
// largest of some lanes' velocities.
func (c *Config) momentumLanes() []step {
	l, g := c.Momentum.Lanes, c.DNNC.AccBits
	const w, r, v = 32, 16, 24
	return []step{
		{28, l * (g + w + v + r)},              // the memories' outputs; weight or bias
		{25, l * (2*40 + 2*32 + g + w + r)},    // mu * V and lambda * W: Booth rows, tree
		{15, l * (40 + 32 + g + w + r)},        // their adders
		{17, l * (v + 62 + 62 + w + r)},        // the half that rounds, for G, too
		{17, l * (v + 62 + 62 + w + r)},        // shifts
		{21, l * (64 + w + r)},                 // sum of the three
		{8, l * (v + w + r)},                   // saturation: V'
		{25, l*(2*40+v+w+r) + l/2*v},           // eta * V': tree
		{15, l*(40+v+w+r) + l/4*v},             // its adder
		{17, l*(62+v+w) + v},                   // random word or half
		{17, l*(62+v+w) + v},                   // shift
		{17, l*(63+v) + v},                     // subtraction
		{11, l*(16+1) + v + bits.Len(uint(l))}, // saturation: W', to the chunk memory
	}
}

// momentumStatus is the way from a register with new weights to the status registers.
func (c *Config) momentumStatus() []step {
	l := c.Momentum.Lanes
	rest := 24 + 2*bits.Len(uint(l))  // largest velocity, numbers of saturations
	path := []step{{10, 16*l + rest}} // magnitudes
	for of := l / 2; of > 0; of /= 2 {
		path = append(path, step{12, 16*of + rest}) // the larger of two
	}
	return append(path, step{levels: 14})
}

// MomentumStages returns the bits of the registers that a group of lanes of the momentum unit
// passes: those that cut the lanes, and from index `write` on those behind the new weights, on the
// way to the status registers.
func (c *Config) MomentumStages() (registers []int, write int) {
	lanes, status := c.momentumLanes(), c.momentumStatus()
	behind, _ := cut(lanes, c.Levels()-MarginLevels, c.Momentum.Cuts)
	for _, i := range behind {
		registers = append(registers, lanes[i].bits)
	}
	write = len(registers)
	registers = append(registers, lanes[len(lanes)-1].bits)
	behind, _ = cut(status, c.Levels()-MarginLevels, 0)
	for _, i := range behind {
		registers = append(registers, status[i].bits)
	}
	return registers, write
}

// normLanes is the way of an error through a lane of the normalisation unit, the longest one: z to
// xhat, times a2, then times g; that of an activation, times gamma, is shorter. Bits, for 16 lanes:
// z or h, m, r of 17 bits.
func normLanes() []step {
	path := []step{
		{28, 16 + 16 + 32 + 17}, // the channel memory's output
		{14, 25 + 17 + 16},      // (z - m)
		{25, 2*42 + 16},         // times r: Booth rows, tree
		{15, 42 + 16},           // its adder
		{17, 42 + 16},           // half
		{17, 42 + 16},           // shift
		{8, 16 + 16},            // saturation: xhat
		{25, 2*48 + 16},         // times a2 or gamma: tree
		{16, 48 + 16},           // its adder
		{17, 48 + 16},           // half, or beta
		{21, 28},                // differences with h and a1
		{27, 2 * 54},            // times g: tree
		{17, 54},                // its adder
		{17, 54},                // half
		{17, 54},                // shift
		{8, 16},                 // saturation: e
	}
	for i := range path {
		path[i].bits *= 16
	}
	return path
}

// NormStages returns the bits of the registers that cut the lanes of the normalisation unit.
func (c *Config) NormStages() (registers []int) {
	path := normLanes()
	behind, _ := cut(path, c.Levels()-MarginLevels, c.Norm.Cuts)
	for _, i := range behind {
		registers = append(registers, path[i].bits)
	}
	return registers
}

// slow says what keeps the lanes of a unit, in its part of the description, from the clock: too few
// cuts, or a step.
func (c *Config) slow(part string, path []step, cuts int) []problem {
	levels := c.Levels() - MarginLevels
	if _, ok := cut(path, levels, cuts); ok || cuts >= len(path) {
		return nil // what is out of range is reported as such
	}
	for n := 1; n < len(path); n++ {
		if _, ok := cut(path, levels, n); ok {
			return []problem{{part + ".cuts", cuts, fmt.Sprintf("%d..%d: a cycle has %d gate levels of %d ps",
				n, len(path)-1, c.Levels(), LevelPS)}}
		}
	}
	longest := 0
	for _, s := range path {
		longest = max(longest, s.levels+MarginLevels)
	}
	return []problem{{"clock_mhz", c.ClockMHz, fmt.Sprintf("at most %d: a step of %s takes %d gate levels of %d ps",
		1_000_000/(LevelPS*longest), part, longest, LevelPS)}}
}

// slowUnits says which units are too slow for the clock.
func (c *Config) slowUnits() []problem {
	list := c.slow("momentum", c.momentumLanes(), c.Momentum.Cuts)
	if c.Norm.Channels > 0 {
		list = append(list, c.slow("norm", normLanes(), c.Norm.Cuts)...)
	}
	return list
}
