package testbench

import (
	"fmt"
	"math"

	"bdfasim/firmware"
	"bdfasim/golden"
	"bdfasim/golden/qmodel"
)

// FloatError sums up how far a kind of tensor lies from the float model, in units of its last place.
type FloatError struct {
	N     int
	Sum   float64 // of the absolute differences
	Max   float64
	Where string // of the largest
}

// Mean is the mean absolute difference.
func (e *FloatError) Mean() float64 { return e.Sum / float64(max(e.N, 1)) }

// newFloat returns a float network with the chip's feedback.
func newFloat(plan *firmware.Plan, q *qmodel.Model) (*golden.MLP, error) {
	sizes := plan.Sizes()
	h := &plan.Header
	cfg := golden.Config{
		Sizes: sizes, Rule: plan.Rule(), MeanOver: 32,
		Momentum: float64(h.Mu) / 65536, Decay: float64(h.Lambda) / 65536,
	}
	if plan.Rule() == firmware.BDFA {
		cfg.Feedback = golden.Given
		cfg.Given = GivenFeedback(q, sizes)
	}
	m, err := golden.New(cfg)
	if err != nil {
		return nil, err
	}
	if plan.Rule() == firmware.BDFA {
		top := len(sizes) - 1
		for i := 1; i < top; i++ {
			scale := math.Ldexp(1, -plan.FBShift(i))
			for k, b := range cfg.Given[i].Data {
				m.D[i].Data[k] = b * scale
			}
		}
	}
	return m, nil
}

// GivenFeedback turns the +-1 feedback of the fixed-point model into matrices D_i, N_L x N_i.
func GivenFeedback(q *qmodel.Model, sizes []int) []golden.Mat {
	top := len(sizes) - 1
	given := make([]golden.Mat, top)
	for i := 1; i < top; i++ {
		given[i] = golden.NewMat(sizes[top], sizes[i])
		for n, row := range q.FeedbackBits(i) {
			for c, b := range row {
				given[i].Data[c*sizes[i]+n] = float64(b)
			}
		}
	}
	return given
}

// floatStep computes forward, errors and gradients from the chip's present parameters, in float.
func (l *Lockstep) floatStep(x []uint8) error {
	f := l.Plan.Formats()
	for i := 1; i < len(l.Plan.Layers); i++ {
		scaleInto(l.Float.W[i].Data, l.Model.W[i], f.Fw[i])
		scaleInto(l.Float.V[i].Data, l.Model.V[i], f.Fv[i])
		scaleInto(l.Float.B[i], l.Model.B[i], f.Fo[i-1]+f.Fw[i])
	}
	l.inputs = l.inputs[:0]
	for _, p := range x {
		l.inputs = append(l.inputs, math.Ldexp(float64(p), -f.Fo[0]))
	}
	_, err := l.Float.Gradients(l.inputs, l.labels)
	return err
}

// floatUpdate returns W_i after the float update with the chip's rates.
func (l *Lockstep) floatUpdate(i int) []float64 {
	h := &l.Plan.Header
	mu, lambda := float64(h.Mu)/65536, float64(h.Lambda)/65536
	eta := float64(l.Plan.EtaAt(l.epoch, l.Model.Batch)) / 65536
	w := make([]float64, len(l.Float.W[i].Data))
	for k, old := range l.Float.W[i].Data {
		v := mu*l.Float.V[i].Data[k] + l.Float.G[i].Data[k] + lambda*old
		w[k] = old - eta*v
	}
	return w
}

func scaleInto[T int16 | int32](dst []float64, src []T, frac int) {
	for k, v := range src {
		dst[k] = math.Ldexp(float64(v), -frac)
	}
}

// float adds the differences of a tensor to the statistics of its kind.
func (l *Lockstep) float(kind string, layer int, got []int16, want []float64, frac int) {
	e := l.Errs[kind]
	if e == nil {
		e = &FloatError{}
		l.Errs[kind] = e
	}
	for i, g := range got {
		d := math.Abs(float64(g) - math.Ldexp(want[i], frac))
		e.Sum += d
		e.N++
		if d > e.Max {
			e.Max = d
			e.Where = fmt.Sprintf("step %d, layer %d, index %d", l.Steps-1, layer, i)
		}
	}
}

// sameSide returns the float errors of a hidden layer, with the chip's own value where the two models stand on different
// sides of the ReLU's corner: an activation within rounding of zero, whose f' no precision can tell. Those are counted.
func (l *Lockstep) sameSide(layer int, got []int16) []float64 {
	want := append([]float64(nil), l.Float.E[layer].Data...)
	fe := l.Plan.Formats().Fe[layer]
	for k := range want {
		if l.Model.Mask[layer][k] != (l.Float.O[layer].Data[k] > 0) {
			want[k] = math.Ldexp(float64(got[k]), -fe)
			l.Flips++
		}
	}
	return want
}
