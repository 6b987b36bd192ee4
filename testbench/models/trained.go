package models

import (
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net/onnx"
)

// What the chip's batch normalisation has, docs/arithmetic.md section 8; ONNX counts the part of the old statistics that
// stays.
const (
	ChipEpsilon = 1e-5
	ChipStays   = 0.9
)

// Trained is a network with the parameters that external memory has, as a file can hold it. Numbers are rounded to
// float32, since few readers of ONNX know convolutions of doubles; weights have 16 bits and are exact, biases up to 24.
func Trained(p *compile.Plan, mem []byte) *onnx.Model {
	m := &onnx.Model{Net: p.Spec().Net}
	for i := 1; i < len(p.Layers); i++ {
		w, b := p.Trained(mem, i)
		m.W, m.B = append(m.W, single(w)), append(m.B, single(b))
		if p.Layers[i].BN {
			n := p.TrainedNorm(mem, i)
			m.BN = append(m.BN, onnx.Norm{Scale: single(n.Scale), Shift: single(n.Shift), Mean: single(n.Mean), Var: single(n.Var), Epsilon: ChipEpsilon, Momentum: ChipStays})
		}
	}
	return m
}

func single(v []float64) []float64 {
	for k := range v {
		v[k] = float64(float32(v[k]))
	}
	return v
}
