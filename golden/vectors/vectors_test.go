package vectors_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/golden/vectors"
)

func TestEveryFileHasItsArrays(t *testing.T) {
	names := vectors.Names()
	require.Len(t, names, 52)
	for _, name := range names {
		f, err := vectors.Load(name)
		require.NoError(t, err)
		require.NotEmpty(t, f.Arrays(), name)
		for _, a := range f.Arrays() {
			shape, err := f.Shape(a)
			require.NoError(t, err)
			want := 1
			for _, n := range shape {
				want *= n
			}
			require.Equal(t, want, elements(t, f, a), "%s: %s", name, a)
		}
	}
}

// elements counts an array's elements through the getter of its type.
func elements(t *testing.T, f *vectors.File, array string) int {
	t.Helper()
	if v, err := vectors.Array[float64](f, array); err == nil {
		return len(v)
	}
	if v, err := vectors.Array[int64](f, array); err == nil {
		return len(v)
	}
	if v, err := vectors.Array[int32](f, array); err == nil {
		return len(v)
	}
	if v, err := vectors.Array[int16](f, array); err == nil {
		return len(v)
	}
	if v, err := vectors.Array[uint16](f, array); err == nil {
		return len(v)
	}
	v, err := vectors.Array[uint8](f, array)
	require.NoError(t, err)
	return len(v)
}

// The expected values follow from README.md's formulas, worked by hand.
func TestKnownValues(t *testing.T) {
	f, err := vectors.Load("round_shift3")
	require.NoError(t, err)
	v, err := vectors.Array[int64](f, "v")
	require.NoError(t, err)
	require.Equal(t, []int64{-40, -39}, v[:2])
	away, err := vectors.Array[int64](f, "away")
	require.NoError(t, err)
	require.Equal(t, int64(-1), away[36]) // -4/8 is half: away from zero
	even, err := vectors.Array[int64](f, "even")
	require.NoError(t, err)
	require.Equal(t, int64(0), even[36])
	shape, err := f.Shape("stoch")
	require.NoError(t, err)
	require.Equal(t, []int{8, 81}, shape)

	f, err = vectors.Load("lfsr")
	require.NoError(t, err)
	bits, err := vectors.Array[uint8](f, "n16_taps_16_15_13_4_seedACE1")
	require.NoError(t, err)
	require.Len(t, bits, 256)
	require.Equal(t, []uint8{1, 0, 0, 0, 0, 1, 1, 1}, bits[:8]) // 0xE1 from its LSB

	f, err = vectors.Load("fixed_step")
	require.NoError(t, err)
	rnd, err := vectors.Array[uint16](f, "rnd")
	require.NoError(t, err)
	for _, w := range rnd {
		require.Less(t, w, uint16(1<<15))
	}
	g, err := vectors.Array[int32](f, "g")
	require.NoError(t, err)
	require.Len(t, g, 8*24)
}

func TestErrorsNameThePlace(t *testing.T) {
	_, err := vectors.Load("nothing")
	require.ErrorContains(t, err, `no file "nothing"`)
	f, err := vectors.Load("bdfa_adder")
	require.NoError(t, err)
	_, err = vectors.Array[int16](f, "q")
	require.ErrorContains(t, err, `bdfa_adder: no array "q", have acc bits e`)
	_, err = vectors.Array[float64](f, "e")
	require.ErrorContains(t, err, "array e: []float64: npy: types don't match")
	_, err = f.Shape("q")
	require.Error(t, err)
}
