package rtl

import (
	"math/bits"

	"bdfasim/rtl/activity"
)

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
)

func (s units) has(u activity.Unit) bool { return s>>u&1 != 0 }

func (s *units) add(u activity.Unit) { *s |= 1 << u }

// first is the first unit of a set that is not empty.
func (s units) first() int { return bits.TrailingZeros16(uint16(s)) }

// ticks lists the units' ticks by activity.Unit.
var ticks = [activity.NumUnits]func(*Chip){
	activity.Seq:   (*Chip).tickSeq,
	activity.DMA:   (*Chip).tickDMA,
	activity.WLD:   (*Chip).tickWLD,
	activity.DNNC:  (*Chip).tickDNNC,
	activity.Drain: (*Chip).tickDrain,
	activity.Loss:  (*Chip).tickLoss,
	activity.DEPC:  (*Chip).tickDEPC,
	activity.Mom:   (*Chip).tickMom,
	activity.Norm:  (*Chip).tickNorm,
	activity.EPC:   (*Chip).tickEPC,
	activity.LFSR:  (*Chip).tickLFSR,
	activity.OMEM:  (*Chip).tickOMEM,
	activity.XMem:  (*Chip).tickXMem,
}

func (c *Chip) tickSeq() {
	c.Seq.Tick(&c.ins.Seq, &c.wires.Seq)
	c.note(activity.Seq, c.wires.Seq.Status)
	if c.wires.Seq.Asleep {
		c.sleep(activity.Seq)
	}
}

func (c *Chip) tickDMA() {
	c.DMA.Tick(&c.ins.DMA, &c.wires.DMA)
	c.count(activity.DMA, c.wires.DMA.Status)
}

func (c *Chip) tickWLD() {
	c.WLD.Tick(&c.ins.WLD, &c.wires.WLD)
	c.count(activity.WLD, c.wires.WLD.Status)
	if c.wires.WLD.Asleep {
		c.sleep(activity.WLD)
	}
}

func (c *Chip) tickDNNC() {
	c.DNNC.Tick(&c.ins.DNNC, &c.wires.DNNC)
	c.count(activity.DNNC, c.wires.DNNC.Status)
}

func (c *Chip) tickDrain() {
	c.Drain.Tick(&c.ins.Drain, &c.wires.Drain)
	c.count(activity.Drain, c.wires.Drain.Status)
	if c.wires.Drain.Asleep {
		c.sleep(activity.Drain)
	}
}

func (c *Chip) tickLoss() {
	c.Loss.Tick(&c.ins.Loss, &c.wires.Loss)
	c.count(activity.Loss, c.wires.Loss.Status)
}

func (c *Chip) tickDEPC() {
	c.DEPC.Tick(&c.ins.DEPC, &c.wires.DEPC)
	c.count(activity.DEPC, c.wires.DEPC.Status)
}

func (c *Chip) tickMom() {
	c.Mom.Tick(&c.ins.Mom, &c.wires.Mom)
	c.count(activity.Mom, c.wires.Mom.Status)
}

func (c *Chip) tickNorm() {
	c.Norm.Tick(&c.ins.Norm, &c.wires.Norm)
	c.count(activity.Norm, c.wires.Norm.Status)
}

func (c *Chip) tickEPC() {
	c.EPC.Tick(&c.ins.EPC, &c.wires.EPC)
	c.count(activity.EPC, c.wires.EPC.Status)
}

func (c *Chip) tickLFSR() {
	c.LFSR.Tick(&c.ins.LFSR, &c.wires.LFSR)
	c.count(activity.LFSR, c.wires.LFSR.Status)
}

func (c *Chip) tickOMEM() {
	c.OMEM.Tick(&c.ins.OMEM, &c.wires.OMEM)
	c.count(activity.OMEM, c.wires.OMEM.Status)
}

func (c *Chip) tickXMem() {
	c.XMem.Tick(&c.ins.XMem, &c.wires.XMem)
	c.note(activity.XMem, c.wires.XMem.Status)
	if c.wires.XMem.Asleep {
		c.sleep(activity.XMem)
	}
}

// count notes what a unit does, and lets an idle unit sleep.
func (c *Chip) count(u activity.Unit, s activity.Status) {
	c.note(u, s)
	if s == activity.Idle {
		c.sleep(u)
	}
}

// note notes what a unit does in this cycle. It is charged for it when it does something else.
func (c *Chip) note(u activity.Unit, s activity.Status) {
	if s != c.status[u] {
		c.charge(u)
		c.status[u], c.since[u] = s, c.cycle+1
	}
	if s == activity.Busy {
		c.busy = c.cycle + 1
	}
}

// charge charges a unit's cycles up to the last one to what it did in them.
func (c *Chip) charge(u activity.Unit) {
	c.act.Cycles[u][c.status[u]] += c.cycle - c.charged[u]
	c.charged[u] = c.cycle
}

// sleep lets a unit sleep. It goes on with what it did, and none sleeps while it is busy.
func (c *Chip) sleep(u activity.Unit) {
	if !c.awake {
		c.ticking &^= 1 << u
	}
}

// KeepAwake makes every unit tick in every cycle, for the proof that sleeping changes nothing.
func (c *Chip) KeepAwake() {
	c.awake = true
	c.ticking = allUnits
}
