package compile

import (
	"fmt"
	"math"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// Density says which part of the operands is not zero, 0..1, by layer. A nil slice, and a layer behind its end, is dense: 1.
type Density struct {
	Maps   []float64 // o_i, index 0 the images
	Errors []float64 // e_i as the MAC array reads it
}

func at(s []float64, i int) float64 {
	if i < len(s) {
		return s[i]
	}
	return 1
}

// Prediction is what a layer is expected to need in a phase of a training step with a full batch. Cycles add up to the
// step: they are what the phase adds to the run in program order. Elapsed goes from its first command to the end of its
// last; phases overlap. Both as package sim/profile measures them.
type Prediction struct {
	Phase   isa.Phase
	Layer   int
	Cycles  float64
	Elapsed float64

	MACs  float64 // a lane each, with the given densities
	Dense float64 // MACs if no operand were skipped: samples or taps on the map x elements x active lanes
	Array float64 // cycles in which the MAC array works
	Bus   float64 // bursts of 32 bytes, each a cycle of external memory at the best

	Words PredictedWords
}

// PredictedWords are 32-bit words to and from external memory by cause.
type PredictedWords struct {
	Weights     float64 // read by the weight loader: weights, and in gradients of convolutions the errors of pixels
	MapsRead    float64 // read by the DMA: maps, biases, tables of the program
	MapsWritten float64 // written by drain, DMA and error cores
	Update      float64 // read and written by the momentum unit
	Norm        float64 // read and written by the normalisation unit
	Errors      float64 // matrices read by the EPC
}

// Total is the sum of all causes.
func (w *PredictedWords) Total() float64 {
	return w.Weights + w.MapsRead + w.MapsWritten + w.Update + w.Norm + w.Errors
}

// Predict tells how long a training step with a full batch takes, layer by layer and phase by phase, and what it moves to and
// from external memory. The program is gone through once, command by command, without computing anything: each command
// takes the time of its unit's formula (docs/pipelines.md), waits for the queue, the buffers and the banks that it needs, and
// shares the bus of external memory with those that are under way (docs/timing.md says how). Words are exact, MACs too
// when nothing is zero. Of a fused schedule the third of three steps is told: the first has no updates to make, and the
// last one's stand alone.
func (p *Plan) Predict(d Density) ([]Prediction, error) {
	img, err := p.Program()
	if err != nil {
		return nil, err
	}
	steps := func(n uint32) ([]Prediction, error) {
		m := newModel(p, d, img, n)
		if err := m.run(); err != nil {
			return nil, fmt.Errorf("compile: prediction for %s: %w", p.spec.Net.Name, err)
		}
		return m.result(), nil
	}
	if !p.spec.Fused || p.Header.TrainN <= p.Header.Batch {
		return steps(1)
	}
	two, err := steps(2)
	if err != nil {
		return nil, err
	}
	three, err := steps(3)
	if err != nil {
		return nil, err
	}
	for k := range three {
		three[k].minus(&two[k])
	}
	return three, nil
}

// minus takes the numbers of another run of the same program away.
func (r *Prediction) minus(o *Prediction) {
	a, b := r.numbers(), o.numbers()
	for k := range a {
		*a[k] -= *b[k]
	}
}

func (r *Prediction) numbers() []*float64 {
	w := &r.Words
	return []*float64{
		&r.Cycles, &r.Elapsed, &r.MACs, &r.Dense, &r.Array, &r.Bus,
		&w.Weights, &w.MapsRead, &w.MapsWritten, &w.Update, &w.Norm, &w.Errors,
	}
}

// model is the chip as the prediction sees it: SEQ with its program, a queue and a clock for every unit, and external
// memory as a bus that is shared. Times are cycles since the start, as the other units see them: a result stands at the
// time from which others can use it.
type model struct {
	plan *Plan
	den  Density
	now  float64
	seq  sequencer
	bus  bus

	wld   loader
	array macArray
	units []server // in the order in which they look at each other's results

	marks []markTimes
	rows  []Prediction // by tag, in order of first marks
	index map[[2]int]int
	cache map[streamKey]stream
}

// markTimes is one execution of a mark.
type markTimes struct {
	row         int // index into rows
	outstanding int
	first       float64 // first command, -1: none
	last        float64 // when its last command so far retired
	closed      float64 // when the next mark came; +Inf: not yet
}

// server is a unit of the model.
type server interface {
	push(*command)
	step(m *model) bool       // goes on as far as the present time allows; reports whether anything happened
	next(now float64) float64 // the time of its next event that does not depend on others
}

// command is what SEQ sends to a unit.
type command struct {
	op    isa.Op
	unit  isa.Unit
	flags uint16
	p     [16]uint32
	mark  int
	at    float64 // when the unit sees it
}

func (c *command) is(flag uint16) bool { return c.flags&flag != 0 }

func newModel(p *Plan, d Density, img *image.Image, steps uint32) *model {
	m := &model{plan: p, den: d, index: map[[2]int]int{}, cache: map[streamKey]stream{}}
	m.array.banks = 2
	if p.spec.Fused {
		m.array.banks = 3
	}
	m.seq.init(p, img, steps)
	m.openMark(0, 0, 0)
	m.units = make([]server, isa.NumUnits)
	m.units[isa.UnitWLD], m.units[isa.UnitDNNC] = &m.wld, &m.array
	m.units[isa.UnitDMA], m.units[isa.UnitNorm] = &simple{plan: dmaPlan}, &simple{plan: normPlan}
	m.units[isa.UnitLoss], m.units[isa.UnitDEPC], m.units[isa.UnitEPC] = &simple{plan: lossPlan}, &simple{plan: depcPlan}, &simple{plan: epcPlan}
	m.units[isa.UnitDrain], m.units[isa.UnitMom] = &emptier{plan: drainPlan}, &emptier{plan: momPlan, toMom: true}
	return m
}

// run goes from event to event until the program has halted and everything has retired.
func (m *model) run() error {
	for {
		if err := m.seq.step(m); err != nil {
			return err
		}
		for changed := true; changed; {
			changed = false
			for _, u := range m.units[1:] {
				changed = u.step(m) || changed
			}
		}
		if m.seq.halted && m.seq.idle() {
			return nil
		}
		next := min(m.seq.next(m), m.bus.next(m.now))
		for _, u := range m.units[1:] {
			next = min(next, u.next(m.now))
		}
		if math.IsInf(next, 1) {
			return fmt.Errorf("nobody can go on at cycle %.0f, pc %#x", m.now, m.seq.pc)
		}
		m.bus.advance(max(0, next-m.now))
		m.now = max(m.now, next)
	}
}

// after is t, or never if that is past: what has come waits for others.
func after(t, now float64) float64 {
	if t > now {
		return t
	}
	return math.Inf(1)
}

// openMark begins what the program calls phase and layer at a time.
func (m *model) openMark(phase, layer int, now float64) {
	if n := len(m.marks); n > 0 {
		m.marks[n-1].closed = now + 1
	}
	key := [2]int{phase, layer}
	row, ok := m.index[key]
	if !ok {
		row = len(m.rows)
		m.index[key] = row
		m.rows = append(m.rows, Prediction{Phase: isa.Phase(phase), Layer: layer})
	}
	m.marks = append(m.marks, markTimes{row: row, first: -1, closed: math.Inf(1)})
}

// of is where the numbers of a command are booked.
func (m *model) of(c *command) *Prediction { return &m.rows[m.marks[c.mark].row] }

// retire ends a command at the present time.
func (m *model) retire(c *command) {
	k := &m.marks[c.mark]
	k.outstanding--
	k.last = m.now
	m.seq.retired(c.unit)
}

// result books the times of the marks. A mark is reported when a later one stands and its commands have retired.
func (m *model) result() []Prediction {
	front := 0.0
	ends := make([]float64, len(m.rows))
	for _, k := range m.marks {
		done := max(k.last, k.closed)
		if math.IsInf(done, 1) {
			done = max(k.last, m.now)
		}
		r := &m.rows[k.row]
		if k.first >= 0 { // time in which several marks of a row run counts once
			r.Elapsed += max(0, done-max(k.first, ends[k.row]))
			ends[k.row] = max(ends[k.row], done)
		}
		if done > front {
			r.Cycles += done - front
			front = done
		}
	}
	return m.rows
}
