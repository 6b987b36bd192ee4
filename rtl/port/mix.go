package port

// MixBegin and MixEnd are the halves of the hash of docs/arithmetic.md section 5, a bijection of
// 32-bit words, each with a multiplication.
func MixBegin(x uint32) uint32 { return (x ^ x>>16) * 0x7feb352d }

// MixEnd is the second half.
func MixEnd(x uint32) uint32 {
	x = (x ^ x>>15) * 0x846ca68b
	return x ^ x>>16
}
