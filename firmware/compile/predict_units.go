package compile

import (
	"math"

	"bdfasim/isa"
)

// work is what a command needs of its unit: some cycles before, a transfer, and some cycles behind; never less than a
// minimum in all.
type work struct {
	lead, tail, atLeast float64
	flow                *flow // nil: none
}

// simple is a unit that works on one command after the other and needs nobody but external memory.
type simple struct {
	plan  func(*model, *command) work
	queue []*command
	w     work
	state int     // 0: at rest; 1: lead; 2: transfer; 3: tail
	until float64 // end of lead or tail
	begun float64
}

func (u *simple) push(c *command) { u.queue = append(u.queue, c) }

func (u *simple) next(now float64) float64 {
	switch {
	case u.state == 1 || u.state == 3:
		return u.until
	case u.state == 0 && len(u.queue) > 0:
		return after(u.queue[0].at, now)
	}
	return math.Inf(1)
}

func (u *simple) step(m *model) bool {
	if len(u.queue) == 0 {
		return false
	}
	c := u.queue[0]
	switch {
	case u.state == 0 && c.at <= m.now:
		u.w = u.plan(m, c)
		u.state, u.begun, u.until = 1, m.now, m.now+u.w.lead
	case u.state == 1 && u.until <= m.now:
		u.state = 2
		if u.w.flow != nil {
			m.bus.start(u.w.flow)
		}
	case u.state == 2 && u.w.flow.done():
		u.state, u.until = 3, max(m.now, u.begun+u.w.lead+u.w.atLeast)+u.w.tail
	case u.state == 3 && u.until <= m.now:
		u.state = 0
		u.queue = u.queue[1:]
		m.retire(c)
	default:
		return false
	}
	return true
}

func ceil(n, d uint32) float64 { return float64((n + d - 1) / d) }

// transfer is a flow of n units.
func transfer(n, cost, reads float64) *flow {
	if n <= 0 {
		return nil
	}
	return &flow{left: n, cost: cost, cap: 1, reads: reads}
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
		chan_ := q[isa.DMAChan]
		if chan_ == 0 {
			chan_ = q[isa.DMAN]
		}
		w.atLeast = rows * (float64(q[isa.DMAN]/chan_)*ceil(chan_, 16) + ceil(q[isa.DMAN]%chan_, 16))
	case isa.OpDMABias:
		n = ceil(q[isa.DMAN]*4, 32)
	case isa.OpDMASign:
		n = float64(q[isa.DMAN])
	case isa.OpDMAStore:
		r.Words.MapsWritten += 8 * n
		r.Bus += n
		return work{lead: n, tail: 6 + settle}
	case isa.OpDMACopy:
		r.Words.MapsWritten += 8 * n
		r.Words.MapsRead += 8 * n
		r.Bus += 2 * n
		// Writes are collected: those of a short copy go when its reads have ended.
		late := min(n, copyLate)
		w.flow = transfer(n, 1+(n-late)/n*turnCost, 1)
		w.tail += late + 8
		return w
	}
	r.Words.MapsRead += 8 * n
	r.Bus += n
	pages := min(1, float64(q[isa.DMAXStep])/(1<<pageShift)) // of a row
	w.flow = transfer(n, 1+rowCost*(rows-1)*pages/n, 1)
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
	r.Words.MapsWritten += 8 * bursts
	r.Bus += bursts
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
	if step >= 1<<pageShift {
		f.cap = run / (run + rowMiss)
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
	r.Words.Errors += 8 * 16 * blocks
	r.Bus += 16 * blocks
	w := work{lead: 1, tail: 21 + latency, flow: transfer(16*blocks, 1, 1)}
	w.flow.cap = 16 / max(16, nb)
	w.atLeast = max(16, nb) * blocks
	return m.errorsOut(c, w, nb*ceil(q[isa.EPCNeurons], 16))
}

// emptier is a unit that empties accumulator banks: the drain and the momentum unit.
type emptier struct {
	plan  func(*model, *command) []work // for each bank
	toMom bool
	upd   [2]int // how often each half of WMEM buffer 1 was filled
	queue []*command
	parts []work
	state int // 0: wants a bank; 2: transfer; 3: tail of the last part
	until float64
	begun float64
}

func (u *emptier) push(c *command) { u.queue = append(u.queue, c) }

func (u *emptier) next(now float64) float64 {
	switch {
	case u.state == 2 && u.parts[0].flow == nil || u.state == 3:
		return u.until
	case u.state == 0 && len(u.queue) > 0:
		return after(u.queue[0].at, now)
	}
	return math.Inf(1)
}

func (u *emptier) step(m *model) bool {
	if len(u.queue) == 0 {
		return false
	}
	c := u.queue[0]
	switch {
	case u.state == 0 && c.at <= m.now:
		if u.parts == nil {
			u.parts = u.plan(m, c)
			if u.toMom {
				u.begun = m.now
			}
		}
		if !m.array.head(u.toMom) || !u.room(m, c) {
			return false
		}
		u.take(m)
	case u.state == 2 && (u.parts[0].flow == nil && u.until <= m.now || u.parts[0].flow != nil && u.parts[0].flow.done()):
		m.array.release()
		u.begun = m.now
		tail := u.parts[0].tail
		u.state = 0
		if u.parts = u.parts[1:]; len(u.parts) == 0 {
			u.state, u.until = 3, m.now+tail
			if u.toMom && c.is(isa.FlagUpd) {
				m.array.full[c.buf()] = true
			}
		}
	case u.state == 3 && u.until <= m.now:
		u.state, u.parts = 0, nil
		u.queue = u.queue[1:]
		m.retire(c)
	default:
		return false
	}
	return true
}

// room reports whether a command that puts new weights into WMEM has its half.
func (u *emptier) room(m *model, c *command) bool {
	if !u.toMom || !c.is(isa.FlagUpd) {
		return true
	}
	half := c.buf() - 2
	if u.upd[half] != m.array.freed[c.buf()] {
		return false
	}
	u.upd[half]++
	return true
}

// take begins to empty the oldest bank.
func (u *emptier) take(m *model) {
	w := &u.parts[0]
	u.state, u.until = 2, m.now+w.lead
	if w.flow == nil {
		return
	}
	if u.toMom { // reads of a few chunks went ahead while it waited
		ahead := min(chunksAhead, (m.now-u.begun)/updateCost)
		w.flow.left = max(1, w.flow.left-ahead/2)
		u.begun = m.now
	}
	m.bus.start(w.flow)
}

// drainPlan is package rtl/drain: a group a cycle.
func drainPlan(m *model, c *command) []work {
	q := &c.p
	groups := float64(q[isa.DrainNB]) * ceil(q[isa.DrainLanes], 16)
	w := work{lead: groups, tail: 4}
	switch {
	case c.is(isa.FlagX):
		r := m.of(c)
		r.Words.MapsWritten += 8 * groups
		r.Bus += groups
		w.flow = scattered(groups, ceil(q[isa.DrainLanes], 16), q[isa.DrainDStep])
		w.tail += settle
	case c.op == isa.OpDrainAct:
		w.tail += 4
	}
	return []work{w}
}

const (
	rowCost     = 2.5 // cycles of the bus that a row of a map costs beside its bursts when it lies in another page
	rowMiss     = 7.7 // cycles that a run of writes in another page waits for it
	copyLate    = 24  // writes that are collected before the bus turns
	chunksAhead = 8
	updateGap   = 60                     // cycles between updates: the writes of one must be in the memory before the next one writes
	updateCost  = 10 * turnCost / usable // cycles a chunk when nobody else wants the bus
)

// momPlan is package rtl/momentum: chunks of 32 lanes, a bank of 32 rows at a time.
func momPlan(m *model, c *command) []work {
	q := &c.p
	perRow := 0.0
	for lane := uint32(0); lane < q[isa.MomLanes]; lane += 64 {
		perRow += ceil(min(64, q[isa.MomLanes]-lane), 32)
	}
	bursts, rows := 5.0, q[isa.MomRows]
	if c.op == isa.OpMomB {
		bursts, rows = 7, 1
	}
	r := m.of(c)
	r.Words.Update += 8 * 2 * bursts * perRow * float64(rows)
	r.Bus += 2 * bursts * perRow * float64(rows)
	var parts []work
	for row := uint32(0); row < rows; row += 32 {
		n := perRow * float64(min(32, rows-row))
		parts = append(parts, work{tail: updateGap, flow: &flow{left: n, cost: 2 * bursts * turnCost, cap: 1 / bursts, reads: bursts, turns: true}})
	}
	return parts
}
