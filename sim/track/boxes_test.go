package track

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"

	"bdfasim/sim/track/sequence"
)

// field is a picture of 320 x 240 with a target in it.
var (
	field  = &sequence.Sequence{Name: "field", Width: 320, Height: 240}
	target = sequence.Box{X: 130, Y: 90, W: 40, H: 60}
)

// The numbers of samples and their overlaps are those of the protocol.
func TestSamples(t *testing.T) {
	s := MDNet()
	rng := rand.New(rand.NewPCG(1, 1))
	good := positives(field, rng, target, s.First)
	require.Len(t, good, 500)
	for _, b := range good {
		require.GreaterOrEqual(t, b.Overlap(target), 0.7)
	}
	bad := negatives(field, rng, target, s.First, true)
	require.Len(t, bad, 5000)
	far := 0
	for _, b := range bad {
		require.LessOrEqual(t, b.Overlap(target), 0.5)
		if b.Distance(target) > 80 {
			far++
		}
	}
	require.Greater(t, far, 500, "half of them are anywhere")
	require.Len(t, positives(field, rng, target, s.Later), 50)
	for _, b := range negatives(field, rng, target, s.Later, false) {
		require.LessOrEqual(t, b.Overlap(target), 0.3)
		x, y := b.Center()
		require.LessOrEqual(t, math.Abs(x-150), 100., "two mean edges of 50")
		require.LessOrEqual(t, math.Abs(y-120), 100.)
	}
}

// Candidates are Gaussian: at most 0.6 mean edges away, half of that one deviation, sizes within 1.05.
func TestCandidates(t *testing.T) {
	s := MDNet()
	rng := rand.New(rand.NewPCG(2, 2))
	search := around(field, s.Move, s.Grow)
	var dx []float64
	for _, b := range search.draw(rng, target, 4000, 0, 1) {
		x, y := b.Center()
		require.LessOrEqual(t, math.Abs(x-150), 30.001)
		require.LessOrEqual(t, math.Abs(y-120), 30.001)
		require.InDelta(t, 1.5, b.H/b.W, 1e-3, "the shape stays")
		require.InDelta(t, 1, b.W/40, 0.051)
		dx = append(dx, x-150)
	}
	mean, sd := stat.MeanStdDev(dx, nil)
	require.InDelta(t, 0, mean, 1)
	require.InDelta(t, 15*0.959, sd, 0.6, "cut at two deviations")
}

// Boxes stay on the picture with their centers, and between 10 pixels and the picture less 10.
func TestBoxesStay(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	wild := around(field, 20, 30)
	for _, b := range wild.draw(rng, target, 2000, 0, 1) {
		x, y := b.Center()
		require.True(t, x > -0.01 && x < 320.01 && y > -0.01 && y < 240.01)
		require.True(t, b.W >= 10 && b.W <= 310 && b.H >= 10 && b.H <= 230)
	}
	small := around(field, 0.1, 1.01)
	require.Empty(t, small.draw(rng, target, 5, 0, 0.2), "there are none: it gives up")
}

// A deck hands out every sample once before it begins again.
func TestDeck(t *testing.T) {
	d := &deck{samples: [][]byte{{0}, {1}, {2}}, rng: rand.New(rand.NewPCG(1, 2))}
	for range 3 {
		seen := map[byte]bool{}
		for _, s := range d.next(3) {
			seen[s[0]] = true
		}
		require.Len(t, seen, 3)
	}
	require.Len(t, d.next(7), 7)
}

func TestKept(t *testing.T) {
	k := kept{most: 2}
	for range 3 {
		k.add(make([]byte, 2*4608))
	}
	require.Len(t, k.last(1), 2)
	require.Len(t, k.last(9), 4, "two pictures are kept")
}
