package predict

import (
	"math"

	"bdfasim/isa"
	"bdfasim/isa/machine"
)

// loader is package rtl/wld: a burst a cycle into one of two buffers, the next load's bursts asked
// for behind those of the one that is landing.
type loader struct {
	queue  []*load
	filled [2]int
}

type load struct {
	*command
	flow  *flow
	begun bool
	sent  bool    // all bursts were asked for
	full  float64 // when the buffer is complete
}

func (u *loader) push(c *command) {
	u.queue = append(u.queue, &load{command: c, full: math.Inf(1)})
}

// next: what has come already waits for others.
func (u *loader) next(now float64) float64 {
	next := math.Inf(1)
	for _, l := range u.queue[:min(2, len(u.queue))] {
		t := l.full
		if !l.begun {
			t = l.at
		}
		if t > now {
			next = min(next, t)
		}
	}
	return next
}

func (u *loader) step(m *model) bool {
	if len(u.queue) == 0 {
		return false
	}
	first := u.queue[0]
	if first.full <= m.now {
		m.array.full[first.buf()] = true
		u.queue = u.queue[1:]
		m.retire(first.command)
		return true
	}
	for k, l := range u.queue[:min(2, len(u.queue))] {
		if l.flow != nil && !l.sent && l.flow.done() {
			l.sent = true
			l.full = m.now + m.mem.latency
			if l.is(isa.FlagT) {
				l.full += machine.Group
			}
			return true
		}
		if !l.begun && l.at <= m.now && (k == 0 || u.ahead(first, l)) &&
			u.filled[l.buf()] == m.array.freed[l.buf()] {
			u.begin(m, l)
			return true
		}
		if !l.sent {
			break
		}
	}
	return false
}

// ahead reports whether l's bursts may be asked for while first is landing.
func (u *loader) ahead(first, l *load) bool {
	return first.sent && first.op == isa.OpWLDWeights && l.op == isa.OpWLDWeights &&
		(!first.is(isa.FlagT) || l.is(isa.FlagT))
}

func (u *loader) begin(m *model, l *load) {
	q := &l.p
	l.begun = true
	u.filled[l.buf()]++
	n := float64(q[isa.WLDRows] * q[isa.WLDGroups])
	if l.op == isa.OpWLDErrors {
		l.sent, l.full = true, m.now+n+2
		return
	}
	if l.is(isa.FlagT) {
		n = machine.Group * groups(q[isa.WLDRows]) * float64(q[isa.WLDGroups])
	}
	r := m.of(l.command)
	r.moves(&r.Words.Weights, n)
	blocks := ceil(q[isa.WLDGroups], machine.Block/machine.Group)
	l.flow = m.bus.start(m.mem.transfer(n, m.mem.block*blocks))
}

// buf is the weight buffer of a command: the loader's two, or the halves of the second for updated
// weights.
func (c *command) buf() int {
	if c.is(isa.FlagUpd) {
		return 2 + int(c.flags&isa.FlagB1)
	}
	return int(c.flags & isa.FlagB1)
}

// macArray is package rtl/dnnc with the decoders of OMEM: a non-zero operand of each stream a
// cycle.
type macArray struct {
	queue
	full  [4]bool // weight buffers
	freed [4]int

	banks   int
	held    int      // banks of open accumulations
	pipe    float64  // from the last operand to the accumulators
	handed  []handed // banks at their consumers, oldest first
	state   int      // 0: at rest; 1: first half of a gradient; 2: wants a second bank; 3: works
	until   float64
	rest    float64 // cycles of the second half
	decoded float64 // when the decoders have finished with the last stream
	before  float64 // ... and with the one before
	filled  float64 // when the corner-turn has filled its last buffer
}

// handed is a bank for the momentum unit, or else for the drain.
type handed struct {
	toMom bool
	at    float64 // when all products are in it
}

func (u *macArray) next(now float64) float64 {
	t := math.Inf(1)
	if len(u.handed) > 0 && u.handed[0].at > now {
		t = u.handed[0].at
	}
	switch u.state {
	case 0:
		return min(t, u.coming(now))
	case 2:
		return t
	}
	return min(t, u.until)
}

// head reports whether the oldest bank waits for the momentum unit, or for the drain.
func (u *macArray) head(now float64, toMom bool) bool {
	return len(u.handed) > 0 && u.handed[0].at <= now && u.handed[0].toMom == toMom
}

func (u *macArray) release() { u.handed = u.handed[1:] }

func (u *macArray) bankFree(c *command) bool {
	return !c.is(isa.FlagFirst) || u.held+len(u.handed) < u.banks
}

// halves reports whether a gradient has a bank for each half.
func (c *command) halves() bool { return c.op == isa.OpDNNCGrad && c.p[isa.DNNCRows] > machine.Batch }

func (u *macArray) step(m *model) bool {
	if len(u.queue) == 0 {
		return false
	}
	c := u.queue[0]
	switch {
	case u.state == 0 && c.at <= m.now && u.full[c.buf()] && u.bankFree(c):
		u.begin(m, c)
	case u.state == 1 && u.until <= m.now:
		if c.is(isa.FlagLast) {
			u.hand(c, m.now)
		}
		u.state = 2
	case u.state == 2 && u.bankFree(c):
		if c.is(isa.FlagFirst) {
			u.held++
		}
		u.state, u.until = 3, m.now+u.rest
		u.decoded = max(u.decoded, u.until-fifoItems)
	case u.state == 3 && u.until <= m.now:
		u.end(m, c)
	default:
		return false
	}
	return true
}

// hand gives the oldest bank of the accumulation away.
func (u *macArray) hand(c *command, now float64) {
	u.held--
	u.handed = append(u.handed, handed{c.op != isa.OpDNNCMac, now + u.pipe})
}

func (u *macArray) end(m *model, c *command) {
	u.state = 0
	u.queue = u.queue[1:]
	if c.is(isa.FlagLast) {
		u.hand(c, m.now)
	}
	if c.is(isa.FlagFree) {
		u.full[c.buf()] = false
		u.freed[c.buf()]++
	}
	m.retire(c)
}

// Between OMEM and the array, in cycles (docs/pipelines.md, OMEM to DNNC: 4 + Z, or 2 + taps, and
// transposed 2 + W; TestStreamCycles and TestWindowCycles of package rtl/omem).
const (
	fifoItems   = 8 // operands between decoders and array, one a cycle
	firstItem   = 5 // from a stream's request to its first operand
	streamEnd   = 3 // that a decoder needs beside the operands
	cornerStart = 3 // from a full corner-turn to its first operand
)

// begin starts a command: its weights and its bank are there.
func (u *macArray) begin(m *model, c *command) {
	if c.is(isa.FlagFirst) {
		u.held++
	}
	r := m.of(c)
	lanes := machine.Group * float64(c.p[isa.DNNCGroups])
	s := m.streamOf(c)
	r.MACs += float64(s.operands * lanes)
	r.Dense += float64(s.dense * lanes)
	r.Array += s.array
	if c.op == isa.OpDNNCOnes {
		u.state, u.until = 3, m.now+s.array+2
		return
	}
	var start, end float64
	if c.op == isa.OpDNNCGrad {
		fill := max(c.at+1, u.filled, u.before)
		u.filled = fill + s.decode
		start = max(m.now, u.filled+cornerStart)
		end = start + s.array
	} else {
		open := max(c.at+1, u.decoded)
		start = max(m.now, open+firstItem)
		end = max(start+s.array, max(open+firstItem, m.now-fifoItems)+s.decode)
	}
	u.before, u.decoded = u.decoded, end-fifoItems
	u.state, u.until = 3, end
	if c.halves() {
		part := (end - start) * machine.Batch / float64(c.p[isa.DNNCRows])
		u.state, u.until, u.rest = 1, start+part, end-start-part
	}
}
