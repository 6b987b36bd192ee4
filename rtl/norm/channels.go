package norm

import (
	"encoding/binary"
	"math/bits"

	"bdfasim/isa"
	"bdfasim/isa/fixed"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Cycles of a channel. There are two dividers, of divSteps quotient bits, a bit a cycle. What is
// neither reading nor dividing takes `slower` times as long.
const (
	readSteps   = 2
	divSteps    = 48
	betweenStep = 2  // m and V; X and n V
	restSteps   = 4  // running statistics; g; write
	evalSteps   = 12 // read, X, rsqrt, write
	updateSteps = 10 // read, velocities, steps, write
)

// perChannel is the number of channels that a command works on one by one.
func (u *Unit) perChannel(c *port.Cmd) uint16 {
	switch c.Op {
	case isa.OpNormFin, isa.OpNormGrad, isa.OpNormUpdate:
		return u.Shape.Chan
	}
	return 0
}

// channelStep is one cycle of the work on a channel; its results are written in the last one.
func (u *Unit) channelStep(c *port.Cmd) bool {
	s := &u.State
	u.count(c, activity.NormStep, 1)
	sum := &s.Sums[s.Chan]
	if c.Op == isa.OpNormGrad || c.Op == isa.OpNormFin && !c.Is(isa.FlagEval) {
		u.divide(c, int(s.Step), sum)
	}
	if s.Step++; int(s.Step) < u.steps(c) {
		return true
	}
	s.Step = 0
	u.channel(c, &s.Norm[s.Chan], sum)
	s.Chan++
	if s.Chan == s.Shape.Chan && c.Op != isa.OpNormGrad {
		s.Retire = true
	}
	return true
}

// steps is the number of cycles of a channel.
func (u *Unit) steps(c *port.Cmd) int {
	switch {
	case c.Op == isa.OpNormGrad:
		return readSteps + divSteps + u.slower*restSteps
	case c.Op == isa.OpNormUpdate:
		return u.slower * updateSteps
	case c.Is(isa.FlagEval):
		return u.slower * evalSteps
	}
	return readSteps + divSteps + u.slower*betweenStep + divSteps + u.slower*restSteps
}

// divide is step t of the dividers: S1 and S2 by n, and of norm.fin n V by n - 1 after that, when
// the first two have given mean and variance.
func (u *Unit) divide(c *port.Cmd, t int, sum *Sum) {
	s := &u.State
	n, d := pixels(c), &s.Divide
	between := readSteps + divSteps
	second := between + u.slower*betweenStep
	switch {
	case t == readSteps-1:
		d[0].ratio(sum.S1, 8, n)
		d[1].ratio(sum.S2, 0, n)
		if c.Op == isa.OpNormFin {
			d[1].ratio(sum.S2, 16, n)
		}
		u.count(c, activity.ClockNormDivide, 2)
	case t >= readSteps && t < between:
		d[0].step()
		d[1].step()
		u.count(c, activity.ClockNormDivide, 2)
	case c.Op == isa.OpNormGrad:
	case t == between+u.slower-1:
		s.Mean = int32(d[0].quotient())
		s.Var = max(0, d[1].quotient()-int64(s.Mean)*int64(s.Mean))
		u.count(c, activity.ClockNormChannel, 1)
	case t == second-1 && n > 1:
		hi, lo := bits.Mul64(uint64(s.Var), n)
		d[0].begin(hi, lo, n-1, false)
		u.count(c, activity.ClockNormDivide, 1)
	case t >= second && t < second+divSteps && n > 1:
		d[0].step()
		u.count(c, activity.ClockNormDivide, 1)
	}
}

// channel does a channel's work and counts its accesses. A row of sums is read (and written) once
// for its 16 channels.
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
			u.fin(ch, pixels(c), int64(c.P[isa.NormEps]))
		}
	case isa.OpNormGrad:
		writes = 0
		u.count(c, activity.NormSumWrite, sums)
		sum.A1, sum.A2 = int32(u.Divide[0].quotient()), int32(u.Divide[1].quotient())
		sum.G = int32(fixed.Away(fixed.Away(int64(ch.Gamma), 6)*int64(ch.R), 16))
	case isa.OpNormUpdate:
		u.Stats[isa.NormSat] += ch.update(c, sum)
		u.Told = true
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

// fin makes reciprocal deviation and running statistics from mean and variance of n pixels.
func (u *Unit) fin(ch *Channel, n uint64, eps int64) {
	m, unbiased := int64(u.Mean), u.Var
	if n > 1 {
		unbiased = u.Divide[0].quotient()
	}
	ch.M = u.Mean
	ch.R, ch.Sh = rsqrt(u.Var + eps)
	ch.RM += int32(fixed.Away((m-int64(ch.RM))*decay, 16))
	ch.RV += fixed.Away((unbiased-ch.RV)*decay, 16)
}

// finEval takes the running statistics for the batch's.
func (ch *Channel) finEval(eps int64) {
	ch.M = ch.RM
	ch.R, ch.Sh = rsqrt(ch.RV + eps)
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
	a := u.last()
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
	at := &u.last().At
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
	u.emit(c, c.P[isa.NormRec]+at.full(&u.Shape), &d)
}
