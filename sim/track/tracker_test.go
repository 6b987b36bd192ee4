package track

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/sim/track/feature"
	"bdfasim/sim/track/sequence"
)

// counter is a head that counts, and calls a sample the target by its first byte.
type counter struct {
	batches [][]int // positives and negatives of each step
	rates   []float64
	hard    bool // all negatives had the highest scores of those that were looked at
	scored  [][]byte
	bias    float64
}

func (c *counter) Reset(uint64) error { c.hard = true; return nil }
func (c *counter) Learns() bool       { return true }

func (c *counter) Scores(samples [][]byte) (s []float64, err error) {
	c.scored = samples
	for _, f := range samples {
		s = append(s, float64(sum(f))+c.bias)
	}
	return s, nil
}

func (c *counter) Step(samples [][]byte, classes []int, rate float64) error {
	n := 0
	for i, k := range classes {
		if n += k; k == 1 {
			continue
		}
		above := 0
		for _, o := range c.scored {
			if sum(o) > sum(samples[i]) {
				above++
			}
		}
		c.hard = c.hard && above < len(classes)-n
	}
	c.batches, c.rates = append(c.batches, []int{n, len(classes) - n}), append(c.rates, rate)
	return nil
}

func sum(f []byte) (n int) {
	for _, b := range f {
		n += int(b)
	}
	return n
}

// small is a protocol that takes a moment.
func small() Settings {
	s := Reduced()
	s.Candidates, s.First.Positives, s.First.Negatives, s.First.Steps = 12, 16, 40, 4
	s.Later.Positives, s.Later.Negatives, s.Later.Steps, s.Every, s.Mined, s.Boxes = 4, 8, 2, 3, 32, 20
	return s
}

func prepared(t *testing.T, s Settings, pictures int) (*Start, *feature.Extractor, *sequence.Sequence) {
	t.Helper()
	q := sequence.Generate(sequence.Reference(), 3)
	q = q.Cut(pictures)
	m, err := feature.Default()
	require.NoError(t, err)
	x, err := m.Extractor()
	require.NoError(t, err)
	start, err := NewStart(q, s, x, 5)
	require.NoError(t, err)
	return start, x, q
}

// Rounds, batches, rates and mined negatives are those of the settings.
func TestProtocol(t *testing.T) {
	s := small()
	start, x, _ := prepared(t, s, 8)
	l := &counter{bias: 1} // always sure
	pictures := 0
	r, err := start.Run(context.Background(), x, l, 16, func() { pictures++ })
	require.NoError(t, err)
	require.Len(t, r.Boxes, 8)
	require.Equal(t, 8, pictures)
	require.Equal(t, 4+2*2, r.Steps, "the first picture, and pictures 3 and 6")
	for i, b := range l.batches {
		require.Equal(t, []int{4, 12}, b)
		require.Equal(t, map[bool]float64{true: 5e-4, false: 1e-3}[i < 4], l.rates[i])
	}
	require.True(t, l.hard, "negatives are not the hardest")

	lost := &counter{bias: -1e9} // never sure
	r, err = start.Run(context.Background(), x, lost, 16, func() {})
	require.NoError(t, err)
	require.Equal(t, 4+7*2, r.Steps, "each picture that it is not sure of")
}

// The same settings and seed give the same boxes, whatever ran before with the same start.
func TestRunsAreEqual(t *testing.T) {
	start, x, q := prepared(t, small(), 4)
	run := func(name string, batch int) *Result {
		rule, err := RuleOf(name)
		require.NoError(t, err)
		r, err := start.Run(context.Background(), x, NewFloat(rule, small(), nil), batch, func() {})
		require.NoError(t, err)
		require.Equal(t, q.Truth[0], r.Boxes[0])
		return r
	}
	first := run("bp", 16)
	other := run("bdfa", 8)
	require.Equal(t, first, run("bp", 16))
	require.NotEqual(t, first.Scores, other.Scores)
	require.Zero(t, run("none", 16).Steps)
}

func TestInterruptedRun(t *testing.T) {
	start, x, _ := prepared(t, small(), 3)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := start.Run(ctx, x, &counter{}, 16, cancel)
	require.ErrorIs(t, err, context.Canceled)
}

// A head learns to tell apart what is apart, by every rule that learns.
func TestRulesLearn(t *testing.T) {
	var samples [][]byte
	var classes []int
	for k := range 32 {
		f := make([]byte, feature.Size)
		for i := range f {
			f[i] = byte((i*7 + k*13) % 64)
			if i%2 == k%2 {
				f[i] += 60
			}
		}
		samples, classes = append(samples, f), append(classes, k%2)
	}
	for _, rule := range Rules {
		l := NewFloat(rule, MDNet(), nil)
		require.NoError(t, l.Reset(1))
		before, err := l.Scores(samples)
		require.NoError(t, err)
		for range 10 {
			require.NoError(t, l.Step(samples, classes, 5e-4))
		}
		after, err := l.Scores(samples)
		require.NoError(t, err)
		if !rule.Learns() {
			require.Equal(t, before, after)
			continue
		}
		for k := 1; k < 32; k += 2 {
			require.Greater(t, after[k], after[k-1], "%s, samples %d and %d", rule.Name, k, k-1)
		}
	}
}

// The last layer has ten times the rate of the others: its first move is ten times its velocity's.
func TestRateOfTheLastLayer(t *testing.T) {
	rule, err := RuleOf("bp")
	require.NoError(t, err)
	l := NewFloat(rule, MDNet(), nil)
	require.NoError(t, l.Reset(1))
	samples := [][]byte{make([]byte, feature.Size), make([]byte, feature.Size)}
	for i := range samples[0] {
		samples[0][i] = byte(i)
	}
	var before []float64
	for i := 1; i <= 3; i++ {
		before = append(before, l.net.Layers[i].W.Data[0])
	}
	require.NoError(t, l.Step(samples, []int{1, 0}, 1e-3))
	for i := 1; i <= 3; i++ {
		layer, rate := l.net.Layers[i], 1e-3
		if i == 3 {
			rate = 1e-2
		}
		require.InDelta(t, before[i-1]-rate*layer.V.Data[0], layer.W.Data[0], 1e-15)
	}
}

// Regression finds the shift that features tell.
func TestRegression(t *testing.T) {
	q := &sequence.Sequence{Width: 400, Height: 300}
	truth := sequence.Box{X: 100, Y: 100, W: 50, H: 50}
	var boxes []sequence.Box
	var features []byte
	tell := func(b sequence.Box) []byte {
		f := make([]byte, feature.Size)
		for i := range f {
			switch i % 3 {
			case 0:
				f[i] = byte(128 + 6*(b.X-truth.X))
			case 1:
				f[i] = byte(128 + 6*(b.Y-truth.Y))
			}
		}
		return f
	}
	for dx := -6.; dx <= 6; dx += 2 {
		for dy := -6.; dy <= 6; dy += 2 {
			b := sequence.Box{X: truth.X + dx, Y: truth.Y + dy, W: 50, H: 50}
			boxes, features = append(boxes, b), append(features, tell(b)...)
		}
	}
	r, err := fit(features, boxes, truth, 1)
	require.NoError(t, err)
	for _, b := range []sequence.Box{{X: 103, Y: 95, W: 50, H: 50}, {X: 97, Y: 101, W: 50, H: 50}} {
		got := r.apply(tell(b), b, q)
		require.InDelta(t, truth.X, got.X, 0.3)
		require.InDelta(t, truth.Y, got.Y, 0.3)
		require.InDelta(t, 50, got.W, 0.3)
	}
	r, err = fit(features, boxes[:5], truth, 1)
	require.NoError(t, err)
	require.Nil(t, r, "five boxes are too few")
}

// Initial weights of a file take the place of drawn ones, and feedback follows them.
func TestInitialWeights(t *testing.T) {
	rule, err := RuleOf("bdfa-eq9")
	require.NoError(t, err)
	drawn := NewFloat(rule, MDNet(), nil)
	require.NoError(t, drawn.Reset(1))
	hidden := []feature.Layer{{W: make([]float64, 512*feature.Size), B: make([]float64, 512)}, {W: make([]float64, 512*512)}}
	for i := range hidden[1].W {
		hidden[1].W[i] = -1
	}
	given := NewFloat(rule, MDNet(), hidden)
	require.NoError(t, given.Reset(1))
	require.Equal(t, -1., given.net.Layers[2].W.Data[77])
	require.Equal(t, drawn.net.Layers[3].W, given.net.Layers[3].W, "the last layer is drawn")
	require.NotEqual(t, drawn.net.D[1], given.net.D[1])

	rule, err = RuleOf("bdfa-concordant")
	require.NoError(t, err)
	require.ErrorContains(t, NewFloat(rule, MDNet(), hidden).Reset(1), "want drawn ones")
}
