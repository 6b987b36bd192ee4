// Package toggle counts the bits that change in the data paths of the arithmetic units, for the energy of what really moves. What
// it keeps is no part of the chip's state: a unit whose Config asks for no toggles has none of it.
package toggle

import "math/bits"

// Int16 is the number of bits in which two words of 16 bits differ.
func Int16(a, b int16) int { return bits.OnesCount16(uint16(a ^ b)) }

// Sum is the number of the low bits, so many, in which two sums differ. width is 1..64.
func Sum(a, b int64, width int) int { return bits.OnesCount64(uint64(a^b) << (64 - width)) }

// Tree is what the adders of a tree put out last, one fewer than it has operands, a power of two:
// those behind the operands first, the one at the root last.
type Tree []int64

// Add gives the tree new operands and returns how many bits change behind its adders. The sums of
// two operands have width bits; each level has one bit more than the one before.
func (t Tree) Add(operands []int64, width int) (n int) {
	below, at := operands, 0
	for len(below) > 1 {
		level := t[at : at+len(below)/2]
		for i := range level {
			sum := below[2*i] + below[2*i+1]
			n += Sum(level[i], sum, width)
			level[i] = sum
		}
		below, at, width = level, at+len(level), width+1
	}
	return n
}
