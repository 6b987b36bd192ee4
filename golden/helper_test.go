package golden

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
	"bdfasim/golden/data"
)

// describe parses a network: "3x8x8" or "12", then layers in flow style.
func describe(t require.TestingT, input, layers string, classes int) *net.Net {
	in := "{size: " + input + "}"
	if p := strings.Split(input, "x"); len(p) == 3 {
		in = fmt.Sprintf("{channels: %s, height: %s, width: %s}", p[0], p[1], p[2])
	}
	n, err := net.Parse(fmt.Appendf(nil, "input: %s\nclasses: %d\nlayers: [%s]", in, classes, layers), "test")
	require.NoError(t, err)
	return n
}

func build(t require.TestingT, d *net.Net, cfg NetConfig) *Network {
	n, err := Build(d, cfg)
	require.NoError(t, err)
	return n
}

// everything is a small network with each kind of layer in it.
const everything = `conv: {out: 4, kernel: 3, pad: 1}, bn, tanh, avgpool: {kernel: 2}, dropout: {rate: 0.25},
  conv: {out: 5, kernel: 3, stride: 2, pad: 1, bias: false}, bn, relu, maxpool: {kernel: 2, stride: 1}, flatten,
  fc: {out: 9}, bn, sigmoid, dropout: {rate: 0.5}, fc: {out: 7, bias: false}, relu, fc: {out: 4}`

func everyLayer(t require.TestingT) *net.Net {
	return describe(t, "2x8x9", flow(everything), 4)
}

// flow puts braces around layers that have fields, as a YAML list wants them.
func flow(layers string) string {
	var out []string
	depth, from := 0, 0
	for i, c := range layers + "," {
		switch c {
		case '{':
			depth++
		case '}':
			depth--
		case ',':
			if depth > 0 {
				continue
			}
			l := strings.TrimSpace(layers[from:min(i, len(layers))])
			if strings.Contains(l, ":") {
				l = "{" + l + "}"
			}
			out, from = append(out, l), i+1
		}
	}
	return strings.Join(out, ", ")
}

// samples makes a random batch for a network.
func samples(seed uint64, d *net.Net, n int) (x []float64, y []int) {
	rng := rand.New(rand.NewPCG(seed, 98))
	for range n {
		for range d.Input.Size() {
			x = append(x, rng.NormFloat64())
		}
		y = append(y, rng.IntN(d.Classes))
	}
	return x, y
}

// snapshot copies every parameter and statistic.
func snapshot(n *Network) map[string][]float64 {
	all := map[string][]float64{}
	for _, p := range n.Params() {
		all[p.Name] = append([]float64(nil), p.Value...)
		all[p.Name+"'"] = append([]float64(nil), p.Grad...)
	}
	return all
}

// ruleConfigs is every rule that fits a network with convolutions, in every
// kind of feedback.
var ruleConfigs = []NetConfig{
	{Rule: "bp"}, {Rule: "fa"}, {Rule: "dfa-all"}, {Rule: "dfa-all", Scale: Pow2}, {Rule: "conv-only"},
	{Rule: "cdfa"}, {Rule: "cdfa", Scale: RMS}, {Rule: "cdfa", Feedback: Eq7}, {Rule: "cdfa", Feedback: Eq7, Boundary: ViaW1},
	{Rule: "cbdfa"}, {Rule: "cbdfa", Feedback: Eq9, Scale: Pow2}, {Rule: "cbdfa", Feedback: LFSR, Scale: Pow2, Init: ConcordantInit},
	{Rule: "usf", Scale: RMS}, {Rule: "brsf"}, {Rule: "frsf", Scale: Pow2},
	{Rule: "error-sign-dfa"}, {Rule: "drtp", Feedback: Eq7},
}

func (c NetConfig) String() string {
	return fmt.Sprint(c.Rule, " ", c.Feedback, " ", c.Scale, " ", c.Boundary)
}

// angle turns a cosine into degrees, 0..180.
func angle(cosine float64) float64 {
	return math.Acos(max(-1, min(1, cosine))) * (180 / math.Pi)
}

// Predict returns the class of each sample of x, the first of equal logits.
func (n *Network) Predict(x []float64) ([]int, error) {
	logits, err := n.Forward(x)
	if err != nil {
		return nil, err
	}
	y := make([]int, logits.Rows)
	for r := range y {
		y[r] = argmax(logits.Row(r))
	}
	return y, nil
}

// floatsOf is a whole set of images as a network takes it.
func floatsOf(t require.TestingT, s data.Set) (x []float64, y []int) {
	order := make([]int, s.N)
	for k := range order {
		order[k] = k
	}
	x, y = make([]float64, len(s.Images)), make([]int, s.N)
	require.NoError(t, s.Batch(order, x, y))
	return x, y
}
