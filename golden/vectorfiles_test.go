package golden

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryVectorFileHasItsArrays(t *testing.T) {
	names := vectorNames()
	require.Len(t, names, 52)
	for _, name := range names {
		f, err := loadVectors(name)
		require.NoError(t, err)
		require.NotEmpty(t, f.Arrays(), name)
		for _, a := range f.Arrays() {
			shape, err := f.Shape(a)
			require.NoError(t, err)
			want := 1
			for _, n := range shape {
				want *= n
			}
			require.Equal(t, want, elementsOf(t, f, a), "%s: %s", name, a)
		}
	}
}

// elementsOf counts an array's elements through the getter of its type.
func elementsOf(t *testing.T, f *npzFile, name string) int {
	t.Helper()
	if v, err := arrayOf[float64](f, name); err == nil {
		return len(v)
	}
	if v, err := arrayOf[int64](f, name); err == nil {
		return len(v)
	}
	if v, err := arrayOf[int32](f, name); err == nil {
		return len(v)
	}
	if v, err := arrayOf[int16](f, name); err == nil {
		return len(v)
	}
	if v, err := arrayOf[uint16](f, name); err == nil {
		return len(v)
	}
	v, err := arrayOf[uint8](f, name)
	require.NoError(t, err)
	return len(v)
}

// The expected values follow from README.md's formulas, worked by hand.
func TestKnownVectors(t *testing.T) {
	f, err := loadVectors("round_shift3")
	require.NoError(t, err)
	v, err := arrayOf[int64](f, "v")
	require.NoError(t, err)
	require.Equal(t, []int64{-40, -39}, v[:2])
	away, err := arrayOf[int64](f, "away")
	require.NoError(t, err)
	require.Equal(t, int64(-1), away[36]) // -4/8 is half: away from zero
	even, err := arrayOf[int64](f, "even")
	require.NoError(t, err)
	require.Equal(t, int64(0), even[36])
	shape, err := f.Shape("stoch")
	require.NoError(t, err)
	require.Equal(t, []int{8, 81}, shape)

	f, err = loadVectors("lfsr")
	require.NoError(t, err)
	bits, err := arrayOf[uint8](f, "n16_taps_16_15_13_4_seedACE1")
	require.NoError(t, err)
	require.Len(t, bits, 256)
	require.Equal(t, []uint8{1, 0, 0, 0, 0, 1, 1, 1}, bits[:8]) // 0xE1 from its LSB

	f, err = loadVectors("fixed_step")
	require.NoError(t, err)
	rnd, err := arrayOf[uint16](f, "rnd")
	require.NoError(t, err)
	for _, w := range rnd {
		require.Less(t, w, uint16(1<<15))
	}
	g, err := arrayOf[int32](f, "g")
	require.NoError(t, err)
	require.Len(t, g, 8*24)
}

func TestVectorErrorsNameThePlace(t *testing.T) {
	_, err := loadVectors("nothing")
	require.ErrorContains(t, err, `no file "nothing"`)
	f, err := loadVectors("bdfa_adder")
	require.NoError(t, err)
	_, err = arrayOf[int16](f, "q")
	require.ErrorContains(t, err, `bdfa_adder: no array "q", have acc bits e`)
	_, err = arrayOf[float64](f, "e")
	require.ErrorContains(t, err, "array e: []float64: npy: types don't match")
	_, err = f.Shape("q")
	require.Error(t, err)
}
