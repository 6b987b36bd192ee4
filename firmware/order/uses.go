package order

import "bdfasim/isa"

// newSpaces are the memories of the largest machine, but for what is known to be smaller.
func newSpaces(xmemBytes, scratch uint64) (all [isa.NumSpaces]*space) {
	m := isa.Largest()
	m[isa.XMemBytes], m[isa.ScratchBytes] = int(xmemBytes), int(scratch)
	for i, info := range isa.Spaces {
		unit := uint64(1)
		if isa.Space(i) == isa.External {
			unit = burstBytes
		}
		all[i] = newSpace(info.Name, unit, up(uint64(m[info.Size]), unit))
	}
	return all
}

// goOn is what else a command does: it writes what nobody looks at yet, in the region of a
// compressed map that its unit has begun.
const goOn = isa.NumActs

// span are pieces of a memory that a command uses.
type span struct {
	act      isa.Act
	space    isa.Space
	from, to uint64
}

// region holds the words of a compressed map.
type region struct{ from, to uint64 }

// use checks and records what a command does with a span.
func (k *checker) use(c *command, s *span) {
	switch s.act {
	case isa.ReadEarly:
		k.read(c, &c.early, s.space, s.from, s.to)
	case isa.ReadLate:
		k.read(c, &c.start, s.space, s.from, s.to)
	case isa.Fetch: // machine.unknown tells when the program looks at what a unit has computed
		k.spaces[s.space].each(s.from, s.to, func(u *uses, _, _ uint64) { u.reads[c.info.Unit] = c })
	case isa.Write:
		k.write(c, s.space, s.from, s.to)
	case goOn:
		k.goOn(c, s.space, s.from, s.to)
	case isa.Follow:
		k.follow(c, s.from, s.to)
	}
}

func (k *checker) read(c *command, at *clock, in isa.Space, from, to uint64) {
	s := k.spaces[in]
	s.each(from, to, func(u *uses, from, to uint64) {
		if late(u.write, c.info.Unit, at) {
			k.met(ReadsUnwritten, c, u.write, s, from, to)
		}
		u.reads[c.info.Unit] = c
	})
}

func (k *checker) write(c *command, in isa.Space, from, to uint64) {
	s := k.spaces[in]
	s.each(from, to, func(u *uses, from, to uint64) {
		if late(u.write, c.info.Unit, &c.start) {
			k.met(OverwritesWritten, c, u.write, s, from, to)
		}
		for _, r := range u.reads {
			if late(r, c.info.Unit, &c.start) {
				k.met(OverwritesUnread, c, r, s, from, to)
			}
		}
		*u = uses{write: c}
	})
}

// goOn writes behind the words that a compressed map already has in its region. Those who read the map do not read there.
func (k *checker) goOn(c *command, in isa.Space, from, to uint64) {
	s := k.spaces[in]
	s.each(from, to, func(u *uses, from, to uint64) {
		if late(u.write, c.info.Unit, &c.start) {
			k.met(OverwritesWritten, c, u.write, s, from, to)
		}
		u.write = c
	})
}

// follow reads pointers, and the regions of the commands that wrote them. Words there that a later command of the same map writes
// are others than those that the pointers point to.
func (k *checker) follow(c *command, from, to uint64) {
	s := k.spaces[isa.PtrMem]
	s.each(from, to, func(u *uses, from, to uint64) {
		if late(u.write, c.info.Unit, &c.early) {
			k.met(ReadsUnwritten, c, u.write, s, from, to)
		}
		u.reads[c.info.Unit] = c
		if u.write != nil && u.write.region != nil && u.write.region != k.print.followed {
			k.print.followed = u.write.region
			k.readRegion(c, u.write.region)
		}
	})
}

func (k *checker) readRegion(c *command, g *region) {
	s := k.spaces[isa.OMEM]
	s.each(g.from, g.to, func(u *uses, from, to uint64) {
		if u.write != nil && u.write.region != g && late(u.write, c.info.Unit, &c.early) {
			k.met(ReadsUnwritten, c, u.write, s, from, to)
		}
		u.reads[c.info.Unit] = c
	})
}

// met records that two commands meet in pieces of a memory.
func (k *checker) met(kind Kind, c, other *command, s *space, from, to uint64) {
	k.found(Finding{Kind: kind, Command: c.shown(), Other: other.shown(), Memory: s.name, From: from * s.unit, To: to*s.unit - 1})
}

// computed tells which bytes from an external address on were written by anything but dma.store.
func (k *checker) computed(to []bool, addr uint32) {
	s := k.spaces[isa.External]
	base := uint64(addr) / burstBytes
	s.each(base, base+up(uint64(len(to)), burstBytes), func(u *uses, from, end uint64) {
		is := u.write != nil && u.write.info.Op != isa.OpDMAStore
		for i := (from - base) * burstBytes; i < min((end-base)*burstBytes, uint64(len(to))); i++ {
			to[i] = is
		}
	})
}
