package qmodel

import (
	"fmt"
	"math/bits"
)

// LFSR is a Fibonacci linear-feedback shift register that shifts right: the output is the lowest bit, the feedback
// enters at the top (section 4).
type LFSR struct {
	state uint32
	taps  uint32 // the state bits whose parity is fed back
	width int
}

// NewLFSR returns a register of the given width (2..32 bits) with the given taps, in the notation (32, 22, 2, 1): tap t
// reads state bit width-t. The seed must be non-zero, as zero never leaves itself, and fit the width.
func NewLFSR(width int, taps []int, seed uint32) (*LFSR, error) {
	if width < 2 || width > 32 {
		return nil, fmt.Errorf("lfsr: width %d, want 2..32", width)
	}
	if seed == 0 || uint64(seed)>>width != 0 {
		return nil, fmt.Errorf("lfsr: seed %#x, want a non-zero number of %d bits", seed, width)
	}
	l := &LFSR{state: seed, width: width}
	for _, t := range taps {
		if t < 1 || t > width {
			return nil, fmt.Errorf("lfsr: tap %d, want 1..%d", t, width)
		}
		l.taps |= 1 << (width - t)
	}
	return l, nil
}

// Next returns the next output bit, 0 or 1.
func (l *LFSR) Next() uint32 {
	bit := l.state & 1
	fb := uint32(bits.OnesCount32(l.state&l.taps) & 1)
	l.state = l.state>>1 | fb<<(l.width-1)
	return bit
}

// chipLFSR is the generator of section 4, taps (32, 22, 2, 1), from a non-zero state.
func chipLFSR(seed uint32) LFSR {
	return LFSR{state: seed, taps: 1<<31 | 1<<30 | 1<<10 | 1, width: 32}
}

// leap16 advances a state of chipLFSR by 16 steps; the 16 bits put out on the way are the low half of s.
//
// As the state moves down, the k-th bit fed back is f[k] = s[k] ^ s[k+10] ^ s[k+30] ^ s[k+31], where s[32+i] is f[i]. So
// f[k] = u[k] ^ f[k-1] ^ f[k-2] with u made of old bits only: as power series over GF(2), f = u / (1+x+x^2) =
// u (1+x) / (1+x^3), and 1/(1+x^3) = (1+x^3)(1+x^6)(1+x^12) up to x^23.
func leap16(s uint32) uint32 {
	f := s ^ s>>10 ^ s>>30 ^ s>>31
	f ^= f << 1
	f ^= f << 3
	f ^= f << 6
	f ^= f << 12
	return s>>16 | f<<16
}
