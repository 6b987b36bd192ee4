package asm

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// section is the growing contents of a memory, or of one segment of external memory.
type section struct {
	name  string
	space image.Space
	base  int64 // the chip's address of buf[0]
	limit int64 // first address that does not exist
	buf   []byte
	used  bool // has data, or somebody has seen its address: base is fixed
	at    pos  // where it was opened first
}

func (s *section) loc() int64 { return s.base + int64(len(s.buf)) }

// openXMem finds or makes a section of external memory.
func (a *assembler) openXMem(name string, at pos) *section {
	if s := a.sections[name]; s != nil {
		return s
	}
	if len(a.xmem) == image.MaxSegments {
		fail(at.col, "sections: got more than %d", image.MaxSegments)
	}
	s := &section{name: name, space: image.XMem, limit: image.MaxXMemBytes, at: at}
	for _, o := range a.xmem {
		s.base = max(s.base, (o.loc()+isa.BurstBytes-1)&^(isa.BurstBytes-1))
	}
	a.sections[name], a.xmem = s, append(a.xmem, s)
	return s
}

// grow appends n zero bytes to the current section and returns them.
func (a *assembler) grow(n int64, col int) []byte {
	s := a.section
	if n < 0 || n > s.limit-s.loc() {
		fail(col, "section %s: got end 0x%x, want at most 0x%x", s.name, uint64(s.loc()+n), s.limit)
	}
	if s.space == image.XMem {
		if n > int64(a.opt.DataBytes-a.dataBytes) {
			fail(col, "initial external data: got %d bytes, want at most %d",
				int64(a.dataBytes)+n, a.opt.DataBytes)
		}
		a.dataBytes += int(n)
	}
	s.used = true
	old := len(s.buf)
	s.buf = slices.Grow(s.buf, int(n))[:old+int(n)]
	clear(s.buf[old:])
	return s.buf[old:]
}

// addLine notes the source line of the instruction that follows.
func (a *assembler) addLine(p pos) {
	l := p.line
	if p.ctx.use != nil {
		l = p.ctx.use
	}
	line := image.Line{Addr: uint32(a.text.loc()), File: l.file, Line: l.num}
	if a.locFile != "" {
		line.File = a.locFile
	}
	if a.locFixed {
		if line.Line = a.locLine; line.Line == 0 {
			return
		}
	}
	a.img.Lines = append(a.img.Lines, line)
}

// layout turns the sections into the image's memories.
func (a *assembler) layout(end pos) {
	// After an error, what is missing is likely known.
	if n := len(a.text.buf); n%isa.WordBytes != 0 && len(a.errors) == 0 {
		a.report(end, "section .text: got %d bytes, want a multiple of %d", n, isa.WordBytes)
	}
	for b := a.text.buf; len(b) >= isa.WordBytes; b = b[isa.WordBytes:] {
		a.img.Code = append(a.img.Code, isa.Word(binary.LittleEndian.Uint64(b)))
	}
	a.img.Scratch = a.scratch.buf
	slices.SortStableFunc(a.xmem, func(x, y *section) int { return int(x.base - y.base) })
	last := int64(0)
	for _, s := range a.xmem {
		a.xmemNeed = max(a.xmemNeed, s.loc())
		if len(s.buf) == 0 {
			continue
		}
		if s.base < last {
			a.report(s.at, "section %s: got address 0x%x, want at least 0x%x, the end of the one before",
				s.name, s.base, last)
		}
		last = s.loc()
		a.img.Segments = append(a.img.Segments, image.Segment{
			Name: strings.TrimPrefix(s.name, ".xmem."), Addr: uint32(s.base), Data: s.buf,
		})
	}
	a.img.XMemBytes = uint32(a.xmemNeed)
}

// store puts a number of 1, 2, 4 or 8 bytes at dst, if it fits, signed or unsigned.
func store(dst []byte, v int64, col int) {
	if bits := 8 * len(dst); bits < 64 && (v < -(1<<(bits-1)) || v >= 1<<bits) {
		fail(col, "got %d, want %d..%d", v, -(int64(1) << (bits - 1)), int64(1)<<bits-1)
	}
	for i := range dst {
		dst[i] = byte(v >> (8 * i))
	}
}

// checkImm checks the value of an instruction's immediate field.
func (a *assembler) checkImm(o isa.Operand, v value, col int) {
	switch o {
	case isa.OperandCount:
		within(col, o.String(), v.n, 0, math.MaxInt32)
	case isa.OperandTarget:
		if v.space != image.Abs && v.space != image.Text {
			fail(col, "target: got an address in %s, want one in text", v.space)
		}
		if v.n < 0 || v.n > int64(a.opt.CodeBytes) || v.n%isa.WordBytes != 0 {
			fail(col, "target: got %d, want a multiple of %d in 0..%d",
				v.n, isa.WordBytes, a.opt.CodeBytes)
		}
	default:
		within(col, o.String(), v.n, math.MinInt32, math.MaxUint32)
	}
}
