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
		at := func(how Hazard, other *command) Finding {
			return Finding{how, c.Command, other.Command, in.name, from * in.unit, to*in.unit - 1, 1}
		}
		meets := func(how Hazard, other *command, known *clock) {
			if late(other, c.Unit, known) || overtaken(other, c) {
				k.found(at(how, other))
			}
		}
		switch s.act {
		case isa.ReadLate, isa.Fetch:
			meets(ReadsUnwritten, u.write, &c.start)
		case isa.ReadEarly, isa.Follow:
			meets(ReadsUnwritten, u.write, &c.early)
		case words: // those that another command of the same map writes later have other pointers
			if g := k.print.followed; u.of != g {
				meets(ReadsUnwritten, u.write, &c.early)
			}
			u.through(c, k.print.followed)
			return
		default:
			if !c.watched && (u.reads[c.Unit] == c || s.act != goOn && u.write == c) {
				k.found(at(Overlaps, c))
			}
			u.overwrite(c, s.act, meets)
			return
		}
		u.reads[c.Unit] = c
		if s.act == isa.Follow && u.write != nil {
			k.follow(c, u.of)
		}
	})
}

// through notes that a command reads words of a map through their pointers. Who came through others
// before counts as any reader.
func (u *uses) through(c *command, g *region) {
	if f := u.follow; f != nil && u.via != g {
		if r := u.reads[f.Unit]; r == nil || r.serial < f.serial {
			u.reads[f.Unit] = f
		}
	}
	u.follow, u.via = c, g
}

// overwrite checks and notes a write. One that goes on with a map leaves what was there before its
// own words.
func (u *uses) overwrite(c *command, act isa.Act, meets func(Hazard, *command, *clock)) {
	if act == isa.Update {
		meets(ReadsUnwritten, u.write, &c.early)
	}
	meets(OverwritesWritten, u.write, &c.start)
	for _, r := range u.reads {
		meets(OverwritesUnread, r, &c.start)
	}
	if act != goOn || u.via != c.region {
		meets(OverwritesUnread, u.follow, &c.start)
	}
	if act != goOn {
		*u = uses{write: c, of: c.region}
		return
	}
	if u.of != c.region {
		u.of = nil
	}
	u.write = c
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
