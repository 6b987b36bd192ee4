package compile

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
)

// Initial values that do not fit are counted, and an image tells of them.
func TestClips(t *testing.T) {
	s := sample(t, parse(t, false, small), BP, "", 8, 20)
	_, p := built(t, s)
	require.Empty(t, p.Spec().Clipped)
	s.W[3][5], s.W[3][6], s.W[3][7] = 20, -9.5, 7.9998
	s.B = make([][]float64, 5)
	s.B[4] = []float64{1, 5000, -3, 0, 2047}
	s.Norm = make([]Norm, 5)
	s.Norm[1].Scale, s.Norm[1].Shift = make([]float64, 20), make([]float64, 20)
	s.Norm[1].Shift[3] = -33
	img, p := built(t, s)
	want := []Clip{
		{"conv1", "shifts", 1, 20, -33, -32, 31.999999985098839},
		{"fc1", "weights", 2, 44800, 20, -8, 7.999755859375},
		{"fc2", "biases", 1, 5, 5000, -2048, 2047.9999990463257},
	}
	require.Equal(t, want, p.Spec().Clipped)
	require.Equal(t, want, ClippedOf(img))
	require.Equal(t, "fc1: 2 of 44800 weights lie outside -8..7.99976, the furthest is 20", want[1].String())
	again, err := FromImage(img)
	require.NoError(t, err)
	require.Equal(t, p, again)
}

// Formats that fit hold the largest initial value twice, and no bit of theirs could be spared for it.
func TestFit(t *testing.T) {
	for _, c := range []struct{ weight, bias, feedback float64 }{
		{20, 0, 1}, {1, 0, 0.01}, {0.01, 0, 7}, {7.99, 0, 8}, {8, 1, 9}, {0.5, 5000, 1}, {-300, 90000, -20},
	} {
		s := sample(t, parse(t, false, small), DFA, "", 8, 20)
		feed(&s)
		s.Fit, s.B = true, make([][]float64, 5)
		s.B[3] = make([]float64, 40)
		for k := range s.W[3] {
			s.W[3][k] = 0
		}
		for k := range s.D[3] {
			s.D[3][k] = 0
		}
		s.W[3][2], s.B[3][1], s.D[3][4] = c.weight, c.bias, c.feedback
		img, p := built(t, s)
		require.Empty(t, p.Spec().Clipped)
		l := &p.Layers[3]
		room := func(x float64, frac, bits int) bool {
			_, less := firmware.Quantize(x, frac, bits)
			_, more := firmware.Quantize(-x, frac, bits)
			return !less && !more
		}
		fits := func(more int) bool {
			return room(2*max(c.weight, -c.weight, 0.5), l.Fw+more, 16) && room(2*c.bias, l.FoIn+l.Fw+more, 32)
		}
		require.True(t, fits(0), "%+v: %+v", c, l.Formats)
		require.False(t, fits(1), "%+v: %+v", c, l.Formats)
		require.True(t, room(2*c.feedback, l.Fb, 16), "%+v: %+v", c, l.Formats)
		_, err := FromImage(img)
		require.NoError(t, err)
		require.Equal(t, DefaultFormats().Fw, s.Layers[3].Fw, "the caller's layers stay as they are")
	}
}

// Shifts that no command carries bound the formats that fit chooses.
func TestFitWithinContracts(t *testing.T) {
	s := sample(t, parse(t, false, small), BP, "", 8, 20)
	s.Fit = true
	s.W[4][0] = 1e30
	_, p := built(t, s)
	require.Len(t, p.Spec().Clipped, 1)
	least := p.Layers[4].Fw
	s.Layers[4].Fw, s.Fit = least-1, false
	_, _, err := Build(s)
	require.ErrorContains(t, err, "layer fc2: shift of")
}
