package golden

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
)

// near demands |got - want| <= atol + rtol |want| of every element.
func near(t require.TestingT, want, got []float64, rtol, atol float64, what string) {
	require.Len(t, got, len(want), what)
	for k, w := range want {
		if !(math.Abs(got[k]-w) <= atol+rtol*math.Abs(w)) {
			require.Failf(t, "far", "%s[%d]: got %.17g, want %.17g (rtol %g, atol %g)", what, k, got[k], w, rtol, atol)
		}
	}
}

// vectorFile reads arrays of one golden file and remembers which were asked
// for, so that a test can prove that it looked at all.
type vectorFile struct {
	t    *testing.T
	f    *npzFile
	seen map[string]bool
}

func openVectors(t *testing.T, name string) vectorFile {
	f, err := loadVectors(name)
	require.NoError(t, err)
	return vectorFile{t: t, f: f, seen: map[string]bool{}}
}

func (v vectorFile) floats(name string) []float64 {
	v.seen[name] = true
	x, err := arrayOf[float64](v.f, name)
	require.NoError(v.t, err)
	return x
}

func (v vectorFile) labels(name string) []int {
	v.seen[name] = true
	x, err := arrayOf[int64](v.f, name)
	require.NoError(v.t, err)
	y := make([]int, len(x))
	for k := range x {
		y[k] = int(x[k])
	}
	return y
}

func (v vectorFile) mat(name string) Mat {
	shape, err := v.f.Shape(name)
	require.NoError(v.t, err)
	require.Len(v.t, shape, 2, name)
	return Mat{Rows: shape[0], Cols: shape[1], Data: v.floats(name)}
}

func (v vectorFile) allSeen() {
	for _, a := range v.f.Arrays() {
		require.True(v.t, v.seen[a], "array %s was not compared", a)
	}
}

const (
	stepR, stepA = 1e-12, 1e-13 // one step
	longR, longA = 1e-9, 1e-9   // fifty steps
	unitR, unitA = 1e-12, 1e-12 // single layers
)

func TestMLPVectors(t *testing.T) {
	count := 0
	for _, name := range vectorNames() {
		if strings.HasPrefix(name, "mlp_") {
			count++
			t.Run(name, func(t *testing.T) { checkMLP(t, name) })
		}
	}
	require.Equal(t, 21, count)
}

// vectorNet builds the network of a file: rule and feedback from its name,
// weights, biases and feedback matrices from its arrays.
func vectorNet(t *testing.T, name string, v vectorFile) *Network {
	part := strings.SplitN(name, "_", 3) // mlp, activation, rule
	rule, kind, _ := strings.Cut(part[2], "_")
	cfg := NetConfig{Rule: rule, Momentum: v.floats("mu")[0], Decay: v.floats("wd")[0]}
	act := net.LayerType(part[1])
	if act == "identity" {
		act = identity
	}
	switch {
	case kind == "eq7":
		cfg.Feedback = Eq7
	case kind == "eq9":
		cfg.Feedback, cfg.Scale = Eq9, Pow2
	case rule == "fa":
		cfg.Feedback, cfg.Given = Given, []Mat{{}, v.mat("R1"), v.mat("R2"), v.mat("R3")}
	case rule == "dfa":
		cfg.Feedback, cfg.Given = Given, []Mat{v.mat("D0"), v.mat("D1"), v.mat("D2")}
	case rule == "bdfa":
		cfg.Feedback, cfg.Scale = Given, Pow2
		cfg.Given = Signs([]Mat{v.mat("D0"), v.mat("D1"), v.mat("D2")})
	}
	m := build(t, mlp(t, act, 12, 10, 8, 5), cfg)
	for i := 1; i <= m.L; i++ {
		m.Layers[i].W = v.mat(fmt.Sprintf("W%d", i))
		m.Layers[i].B = v.floats(fmt.Sprintf("b%d", i))
	}
	require.NoError(t, m.ResetFeedback())
	return m
}

func checkMLP(t *testing.T, name string) {
	v := openVectors(t, name)
	m := vectorNet(t, name, v)
	x, y := v.floats("x"), v.labels("y")
	checkFeedback(t, m, v)

	s, err := m.Gradients(x, y)
	require.NoError(t, err)
	near(t, v.floats("loss"), []float64{s.Loss}, stepR, stepA, "loss")
	near(t, v.floats("logits"), m.Layers[m.L].a, stepR, stepA, "logits")
	for i := 0; i <= m.L; i++ {
		checkLayer(t, m, v, i, float64(len(y)))
	}

	var losses []float64
	for step := 1; step <= 50; step++ {
		lr := v.floats("lr")[0]
		if step > 40 {
			lr *= 0.1
		}
		s, err := m.Step(x, y, lr)
		require.NoError(t, err)
		losses = append(losses, s.Loss)
		if step == 1 {
			checkParameters(t, m, v, "t1_", stepR, stepA)
		}
	}
	checkParameters(t, m, v, "t50_", longR, longA)
	near(t, v.floats("losses"), losses, longR, longA, "losses")
	v.allSeen()
}

// checkFeedback compares D and S; rules without D leave Eq. 7's in the file,
// and all files hold FA's R.
func checkFeedback(t *testing.T, m *Network, v vectorFile) {
	d := m.D
	if d == nil {
		d = Product(matrices(m, weightsOf))
	}
	for i, product := range Product(matrices(m, weightsOf)) {
		near(t, v.mat(fmt.Sprintf("D%d", i)).Data, d[i].Data, stepR, stepA, fmt.Sprintf("D%d", i))
		require.Equal(t, v.floats("scale")[i], FeedbackScale(Pow2, product))
		r := v.mat(fmt.Sprintf("R%d", i+1))
		require.True(t, r.is(m.Layers[i+1].W.Rows, m.Layers[i+1].W.Cols))
	}
}

// checkLayer compares one layer's pass; the files' e_i hold 1/batch.
func checkLayer(t *testing.T, m *Network, v vectorFile, i int, batch float64) {
	check := func(letter string, got []float64) {
		array := fmt.Sprintf("%s%d", letter, i)
		near(t, v.floats(array), got, stepR, stepA, array)
	}
	e := errorsOf(t, m, i)
	for k := range e.Data {
		e.Data[k] /= batch
	}
	check("e", e.Data)
	if i == 0 {
		return
	}
	l := m.Layers[i]
	check("a", l.a)
	check("gW", l.G.Data)
	check("gb", l.GB)
	if i < m.L {
		check("o", l.o)
	}
}

func checkParameters(t *testing.T, m *Network, v vectorFile, prefix string, rtol, atol float64) {
	for i := 1; i <= m.L; i++ {
		l := m.Layers[i]
		for array, got := range map[string][]float64{"W": l.W.Data, "b": l.B, "VW": l.V.Data, "Vb": l.VB} {
			array = fmt.Sprintf("%s%s%d", prefix, array, i)
			near(t, v.floats(array), got, rtol, atol, array)
		}
	}
}

func TestLinearVector(t *testing.T) {
	v := openVectors(t, "linear")
	x, w, b, gy := v.mat("x"), v.mat("w"), v.floats("b"), v.mat("gy")
	n := build(t, mlp(t, net.ReLU, w.Cols, w.Rows), NetConfig{Rule: "bp"})
	l := n.Layers[1]
	l.W, l.B = w, b
	y, err := n.Forward(x.Data)
	require.NoError(t, err)
	near(t, v.floats("y"), y.Data, unitR, unitA, "y")
	l.e = gy.Data
	gx := NewMat(x.Rows, x.Cols)
	l.kind.through(n, l, w, gx.Data)
	near(t, v.floats("g_x"), gx.Data, unitR, unitA, "g_x")
	l.kind.gradient(n, l)
	near(t, v.floats("g_w"), l.G.Data, unitR, unitA, "g_w")
	near(t, v.floats("g_b"), l.GB, unitR, unitA, "g_b")
	v.allSeen()
}

func TestActivationVectors(t *testing.T) {
	for _, name := range []net.LayerType{net.ReLU, net.Tanh, net.Sigmoid} {
		v := openVectors(t, "act_"+string(name))
		x, gy := v.floats("x"), v.floats("gy")
		y := make([]float64, len(x))
		activations[name].f(x, y)
		activations[name].df(x, y, gy)
		near(t, v.floats("y"), y, unitR, unitA, "y")
		near(t, v.floats("g_x"), gy, unitR, unitA, "g_x")
		v.allSeen()
	}
}

func TestSoftmaxVector(t *testing.T) {
	v := openVectors(t, "softmax_ce")
	logits := v.mat("x")
	e := NewMat(logits.Rows, logits.Cols)
	s := softmaxCrossEntropy(logits, v.labels("y"), e)
	near(t, v.floats("loss"), []float64{s.Loss}, unitR, unitA, "loss")
	for k := range e.Data {
		e.Data[k] /= float64(logits.Rows)
	}
	near(t, v.floats("g"), e.Data, unitR, unitA, "g")
	v.allSeen()
}

func TestAlignVector(t *testing.T) {
	v := openVectors(t, "align")
	a, b := v.mat("a"), v.mat("b")
	rows := cosines(a, b)
	near(t, v.floats("cos_rows"), rows, unitR, unitA, "cos_rows")
	for k, want := range v.floats("angle_rows") {
		require.InEpsilon(t, want, angle(rows[k]), unitR)
	}
	flat := Cosine(a.Data, b.Data)
	near(t, v.floats("cos_flat"), []float64{flat}, unitR, unitA, "cos_flat")
	near(t, v.floats("angle_flat"), []float64{angle(flat)}, unitR, unitA, "angle_flat")
	near(t, v.floats("norm_ratio"), []float64{normRatio(a.Data, b.Data)}, unitR, unitA, "norm_ratio")
	v.allSeen()
}
