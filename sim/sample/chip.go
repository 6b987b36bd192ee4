package sample

import (
	"context"
	"errors"
	"slices"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/sim"
)

// State is what a training goes on from: what the layers have learned, 1..L, and the step, from 0,
// before which it stands.
type State struct {
	Step    int
	Learned []compile.Learned
}

// chip is a chip that a training program is started on at any step.
type chip struct {
	*sim.Engine
	img  *image.Image
	plan *compile.Plan
	at   points
	last sim.Result // at the last cut
}

// boot builds a chip and lets it run to the entry of the first step.
func boot(ctx context.Context, img *image.Image, plan *compile.Plan, cfg rtl.Config) (*chip, sim.Result, error) {
	at, err := pointsOf(img, plan.Spec().Fused)
	if err != nil {
		return nil, sim.Result{}, err
	}
	r, err := rtl.New(cfg)
	if err != nil {
		return nil, sim.Result{}, err
	}
	c := &chip{Engine: sim.New(r), img: img, plan: plan, at: at}
	if err := c.LoadImage(img); err != nil {
		return nil, sim.Result{}, err
	}
	_, piece, err := c.to(ctx, at.step)
	return c, piece, err
}

// errCut ends a run at a point.
var errCut = errors.New("cut")

// to runs up to one of some points and returns which, or 0 at the end of the program, and what was
// counted since the last cut.
func (c *chip) to(ctx context.Context, points ...uint32) (at uint32, piece sim.Result, err error) {
	w := c.Chip().Wires()
	r, err := c.Run(ctx, 0, sim.Options{OnCycle: func(uint64) error {
		if w.Seq.Retire.Valid && slices.Contains(points, w.Seq.Retire.PC) {
			at = w.Seq.Retire.PC
			return errCut
		}
		return nil
	}})
	if err != nil && !errors.Is(err, errCut) {
		return 0, r, err
	}
	piece = minus(r, &c.last)
	c.last = r
	return at, piece, nil
}

// minus is what was counted between two results of a run.
func minus(r sim.Result, from *sim.Result) sim.Result {
	r.Cycles -= from.Cycles
	for p := range r.Phases {
		a, b := &r.Phases[p], &from.Phases[p]
		a.Cycles, a.Dense, a.Refreshes = a.Cycles-b.Cycles, a.Dense-b.Dense, a.Refreshes-b.Refreshes
		for u := range a.Units {
			for s := range a.Units[u] {
				a.Units[u][s] -= b.Units[u][s]
			}
		}
	}
	for t := range r.Tags {
		r.Tags[t].Cycles -= from.Tags[t].Cycles
		r.Tags[t].Dense -= from.Tags[t].Dense
		for e := range r.Counts.Rows[t] {
			r.Counts.Rows[t][e] -= from.Counts.Rows[t][e]
		}
	}
	for u := range r.Counts.Cycles {
		for s := range r.Counts.Cycles[u] {
			r.Counts.Cycles[u][s] -= from.Counts.Cycles[u][s]
		}
	}
	return r
}

// startStep brings a chip that has booted before a training step.
func (c *chip) startStep(s *State) {
	h, v := c.plan.Header.Before(s.Step)
	c.put(s.Learned, &h, v)
	c.Chip().Seq.PC = c.at.step
}

// startTest brings it before a batch, from 0, of the test after an epoch, from 0.
func (c *chip) startTest(learned []compile.Learned, epoch, batch int) {
	h, _ := c.plan.Header.Before((epoch+1)*c.plan.Steps() - 1)
	c.put(learned, &h, c.plan.Header.InTest(epoch, batch))
	seq := &c.Chip().Seq.State
	seq.PC, seq.R[13] = c.at.test, c.at.tested
}

// put writes the resume block, header, variables and record of the epoch, into scratch memory, and what was
// learned into external memory.
func (c *chip) put(learned []compile.Learned, h *firmware.Header, v firmware.Variables) {
	for i := 1; i < len(learned); i++ {
		c.plan.SetLearned(c.Chip().XMemory(), i, &learned[i])
	}
	c.write("HEADER", h)
	c.write("VARIABLES", v)
	c.write("RECORD", firmware.EpochResult{Epoch: v.Epoch, TrainN: h.TrainN, Eta: h.Eta})
	if last := int(v.Steps) - 1; last >= 0 {
		era := c.plan.Era(last)
		c.write("V_ERA", era+1)
		c.write("V_SEED", h.Seed^firmware.Mix(era))
	}
}

// write puts 32-bit words at a symbol's place in scratch memory, if the program has it.
func (c *chip) write(symbol string, words any) {
	if s, ok := c.img.Symbol(symbol); ok {
		copy(c.Chip().Seq.Scratch[s.Value:], firmware.Words(words))
	}
}

// refreshIn makes external memory refresh after so many cycles.
func (c *chip) refreshIn(cycles uint64) {
	x := c.Chip().XMem
	x.RefreshAt = x.Now + 1 + cycles
}

// differs compares what the chip has learned with a model's, first layer first; "": nothing differs.
func (c *chip) differs(model []compile.Learned) string {
	for i := 1; i < len(model); i++ {
		got := c.plan.Learned(c.Chip().XMemory(), i)
		if text := got.Differs(i, &model[i]); text != "" {
			return text
		}
	}
	return ""
}

// record is the epoch's so far.
func (c *chip) record() (r firmware.EpochResult) {
	s, _ := c.img.Symbol("RECORD")
	if err := firmware.Decode(c.Chip().Seq.Scratch[s.Value:], &r); err != nil {
		panic(err) // scratch memory has the size of the machine
	}
	return r
}
