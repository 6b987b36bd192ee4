// Package lfsr is the random number generator of the direct error propagation core. It generates
// the feedback signs on the chip, so that none is loaded from external memory.
//
//	seed --> [ s: 32 bit ] --n bits/cycle--> [ fill: up to 256 bit ] --complete--> [ Reg: 256 bit ]
//	            ^      |                                                                   |
//	            +-leap-+                                                                   +--> DEPC
//
// The generator is the Fibonacci LFSR x^32 + x^22 + x^2 + x + 1 of docs/arithmetic.md section 4. A
// leap advances it by n steps in one cycle, n being 4, 8 or 16: the n bits shifted out are the low
// ones of s, and the n feedback bits shifted in are
//
//	a  = (s ^ s>>10 ^ s>>30 ^ s>>31) mod 2^n
//	fb = (a ^ a<<1 ^ a<<3 ^ a<<4 ^ a<<6 ^ a<<7 ^ ...) mod 2^n         s' = s>>n | fb<<(32-n)
//
// because bit t of fb is s[t] ^ s[t+10] ^ fb[t-2] ^ fb[t-1], where fb[-2] and fb[-1] are s[30] and
// s[31], and 1/(1 + x + x^2) = 1 + x + x^3 + x^4 + x^6 + x^7 + ... = (1 + x)(1 + x^3)(1 + x^6)...
// modulo 2. A leap of 32 is two of 16. The last leap of a fill makes what is left of it.
//
// Ports (every In is another unit's register, as of the previous cycle; every Out is a register):
//
//	In.Start   restart: no fill is left, and the following fields are taken
//	In.Seed    initial s, not 0 (the DEPC checks)
//	In.Passes  fills per group of neurons, 1..256: one for every 16 classes
//	In.Bits    bits of a fill, 16..256 and a multiple of 16
//	In.Last    bits of the last fill of each group, likewise
//	In.Fills   number of fills; then the generator stops
//	In.Tag     the tag to count events under
//	In.Take    the consumer has copied Reg: set in a cycle in which it saw Full, seen here in the
//	           next one, gone from Full in the one after that; a consumer ignores Full in the cycle
//	           after its Take
//	Out.Full   Reg holds a fill
//	Out.Reg    bit i of the fill is bit i%64 of word i/64; bits beyond the fill are
//	           left from fills before
//	Out.Status Busy when it leaps or moves a fill, WaitOperand never, WaitDrain when both registers
//	           are full
//
// Timing, with L = ceil(Bits/n): Start seen in cycle 0, leaps in cycles 1..L, the last of which
// also moves the fill to Reg when Reg is free or being taken, whatever leaps in that cycle; Full is
// seen in cycle L + 1. A consumer that takes at once gets a fill every L cycles (32 for 256 bits, 8
// a cycle: 32 samples of a batch hide it). Start wins over a Take in the same cycle. Status is Busy
// in the cycle of Start, and in that of a Take even when nothing is left to do.
//
// Machine: lfsr.bits, n.
//
// Events: LFSRStep, one per leap. Registers are clocked: the fill (group fill) by what a leap makes
// of it, 8 bits at least; Reg, with the counters of fills (reg), when a fill moves or Start comes;
// what Start brings (begin) with Start; the LFSR and the flags (ActiveLFSR) in Busy cycles and when
// Status changes.
//
// Gate levels: 4 for a, 8 for the powers of a leap of 16, twice for one of 32, 3 for what is left:
// 35 with 8 of margin.
//
// Paper: section 5.2, the RNG of the direct error propagation core.
//
// Not modelled: nothing is left out; the generators for stochastic rounding belong to the momentum
// unit.
package lfsr
