package norm

import (
	"encoding/binary"

	"bdfasim/isa"
	"bdfasim/isa/fixed"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Cycles of a channel. There are two dividers, of divSteps quotient bits, a bit a cycle.
const (
	divSteps    = 48
	finSteps    = 2 + divSteps + 2 + divSteps + 4 // read; m and S2/n; V, X; Vu, beside it rsqrt; running statistics, write
	evalSteps   = 12                              // read, X, rsqrt, write
	gradSteps   = 2 + divSteps + 4                // read; a1 and a2; g, write
	updateSteps = 10                              // read, velocities, steps, write
)

// perChannel is the number of channels that a command works on one by one.
func (u *Unit) perChannel(c *port.Cmd) uint16 {
	switch c.Op {
	case isa.OpNormFin, isa.OpNormGrad, isa.OpNormUpdate:
		return u.Shape.Chan
	}
	return 0
}

// channelStep is one cycle of the work on a channel; its results are made in the last one.
func (u *Unit) channelStep(c *port.Cmd) bool {
	s := &u.State
	u.count(c, activity.NormStep, 1)
	steps := uint8(updateSteps)
	switch {
	case c.Op == isa.OpNormGrad:
		steps = gradSteps
	case c.Op == isa.OpNormFin && c.Is(isa.FlagEval):
		steps = evalSteps
	case c.Op == isa.OpNormFin:
		steps = finSteps
	}
	if s.Step++; s.Step < steps {
		return true
	}
	s.Step = 0
	u.channel(c, &s.Norm[s.Chan], &s.Sums[s.Chan])
	s.Chan++
	if s.Chan == s.Shape.Chan && c.Op != isa.OpNormGrad {
		s.Retire = true
	}
	return true
}

// channel does a channel's work and counts its accesses. A row of sums is read (and written) once for its 16 channels.
func (u *Unit) channel(c *port.Cmd, ch *Channel, sum *Sum) {
	reads, writes, sums := 1, 1, 0
	if u.Chan%Lanes == 0 {
		sums = 1
	}
	switch c.Op {
	case isa.OpNormFin:
		reads = 2
		if c.Is(isa.FlagEval) {
			sums = 0
			ch.finEval(int64(c.P[isa.NormEps]))
		} else {
			writes = 2
			ch.fin(sum, pixels(c), int64(c.P[isa.NormEps]))
		}
	case isa.OpNormGrad:
		writes = 0
		u.count(c, activity.NormSumWrite, sums)
		sum.slope(ch, pixels(c))
	case isa.OpNormUpdate:
		u.Stats[isa.NormSat] += ch.update(c, sum)
	}
	u.count(c, activity.NormRead, reads)
	u.count(c, activity.NormWrite, writes)
	u.count(c, activity.NormSumRead, sums)
}

// pixels is n of docs/arithmetic.md section 8.
func pixels(c *port.Cmd) uint64 {
	return uint64(c.P[isa.NormNB]) * uint64(c.P[isa.NormH]) * uint64(c.P[isa.NormW])
}

// decay is the share of a batch in the running statistics, 0.1 * 2^16.
const decay = 6554

// fin makes mean, reciprocal deviation and running statistics from the sums over n pixels.
func (ch *Channel) fin(sum *Sum, n uint64, eps int64) {
	ch.M = int32(rdiv(sum.S1, 8, n))
	m := int64(ch.M)
	v := max(0, rdiv(sum.S2, 16, n)-m*m)
	ch.R, ch.Sh = rsqrt(v + eps)
	unbiased := v
	if n > 1 {
		unbiased = scale(v, n, n-1)
	}
	ch.RM += int32(fixed.Away((m-int64(ch.RM))*decay, 16))
	ch.RV += fixed.Away((unbiased-ch.RV)*decay, 16)
}

// finEval takes the running statistics for the batch's.
func (ch *Channel) finEval(eps int64) {
	ch.M = ch.RM
	ch.R, ch.Sh = rsqrt(ch.RV + eps)
}

// slope makes a1, a2 and g from the sums of norm.back.
func (sum *Sum) slope(ch *Channel, n uint64) {
	sum.A1 = int32(rdiv(sum.S1, 8, n))
	sum.A2 = int32(rdiv(sum.S2, 0, n))
	sum.G = int32(fixed.Away(fixed.Away(int64(ch.Gamma), 6)*int64(ch.R), 16))
}

// update moves scale and shift, and returns how often it clipped.
func (ch *Channel) update(c *port.Cmd, sum *Sum) (sat uint32) {
	eta, mu := int64(c.P[isa.NormEta]), int64(c.P[isa.NormMu])
	gshift, tshift := c.Int(isa.NormGShift), c.Int(isa.NormTShift)
	ch.VG = clip(fixed.TowardZero(mu*int64(ch.VG), 16)+awayWide(sum.S2, gshift), 24, &sat)
	ch.Gamma = clip(int64(ch.Gamma)-fixed.Away(eta*int64(ch.VG), tshift), 30, &sat)
	ch.VB = clip(fixed.TowardZero(mu*int64(ch.VB), 16)+awayWide(sum.S1, gshift-12), 24, &sat)
	ch.Beta = clip(int64(ch.Beta)-fixed.Away(eta*int64(ch.VB), tshift-6), 32, &sat)
	return sat
}

func clip(v int64, bits uint, sat *uint32) int32 {
	v, clipped := fixed.Sat(v, bits)
	if clipped {
		*sat++
	}
	return int32(v)
}

// loadHalf puts half a record into the channel memory.
func (u *Unit) loadHalf(c *port.Cmd) {
	a := &u.A
	ch, d := &u.Norm[a.At.Group/2], &a.Data
	u.count(c, activity.NormWrite, 1)
	if a.At.Group%2 != 0 {
		ch.RV = int64(binary.LittleEndian.Uint64(d[0:]))
		return
	}
	word := func(i int) int32 { return int32(binary.LittleEndian.Uint32(d[4*i:])) }
	ch.Gamma, ch.Beta, ch.VG, ch.VB = word(0), word(1), word(2), word(3)
	ch.RM, ch.M, ch.R, ch.Sh = word(4), word(5), uint32(word(6)), word(7)
}

// storeHalf makes half a record.
func (u *Unit) storeHalf(c *port.Cmd) {
	at := &u.A.At
	ch := &u.Norm[at.Group/2]
	u.count(c, activity.NormRead, 1)
	var d port.Burst
	if at.Group%2 != 0 {
		binary.LittleEndian.PutUint64(d[0:], uint64(ch.RV))
	} else {
		for i, v := range [8]int32{ch.Gamma, ch.Beta, ch.VG, ch.VB, ch.RM, ch.M, int32(ch.R), ch.Sh} {
			binary.LittleEndian.PutUint32(d[4*i:], uint32(v))
		}
	}
	u.emit(c.P[isa.NormRec]+at.full(&u.Shape), &d)
}
