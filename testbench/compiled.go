package testbench

import (
	"context"
	"fmt"

	"bdfasim/firmware/compile"
	"bdfasim/golden/qmodel"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/seq"
	"bdfasim/sim"
	"bdfasim/testbench/models"
)

// Compiled runs a compiled program on a chip and compares, whenever all commands of a mark have retired, every tensor that
// they wrote with the fixed-point model, bit for bit.
type Compiled struct {
	Chip  *rtl.Chip
	Plan  *compile.Plan
	Model *qmodel.Model

	Steps    int
	Compared int // tensors
	Elements int
	Correct  int // training samples that the fixed-point model classified correctly

	view         view
	epoch, batch int
	topErrors    bool // d of the last convolution is there, its e is not yet
	tested       int  // test samples of the epoch that were compared
	fused        fusedPass
}

// NewCompiled builds image, chip and model.
func NewCompiled(spec compile.Spec, cfg rtl.Config) (*Compiled, *image.Image, error) {
	img, plan, err := compile.Build(spec)
	if err != nil {
		return nil, nil, err
	}
	chip, err := rtl.New(cfg.For(img.Code))
	if err != nil {
		return nil, nil, err
	}
	c := &Compiled{Chip: chip, Plan: plan, view: view{chip, nil}}
	c.Model, err = models.Fixed(plan, img, cfg.DNNC.AccBits)
	if err != nil {
		return nil, nil, err
	}
	if at, ok := img.Symbol("V_COPY_P"); ok {
		c.fused.copyAt = int(at.Value)
	}
	return c, img, sim.New(chip).LoadImage(img)
}

// Run steps the chip to its end, or to the first divergence, fault or limit.
func (c *Compiled) Run(ctx context.Context, limit uint64) error {
	if err := drive(ctx, c.Chip, limit, c.tagDone); err != nil {
		return err
	}
	if want := c.Plan.Steps() * int(c.Plan.Header.Epochs); c.Steps != want {
		return fmt.Errorf("the program made %d training steps, want %d", c.Steps, want)
	}
	return c.testResult(c.epoch)
}

// tagDone compares what a mark's commands wrote.
func (c *Compiled) tagDone(t seq.TagDone) error {
	phase, layer := isa.Phase(t.Tag.Phase()), int(t.Tag.Layer())
	if handled, err := c.fusedTag(phase, layer); handled || err != nil {
		return err
	}
	switch phase {
	case isa.PhaseFF:
		if layer == 1 {
			if err := c.beginStep(); err != nil {
				return err
			}
		}
		return c.forward(layer)
	case isa.PhaseEval:
		if layer == len(c.Plan.Layers)-1 {
			return c.testBatch()
		}
	case isa.PhaseLoss:
		return c.fcErrors(phase, layer)
	case isa.PhaseEP:
		if c.Plan.Layers[layer].Conv {
			return c.convErrors(layer)
		}
		return c.fcErrors(phase, layer)
	case isa.PhaseWG:
		return c.update(layer)
	}
	return nil
}

// beginStep runs the model for the batch that the chip has just brought through layer 1.
func (c *Compiled) beginStep() error {
	h := &c.Plan.Header
	if c.batch == c.Plan.Steps() {
		if err := c.testResult(c.epoch); err != nil {
			return err
		}
		c.batch = 0
		c.epoch++
	}
	x, y := c.Plan.TrainBatch(c.Chip.XMemory(), c.epoch, c.batch)
	c.Correct += c.Model.Step(x, y, h.EtaAt(c.epoch, len(y)))
	c.batch++
	c.Steps++
	c.topErrors, c.fused.errors = false, false
	return nil
}

func (c *Compiled) forward(i int) error {
	l, m, mem := &c.Plan.Layers[i], c.Model, c.Chip.XMemory()
	nb := m.Batch
	ph := isa.PhaseFF
	if l.Conv {
		if err := same(c, ph, i, "z", compile.Map(mem, l.Z, nb, l.X, l.Y, l.OutC), m.Z[i]); err != nil {
			return err
		}
		if err := same(c, ph, i, "pos", compile.Positions(mem, l.Pos, nb, l.H, l.W, l.OutC), m.Pos[i]); err != nil {
			return err
		}
		channels := l.OutC
		if i == c.Plan.Convs() {
			channels = (l.OutC + 15) &^ 15
		}
		return same(c, ph, i, "o", compile.Map(mem, l.O+c.streamOffset(i), nb, l.H, l.W, channels), m.O[i])
	}
	if i == len(c.Plan.Layers)-1 {
		return same(c, ph, i, "a", c.view.raw(l.Out, l.OutStep, nb, l.OutC), m.A)
	}
	got, err := c.view.compressed(l.Out+c.copyOffset(), l.OutStep, nb, l.OutC, c.Plan.MapBlock())
	if err != nil {
		return fmt.Errorf("cycle %d: o%d: %w", c.Chip.Cycle(), i, err)
	}
	if err := same(c, ph, i, "o", got, m.O[i]); err != nil {
		return err
	}
	mask := make([]int16, nb*l.OutC)
	for k, set := range m.Mask[i][:nb*l.OutC] {
		if set {
			mask[k] = 1
		}
	}
	return same(c, ph, i, "mask", c.view.mask(l.Mask, l.MaskStep, nb, l.OutC), mask)
}

func (c *Compiled) fcErrors(phase isa.Phase, i int) error {
	l := &c.Plan.Layers[i]
	return same(c, phase, i, "e", c.view.raw(l.Err, l.ErrStep, c.Model.Batch, l.OutC), c.Model.E[i])
}

// convErrors compares d, and when the normalisation has worked on it e, which has taken h's place, and the channel records. The last convolution has
// a mark for d and one for the rest.
func (c *Compiled) convErrors(i int) error {
	l, m, mem := &c.Plan.Layers[i], c.Model, c.Chip.XMemory()
	nb := m.Batch
	if i == c.Plan.Convs() && !c.topErrors {
		c.topErrors = true
		return same(c, isa.PhaseEP, i, "d", compile.Map(mem, l.D, nb, l.H, l.W, (l.OutC+15)&^15), m.D[i])
	}
	if i < c.Plan.Convs() {
		if err := same(c, isa.PhaseEP, i, "d", compile.Map(mem, l.D, nb, l.H, l.W, l.OutC), m.D[i]); err != nil {
			return err
		}
	}
	if l.BN {
		if err := c.records(i); err != nil {
			return err
		}
	}
	return same(c, isa.PhaseEP, i, "e", compile.Map(mem, l.E, nb, l.X, l.Y, l.OutC), m.E[i])
}

func (c *Compiled) records(i int) error {
	m := c.Model
	got := c.Plan.Records(c.Chip.XMemory(), i)
	want := make([]compile.Record, len(got))
	for k := range want {
		want[k] = compile.Record{
			Gamma: m.Gamma[i][k], Beta: m.Beta[i][k], VG: m.VGamma[i][k], VB: m.VBeta[i][k], RM: m.RM[i][k], M: m.M[i][k],
			R: m.R[i][k], Sh: m.Sh[i][k], RV: m.RV[i][k],
		}
		if got[k] != want[k] {
			return fmt.Errorf("cycle %d, step %d, layer %d, channel %d: chip has record %+v, fixed-point model %+v", c.Chip.Cycle(), c.Steps-1, i, k, got[k], want[k])
		}
	}
	c.Compared++
	return nil
}

func (c *Compiled) update(i int) error {
	m := c.Model
	return c.parameters(i, m.W[i], m.V[i], m.B[i], m.VB[i])
}

// parameters compares weights and biases with their velocities.
func (c *Compiled) parameters(i int, w []int16, v, b, vb []int32) error {
	p, mem := c.Plan, c.Chip.XMemory()
	if err := same(c, isa.PhaseWG, i, "V", p.Velocities(mem, i), v); err != nil {
		return err
	}
	if err := same(c, isa.PhaseWG, i, "W", p.Weights(mem, i), w); err != nil {
		return err
	}
	if err := same(c, isa.PhaseWG, i, "vb", p.BiasVelocities(mem, i), vb); err != nil {
		return err
	}
	return same(c, isa.PhaseWG, i, "b", p.Biases(mem, i), b)
}

// same returns the first difference of a tensor.
func same[T int16 | int32 | uint8](c *Compiled, phase isa.Phase, layer int, tensor string, got, want []T) error {
	c.Compared++
	c.Elements += len(got)
	if len(got) != len(want) {
		return fmt.Errorf("layer %d, tensor %s: chip has %d elements, fixed-point model %d", layer, tensor, len(got), len(want))
	}
	var d *Divergence
	for i := range got {
		if got[i] == want[i] {
			continue
		}
		if d == nil {
			d = &Divergence{c.Chip.Cycle(), c.Steps - 1, phase, layer, fmt.Sprint(tensor, layer), i, int64(got[i]), int64(want[i]), 0}
		}
		d.Count++
	}
	if d != nil {
		return d
	}
	return nil
}
