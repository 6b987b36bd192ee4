package golden

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const netR, netA = 1e-11, 1e-12 // networks with batch norm

// set replaces a parameter of a network by an array of a file.
func set(t *testing.T, n *Network, name string, value []float64) {
	p, err := n.Param(name)
	require.NoError(t, err)
	require.Len(t, value, len(p.Value), name)
	copy(p.Value, value)
}

func param(t *testing.T, n *Network, name string) Param {
	p, err := n.Param(name)
	require.NoError(t, err)
	return p
}

// perBatchMean divides errors as the files hold them.
func perBatchMean(t *testing.T, m Mat, err error) []float64 {
	require.NoError(t, err)
	for k := range m.Data {
		m.Data[k] /= float64(m.Rows)
	}
	return m.Data
}

// scaleFeedback makes signs the files' feedback, a quarter of them.
func scaleFeedback(n *Network) {
	for _, d := range n.D {
		for k := range d.Data {
			d.Data[k] *= 0.25
		}
	}
}

func TestDropoutVectors(t *testing.T) {
	for _, rule := range []string{"bp", "bdfa_eq9"} {
		v := openVectors(t, "fcbn_drop_"+rule)
		cfg := NetConfig{Rule: "bp"}
		if rule != "bp" {
			cfg = NetConfig{Rule: "bdfa", Feedback: Eq9}
		}
		const block = ", bn, relu, dropout: {rate: 0.5}, "
		n := build(t, describe(t, "12", flow("fc: {out: 10}"+block+"fc: {out: 8}"+block+"fc: {out: 5}"), 5), cfg)
		for i := 1; i <= 3; i++ {
			set(t, n, fmt.Sprintf("fc%d.weight", i), v.floats(fmt.Sprintf("W%d", i)))
		}
		for i := 1; i <= 2; i++ {
			set(t, n, fmt.Sprintf("bn%d.gamma", i), v.floats(fmt.Sprintf("gam%d", i)))
			set(t, n, fmt.Sprintf("bn%d.beta", i), v.floats(fmt.Sprintf("bet%d", i)))
		}
		require.NoError(t, n.SetMasks([][]float64{v.floats("mask1"), v.floats("mask2")}))
		require.NoError(t, n.ResetFeedback())
		scaleFeedback(n)
		for i := range 3 {
			d := v.floats(fmt.Sprintf("D%d", i))
			if rule != "bp" {
				near(t, d, n.D[i].Data, netR, netA, "D")
			}
		}
		s, err := n.Gradients(v.floats("x"), v.labels("y"))
		require.NoError(t, err)
		near(t, v.floats("loss"), []float64{s.Loss}, netR, netA, "loss")
		near(t, v.floats("logits"), n.logits().Data, netR, netA, "logits")
		e0, err := n.Signal(0)
		near(t, v.floats("e0"), perBatchMean(t, e0, err), netR, netA, "e0")
		for i := 1; i <= 3; i++ {
			checkFC(t, n, v, i)
		}
		v.allSeen()
	}
}

func checkFC(t *testing.T, n *Network, v vectorFile, i int) {
	l := n.Layers[i]
	array := func(letters string) string { return fmt.Sprintf("%s%d", letters, i) }
	e, err := n.Errors(i)
	near(t, v.floats(array("e")), perBatchMean(t, e, err), netR, netA, array("e"))
	near(t, v.floats(array("a")), l.a, netR, netA, array("a"))
	near(t, v.floats(array("gW")), l.G.Data, netR, netA, array("gW"))
	near(t, v.floats(array("gb")), l.GB, netR, netA, array("gb"))
	if i < 3 {
		near(t, v.floats(array("o")), l.o, netR, netA, array("o"))
		near(t, v.floats(array("ggam")), param(t, n, array("bn")+".gamma").Grad, netR, netA, array("ggam"))
		near(t, v.floats(array("gbet")), param(t, n, array("bn")+".beta").Grad, netR, netA, array("gbet"))
	}
}

func TestCNNVectors(t *testing.T) {
	count := 0
	for _, name := range vectorNames() {
		if strings.HasPrefix(name, "cnn_") {
			count++
			t.Run(name, func(t *testing.T) { checkCNN(t, name) })
		}
	}
	require.Equal(t, 7, count)
}

// cnnParams pairs the files' names with the network's.
func cnnParams() map[string]string {
	p := map[string]string{}
	for i := 1; i <= 3; i++ {
		p[fmt.Sprintf("W%d", i)], p[fmt.Sprintf("b%d", i)] = fmt.Sprintf("fc%d.weight", i), fmt.Sprintf("fc%d.bias", i)
		if i < 3 {
			p[fmt.Sprintf("cw%d", i)] = fmt.Sprintf("conv%d.weight", i)
			p[fmt.Sprintf("gam%d", i)], p[fmt.Sprintf("bet%d", i)] = fmt.Sprintf("bn%d.gamma", i), fmt.Sprintf("bn%d.beta", i)
		}
	}
	return p
}

// cnnNet builds the network of a file at its initial weights.
func cnnNet(t *testing.T, name string, v vectorFile) *Network {
	cfg := NetConfig{Momentum: 0.9, Decay: 5e-4}
	given := func() []Mat { return []Mat{{}, {}, v.mat("D0"), v.mat("D1"), v.mat("D2")} }
	switch name {
	case "cnn_bp_bp":
		cfg.Rule = "bp"
	case "cnn_frozen_conv_only":
		cfg.Rule = "conv-only"
	case "cnn_dfa_rand_direct":
		cfg.Rule, cfg.Feedback, cfg.Given = "cdfa", Given, given()
	case "cnn_dfa_eq7_direct":
		cfg.Rule, cfg.Feedback = "cdfa", Eq7
	case "cnn_bdfa_rand_direct":
		cfg.Rule, cfg.Feedback, cfg.Given = "cbdfa", Given, Signs(given())
	case "cnn_bdfa_eq9_direct":
		cfg.Rule, cfg.Feedback = "cbdfa", Eq9
	case "cnn_bdfa_eq9_via_w1":
		cfg.Rule, cfg.Feedback, cfg.Boundary = "cbdfa", Eq9, ViaW1
	}
	const block = "conv: {out: 4, kernel: 3, pad: 1, bias: false}, bn, relu, "
	n := build(t, describe(t, "2x6x6", flow(block+block+"maxpool: {kernel: 2}, flatten, fc: {out: 8}, relu, fc: {out: 6}, relu, fc: {out: 5}"), 5), cfg)
	for array, name := range cnnParams() {
		set(t, n, name, v.floats("init_"+array))
	}
	require.NoError(t, n.ResetFeedback())
	if strings.Contains(name, "bdfa") {
		scaleFeedback(n)
	}
	for i := range n.D {
		if i >= 2 {
			near(t, v.floats(fmt.Sprintf("D%d", i-2)), n.D[i].Data, netR, netA, "D")
		}
	}
	return n
}

func checkCNN(t *testing.T, name string) {
	v := openVectors(t, name)
	n := cnnNet(t, name, v)
	x, y := v.floats("x"), v.labels("y")
	s, err := n.Gradients(x, y)
	require.NoError(t, err)
	near(t, v.floats("loss"), []float64{s.Loss}, netR, netA, "loss")
	near(t, v.floats("logits"), n.logits().Data, netR, netA, "logits")
	near(t, v.floats("z"), n.Layers[2].o, netR, netA, "z")
	ez, err := n.Signal(2)
	near(t, v.floats("ez"), perBatchMean(t, ez, err), netR, netA, "ez")
	for i := 1; i <= 3; i++ {
		e, err := n.Errors(2 + i)
		near(t, v.floats(fmt.Sprintf("e%d", i)), perBatchMean(t, e, err), netR, netA, "e")
	}
	for array, name := range cnnParams() {
		near(t, v.floats("g_"+array), param(t, n, name).Grad, netR, netA, "g_"+array)
	}
	for range 3 {
		_, err := n.Step(x, y, 0.05)
		require.NoError(t, err)
	}
	for array, name := range cnnParams() {
		near(t, v.floats("t3_"+array), param(t, n, name).Value, netR, netA, "t3_"+array)
	}
	for i := 1; i <= 2; i++ {
		near(t, v.floats(fmt.Sprintf("t3_rm%d", i)), param(t, n, fmt.Sprintf("bn%d.mean", i)).Value, netR, netA, "mean")
		near(t, v.floats(fmt.Sprintf("t3_rv%d", i)), param(t, n, fmt.Sprintf("bn%d.var", i)).Value, netR, netA, "var")
	}
	v.allSeen()
}
