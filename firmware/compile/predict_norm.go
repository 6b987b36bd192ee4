package compile

import (
	"math/bits"

	"bdfasim/isa"
)

// normPlan is package rtl/norm: steps that move up to a burst each way. The maps that it reads in turn may lie in rows of
// one bank of external memory, which then opens and closes them all the time; so the walk is made, and the rows followed.
func normPlan(m *model, c *command) work {
	ch := float64(c.p[isa.NormChan])
	w := work{lead: 1, tail: latency + 2}
	switch c.op {
	case isa.OpNormFin:
		w.lead, w.tail = 104*ch, 1
		if c.is(isa.FlagEval) {
			w.lead = 12 * ch
		}
		return w
	case isa.OpNormUpdate:
		w.lead, w.tail = 10*ch, 1
		return w
	case isa.OpNormGrad:
		w.lead += 54 * ch
	}
	n := normWalk{cmd: c, bus: rowClock{half: bits.Len(uint(m.plan.spec.Capacities.XMemBytes)) - 2}}
	n.walk()
	n.bus.flush()
	r := m.of(c)
	r.Words.Norm += 8 * n.bus.n
	r.Bus += n.bus.n
	if n.bus.writes > 0 {
		w.tail += settle
	}
	time := max(n.bus.t, n.steps)
	// While rows open and close, others may have the bus.
	w.flow = &flow{
		left: n.steps, cost: min(time, n.bus.n*turnCost) / n.steps, cap: n.steps / time, reads: max(normShare*(n.bus.n-n.bus.writes)/n.steps, 0.1),
		rows: time > n.bus.n*turnCost, turns: n.bus.writes > 0,
	}
	return w
}

// rowClock is external memory for one unit alone: reads in order, writes collected, and the rows of the banks.
type rowClock struct {
	n, t     float64 // bursts so far, and the time of the last
	writes   float64
	half     int // address bit that tells the halves of the memory apart
	row      [8]uint32
	open     [8]bool
	act      [8]float64
	toPre    [8]float64 // from when on the row may be closed
	recent   [readAhead]float64
	reads    int
	waiting  []uint32 // writes
	youngest float64  // when the last of them came
}

// Times of external memory in cycles, and depths of its controller (package rtl/xmem).
const (
	pageShift   = 12
	rowOpen     = 4 // activate to burst
	rowClose    = 4 // precharge to activate
	rowAtLeast  = 9 // activate to precharge
	readToPre   = 2
	writeToPre  = 6
	readToWrite = 4
	writeToRead = 5
	normShare   = 0.7 // measured: its lanes have one step under way, so that it takes fewer turns than others when all want the bus
	readAhead   = 8   // reads that wait
	writeHigh   = 24  // writes that turn the bus,
	writeLinger = 16  // or cycles without a new one
)

// read moves a burst; it is known as early as there was a place for it.
func (r *rowClock) read(addr uint32) {
	known := r.recent[r.reads%readAhead]
	if n := len(r.waiting); n >= writeHigh {
		r.flush()
	} else if turn := r.youngest + writeLinger; n > 0 && r.when(addr, known) >= turn {
		r.t = max(r.t, turn)
		r.flush()
	}
	r.move(addr, known, readToPre)
	r.recent[r.reads%readAhead] = r.t
	r.reads++
}

// write puts a burst aside.
func (r *rowClock) write(addr uint32) {
	r.waiting = append(r.waiting, addr)
	r.youngest = r.t
	r.writes++
	if len(r.waiting) > 2*writeHigh { // nothing is read
		r.flush()
	}
}

// flush turns the bus, writes what was put aside and turns back.
func (r *rowClock) flush() {
	if len(r.waiting) == 0 {
		return
	}
	known := r.t
	if r.reads > 0 {
		r.t += readToWrite - 1
	}
	for _, addr := range r.waiting {
		r.move(addr, known, writeToPre)
	}
	r.waiting = r.waiting[:0]
	if r.reads > 0 {
		r.t += writeToRead - 1
	}
}

// place is bank and row of an address.
func (r *rowClock) place(addr uint32) (bank, row uint32) {
	page := addr >> pageShift
	return (page^page>>2^page>>4)&3 | addr>>r.half&1<<2, page >> 2
}

// when tells when a burst can move: at once if its row is open, else when it has been opened, which begins as soon as the
// request is known and the bank's row may be closed.
func (r *rowClock) when(addr uint32, known float64) float64 {
	bank, row := r.place(addr)
	if r.open[bank] && r.row[bank] == row {
		return r.t + 1
	}
	return max(r.t+1, r.activate(bank, known)+rowOpen)
}

// activate is when a row of a bank can be opened.
func (r *rowClock) activate(bank uint32, known float64) float64 {
	if !r.open[bank] {
		return known
	}
	return max(known, r.act[bank]+rowAtLeast, r.toPre[bank]) + rowClose
}

// move moves a burst; toPre is how long its row must stay open behind it.
func (r *rowClock) move(addr uint32, known, toPre float64) {
	bank, row := r.place(addr)
	r.t = r.when(addr, known)
	if !r.open[bank] || r.row[bank] != row {
		r.act[bank] = r.activate(bank, known)
		r.open[bank], r.row[bank] = true, row
	}
	r.toPre[bank] = r.t + toPre
	r.n++
}

// normWalk goes the way of a command through its maps.
type normWalk struct {
	cmd        *command
	bus        rowClock
	steps      float64
	groups     int
	h, w, pool int
}

func (n *normWalk) read(reg int, index int) {
	n.bus.read(n.cmd.p[reg] + 32*uint32(index))
}

func (n *normWalk) write(reg int, index int) {
	n.bus.write(n.cmd.p[reg] + 32*uint32(index))
}

func (n *normWalk) walk() {
	q := &n.cmd.p
	n.groups, n.h, n.w, n.pool = (int(q[isa.NormChan])+15)/16, int(q[isa.NormH]), int(q[isa.NormW]), max(1, int(q[isa.NormPool]))
	pixels := int(q[isa.NormNB]) * n.h * n.w
	switch n.cmd.op {
	case isa.OpNormLoad, isa.OpNormStore:
		for k := range 2 * int(q[isa.NormChan]) {
			if n.cmd.op == isa.OpNormLoad {
				n.read(isa.NormRec, k)
			} else {
				n.write(isa.NormRec, k)
			}
			n.steps++
		}
	case isa.OpNormStat:
		for k := range pixels * n.groups {
			n.read(isa.NormSrc, k)
			n.steps++
		}
	case isa.OpNormGrad:
		for k := range pixels * n.groups {
			n.read(isa.NormAux, k)
			n.read(isa.NormSrc, k)
			n.write(isa.NormDst, k)
			n.steps += 2
		}
	default:
		n.cells()
	}
}

// cells goes from pooling window to pooling window, back with those that are cut.
func (n *normWalk) cells() {
	p := n.pool
	cy, cx := n.h/p, n.w/p
	if n.cmd.op == isa.OpNormBack {
		cy, cx = (n.h+p-1)/p, (n.w+p-1)/p
	}
	cell := 0
	for image := range int(n.cmd.p[isa.NormNB]) {
		for y := range cy {
			for x := range cx {
				exists := y < n.h/p && x < n.w/p
				for dy := range min(p, n.h-y*p) {
					for dx := range min(p, n.w-x*p) {
						pixel := (image*n.h+y*p+dy)*n.w + x*p + dx
						if n.cmd.op == isa.OpNormBack {
							n.back(pixel, cell, exists, dy+dx == 0)
						} else {
							n.forward(pixel, cell, dy == p-1 && dx == p-1)
						}
					}
				}
				if exists {
					cell++
				}
			}
		}
	}
}

func (n *normWalk) forward(pixel, cell int, last bool) {
	blocks := (n.groups + 3) / 4
	for g := range n.groups {
		n.read(isa.NormSrc, pixel*n.groups+g)
		n.steps++
		if last {
			n.write(isa.NormDst, cell*n.groups+g)
			if g%4 == 3 || g == n.groups-1 {
				n.write(isa.NormPos, cell*blocks+g/4)
				n.steps++
			}
		}
	}
}

func (n *normWalk) back(pixel, cell int, exists, first bool) {
	blocks := (n.groups + 3) / 4
	for g := range n.groups {
		if exists && first {
			if g%4 == 0 {
				n.read(isa.NormPos, cell*blocks+g/4)
				n.steps++
			}
			n.read(isa.NormAux, cell*n.groups+g)
			n.steps++
		}
		if exists && n.cmd.is(isa.FlagBN) {
			n.read(isa.NormSrc, pixel*n.groups+g)
		}
		n.write(isa.NormDst, pixel*n.groups+g)
		n.steps++
	}
}
