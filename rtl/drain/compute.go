package drain

import (
	"bdfasim/isa/fixed"
	"bdfasim/rtl/port"
)

// narrow shifts right, or left, rounds and saturates to 16 bits. It also returns 1 if the value was
// clipped, else 0. It has no branch that depends on data: signs and clips are random to the
// simulating machine.
func narrow(sum int64, shift int) (value int16, clipped uint16) {
	if shift < 0 { // saturates all the same beyond 2^16, and fits for any AccBits
		sum, shift = min(max(sum, -1<<16), 1<<16)<<(-shift&15), 0
	}
	v := fixed.Away(sum, shift)
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
