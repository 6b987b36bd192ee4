package qmodel

// lfsr is the state of the generator of section 4, taps (32, 22, 2, 1), which is not zero.
type lfsr uint32

// next returns the next output bit, 0 or 1.
func (s *lfsr) next() uint32 {
	bit := uint32(*s & 1)
	*s = *s>>1 | (*s^*s>>10^*s>>30^*s>>31)<<31
	return bit
}

// leap16 advances an lfsr by 16 steps; the 16 bits put out on the way are the low half of s.
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
