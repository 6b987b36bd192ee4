package order

import "bdfasim/isa"

func newSpaces(m *isa.Machine) (all [isa.NumSpaces]*space) {
	for i, info := range isa.Spaces {
		unit := uint64(1)
		if isa.Space(i) == isa.External {
			unit = burstBytes
		}
		size := up(uint64(m[info.Size]), unit)
		all[i] = &space{info.Name, unit, size, make([]page, up(size, pagePieces))}
	}
	return all
}

// What else a command does: it writes what nobody looks at yet, in the region of a compressed map
// that its unit has begun, or reads the words of a map whose pointers it follows.
const (
	goOn = isa.NumActs + iota
	words
)

// span are pieces of a memory that a command uses.
type span struct {
	act      isa.Act
	space    isa.Space
	from, to uint64
}

// region holds the words of a compressed map.
type region struct{ from, to uint64 }

// use checks and records what a command does with a span. Those who read a compressed map do not
// read where a later command goes on with it, so that one leaves their reads standing.
func (k *checker) use(c *command, s *span) {
	in := k.spaces[s.space]
	in.each(s.from, s.to, func(u *uses, from, to uint64) {
		meets := func(how Hazard, other *command, at *clock) {
			if late(other, c.Unit, at) {
				k.found(Finding{how, c.Command, other.Command, in.name, from * in.unit, to*in.unit - 1, 1})
			}
		}
		switch s.act {
		case isa.ReadLate:
			meets(ReadsUnwritten, u.write, &c.start)
		case isa.ReadEarly, isa.Follow:
			meets(ReadsUnwritten, u.write, &c.early)
		case words: // those that another command of the same map writes later have other pointers
			if u.write != nil && u.write.region != k.print.followed {
				meets(ReadsUnwritten, u.write, &c.early)
			}
		case isa.Write, goOn:
			meets(OverwritesWritten, u.write, &c.start)
			if u.write = c; s.act == isa.Write {
				for _, r := range u.reads {
					meets(OverwritesUnread, r, &c.start)
				}
				*u = uses{write: c}
			}
			return
		} // isa.Fetch: machine.unknown tells when the program looks at what a unit has computed
		u.reads[c.Unit] = c
		if s.act == isa.Follow && u.write != nil {
			k.follow(c, u.write.region)
		}
	})
}

// follow reads the words of a compressed map, once for each that a command meets.
func (k *checker) follow(c *command, g *region) {
	if g != nil && g != k.print.followed {
		k.print.followed = g
		k.use(c, &span{words, isa.OMEM, g.from, g.to})
	}
}

// computed tells which bytes from an external address on were written by anything but dma.store.
func (k *checker) computed(to []bool, addr uint32) {
	s := k.spaces[isa.External]
	base := uint64(addr) / burstBytes
	s.each(base, base+up(uint64(len(to)), burstBytes), func(u *uses, from, end uint64) {
		is := u.write != nil && u.write.Op != isa.OpDMAStore
		for i := (from - base) * burstBytes; i < min((end-base)*burstBytes, uint64(len(to))); i++ {
			to[i] = is
		}
	})
}
