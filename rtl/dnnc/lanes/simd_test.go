//go:build amd64 && !purego

package lanes

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var kernelNames = [...]string{plain: "go", avx2: "avx2", avx512: "avx512"}

// use makes Accumulate run kernel k and returns the function that ends this.
func use(k kernel) (restore func()) {
	before := active
	active = k
	return func() { active = before }
}

// implementations names every way to compute Accumulate on this processor.
func implementations() map[string]accumulator {
	all := map[string]accumulator{"twin": AccumulateGo}
	for _, k := range kernels() {
		all[kernelNames[k]] = func(acc []int64, w []int16, stride int, pairs []Pair) {
			defer use(k)()
			Accumulate(acc, w, stride, pairs)
		}
	}
	return all
}

func TestTheFastestIsTheDefault(t *testing.T) {
	list := kernels()
	require.Equal(t, list[len(list)-1], active)
}

func TestRunIsTheLongestThatFits(t *testing.T) {
	w, acc := noise(5, Step)
	require.Equal(t, 3, run(acc, w, Step, append(repeat(highest, 2), Pair{X: 1})), "65535 fits")
	require.Equal(t, 2, run(acc, w, Step, append(repeat(highest, 2), Pair{X: 2})), "65536 does not")
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.OneOf(rapid.Int16(), rapid.SampledFrom([]int16{lowest, highest, -1, 0, 1}), rapid.Int16Range(-1500, 1500))
		pairs := make([]Pair, rapid.IntRange(1, 80).Draw(t, "m"))
		for i := range pairs {
			pairs[i] = Pair{X: x.Draw(t, "x"), Row: uint16(i % rows)}
		}
		weight := func(m int) (sum int) {
			for _, p := range pairs[:m] {
				sum += max(int(p.X), -int(p.X))
			}
			return sum
		}
		m := run(acc, w, Step, pairs)
		require.Positive(t, m)
		require.LessOrEqual(t, weight(m), maxWeight)
		if m < len(pairs) {
			require.Greater(t, weight(m+1), maxWeight)
		}
		if slices.Contains(kernels(), avx2) {
			require.Equal(t, len(pairs) >= 8 && m == len(pairs), light(acc, w, Step, pairs))
			sum, rows := weighAVX2(&pairs[0].X, len(pairs))
			require.EqualValues(t, weight(len(pairs)), sum)
			want := uint32(0)
			for _, p := range pairs {
				want |= uint32(p.Row)
			}
			require.Equal(t, want, rows)
		}
	})
}

func BenchmarkAccumulateSIMD(b *testing.B) {
	for _, k := range kernels()[1:] {
		b.Run(kernelNames[k], func(b *testing.B) {
			defer use(k)()
			benchmark(b, Accumulate)
		})
	}
}
