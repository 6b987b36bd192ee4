package testbench

import (
	"context"
	"fmt"

	"bdfasim/firmware"
	"bdfasim/golden"
	"bdfasim/golden/qmodel"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/omem"
	"bdfasim/rtl/seq"
	"bdfasim/sim"
	"bdfasim/testbench/models"
)

// Divergence is the first difference between the chip and the fixed-point model.
type Divergence struct {
	Cycle  uint64
	Step   int // training step, from 0
	Phase  isa.Phase
	Layer  int
	Tensor string
	Index  int
	Got    int64
	Want   int64
	Count  int // elements of the tensor that differ
}

func (d *Divergence) Error() string {
	return fmt.Sprintf("cycle %d, step %d, phase %v, layer %d: tensor %s[%d]: chip has %d, fixed-point model %d (%d elements differ)",
		d.Cycle, d.Step, d.Phase, d.Layer, d.Tensor, d.Index, d.Got, d.Want, d.Count)
}

// Lockstep runs a training image on a chip and compares, whenever all commands of a mark have retired, every tensor that
// they wrote with the fixed-point model, bit for bit, and with a float model that starts each step from the chip's own
// weights, within what quantisation explains.
type Lockstep struct {
	Chip  *rtl.Chip
	Spec  firmware.Spec
	Plan  *firmware.Plan
	Model *qmodel.Model
	Float *golden.MLP
	Errs  map[string]*FloatError // float error by kind of tensor: o, a, e, W

	Steps    int // training steps compared
	Compared int // tensors compared
	Correct  int // training samples that the fixed-point model classified correctly
	Flips    int // errors left out of the float comparison, see sameSide

	view   view
	inputs []float64
	labels []int
	epoch  int
	batch  int // next batch of the epoch
}

// NewLockstep builds image, chip and models for a specification.
func NewLockstep(spec firmware.Spec, cfg rtl.Config) (*Lockstep, *image.Image, error) {
	img, plan, err := firmware.Build(spec)
	if err != nil {
		return nil, nil, err
	}
	chip, err := rtl.New(cfg)
	if err != nil {
		return nil, nil, err
	}
	l := &Lockstep{Chip: chip, Spec: spec, Plan: plan, Errs: map[string]*FloatError{}, view: view{chip, plan}}
	if l.Model, err = models.FixedMLP(plan, img, spec.Signs, cfg.DNNC.AccBits); err != nil {
		return nil, nil, err
	}
	if l.Float, err = newFloat(plan, l.Model); err != nil {
		return nil, nil, err
	}
	return l, img, nil
}

// Start puts the image into the chip.
func (l *Lockstep) Start(img *image.Image) error { return sim.New(l.Chip).LoadImage(img) }

// Run steps the chip to its end, or to the first divergence, fault or limit.
func (l *Lockstep) Run(ctx context.Context, limit uint64) error {
	if err := drive(ctx, l.Chip, limit, l.tagDone); err != nil {
		return err
	}
	if want := l.Plan.Steps() * int(l.Plan.Header.Epochs); l.Steps != want {
		return fmt.Errorf("the program made %d training steps, want %d", l.Steps, want)
	}
	return nil
}

// tagDone compares what a mark's commands wrote. Marks come in order of their layers: the forward of layer 1 begins a
// step, so the models are run for it there.
func (l *Lockstep) tagDone(t seq.TagDone) error {
	phase, layer := isa.Phase(t.Tag.Phase()), int(t.Tag.Layer())
	top := len(l.Plan.Layers) - 1
	switch phase {
	case isa.PhaseFF:
		if layer == 1 {
			if err := l.beginStep(); err != nil {
				return err
			}
		}
		return l.forward(layer, top)
	case isa.PhaseLoss:
		d := &l.Plan.Layers[top]
		got := l.view.raw(d.Err, d.ErrStep, l.Model.Batch, int(d.NOut))
		l.float("e", top, got, l.Float.E[top].Data, int(d.Fe))
		return compare(l, phase, top, fmt.Sprintf("e%d", top), got, l.Model.E[top])
	case isa.PhaseEP:
		d := &l.Plan.Layers[layer]
		got := l.view.raw(d.Err, d.ErrStep, l.Model.Batch, int(d.NOut))
		l.float("e", layer, got, l.sameSide(layer, got), int(d.Fe))
		return compare(l, phase, layer, fmt.Sprintf("e%d", layer), got, l.Model.E[layer])
	case isa.PhaseWG:
		return l.update(layer)
	}
	return nil
}

// beginStep runs the models for the batch that the chip has just brought through layer 1.
func (l *Lockstep) beginStep() error {
	plan := l.Plan
	n := int(plan.Header.TrainN)
	if l.batch == plan.Steps() {
		l.batch = 0
		l.epoch++
	}
	first := l.batch * int(plan.Header.Batch)
	nb := min(int(plan.Header.Batch), n-first)
	size := plan.Sizes()[0]
	x := make([]uint8, 0, nb*size)
	l.labels = l.labels[:0]
	for s := first; s < first+nb; s++ {
		i := s
		if l.Spec.Orders != nil {
			i = l.Spec.Orders[l.epoch][s]
		}
		x = append(x, l.Spec.Train.Images[i*size:(i+1)*size]...)
		l.labels = append(l.labels, int(l.Spec.Train.Labels[i]))
	}
	if err := l.floatStep(x); err != nil {
		return err
	}
	l.Correct += l.Model.Step(x, l.labels, plan.EtaAt(l.epoch, nb))
	l.batch++
	l.Steps++
	return nil
}

// forward compares o_i and the f' mask, or the logits.
func (l *Lockstep) forward(i, top int) error {
	d := &l.Plan.Layers[i]
	nb, n := l.Model.Batch, int(d.NOut)
	if i == top {
		got := l.view.raw(d.Out, d.OutStep, nb, n)
		l.float("a", i, got, l.Float.A[i].Data, int(d.Fo))
		return compare(l, isa.PhaseFF, i, fmt.Sprintf("a%d", i), got, l.Model.A)
	}
	got, err := l.view.compressed(d.Out, d.OutStep, nb, n, omem.BlockElems)
	if err != nil {
		return fmt.Errorf("cycle %d: o%d: %w", l.Chip.Cycle(), i, err)
	}
	l.float("o", i, got, l.Float.O[i].Data, int(d.Fo))
	if err := compare(l, isa.PhaseFF, i, fmt.Sprintf("o%d", i), got, l.Model.O[i]); err != nil {
		return err
	}
	mask := make([]int16, nb*n)
	for k, set := range l.Model.Mask[i][:nb*n] {
		if set {
			mask[k] = 1
		}
	}
	return compare(l, isa.PhaseFF, i, fmt.Sprintf("mask%d", i), l.view.mask(d.Mask, d.MaskStep, nb, n), mask)
}

// update compares the parameters of a layer after their update.
func (l *Lockstep) update(i int) error {
	mem := l.Chip.XMemory()
	if err := compare(l, isa.PhaseWG, i, fmt.Sprintf("V%d", i), l.Plan.Velocities(mem, i), l.Model.V[i]); err != nil {
		return err
	}
	w := l.Plan.Weights(mem, i)
	l.float("W", i, w, l.floatUpdate(i), int(l.Plan.Layers[i].Fw))
	if err := compare(l, isa.PhaseWG, i, fmt.Sprintf("W%d", i), w, l.Model.W[i]); err != nil {
		return err
	}
	if err := compare(l, isa.PhaseWG, i, fmt.Sprintf("vb%d", i), l.Plan.BiasVelocities(mem, i), l.Model.VB[i]); err != nil {
		return err
	}
	return compare(l, isa.PhaseWG, i, fmt.Sprintf("b%d", i), l.Plan.Biases(mem, i), l.Model.B[i])
}

// compare returns the first difference of a tensor.
func compare[T int16 | int32](l *Lockstep, phase isa.Phase, layer int, tensor string, got, want []T) error {
	l.Compared++
	if len(got) != len(want) {
		return fmt.Errorf("tensor %s: chip has %d elements, fixed-point model %d", tensor, len(got), len(want))
	}
	var d *Divergence
	for i := range got {
		if got[i] == want[i] {
			continue
		}
		if d == nil {
			d = &Divergence{l.Chip.Cycle(), l.Steps - 1, phase, layer, tensor, i, int64(got[i]), int64(want[i]), 0}
		}
		d.Count++
	}
	if d != nil {
		return d
	}
	return nil
}
