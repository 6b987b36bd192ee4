package momentum

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// leap advances the LFSR (taps 32, 22, 2, 1, shifting right) by 16 steps; its 16 output bits are
// the low half of the state before. New bit i is n[i] = s[i] ^ s[i+10] ^ n[i-2] ^ n[i-1], where
// n[-2] and n[-1] are s[30] and s[31]. As a polynomial, n (1 + z + z^2) is known, and 1 / (1 + z +
// z^2) = (1 + z)(1 + z^3)(1 + z^6)(1 + z^12) modulo z^16. In hardware each new bit is one XOR of
// bits of s.
func leap(s uint32) uint32 {
	n := s ^ s>>10 ^ s>>30 ^ s>>31
	n ^= n << 1
	n ^= n << 3
	n ^= n << 6
	n ^= n << 12
	return s>>16 | n<<16
}

// zeroSeed replaces the one start that would stay zero.
const zeroSeed = 0x9E3779B9

// seed works on the starts of the next half-block: a lane enters in each cycle and leaves in the
// next.
func (u *Unit) seed() bool {
	s := &u.State
	d := &s.Seeder
	moved := d.Step
	if d.Step {
		x := port.MixEnd(d.Mid)
		if x == 0 {
			x = zeroSeed
		}
		d.Seeds[d.N-1] = x
		d.Step = false
		u.act.Rows[d.Tag][activity.ClockMomSeed]++
	}
	if d.N == groupLanes || d.Cmd >= s.Check.Cmd {
		return moved
	}
	c := s.Queue.At(d.Cmd)
	if c.Op == isa.OpMomB {
		d.Cmd++
		return true
	}
	ctr := c.P[isa.MomCtr] + uint32(d.At.Block)*c.P[isa.MomCStep] + 16*uint32(d.At.Half) + uint32(d.N)
	d.Mid = port.MixBegin(c.P[isa.MomSeed] ^ ctr)
	d.Step, d.Tag = true, c.Tag
	u.act.Rows[c.Tag][activity.ClockMomSeeder]++
	if d.N++; d.N == groupLanes {
		if _, endCmd := d.At.nextBlock(c); endCmd {
			d.Cmd++
		}
	}
	return true
}

// ready reports whether all starts of the next half-block are there.
func (d *Seeder) ready() bool { return d.N == groupLanes && !d.Step }

// draw gives random words to the lanes of a part, and steps the LFSRs of those that exist in the
// block. Lane t of a group of 16 has LFSR t. Where a row has only one chunk, the words of the other
// are leapt over with those of the second group.
func (u *Unit) draw(c *Chunk, p *Stage, cmd *port.Cmd) {
	s := &u.State
	row := &u.act.Rows[cmd.Tag]
	start := c.First && p.Index == 0
	if start {
		s.LFSR = s.Seeder.Seeds
		s.Seeder.N = 0
		row[activity.ClockMomLFSR] += groupLanes
	}
	first := int(p.Index) * u.lanes // of the chunk
	n := min(groupLanes, int(cmd.P[isa.MomLanes])-int(c.Group)/4*blockLanes)
	for from := 0; from < u.lanes; from += groupLanes {
		t := (first + from) % groupLanes
		lanes := p.Lanes[from:min(from+groupLanes, u.lanes)]
		last := c.Alone && first+from >= groupLanes
		drawn := max(0, min(n-t, len(lanes)))
		for l := range drawn {
			x := s.LFSR[t+l]
			lanes[l].Rand = uint16(x)
			x = leap(x)
			if last {
				x = leap(leap(x))
			}
			s.LFSR[t+l] = x
		}
		row[activity.MomRand] += uint64(drawn)
		if !start && from == 0 {
			row[activity.ClockMomLFSR] += uint64(drawn)
		}
	}
}
