package track

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/sim/track/sequence"
)

// at is a box of 10 x 10 whose corner is moved to the right.
func at(x float64) sequence.Box { return sequence.Box{X: x, Y: 0, W: 10, H: 10} }

// By hand: overlaps 1, 1/3 (5 of 15), 0; distances 0, 5, 20.
func TestCurvesByHand(t *testing.T) {
	truth := []sequence.Box{at(0), at(0), at(0), {}}
	c := Evaluate([]sequence.Box{at(0), at(5), at(20), at(900)}, truth)
	require.Equal(t, 3, c.Counted, "the fourth truth is not known")

	for k, p := range c.Precision {
		want := 1. / 3
		if k >= 5 {
			want = 2. / 3
		}
		if k >= 20 {
			want = 1
		}
		require.Equal(t, want, p, "%d pixels", k)
	}
	require.Equal(t, 1., c.At20())
	for k, s := range c.Success {
		want := 1. / 3
		if k <= 6 { // 0 to 0.30; nothing is above 1
			want = 2. / 3
		}
		if k == 20 {
			want = 0
		}
		require.Equal(t, want, s, "overlap above %d/20", k)
	}
	require.InDelta(t, (7*2./3+13*1./3)/21, c.AUC(), 1e-15)
}

// Thresholds count as the benchmark's do: a distance at the threshold is near enough, an overlap at
// the threshold is not large enough. A perfect tracker has 20 of 21.
func TestThresholds(t *testing.T) {
	c := Evaluate([]sequence.Box{at(20)}, []sequence.Box{at(0)})
	require.Equal(t, 0., c.Precision[19])
	require.Equal(t, 1., c.Precision[20])
	half := sequence.Box{W: 10, H: 5}
	c = Evaluate([]sequence.Box{half}, []sequence.Box{at(0)})
	require.Equal(t, 1., c.Success[9])
	require.Equal(t, 0., c.Success[10])
	perfect := Evaluate([]sequence.Box{at(0)}, []sequence.Box{at(0)})
	require.InDelta(t, 20./21, perfect.AUC(), 1e-15)
	lost := Evaluate([]sequence.Box{at(0), {}}, []sequence.Box{at(0), at(3)})
	require.Equal(t, 1., lost.Precision[3], "a box without area is the one before")
	require.Equal(t, 0.5, lost.Precision[2])
}

func TestMeanCurves(t *testing.T) {
	a := Evaluate([]sequence.Box{at(0)}, []sequence.Box{at(0)})
	b := Evaluate([]sequence.Box{at(30), at(30)}, []sequence.Box{at(0), at(0)})
	m := MeanCurves([]Curves{a, b})
	require.Equal(t, 0.5, m.At20(), "runs count alike, however many pictures they have")
}

// Student's t of 4 pairs: mean 2, deviation sqrt(2/3), t 3.182.
func TestCompare(t *testing.T) {
	d := Compare([]float64{2, 3, 3, 4}, []float64{1, 1, 1, 1})
	require.Equal(t, 2., d.Mean)
	require.InDelta(t, 2-3.18245*0.8164966/2, d.Low, 1e-4)
	require.InDelta(t, 2+3.18245*0.8164966/2, d.High, 1e-4)
	require.Equal(t, Difference{Mean: 1, N: 1}, Compare([]float64{2}, []float64{1}))
}
