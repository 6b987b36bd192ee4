package order

import (
	"fmt"
	"maps"
	"slices"

	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// clock says how many commands of each unit are complete.
type clock [isa.NumUnits]int32

func (c *clock) join(o *clock) {
	for i := range c {
		c[i] = max(c[i], o[i])
	}
}

// command is an issued command and what is known to be complete at its stages.
type command struct {
	Command
	flags   uint16
	p       *[port.NumParams]uint32 // valid while it is issued
	serial  int32                   // within its unit
	region  *region                 // of the compressed map that it writes
	watched bool                    // a Monitor knows what it does to itself

	early clock // when it is issued: it may read
	begin clock // when it has its weights and its bank: early and what these came after
	start clock // when it writes: begin and the unit's earlier commands
	done  clock // when it is complete
}

func (c *command) is(flag uint16) bool { return c.flags&flag != 0 }

// checker follows what is complete and who used which piece of memory.
type checker struct {
	known   clock                                   // to SEQ
	issued  clock                                   // commands of each unit
	last    [isa.NumUnits][port.QueueDepth]*command // the latest ones, by serial
	buffers [numBuffers]buffer                      // WMEM
	banks   [numConsumers]handovers                 // of the accumulators
	writers [isa.NumUnits]*command                  // of errors to external memory, the last ones
	encoder [isa.NumUnits]*region                   // where the DMA and the drain put words
	loaded  [isa.NumUnits][port.NumParams]uint32    // of the last loads of DEPC and EPC
	spaces  [isa.NumSpaces]*space
	contracts
	print footprint // of the command at hand

	Report
	places map[place]int // in Findings, or -1
	limit  int
	waits  map[uint32]*Wait
}

type place struct {
	pc, other uint32
	how       Hazard
	memory    string
}

func newChecker(m *isa.Machine, findings int) *checker {
	return &checker{
		limit: findings, places: map[place]int{}, waits: map[uint32]*Wait{},
		spaces: newSpaces(m), contracts: newContracts(m),
	}
}

// wait makes known that all but the last n commands of a unit are complete.
func (k *checker) wait(pc uint32, u isa.Unit, n int32) {
	w := k.waits[pc]
	if w == nil {
		w = &Wait{PC: pc}
		k.waits[pc] = w
	}
	w.Executed++
	if k.learn(u, int64(k.issued[u])-int64(n)) {
		w.Told++
	}
}

// learn makes known that a unit's first n commands are complete; false: that was known.
func (k *checker) learn(u isa.Unit, n int64) bool {
	if n <= int64(k.known[u]) {
		return false
	}
	k.known.join(&k.last[u][(n-1)%port.QueueDepth].done)
	return true
}

// issue checks and records a command.
func (k *checker) issue(c *command) error {
	u := c.Unit
	e := &isa.Env{P: c.p, Loaded: &k.loaded[u], Flags: c.flags}
	if err := k.checkLimits(c, e); err != nil {
		return err
	}
	if err := k.footprint(c, e); err != nil {
		return err
	}
	k.enter(c)
	for i := range k.print.spans {
		k.use(c, &k.print.spans[i])
	}
	return nil
}

// enter works out what is known to be complete at the stages of a command.
func (k *checker) enter(c *command) {
	u := c.Unit
	k.learn(u, int64(k.issued[u])-(port.QueueDepth-1)) // its queue has a place
	c.serial = k.issued[u]
	c.early, c.begin = k.known, k.known
	var after clock // what it comes after when it is complete, beyond start
	k.interlock(c, &after)
	c.start = c.begin
	k.behind(c, &c.start)
	k.sharePort(c)
	c.done = c.start
	c.done.join(&after)
	c.done[u] = c.serial + 1
	k.last[u][c.serial%port.QueueDepth] = c
	k.issued[u]++
}

// rests demands that a unit has nothing to do when SEQ touches a register that its commands use.
func (k *checker) rests(seq Command, u isa.Unit, register string, how Hazard) {
	if n := k.issued[u]; k.known[u] < n {
		k.found(Finding{Hazard: how, Command: seq, Other: k.last[u][(n-1)%port.QueueDepth].Command, Memory: registers + u.String() + "." + register, Times: 1})
	}
}

// seqAccess checks a load or store of SEQ, which is complete when SEQ goes on. While the DMA rests it
// needs no look: nobody else uses scratch memory, and what the DMA gets later comes after it.
func (k *checker) seqAccess(seq Command, addr, size uint64, act isa.Act) {
	if k.known[isa.UnitDMA] == k.issued[isa.UnitDMA] {
		return
	}
	c := &command{Command: seq, serial: k.known[isa.UnitSeq], watched: true, early: k.known, start: k.known}
	k.known[isa.UnitSeq]++
	k.use(c, &span{act, isa.ScratchMem, addr, addr + size})
}

// late reports whether a command, if there is one, may not be complete for a command of unit u that knows so much.
func late(c *command, u isa.Unit, at *clock) bool {
	return c != nil && c.Unit != u && at[c.Unit] <= c.serial
}

// overtaken reports whether a command does something after a younger one of its unit: none may.
func overtaken(by, c *command) bool { return by != nil && by.Unit == c.Unit && by.serial > c.serial }

func (k *checker) found(f Finding) {
	at := place{f.Command.PC, f.Other.PC, f.Hazard, f.Memory}
	i, known := k.places[at]
	switch {
	case known && i >= 0:
		k.Findings[i].Times++
	case known:
	case len(k.Findings) < k.limit:
		k.places[at] = len(k.Findings)
		k.Findings = append(k.Findings, f)
	default:
		k.places[at] = -1
		k.More++
	}
}

// finish looks at what is still waited for when the program halts.
func (k *checker) finish() error {
	for b := range k.buffers {
		if k.buffers[b].ahead > 0 {
			return fmt.Errorf("the MAC array waits for ever: weight buffer %d is used more often than it is filled", b)
		}
	}
	for to := range k.banks {
		if k.banks[to].owed > 0 {
			return fmt.Errorf("%s waits for ever: it has more commands than accumulator banks are handed over", consumers[to])
		}
	}
	return nil
}

func (k *checker) report() *Report {
	for u, n := range k.issued {
		k.Commands[u] = int(n)
	}
	k.Waits = nil
	for _, pc := range slices.Sorted(maps.Keys(k.waits)) {
		k.Waits = append(k.Waits, *k.waits[pc])
	}
	return &k.Report
}
