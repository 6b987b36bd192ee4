package interp

import (
	"sort"

	"bdfasim/isa/image"
)

// memory is external memory as the program sees it: the image's segments, zeros elsewhere, and over
// that what dma.store wrote.
type memory struct {
	segments []image.Segment
	stored   map[uint32]*[storeBytes]byte // by address / storeBytes
}

// storeBytes is how much is copied when a part of it is written.
const storeBytes = 4096

// read copies what lies at addr.
func (m *memory) read(to []byte, addr uint32) {
	m.initial(to, addr)
	for n := 0; n < len(to); {
		at := (addr + uint32(n)) % storeBytes
		step := min(len(to)-n, storeBytes-int(at))
		if b := m.stored[(addr+uint32(n))/storeBytes]; b != nil {
			copy(to[n:n+step], b[at:])
		}
		n += step
	}
}

// initial copies what the image has at addr.
func (m *memory) initial(to []byte, addr uint32) {
	clear(to)
	end := uint64(addr) + uint64(len(to))
	first := sort.Search(len(m.segments), func(k int) bool {
		s := &m.segments[k]
		return uint64(s.Addr)+uint64(len(s.Data)) > uint64(addr)
	})
	for _, s := range m.segments[first:] {
		if uint64(s.Addr) >= end {
			return
		}
		if s.Addr >= addr {
			copy(to[s.Addr-addr:], s.Data)
		} else {
			copy(to, s.Data[addr-s.Addr:])
		}
	}
}

// write stores data at addr.
func (m *memory) write(addr uint32, data []byte) {
	if m.stored == nil {
		m.stored = map[uint32]*[storeBytes]byte{}
	}
	for len(data) > 0 {
		k := addr / storeBytes
		b := m.stored[k]
		if b == nil {
			b = new([storeBytes]byte)
			m.initial(b[:], k*storeBytes)
			m.stored[k] = b
		}
		n := copy(b[addr%storeBytes:], data)
		addr, data = addr+uint32(n), data[n:]
	}
}
