package testbench

import (
	"fmt"
	"reflect"
	"unsafe"

	"bdfasim/testbench/cosim/sv"
)

// portLayout is where the bits of a Go In or Out stand in the vector of its ports.
type portLayout struct {
	Words  int // of 32 bits
	leaves []portLeaf
}

// portLeaf is a number, or an array of them.
type portLeaf struct {
	name    string
	pointer int     // offset of the pointer that leads to the struct that it is in; -1: none
	offset  uintptr // in the struct
	size    uintptr // of an element in memory
	count   int
	width   int // of an element in the vector
	at      int // bit of the first element
	valid   int // bit that gives it meaning, the first of validBits; -1: it always has one
	bits    int // of what gives it meaning
}

// newLayout lays out a Go struct, given as a value of its type, by its description.
func newLayout(p *sv.Type, of any) *portLayout {
	l := &portLayout{Words: vectorWords(p.Width)}
	at := 0
	t := reflect.TypeOf(of)
	where := portPlace{pointer: -1, valid: -1}
	for i := range p.Fields {
		f := &p.Fields[i]
		l.field(f, t, f.Name, where, at, gate(p, f, where))
		at += f.Bits()
	}
	return l
}

// portPlace is where a struct lies in memory, and what gives it meaning.
type portPlace struct {
	pointer int
	offset  uintptr
	valid   int
	bits    int
}

// gate is what gives a port meaning.
func gate(p *sv.Type, f *sv.Field, where portPlace) portPlace {
	at := 0
	for i := range p.Fields {
		if valid := &p.Fields[i]; valid.Name == f.Valid {
			where.valid, where.bits = at, valid.Bits()
		}
		at += p.Fields[i].Bits()
	}
	return where
}

// field lays out a field at a bit.
func (l *portLayout) field(f *sv.Field, t reflect.Type, name string, where portPlace, at int, gate portPlace) {
	where.valid, where.bits = gate.valid, gate.bits
	for _, i := range f.Index {
		sf := t.Field(i)
		where.offset += sf.Offset
		if t = sf.Type; t.Kind() == reflect.Pointer {
			where.pointer, where.offset, t = int(where.offset), 0, t.Elem()
		}
	}
	elem := t
	for elem.Kind() == reflect.Array {
		elem = elem.Elem()
	}
	if f.Type == nil {
		l.leaves = append(l.leaves, portLeaf{name: name, pointer: where.pointer, offset: where.offset,
			size: elem.Size(), count: max(f.Count, 1), width: f.Width, at: at, valid: where.valid, bits: where.bits})
		return
	}
	for k := range max(f.Count, 1) {
		inner, label := where, name
		inner.offset += uintptr(k) * elem.Size()
		if f.Count > 0 {
			label = fmt.Sprintf("%s[%d]", name, k)
		}
		l.structure(f.Type, elem, label, inner, at+k*f.Width)
	}
}

// structure lays out a packed struct, whose first field stands in the highest bits.
func (l *portLayout) structure(p *sv.Type, t reflect.Type, name string, where portPlace, base int) {
	at := base + p.Width
	starts := map[string]int{}
	for i := range p.Fields {
		at -= p.Fields[i].Bits()
		starts[p.Fields[i].Name] = at
	}
	for i := range p.Fields {
		f, gate := &p.Fields[i], where
		if f.Valid != "" {
			for k := range p.Fields {
				if p.Fields[k].Name == f.Valid {
					gate.valid, gate.bits = starts[f.Valid], p.Fields[k].Bits()
				}
			}
		}
		l.field(f, t, name+"."+f.Name, where, starts[f.Name], gate)
	}
}

// Pack writes the struct at p into a vector, which must be all zero.
func (l *portLayout) Pack(p unsafe.Pointer, to []uint32) {
	for i := range l.leaves {
		f := &l.leaves[i]
		from := p
		if f.pointer >= 0 {
			from = *(*unsafe.Pointer)(unsafe.Add(p, f.pointer))
		}
		from = unsafe.Add(from, f.offset)
		at := f.at
		for range f.count {
			putBits(to, at, f.width, loadBits(from, f.size))
			from = unsafe.Add(from, f.size)
			at += f.width
		}
	}
}

func loadBits(p unsafe.Pointer, size uintptr) uint64 {
	switch size {
	case 1:
		return uint64(*(*uint8)(p))
	case 2:
		return uint64(*(*uint16)(p))
	case 4:
		return uint64(*(*uint32)(p))
	}
	return *(*uint64)(p)
}

func putBits(to []uint32, at, width int, v uint64) {
	if width < 64 {
		v &= 1<<width - 1
	}
	for n := 0; n < width; {
		word, bit := (at+n)/32, (at+n)%32
		to[word] |= uint32(v>>n) << bit
		n += 32 - bit
	}
}

// getBits reads so many bits of a vector.
func getBits(from []uint32, at, width int) (v uint64) {
	for n := 0; n < width; {
		word, bit := (at+n)/32, (at+n)%32
		v |= uint64(from[word]>>bit) << n
		n += 32 - bit
	}
	if width < 64 {
		v &= 1<<width - 1
	}
	return v
}

// portDifference is a port that differs.
type portDifference struct {
	Port      string
	Got, Want uint64
}

// Compare finds the first port that differs, of those that have a meaning in the vector that is
// wanted; compared counts the ports.
func (l *portLayout) Compare(got, want []uint32) (d *portDifference, compared int) {
	same := true
	for i := range want {
		same = same && got[i] == want[i]
	}
	for i := range l.leaves {
		f := &l.leaves[i]
		if f.valid >= 0 && getBits(want, f.valid, f.bits) == 0 {
			continue
		}
		compared += f.count
		if same {
			continue
		}
		for k := range f.count {
			at := f.at + k*f.width
			if g, w := getBits(got, at, f.width), getBits(want, at, f.width); g != w && d == nil {
				d = &portDifference{f.name, g, w}
				if f.count > 1 {
					d.Port = fmt.Sprintf("%s[%d]", f.name, k)
				}
			}
		}
	}
	return d, compared
}
