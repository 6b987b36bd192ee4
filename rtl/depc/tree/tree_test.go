package tree

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// naive follows the definition, one sign at a time.
func naive(e [Errors]int16, sign [Neurons]uint16) (out [Neurons]int32) {
	for n := range out {
		for c := range e {
			if sign[n]&(1<<c) != 0 {
				out[n] += int32(e[c])
			} else {
				out[n] -= int32(e[c])
			}
		}
	}
	return out
}

// requireAll compares the twin and every kernel of this build with the definition.
func requireAll(t require.TestingT, e [Errors]int16, sign [Neurons]uint16) {
	want := naive(e, sign)
	for name, tree := range implementations() {
		out := [Neurons]int32{-1, 1, math.MinInt32} // the old contents must not matter
		eArg, signArg := e, sign
		tree(&eArg, &signArg, &out)
		require.Equal(t, want, out, "%s: e=%v sign=%04x", name, e, sign)
		require.Equal(t, e, eArg, name)
		require.Equal(t, sign, signArg, name)
	}
}

// TestEverySignRegister puts each of the 2^16 sign registers in some neuron, with errors that are different powers of
// two, so that each bit shows by itself, and with the extremes.
func TestEverySignRegister(t *testing.T) {
	var powers, lowest, highest [Errors]int16
	for c := range powers {
		powers[c] = int16(uint16(1) << c)
		lowest[c], highest[c] = math.MinInt16, math.MaxInt16
	}
	for name, tree := range implementations() {
		for base := 0; base < 1<<16; base += Neurons {
			var sign [Neurons]uint16
			for n := range sign {
				sign[n] = uint16(base + (n*7+base/Neurons)%Neurons)
			}
			for _, e := range [][Errors]int16{powers, lowest, highest} {
				var out [Neurons]int32
				tree(&e, &sign, &out)
				if want := naive(e, sign); want != out {
					require.Equal(t, want, out, "%s: e=%v sign=%04x", name, e, sign)
				}
			}
		}
	}
}

func TestExtremes(t *testing.T) {
	var e [Errors]int16
	for c := range e {
		e[c] = math.MinInt16
	}
	var out [Neurons]int32
	Tree(&e, &[Neurons]uint16{1: math.MaxUint16}, &out)
	require.EqualValues(t, 1<<19, out[0])
	require.EqualValues(t, -(1 << 19), out[1])
}

func TestRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Int16(), rapid.SampledFrom([]int16{math.MinInt16, math.MaxInt16, -1, 0, 1}))
		e := rapid.SliceOfN(value, Errors, Errors).Draw(t, "e")
		sign := rapid.SliceOfN(rapid.Uint16(), Neurons, Neurons).Draw(t, "sign")
		requireAll(t, [Errors]int16(e), [Neurons]uint16(sign))
	})
}

func TestTreeDoesNotAllocate(t *testing.T) {
	require.Zero(t, testing.AllocsPerRun(100, func() {
		var e [Errors]int16
		var sign [Neurons]uint16
		var out [Neurons]int32
		Tree(&e, &sign, &out)
		TreeGo(&e, &sign, &out)
	}))
}

func BenchmarkTree(b *testing.B) {
	var e [Errors]int16
	var sign [Neurons]uint16
	for i := range e {
		e[i], sign[i] = int16(i*977), uint16(i*31337)
	}
	var out [Neurons]int32
	for _, name := range []string{"avx2", "go"} {
		if tree, ok := implementations()[name]; ok {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					tree(&e, &sign, &out)
				}
			})
		}
	}
}

func ExampleTree() {
	e := [Errors]int16{100, -30, 7}
	var out [Neurons]int32
	Tree(&e, &[Neurons]uint16{0b111, 0b010, 0b000}, &out)
	fmt.Println(out[:3])
	// Output: [77 -137 -77]
}
