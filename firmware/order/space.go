package order

import (
	"slices"

	"bdfasim/isa"
)

// uses are the last write of a piece of memory and, by unit, the last read since then. A unit's commands are complete in order,
// so the last one stands for those before it.
type uses struct {
	write  *command
	of     *region // whose words the write has put here; nil: none, or words of others may be left
	reads  [isa.NumUnits]*command
	follow *command // the last that came here through pointers
	via    *region  // to words of this map
}

// space is one of the chip's memories, in pieces that are numbered from 0.
type space struct {
	name  string
	unit  uint64 // addresses of a piece
	size  uint64 // pieces
	pages []page
}

// page holds the uses of pagePieces pieces as runs of equal uses, by rising start. The first one starts at 0.
type page []run

type run struct {
	from int
	uses
}

const pagePieces = 64

// each calls f for all runs of the pieces from, ..., to-1; f may change the uses.
func (s *space) each(from, to uint64, f func(u *uses, from, to uint64)) {
	for at := from; at < to; {
		p := &s.pages[at/pagePieces]
		base := at - at%pagePieces
		end := min(base+pagePieces, to)
		if len(*p) == 0 {
			*p = page{{}}
		}
		i := p.split(int(at - base))
		j := p.split(int(end - base))
		for k := i; k < j; k++ {
			r := &(*p)[k]
			last := pagePieces
			if k+1 < len(*p) {
				last = (*p)[k+1].from
			}
			f(&r.uses, base+uint64(r.from), base+uint64(last))
		}
		p.merge(i, j)
		at = end
	}
}

// split makes a run start at a piece and returns its index.
func (p *page) split(at int) int {
	if at == pagePieces {
		return len(*p)
	}
	i := len(*p)
	for (*p)[i-1].from > at {
		i--
	}
	if (*p)[i-1].from == at {
		return i - 1
	}
	r := (*p)[i-1]
	r.from = at
	*p = slices.Insert(*p, i, r)
	return i
}

// merge joins equal runs from the one before run i to run j.
func (p *page) merge(i, j int) {
	q := *p
	n := max(i, 1) // runs that are kept
	for k := n; k < len(q); k++ {
		if k <= j && q[k].uses == q[n-1].uses {
			continue
		}
		if n != k {
			q[n] = q[k]
		}
		n++
	}
	clear(q[n:]) // the commands need not be remembered
	*p = q[:n]
}
