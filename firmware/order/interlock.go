package order

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/port"
)

// The weight buffers: two that the loader fills, and the halves of the second for updated weights.
const (
	numBuffers = 4
	firstHalf  = 2
)

// buffer is a weight buffer. It is filled, used and released in turn, so fills and releases are matched by their number. Commands
// of SEQ may come in any order, as long as the units get them in theirs: what is not issued yet proves nothing.
type buffer struct {
	loads    []clock  // when the fills that are not released are there, oldest first
	released clock    // what the last release came after
	ahead    int      // releases of fills that are not issued yet
	filler   *command // the last one
	user     *command // that released it last
}

func (b *buffer) release(user *command, done clock) {
	b.released, b.user = done, user
	if len(b.loads) == 0 {
		b.ahead++
		return
	}
	b.loads = b.loads[1:]
}

// Who takes accumulator banks.
const (
	toDrain = iota
	toMom
	numConsumers
)

var consumers = [numConsumers]string{"the drain", "the momentum unit"}

// handovers are the accumulator banks on their way to a consumer. Those of both consumers stand in one queue, but each takes its
// own in the order in which they were handed over.
type handovers struct {
	banks []clock // what a bank came after, oldest first
	owed  int     // banks that were taken before they were handed over: nothing was proved then
}

func (h *handovers) hand(at clock) {
	if h.owed > 0 {
		h.owed--
		return
	}
	h.banks = append(h.banks, at)
}

func (h *handovers) take() clock {
	if len(h.banks) == 0 {
		h.owed++
		return clock{}
	}
	at := h.banks[0]
	h.banks = h.banks[1:]
	return at
}

// interlock follows the weight buffers and accumulator banks that a command waits for and gives away. What it comes after when
// it begins goes to c.begin, what it comes after only at its end to after.
func (k *checker) interlock(c *command, after *clock) {
	switch c.Unit {
	case isa.UnitWLD:
		k.fill(c, int(c.flags&isa.FlagB1), true)
	case isa.UnitDNNC:
		k.compute(c)
	case isa.UnitDrain:
		bank := k.banks[toDrain].take()
		c.begin.join(&bank)
	case isa.UnitMom:
		bank := k.banks[toMom].take()
		c.begin.join(&bank)
		if c.Op != isa.OpMomW {
			return
		}
		if c.is(isa.FlagUpd) {
			k.fill(c, firstHalf+int(c.flags&isa.FlagB1), false)
		}
		if c.p[isa.MomRows] > machine.Batch {
			*after = k.banks[toMom].take()
		}
	}
}

// fill makes a command wait for a buffer and fill it; complete: with its last write, as the loader does and mom.w does not.
func (k *checker) fill(c *command, buf int, complete bool) {
	b := &k.buffers[buf]
	early := b.ahead > 0
	if early {
		b.ahead--
	} else if len(b.loads) == 0 {
		c.begin.join(&b.released)
	}
	b.filler = c
	at := c.begin
	if complete {
		k.behind(c, &at)
	}
	k.alone(c, buf, &at)
	if early {
		return
	}
	if complete {
		at[c.Unit] = c.serial + 1
	}
	b.loads = append(b.loads, at)
}

// alone demands that the loader and the momentum unit do not have buffer 1 at the same time: both would have to be released.
func (k *checker) alone(c *command, buf int, at *clock) {
	var others []buffer
	switch {
	case buf == 1:
		others = k.buffers[firstHalf:]
	case buf >= firstHalf:
		others = k.buffers[1:firstHalf]
	}
	for _, o := range others {
		f := Finding{OverwritesUnread, c.Command, Command{}, "WMEM buffer", 1, 1, 1}
		switch {
		case len(o.loads) > 0:
			f.Hazard, f.Other = OverwritesWritten, o.filler.Command
		case late(o.user, c.Unit, at):
			f.Other = o.user.Command
		default:
			continue
		}
		k.found(f)
	}
}

// compute makes a command of the MAC array wait for its weights, and hands its bank over.
func (k *checker) compute(c *command) {
	buf := int(c.flags & isa.FlagB1)
	if c.Op == isa.OpDNNCMac && c.is(isa.FlagUpd) {
		buf += firstHalf
	}
	b := &k.buffers[buf]
	if len(b.loads) > 0 {
		c.begin.join(&b.loads[0])
	}
	start := c.begin
	k.behind(c, &start)
	done := start
	done[isa.UnitDNNC] = c.serial + 1
	if c.is(isa.FlagFree) {
		b.release(c, done)
	}
	if !c.is(isa.FlagLast) {
		return
	}
	to := toMom
	if c.Op == isa.OpDNNCMac {
		to = toDrain
	}
	if c.Op == isa.OpDNNCGrad && c.p[isa.DNNCRows] > machine.Batch {
		k.banks[to].hand(start) // the first half ends before the command does
	}
	k.banks[to].hand(done)
}

// behind joins what a unit's earlier commands make known.
func (k *checker) behind(c *command, at *clock) {
	if c.serial > 0 {
		at.join(&k.last[c.Unit][(c.serial-1)%port.QueueDepth].done)
	}
}

// sharePort demands that DEPC and EPC do not write to external memory at the same time: they have
// one port, and a burst of the one would be lost.
func (k *checker) sharePort(c *command) {
	if c.Op != isa.OpDEPCRun && c.Op != isa.OpEPCRun || !c.is(isa.FlagX) {
		return
	}
	if o := k.writers[isa.UnitDEPC+isa.UnitEPC-c.Unit]; late(o, c.Unit, &c.start) {
		at := uint64(port.XPortDEPCW)
		k.found(Finding{OverwritesWritten, c.Command, o.Command, "external memory port", at, at, 1})
	}
	k.writers[c.Unit] = c
}
