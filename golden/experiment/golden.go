package experiment

import (
	"fmt"
	"math"
	"slices"

	"bdfasim/golden"
)

// NewNetwork is the Factory of the float model, for all networks and rules
// that package golden knows. A rule's hidden rate is applied here.
func NewNetwork(s Settings, shape Shape) (Trainer, error) {
	r := s.Rule
	described, err := s.Network.Describe(shape, r.FCBN)
	if err != nil {
		return nil, err
	}
	n, err := golden.Build(described, golden.NetConfig{
		Rule: r.Rule, Feedback: r.Feedback, Scale: r.Scale, Init: r.Init, Boundary: r.Boundary,
		Momentum: s.Momentum, Decay: s.Decay, Seed: s.Seed,
		Workers: 1, // runs share the cores, so that each needs one alone
	})
	if err != nil {
		return nil, err
	}
	t := &network{Network: n, hiddenRate: r.HiddenRate}
	last := n.Layers[n.L].Name
	for _, p := range n.Params() {
		if p.Velocity != nil && p.Name != last+".weight" && p.Name != last+".bias" {
			t.hidden = append(t.hidden, p)
		}
	}
	return t, nil
}

type network struct {
	*golden.Network
	hidden     []golden.Param // of all layers but the last
	hiddenRate float64        // multiplies their learning rate; 0 is 1
}

func (t *network) Step(x []float64, y []int, lr float64) (float64, int, error) {
	s, err := t.Network.Step(x, y, lr)
	if err == nil && t.hiddenRate != 0 {
		// The velocities do not depend on the rate, so the rest of a larger step
		// can follow the step itself.
		for _, p := range t.hidden {
			for k, v := range p.Velocity {
				p.Value[k] -= float64((t.hiddenRate - 1) * lr * v)
			}
		}
	}
	return s.Loss, s.Correct, err
}

func (t *network) Evaluate(x []float64, y []int, k int) (correct, correctK int, loss float64, err error) {
	logits, err := t.Forward(x)
	if err != nil {
		return 0, 0, 0, err
	}
	if logits.Rows != len(y) {
		return 0, 0, 0, fmt.Errorf("evaluate: got %d labels, want %d, one a sample", len(y), logits.Rows)
	}
	for i, label := range y {
		above := golden.Ahead(logits.Row(i), label)
		loss += nats(logits.Row(i), label)
		if above == 0 {
			correct++
		}
		if above < k {
			correctK++
		}
	}
	return correct, correctK, loss / float64(len(y)), nil
}

// nats returns the cross-entropy of a label.
func nats(logits []float64, label int) float64 {
	top, sum := slices.Max(logits), 0.0
	for _, v := range logits {
		sum += math.Exp(v - top)
	}
	return math.Log(sum) - (logits[label] - top)
}

func (t *network) Alignment(x []float64, y []int) ([]LayerAlignment, error) {
	layers, err := t.Network.Alignment(x, y)
	if err != nil {
		return nil, err
	}
	var out []LayerAlignment
	for i := 1; i <= t.L; i++ {
		a := layers[i]
		out = append(out, LayerAlignment{
			Layer:    t.Layers[i].Name,
			ErrorCos: Number(a.ErrorCos), ErrorSD: Number(a.ErrorSD),
			GradCos: Number(a.GradCos), NormRatio: Number(a.NormRatio),
		})
	}
	return out, nil
}
