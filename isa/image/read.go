package image

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"strings"

	"bdfasim/isa"
)

// MaxFileBytes is the largest file that ReadFile opens.
const MaxFileBytes = 1 << 30

// ReadFile reads the image in a file. It fails as Read does, and on files beyond MaxFileBytes.
func ReadFile(name string) (*Image, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxFileBytes {
		return nil, fmt.Errorf("%s: got %d bytes, want at most %d", name, info.Size(), MaxFileBytes)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	m, err := Read(b)
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
	return nil
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
