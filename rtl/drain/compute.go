package drain

import (
	"bdfasim/isa"
	"bdfasim/isa/fixed"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// compute reads one group of a row and brings it to 16 bits.
func (u *Unit) compute(c *port.Cmd) {
	s := &u.State
	split := c.P[isa.DrainSplit] & 3
	count := int(c.P[isa.DrainLanes])
	first := group * int(s.Group)
	lane := first + int(s.Sample)&(1<<split-1)*(u.lanes>>split)
	acc := u.acc[(int(s.Bank)*accRows+int(s.Sample>>split))*u.lanes+lane:][:group]
	n := min(group, count-first)
	mi := c.P[isa.DrainMask] + uint32(s.Sample)*c.P[isa.DrainMStep] + uint32(s.Group)
	row := &u.act.Rows[c.Tag]
	s.Pipe.Data = port.Group{}
	if c.Op == isa.OpDrainErr {
		bits := ^uint16(0)
		if !c.Is(isa.FlagAll) {
			bits = u.mask[mi]
			row[activity.MaskRead]++
		}
		u.errors(c, acc[:n], bits)
	} else {
		bias := s.Bias[int(c.Flags&isa.FlagB1)*u.lanes+first:][:group]
		u.outputs(c, acc[:n], bias)
		row[activity.BiasRead]++
	}
	if c.Op == isa.OpDrainAct {
		keep := ^uint16(0)
		if c.Is(isa.FlagDrop) {
			keep = uint16(mix(c.P[isa.DrainSeed] ^ (c.P[isa.DrainCtr] + uint32(s.Sample)*c.P[isa.DrainCStep] + uint32(s.Group))))
			row[activity.DropRand]++
		}
		u.mask[mi] = rectify(&s.Pipe.Data, keep)
		row[activity.MaskWrite]++
	}
	row[activity.AccRead]++
	row[activity.DrainLane] += uint64(n)
	s.Pipe.Valid, s.Pipe.Sample, s.Pipe.Group = true, s.Sample, s.Group
	if s.Group++; group*int(s.Group) >= count {
		s.Group = 0
		if s.Sample++; uint32(s.Sample) == c.P[isa.DrainNB] {
			s.Read, s.Settle = true, 2
		}
	}
}

// outputs brings accumulators to 16 bits, each with its bias.
func (u *Unit) outputs(c *port.Cmd, acc []int64, bias []int32) {
	n := newNarrower(c.Int(isa.DrainShift))
	accBits := u.accBits
	data := &u.Pipe.Data
	for i, v := range acc {
		sum := fixed.Wrap(v, accBits)
		full := sum + int64(bias[i&15])
		wrapped := fixed.Wrap(full, accBits)
		if sum != v {
			u.Wraps++
		}
		if wrapped != full {
			u.Wraps++
		}
		data[i&15] = n.narrow(wrapped)
	}
	u.keep(&n)
}

// errors brings the accumulators whose mask bit is 1 to 16 bits.
func (u *Unit) errors(c *port.Cmd, acc []int64, mask uint16) {
	n := newNarrower(c.Int(isa.DrainShift))
	accBits := u.accBits
	data := &u.Pipe.Data
	for i, v := range acc {
		sum := fixed.Wrap(v, accBits)
		if sum != v {
			u.Wraps++
		}
		if mask>>i&1 == 1 {
			data[i&15] = n.narrow(sum)
		}
	}
	u.keep(&n)
}

// narrower shifts, rounds and saturates to 16 bits and collects the statistics of a group. It has no branch that depends on
// data: signs and clips are random to the simulating machine.
type narrower struct {
	left, right uint
	half        int64 // 2^(right-1)
	sat, max    uint32
}

func newNarrower(shift int) (n narrower) {
	if shift > 0 {
		n.right, n.half = uint(shift), 1<<(shift-1)
	} else {
		n.left = uint(-shift)
	}
	return n
}

func (n *narrower) narrow(sum int64) int16 {
	if n.left > 0 { // saturates all the same beyond 2^16, and the shifted value fits for any AccBits
		sum = min(max(sum, -1<<16), 1<<16) << (n.left & 15)
	}
	sign := sum >> 63
	v := ((((sum ^ sign) - sign + n.half) >> (n.right & 63)) ^ sign) - sign // the magnitude is rounded
	clipped := min(max(v, -1<<15), 1<<15-1)
	if clipped != v {
		n.sat++
	}
	n.max = max(n.max, uint32(max(clipped, -clipped)))
	return int16(clipped)
}

// keep adds the statistics of a group to the status registers.
func (u *Unit) keep(n *narrower) {
	u.Sat += n.sat
	u.Max = max(u.Max, n.max)
}

// rectify is the ReLU, then the dropout of the lanes whose bit of keep is 0. It returns the mask bits.
func rectify(data *port.Group, keep uint16) (mask uint16) {
	for i, v := range data {
		v = max(v, 0) & -int16(keep>>i&1)
		mask |= uint16(-v) >> 15 << i // the sign of -v: v is not 0
		data[i] = v
	}
	return mask
}

// mix is the hash of docs/arithmetic.md section 5: a bijection of 32-bit words.
func mix(x uint32) uint32 {
	x = (x ^ x>>16) * 0x7feb352d
	x = (x ^ x>>15) * 0x846ca68b
	return x ^ x>>16
}
