//go:build amd64 && !purego

package tree

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/cpu"
)

// implementations names every way to compute Tree on this processor.
func implementations() map[string]func(*[Errors]int16, *[Neurons]uint16, *[Neurons]int32) {
	all := map[string]func(*[Errors]int16, *[Neurons]uint16, *[Neurons]int32){"go": TreeGo}
	if cpu.X86.HasAVX2 {
		all["avx2"] = func(e *[Errors]int16, sign *[Neurons]uint16, out *[Neurons]int32) {
			treeAVX2(&e[0], &sign[0], &out[0])
		}
	}
	return all
}

// TestWithoutAVX2 shows that Tree is right on processors without AVX2, too.
func TestWithoutAVX2(t *testing.T) {
	before := simd
	defer func() { simd = before }()
	e, sign := [Errors]int16{5, 3}, [Neurons]uint16{1}
	for _, on := range []bool{false, cpu.X86.HasAVX2} {
		simd = on
		var out [Neurons]int32
		Tree(&e, &sign, &out)
		require.Equal(t, naive(e, sign), out)
	}
}
