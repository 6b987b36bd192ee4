package predict

import (
	"cmp"
	"math"

	"bdfasim/isa"
	"bdfasim/isa/machine"
)

// work is what a command needs of its unit: some cycles before, a transfer, and some cycles behind;
// never less than a minimum in all. The formulas are those of docs/pipelines.md, which tests of the
// units hold.
type work struct {
	lead, tail, atLeast float64
	flow                *flow // nil: none
	then                *work // of the next accumulator bank
}

// worker is a unit that works on one command after the other.
type worker struct {
	queue
	plan  func(*model, *command) work
	w     *work // nil: the oldest command has not been looked at
	state state
	until float64 // end of lead or tail
	begun float64
	bank  *banks // nil: it needs nobody but external memory
}

type state int

const (
	rests state = iota
	leads
	transfers
	tails
)

func (u *worker) next(now float64) float64 {
	switch u.state {
	case rests:
		return u.coming(now)
	case transfers:
		return math.Inf(1)
	}
	return u.until
}

func (u *worker) step(m *model) bool {
	if len(u.queue) == 0 {
		return false
	}
	c := u.queue[0]
	switch {
	case u.state == rests && c.at <= m.now:
		if u.w == nil {
			w := u.plan(m, c)
			u.w, u.begun = &w, m.now
		}
		if u.bank != nil && !u.bank.take(m, c, u) {
			return false
		}
		u.state, u.until = leads, m.now+u.w.lead
	case u.state == leads && u.until <= m.now:
		u.state = transfers
		if u.w.flow != nil {
			m.bus.start(u.w.flow)
		}
	case u.state == transfers && u.w.flow.done():
		u.state, u.until = tails, max(m.now, u.begun+u.w.lead+u.w.atLeast)+u.w.tail
		if u.bank != nil {
			u.bank.release(m, c, u)
		}
	case u.state == tails && u.until <= m.now:
		u.state, u.w = rests, nil
		u.queue = u.queue[1:]
		m.retire(c)
	default:
		return false
	}
	return true
}

func ceil(n, d uint32) float64 { return float64((n + d - 1) / d) }

// groups is how many groups n lanes or elements are.
func groups(n uint32) float64 { return ceil(n, machine.Group) }

// dmaPlan is package rtl/dma: n bursts or, where pixels are short, g groups of elements.
func dmaPlan(m *model, c *command) work {
	q := &c.p
	r := m.of(c)
	w := work{lead: 1, tail: m.mem.latency + 4}
	n := ceil(q[isa.DMAN], isa.BurstBytes)
	rows := float64(max(1, q[isa.DMARows]))
	switch c.op {
	case isa.OpDMAMap:
		size := uint32(1)
		if c.is(isa.FlagI16) {
			size = 2
		}
		n = rows * ceil(q[isa.DMAN]*size, isa.BurstBytes)
		pixel := cmp.Or(q[isa.DMAChan], q[isa.DMAN])
		d := m.density(c)
		w.atLeast = rows * (float64(float64(q[isa.DMAN]/pixel)*encoded(pixel, d)) + encoded(q[isa.DMAN]%pixel, d))
	case isa.OpDMABias:
		n = ceil(q[isa.DMAN]*4, isa.BurstBytes)
	case isa.OpDMASign:
		n = float64(q[isa.DMAN])
	case isa.OpDMAStore:
		r.moves(&r.Words.MapsWritten, n)
		return work{lead: n, tail: 6 + m.mem.settle}
	case isa.OpDMASave:
		g := groups(q[isa.DMAN])
		r.moves(&r.Words.MapsWritten, rows*g)
		return work{lead: rows * (g + math.Ceil(g/255)), tail: 6 + m.mem.settle}
	case isa.OpDMACopy:
		r.moves(&r.Words.MapsWritten, n)
		r.moves(&r.Words.MapsRead, n)
		// Writes are collected: those of a short copy go when its reads have ended, to a row that opens.
		late := min(n, float64(m.mem.cfg.WriteHigh))
		w.flow = m.mem.transfer(n, (n-late)*m.mem.turn)
		w.tail += float64(late*m.mem.burst) + float64(m.mem.TRP+m.mem.TRCD)
		return w
	}
	r.moves(&r.Words.MapsRead, n)
	pages := min(1, float64(q[isa.DMAXStep])/float64(m.mem.cfg.PageBytes)) // of a row
	w.flow = m.mem.transfer(n, m.mem.row*(rows-1)*pages)
	if w.flow != nil {
		w.flow.cap = min(1, n/max(n, w.atLeast))
	}
	return w
}

// lossPlan is package rtl/loss.
func lossPlan(m *model, c *command) work {
	n, nb := c.p[isa.LossN], float64(c.p[isa.LossNB])
	if c.op == isa.OpLossEval {
		return work{lead: 2 + float64(nb*groups(n))}
	}
	return work{lead: 4 + float64(nb*(groups(n)+float64(2*ceil(n, 4))+32))}
}

// trees are those of a unit: neurons and errors of a tile, whose signs or weights it takes at a
// time, and the cycles of a sample in it.
type trees struct {
	neurons, errors uint32
	sample          float64
}

func treesOf(neurons, inputs int) trees {
	parts := max(1, machine.Group/neurons) * max(1, machine.Group/inputs)
	return trees{uint32(max(neurons, machine.Group)), uint32(max(inputs, machine.Group)), float64(parts)}
}

// cycles are those of a batch of nb in all passes over a run of neurons: 32 leave as two groups.
func (t *trees) cycles(nb, passes float64, neurons uint32) float64 {
	return nb * (float64(t.sample*passes) + min(groups(t.neurons), groups(neurons)) - 1)
}

// depcPlan is package rtl/depc. Signs come from the generator at its pace.
func depcPlan(m *model, c *command) work {
	q := &c.p
	nb, n := float64(q[isa.DEPCNB]), q[isa.DEPCN]
	if c.op == isa.OpDEPCLoad {
		return work{lead: 3 + float64(nb*groups(n))}
	}
	t := treesOf(m.machine.DEPC.Neurons, m.machine.DEPC.Inputs)
	tiles, passes := ceil(q[isa.DEPCNeurons], t.neurons), ceil(n, t.errors)
	tile := t.cycles(nb, passes, q[isa.DEPCNeurons])
	blocks := float64(groups(t.neurons) * groups(t.errors)) // of signs, of which a tile takes one a cycle
	w := work{lead: 7 + float64(tiles*(float64(tile)+float64(passes*(blocks-1))))}
	if !c.is(isa.FlagSRAM) {
		class := float64(t.neurons) / float64(m.machine.LFSR.Bits)
		w.lead = 8 + float64(class*float64(min(n, t.errors))) + float64(t.cycles(nb, 1, q[isa.DEPCNeurons])) +
			float64((tiles-1)*max(tile, float64(class*float64(n))))
	}
	return m.errorsOut(c, w, nb*groups(q[isa.DEPCNeurons]))
}

// errorsOut adds what an error core writes to external memory.
func (m *model) errorsOut(c *command, w work, bursts float64) work {
	if !c.is(isa.FlagX) {
		return w
	}
	r := m.of(c)
	r.moves(&r.Words.MapsWritten, bursts)
	w.tail += m.mem.settle
	// Group after group of all samples: each burst lies in another page when a sample is large.
	out := m.mem.scatter(bursts, 1, c.p[isa.DEPCDStep])
	if w.flow == nil {
		w.atLeast, w.lead = w.lead, 1
		w.flow = out
		return w
	}
	w.atLeast = max(w.atLeast, bursts/out.cap)
	w.flow.cap = min(w.flow.cap, w.flow.left/w.atLeast)
	return w
}

// epcPlan is package rtl/epc.
func epcPlan(m *model, c *command) work {
	q := &c.p
	nb := float64(q[isa.EPCNB])
	if c.op == isa.OpEPCLoad {
		return work{lead: 3 + float64(nb*groups(q[isa.EPCN]))}
	}
	out := groups(q[isa.EPCNeurons])
	bursts := machine.Group * groups(q[isa.EPCN]) * out
	r := m.of(c)
	r.moves(&r.Words.Errors, bursts)
	w := work{lead: 1, tail: 22 + m.mem.latency, flow: m.mem.transfer(bursts, 0)}
	t := treesOf(m.machine.EPC.Neurons, m.machine.EPC.Inputs)
	if m.machine.EPC.Kind == machine.EPCLaneMask {
		w.atLeast = m.laneMask(c, bursts) + float64(nb*out)
	} else {
		passes := ceil(q[isa.EPCN], t.errors)
		tiles := passes * ceil(q[isa.EPCNeurons], t.neurons)
		w.atLeast = max(bursts, tiles*t.cycles(nb, passes, q[isa.EPCNeurons])/passes)
	}
	w.flow.cap = bursts / w.atLeast
	return m.errorsOut(c, w, nb*out)
}

// laneMask is the time of the lanes: tiles of 64 errors, whose weights come while an error that is not
// zero takes a cycle, and each sample with any another.
func (m *model) laneMask(c *command, bursts float64) float64 {
	q, e := &c.p, &m.machine.EPC
	columns, nb := ceil(q[isa.EPCN], machine.Block), float64(q[isa.EPCNB])
	tiles := float64(columns * ceil(q[isa.EPCNeurons], uint32(e.Neurons*e.Inputs)))
	d, errors := m.density(c), float64(q[isa.EPCN])/columns
	lanes, load := float64(nb*(float64(errors*d)+some(errors, d))), bursts/tiles
	return load + lanes + float64((tiles-1)*max(load, lanes))
}
