package powertrace

import (
	"fmt"
	"math"

	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
)

// never is the cycle that no run reaches.
const never = math.MaxUint64

// Config says what is recorded.
type Config struct {
	Window uint64 // cycles of a window, at least 1
	From   uint64 // first recorded cycle
	To     uint64 // cycle at which recording ends; 0: the end of the run
}

// Record is one window. It is valid while a Sink looks at it; the next window overwrites it.
type Record struct {
	From, To uint64       // cycles: To - From are in the window
	Tag      activity.Tag // SEQ's mark in the last of them
	Unit     [activity.NumUnits]power.Attojoules
	OnDie    power.Attojoules // all units but external memory; leakage is included everywhere
	External power.Attojoules
	Total    power.Attojoules // both; an int64 of attojoules holds it, and so all its parts

	prices *power.PriceList
}

// MW returns the average power in the window of a part of its energy.
func (r *Record) MW(a power.Attojoules) float64 { return r.prices.MW(a, r.To-r.From) }

// Sink is given every window once, in order. An error ends the recording.
type Sink func(*Record) error

// Sampler cuts a run into windows.
type Sampler struct {
	chip   *rtl.Chip
	cfg    Config
	sinks  []Sink
	counts counts
	rec    Record
	begun  bool   // the counts at rec.From are known
	next   uint64 // cycle at whose end Sample wants to be called
}

// New returns a sampler of a chip for its run from now on. It refuses windows without cycles and a range that is empty.
func New(chip *rtl.Chip, prices *power.PriceList, cfg Config, sinks ...Sink) (*Sampler, error) {
	if cfg.Window == 0 {
		return nil, fmt.Errorf("powertrace: window: got 0 cycles, want at least 1")
	}
	now := chip.Cycle()
	if cfg.To != 0 && cfg.To <= max(cfg.From, now) {
		return nil, fmt.Errorf("powertrace: range: got cycles %d to %d at cycle %d, want an end after the beginning", cfg.From, cfg.To, now)
	}
	s := &Sampler{chip: chip, cfg: cfg, sinks: sinks, next: cfg.From}
	s.rec.prices = prices
	s.counts.price(prices)
	if cfg.From <= now {
		s.begin(now)
	}
	return s, nil
}

// Next is the cycle after which Sample is to be called, math.MaxUint64 when nothing is left to record.
func (s *Sampler) Next() uint64 { return s.next }

// Sample ends a window, or begins the first, and returns Next; cycle is the chip's. Sinks see the window. A call that
// comes early does nothing, one that comes late makes its window longer.
func (s *Sampler) Sample(cycle uint64) (next uint64, err error) {
	switch {
	case cycle < s.next || s.next == never:
		return s.next, nil
	case !s.begun:
		s.begin(cycle)
		return s.next, nil
	}
	if err := s.take(cycle); err != nil {
		s.next = never
		return never, err
	}
	if s.next = s.end(cycle); s.next == never {
		err = s.counts.complete(s.chip.Activity())
	}
	return s.next, err
}

// OnCycle is Sample for callers that call after every cycle, as sim.Options.OnCycle does.
func (s *Sampler) OnCycle(cycle uint64) error {
	if cycle < s.next {
		return nil
	}
	_, err := s.Sample(cycle)
	return err
}

// Close ends the last window, which may be shorter than the others. It reports counts that no window holds, of which a
// chip that counts as it should has none, and counts that the price list's activity model cannot price.
func (s *Sampler) Close() error {
	begun, more := s.begun, s.next != never
	s.next = never
	if !begun || !more {
		return nil
	}
	if now := s.chip.Cycle(); now > s.rec.To {
		if err := s.take(now); err != nil {
			return err
		}
	}
	return s.counts.complete(s.chip.Activity())
}

// begin notes the counts at the beginning of the first window.
func (s *Sampler) begin(cycle uint64) {
	s.counts.begin(s.chip.Activity(), &s.chip.Seq.State)
	s.begun, s.rec.To = true, cycle
	s.next = s.end(cycle)
}

// end is where the window that begins at a cycle ends.
func (s *Sampler) end(from uint64) uint64 {
	end := from + min(s.cfg.Window, never-1-from)
	switch to := s.cfg.To; {
	case to == 0:
		return end
	case from >= to:
		return never
	default:
		return min(end, to)
	}
}

// take measures the window from the last one's end to a cycle and shows it to the sinks.
func (s *Sampler) take(cycle uint64) error {
	r := &s.rec
	r.From, r.To, r.Tag = r.To, cycle, s.chip.Wires().Seq.Tag
	if err := s.counts.window(r, s.chip.Activity(), &s.chip.Seq.State); err != nil {
		return fmt.Errorf("powertrace: cycles %d to %d: %w", r.From, r.To, err)
	}
	for _, sink := range s.sinks {
		if err := sink(r); err != nil {
			return err
		}
	}
	return nil
}
