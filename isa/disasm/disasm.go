package disasm

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// printer prints one image.
type printer struct {
	w      *bufio.Writer
	img    *image.Image
	labels [image.NumSpaces][]image.Symbol // what is still to be printed as a label, by rising value
	local  map[uint32]bool                 // targets without a symbol
	names  map[uint32]string               // the first symbol of each text address
}

// Write prints the image as assembly text. It fails on invalid images and when w does.
func Write(w io.Writer, img *image.Image) error {
	if err := img.Validate(); err != nil {
		return fmt.Errorf("disassemble: %w", err)
	}
	p := &printer{w: bufio.NewWriter(w), img: img}
	p.local, p.names = map[uint32]bool{}, map[uint32]string{}
	if img.XMemBytes > 0 {
		fmt.Fprintf(p.w, "\t.xmem\t0x%x\n", img.XMemBytes)
	}
	if len(img.Code) > 0 {
		fmt.Fprintf(p.w, "\t.entry\t0x%x\n", img.Entry)
	}
	p.symbols()
	p.tensors()
	p.notes()
	p.code()
	if len(img.Scratch) > 0 {
		p.w.WriteString("\n\t.scratch\n")
		p.data(img.Scratch, 0, image.Scratch)
	}
	for _, s := range img.Segments {
		fmt.Fprintf(p.w, "\n\t.section .xmem.%s\n\t.org\t0x%x\n", s.Name, s.Addr)
		p.data(s.Data, s.Addr, image.XMem)
	}
	return p.w.Flush()
}

// symbols keeps as labels the symbols that name a place in code or data, and prints all others.
func (p *printer) symbols() {
	for _, s := range slices.SortedFunc(slices.Values(p.img.Symbols), image.Symbol.Compare) {
		if p.isLabel(s) {
			p.labels[s.Space] = append(p.labels[s.Space], s)
			if s.Space == image.Text && p.names[s.Value] == "" {
				p.names[s.Value] = s.Name
			}
			continue
		}
		fmt.Fprintf(p.w, "\t.symbol\t%s, %s, 0x%x\n", s.Name, s.Space, s.Value)
	}
}

func (p *printer) isLabel(s image.Symbol) bool {
	switch s.Space {
	case image.Text:
		return s.Value%isa.WordBytes == 0
	case image.Scratch:
		return len(p.img.Scratch) > 0
	case image.XMem:
		return slices.ContainsFunc(p.img.Segments, func(g image.Segment) bool {
			return s.Value >= g.Addr && s.Value-g.Addr < uint32(len(g.Data))
		})
	}
	return false
}

func (p *printer) tensors() {
	for _, t := range p.img.Tensors {
		fmt.Fprintf(p.w, "\t.tensor\t%s, %s, %s, 0x%x, %d, %d, %d, %d", quote(t.Name), t.Space,
			quote(t.Layout), t.Addr, t.Stride, t.Bits, t.Frac, t.Layer)
		for _, d := range t.Shape {
			fmt.Fprintf(p.w, ", %d", d)
		}
		p.w.WriteByte('\n')
	}
}

// notes prints notes, a line of their text at a time.
func (p *printer) notes() {
	for _, n := range p.img.Notes {
		for first := true; first || len(n.Data) > 0; first = false {
			k := min(len(n.Data), noteLine)
			if end := bytes.IndexByte(n.Data[:k], '\n'); end >= 0 {
				k = end + 1
			}
			fmt.Fprintf(p.w, "\t.note\t%s, %d, \"", n.Name, n.Version)
			for _, c := range n.Data[:k] {
				switch {
				case c == '\n':
					p.w.WriteString(`\n`)
				case c == '"' || c == '\\':
					p.w.WriteString(`\` + string(c))
				case c < ' ' || c > '~':
					fmt.Fprintf(p.w, `\x%02x`, c)
				default:
					p.w.WriteByte(c)
				}
			}
			p.w.WriteString("\"\n")
			n.Data = n.Data[k:]
		}
	}
}

// noteLine is the most bytes of a note on a line.
const noteLine = 512

// quote returns a string constant; images hold no control characters.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// code prints instruction memory.
func (p *printer) code() {
	size := uint32(len(p.img.Code) * isa.WordBytes)
	for _, w := range p.img.Code {
		if t, ok := target(w); ok && t <= size && p.names[t] == "" {
			p.local[t] = true
		}
	}
	if len(p.img.Code) == 0 && len(p.labels[image.Text]) == 0 {
		return
	}
	p.w.WriteString("\n\t.text\n")
	lines := p.img.Lines
	last := image.Line{Line: -1}
	for i, w := range p.img.Code {
		addr := uint32(i * isa.WordBytes)
		p.codeLabels(addr)
		now := image.Line{File: last.File}
		if len(lines) > 0 && lines[0].Addr == addr {
			now, lines = lines[0], lines[1:]
		}
		if now.File != last.File {
			fmt.Fprintf(p.w, "\t.file\t%s\n", quote(now.File))
		}
		if now.Line != last.Line {
			fmt.Fprintf(p.w, "\t.loc\t%d\n", now.Line)
		}
		last = now
		p.w.WriteString("\t" + p.instruction(w, size) + "\n")
	}
	p.codeLabels(size)
}

// instruction prints a word; a target outside the code makes it .quad: no label could stand there.
func (p *printer) instruction(w isa.Word, size uint32) string {
	if t, ok := target(w); ok && t > size {
		return fmt.Sprintf(".quad 0x%016x", uint64(w))
	}
	return line(w, func(addr uint32) string {
		if name := p.names[addr]; name != "" {
			return name
		}
		return localLabel(addr)
	})
}

// target returns the target of an instruction that has one.
func target(w isa.Word) (uint32, bool) {
	info := isa.Lookup(w.Op())
	if info == nil || w.Check() != nil || !slices.Contains(info.Format.Operands(), isa.OperandTarget) {
		return 0, false
	}
	return uint32(w.Imm()), true
}

func localLabel(addr uint32) string { return fmt.Sprintf("%s%04x", image.LocalPrefix, addr) }

func (p *printer) codeLabels(addr uint32) {
	p.label(image.Text, addr)
	if p.local[addr] {
		p.w.WriteString(localLabel(addr) + ":\n")
	}
}

// label prints the labels of an address and returns the address of the next one.
func (p *printer) label(space image.Space, addr uint32) (next uint64) {
	l := &p.labels[space]
	for len(*l) > 0 && (*l)[0].Value == addr {
		p.w.WriteString((*l)[0].Name + ":\n")
		*l = (*l)[1:]
	}
	if len(*l) > 0 {
		return uint64((*l)[0].Value)
	}
	return 1 << 32
}

const (
	quadBytes = 8
	lineQuads = 4
	zeroRun   = 32 // zeros from here on are worth a .zero of their own
)

// data prints initial data with its labels.
func (p *printer) data(b []byte, addr uint32, space image.Space) {
	for {
		next := p.label(space, addr)
		if len(b) == 0 {
			return
		}
		n := int(min(uint64(len(b)), next-uint64(addr)))
		p.piece(b[:n])
		b, addr = b[n:], addr+uint32(n)
	}
}

// piece prints data without labels: runs of zeros, else lines of numbers.
func (p *printer) piece(b []byte) {
	for len(b) > 0 {
		if n := zeros(b); n >= zeroRun || n == len(b) {
			fmt.Fprintf(p.w, "\t.zero\t%d\n", n)
			b = b[n:]
			continue
		}
		n := min(len(b), lineQuads*quadBytes)
		for k := quadBytes; k < n; k += quadBytes {
			if zeros(b[k:]) >= zeroRun {
				n = k
			}
		}
		p.numbers(b[:n])
		b = b[n:]
	}
}

// zeros counts the zeros that b begins with.
func zeros(b []byte) int { return len(b) - len(bytes.TrimLeft(b, "\x00")) }

// numbers prints a line of .quad, and one of .byte for what is left.
func (p *printer) numbers(b []byte) {
	for separator := "\t.quad\t0x"; len(b) >= quadBytes; b = b[quadBytes:] {
		p.w.WriteString(separator)
		quad := binary.BigEndian.AppendUint64(nil, binary.LittleEndian.Uint64(b))
		p.w.Write(hex.AppendEncode(p.w.AvailableBuffer(), quad))
		if separator = ", 0x"; len(b) < 2*quadBytes {
			p.w.WriteByte('\n')
		}
	}
	for separator := "\t.byte\t"; len(b) > 0; b = b[1:] {
		fmt.Fprintf(p.w, "%s%d", separator, b[0])
		if separator = ", "; len(b) == 1 {
			p.w.WriteByte('\n')
		}
	}
}
