// Package lfsr is the random number generator of the direct error propagation core. It generates
// the feedback signs on the chip, so that none is loaded from external memory.
//
//	seed --> [ s: 32 bit ] --8 bits/cycle--> [ fill: up to 256 bit ] --complete--> [ Reg: 256 bit ]
//	            ^      |                                                                   |
//	            +-leap-+                                                                   +--> DEPC
//
// The generator is the Fibonacci LFSR x^32 + x^22 + x^2 + x + 1 of docs/arithmetic.md section 4. A
// leap advances it by 8 steps in one cycle: the 8 bits shifted out are the low 8 bits of s, and the
// 8 feedback bits shifted in are
//
//	a  = (s ^ s>>10 ^ s>>30 ^ s>>31) mod 2^8
//	fb = (a ^ a<<1 ^ a<<3 ^ a<<4 ^ a<<6 ^ a<<7) mod 2^8         s' = s>>8 | fb<<24
//
// because bit t of fb is s[t] ^ s[t+10] ^ fb[t-2] ^ fb[t-1], where fb[-2] and fb[-1] are s[30] and
// s[31], and 1/(1 + x + x^2) = 1 + x + x^3 + x^4 + x^6 + x^7 + ... modulo 2.
//
// Ports (every In is another unit's register, as of the previous cycle; every Out is a register):
//
//	In.Start   restart: everything is cleared and the following fields are taken
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
//	Out.Reg    bit i of the fill is bit i%64 of word i/64; bits beyond the fill are 0
//	Out.Status Busy when it leaps or moves a fill, WaitOperand never, WaitDrain when both registers
//	           are full
//
// Timing: Start seen in cycle 0, leaps in cycles 1..Bits/8, the last of which also moves the fill
// to Reg when Reg is free or being taken; Full is seen in cycle Bits/8 + 1. A consumer that takes
// at once gets a fill every Bits/8 cycles (32 for 256 bits: 32 samples of a batch hide it).
//
// Events: LFSRStep, one per leap. ActiveLFSR, one per Busy cycle (gated otherwise).
//
// Paper: section 5.2, the RNG of the direct error propagation core.
//
// Not modelled: nothing is left out; the generators for stochastic rounding belong to the momentum
// unit.
package lfsr
