package order

import (
	"bdfasim/isa"
	"bdfasim/isa/interp"
)

// watch makes the checker hear of all that a program does. No command has to wait, for its unit may
// be as fast as it likes, and a status register reads as 0, which must not matter.
func (k *checker) watch(m *interp.Machine) {
	seq := func() Command { // SEQ itself in a finding
		return Command{isa.UnitSeq, m.Word().Op(), m.PC, m.Phase, m.Layer}
	}
	m.Hooks = interp.Hooks{
		Command: func(c interp.Command) (bool, error) {
			at := seq()
			at.Unit = c.Info.Unit
			return true, k.issue(&command{Command: at, flags: c.Flags, p: c.Params})
		},
		Wait: func(u isa.Unit, n int32) bool {
			k.wait(m.PC, u, n)
			return true
		},
		Get: func(u isa.Unit, reg int) uint32 {
			k.get(seq(), u, reg)
			return 0
		},
		Param: func(u isa.Unit, reg int) { k.param(seq(), u, reg) },
		Access: func(addr, bytes uint32, load bool) {
			act := isa.Write
			if load {
				act = isa.ReadEarly
			}
			k.seqAccess(seq(), uint64(addr), uint64(bytes), act)
		},
		Fetched: func(addr uint32, unknown []bool) { k.computed(unknown, addr) },
	}
}

// get checks that a status register is complete.
func (k *checker) get(seq Command, u isa.Unit, reg int) {
	k.rests(seq, u, isa.Units[u].Status[reg].Name, ReadsUnwritten)
}

// param checks that a parameter may be written. Labels are not copied with a command: they may be
// written only while the unit rests.
func (k *checker) param(seq Command, u isa.Unit, reg int) {
	if u == isa.UnitLoss && reg == isa.LossLabel {
		k.rests(seq, u, isa.Units[u].Params[reg].Name, OverwritesUnread)
	}
}
