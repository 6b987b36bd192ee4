package firmware

import (
	"fmt"
	"slices"

	"bdfasim/isa"
)

// checker proves that a program's commands are ordered. A command is known to be complete when a `wait` or a full queue
// says so, or when an interlock puts it before another command: a weight buffer (loader -> MAC array) or an accumulator
// bank (MAC array -> drain or momentum unit). Whatever a command reads or overwrites must be known to be complete; a
// read may happen as soon as the command is issued, a write only when the command has what it waits for.
type checker struct {
	plan    *Plan
	retired clock
	issued  [isa.NumUnits][]*event
	known   [isa.NumUnits]clock // what the last command of a unit came after
	access  map[string]*history
	loads   []*event    // weight buffers: loads not yet released
	banks   [2][]*event // banks on their way to the drain, to the momentum unit
	open    *event      // the latest command of an accumulation that has begun and not ended
	correct int         // samples that the loss unit saw: all count as correct
	step    int         // batches begun
	samples []sample    // what was loaded
	nb      int         // samples of the present batch
	seen    map[string]int
	touched map[string]int // uses of weight blocks, by phase, layer and step
}

// clock says how many commands of each unit are complete.
type clock [isa.NumUnits]int

func (c *clock) join(o clock) {
	for i := range c {
		c[i] = max(c[i], o[i])
	}
}

// event is an issued command and what is complete when it does its work; done adds the command itself.
type event struct {
	*command
	start clock
	done  clock
}

// sample is an image that was loaded, and the label that was written for it.
type sample struct {
	image uint32
	label uint32
}

// history is the last write and the reads since then of a piece of memory.
type history struct {
	write *event
	reads []*event
	step  int // of the write
}

func newChecker(p *Plan) *checker {
	return &checker{plan: p, access: map[string]*history{}, seen: map[string]int{}, touched: map[string]int{}}
}

func (k *checker) wait(u isa.Unit, n int) {
	if done := len(k.issued[u]) - n; done > k.retired[u] {
		k.retired.join(k.issued[u][done-1].done)
	}
}

// status demands that a unit rests when its statistics are read.
func (k *checker) status(u isa.Unit) error {
	if n := len(k.issued[u]); k.retired[u] < n {
		return fmt.Errorf("statistics of %s with %d commands outstanding", u, n-k.retired[u])
	}
	return nil
}

func (k *checker) label(v uint32) error {
	if v>>16 >= MaxBatch {
		return fmt.Errorf("label of sample %d", v>>16)
	}
	k.samples = append(k.samples, sample{label: v & 0xffff})
	return k.status(isa.UnitLoss)
}

func (k *checker) finish() error {
	if len(k.loads) > 0 || len(k.banks[0]) > 0 || len(k.banks[1]) > 0 || k.open != nil {
		return fmt.Errorf("at the end %d buffers, %d and %d banks are in use", len(k.loads), len(k.banks[0]), len(k.banks[1]))
	}
	return nil
}

// scratch checks an access of SEQ.
func (k *checker) scratch(addr uint32, store bool) error {
	if addr+4 > 4096 {
		return fmt.Errorf("scratch address %#x", addr)
	}
	h := k.access[fmt.Sprintf("scratch %d", addr/32)]
	if h == nil {
		return nil
	}
	events := []*event{h.write}
	if store {
		events = append(events, h.reads...)
	}
	for _, e := range events {
		if e != nil && k.retired[e.info.Unit] <= e.serial {
			return fmt.Errorf("scratch %#x while %v is outstanding", addr, e.command)
		}
	}
	return nil
}

// issue checks and records a command.
func (k *checker) issue(c *command) error {
	if err := known(c); err != nil {
		return err
	}
	u := c.info.Unit
	if len(k.issued[u])-k.retired[u] >= 4 {
		k.wait(u, 3)
	}
	e := &event{command: c, start: k.retired}
	c.serial = len(k.issued[u])
	early := e.start
	e.start.join(k.known[u])
	if err := k.interlocks(e); err != nil {
		return err
	}
	e.done = e.start
	e.done[u] = c.serial + 1
	k.issued[u] = append(k.issued[u], e)
	k.known[u] = e.done
	reads, writes, err := k.footprint(c)
	if err != nil {
		return err
	}
	if err := k.operands(c); err != nil {
		return err
	}
	for _, key := range reads {
		if err := k.read(e, key, early); err != nil {
			return err
		}
	}
	for _, key := range writes {
		if err := k.write(e, key); err != nil {
			return err
		}
	}
	return nil
}

// interlocks follows weight buffers and accumulator banks.
func (k *checker) interlocks(e *event) error {
	switch e.info.Unit {
	case isa.UnitWLD:
		if len(k.loads) > 0 && k.loads[len(k.loads)-1].flags&isa.FlagB1 == e.flags&isa.FlagB1 {
			return fmt.Errorf("the buffer is the one loaded last")
		}
		k.loads = append(k.loads, e)
		e.p[14] = uint32(k.step) // unused parameter: when it was loaded
	case isa.UnitDNNC:
		return k.compute(e)
	case isa.UnitDrain:
		return k.takeBank(e, 0)
	case isa.UnitMom:
		if err := k.takeBank(e, 1); err != nil || e.p[isa.MomRows] <= 32 {
			return err
		}
		return k.takeBank(e, 1)
	}
	return nil
}

func (k *checker) compute(e *event) error {
	if len(k.loads) == 0 {
		return fmt.Errorf("no buffer is loaded")
	}
	load := k.loads[0]
	if load.flags&isa.FlagB1 != e.flags&isa.FlagB1 || load.p[isa.WLDGroups] != e.p[isa.DNNCGroups] || load.p[isa.WLDSplit] != e.p[isa.DNNCSplit] {
		return fmt.Errorf("buffer, groups or split differ from the load's: %v", load.command)
	}
	if weights := load.info.Op == isa.OpWLDWeights; weights != (e.info.Op == isa.OpDNNCMac) || weights && load.p[isa.WLDRows] != e.p[isa.DNNCRows] {
		return fmt.Errorf("not what the load is for: %v", load.command)
	}
	e.start.join(load.done)
	if e.is(isa.FlagFree) {
		k.loads = k.loads[1:]
	}
	if err := k.accumulate(e); err != nil {
		return err
	}
	if len(k.banks[0]) > 0 && len(k.banks[1]) > 0 {
		return fmt.Errorf("banks for the drain and the momentum unit are mixed")
	}
	return nil
}

// accumulate follows an accumulation from flag first to flag last. All of its commands are of one kind; with the last one its
// bank, or both banks of a gradient of more than 32 elements, go to the drain or the momentum unit.
func (k *checker) accumulate(e *event) error {
	if e.is(isa.FlagFirst) != (k.open == nil) {
		return fmt.Errorf("flag first: %v, accumulation open: %v", e.is(isa.FlagFirst), k.open != nil)
	}
	banks, to := 1, 1
	switch e.info.Op {
	case isa.OpDNNCMac:
		to = 0
	case isa.OpDNNCGrad:
		banks = ceilDiv(int(e.p[isa.DNNCRows]), 32)
	}
	if o := k.open; o != nil && (o.info != e.info || o.p[isa.DNNCSplit] != e.p[isa.DNNCSplit] || to == 1 && o.p[isa.DNNCRows] != e.p[isa.DNNCRows]) {
		return fmt.Errorf("does not go on with the accumulation of %v", o.command)
	}
	k.open = e
	if !e.is(isa.FlagLast) {
		return nil
	}
	k.open = nil
	for range banks {
		k.banks[to] = append(k.banks[to], e)
	}
	return nil
}

func (k *checker) takeBank(e *event, kind int) error {
	if len(k.banks[kind]) == 0 {
		return fmt.Errorf("no bank was handed over")
	}
	from := k.banks[kind][0]
	k.banks[kind] = k.banks[kind][1:]
	from.done[isa.UnitDNNC] = from.serial + 1
	e.start.join(from.done)
	if kind == 1 && e.info.Op == isa.OpMomW && from.p[isa.DNNCRows] != e.p[isa.MomRows] {
		return fmt.Errorf("rows differ from the gradient's: %v", from.command)
	}
	return nil
}

func (k *checker) history(key string) *history {
	h := k.access[key]
	if h == nil {
		h = &history{}
		k.access[key] = h
	}
	return h
}

func (k *checker) read(e *event, key string, early clock) error {
	h := k.history(key)
	if w := h.write; w != nil && w.info.Unit != e.info.Unit && early[w.info.Unit] <= w.serial {
		return fmt.Errorf("reads %s, which %v may still be writing", key, w.command)
	}
	if err := k.expect(e, key, h); err != nil {
		return err
	}
	h.reads = append(h.reads, e)
	return nil
}

func (k *checker) write(e *event, key string) error {
	h := k.history(key)
	for _, o := range append(slices.Clone(h.reads), h.write) {
		if o != nil && o.info.Unit != e.info.Unit && e.start[o.info.Unit] <= o.serial {
			return fmt.Errorf("overwrites %s, which %v may still need", key, o.command)
		}
	}
	h.write, h.reads, h.step = e, nil, k.step
	return nil
}
