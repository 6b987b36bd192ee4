package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/golden/data"
)

// quarter is pixel (y, x) of picture k in testdata: a bright quarter tells the class, k % 4.
func quarter(k, y, x int) byte {
	if class := k % 4; (class < 2) == (y < 4) && (class%2 == 1) == (x < 4) {
		return byte(150 + (k*31+y*17+x*7)%100)
	}
	return byte((k*13 + y + x) % 40)
}

// TestFormsAgree: one set of 32 and 8 images in each form; of the folder the images lie by class.
func TestFormsAgree(t *testing.T) {
	idx, err := data.Open("testdata/idx", data.Shape{})
	require.NoError(t, err)
	npz, err := data.Open("testdata/quarters.npz", data.Shape{})
	require.NoError(t, err)
	pictures, err := data.Open("testdata/quarters", data.Shape{})
	require.NoError(t, err)
	require.Empty(t, idx.Notes)
	require.Equal(t, []string{"x_train: N,H,W,C, f32 up to 0.9765, times 255 and rounded"}, npz.Notes)
	require.Equal(t, []string{"classes: 0 north-east, 1 north-west, 2 south-east, 3 south-west"}, pictures.Notes)
	for _, part := range []struct {
		first int
		sets  [3]data.Set
	}{{0, [3]data.Set{idx.Train, npz.Train, pictures.Train}}, {32, [3]data.Set{idx.Test, npz.Test, pictures.Test}}} {
		n := part.sets[0].N
		for form, s := range part.sets {
			require.Equal(t, []int{n, 4, 64}, []int{s.N, s.Classes, s.Size()})
			for at := range n {
				k := part.first + at
				if form == 2 {
					k = part.first + at%(n/4)*4 + at/(n/4)
				}
				require.Equal(t, uint8(k%4), s.Labels[at])
				for p, v := range s.Image(at) {
					require.Equal(t, quarter(k, p/8, p%8), v)
				}
			}
		}
	}
}
