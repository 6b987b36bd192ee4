package loss

import (
	"math"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Fixed points of the arithmetic, docs/arithmetic.md section 3.
const (
	log2e     = 94548       // round(log2(e) * 2^16)
	zFrac     = 8           // fraction bits of z, the index of the table
	maxZ      = 32 << zFrac // z is clipped here, where p is 0
	errorFrac = 14          // fraction bits of e_L
	recipBits = 40          // R = floor(2^40 / S)

	// S is at least 2^16 (p of the largest logit), so R has recipBits - 16 + 1 bits: what the
	// divider would find above them is 0, and it starts with the dividend's top bit already shifted
	// in.
	divSteps   = recipBits - 16 + 1
	firstRem   = 1 << (recipBits - divSteps)
	shiftError = recipBits - errorFrac
)

// startRow prepares the registers for the next row of logits.
func (u *Unit) startRow() {
	u.Group, u.Largest, u.ArgMax = 0, math.MinInt16, 0
}

// load takes a group a cycle into the row buffer and finds the largest logit; with the last group
// the sample is scored.
func (u *Unit) load(cmd *port.Cmd, row *activity.Row, in *In, out *Out) activity.Status {
	if !u.Asked && u.ask(cmd, row, in, out) {
		return activity.Busy
	}
	if u.Len == 0 {
		return activity.WaitOperand
	}
	n, label := uint16(cmd.P[isa.LossN]), u.Label[u.Row]
	if label >= n {
		u.Fault.Raise(port.FaultParam, cmd.PC, uint64(isa.LossLabel)<<32|uint64(u.Row)<<16|uint64(label))
		return activity.Busy
	}
	first := lanes * uint16(u.Group)
	valid := min(lanes, n-first)
	u.scan(&u.FIFO[u.Head], first, valid)
	row[activity.ClockLossRow]++
	if cmd.Op == isa.OpLossCE {
		u.Logits[u.Group] = u.FIFO[u.Head]
		row[activity.LogitWrite] += uint64(valid+width-1) / width
	}
	u.Head = (u.Head + 1) % fifoDepth
	u.Len--
	if u.Group++; u.Group < groups(cmd) {
		return activity.Busy
	}
	if u.ArgMax == label {
		u.Correct++
		u.Told = true
	}
	switch {
	case cmd.Op == isa.OpLossCE:
		u.Phase, u.Issue, u.S = PhaseExp, 0, 0
		row[activity.ClockLossSum]++
	case u.nextRow(cmd, row):
		u.retire(out)
	}
	return activity.Busy
}

// scan looks for a logit larger than all before; the first of equal ones counts.
func (u *Unit) scan(g *port.Group, first, valid uint16) {
	for l := range valid {
		if g[l] > u.Largest || first+l == 0 {
			u.Largest, u.ArgMax = g[l], first+l
		}
	}
}

// nextRow goes on to the next row; it reports whether there was none.
func (u *Unit) nextRow(cmd *port.Cmd, row *activity.Row) (last bool) {
	if u.Row+1 == uint8(cmd.P[isa.LossNB]) {
		return true
	}
	u.Row++
	u.Phase = PhaseLoad
	if u.startRow(); cmd.Op == isa.OpLossCE { // else the row that ends clocks the same registers
		row[activity.ClockLossRow]++
	}
	return false
}

// expPass is a cycle of the first pass: S = sum of p.
func (u *Unit) expPass(cmd *port.Cmd, row *activity.Row) activity.Status {
	if u.S3.Valid {
		for i := range exist(cmd, u.S3.Quarter) {
			u.S += u.P[i]
		}
		u.S3.Valid = false
		row[activity.ClockLossSum]++
	}
	if u.exponentials(cmd, row) {
		u.Phase, u.Rem, u.R, u.Step = PhaseDivide, firstRem, 0, 0
		row[activity.ClockLossDivide]++
	}
	return activity.Busy
}

// divide makes one bit of R: shift the remainder left, subtract S if that leaves it positive.
func (u *Unit) divide(row *activity.Row) activity.Status {
	row[activity.LossDiv]++
	row[activity.ClockLossDivide]++
	u.Rem <<= 1
	u.R <<= 1
	if u.Rem >= u.S {
		u.Rem -= u.S
		u.R |= 1
	}
	if u.Step++; u.Step == divSteps {
		u.Phase, u.Issue = PhaseOut, 0
	}
	return activity.Busy
}

// outPass is a cycle of the second pass: e_L from p and R, a group written every four cycles. The
// pipeline stands still while a group waits for room in OMEM.
func (u *Unit) outPass(cmd *port.Cmd, row *activity.Row, in *In, out *Out) activity.Status {
	completes := u.S4.Valid && (u.S4.Quarter%width == width-1 || u.lastQuarter(cmd, u.S4.Quarter))
	if completes && !in.WriteRoom {
		return activity.WaitDrain
	}
	if u.S4.Valid {
		u.errors(cmd, row, completes, out)
	}
	u.S4 = u.S3
	if u.S3.Valid {
		n := exist(cmd, u.S3.Quarter)
		for i := range n {
			u.Prod[i] = uint64(u.P[i]) * uint64(u.R)
		}
		row[activity.LossMul] += uint64(n)
		row[activity.ClockLossProducts]++
		u.S3.Valid = false
	}
	if u.exponentials(cmd, row) && !u.S4.Valid && u.nextRow(cmd, row) {
		u.Phase = PhaseFinish
	}
	return activity.Busy
}

// exponentials advances the part that both passes share: read four logits, z, p. It reports that
// nothing is left in it.
func (u *Unit) exponentials(cmd *port.Cmd, row *activity.Row) (empty bool) {
	u.S3 = u.S2
	if u.S2.Valid {
		n := exist(cmd, u.S2.Quarter)
		for i := range n {
			z := u.Z[i]
			u.P[i] = expTable[z&(1<<zFrac-1)] >> (z >> zFrac)
		}
		row[activity.ExpTab] += uint64(n)
		row[activity.ClockLossPowers]++
	}
	u.S2 = u.S1
	if u.S1.Valid {
		n, shift := exist(cmd, u.S1.Quarter), uint(cmd.Int(isa.LossFrac)+zFrac)
		for i := range n {
			u.Z[i] = uint16(min(uint64(int(u.Largest)-int(u.A[i]))*log2e>>shift, maxZ))
		}
		row[activity.LossMul] += uint64(n)
		row[activity.ClockLossExponents]++
	}
	u.S1.Valid = false
	if u.Issue < quarters(cmd) {
		u.A = [width]int16(u.Logits[u.Issue/width][u.Issue%width*width:])
		u.S1 = Stage{Valid: true, Quarter: uint8(u.Issue)}
		u.Issue++
		row[activity.LogitRead]++
		row[activity.ClockLossLogits]++
	}
	return !u.S1.Valid && !u.S2.Valid && !u.S3.Valid
}

// errors rounds four products to probabilities and subtracts the label. The last four of a group
// leave with the others of it.
func (u *Unit) errors(cmd *port.Cmd, row *activity.Row, completes bool, out *Out) {
	label := u.Label[u.Row]
	var four [width]int16
	for i := range exist(cmd, u.S4.Quarter) {
		e := int(u.Prod[i]+1<<(shiftError-1)) >> shiftError
		if uint16(u.S4.Quarter)*width+uint16(i) == label {
			e -= 1 << errorFrac
		}
		u.Max = max(u.Max, uint16(max(e, -e)))
		four[i] = int16(e)
	}
	u.Told = true
	place := u.S4.Quarter % width
	if !completes {
		u.Errors[place] = four
		row[activity.ClockLossErrors]++
		return
	}
	row[activity.ClockLossWrite]++
	u.Settle = 1
	w := &out.Write
	w.Valid, w.Tag, w.PC = true, cmd.Tag, cmd.PC
	w.Addr = cmd.P[isa.LossDst] + uint32(u.Row)*cmd.P[isa.LossDStep] + 4*uint32(u.S4.Quarter/width)
	w.Data = port.Group{}
	for q := range place {
		copy(w.Data[q*width:], u.Errors[q][:])
	}
	copy(w.Data[place*width:], four[:])
}

// quarters is the number of fours of a row.
func quarters(cmd *port.Cmd) uint16 { return uint16((cmd.P[isa.LossN] + width - 1) / width) }

func (u *Unit) lastQuarter(cmd *port.Cmd, q uint8) bool { return uint16(q)+1 == quarters(cmd) }

// exist is the number of existing elements of four.
func exist(cmd *port.Cmd, quarter uint8) int {
	return min(width, int(cmd.P[isa.LossN])-width*int(quarter))
}
