package profile

import (
	"context"
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// mark is one execution of a mark instruction.
type mark struct {
	tag        activity.Tag
	first      uint64 // cycle of its first command; 0: none yet
	done       uint64 // cycle in which all its commands were reported as retired; 0: not yet
	commanding bool
}

// Profiler follows a chip from its first cycle to its last.
type Profiler struct {
	chip  *rtl.Chip
	marks []mark
	tags  [256]counters
	queue []activity.Tag // of the DNNC's commands, oldest first
	dnnc  [isa.NumDNNCParams]uint64
}

// counters are what the profiler counts beside the chip's own events.
type counters struct {
	stalls, waitWeight, waitBank uint64 // cycles of the DNNC under this tag
	dense                        uint64
	rawGroups                    uint64 // groups of 16 lanes written to OMEM as they are
	encoded, nonZero             uint64 // elements given to the encoders
}

// New returns a profiler for a chip that is loaded and has not run yet.
func New(chip *rtl.Chip) *Profiler { return &Profiler{chip: chip, marks: []mark{{}}} }

// Run steps a loaded chip to its end and returns its profile. It stops with an error on a fault, behind limit cycles or
// when ctx is done.
func Run(ctx context.Context, chip *rtl.Chip, limit uint64) (*Profile, error) {
	p := New(chip)
	for !chip.Wires().Seq.Finished {
		chip.Step()
		p.Watch()
		if chip.Faulted() {
			u, f := chip.Fault()
			return nil, fmt.Errorf("profile: cycle %d: %v raised fault %d at pc %#x, argument %#x", chip.Cycle(), u, f.Code, f.PC, f.Arg)
		}
		if chip.Cycle() >= limit {
			return nil, fmt.Errorf("profile: no end within %d cycles: %v", limit, chip.Status())
		}
		if chip.Cycle()&0xffff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return p.Profile(), nil
}

// Watch looks at the cycle that the chip has just done. It must be called after every Step.
func (p *Profiler) Watch() {
	w := p.chip.Wires()
	if serial := p.chip.Seq.State().Serial; int(serial) == len(p.marks) {
		p.marks = append(p.marks, mark{tag: p.chip.Seq.State().Slots[p.chip.Seq.State().Inst].Tag})
	}
	now := p.chip.Cycle()
	if t := &w.Seq.TagDone; t.Valid {
		p.marks[t.Serial].done = now
	}
	if b := &w.Seq.Bus; b.Kind != port.BusNone {
		p.bus(b, now)
	}
	p.array(w.DNNC.Status)
	if w.DNNC.Done.Valid {
		p.queue = p.queue[1:]
	}
	p.maps(w)
}

// bus follows what SEQ sends.
func (p *Profiler) bus(b *port.Bus, now uint64) {
	if b.Kind == port.BusCmd {
		// A mark and a command need a cycle each, so the newest mark is that of the command.
		if m := &p.marks[len(p.marks)-1]; !m.commanding {
			m.commanding, m.first = true, now
		}
	}
	if b.Unit != isa.UnitDNNC {
		return
	}
	switch b.Kind {
	case port.BusParam:
		p.dnnc[b.Index] = uint64(b.Val)
	case port.BusCmd:
		p.queue = append(p.queue, b.Tag)
		n := p.dnnc[isa.DNNCNB] * p.dnnc[isa.DNNCGroups] * 16
		if b.Op != isa.OpDNNCOnes {
			n *= p.dnnc[isa.DNNCRows]
		}
		p.tags[b.Tag].dense += n
	}
}

// array books a cycle of the DNNC under its oldest command.
func (p *Profiler) array(s activity.Status) {
	if len(p.queue) == 0 {
		return
	}
	c := &p.tags[p.queue[0]]
	switch s {
	case activity.WaitOperand:
		c.stalls++
	case activity.WaitWeight:
		c.waitWeight++
	case activity.WaitDrain:
		c.waitBank++
	}
}

// maps counts what goes to OMEM.
func (p *Profiler) maps(w *rtl.Wires) {
	for _, e := range [...]*port.EncReq{&w.DMA.Enc, &w.Drain.Enc} {
		if !e.Valid {
			continue
		}
		c := &p.tags[e.Tag]
		c.encoded += uint64(len(e.Data))
		for _, v := range e.Data {
			if v != 0 {
				c.nonZero++
			}
		}
	}
	for _, r := range [...]*port.WriteReq{&w.Drain.Write, &w.Loss.Write, &w.DEPC.Write, &w.EPC.Write} {
		if r.Valid {
			p.tags[r.Tag].rawGroups++
		}
	}
}

// Profile sums up what was seen so far.
func (p *Profiler) Profile() *Profile {
	out := &Profile{Cycles: p.chip.Cycle()}
	counts := p.chip.Activity()
	index := map[activity.Tag]int{}
	at := func(tag activity.Tag) *Tag {
		k, ok := index[tag]
		if !ok {
			k = len(out.Tags)
			index[tag] = k
			c := &p.tags[tag]
			out.Tags = append(out.Tags, Tag{
				Phase: isa.Phase(tag.Phase()), Layer: int(tag.Layer()), Row: counts.Rows[tag], Dense: c.dense, Stalls: c.stalls,
				WaitWeight: c.waitWeight, WaitBank: c.waitBank, Encoded: c.encoded, NonZero: c.nonZero, rawGroups: c.rawGroups,
			})
		}
		return &out.Tags[k]
	}
	var front uint64 // when all marks so far were done
	for k := range p.marks {
		m := &p.marks[k]
		t := at(m.tag)
		t.Marks++
		if m.commanding && m.done > 0 {
			t.Elapsed += m.done - m.first
		}
		if m.done > front {
			t.Exclusive += m.done - front
			front = m.done
		}
	}
	out.Tail = out.Cycles - front
	return out
}
