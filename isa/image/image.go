package image

import (
	"cmp"
	"slices"

	"bdfasim/isa"
)

// Space says to which of the chip's memories a symbol's value belongs.
type Space uint8

// The spaces; Abs is a plain number.
const (
	Abs Space = iota
	Text
	Scratch
	XMem
	NumSpaces
)

var spaceNames = [NumSpaces]string{"abs", "text", "scratch", "xmem"}

// String returns the name used by the assembler's .symbol directive.
func (s Space) String() string {
	if s < NumSpaces {
		return spaceNames[s]
	}
	return "space?"
}

// SpaceByName is the inverse of Space.String.
func SpaceByName(name string) (Space, bool) {
	s := slices.Index(spaceNames[:], name)
	return Space(max(s, 0)), s >= 0
}

// Image is a program as the chip loads it, with what tools want to know about it.
type Image struct {
	Entry     uint32     // byte address of the first instruction executed
	Code      []isa.Word // instruction memory from byte 0
	Scratch   []byte     // initial scratch memory from byte 0
	Segments  []Segment  // initial external memory, by rising address, not overlapping, none empty
	XMemBytes uint32     // bytes of external memory that the program needs, from address 0
	Symbols   []Symbol   // in any order, no name twice; Read returns them by space, value and name
	Lines     []Line     // by rising address, at most one an instruction
	Tensors   []Tensor   // in the program's order
	Notes     []Note     // in the program's order, no name twice
}

// Segment is a piece of initial external memory.
type Segment struct {
	Name string // of the characters of a symbol's name; no name twice
	Addr uint32 // external byte address
	Data []byte
}

// Symbol is a named address, or a named number in space Abs (negative ones as two's complement).
type Symbol struct {
	Name  string
	Space Space
	Value uint32 // the chip's own address in its space
}

// Line says from which source line an instruction comes.
type Line struct {
	Addr uint32 // byte address of the instruction
	File string
	Line int // from 1
}

// Note is what a tool keeps in an image for another one: bytes that mean nothing here.
type Note struct {
	Name    string // of the characters of a symbol's name
	Version uint32 // of what the bytes mean
	Data    []byte // at most MaxNoteBytes
}

// LineAt returns the source line of the instruction at a byte address.
func (m *Image) LineAt(addr uint32) (Line, bool) {
	i, ok := slices.BinarySearchFunc(m.Lines, addr, func(l Line, addr uint32) int {
		return cmp.Compare(l.Addr, addr)
	})
	if !ok {
		return Line{}, false
	}
	return m.Lines[i], true
}

// Symbol finds a symbol by name.
func (m *Image) Symbol(name string) (Symbol, bool) {
	for _, s := range m.Symbols {
		if s.Name == name {
			return s, true
		}
	}
	return Symbol{}, false
}

// Note finds a note by name.
func (m *Image) Note(name string) (*Note, bool) {
	for i := range m.Notes {
		if m.Notes[i].Name == name {
			return &m.Notes[i], true
		}
	}
	return nil, false
}

// Compare is the order of symbols in a file: by space, value and name.
func (s Symbol) Compare(o Symbol) int {
	return cmp.Or(cmp.Compare(s.Space, o.Space), cmp.Compare(s.Value, o.Value),
		cmp.Compare(s.Name, o.Name))
}
