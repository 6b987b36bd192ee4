package drain

import "bdfasim/rtl/port"

// narrower shifts, rounds and saturates to 16 bits. It has no branch that depends on data: signs
// and clips are random to the simulating machine.
type narrower struct {
	left, right uint
	half        int64 // 2^(right-1)
}

func newNarrower(shift int) (n narrower) {
	if shift > 0 {
		n.right, n.half = uint(shift), 1<<(shift-1)
	} else {
		n.left = uint(-shift)
	}
	return n
}

// narrow also returns 1 if the value was clipped, else 0.
func (n *narrower) narrow(sum int64) (value int16, clipped uint16) {
	if n.left > 0 { // saturates all the same beyond 2^16, and fits for any AccBits
		sum = min(max(sum, -1<<16), 1<<16) << (n.left & 15)
	}
	sign := sum >> 63
	v := ((((sum ^ sign) - sign + n.half) >> (n.right & 63)) ^ sign) - sign // of magnitudes
	fits := min(max(v, -1<<15), 1<<15-1)
	if fits != v {
		clipped = 1
	}
	return int16(fits), clipped
}

// rectify is the ReLU, then the dropout of the lanes whose bit of keep is 0. It returns the mask
// bits.
func rectify(data *port.Group, keep uint16) (mask uint16) {
	for i, v := range data {
		v = max(v, 0) & -int16(keep>>i&1)
		mask |= uint16(-v) >> 15 << i // the sign of -v: v is not 0
		data[i] = v
	}
	return mask
}

// mixBegin and mixEnd are the halves of the hash of docs/arithmetic.md section 5, a bijection of
// 32-bit words, each with a multiplication; of the second one the low half is taken.
func mixBegin(x uint32) uint32 { return (x ^ x>>16) * 0x7feb352d }

func mixEnd(x uint32) uint16 {
	x = (x ^ x>>15) * 0x846ca68b
	return uint16(x ^ x>>16)
}
