package sv

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Layout is where the bits of a Go In or Out stand in the vector of its ports.
type Layout struct {
	Words  int // of 32 bits
	leaves []leaf
}

// leaf is a number, or an array of them.
type leaf struct {
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

// NewLayout lays out a Go struct, given as a value of its type, by its description.
func NewLayout(p *Type, of any) *Layout {
	l := &Layout{Words: max(3, (p.Width+31)/32)} // from three words on, Verilator has arrays
	at := 0
	t := reflect.TypeOf(of)
	where := place{pointer: -1, valid: -1}
	for i := range p.Fields {
		f := &p.Fields[i]
		l.field(f, t, f.Name, where, at, p.gate(f, where))
		at += f.Bits()
	}
	return l
}

// place is where a struct lies in memory, and what gives it meaning.
type place struct {
	pointer int
	offset  uintptr
	valid   int
	bits    int
}

// gate is what gives a port meaning.
func (p *Type) gate(f *Field, where place) place {
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
func (l *Layout) field(f *Field, t reflect.Type, name string, where place, at int, gate place) {
	where.valid, where.bits = gate.valid, gate.bits
	for _, i := range f.index {
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
		l.leaves = append(l.leaves, leaf{name: name, pointer: where.pointer, offset: where.offset,
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
func (l *Layout) structure(p *Type, t reflect.Type, name string, where place, base int) {
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
func (l *Layout) Pack(p unsafe.Pointer, to []uint32) {
	for i := range l.leaves {
		f := &l.leaves[i]
		from := p
		if f.pointer >= 0 {
			from = *(*unsafe.Pointer)(unsafe.Add(p, f.pointer))
		}
		from = unsafe.Add(from, f.offset)
		at := f.at
		for range f.count {
			put(to, at, f.width, load(from, f.size))
			from = unsafe.Add(from, f.size)
			at += f.width
		}
	}
}

func load(p unsafe.Pointer, size uintptr) uint64 {
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

func put(to []uint32, at, width int, v uint64) {
	if width < 64 {
		v &= 1<<width - 1
	}
	for n := 0; n < width; {
		word, bit := (at+n)/32, (at+n)%32
		to[word] |= uint32(v>>n) << bit
		n += 32 - bit
	}
}

// Get reads so many bits of a vector.
func Get(from []uint32, at, width int) (v uint64) {
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

// Difference is a port that differs.
type Difference struct {
	Port      string
	Got, Want uint64
}

// Compare finds the first port that differs, of those that have a meaning in the vector that is
// wanted; compared counts the ports.
func (l *Layout) Compare(got, want []uint32) (d *Difference, compared int) {
	same := true
	for i := range want {
		same = same && got[i] == want[i]
	}
	for i := range l.leaves {
		f := &l.leaves[i]
		if f.valid >= 0 && Get(want, f.valid, f.bits) == 0 {
			continue
		}
		compared += f.count
		if same {
			continue
		}
		for k := range f.count {
			at := f.at + k*f.width
			if g, w := Get(got, at, f.width), Get(want, at, f.width); g != w && d == nil {
				d = &Difference{f.name, g, w}
				if f.count > 1 {
					d.Port = fmt.Sprintf("%s[%d]", f.name, k)
				}
			}
		}
	}
	return d, compared
}
