package track

import (
	"fmt"

	"bdfasim/firmware/net"
	"bdfasim/golden"
	"bdfasim/sim/track/feature"
)

// Float is a head of the float model.
type Float struct {
	rule   Rule
	s      Settings
	hidden []feature.Layer // initial weights; none: drawn
	net    *golden.Network
	x      []float64
}

// NewFloat makes a head that learns by a rule. hidden are initial weights of its two hidden layers,
// none to draw them.
func NewFloat(rule Rule, s Settings, hidden []feature.Layer) *Float {
	return &Float{rule: rule, s: s, hidden: hidden}
}

// head is MDNet's: 4608-512-512-2, with dropout before the last two layers.
func head(dropout float64) (*net.Net, error) {
	n, err := net.Preset("mdnet-head")
	if err != nil {
		return nil, err
	}
	var layers []net.Layer
	for _, l := range n.Layers {
		if layers = append(layers, l); l.Type == net.ReLU && dropout > 0 {
			layers = append(layers, net.Layer{Type: net.Dropout, Rate: dropout})
		}
	}
	n.Layers = layers
	return n, n.Infer()
}

// Reset implements Learner.
func (f *Float) Reset(seed uint64) error {
	d, err := head(f.s.Dropout)
	if err != nil {
		return err
	}
	cfg := golden.NetConfig{Rule: f.rule.kind, Feedback: golden.Feedback(f.rule.feedback),
		Init: golden.Init(f.rule.init), Momentum: f.s.Momentum, Decay: f.s.Decay, Seed: seed, Workers: 1}
	if f.rule.feedback != "" {
		cfg.Scale = golden.Pow2
	}
	if f.net, err = golden.Build(d, cfg); err != nil {
		return err
	}
	for i, h := range f.hidden {
		l := f.net.Layers[i+1]
		copy(l.W.Data, h.W)
		copy(l.B, h.B)
	}
	if f.rule.init == string(golden.ConcordantInit) && len(f.hidden) > 0 {
		return fmt.Errorf("rule %s: got initial weights of a file, want drawn ones: these would not "+
			"agree with the signs", f.rule.Name)
	}
	return f.net.ResetFeedback()
}

// Learns implements Learner.
func (f *Float) Learns() bool { return f.rule.Learns() }

// Step implements Learner. The model has one rate; the last layer moves on by the rest of its own.
func (f *Float) Step(samples [][]byte, classes []int, rate float64) error {
	hidden := float64(rate * f.rule.rate)
	if _, err := f.net.Step(f.load(samples), classes, hidden); err != nil || !f.Learns() {
		return err
	}
	more := float64(rate*f.s.TopRate) - hidden
	top := f.net.Layers[f.net.L]
	for k, v := range top.V.Data {
		top.W.Data[k] -= float64(more * v)
	}
	for k, v := range top.VB {
		top.B[k] -= float64(more * v)
	}
	return nil
}

// Scores implements Learner.
func (f *Float) Scores(samples [][]byte) ([]float64, error) {
	const part = 256 // at a time, which bounds the memory
	out := make([]float64, 0, len(samples))
	for ; len(samples) > 0; samples = samples[min(part, len(samples)):] {
		logits, err := f.net.Forward(f.load(samples[:min(part, len(samples))]))
		if err != nil {
			return nil, err
		}
		for r := range logits.Rows {
			out = append(out, logits.At(r, 1))
		}
	}
	return out, nil
}

// load makes numbers of bytes.
func (f *Float) load(samples [][]byte) []float64 {
	if n := len(samples) * feature.Size; cap(f.x) < n {
		f.x = make([]float64, n)
	}
	f.x = f.x[:len(samples)*feature.Size]
	for k, s := range samples {
		row := f.x[k*feature.Size:][:feature.Size]
		for i, b := range s {
			row[i] = float64(b) * feature.Unit
		}
	}
	return f.x
}
