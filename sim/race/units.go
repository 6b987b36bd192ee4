package race

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// latch is the sign memory's, as it was seen last.
type latch struct {
	c     *command
	entry uint32
}

// units looks at the requests that units drive.
func (d *Detector) units() {
	d.dma()
	d.wld()
	d.drain()
	d.errors()
	d.momentum()
	w, c := d.chip.Wires(), d.chip
	if n := &c.Norm.Queue; w.Norm.Read.Valid || w.Norm.Write.Valid {
		by := d.at(isa.UnitNorm, n, 0)
		d.burst(by, isa.ReadEarly, w.Norm.Read.Valid, w.Norm.Read.Addr)
		d.burst(by, isa.Write, w.Norm.Write.Valid, w.Norm.Write.Addr)
	}
	if l := &c.Loss.Queue; w.Loss.Req.Valid || w.Loss.Write.Valid {
		by := d.at(isa.UnitLoss, l, 0)
		d.stream(by, isa.ReadEarly, &w.Loss.Req)
		d.group(by, &w.Loss.Write)
	}
}

// burst is an access to external memory, if there is one.
func (d *Detector) burst(c *command, act isa.Act, valid bool, addr uint32) {
	if valid {
		d.access(c, act, isa.External, addr, port.BurstBytes)
	}
}

const groupWords = 4

// stream is a request for rows of groups from OMEM.
func (d *Detector) stream(c *command, act isa.Act, r *port.ReadReq) {
	if !r.Valid {
		return
	}
	for row := range uint32(r.Rows) {
		for g := range uint32(r.Groups) {
			d.access(c, act, isa.OMEM, r.Addr+row*r.Stride+groupWords*g, groupWords)
		}
	}
}

// group is a write of one to OMEM.
func (d *Detector) group(c *command, r *port.WriteReq) {
	if r.Valid {
		d.access(c, isa.Write, isa.OMEM, r.Addr, groupWords)
	}
}

// mask is an access to the mask memory, which stands on the wires until it is served.
func (d *Detector) mask(c *command, read isa.Act, r *port.MaskReq) {
	switch {
	case !r.Valid:
	case r.Write:
		d.access(c, isa.Write, isa.MaskMem, r.Addr, 1)
	default:
		d.access(c, read, isa.MaskMem, r.Addr, 1)
	}
}

func (d *Detector) dma() {
	w := &d.chip.Wires().DMA
	by := d.at(isa.UnitDMA, &d.chip.DMA.Queue, 0)
	d.burst(by, isa.ReadLate, w.X.Valid, w.X.Addr)
	d.burst(by, isa.Write, w.W.Valid, w.W.Addr)
	d.stream(by, isa.ReadLate, &w.Req)
	if s := &w.Scratch; s.Valid && s.Write {
		d.access(by, isa.Write, isa.ScratchMem, s.Addr, uint32(s.N))
	} else if s.Valid {
		d.access(by, isa.ReadLate, isa.ScratchMem, s.Addr, port.BurstBytes)
	}
	if w.Bias.Valid {
		d.access(by, isa.Write, isa.BiasMem, uint32(w.Bias.Buf), 1)
	}
	if w.Sign.Valid {
		d.access(by, isa.Write, isa.SignMem, uint32(w.Sign.Entry), 1)
	}
}

// wld looks at the loader, which may request for the command behind the oldest.
func (d *Detector) wld() {
	w, s := &d.chip.Wires().WLD, &d.chip.WLD.State
	if w.X.Valid {
		i := s.Asking
		if !s.Begun { // that was its last one
			i--
		}
		d.burst(d.at(isa.UnitWLD, &s.Queue, i), isa.ReadEarly, true, w.X.Addr)
	}
	d.stream(d.at(isa.UnitWLD, &s.Queue, 0), isa.ReadLate, &w.Req)
}

func (d *Detector) drain() {
	w := &d.chip.Wires().Drain
	by := d.at(isa.UnitDrain, &d.chip.Drain.Queue, 0)
	d.burst(by, isa.Write, w.X.Valid, w.X.Addr)
	d.group(by, &w.Write)
	d.mask(by, isa.ReadLate, &w.Mask)
	if w.Acc.Valid && by.op != isa.OpDrainErr {
		d.access(by, isa.ReadLate, isa.BiasMem, uint32(by.flags&isa.FlagB1), 1)
	}
}

// errors looks at DEPC and EPC.
func (d *Detector) errors() {
	depc, epc := &d.chip.Wires().DEPC, &d.chip.Wires().EPC
	by := d.at(isa.UnitDEPC, &d.chip.DEPC.Queue, 0)
	d.stream(by, isa.ReadEarly, &depc.Req)
	d.group(by, &depc.Write)
	d.burst(by, isa.Write, depc.W.Valid, depc.W.Addr)
	d.mask(by, isa.ReadEarly, &depc.Mask)
	if s := &d.chip.DEPC.State; s.NextValid && d.latch != (latch{by, s.NextEntry}) {
		d.latch = latch{by, s.NextEntry}
		d.access(by, isa.ReadEarly, isa.SignMem, s.NextEntry-1, 1)
	}
	by = d.at(isa.UnitEPC, &d.chip.EPC.Queue, 0)
	d.stream(by, isa.ReadEarly, &epc.Req)
	d.burst(by, isa.ReadEarly, epc.X.Valid, epc.X.Addr)
	d.group(by, &epc.Write)
	d.burst(by, isa.Write, epc.W.Valid, epc.W.Addr)
	d.mask(by, isa.ReadEarly, &epc.Mask)
}

// momentum looks at the momentum unit, which reads ahead: the chunk that a burst belongs to tells
// the command.
func (d *Detector) momentum() {
	w, s := &d.chip.Wires().Mom, &d.chip.Mom.State
	if w.Read.Valid {
		chunk := int(s.Alloc)
		if s.Fetch.Burst == 0 { // that was its last one
			chunk = (chunk + len(s.Ring) - 1) % len(s.Ring)
		}
		i := (s.Ring[chunk].Slot - s.Queue.Head) % port.QueueDepth
		d.burst(d.at(isa.UnitMom, &s.Queue, i), isa.ReadEarly, true, w.Read.Addr)
	}
	d.burst(d.at(isa.UnitMom, &s.Queue, 0), isa.Write, w.Write.Valid, w.Write.Addr)
}
