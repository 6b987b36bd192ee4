package lockstep

import (
	"context"

	"bdfasim/firmware/compile"
	"bdfasim/golden/qmodel"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/seq"
	"bdfasim/sim"
	"bdfasim/testbench/models"
)

// Lockstep is a chip with a program, and the fixed-point model beside it. Chip and Model are the caller's to look at, and
// to break.
type Lockstep struct {
	Chip  *rtl.Chip
	Plan  *compile.Plan
	Model *qmodel.Model

	Steps       int // training steps so far
	Marks       int // whose commands have finished
	Compared    int // tensors
	Elements    int // of them
	Correct     int // training samples that the fixed-point model classified correctly
	FusedLayers int // layers compared inside fused updates

	engine       *sim.Engine
	img          *image.Image
	epoch, batch int
	topErrors    bool // d of the last convolution is there, its e is not yet
	tested       int  // test samples of the epoch that were compared
	fused        fusedPass
}

// New puts an image into a chip of the given configuration, changed where the image's program needs it (Config.For), and
// makes the model with the image's initial values. plan is the image's.
func New(img *image.Image, plan *compile.Plan, cfg rtl.Config) (*Lockstep, error) {
	chip, err := rtl.New(rtl.For(cfg, img.Code))
	if err != nil {
		return nil, err
	}
	l := &Lockstep{Chip: chip, Plan: plan, engine: sim.New(chip), img: img}
	if l.Model, err = models.Fixed(plan, img, cfg.DNNC.AccBits); err != nil {
		return nil, err
	}
	if at, ok := img.Symbol("V_COPY_P"); ok {
		l.fused.copyAt = int(at.Value)
	}
	return l, l.engine.LoadImage(img)
}

// Run steps the chip to the end of its program. It returns the first difference as a *Divergence, and what stops a run of
// the engine: a fault, a deadlock, the limit of cycles (0: none), or the context's error.
func (l *Lockstep) Run(ctx context.Context, limit uint64) error {
	if _, err := l.engine.Run(ctx, limit, sim.Options{OnTagDone: l.TagDone}); err != nil {
		return err
	}
	last := int(l.Plan.Header.Epochs) - 1
	if want := l.Plan.Steps() * (last + 1); l.Steps != want {
		return l.differs(isa.PhaseMisc, 0, "steps", 0, int64(l.Steps), int64(want))
	}
	if err := l.epochResult(l.epoch); err != nil {
		return err
	}
	return l.record(last, l.Counted(), l.Expected())
}

// TagDone compares what the commands of a mark wrote. Run calls it; callers that step the chip by themselves do so whenever
// the chip says that a mark is done.
func (l *Lockstep) TagDone(t seq.TagDone) error {
	phase, layer := isa.Phase(t.Tag.Phase()), int(t.Tag.Layer())
	l.Marks++
	if handled, err := l.fusedTag(phase, layer); handled || err != nil {
		return err
	}
	switch phase {
	case isa.PhaseFF:
		if layer == 1 {
			if err := l.beginStep(); err != nil {
				return err
			}
		}
		return l.forward(layer)
	case isa.PhaseEval:
		if layer == len(l.Plan.Layers)-1 {
			return l.testBatch()
		}
	case isa.PhaseLoss:
		return l.fcErrors(phase, layer)
	case isa.PhaseEP:
		if l.Plan.Layers[layer].Conv {
			return l.convErrors(layer)
		}
		return l.fcErrors(phase, layer)
	case isa.PhaseWG:
		return l.update(layer)
	}
	return nil
}

// beginStep runs the model for the batch that the chip has just brought through layer 1.
func (l *Lockstep) beginStep() error {
	h := &l.Plan.Header
	if l.batch == l.Plan.Steps() {
		if err := l.epochResult(l.epoch); err != nil {
			return err
		}
		l.batch = 0
		l.epoch++
	}
	x, y := l.Plan.TrainBatch(l.Chip.XMemory(), l.epoch, l.batch)
	l.Correct += l.Model.Step(x, y, h.EtaAt(l.epoch, len(y)))
	l.batch++
	l.Steps++
	l.topErrors, l.fused.errors = false, false
	return nil
}

// forward compares what layer i made of the batch: z, positions of maxima and o of a convolution, o and f' of a hidden fully
// connected layer, or the logits.
func (l *Lockstep) forward(i int) error {
	at, m := &l.Plan.Layers[i], l.Model
	nb, ph := m.Batch, isa.PhaseFF
	switch {
	case at.Conv:
		return l.forwardConv(i)
	case i == len(l.Plan.Layers)-1:
		return l.onChip(ph, i, "a", 0, m.A)
	}
	if err := l.onChip(ph, i, "o", l.copyOffset(), m.O[i]); err != nil {
		return err
	}
	mask := make([]int16, nb*at.OutC)
	for k, set := range m.Mask[i][:nb*at.OutC] {
		if set {
			mask[k] = 1
		}
	}
	return l.onChip(ph, i, "mask", 0, mask)
}

func (l *Lockstep) forwardConv(i int) error {
	at, m, mem := &l.Plan.Layers[i], l.Model, l.Chip.XMemory()
	nb, ph := m.Batch, isa.PhaseFF
	if err := same(l, ph, i, "z", compile.Map(mem, at.Z, nb, at.X, at.Y, at.OutC), m.Z[i]); err != nil {
		return err
	}
	pos := compile.Positions(mem, at.Pos, nb, at.H, at.W, at.OutC)
	if err := same(l, ph, i, "pos", pos, m.Pos[i]); err != nil {
		return err
	}
	channels := at.OutC
	if i == l.Plan.Convs() {
		channels = pad16(channels)
	}
	return same(l, ph, i, "o", compile.Map(mem, at.O+l.streamOffset(i), nb, at.H, at.W, channels), m.O[i])
}

// pad16 is a number of channels, rounded up to whole groups: a map that fully connected layers read has them all.
func pad16(channels int) int { return (channels + 15) &^ 15 }

func (l *Lockstep) fcErrors(phase isa.Phase, i int) error {
	return l.onChip(phase, i, "e", 0, l.Model.E[i])
}

// convErrors compares d, and when the normalisation has worked on it e, which has taken h's place, and the channel records.
// The last convolution has a mark for d and one for the rest.
func (l *Lockstep) convErrors(i int) error {
	at, m, mem := &l.Plan.Layers[i], l.Model, l.Chip.XMemory()
	nb, ph := m.Batch, isa.PhaseEP
	if i == l.Plan.Convs() && !l.topErrors {
		l.topErrors = true
		return same(l, ph, i, "d", compile.Map(mem, at.D, nb, at.H, at.W, pad16(at.OutC)), m.D[i])
	}
	if i < l.Plan.Convs() {
		if err := same(l, ph, i, "d", compile.Map(mem, at.D, nb, at.H, at.W, at.OutC), m.D[i]); err != nil {
			return err
		}
	}
	if at.BN {
		if err := l.channelRecords(i); err != nil {
			return err
		}
	}
	return same(l, ph, i, "e", compile.Map(mem, at.E, nb, at.X, at.Y, at.OutC), m.E[i])
}

func (l *Lockstep) update(i int) error {
	m := l.Model
	return l.parameters(i, m.W[i], m.V[i], m.B[i], m.VB[i])
}

// parameters compares weights and biases with their velocities.
func (l *Lockstep) parameters(i int, w []int16, v, b, vb []int32) error {
	p, mem := l.Plan, l.Chip.XMemory()
	if err := same(l, isa.PhaseWG, i, "V", p.Velocities(mem, i), v); err != nil {
		return err
	}
	if err := same(l, isa.PhaseWG, i, "W", p.Weights(mem, i), w); err != nil {
		return err
	}
	if err := same(l, isa.PhaseWG, i, "vb", p.BiasVelocities(mem, i), vb); err != nil {
		return err
	}
	return same(l, isa.PhaseWG, i, "b", p.Biases(mem, i), b)
}
