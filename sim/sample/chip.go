package sample

import (
	"context"
	"errors"
	"slices"

	"gonum.org/v1/gonum/floats"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/rtl"
	"bdfasim/sim"
)

// chip is a chip that a training program is started on at any step.
type chip struct {
	*sim.Engine
	*Training
	at     points
	result sim.Result // up to the last cut
	last   count
}

// boot builds a chip and lets it run to the entry of the first step.
func (t *Training) boot(ctx context.Context) (c *chip, piece count, err error) {
	c = &chip{Training: t, last: make(count, numQuantities)}
	if c.at, err = pointsOf(t.Image, t.Plan.Spec().Fused); err != nil {
		return nil, nil, err
	}
	r, err := rtl.New(t.Machine)
	if err != nil {
		return nil, nil, err
	}
	c.Engine = sim.New(r)
	if err := c.LoadImage(t.Image); err != nil {
		return nil, nil, err
	}
	_, piece, err = c.to(ctx, c.at.step)
	return c, piece, err
}

// errCut ends a run at a point.
var errCut = errors.New("cut")

// to runs up to one of some points and returns which, or 0 at the end of the program, and what was
// counted since the last cut.
func (c *chip) to(ctx context.Context, points ...uint32) (at uint32, piece count, err error) {
	w := c.Chip().Wires()
	c.result, err = c.Run(ctx, 0, sim.Options{OnCycle: func(uint64) error {
		if w.Seq.Retire.Valid && slices.Contains(points, w.Seq.Retire.PC) {
			at = w.Seq.Retire.PC
			return errCut
		}
		return nil
	}})
	if err != nil && !errors.Is(err, errCut) {
		return 0, nil, err
	}
	now, err := countOf(&c.result, c.Prices)
	if err != nil {
		return 0, nil, err
	}
	piece = slices.Clone(now)
	floats.Sub(piece, c.last)
	c.last = now
	return at, piece, nil
}

// startStep brings a chip that has booted before a training step, from 0, with what the layers have
// learned, 1..L.
func (c *chip) startStep(learned []compile.Learned, step int) {
	h, v := c.Plan.Header.Before(step)
	c.put(learned, &h, v)
	c.Chip().Seq.PC = c.at.step
}

// startTest brings it before a batch, from 0, of the test after an epoch, from 0.
func (c *chip) startTest(learned []compile.Learned, epoch, batch int) {
	h, _ := c.Plan.Header.Before((epoch+1)*c.Plan.Steps() - 1)
	c.put(learned, &h, c.Plan.Header.InTest(epoch, batch))
	seq := &c.Chip().Seq.State
	seq.PC, seq.R[13] = c.at.test, c.at.tested
}

// put writes the resume block, header, variables and record of the epoch, into scratch memory, and what was
// learned into external memory.
func (c *chip) put(learned []compile.Learned, h *firmware.Header, v firmware.Variables) {
	for i := 1; i < len(learned); i++ {
		c.Plan.SetLearned(c.Chip().XMemory(), i, &learned[i])
	}
	c.write("HEADER", h)
	c.write("VARIABLES", v)
	c.write("RECORD", firmware.EpochResult{Epoch: v.Epoch, TrainN: h.TrainN, Eta: h.Eta})
	if last := int(v.Steps) - 1; last >= 0 {
		era := c.Plan.Era(last)
		c.write("V_ERA", era+1)
		c.write("V_SEED", h.Seed^firmware.Mix(era))
	}
}

// write puts 32-bit words at a symbol's place in scratch memory, if the program has it.
func (c *chip) write(symbol string, words any) {
	if s, ok := c.Image.Symbol(symbol); ok {
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
		got := c.Plan.Learned(c.Chip().XMemory(), i)
		if text := got.Differs(i, &model[i]); text != "" {
			return text
		}
	}
	return ""
}

// record is the epoch's so far.
func (c *chip) record() (r firmware.EpochResult) {
	s, _ := c.Image.Symbol("RECORD")
	if err := firmware.Decode(c.Chip().Seq.Scratch[s.Value:], &r); err != nil {
		panic(err) // scratch memory has the size of the machine
	}
	return r
}
