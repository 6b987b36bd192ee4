package interp

import "bdfasim/isa/image"

// pageBytes is how much of external memory is copied when a part of it is used.
const pageBytes = 4096

// memory is external memory as the program sees it: the image's segments, zeros elsewhere, and over
// that what dma.store wrote.
type memory struct {
	segments []image.Segment
	pages    map[uint32]*page // that were used, by address / pageBytes
}

type page [pageBytes]byte

// move copies what lies at addr to b, or writes b there.
func (m *memory) move(addr uint32, b []byte, write bool) {
	for len(b) > 0 {
		part := m.page(addr / pageBytes)[addr%pageBytes:]
		n := min(len(b), len(part))
		if write {
			copy(part, b[:n])
		} else {
			copy(b, part[:n])
		}
		addr, b = addr+uint32(n), b[n:]
	}
}

func (m *memory) page(k uint32) *page {
	p := m.pages[k]
	if p != nil {
		return p
	}
	p = new(page)
	m.pages[k] = p
	base := uint64(k) * pageBytes
	for _, s := range m.segments {
		at := uint64(s.Addr)
		from, to := max(at, base), min(at+uint64(len(s.Data)), base+pageBytes)
		if from < to {
			copy(p[from-base:to-base], s.Data[from-at:])
		}
	}
	return p
}
