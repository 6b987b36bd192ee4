package race

import (
	"bdfasim/firmware/order"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/port"
)

// Detector watches a chip.
type Detector struct {
	// Seen is called for each access that is seen, if it is there: command number of a unit, from 0
	// on, does so with n addresses of a memory.
	Seen func(u isa.Unit, number int, act isa.Act, in isa.Space, addr, n uint32)

	chip    *rtl.Chip
	monitor *order.Monitor
	written *written            // nil: nobody asked for reads of what is not
	regs    [isa.NumRegs]uint32 // of SEQ, before the instruction
	params  [isa.NumUnits][isa.NumParams]uint32
	issued  [isa.NumUnits]int
	last    [isa.NumUnits][port.QueueDepth]*command // by number

	streams []*command           // of OMEM's requests, oldest first
	located [fetchers][2]located // by fetcher
	coded   [port.NumEPorts]coded
	latch   latch
}

// command is one that a unit has.
type command struct {
	order.Issued
	unit   isa.Unit
	number int
	op     isa.Op
	flags  uint16
	own    *itself
}

// New returns a detector for a chip that has not run yet. It keeps so many different findings;
// 0: order.DefaultFindings. Call Cycle after every cycle.
func New(chip *rtl.Chip, findings int) *Detector {
	config := chip.Config()
	sizes := isa.Of(&config)
	return &Detector{chip: chip, monitor: order.NewMonitor(&sizes, findings)}
}

// Unwritten makes the detector look for reads of what neither the program nor its image has written.
func (d *Detector) Unwritten(img *image.Image) {
	config := d.chip.Config()
	sizes := isa.Of(&config)
	d.written = newWritten(img, &sizes)
}

// Reads are the reads that Unwritten asked for, the first of each instruction.
func (d *Detector) Reads() []Unwritten {
	if d.written == nil {
		return nil
	}
	return d.written.reads
}

// Report is what was found so far.
func (d *Detector) Report() *order.Report { return d.monitor.Report() }

// Cycle looks at a cycle, the chip's latest. What units do comes first: they do not know yet what
// SEQ sends in this cycle.
func (d *Detector) Cycle(uint64) error {
	d.units()
	d.omem()
	d.seq()
	return nil
}

// Close implements an observer of a run.
func (d *Detector) Close() error { return nil }

// seq follows the program.
func (d *Detector) seq() {
	s := &d.chip.Wires().Seq
	if r := &s.Retire; r.Valid {
		d.executed(r.PC, r.Word)
	}
	d.regs = d.chip.Seq.R
}

func (d *Detector) executed(pc uint32, w isa.Word) {
	s := &d.chip.Wires().Seq
	at := order.Command{
		Unit: isa.UnitSeq, Op: w.Op(), PC: pc, Phase: isa.Phase(s.Tag.Phase()), Layer: int(s.Tag.Layer()),
	}
	switch b := &s.Bus; {
	case w.ScratchBytes() > 0:
		act := isa.Write
		if isa.Lookup(w.Op()).Format == isa.FmtLoad {
			act = isa.ReadEarly
		}
		addr := d.regs[w.Ra()] + uint32(w.Imm())
		d.monitor.Scratch(at, addr, w.ScratchBytes(), act)
		if d.written != nil {
			d.written.access(at, act, isa.ScratchMem, uint64(addr), uint64(w.ScratchBytes()))
		}
	case w.Op() == isa.OpWait:
		d.monitor.Wait(pc, w.AuxUnit(), w.Imm())
	case b.Kind == port.BusGet:
		d.monitor.Get(at, b.Unit, int(b.Index))
	case b.Kind == port.BusParam:
		d.monitor.Param(at, b.Unit, int(b.Index))
		d.params[b.Unit][b.Index] = b.Val
	case b.Kind == port.BusCmd:
		at.Unit = b.Unit
		c := &command{
			Issued: d.monitor.Issue(at, b.Flags, &d.params[b.Unit]), unit: b.Unit, number: d.issued[b.Unit],
			op: b.Op, flags: b.Flags, own: newItself(b.Op),
		}
		d.last[b.Unit][d.issued[b.Unit]%port.QueueDepth] = c
		d.issued[b.Unit]++
	}
}

// at is command i of a unit's queue, 0 the oldest.
func (d *Detector) at(u isa.Unit, q *port.Queue, i uint8) *command {
	return d.last[u][(d.issued[u]-int(q.N)+int(i))%port.QueueDepth]
}

// access tells of an access to n addresses of a memory, which are a piece that moves at once.
func (d *Detector) access(c *command, act isa.Act, in isa.Space, addr, n uint32) {
	if d.Seen != nil {
		d.Seen(c.unit, c.number, act, in, addr, n)
	}
	d.monitor.Access(c.Issued, act, in, uint64(addr), uint64(n))
	if d.written != nil {
		d.written.access(c.Issued.Command(), act, in, uint64(addr), uint64(n))
	}
	if n > 0 && !c.own.inPlace(act, in, addr) {
		d.monitor.Overlap(c.Issued, in, uint64(addr), uint64(n))
	}
}
