package predict

import (
	"cmp"
	"math"

	"bdfasim/isa"
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

func transfer(n, cost float64) *flow {
	if n <= 0 {
		return nil
	}
	return &flow{left: n, cost: cost, cap: 1, reads: 1}
}

// dmaPlan is package rtl/dma: n bursts or, where pixels are short, g groups of elements.
func dmaPlan(m *model, c *command) work {
	q := &c.p
	r := m.of(c)
	w := work{lead: 1, tail: latency + 4}
	n := ceil(q[isa.DMAN], 32)
	rows := float64(max(1, q[isa.DMARows]))
	switch c.op {
	case isa.OpDMAMap:
		size := uint32(1)
		if c.is(isa.FlagI16) {
			size = 2
		}
		n = rows * ceil(q[isa.DMAN]*size, 32)
		pixel := cmp.Or(q[isa.DMAChan], q[isa.DMAN])
		w.atLeast = rows * (float64(q[isa.DMAN]/pixel)*ceil(pixel, 16) + ceil(q[isa.DMAN]%pixel, 16))
	case isa.OpDMABias:
		n = ceil(q[isa.DMAN]*4, 32)
	case isa.OpDMASign:
		n = float64(q[isa.DMAN])
	case isa.OpDMAStore:
		r.moves(&r.Words.MapsWritten, n)
		return work{lead: n, tail: 6 + settle}
	case isa.OpDMACopy:
		r.moves(&r.Words.MapsWritten, n)
		r.moves(&r.Words.MapsRead, n)
		// Writes are collected: those of a short copy go when its reads have ended, to a row that opens.
		late := min(n, float64(chip.WriteHigh))
		w.flow = transfer(n, 1+(n-late)/n*lost.turn)
		w.tail += late + float64(times.TRP+times.TRCD)
		return w
	}
	r.moves(&r.Words.MapsRead, n)
	pages := min(1, float64(q[isa.DMAXStep])/float64(chip.PageBytes)) // of a row
	w.flow = transfer(n, 1+lost.row*(rows-1)*pages/n)
	if w.flow != nil {
		w.flow.cap = min(1, n/max(n, w.atLeast))
	}
	return w
}

// lossPlan is package rtl/loss.
func lossPlan(m *model, c *command) work {
	n, nb := c.p[isa.LossN], float64(c.p[isa.LossNB])
	if c.op == isa.OpLossEval {
		return work{lead: 2 + nb*ceil(n, 16)}
	}
	return work{lead: 4 + nb*(ceil(n, 16)+2*ceil(n, 4)+32)}
}

// depcPlan is package rtl/depc.
func depcPlan(m *model, c *command) work {
	q := &c.p
	nb, n := float64(q[isa.DEPCNB]), float64(q[isa.DEPCN])
	if c.op == isa.OpDEPCLoad {
		return work{lead: 2 + nb*ceil(q[isa.DEPCN], 16)}
	}
	groups := ceil(q[isa.DEPCNeurons], 16)
	w := work{lead: 6 + groups*ceil(q[isa.DEPCN], 16)*nb}
	if !c.is(isa.FlagSRAM) {
		w.lead = 7 + 2*min(n, 16) + nb + (groups-1)*max(ceil(q[isa.DEPCN], 16)*nb, 2*n)
	}
	return m.errorsOut(c, w, nb*groups)
}

// errorsOut adds what an error core writes to external memory.
func (m *model) errorsOut(c *command, w work, bursts float64) work {
	if !c.is(isa.FlagX) {
		return w
	}
	r := m.of(c)
	r.moves(&r.Words.MapsWritten, bursts)
	w.tail += settle
	// Group after group of all samples: each burst lies in another page when a sample is large.
	out := scattered(bursts, 1, c.p[isa.DEPCDStep])
	if w.flow == nil {
		w.atLeast, w.lead = w.lead, 1
		w.flow = out
		return w
	}
	w.atLeast = max(w.atLeast, bursts/out.cap)
	w.flow.cap = min(w.flow.cap, w.flow.left/w.atLeast)
	return w
}

// scattered is a flow of writes in runs of some bursts, step bytes apart.
func scattered(bursts, run float64, step uint32) *flow {
	f := &flow{left: bursts, cost: 1, cap: 1, writes: true}
	if step >= uint32(chip.PageBytes) {
		f.cap = run / (run + lost.scattered)
	}
	return f
}

// epcPlan is package rtl/epc, with trees.
func epcPlan(m *model, c *command) work {
	q := &c.p
	nb := float64(q[isa.EPCNB])
	passes := ceil(q[isa.EPCN], 16)
	if c.op == isa.OpEPCLoad {
		return work{lead: 2 + nb*passes}
	}
	blocks := passes * ceil(q[isa.EPCNeurons], 16)
	r := m.of(c)
	r.moves(&r.Words.Errors, 16*blocks)
	w := work{lead: 1, tail: 21 + latency, flow: transfer(16*blocks, 1)}
	w.flow.cap = 16 / max(16, nb)
	w.atLeast = max(16, nb) * blocks
	return m.errorsOut(c, w, nb*ceil(q[isa.EPCNeurons], 16))
}
