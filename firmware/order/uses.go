package order

import "bdfasim/isa"

// The memories.
const (
	externalSpace = iota
	wordSpace
	pointerSpace
	maskSpace
	signSpace
	biasSpace
	scratchSpace
	numSpaces
)

// Sizes of the largest chip that can be built; package rtl checks a certain one's when it runs.
const (
	maxWords    = 1 << 18
	maxPointers = 1 << 20
	maxMasks    = 1 << 20
	maxSigns    = 1 << 16
	biasBuffers = 2
)

func newSpaces(xmemBytes, scratch uint64) [numSpaces]*space {
	return [numSpaces]*space{
		externalSpace: newSpace("external memory", burstBytes, (xmemBytes+burstBytes-1)/burstBytes),
		wordSpace:     newSpace("OMEM", 1, maxWords),
		pointerSpace:  newSpace("pointer memory", 1, maxPointers),
		maskSpace:     newSpace("mask memory", 1, maxMasks),
		signSpace:     newSpace("sign memory", 1, maxSigns),
		biasSpace:     newSpace("bias buffer", 1, biasBuffers),
		scratchSpace:  newSpace("scratch memory", 1, scratch),
	}
}

// action is what a command does with pieces of memory.
type action uint8

const (
	readEarly action = iota // as soon as it is issued
	readLate                // when it has its weights or its bank, in its turn
	fetch                   // likewise, for scratch memory: interp tells when the program looks at what a unit has computed
	write
	goOn   // write what nobody looks at yet, in the region of a compressed map that the unit has begun
	follow // read pointers of a compressed map as soon as it is issued, and the words that they point to
)

// span are pieces of a memory that a command uses.
type span struct {
	act      action
	space    int
	from, to uint64
}

// region holds the words of a compressed map.
type region struct{ from, to uint64 }

// use checks and records what a command does with a span.
func (k *checker) use(c *command, s *span) {
	switch s.act {
	case readEarly:
		k.read(c, &c.early, s.space, s.from, s.to)
	case readLate:
		k.read(c, &c.start, s.space, s.from, s.to)
	case fetch:
		k.spaces[s.space].each(s.from, s.to, func(u *uses, _, _ uint64) { u.reads[c.info.Unit] = c })
	case write:
		k.write(c, s.space, s.from, s.to)
	case goOn:
		k.goOn(c, s.space, s.from, s.to)
	case follow:
		k.follow(c, s.from, s.to)
	}
}

func (k *checker) read(c *command, at *clock, in int, from, to uint64) {
	s := k.spaces[in]
	s.each(from, to, func(u *uses, from, to uint64) {
		if late(u.write, c.info.Unit, at) {
			k.met(ReadsUnwritten, c, u.write, s, from, to)
		}
		u.reads[c.info.Unit] = c
	})
}

func (k *checker) write(c *command, in int, from, to uint64) {
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
func (k *checker) goOn(c *command, in int, from, to uint64) {
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
	s := k.spaces[pointerSpace]
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
	s := k.spaces[wordSpace]
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
	s := k.spaces[externalSpace]
	base := uint64(addr) / burstBytes
	s.each(base, base+up(uint64(len(to)), burstBytes), func(u *uses, from, end uint64) {
		is := u.write != nil && u.write.info.Op != isa.OpDMAStore
		for i := (from - base) * burstBytes; i < min((end-base)*burstBytes, uint64(len(to))); i++ {
			to[i] = is
		}
	})
}
