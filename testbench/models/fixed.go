// Package models makes the models that run beside a program: the fixed-point model with the integers that the image
// starts from, and specifications from float networks.
package models

import (
	"fmt"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/golden/qmodel"
	"bdfasim/isa/image"
)

// Fixed returns the fixed-point model of a program, in the state that its image starts with. accBits is the width of
// the chip's accumulators.
func Fixed(p *compile.Plan, img *image.Image, accBits int) (*qmodel.Model, error) {
	s := p.Spec()
	top := len(p.Layers) - 1
	cfg := qmodel.Config{
		AccBits: accBits, Rule: s.Rule, Mu: p.Header.Mu, Lambda: p.Header.Lambda, Seed: p.Header.Seed,
		F:     qmodel.Formats{Fo: make([]int, top+1), Fw: make([]int, top+1), Fe: make([]int, top+1), Fv: make([]int, top+1)},
		Batch: s.Batch, Scale: make([]uint32, top+1),
		NoBias: make([]bool, top+1), Drop: make([]bool, top+1), FB: make([]qmodel.Feedback, top),
	}
	cfg.F.Fo[0] = 8 // pixels, docs/arithmetic.md section 1
	for i := 1; i <= top; i++ {
		l := &p.Layers[i]
		cfg.F.Fo[i], cfg.F.Fw[i], cfg.F.Fe[i], cfg.F.Fv[i] = l.Fo, l.Fw, l.Fe, l.Fv
		cfg.Scale[i] = l.Scale
		cfg.NoBias[i], cfg.Drop[i] = !l.Bias && !l.Conv, l.Drop
		if l.Conv {
			cfg.Convs = append(cfg.Convs, qmodel.Conv{
				InC: l.InC, OutC: l.OutC, InH: l.InH, InW: l.InW, Kernel: l.Kernel, Stride: l.Stride,
				Pad: l.Pad, Extra: s.Net.Layers[l.At].Extra, Pool: l.Pool,
				BN: l.BN, Bias: l.Bias, Fz: l.Fz, Fd: l.Fd,
			})
		}
	}
	cfg.Sizes = qmodel.SizesOf(cfg.Convs)
	if len(cfg.Convs) == 0 {
		cfg.Sizes = []int{p.Layers[1].InC}
	}
	for i := len(cfg.Convs) + 1; i <= top; i++ {
		cfg.Sizes = append(cfg.Sizes, p.Layers[i].OutC)
	}
	mem := firmware.Memory(img)
	feedback(&cfg, p, mem)
	m, err := qmodel.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	load(m, p, mem)
	return m, nil
}

func feedback(cfg *qmodel.Config, p *compile.Plan, mem []byte) {
	s, top := p.Spec(), len(p.Layers)-1
	for i := max(1, p.Convs()); i < top; i++ {
		l, fb := &p.Layers[i], &cfg.FB[i]
		switch s.Rule {
		case compile.DFA:
			fb.Fb, fb.D = l.Fb, p.Feedback(mem, i)
		case compile.BDFA, compile.BFA:
			fb.Shift, fb.Seed = l.FBShift, l.Seed
			if s.Feedback == firmware.SRAM {
				fb.Seed, fb.Signs = 0, p.Signs(mem, i)
			}
		}
	}
}

// Learned is what layer i of a model has learned, in memory that the model will change.
func Learned(m *qmodel.Model, i int) compile.Learned {
	l := compile.Learned{W: m.W[i], V: m.V[i], B: m.B[i], VB: m.VB[i]}
	if i >= len(m.Gamma) {
		return l
	}
	for c := range m.Gamma[i] {
		l.Norm = append(l.Norm, compile.Record{
			Gamma: m.Gamma[i][c], Beta: m.Beta[i][c], VG: m.VGamma[i][c], VB: m.VBeta[i][c],
			RM: m.RM[i][c], RV: m.RV[i][c],
		})
	}
	return l
}

func load(m *qmodel.Model, p *compile.Plan, mem []byte) {
	for i := 1; i < len(p.Layers); i++ {
		copy(m.W[i], p.Weights(mem, i))
		copy(m.B[i], p.Biases(mem, i))
		if !p.Layers[i].BN {
			continue
		}
		for c, r := range p.Records(mem, i) {
			m.Gamma[i][c], m.Beta[i][c], m.RM[i][c], m.RV[i][c] = r.Gamma, r.Beta, r.RM, r.RV
		}
	}
}
