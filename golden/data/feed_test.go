package data_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"bdfasim/golden/data"
)

// The variant must be one of those that the options allow, whatever the draw.
func TestVariantIsAFlippedCrop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := data.Augment{Flip: rapid.Bool().Draw(t, "flip"), Pad: rapid.IntRange(0, 3).Draw(t, "pad")}
		channels, rows, cols := rapid.IntRange(1, 3).Draw(t, "channels"), rapid.IntRange(1, 5).Draw(t, "rows"), rapid.IntRange(1, 5).Draw(t, "cols")
		src := rapid.SliceOfN(rapid.Byte(), channels*rows*cols, channels*rows*cols).Draw(t, "image")
		seed, epoch, index := rapid.Uint64().Draw(t, "seed"), rapid.Uint64().Draw(t, "epoch"), rapid.Uint64().Draw(t, "index")
		got, again := make([]byte, len(src)), make([]byte, len(src))
		a.Apply(got, src, channels, rows, cols, seed, epoch, index)
		a.Apply(again, src, channels, rows, cols, seed, epoch, index)
		require.Equal(t, got, again)
		for down := -a.Pad; down <= a.Pad; down++ {
			for right := -a.Pad; right <= a.Pad; right++ {
				want := crop(src, channels, rows, cols, down, right)
				if slices.Equal(got, want) || a.Flip && slices.Equal(got, crop(mirror(src, cols), channels, rows, cols, down, right)) {
					return
				}
			}
		}
		require.Fail(t, "not a variant", "%v of %v", got, src)
	})
}

func crop(src []byte, channels, rows, cols, down, right int) []byte {
	out := make([]byte, len(src))
	for k := range out {
		c, r, q := k/(rows*cols), k/cols%rows+down, k%cols+right
		if r >= 0 && r < rows && q >= 0 && q < cols {
			out[k] = src[(c*rows+r)*cols+q]
		}
	}
	return out
}

func mirror(src []byte, cols int) []byte {
	out := slices.Clone(src)
	for row := range slices.Chunk(out, cols) {
		slices.Reverse(row)
	}
	return out
}

// All variants come, equally often: 2 x 9 of them, each 1,000 times in the
// mean; five standard deviations are 160.
func TestVariantsAreUniform(t *testing.T) {
	src := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}
	count := map[string]int{}
	dst := make([]byte, 9)
	for k := range 18000 {
		data.Augment{Flip: true, Pad: 1}.Apply(dst, src, 1, 3, 3, 1, uint64(k%10), uint64(k/10))
		count[string(dst)]++
	}
	require.Len(t, count, 18)
	for _, n := range count {
		require.InDelta(t, 1000, n, 160)
	}
}

// Variants are part of every result: this one may not change.
func TestVariantStays(t *testing.T) {
	dst := make([]byte, 9)
	data.Augment{Flip: true, Pad: 1}.Apply(dst, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 3, 3, 1, 2, 4)
	require.Equal(t, []byte{6, 5, 4, 9, 8, 7, 0, 0, 0}, dst)
}

func TestScalingGivesMeanZeroDeviationOne(t *testing.T) {
	s := data.Set{Name: "s", N: 5, Shape: data.Shape{Channels: 3, Rows: 2, Cols: 2}, Classes: 2, Labels: make([]uint8, 5)}
	for k := range s.N * s.Size() {
		p := byte(k * 37)
		if k/4%3 == 2 {
			p = 9 // the third channel is constant
		}
		s.Images = append(s.Images, p)
	}
	f := data.Feed{Set: s, Scaling: s.Statistics()}
	x := make([]float64, s.N*s.Size())
	require.NoError(t, f.Batch(0, []int{0, 1, 2, 3, 4}, x, make([]int, 5)))
	for c := range 3 {
		var v []float64
		for k := range s.N {
			v = append(v, x[k*12+c*4:k*12+c*4+4]...)
		}
		mean, sd := stat.PopMeanStdDev(v, nil)
		require.InDelta(t, 0, mean, 1e-14)
		if c < 2 {
			require.InDelta(t, 1, sd, 1e-14)
		} else {
			require.Zero(t, sd)
		}
	}
	f.Scaling.SD = f.Scaling.SD[:2]
	require.ErrorContains(t, f.Batch(0, nil, nil, nil), "scaling: got 3 means and 2 deviations, want none or 3")
}

func TestFeedAugmentsByEpochAndImage(t *testing.T) {
	train, _, err := data.Embedded()
	require.NoError(t, err)
	take := func(f *data.Feed, epoch uint64, order ...int) []float64 {
		x := make([]float64, len(order)*784)
		require.NoError(t, f.Batch(epoch, order, x, make([]int, len(order))))
		return x
	}
	f := &data.Feed{Set: train, Augment: data.Augment{Flip: true, Pad: 4}, Seed: 1}
	first := take(f, 1, 5, 6)
	require.Equal(t, first[784:], take(f, 1, 6), "order does not matter")
	require.NotEqual(t, first, take(f, 2, 5, 6))
	require.NotEqual(t, first, take(&data.Feed{Set: train, Augment: f.Augment, Seed: 2}, 1, 5, 6))
	require.NotEqual(t, first, take(&data.Feed{Set: train}, 1, 5, 6))
	require.False(t, math.IsNaN(first[0]))
}
