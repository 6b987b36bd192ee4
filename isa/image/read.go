package image

import (
	"bufio"
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"bdfasim/isa"
)

// ErrNotELF says that a file begins as no image does.
var ErrNotELF = errors.New("image: not an ELF file")

// ReadFile reads the image in a file. It fails as Read does, and on files beyond MaxFileBytes. Of
// what is no ELF file it reads no more than the beginning.
func ReadFile(name string) (*Image, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	if head, err := r.Peek(len(elf.ELFMAG)); string(head) != elf.ELFMAG {
		if err != nil && err != io.EOF {
			return nil, err
		}
		return nil, fmt.Errorf("%s: %w", name, ErrNotELF)
	}
	var b bytes.Buffer
	limit := int64(maxStreamBytes)
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		limit = MaxFileBytes
		b.Grow(int(min(info.Size(), limit)) + bytes.MinRead)
	}
	if n, err := b.ReadFrom(io.LimitReader(r, limit+1)); err != nil || n > limit {
		return nil, cmp.Or(err, fmt.Errorf("%s: got more than %d bytes", name, limit))
	}
	m, err := Read(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// Read reads the image in b and copies what it keeps. It refuses, with a plain reason, whatever is
// not a file of this kind, whatever was cut or changed since it was written, and files of another
// ISA version.
func Read(b []byte) (*Image, error) {
	m, err := read(b)
	if err != nil {
		return nil, fmt.Errorf("image: %w", err)
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m, nil
}

func read(b []byte) (*Image, error) {
	if err := identify(b); err != nil {
		return nil, err
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	m := &Image{Entry: uint32(f.Entry)}
	for i, s := range f.Sections {
		if err := m.readSection(i, s); err != nil {
			return nil, fmt.Errorf("section %d, %q: %w", i, s.Name, err)
		}
	}
	if err := m.readSymbols(f); err != nil {
		return nil, err
	}
	return m, nil
}

// checkSections keeps a small file from claiming much: package elf copies each section and each
// name that a header points to, and many headers may point to the same bytes.
func checkSections(b []byte) error {
	at, n, names := int64(le.Uint32(b[32:])), int(le.Uint16(b[48:])), int(le.Uint16(b[50:]))
	if n == 0 || n > maxSections || names >= n || le.Uint16(b[46:]) != shdrBytes ||
		at+int64(n)*shdrBytes > int64(len(b)) {
		return fmt.Errorf("sections: got %d of %d bytes, want 1..%d of %d within the file",
			n, le.Uint16(b[46:]), maxSections, shdrBytes)
	}
	headers := make([]elf.Section32, n)
	if _, err := binary.Decode(b[at:], le, headers); err != nil {
		return err
	}
	texts, total := map[int]bool{names: true}, int64(0)
	for _, h := range headers {
		if h.Type == uint32(elf.SHT_SYMTAB) {
			texts[int(h.Link)] = true
		}
	}
	for i, h := range headers {
		if h.Type == uint32(elf.SHT_NOBITS) || h.Type == uint32(elf.SHT_NULL) {
			continue
		}
		end := int64(h.Off) + int64(h.Size)
		if total += int64(h.Size); max(end, total) > int64(len(b)) ||
			h.Flags&uint32(elf.SHF_COMPRESSED) != 0 {
			return fmt.Errorf("section %d: got %d bytes, want all sections in %d, none over another "+
				"or compressed", i, h.Size, len(b))
		}
		if !texts[i] {
			continue
		}
		for name := range bytes.SplitSeq(b[h.Off:end], []byte{0}) {
			if len(name) > maxName+len(notePrefix) {
				return fmt.Errorf("section %d: got a name of %d bytes, want at most %d",
					i, len(name), maxName+len(notePrefix))
			}
		}
	}
	return nil
}

// identify checks everything that can be checked before the file's structure is trusted.
func identify(b []byte) error {
	if len(b) < headerBytes || string(b[:4]) != elf.ELFMAG {
		return errors.New("not an ELF file")
	}
	if elf.Class(b[elf.EI_CLASS]) != elf.ELFCLASS32 || elf.Data(b[elf.EI_DATA]) != elf.ELFDATA2LSB {
		return errors.New("an ELF file of another kind: want 32 bits, little-endian")
	}
	if got := le.Uint16(b[18:]); got != Machine {
		return fmt.Errorf("an ELF file for another machine: got 0x%04x, want 0x%04x", got, Machine)
	}
	note := note()
	head := len(note) - noteDesc
	if len(b) < headerBytes+len(note) || !bytes.Equal(b[headerBytes:headerBytes+head], note[:head]) {
		return errors.New("damaged: the bdfasim note is missing")
	}
	if sum := checksum(b); !bytes.Equal(sum[:], b[checksumAt:checksumAt+len(sum)]) {
		return errors.New("damaged: the checksum does not fit the contents")
	}
	if got := le.Uint32(b[versionAt:]); got != isa.Version {
		return fmt.Errorf("made for another instruction set: got version %d, want %d", got, isa.Version)
	}
	return checkSections(b)
}

// readSection takes over the contents of one section, if it is one of ours.
func (m *Image) readSection(i int, s *elf.Section) (err error) {
	if s.Name == xmemName {
		if s.Type != elf.SHT_NOBITS || s.Size > MaxXMemBytes {
			return fmt.Errorf("got type %v of %d bytes, want NOBITS of at most %d",
				s.Type, s.Size, MaxXMemBytes)
		}
		m.XMemBytes = uint32(s.Size)
		return nil
	}
	if s.Type != elf.SHT_PROGBITS {
		return nil
	}
	if s.Flags&elf.SHF_COMPRESSED != 0 {
		return errors.New("compressed, want plain")
	}
	data, err := s.Data()
	if err != nil {
		return err
	}
	if len(data) == 0 {
		return nil
	}
	switch {
	case s.Name == textName && i == textSection:
		if len(data)%isa.WordBytes != 0 {
			return fmt.Errorf("got %d bytes, want a multiple of %d", len(data), isa.WordBytes)
		}
		m.Code = make([]isa.Word, len(data)/isa.WordBytes)
		for k := range m.Code {
			m.Code[k] = isa.Word(le.Uint64(data[k*isa.WordBytes:]))
		}
	case s.Name == scratchName && i == scratchSection:
		m.Scratch = data
	case strings.HasPrefix(s.Name, segPrefix):
		if s.Addr < xmemBase {
			return fmt.Errorf("got address 0x%x, want at least 0x%x", s.Addr, uint32(xmemBase))
		}
		name := strings.TrimPrefix(s.Name, segPrefix)
		m.Segments = append(m.Segments, Segment{name, uint32(s.Addr - xmemBase), data})
	case s.Name == linesName:
		m.Lines, err = decode((*codec).lines, data)
	case s.Name == tensorsName:
		m.Tensors, err = decode((*codec).tensors, data)
	case strings.HasPrefix(s.Name, notePrefix) && len(data) >= 4:
		n := Note{Name: strings.TrimPrefix(s.Name, notePrefix), Version: le.Uint32(data)}
		if len(data) > 4 {
			n.Data = data[4:]
		}
		m.Notes = append(m.Notes, n)
	default:
		err = errors.New("no section of this kind of file")
	}
	return err
}

// readSymbols takes over the symbol table; a symbol's section tells its space.
func (m *Image) readSymbols(f *elf.File) error {
	symbols, err := f.Symbols()
	if errors.Is(err, elf.ErrNoSymbols) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("symbols: %w", err)
	}
	for _, e := range symbols {
		s := Symbol{Name: e.Name, Value: uint32(e.Value)}
		switch n := int(e.Section); {
		case e.Section == elf.SHN_ABS:
		case n == textSection:
			s.Space = Text
		case n == scratchSection:
			s.Space, s.Value = Scratch, s.Value-scratchBase
		case n >= xmemSection && n < len(f.Sections):
			s.Space, s.Value = XMem, s.Value-xmemBase
		default:
			return fmt.Errorf("symbol %q: got section %d, want a memory's", e.Name, n)
		}
		m.Symbols = append(m.Symbols, s)
	}
	return nil
}
