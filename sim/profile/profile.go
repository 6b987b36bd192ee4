package profile

import (
	"context"
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/sim"
)

// mark is one execution of a mark instruction.
type mark struct {
	tag        activity.Tag
	first      uint64 // cycle of its first command; 0: none yet
	done       uint64 // cycle in which all its commands were reported as retired; 0: not yet
	commanding bool
}

// profiler follows a chip from its first cycle to its last.
type profiler struct {
	chip  *rtl.Chip
	marks []mark
	tags  [sim.NumTags]counters
	queue []activity.Tag // of the DNNC's commands, oldest first
}

// counters are what the profiler counts beside the engine and the chip's own events.
type counters struct {
	stalls, waitWeight, waitBank uint64 // cycles of the DNNC under this tag
	rawGroups                    uint64 // groups of 16 lanes written to OMEM as they are
	nonZero                      uint64 // elements given to the encoders that are not zero
}

// Run runs a program from its start to its end and returns its profile. engine has it loaded and has not run yet; it stops
// with an error as Engine.Run does.
func Run(ctx context.Context, engine *sim.Engine, limit uint64) (*Profile, error) {
	p := &profiler{chip: engine.Chip(), marks: []mark{{}}}
	r, err := engine.Run(ctx, limit, sim.Options{OnCycle: func(now uint64) error {
		p.watch(now)
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return p.profile(&r), nil
}

// watch looks at the cycle that the chip has just done.
func (p *profiler) watch(now uint64) {
	w := p.chip.Wires()
	if s := &p.chip.Seq.State; int(s.Serial) == len(p.marks) {
		p.marks = append(p.marks, mark{tag: s.Slots[s.Inst].Tag})
	}
	if t := &w.Seq.TagDone; t.Valid {
		p.marks[t.Serial].done = now
	}
	if b := &w.Seq.Bus; b.Kind == port.BusCmd {
		// A mark and a command need a cycle each, so the newest mark is that of the command.
		if m := &p.marks[len(p.marks)-1]; !m.commanding {
			m.commanding, m.first = true, now
		}
		if b.Unit == isa.UnitDNNC {
			p.queue = append(p.queue, b.Tag)
		}
	}
	p.array(w.DNNC.Status)
	if w.DNNC.Done.Valid {
		p.queue = p.queue[1:]
	}
	p.maps(w)
}

// array books a cycle of the DNNC under its oldest command.
func (p *profiler) array(s activity.Status) {
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
func (p *profiler) maps(w *rtl.Wires) {
	for _, e := range [...]*port.EncReq{&w.DMA.Enc, &w.Drain.Enc} {
		if !e.Valid {
			continue
		}
		c := &p.tags[e.Tag]
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

// profile sums up.
func (p *profiler) profile(r *sim.Result) *Profile {
	out := &Profile{Cycles: r.Cycles}
	index := map[activity.Tag]int{}
	at := func(tag activity.Tag) *Tag {
		k, ok := index[tag]
		if !ok {
			k = len(out.Tags)
			index[tag] = k
			c, row := &p.tags[tag], r.Counts.Rows[tag]
			out.Tags = append(out.Tags, Tag{
				LayerMetrics: sim.NewLayerMetrics(tag, r.Tags[tag], &row), Row: row, Stalls: c.stalls, WaitWeight: c.waitWeight, WaitBank: c.waitBank,
				NonZero: c.nonZero, rawGroups: c.rawGroups,
			})
		}
		return &out.Tags[k]
	}
	var front uint64 // when all marks so far were done
	ends := map[activity.Tag]uint64{}
	for k := range p.marks {
		m := &p.marks[k]
		t := at(m.tag)
		if m.commanding && m.done > 0 {
			t.Elapsed += max(m.done, ends[m.tag]) - max(m.first, ends[m.tag])
			ends[m.tag] = max(m.done, ends[m.tag])
		}
		if m.done > front {
			t.Exclusive += m.done - front
			front = m.done
		}
	}
	out.Tail = out.Cycles - front
	return out
}
