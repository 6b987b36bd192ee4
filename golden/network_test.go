package golden

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/firmware/net"
)

// Every rule, every kind of layer: one, two, three and seven workers give the
// same bits in every parameter, gradient and statistic.
func TestWorkersDoNotMatter(t *testing.T) {
	d := describe(t, "3x16x16", flow(`conv: {out: 40, kernel: 3, pad: 1}, bn, relu, maxpool: {kernel: 2},
		conv: {out: 24, kernel: 3, stride: 2}, bn, tanh, avgpool: {kernel: 3, stride: 1}, flatten, dropout: {rate: 0.3}, fc: {out: 90}, bn, relu, fc: {out: 11}`), 11)
	x, y := samples(1, d, 40)
	for _, cfg := range ruleConfigs {
		var want map[string][]float64
		for _, workers := range []int{1, 2, 3, 7} {
			cfg.Workers, cfg.Momentum, cfg.Decay, cfg.Seed = workers, 0.9, 1e-3, 5
			n := build(t, d, cfg)
			for range 2 {
				_, err := n.Step(x, y, 0.01)
				require.NoError(t, err)
			}
			if got := snapshot(n); want == nil {
				want = got
			} else {
				require.Equal(t, want, got, "%v, %d workers", cfg, workers)
			}
		}
	}
}

// Output is what the layer above multiplies.
func TestOutput(t *testing.T) {
	n := build(t, everyLayer(t), NetConfig{Rule: "bp", Seed: 3})
	_, err := n.Output(1)
	require.ErrorContains(t, err, "got no pass or no such layer, want 1..5")
	x, _ := samples(2, n.Net(), 3)
	logits, err := n.Forward(x)
	require.NoError(t, err)
	o, err := n.Output(n.L - 1)
	require.NoError(t, err)
	top := n.Layers[n.L]
	for r := range logits.Rows {
		for c := range logits.Cols {
			sum := top.B[c]
			for k, v := range o.Row(r) {
				sum += float64(v * top.W.At(c, k))
			}
			require.InDelta(t, logits.At(r, c), sum, 1e-12)
		}
	}
	_, err = n.Output(n.L + 1)
	require.Error(t, err)
}

func TestNetworkStepDoesNotAllocate(t *testing.T) {
	d := everyLayer(t)
	x, y := samples(1, d, 12)
	for _, cfg := range ruleConfigs {
		cfg.Workers, cfg.Momentum = 3, 0.9
		n := build(t, d, cfg)
		step := func() {
			if _, err := n.Step(x, y, 0.001); err != nil {
				panic(err)
			}
		}
		step()
		require.Zero(t, testing.AllocsPerRun(5, step), cfg)
	}
}

// BP's gradient of every parameter, a few elements each, is the slope of the
// loss. Max pooling and relu have kinks, but not within 1e-5 of these samples.
func TestNetworkAgainstFiniteDifferences(t *testing.T) {
	d := everyLayer(t)
	n := build(t, d, NetConfig{Rule: "bp", Seed: 3})
	x, y := samples(2, d, 6)
	_, err := n.Gradients(x, y)
	require.NoError(t, err)
	grads := snapshot(n)
	for _, p := range n.Params() {
		for k := 0; k < len(p.Grad); k += 1 + len(p.Grad)/5 {
			require.InDelta(t, lossSlope(t, n, x, y, &p.Value[k]), grads[p.Name+"'"][k], 2e-7, "%s[%d]", p.Name, k)
		}
	}
}

// lossSlope is the central difference of the loss along one parameter.
func lossSlope(t require.TestingT, n *Network, x []float64, y []int, p *float64) float64 {
	const h = 1e-5
	at, loss := *p, [2]float64{}
	for k, step := range []float64{h, -h} {
		*p = at + step
		s, err := n.Gradients(x, y)
		require.NoError(t, err)
		loss[k] = s.Loss
	}
	*p = at
	return (loss[0] - loss[1]) / (2 * h)
}

// The direct rules have no loss of their own; their local one is the product
// of the fixed signal and o_i, whose slope the layer's gradient must be.
func TestLocalGradientsAgainstFiniteDifferences(t *testing.T) {
	d := everyLayer(t)
	x, y := samples(2, d, 6)
	for _, rule := range []string{"fa", "dfa-all", "cdfa", "cbdfa", "usf", "error-sign-dfa", "drtp"} {
		n := build(t, d, NetConfig{Rule: rule, Seed: 4})
		_, err := n.Gradients(x, y)
		require.NoError(t, err)
		for i := 1; i < n.L; i++ {
			l := n.Layers[i]
			signal := make([]float64, n.batch*l.out.Size())
			n.rule.teach(n, i, signal)
			n.gradients() // of the errors as they are
			g := l.G.Clone().Data
			local := func() (s float64) {
				n.forward(x, n.batch, gradients)
				for k, v := range l.o {
					s += v * signal[k]
				}
				return s / float64(n.batch)
			}
			for k := 0; k < len(g); k += 1 + len(g)/4 {
				const h = 1e-5
				w := &l.W.Data[k]
				at := *w
				*w = at + h
				up := local()
				*w = at - h
				down := local()
				*w = at
				require.InDelta(t, (up-down)/(2*h), g[k], 2e-6*(1+math.Abs(g[k])), "%s, %s[%d]", rule, l.Name, k)
			}
			_, err := n.Gradients(x, y)
			require.NoError(t, err)
		}
	}
}

// Without functions between the FC layers, Eq. 7 is BP in every layer, the
// convolutions included.
func TestIdentityWithEq7IsBPInCNNs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := describe(t, "2x6x6", flow("conv: {out: 3, kernel: 3}, bn, relu, conv: {out: 4, kernel: 3, stride: 2}, flatten, fc: {out: 8}, fc: {out: 6}, fc: {out: 3}"), 3)
		seed := rapid.Uint64().Draw(t, "seed")
		x, y := samples(seed, d, 4)
		b, c := build(t, d, NetConfig{Rule: "bp", Seed: seed}), build(t, d, NetConfig{Rule: "cdfa", Feedback: Eq7, Seed: seed})
		for _, n := range []*Network{b, c} {
			_, err := n.Gradients(x, y)
			require.NoError(t, err)
		}
		for i := 1; i <= b.L; i++ {
			near(t, b.Layers[i].G.Data, c.Layers[i].G.Data, 1e-10, 1e-11, b.Layers[i].Name)
		}
	})
}

// What a rule leaves alone stays: feedback always, FC layers under conv-only.
func TestNetworkFeedbackStays(t *testing.T) {
	d := everyLayer(t)
	x, y := samples(1, d, 12)
	for _, cfg := range ruleConfigs {
		cfg.Seed = 6
		n := build(t, d, cfg)
		var before []Mat
		for _, m := range n.D {
			before = append(before, m.Clone())
		}
		old := snapshot(n)
		for range 5 {
			_, err := n.Step(x, y, 0.05)
			require.NoError(t, err)
		}
		for i, m := range n.D {
			require.Equal(t, before[i], m.Clone(), cfg)
		}
		fresh := snapshot(n)
		require.NotEqual(t, old["conv1.weight"], fresh["conv1.weight"], cfg)
		for _, name := range []string{"fc1.weight", "fc2.weight", "fc3.bias", "bn3.gamma"} {
			require.Equal(t, cfg.Rule == "conv-only", matEqual(Mat{Data: old[name]}, Mat{Data: fresh[name]}), "%v: %s", cfg, name)
		}
	}
}

// A rule that were silently BP, or sent nothing, would show here.
func TestNetworkRulesDifferFromBP(t *testing.T) {
	d := everyLayer(t)
	x, y := samples(1, d, 12)
	for _, cfg := range ruleConfigs {
		cfg.Seed = 7
		n := build(t, d, cfg)
		before := snapshot(n)
		a, err := n.Alignment(x, y)
		require.NoError(t, err)
		for name, v := range snapshot(n) {
			if name[len(name)-1] != '\'' {
				require.Equal(t, before[name], v, "alignment changed %s", name)
			}
		}
		require.InDelta(t, 1, a[n.L].ErrorCos, 1e-12)
		same := cfg.Rule == "bp" || cfg.Rule == "conv-only"
		for i := 1; i < n.L; i++ {
			if cfg.Feedback == Eq7 && i == n.L-1 && cfg.Rule == "cdfa" {
				require.InDelta(t, 1, a[i].GradCos, 1e-12, "Eq. 7 is BP one layer below the top")
				continue
			}
			require.Equal(t, same, a[i].GradCos > 1-1e-9, "%v: %s %v", cfg, n.Layers[i].Name, a[i])
			require.Greater(t, a[i].NormRatio, 1e-4)
		}
	}
}

func TestScaleScalesConvolutionsToo(t *testing.T) {
	d := everyLayer(t)
	x, y := samples(1, d, 12)
	g := map[Scale]*Network{}
	for _, s := range []Scale{One, Pow2} {
		g[s] = build(t, d, NetConfig{Rule: "cbdfa", Scale: s, Seed: 8})
		_, err := g[s].Gradients(x, y)
		require.NoError(t, err)
	}
	for i := 1; i <= g[One].L; i++ {
		s := 1.0
		if i < g[One].L {
			s = g[Pow2].S[max(i, 2)] // convolutions have that of the boundary
		}
		for k, v := range g[One].Layers[i].G.Data {
			require.Equal(t, s*v, g[Pow2].Layers[i].G.Data[k], g[One].Layers[i].Name)
		}
	}
}

// With concordant weights, Eq. 7's signs are the generator's bits, at the
// boundary to the convolutions as well.
func TestConcordantCNN(t *testing.T) {
	n := build(t, everyLayer(t), NetConfig{Rule: "cbdfa", Feedback: LFSR, Init: ConcordantInit, Seed: 9})
	bits := NewShiftRegister(9)
	product := Signs(n.products())
	for i := n.L - 1; i >= n.convs; i-- {
		for k, v := range product[i].Data {
			require.Equal(t, n.D[i].Data[k], v)
			require.Equal(t, bits.Next(), v > 0)
		}
	}
}

func TestEvaluationIsSeparate(t *testing.T) {
	d := everyLayer(t)
	n := build(t, d, NetConfig{Rule: "bp"})
	x, y := samples(1, d, 12)
	_, err := n.Step(x, y, 0.01)
	require.NoError(t, err)
	all, err := n.Forward(x)
	require.NoError(t, err)
	want := all.Clone()
	size := d.Input.Size()
	for s := range 12 { // running statistics and no dropout: samples do not see each other
		one, err := n.Forward(x[s*size : (s+1)*size])
		require.NoError(t, err)
		require.Equal(t, want.Row(s), one.Data)
	}
	accuracy, err := n.Accuracy(x, y)
	require.NoError(t, err)
	predicted, err := n.Predict(x)
	require.NoError(t, err)
	right := 0
	for s, c := range y {
		if predicted[s] == c {
			right++
		}
	}
	require.Equal(t, float64(right)/12, accuracy)
}

func TestAhead(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		logits      []float64
		class, want int
	}{
		{[]float64{1, 2, 3}, 2, 0}, {[]float64{1, 2, 3}, 0, 2},
		{[]float64{2, 2, 2}, 1, 1}, {[]float64{2, 2, 2}, 0, 0},
		{[]float64{1, 3, 3, 2}, 1, 0}, {[]float64{1, 3, 3, 2}, 2, 1}, {[]float64{1, 3, 3, 2}, 3, 2},
		{[]float64{nan, 2}, 1, 1}, {[]float64{2, nan}, 0, 1}, // a diverged network is never right
		{[]float64{nan, nan}, 0, 1}, {[]float64{nan, nan}, 1, 1},
	} {
		require.Equal(t, c.want, Ahead(c.logits, c.class), "%v", c)
	}
}

func TestDropoutDrawsItsRate(t *testing.T) {
	d := describe(t, "500", flow("dropout: {rate: 0.3}, fc: {out: 2}"), 2)
	n := build(t, d, NetConfig{Rule: "bp", Seed: 2})
	x, y := samples(1, d, 40)
	_, err := n.Step(x, y, 0)
	require.NoError(t, err)
	first := append([]float64(nil), n.dropouts[0].mask...)
	require.InDelta(t, 20000, sum(first), 300) // scaled up: the mean stays 1
	_, err = n.Step(x, y, 0)
	require.NoError(t, err)
	require.NotEqual(t, first, n.dropouts[0].mask)
}

func TestBadNetworkIsRefused(t *testing.T) {
	cnn := everyLayer(t)
	for want, cfg := range map[string]NetConfig{
		"rule dfa: got 2 convolutions, want none (cdfa has BP in them": {Rule: "dfa"},
		"rule bdfa: got 2 convolutions":                                {Rule: "bdfa"},
		`rule dfa-all: got feedback "eq7"`:                             {Rule: "dfa-all", Feedback: Eq7},
		`boundary: got "via-w1" for rule bp`:                           {Rule: "bp", Boundary: ViaW1},
		`boundary: got "w2"`:                                           {Rule: "cdfa", Boundary: "w2"},
		"workers: got -1":                                              {Rule: "bp", Workers: -1},
		"rule cdfa: given D_2: got 0 x 0":                              {Rule: "cdfa", Feedback: Given, Given: make([]Mat, 5)},
		"rule dfa-all: given D_1: got 0 x 0":                           {Rule: "dfa-all", Feedback: Given, Given: make([]Mat, 5)},
	} {
		_, err := Build(cnn, cfg)
		require.ErrorContains(t, err, want)
	}
	_, err := Build(&net.Net{Name: "x"}, NetConfig{Rule: "bp"})
	require.ErrorContains(t, err, "network x: input: got 0 x 0 x 0")
	_, err = Build(describe(t, "4", flow("bn, fc: {out: 2}"), 2), NetConfig{Rule: "bp"})
	require.ErrorContains(t, err, "layers[0]: got bn before any weights")
	n := build(t, cnn, NetConfig{Rule: "cdfa"})
	x, y := samples(1, cnn, 1)
	_, err = n.Step(x, y, 1)
	require.ErrorContains(t, err, "bn3: got a batch of one number a channel, want two")
	_, err = n.Errors(0)
	require.ErrorContains(t, err, "errors of layer 0")
	_, err = n.Param("fc9.weight")
	require.ErrorContains(t, err, `got "fc9.weight"`)
	require.ErrorContains(t, n.SetMasks(make([][]float64, 1)), "masks: got 1, want 2")
	require.ErrorContains(t, n.SetMasks([][]float64{{1}, {1}}), "mask 0: got 1 elements, want a multiple of")
	x, y = samples(1, cnn, 3)
	require.NoError(t, n.SetMasks([][]float64{make([]float64, 2*4*4*4), make([]float64, 2*9)}))
	_, err = n.Step(x, y, 1)
	require.ErrorContains(t, err, "mask 0: got 128 elements, want 192 for 3 samples")
	_, err = n.Step(x[:len(x)/3*2], y[:2], 1)
	require.NoError(t, err)
	require.NoError(t, n.SetMasks(nil))
	_, err = n.Step(x, y, 1)
	require.NoError(t, err)
}

// With via-w1 the boundary's D teaches nothing, so it need not be given.
func TestGivenFeedbackAtTheBoundary(t *testing.T) {
	d := everyLayer(t)
	given := []Mat{{}, {}, {}, NewMat(4, 9), NewMat(4, 7)}
	_, err := Build(d, NetConfig{Rule: "cdfa", Feedback: Given, Given: given})
	require.ErrorContains(t, err, "given D_2: got 0 x 0")
	n := build(t, d, NetConfig{Rule: "cdfa", Feedback: Given, Given: given, Boundary: ViaW1})
	x, y := samples(1, d, 3)
	_, err = n.Step(x, y, 0.1)
	require.NoError(t, err)
	require.Equal(t, len(d.Layers), len(n.Net().Layers))
}
