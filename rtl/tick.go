package rtl

import "bdfasim/rtl/activity"

// units is a set of units.
type units uint16

const (
	allUnits = units(1)<<activity.NumUnits - 1

	// Units that may call OMEM, external memory or SEQ.
	callOMEM = units(1)<<activity.DMA | 1<<activity.WLD | 1<<activity.DNNC | 1<<activity.Drain |
		1<<activity.Loss | 1<<activity.DEPC | 1<<activity.EPC
	callXMem = units(1)<<activity.DMA | 1<<activity.WLD | 1<<activity.Drain | 1<<activity.DEPC |
		1<<activity.Mom | 1<<activity.Norm | 1<<activity.EPC
	callSeq = units(1)<<activity.DMA | 1<<activity.WLD | 1<<activity.DNNC | 1<<activity.Drain |
		1<<activity.Loss | 1<<activity.DEPC | 1<<activity.Mom | 1<<activity.Norm | 1<<activity.EPC

	// Units that tick in most cycles of a long run. The others are looked at when one of them ticks.
	often = units(1)<<activity.WLD | 1<<activity.DNNC | 1<<activity.OMEM | 1<<activity.XMem
	rare  = allUnits &^ often &^ (1 << activity.Seq) // SEQ, which is often alone, comes before them
)

func (s units) has(u activity.Unit) bool { return s>>u&1 != 0 }

// with is the set with another unit.
func (s units) with(u activity.Unit) units { return s | 1<<(u&15) }

// tick ticks the units of a set, and lets those sleep that are idle or wait.
func (c *Chip) tick(t units) {
	in, w := &c.ins, &c.wires
	if t.has(activity.WLD) {
		c.WLD.Tick(&in.WLD, &w.WLD)
		c.note(activity.WLD, w.WLD.Status, w.WLD.Asleep || w.WLD.Status == activity.Idle)
	}
	if t.has(activity.DNNC) {
		c.DNNC.Tick(&in.DNNC, &w.DNNC)
		c.note(activity.DNNC, w.DNNC.Status, w.DNNC.Asleep || w.DNNC.Status == activity.Idle)
	}
	if t.has(activity.OMEM) {
		c.OMEM.Tick(&in.OMEM, &w.OMEM)
		c.note(activity.OMEM, w.OMEM.Status, w.OMEM.Asleep || w.OMEM.Status == activity.Idle)
	}
	if t.has(activity.XMem) {
		c.XMem.Tick(&in.XMem, &w.XMem)
		c.note(activity.XMem, w.XMem.Status, w.XMem.Asleep)
	}
	c.fault |= w.WLD.Fault.Code | w.DNNC.Fault.Code | w.OMEM.Fault.Code
	if t&^often != 0 {
		c.tickOthers(t)
	}
}

// tickOthers ticks those units of a set that seldom tick.
func (c *Chip) tickOthers(t units) {
	in, w := &c.ins, &c.wires
	if t.has(activity.Seq) {
		c.Seq.Tick(&in.Seq, &w.Seq)
		c.note(activity.Seq, w.Seq.Status, w.Seq.Asleep)
		c.fault |= w.Seq.Fault.Code
	}
	if t&rare == 0 {
		return
	}
	if t.has(activity.DMA) {
		c.DMA.Tick(&in.DMA, &w.DMA)
		c.note(activity.DMA, w.DMA.Status, w.DMA.Asleep || w.DMA.Status == activity.Idle)
	}
	if t.has(activity.Drain) {
		c.Drain.Tick(&in.Drain, &w.Drain)
		c.note(activity.Drain, w.Drain.Status, w.Drain.Asleep || w.Drain.Status == activity.Idle)
	}
	if t.has(activity.Loss) {
		c.Loss.Tick(&in.Loss, &w.Loss)
		c.note(activity.Loss, w.Loss.Status, w.Loss.Status == activity.Idle)
	}
	if t.has(activity.DEPC) {
		c.DEPC.Tick(&in.DEPC, &w.DEPC)
		c.note(activity.DEPC, w.DEPC.Status, w.DEPC.Status == activity.Idle)
	}
	if t.has(activity.Mom) {
		c.Mom.Tick(&in.Mom, &w.Mom)
		c.note(activity.Mom, w.Mom.Status, w.Mom.Asleep || w.Mom.Status == activity.Idle)
	}
	if t.has(activity.Norm) {
		c.Norm.Tick(&in.Norm, &w.Norm)
		c.note(activity.Norm, w.Norm.Status, w.Norm.Asleep || w.Norm.Status == activity.Idle)
	}
	if t.has(activity.EPC) {
		c.EPC.Tick(&in.EPC, &w.EPC)
		c.note(activity.EPC, w.EPC.Status, w.EPC.Status == activity.Idle)
	}
	if t.has(activity.LFSR) {
		c.LFSR.Tick(&in.LFSR, &w.LFSR)
		c.note(activity.LFSR, w.LFSR.Status, w.LFSR.Status == activity.Idle)
	}
	c.fault |= w.DMA.Fault.Code | w.Drain.Fault.Code | w.Loss.Fault.Code |
		w.DEPC.Fault.Code | w.Mom.Fault.Code | w.Norm.Fault.Code | w.EPC.Fault.Code
}

// note notes what a unit does in this cycle; it is charged for it when it does something else. A unit
// that sleeps goes on with what it did, and none sleeps while it is busy.
func (c *Chip) note(u activity.Unit, s activity.Status, asleep bool) {
	if s != c.status[u] {
		c.change(u, s)
	}
	if asleep && !c.awake {
		c.ticking &^= 1 << u
	}
}

// change notes what a unit does from this cycle on.
func (c *Chip) change(u activity.Unit, s activity.Status) {
	c.charge(u)
	if c.status[u] == activity.Busy {
		c.busy = c.cycle
	}
	c.status[u], c.since[u] = s, c.cycle+1
}

// charge charges a unit's cycles up to the last one to what it did in them.
func (c *Chip) charge(u activity.Unit) {
	c.act.Cycles[u][c.status[u]] += c.cycle - c.charged[u]
	c.charged[u] = c.cycle
}

// KeepAwake makes every unit tick in every cycle, for the proof that sleeping changes nothing.
func (c *Chip) KeepAwake() {
	c.awake = true
	c.ticking = allUnits
}
