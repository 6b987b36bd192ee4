package predict

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
)

// banks is what the drain and the momentum unit do with accumulator banks.
type banks struct {
	toMom bool
	upd   [2]int // how often each half of WMEM buffer 1 was filled
}

// take begins to empty the oldest bank, if there is one for the unit, and room for what it makes.
func (b *banks) take(m *model, c *command, u *worker) bool {
	if !m.array.head(m.now, b.toMom) || !b.room(m, c) {
		return false
	}
	if b.toMom { // reads of a few chunks went ahead while it waited
		ahead := min(float64(m.machine.Momentum.Chunks), (m.now-u.begun)/(10*m.mem.chunks/m.mem.usable))
		u.w.flow.left = max(1, u.w.flow.left-float64(ahead/2))
	}
	return true
}

// room reports whether a command that puts new weights into WMEM has its half.
func (b *banks) room(m *model, c *command) bool {
	if !b.toMom || !c.is(isa.FlagUpd) {
		return true
	}
	half := c.buf() - 2
	if b.upd[half] != m.array.freed[c.buf()] {
		return false
	}
	b.upd[half]++
	return true
}

// release frees the bank, and goes on with the next one if the command takes two.
func (b *banks) release(m *model, c *command, u *worker) {
	m.array.release()
	if u.w.then != nil {
		u.w, u.state, u.begun = u.w.then, rests, m.now
	} else if b.toMom && c.is(isa.FlagUpd) {
		m.array.full[c.buf()] = true
	}
}

// drainPlan is package rtl/drain: a group a cycle.
func drainPlan(m *model, c *command) work {
	q := &c.p
	run := groups(q[isa.DrainLanes])
	all := float64(q[isa.DrainNB]) * run
	if c.is(isa.FlagX) {
		r := m.of(c)
		r.moves(&r.Words.MapsWritten, all)
		return work{tail: 6 + m.mem.settle, flow: m.mem.scatter(all, run, q[isa.DrainDStep])}
	}
	if c.op == isa.OpDrainAct {
		return work{lead: all, tail: 6 + 4}
	}
	return work{lead: all, tail: 6}
}

// momPlan is package rtl/momentum: chunks of 32 lanes, a bank of 32 rows at a time.
func momPlan(m *model, c *command) work {
	q := &c.p
	perRow := 0.0
	for lane := uint32(0); lane < q[isa.MomLanes]; lane += machine.Block {
		perRow += ceil(min(machine.Block, q[isa.MomLanes]-lane), 2*machine.Group)
	}
	bursts, rows := 5.0, q[isa.MomRows]
	if c.op == isa.OpMomB {
		bursts, rows = 7, 1
	}
	r := m.of(c)
	r.moves(&r.Words.Update, 2*bursts*perRow*float64(rows))
	cost := float64(2*bursts*m.mem.chunks) + float64(m.mem.shared*m.sharedRows(c, rows))
	part := func(rows uint32) work {
		return work{tail: m.mem.update, flow: &flow{
			left: perRow * float64(rows), cost: cost, cap: 1 / bursts,
			reads: bursts, turns: true,
		}}
	}
	w := part(min(machine.Batch, rows))
	if rows > machine.Batch {
		second := part(rows - machine.Batch)
		w.then = &second
	}
	return w
}

// sharedRows is the part of an update's rows whose weights and velocities lie in one bank of external
// memory, where they close each other's pages.
func (m *model) sharedRows(c *command, rows uint32) float64 {
	q, shared, all := &c.p, 0.0, 0.0
	for block := range (q[isa.MomLanes] + machine.Block - 1) / machine.Block {
		for row := range rows {
			w, _ := m.mem.Map(q[isa.MomWAddr] + block*q[isa.MomWStep] + 2*machine.Block*row)
			v, _ := m.mem.Map(q[isa.MomVAddr] + block*q[isa.MomVStep] + 3*machine.Block*row)
			if all++; w == v {
				shared++
			}
		}
	}
	return shared / max(1, all)
}
