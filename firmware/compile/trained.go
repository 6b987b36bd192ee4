package compile

import "math"

// Trained returns W_i and b_i as numbers in the order of Spec.W and Spec.B, b nil for a layer without bias. mem is external
// memory from address 0.
func (p *Plan) Trained(mem []byte, i int) (w, b []float64) {
	l := &p.Layers[i]
	place := make([]float64, l.WeightCount())
	for k := range place {
		place[k] = float64(k + 1)
	}
	w = make([]float64, len(place))
	chip := p.Weights(mem, i)
	for at, k := range l.chipWeights(place) { // 0: a padded channel, which the description does not have
		if k > 0 {
			w[int(k)-1] = math.Ldexp(float64(chip[at]), -l.Fw)
		}
	}
	if l.Bias {
		for _, v := range p.Biases(mem, i) {
			b = append(b, math.Ldexp(float64(v), -l.foIn(p)-l.Fw))
		}
	}
	return w, b
}

// Norm is a trained batch normalisation: scale, shift, and running mean and variance of each channel.
type Norm struct{ Scale, Shift, Mean, Var []float64 }

// TrainedNorm returns the batch normalisation of layer i as numbers (docs/arithmetic.md section 8).
func (p *Plan) TrainedNorm(mem []byte, i int) (n Norm) {
	l := &p.Layers[i]
	for _, r := range p.Records(mem, i) {
		n.Scale = append(n.Scale, math.Ldexp(float64(r.Gamma), -20))
		n.Shift = append(n.Shift, math.Ldexp(float64(r.Beta), -26))
		n.Mean = append(n.Mean, math.Ldexp(float64(r.RM), -l.Fz-8))
		n.Var = append(n.Var, math.Ldexp(float64(r.RV), -2*l.Fz-16))
	}
	return n
}
