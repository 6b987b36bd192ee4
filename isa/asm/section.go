package asm

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// burstBytes is what an external section without .org is aligned to: external addresses are multiples of 32.
const burstBytes = 32

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
	for _, s := range a.xmem {
		if s.name == name {
			return s
		}
	}
	s := &section{name: name, space: image.XMem, limit: image.MaxXMemBytes, at: at}
	for _, o := range a.xmem {
		s.base = max(s.base, (o.loc()+burstBytes-1)&^(burstBytes-1))
	}
	a.xmem = append(a.xmem, s)
	return s
}

// grow appends n zero bytes to the current section and returns them.
func (a *assembler) grow(n int64, col int) ([]byte, error) {
	s := a.section
	if n < 0 || n > s.limit-s.loc() {
		return nil, failf(col, "section %s: got end 0x%x, want at most 0x%x", s.name, uint64(s.loc()+n), s.limit)
	}
	if s.space == image.XMem {
		if n > int64(a.opt.DataBytes-a.dataBytes) {
			return nil, failf(col, "initial external data: got %d bytes, want at most %d", int64(a.dataBytes)+n, a.opt.DataBytes)
		}
		a.dataBytes += int(n)
	}
	s.used = true
	old := len(s.buf)
	s.buf = slices.Grow(s.buf, int(n))[:old+int(n)]
	clear(s.buf[old:])
	return s.buf[old:], nil
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
	if n := len(a.text.buf); n%isa.WordBytes != 0 && len(a.errors) == 0 { // else what is missing is likely known
		a.report(end, failf(0, "section .text: got %d bytes, want a multiple of %d", n, isa.WordBytes))
	}
	for b := a.text.buf; len(b) >= isa.WordBytes; b = b[isa.WordBytes:] {
		a.img.Code = append(a.img.Code, isa.Word(binary.LittleEndian.Uint64(b)))
	}
	if len(a.scratch.buf) > 0 {
		a.img.Scratch = a.scratch.buf
	}
	slices.SortStableFunc(a.xmem, func(x, y *section) int { return int(x.base - y.base) })
	last := int64(0)
	for _, s := range a.xmem {
		a.xmemNeed = max(a.xmemNeed, s.loc())
		if len(s.buf) == 0 {
			continue
		}
		if s.base < last {
			a.report(s.at, failf(s.at.col, "section %s: got address 0x%x, want at least 0x%x, the end of the one before", s.name, s.base, last))
		}
		last = s.loc()
		a.img.Segments = append(a.img.Segments, image.Segment{Name: strings.TrimPrefix(s.name, ".xmem."), Addr: uint32(s.base), Data: s.buf})
	}
	a.img.XMemBytes = uint32(a.xmemNeed)
}

// store puts a number of 1, 2, 4 or 8 bytes at dst, if it fits, signed or unsigned.
func store(dst []byte, v int64, col int) error {
	bits := 8 * len(dst)
	if bits < 64 && (v < -(1<<(bits-1)) || v >= 1<<bits) {
		return failf(col, "got %d, want %d..%d", v, -(int64(1) << (bits - 1)), int64(1)<<bits-1)
	}
	switch bits {
	case 8:
		dst[0] = byte(v)
	case 16:
		binary.LittleEndian.PutUint16(dst, uint16(v))
	case 32:
		binary.LittleEndian.PutUint32(dst, uint32(v))
	default:
		binary.LittleEndian.PutUint64(dst, uint64(v))
	}
	return nil
}

// checkImm checks the value of an instruction's immediate field.
func (a *assembler) checkImm(o isa.Operand, v value, col int) error {
	low, high := int64(math.MinInt32), int64(math.MaxUint32)
	switch o {
	case isa.OperandCount:
		low, high = 0, math.MaxInt32
	case isa.OperandTarget:
		if v.space != image.Abs && v.space != image.Text {
			return failf(col, "target: got an address in %s, want one in text", v.space)
		}
		if v.n < 0 || v.n > int64(a.opt.CodeBytes) || v.n%isa.WordBytes != 0 {
			return failf(col, "target: got %d, want a multiple of %d in 0..%d", v.n, isa.WordBytes, a.opt.CodeBytes)
		}
	}
	if v.n < low || v.n > high {
		return failf(col, "%s: got %d, want %d..%d", o, v.n, low, high)
	}
	return nil
}
