package lockstep

import (
	"context"

	"bdfasim/firmware"
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

	// OnMark, if there is one, is called when a mark is done, before its tensors are compared.
	OnMark func(seq.TagDone) error

	engine       *sim.Engine
	img          *image.Image
	epoch, batch int
	topErrors    int // samples of which d of the last convolution is there; its e is not yet
	tested       int // test samples of the epoch that were compared
	first        int // sample of the batch that the sub-batch at hand begins with
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
	if l.OnMark != nil {
		if err := l.OnMark(t); err != nil {
			return err
		}
	}
	if handled, err := l.fusedTag(phase, layer); handled || err != nil {
		return err
	}
	switch phase {
	case isa.PhaseFF:
		if next := l.first + firmware.SubBatch; layer == 1 && (l.Plan.Convs() > 0 || next >= l.Model.Batch) {
			if err := l.beginStep(); err != nil {
				return err
			}
		}
		if layer == l.Plan.Convs()+1 && l.Model.Batch > firmware.SubBatch {
			l.first += firmware.SubBatch
		}
		return l.forward(layer)
	case isa.PhaseEval:
		if layer == len(l.Plan.Layers)-1 {
			return l.testBatch()
		}
	case isa.PhaseLoss:
		return l.compare(phase, layer, "e")
	case isa.PhaseEP:
		if l.Plan.Layers[layer].Conv {
			return l.convErrors(layer)
		}
		return l.compare(phase, layer, "e")
	case isa.PhaseWG:
		return l.compare(phase, layer, parameters...)
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
	l.topErrors, l.fused.errors, l.first = 0, false, 0
	if l.Model.Batch > firmware.SubBatch {
		l.first = -firmware.SubBatch
	}
	return nil
}

func (l *Lockstep) forward(i int) error {
	switch {
	case l.Plan.Layers[i].Conv:
		return l.compare(isa.PhaseFF, i, "z", "pos", "o")
	case i == len(l.Plan.Layers)-1:
		return l.compare(isa.PhaseFF, i, "a")
	}
	return l.compare(isa.PhaseFF, i, "o", "mask")
}

// convErrors compares d, and when the normalisation has worked on it e, which has taken h's place, and the channel records.
// The last convolution has a mark for d and one for the rest.
func (l *Lockstep) convErrors(i int) error {
	if last := i == l.Plan.Convs(); !last || l.topErrors < l.Model.Batch {
		if last {
			l.topErrors += firmware.SubBatch
		}
		if err := l.compare(isa.PhaseEP, i, "d"); err != nil || last {
			return err
		}
	}
	if l.Plan.Layers[i].BN {
		if err := l.channelRecords(i); err != nil {
			return err
		}
	}
	return l.compare(isa.PhaseEP, i, "e")
}
