package qmodel

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestCounterBases(t *testing.T) {
	cfg := testConfig(BP, 784, 128, 64, 10)
	// half-blocks: 2*2*13 = 52, 2*1*2 = 4, 2*1*1 = 2, 16 registers each
	require.Equal(t, []uint32{0, 0, 832, 896, 928}, cfg.counterBases())
}

// The numbers come from a calculation by hand of mix, and of the register bit by bit.
func TestWordsOfTheFirstLane(t *testing.T) {
	words := make([]uint16, 64)
	randomWords(words, 64, 1, 7, 0)
	require.Equal(t, []uint16{0xa1e6, 0x948b, 0x366f, 0xb4a2}, []uint16{words[0], words[16], words[32], words[48]})
	require.Equal(t, []uint16{0xd3bb, 0xa7e3, 0x0e74, 0xbe2e}, []uint16{words[1], words[17], words[33], words[49]})
	randomWords(words, 64, 1, 0, 0) // mix(0) is 0, which the register may not hold
	require.Equal(t, uint16(0x79b9), words[0])
}

// Each word alone, by the formulas of section 5.
func TestWordsElementByElement(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {64, 64}, {10, 33}, {65, 97}, {70, 130}} {
		rows, cols := shape[0], shape[1]
		words := make([]uint16, rows*cols)
		randomWords(words, rows, cols, 99, 1234)
		kb := (cols + 63) / 64
		for j := range rows {
			for k := (j * 7) % 13; k < cols; k += 13 { // a sample of the columns keeps the test short
				h := ((j/64)*kb+k/64)*2 + (k%64)/32
				l := lfsr(start(99, uint32(1234+16*h+j%16)))
				for range 16 * ((k%32)*4 + (j%64)/16) {
					l.next()
				}
				var want uint16
				for bit := range 16 {
					want |= uint16(l.next()) << bit
				}
				require.Equal(t, want, words[j*cols+k], "%d x %d, element %d, %d", rows, cols, j, k)
			}
		}
	}
}

// unmix inverts mix: shifts by half a word or more undo themselves, 15 bits need a second helping, and odd factors have
// inverses modulo 2^32.
func unmix(x uint32) uint32 {
	x ^= x >> 16
	x *= inverse(0x846ca68b)
	x ^= x>>15 ^ x>>30
	x *= inverse(0x7feb352d)
	return x ^ x>>16
}

// inverse returns 1/a modulo 2^32 by Newton's iteration; each round doubles the correct low bits, from 3.
func inverse(a uint32) uint32 {
	x := a
	for range 4 {
		x *= 2 - a*x
	}
	return x
}

func TestStartsAreDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Uint32().Draw(t, "x")
		require.Equal(t, x, unmix(mix(x)), "a bijection")

		seed := rapid.Uint32().Draw(t, "seed")
		first := rapid.Uint32().Draw(t, "first")
		seen := map[uint32]bool{}
		for n := range uint32(300) { // counts are consecutive, across layers and steps
			s := start(seed, first+n)
			require.NotZero(t, s)
			require.False(t, seen[s])
			seen[s] = true
		}
	})
}

func TestWordsAreEvenlySpread(t *testing.T) {
	const rows, cols = 128, 256
	words := make([]uint16, rows*cols)
	randomWords(words, rows, cols, 3, 0)
	var sum float64
	for _, w := range words {
		sum += float64(w)
	}
	// mean 32767.5, standard error 65536 / sqrt(12 * 32768) = 104.5: four of them
	require.InDelta(t, 32767.5, sum/(rows*cols), 418)
}
