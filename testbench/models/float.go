package models

import (
	"fmt"
	"math"
	"strings"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/firmware/net/onnx"
	"bdfasim/golden"
	"bdfasim/golden/qmodel"
)

// Options say how a network learns, for its float model and its program alike.
type Options struct {
	Rule        string      // a name that compile.RuleOf knows
	FromWeights bool        // feedback from the product of the initial weights: its signs (BDFA, Eq. 9, stored) or itself (DFA, Eq. 7)
	Init        golden.Init // of BDFA with generated signs; all others start from golden.He
	Momentum    float64
	Decay       float64
	Seed        uint32 // of weights, feedback, rounding
}

// HasFloat tells whether the float model knows a rule: all but BFA.
func HasFloat(rule string) bool { return rule != compile.BFA }

// Float draws the float model of a network: initial weights, the same for every rule, and the feedback that the chip has,
// scaled by powers of two. BFA, which has no float model, gets one that learns by BP: for its initial weights.
func Float(n *net.Net, o Options) (*golden.Network, error) {
	rule, err := compile.RuleOf(o.Rule)
	if err != nil {
		return nil, err
	}
	cfg := golden.NetConfig{Rule: rule, Momentum: o.Momentum, Decay: o.Decay, MeanOver: qmodel.SubBatch, Seed: uint64(o.Seed)}
	switch rule {
	case compile.BFA:
		cfg.Rule = compile.BP
	case compile.DFA:
		cfg.Feedback, cfg.Scale = golden.Random, golden.Pow2
		if o.FromWeights {
			cfg.Feedback, cfg.Scale = golden.Eq7, golden.One // a product has its own size
		}
	case compile.BDFA:
		cfg.Scale, cfg.Init = golden.Pow2, o.Init
		if cfg.Feedback = golden.Eq9; !o.FromWeights {
			cfg.Feedback = golden.Given
			if cfg.Given, err = generated(n, o.Seed); err != nil {
				return nil, err
			}
		}
	}
	if (rule == compile.DFA || rule == compile.BDFA) && n.Convs() > 0 {
		cfg.Rule = "c" + rule // back-propagation in the convolutions
	}
	return golden.Build(n, cfg)
}

// generated returns the signs that the chip's generator makes, as D_i of the float model: N_L x N_i.
func generated(n *net.Net, seed uint32) ([]golden.Mat, error) {
	layers, err := compile.Lower(n, compile.DefaultFormats())
	if err != nil {
		return nil, err
	}
	top := len(layers) - 1
	seeds := firmware.FeedbackSeeds(seed, top+1)
	d := make([]golden.Mat, top)
	for i := max(n.Convs(), 1); i < top; i++ {
		l := &layers[i]
		signs := qmodel.DrawSigns(seeds[i], l.ChipOutputs(), n.Classes)
		d[i] = golden.NewMat(n.Classes, l.Outputs())
		for k, at := range places(l) {
			for c := range n.Classes {
				d[i].Data[c*d[i].Cols+k] = float64(signs[at*n.Classes+c])
			}
		}
	}
	return d, nil
}

// places returns, for each value of o_i as the description has it (channel, row, column), its index in the chip's order:
// pixel after pixel, the channels of a pixel padded to 16.
func places(l *compile.Layer) []int {
	out := make([]int, l.Outputs())
	padded := l.ChipOutputs() / (l.H * l.W)
	for k := range out {
		c, px := k/(l.H*l.W), k%(l.H*l.W)
		out[k] = px*padded + c
	}
	return out
}

// Adopt replaces the initial values of a float model by those of an ONNX file, and derives feedback anew. The model was
// made from the file's network.
func Adopt(f *golden.Network, m *onnx.Model) error {
	w, norm := -1, -1
	for _, p := range f.Params() {
		var from []float64
		switch kind := p.Name[strings.IndexByte(p.Name, '.')+1:]; kind {
		case "weight":
			w++
			from = m.W[w]
		case "bias":
			from = m.B[w]
		case "gamma":
			norm++
			from = m.BN[norm].Scale
		case "beta":
			from = m.BN[norm].Shift
		case "mean":
			from = m.BN[norm].Mean
		case "var":
			from = m.BN[norm].Var
		}
		if len(from) != len(p.Value) {
			return fmt.Errorf("models: %s: got %d numbers, want %d", p.Name, len(from), len(p.Value))
		}
		copy(p.Value, from)
	}
	return f.ResetFeedback()
}

// Spec makes what compile.Build wants to know of a network from its float model: layers with their formats, initial values,
// feedback with its shifts, and the rates of the options. Images, epochs and batch are the caller's.
func Spec(f *golden.Network, o Options, formats compile.Formats) (compile.Spec, error) {
	layers, err := compile.Lower(f.Net(), formats)
	if err != nil {
		return compile.Spec{}, err
	}
	rule, err := compile.RuleOf(o.Rule)
	if err != nil {
		return compile.Spec{}, err
	}
	s := compile.Spec{
		Net: f.Net(), Layers: layers, Rule: rule, Feedback: firmware.LFSR, Mu: o.Momentum, Lambda: o.Decay, Seed: o.Seed,
		W: make([][]float64, f.L+1), B: make([][]float64, f.L+1), Norm: make([]compile.Norm, f.L+1),
	}
	for i := 1; i <= f.L; i++ {
		s.W[i], s.B[i] = f.Layers[i].W.Data, f.Layers[i].B
	}
	forNorms(f, func(i int, gamma, beta, mean, variance []float64) {
		s.Norm[i] = compile.Norm{Scale: gamma, Shift: beta, Mean: mean, Var: variance}
	})
	first := max(f.Net().Convs(), 1)
	switch rule {
	case compile.DFA:
		s.D = make([][]float64, f.L)
		for i := first; i < f.L; i++ {
			s.D[i] = f.D[i].Data
		}
	case compile.BDFA:
		for i := first; i < f.L; i++ {
			layers[i].FBShift = shift(f.S[i])
		}
		if o.FromWeights {
			s.Feedback, s.Signs = firmware.SRAM, make([][]int8, f.L)
			for i := first; i < f.L; i++ {
				s.Signs[i] = signs(&layers[i], f.D[i])
			}
		}
	case compile.BFA:
		if o.FromWeights {
			return s, fmt.Errorf("models: rule bfa: got feedback from the initial weights, want generated signs")
		}
		for i := first; i < f.L; i++ { // as large as the weights that the signs stand for
			layers[i].FBShift = shift(golden.FeedbackScale(golden.Pow2, f.Layers[i+1].W))
		}
	}
	return s, nil
}

// shift returns s of a scale 2^-s.
func shift(scale float64) int { return -int(math.Log2(scale)) }

// signs turns D_i (N_L x N_i as the description has it) into stored signs, N_i x N_L as the chip has N_i. Neurons of padded
// channels, which nobody reads, have +1.
func signs(l *compile.Layer, d golden.Mat) []int8 {
	out := make([]int8, l.ChipOutputs()*d.Rows)
	for k := range out {
		out[k] = 1
	}
	for k, at := range places(l) {
		for c := range d.Rows {
			if d.At(c, k) < 0 {
				out[at*d.Rows+c] = -1
			}
		}
	}
	return out
}

// forNorms visits the batch normalisations: the layer that they belong to, and their parameters and running statistics.
func forNorms(f *golden.Network, visit func(layer int, gamma, beta, mean, variance []float64)) {
	all := f.Params()
	layer := 0
	for k, p := range all {
		switch {
		case strings.HasSuffix(p.Name, ".weight"):
			layer++
		case strings.HasSuffix(p.Name, ".gamma"):
			visit(layer, p.Value, all[k+1].Value, all[k+2].Value, all[k+3].Value)
		}
	}
}

// Images returns a set of images, planes of channels, as a program takes them: pixel after pixel with the channels
// innermost, or as they are when the network takes a vector.
func Images(planes []byte, labels []uint8, input net.Shape) firmware.Set {
	out := firmware.Set{Images: planes, Labels: make([]uint16, len(labels))}
	for k, c := range labels {
		out.Labels[k] = uint16(c)
	}
	if input.Flat() || input.Channels == 1 {
		return out
	}
	out.Images = make([]byte, len(planes))
	size, plane := input.Size(), input.Height*input.Width
	for k := range labels {
		from, to := planes[k*size:(k+1)*size], out.Images[k*size:(k+1)*size]
		for c := range input.Channels {
			for px, v := range from[c*plane : (c+1)*plane] {
				to[px*input.Channels+c] = v
			}
		}
	}
	return out
}
