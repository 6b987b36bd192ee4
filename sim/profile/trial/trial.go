// Package trial makes specifications for measurements, one training step of any network on made-up data, and runs them.
package trial

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/firmware/predict"
	"bdfasim/isa"
	"bdfasim/rtl"
	"bdfasim/sim"
	"bdfasim/sim/profile"
)

// Data says what the operands of a trial look like.
type Data int

// The kinds of data.
const (
	// Dense is nowhere zero, or nearly so: images of 1..255, weights and biases above zero, and normalisations that shift
	// all of their outputs above zero. Sums grow until they clip, which changes no cycle. The logits clip too, all at the
	// same value, so that no output error is zero.
	Dense Data = iota
	// Random is what training begins with: half of the pixels are zero, weights are He's, biases small.
	Random
)

// files are the networks of docs/timing.md beside the presets.
//
//go:embed *.yaml
var files embed.FS

// Net returns a network of this folder or a preset.
func Net(name string) (*net.Net, error) {
	if data, err := files.ReadFile(name + ".yaml"); err == nil {
		return net.Parse(data, name+".yaml")
	}
	return net.Preset(name)
}

// Spec specifies one training step of n on a batch.
func Spec(n *net.Net, rule string, batch int, data Data) (compile.Spec, error) {
	layers, err := compile.Lower(n, compile.DefaultFormats())
	if err != nil {
		return compile.Spec{}, fmt.Errorf("trial: %w", err)
	}
	m := maker{rng: rand.New(rand.NewPCG(1, uint64(batch))), data: data}
	top := len(layers)
	s := compile.Spec{
		Net: n, Layers: layers, Rule: rule, Eta: 1.0 / 1024, Mu: 0.9, Lambda: 5e-4, Epochs: 1, Batch: batch, Seed: 7, LRShiftEvery: 1, LRShift: 1,
		W: make([][]float64, top), B: make([][]float64, top), D: make([][]float64, top),
		Norm: make([]compile.Norm, top),
	}
	for i := 1; i < top; i++ {
		d := n.Layers[layers[i].At]
		fan := d.In.Size()
		if d.Type == net.Conv {
			fan = d.In.Channels * d.Kernel * d.Kernel
			s.Norm[i] = m.norm(d.Out)
		}
		s.W[i] = m.weights(d.Out*fan, fan)
		if d.Bias {
			s.B[i] = m.even(d.Out, 0.1, 0.2)
		}
		s.D[i] = m.even(n.Classes*layers[i].Outputs(), -0.2, 0.2)
	}
	s.Train = firmware.Set{Images: m.images(batch * n.Input.Size()), Labels: make([]uint16, batch)}
	for k := range s.Train.Labels {
		s.Train.Labels[k] = uint16(m.rng.IntN(n.Classes))
	}
	return s, nil
}

// Repeat is s with several steps, all on its one batch.
func Repeat(s compile.Spec, steps int) compile.Spec {
	s.Train.Images, s.Train.Labels = bytes.Repeat(s.Train.Images, steps), slices.Repeat(s.Train.Labels, steps)
	return s
}

// maker draws numbers.
type maker struct {
	rng  *rand.Rand
	data Data
}

func (m *maker) even(n int, low, high float64) []float64 {
	out := make([]float64, n)
	for k := range out {
		out[k] = low + float64((high-low)*m.rng.Float64())
	}
	return out
}

func (m *maker) weights(n, fan int) []float64 {
	if m.data == Dense {
		unit := 1 / math.Sqrt(float64(fan))
		return m.even(n, 0.3*unit, 1.7*unit)
	}
	out := make([]float64, n)
	for k := range out {
		out[k] = math.Sqrt(2/float64(fan)) * m.rng.NormFloat64()
	}
	return out
}

func (m *maker) norm(n int) compile.Norm {
	if m.data == Dense {
		return compile.Norm{Scale: m.even(n, 0.5, 0.5), Shift: m.even(n, 5, 5)}
	}
	return compile.Norm{}
}

func (m *maker) images(n int) []byte {
	out := make([]byte, n)
	for k := range out {
		out[k] = byte(1 + m.rng.IntN(255))
		if m.data == Random {
			out[k] &= byte(-m.rng.IntN(2))
		}
	}
	return out
}

// Config is the reference chip with so many MiB of external memory.
func Config(mib int) rtl.Config {
	cfg := rtl.DefaultConfig()
	cfg.XMem.Bytes = mib << 20
	return cfg
}

// Run compiles a specification for a chip, runs it and returns plan and profile.
func Run(ctx context.Context, s compile.Spec, cfg rtl.Config) (*compile.Plan, *profile.Profile, error) {
	s.Machine = cfg
	img, plan, err := compile.Build(s)
	if err != nil {
		return nil, nil, fmt.Errorf("trial: %w", err)
	}
	chip, err := rtl.New(rtl.For(cfg, img.Code))
	if err != nil {
		return nil, nil, fmt.Errorf("trial: %w", err)
	}
	engine := sim.New(chip)
	if err := engine.LoadImage(img); err != nil {
		return nil, nil, fmt.Errorf("trial: %w", err)
	}
	p, err := profile.Run(ctx, engine, 2_000_000_000)
	return plan, p, err
}

// Density is what a run had: the part of the operands that were not zero, layer by layer. A map's is
// that of its forward stream, an error's that of the layer below it; taps outside a map count as
// neither. What another run of the same program had, a step shorter (nil: nothing), is taken away.
func Density(plan *compile.Plan, p, less *profile.Profile) (predict.Density, error) {
	var d predict.Density
	dense, err := predict.Step(plan, predict.Density{})
	if err != nil {
		return d, err
	}
	d.Maps, d.Errors = slices.Repeat([]float64{1}, len(plan.Layers)),
		slices.Repeat([]float64{1}, len(plan.Layers)+1)
	for _, r := range dense {
		t := p.Find(r.Phase, r.Layer)
		if t == nil || r.MACs == 0 {
			continue
		}
		macs := t.MACs
		if less != nil {
			macs -= less.Find(r.Phase, r.Layer).MACs
		}
		part := min(1, float64(macs)/r.MACs)
		switch r.Phase {
		case isa.PhaseFF:
			d.Maps[r.Layer-1] = part
		case isa.PhaseEP:
			d.Errors[r.Layer+1] = part
		}
	}
	return d, nil
}
