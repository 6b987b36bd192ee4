package predict

import "bdfasim/isa"

// normPlan is package rtl/norm: steps that move up to a burst each way. The maps that it reads in
// turn may lie in rows of one bank of external memory, which then opens and closes them all the
// time; so the walk is made, and the rows followed.
func normPlan(m *model, c *command) work {
	ch := float64(c.p[isa.NormChan])
	w := work{lead: 1, tail: m.mem.latency + 5}
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
		w.lead += float64(54 * ch)
	}
	n := normWalk{cmd: c, bus: newRowClock(m.mem)}
	n.walk()
	n.bus.flush()
	r := m.of(c)
	r.moves(&r.Words.Norm, n.bus.n)
	if n.bus.writes > 0 {
		w.tail += m.mem.settle
	}
	time := max(n.bus.t, n.steps)
	// While rows open and close, others may have the bus.
	w.flow = &flow{
		left: n.steps, cost: min(time, n.bus.n*m.mem.turn) / n.steps, cap: n.steps / time,
		reads: max(lost.normShare*(n.bus.n-n.bus.writes)/n.steps, 0.1),
		rows:  time > n.bus.n*m.mem.turn, turns: n.bus.writes > 0,
	}
	return w
}

// normWalk goes the way of a command through its maps.
type normWalk struct {
	cmd        *command
	bus        *rowClock
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
	n.groups, n.pool = int(groups(q[isa.NormChan])), max(1, int(q[isa.NormPool]))
	n.h, n.w = int(q[isa.NormH]), int(q[isa.NormW])
	pixels := int(q[isa.NormNB]) * n.h * n.w
	switch n.cmd.op {
	case isa.OpNormLoad, isa.OpNormStore:
		move := n.read
		if n.cmd.op == isa.OpNormStore {
			move = n.write
		}
		for k := range 2 * int(q[isa.NormChan]) {
			move(isa.NormRec, k)
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
