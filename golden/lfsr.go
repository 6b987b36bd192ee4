package golden

// ShiftRegister emits feedback bits: 32 stages with taps 32, 22, 2, 1, a
// sequence of length 2^32 - 1, Fibonacci form, shifting right, its output the
// lowest bit. golden/vectors/lfsr.npz has its first bits.
type ShiftRegister struct{ state uint32 }

// NewShiftRegister starts at a seed; 0, which would stay 0, counts as 1.
func NewShiftRegister(seed uint32) *ShiftRegister { return &ShiftRegister{max(seed, 1)} }

// Next returns the next bit; feedback takes +1 for true.
func (r *ShiftRegister) Next() bool {
	s := r.state
	fresh := (s ^ s>>10 ^ s>>30 ^ s>>31) & 1
	r.state = s>>1 | fresh<<31
	return s&1 == 1
}
