package sim

import (
	"context"
	"fmt"
	"math"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/seq"
)

// ProgressEvery is the number of cycles between two calls of Options.Progress; the context is looked at as often.
const ProgressEvery = 1 << 16

// DefaultPatience is how many cycles all units may stand still before a run counts as deadlocked: far more than any
// latency of the chip, the longest being a refresh of the external memory (under 100 cycles).
const DefaultPatience = 10_000

// Options are what a caller wants to see of a run; the zero value is a plain run.
type Options struct {
	Patience  uint64                   // cycles without any work that make a deadlock; 0: DefaultPatience
	Progress  func(cycle uint64)       // called every ProgressEvery cycles
	OnTagDone func(seq.TagDone) error  // called in the cycle in which all commands of a mark have retired; an error ends the run
	OnCycle   func(cycle uint64) error // called after every cycle (slow: for waveforms); an error ends the run

	// OnWindow is called after cycle Window, and then after the cycle that it asked for last; cycles that have passed are
	// never asked for again. Between them it costs nothing. An error ends the run.
	Window   uint64
	OnWindow func(cycle uint64) (next uint64, err error)
}

// Result is what a run counted. It stands for the time since LoadImage.
type Result struct {
	Lanes  int // of the MAC array
	Cycles uint64
	Phases [isa.NumPhases]PhaseResult // by the phase of SEQ's last mark
	Tags   [NumTags]TagResult         // by phase and layer
	Counts activity.Counts            // events by tag, unit cycles by status: a copy
}

// NumTags is the number of tags: a phase and a layer each.
const NumTags = 256

// TagResult is what belongs to one phase of one layer.
type TagResult struct {
	Cycles uint64 // in which it was SEQ's last mark
	Dense  uint64 // MACs that the DNNC's commands under it would need if no operand were skipped
}

// PhaseResult is what happened while SEQ was in one phase.
type PhaseResult struct {
	Cycles uint64
	Units  [activity.NumUnits][activity.NumStatus]uint64 // cycles by what each unit did
	Dense  uint64                                        // as TagResult's, by the phase of the command

	Refreshes uint64 // of external memory, which the chip counts under no command's tag
}

// Engine runs programs on a chip.
type Engine struct {
	chip   *rtl.Chip
	img    *image.Image
	phases [isa.NumPhases]PhaseResult

	tags      [NumTags]TagResult
	tag       activity.Tag                                  // of the last cycle
	tagFrom   uint64                                        // first cycle of that tag's present stretch
	phase     isa.Phase                                     // the tag's
	from      uint64                                        // first cycle of that phase's present stretch
	fromUnits [activity.NumUnits][activity.NumStatus]uint64 // the chip's counts then
	refreshed uint64                                        // and its refreshes

	last  uint32 // pc of the last instruction that retired,
	began bool   // if there was one

	dnnc follower
}

// New returns an engine for a chip that has not run yet.
func New(chip *rtl.Chip) *Engine { return &Engine{chip: chip} }

// Chip returns the engine's chip.
func (e *Engine) Chip() *rtl.Chip { return e.chip }

// LoadImage puts a program and its initial memories into the chip. It refuses images that need more memory than the chip
// has. An image's ISA version was checked when it was read.
func (e *Engine) LoadImage(img *image.Image) error {
	if err := img.Validate(); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	mem := e.chip.XMemory()
	if need, have := uint64(img.XMemBytes), uint64(len(mem)); need > have {
		return fmt.Errorf("load: external memory: the image needs %d bytes, the chip has %d", need, have)
	}
	if got, have := len(img.Scratch), e.chip.Config().Seq.ScratchBytes; got > have {
		return fmt.Errorf("load: scratch memory: the image fills %d bytes, the chip has %d", got, have)
	}
	if err := e.chip.Load(img.Code, img.Entry, img.Scratch); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	for _, s := range img.Segments { // Validate: within XMemBytes
		copy(mem[s.Addr:], s.Data)
	}
	e.img = img
	return nil
}

// Run steps the chip until the program has ended: halted, and every command finished. It returns a *FaultError when a
// unit refuses something, a *DeadlockError when nobody works any more, a *LimitError when the chip has run for limit
// cycles (0: no limit), a *StoppedError with ctx's error, or an observer's. The Result is valid in every case and holds what was
// counted until then.
func (e *Engine) Run(ctx context.Context, limit uint64, opt Options) (Result, error) {
	if e.img == nil {
		return Result{}, fmt.Errorf("run: no program loaded")
	}
	if opt.Patience == 0 {
		opt.Patience = DefaultPatience
	}
	err := e.run(ctx, limit, &opt)
	e.closeTag()
	e.closePhase()
	return Result{Lanes: e.chip.Config().DNNC.Lanes, Cycles: e.chip.Cycle(), Phases: e.phases, Tags: e.tags, Counts: *e.chip.Activity()}, err
}

// run is the loop.
func (e *Engine) run(ctx context.Context, limit uint64, opt *Options) error {
	c := e.chip
	w := c.Wires()
	window, look := opt.Window, uint64(0)
	if opt.OnWindow == nil {
		window = math.MaxUint64
	}
	for !w.Seq.Finished {
		if c.Cycle() >= look {
			var err error
			if look, err = e.lookUp(ctx, limit, opt); err != nil {
				return err
			}
		}
		c.Step()
		if c.Faulted() {
			return e.faultError()
		}
		if c.Ticked(activity.Seq) {
			e.watch()
			if w.Seq.TagDone.Valid && opt.OnTagDone != nil {
				if err := opt.OnTagDone(w.Seq.TagDone); err != nil {
					return err
				}
			}
		}
		if now := c.Cycle(); now == window {
			var err error
			if window, err = opt.OnWindow(now); err != nil {
				return err
			}
		}
		if opt.OnCycle != nil {
			if err := opt.OnCycle(c.Cycle()); err != nil {
				return err
			}
		}
	}
	return nil
}

// lookUp is what need not be done in every cycle: it ends a run that must go no further, and tells of progress. It
// returns the next cycle in which there may be something to do.
func (e *Engine) lookUp(ctx context.Context, limit uint64, opt *Options) (next uint64, err error) {
	cycle, still := e.chip.Cycle(), e.chip.LastBusy()
	switch {
	case cycle%ProgressEvery == 0:
		if err := ctx.Err(); err != nil {
			return 0, &StoppedError{cycle, SiteAt(e.img, e.chip.Seq.State.PC), err}
		}
		if opt.Progress != nil {
			opt.Progress(cycle)
		}
	case cycle-still > opt.Patience:
		return 0, &DeadlockError{Still: still + 1, Where: e.where()}
	}
	next = cycle + ProgressEvery - cycle%ProgressEvery
	if patient := still + opt.Patience + 1; patient > cycle { // else a progress stands between
		next = min(next, patient)
	} else {
		next = cycle + 1
	}
	if limit > 0 {
		if cycle >= limit {
			return 0, &LimitError{Limit: limit, Where: e.where()}
		}
		next = min(next, limit)
	}
	return next, nil
}

// watch follows marks and the DNNC's commands. It runs in every cycle in which SEQ ticked.
func (e *Engine) watch() {
	w := e.chip.Wires()
	if r := &w.Seq.Retire; r.Valid {
		e.last, e.began = r.PC, true
	}
	if tag := w.Seq.Tag; tag != e.tag {
		e.closeTag()
		e.tag = tag
		if phase := isa.Phase(tag.Phase()); phase != e.phase {
			e.closePhase()
			e.phase = phase
		}
	}
	if b := &w.Seq.Bus; b.Kind != port.BusNone && b.Unit == isa.UnitDNNC {
		if n := e.dnnc.follow(b); n > 0 {
			e.tags[b.Tag].Dense += n
			e.phases[b.Tag.Phase()].Dense += n
		}
	}
}

// closeTag books the cycles since SEQ passed the last mark.
func (e *Engine) closeTag() {
	now := e.chip.Cycle()
	e.tags[e.tag].Cycles += now - e.tagFrom
	e.tagFrom = now
}

// closePhase books the cycles since the phase began.
func (e *Engine) closePhase() {
	now := e.chip.Cycle()
	counts := e.chip.Activity()
	units, refreshed := &counts.Cycles, counts.Rows[0][activity.XRefresh]
	p := &e.phases[e.phase]
	p.Cycles += now - e.from
	p.Refreshes += refreshed - e.refreshed
	for u := range units {
		for s := range units[u] {
			p.Units[u][s] += units[u][s] - e.fromUnits[u][s]
		}
	}
	e.from, e.fromUnits, e.refreshed = now, *units, refreshed
}
