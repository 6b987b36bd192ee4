package norm

import (
	"encoding/binary"

	"bdfasim/isa"
	"bdfasim/isa/fixed"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Accesses of 256 bits to the channel memory for the fields that 16 lanes need, 32 bits each.
const (
	statReads   = 3 * 2 // m, r, sh
	affineReads = 2 * 2 // gamma, beta
)

// group returns the first channel of register A's group and how many of its lanes exist.
func (u *Unit) group() (first, n int) {
	first = int(u.last().At.Group) * Lanes
	return first, min(Lanes, int(u.Shape.Chan)-first)
}

// sums counts the accesses to a group's sums. At the first pixel of the command they start at zero
// instead of being read, which is what clears them.
func (u *Unit) sums(c *port.Cmd) (start bool) {
	start = u.last().At.Pixel == 0
	if !start {
		u.count(c, activity.NormSumRead, 1)
	}
	u.count(c, activity.NormSumWrite, 1)
	return start
}

// stat sums z and z*z.
func (u *Unit) stat(c *port.Cmd) {
	first, n := u.group()
	sums := u.Sums[first : first+n]
	if u.sums(c) {
		for l := range sums {
			sums[l].S1, sums[l].S2 = 0, 0
		}
	}
	d := &u.last().Data
	for l := range sums {
		z := int64(int16(binary.LittleEndian.Uint16(d[2*l:])))
		sums[l].S1 += z
		sums[l].S2 += z * z
	}
	u.count(c, activity.NormStat, n)
}

// hat is xhat of docs/arithmetic.md section 8.
func (ch *Channel) hat(z int16) int64 {
	x, _ := sat16((int64(z)<<8-int64(ch.M))*int64(ch.R), 20-int(ch.Sh>>1))
	return x
}

// normalise replaces the first lanes of z by u.
func (u *Unit) normalise(c *port.Cmd, z *port.Group, first, n int) {
	shift := c.Int(isa.NormShift)
	sat := uint8(0)
	chans := u.Norm[first : first+n]
	for l := range chans {
		ch := &chans[l]
		v, clipped := sat16(fixed.Away(int64(ch.Gamma), 6)*ch.hat(z[l])+int64(ch.Beta), shift)
		if clipped {
			sat++
		}
		z[l] = int16(v)
	}
	u.see(sat, 0)
	u.count(c, activity.NormLane, n)
	u.count(c, activity.NormRead, statReads+affineReads)
}

// forward compares a group of a pixel with the maxima of its window; the window's last pixel makes
// an output, the last group of a block a burst of positions.
func (u *Unit) forward(c *port.Cmd) {
	s := &u.State
	at := &u.last().At
	if at.Kind == KindPos {
		u.emit(c, c.P[isa.NormPos]+at.positions(&s.Shape), &s.Pos)
		return
	}
	first, n := u.group()
	var z port.Group
	port.GetGroup(&u.last().Data, &z)
	if s.Shape.BN {
		u.normalise(c, &z, first, n)
	}
	line := &s.Lines[at.Group]
	if at.Place == 0 {
		line.V = port.Group{}
		for l := range line.Pos {
			line.Pos[l] = noPlace
		}
	} else {
		u.count(c, activity.LineRead, 1)
	}
	for l := range n {
		if z[l] > line.V[l] {
			line.V[l], line.Pos[l] = z[l], at.Place
		}
	}
	u.count(c, activity.NormPool, n)
	if !at.Last {
		u.count(c, activity.LineWrite, 1)
		return
	}
	u.collect(line)
	u.count(c, activity.ClockNormPositions, 1)
	var o port.Burst
	port.PutGroup(&o, &line.V)
	u.emit(c, c.P[isa.NormDst]+at.pooled(&s.Shape), &o)
}

// collect packs a group's positions into the burst of its block; groups that do not exist have
// none.
func (u *Unit) collect(line *Line) {
	place := int(u.last().At.Group % blockGroups)
	if place == 0 {
		for i := range u.Pos {
			u.Pos[i] = noPlace<<4 | noPlace
		}
	}
	nibbles := u.Pos[place*Lanes/2:][:Lanes/2]
	for i := range nibbles {
		nibbles[i] = line.Pos[2*i] | line.Pos[2*i+1]<<4
	}
}

// back spreads the errors of a pooled pixel over its window.
func (u *Unit) back(c *port.Cmd) {
	s := &u.State
	at := &u.last().At
	line := &s.Lines[at.Group]
	switch at.Kind {
	case KindPos:
		s.Pos = u.last().Data
		u.count(c, activity.ClockNormPositions, 1)
		return
	case KindErr:
		port.GetGroup(&u.last().Data, &line.V)
		nibbles := s.Pos[int(at.Group%blockGroups)*Lanes/2:][:Lanes/2]
		for i := range nibbles {
			line.Pos[2*i], line.Pos[2*i+1] = nibbles[i]&15, nibbles[i]>>4
		}
		u.count(c, activity.LineWrite, 1)
		return
	}
	var h port.Group
	first, n := u.group()
	if at.Exists {
		u.count(c, activity.LineRead, 1)
		for l := range n {
			if line.Pos[l] == at.Place {
				h[l] = line.V[l]
			}
		}
		if s.Shape.BN {
			u.sumErrors(c, &h, first, n)
		}
	}
	var d port.Burst
	port.PutGroup(&d, &h)
	u.emit(c, c.P[isa.NormDst]+at.full(&s.Shape), &d)
}

// sumErrors adds h and h*xhat to T1 and T2.
func (u *Unit) sumErrors(c *port.Cmd, h *port.Group, first, n int) {
	sums, chans := u.Sums[first:first+n], u.Norm[first:first+n]
	if u.sums(c) {
		for l := range sums {
			sums[l].S1, sums[l].S2 = 0, 0
		}
	}
	d := &u.last().Data
	for l := range sums {
		if h[l] == 0 {
			continue // adds nothing: saves time here, not in the chip
		}
		z := int16(binary.LittleEndian.Uint16(d[2*l:]))
		sums[l].S1 += int64(h[l])
		sums[l].S2 += int64(h[l]) * chans[l].hat(z)
	}
	u.count(c, activity.NormLane, n)
	u.count(c, activity.NormBack, n)
	u.count(c, activity.NormRead, statReads)
}

// grad brings errors before the normalisation.
func (u *Unit) grad(c *port.Cmd) {
	s := &u.State
	at := &u.last().At
	if at.Kind == KindErr {
		port.GetGroup(&u.last().Data, &s.H)
		u.count(c, activity.ClockNormErrors, 1)
		return
	}
	first, n := u.group()
	sums, chans := s.Sums[first:first+n], s.Norm[first:first+n]
	shift := c.Int(isa.NormShift)
	var e port.Group
	sat, most := uint8(0), int64(0)
	d := &u.last().Data
	for l := range sums {
		ch, sum := &chans[l], &sums[l]
		x := ch.hat(int16(binary.LittleEndian.Uint16(d[2*l:])))
		v := int64(s.H[l])<<8 - int64(sum.A1) - fixed.Away(x*int64(sum.A2), 16)
		v, clipped := sat16(v*int64(sum.G), shift-int(ch.Sh>>1))
		if clipped {
			sat++
		}
		most = max(most, v, -v)
		e[l] = int16(v)
	}
	u.see(sat, most)
	u.count(c, activity.NormLane, n)
	u.count(c, activity.NormGrad, n)
	u.count(c, activity.NormRead, statReads)
	u.count(c, activity.NormSumRead, 1)
	var b port.Burst
	port.PutGroup(&b, &e)
	u.emit(c, c.P[isa.NormDst]+at.full(&s.Shape), &b)
}

// see keeps what the status registers learn of a step.
func (u *Unit) see(sat uint8, most int64) {
	u.Seen = Seen{Sat: sat, Max: uint16(most)}
	u.Told = true
}
