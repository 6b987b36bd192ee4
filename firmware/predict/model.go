package predict

import (
	"fmt"
	"math"
	"slices"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/isa/interp"
	"bdfasim/isa/machine"
)

// model is the chip as the prediction sees it. Times are cycles since the start, as the other units
// see them: a result stands at the time from which others can use it.
type model struct {
	plan    *compile.Plan
	machine *machine.Config
	mem     *memory
	den     Density
	now     float64
	seq     sequencer
	bus     bus

	wld   loader
	array macArray
	units []server // in the order in which they look at each other's results, without SEQ

	marks []markTimes
	rows  []Row // by tag, in order of first marks
	cache map[streamKey]stream
}

// markTimes is one execution of a mark.
type markTimes struct {
	row    int     // index into rows
	first  float64 // first command, -1: none
	last   float64 // when its last command so far retired
	closed float64 // when the next mark came; +Inf: not yet
}

type server interface {
	push(*command)
	step(m *model) bool       // goes on as far as time allows; reports whether anything happened
	next(now float64) float64 // the time of its next event that does not depend on others
}

// command is what SEQ sends to a unit.
type command struct {
	op    isa.Op
	unit  isa.Unit
	flags uint16
	p     [isa.NumParams]uint32
	mark  int
	at    float64 // when the unit sees it
}

func (c *command) is(flag uint16) bool { return c.flags&flag != 0 }

// queue holds the commands of a unit, the oldest first.
type queue []*command

func (q *queue) push(c *command) { *q = append(*q, c) }

// coming is when the oldest command comes, or never if it has come or there is none.
func (q queue) coming(now float64) float64 {
	if len(q) > 0 && q[0].at > now {
		return q[0].at
	}
	return math.Inf(1)
}

func newModel(p *compile.Plan, d Density, img *image.Image) *model {
	c := p.Spec().Machine
	c.Fused = c.Fused || p.Spec().Fused
	m := &model{plan: p, machine: &c, mem: memoryOf(&c), den: d, cache: map[streamKey]stream{}}
	m.bus.usable, m.array.banks = m.mem.usable, c.Banks()
	m.array.pipe = float64(2 + c.ProductRegisters())
	m.seq.Machine = interp.New(img)
	m.seq.watch(m)
	m.openMark()
	m.units = []server{
		isa.UnitDMA: &worker{plan: dmaPlan}, isa.UnitWLD: &m.wld, isa.UnitDNNC: &m.array,
		isa.UnitDrain: &worker{plan: drainPlan, bank: &banks{}}, isa.UnitLoss: &worker{plan: lossPlan},
		isa.UnitDEPC: &worker{plan: depcPlan}, isa.UnitNorm: &worker{plan: normPlan},
		isa.UnitMom: &worker{plan: momPlan, bank: &banks{toMom: true}},
		isa.UnitEPC: &worker{plan: epcPlan},
	}
	return m
}

// next is the time of the next event of memory and units.
func (m *model) next() float64 {
	t := m.bus.next(m.now)
	for _, u := range m.units[1:] {
		t = min(t, u.next(m.now))
	}
	return t
}

// pass lets time pass, up to t.
func (m *model) pass(t float64) {
	m.bus.advance(max(0, t-m.now))
	m.now = max(m.now, t)
}

// run goes from event to event until the program has halted and everything has retired.
func (m *model) run() error {
	for {
		// Units first: SEQ goes on until their next event, which a command that comes now may bring.
		m.work()
		if err := m.seq.step(m); err != nil {
			return err
		}
		m.work()
		if m.seq.Halted && m.seq.outstanding == [isa.NumUnits]int{} {
			return nil
		}
		next := min(m.seq.next(), m.next())
		if math.IsInf(next, 1) {
			return fmt.Errorf("pc 0x%x: nobody can go on at cycle %.0f", m.seq.PC, m.now)
		}
		m.pass(next)
	}
}

// work lets all units go on as far as they can at the present time.
func (m *model) work() {
	for changed := true; changed; {
		changed = false
		for _, u := range m.units[1:] {
			changed = u.step(m) || changed
		}
	}
}

// openMark begins what the program calls its phase and layer.
func (m *model) openMark() {
	m.closeMark()
	phase, layer := m.seq.Phase, m.seq.Layer
	row := slices.IndexFunc(m.rows, func(r Row) bool { return r.Phase == phase && r.Layer == layer })
	if row < 0 {
		row = len(m.rows)
		m.rows = append(m.rows, Row{Phase: phase, Layer: layer})
	}
	m.marks = append(m.marks, markTimes{row: row, first: -1, closed: math.Inf(1)})
}

func (m *model) closeMark() {
	if n := len(m.marks); n > 0 {
		m.marks[n-1].closed = m.now + 1
	}
}

// of is where the numbers of a command are booked.
func (m *model) of(c *command) *Row { return &m.rows[m.marks[c.mark].row] }

// retire ends a command at the present time.
func (m *model) retire(c *command) {
	m.marks[c.mark].last = m.now
	m.seq.retired(c.unit)
}

// result books the times of the marks. A mark is reported when a later one stands and its commands
// have retired.
func (m *model) result() []Row {
	front := 0.0
	ends := make([]float64, len(m.rows))
	for _, k := range m.marks {
		done := max(k.last, k.closed)
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
