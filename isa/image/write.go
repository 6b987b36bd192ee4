package image

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"slices"

	"bdfasim/isa"
)

// Machine is the private ELF machine number.
const Machine = 0xBDFA

// The ELF address map and the place of the note.
const (
	scratchBase = 0x0010_0000
	xmemBase    = 0x8000_0000

	headerBytes = 52
	phdrBytes   = 32
	shdrBytes   = 40
	symBytes    = 16
	noteName    = "bdfasim\x00"
	noteType    = 1
	noteDesc    = 4 + sha256.Size
	noteBytes   = 12 + len(noteName) + noteDesc
	versionAt   = headerBytes + 12 + len(noteName)
	checksumAt  = versionAt + 4
	firstSymbol = 1 // symbol 0 is ELF's undefined symbol
)

// Names of the sections.
const (
	textName    = ".text"
	scratchName = ".data.scratch"
	xmemName    = ".xmem"
	segPrefix   = ".xmem."
	linesName   = ".bdfasim.lines"
	tensorsName = ".bdfasim.tensors"
	notePrefix  = ".bdfasim.note."
	symtabName  = ".symtab"
	strtabName  = ".strtab"
)

var le = binary.LittleEndian

// section is a section on its way into the file.
type section struct {
	elf.Section32
	name string
	data []byte
}

// Bytes returns the image as a file; equal images give equal bytes. It fails on what Validate
// refuses.
func (m *Image) Bytes() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	sections := m.sections()
	phdrs := 0
	for i := range sections {
		if sections[i].loaded() {
			phdrs++
		}
	}
	b := append(make([]byte, headerBytes), sections[1].data...)
	sections[1].Off, sections[1].Size = headerBytes, uint32(noteBytes)
	phdr := len(b)
	b = append(b, make([]byte, phdrs*phdrBytes)...)
	for i := 2; i < len(sections); i++ {
		s := &sections[i]
		b = align(b)
		s.Off = uint32(len(b))
		if s.Type != uint32(elf.SHT_NOBITS) {
			s.Size = uint32(len(s.data))
			b = append(b, s.data...)
		}
		if s.loaded() {
			put(b[phdr:], s.load())
			phdr += phdrBytes
		}
	}
	b = align(b)
	put(b, m.header(phdrs, len(sections), len(b)))
	for _, s := range sections {
		at := len(b)
		b = append(b, make([]byte, shdrBytes)...)
		put(b[at:], s.Section32)
	}
	seal(b)
	return b, nil
}

// align brings what follows to a multiple of 8 bytes.
func align(b []byte) []byte { return append(b, make([]byte, -len(b)&7)...) }

// put writes a fixed-size structure; only a programming error can make it fail.
func put(b []byte, v any) {
	if _, err := binary.Encode(b, le, v); err != nil {
		panic(fmt.Sprintf("image: %v", err))
	}
}

// sections lists all sections in file order; number 1 is the note, right behind the header.
func (m *Image) sections() []section {
	prog := func(name string, addr uint32, flags elf.SectionFlag, data []byte) section {
		h := elf.Section32{Type: uint32(elf.SHT_PROGBITS), Flags: uint32(flags), Addr: addr, Addralign: 1}
		return section{h, name, data}
	}
	const memory = elf.SHF_ALLOC | elf.SHF_WRITE
	code := make([]byte, 0, m.codeBytes())
	for _, w := range m.Code {
		code = le.AppendUint64(code, uint64(w))
	}
	text := prog(textName, 0, elf.SHF_ALLOC|elf.SHF_EXECINSTR, code)
	text.Addralign = isa.WordBytes
	note := section{elf.Section32{Type: uint32(elf.SHT_NOTE), Addralign: 4}, ".note.bdfasim", note()}
	xmem := prog(xmemName, xmemBase, memory, nil)
	xmem.Type, xmem.Size = uint32(elf.SHT_NOBITS), m.XMemBytes
	s := []section{{}, note, text, prog(scratchName, scratchBase, memory, m.Scratch), xmem}
	for _, g := range m.Segments {
		s = append(s, prog(segPrefix+g.Name, xmemBase+g.Addr, memory, g.Data))
	}
	s = append(s, prog(linesName, 0, 0, encode((*codec).lines, m.Lines)),
		prog(tensorsName, 0, 0, encode((*codec).tensors, m.Tensors)))
	for _, n := range m.Notes {
		s = append(s, prog(notePrefix+n.Name, 0, 0, append(le.AppendUint32(nil, n.Version), n.Data...)))
	}

	symtab, strtab := m.symtab()
	symbols := elf.Section32{
		Type: uint32(elf.SHT_SYMTAB), Link: uint32(len(s) + 1), Info: firstSymbol,
		Entsize: symBytes, Addralign: 4,
	}
	strings := elf.Section32{Type: uint32(elf.SHT_STRTAB), Addralign: 1}
	s = append(s, section{symbols, symtabName, symtab}, section{strings, strtabName, strtab},
		section{strings, ".shstrtab", nil})
	names := []byte{0}
	for i := 1; i < len(s); i++ {
		s[i].Name = uint32(len(names))
		names = append(append(names, s[i].name...), 0)
	}
	s[len(s)-1].data = names
	return s
}

// Section numbers of the fixed sections, see sections.
const (
	textSection    = 2
	scratchSection = 3
	xmemSection    = 4
)

// symtab returns the symbol table and its names.
func (m *Image) symtab() (table, names []byte) {
	table = make([]byte, symBytes*(1+len(m.Symbols)))
	names = []byte{0}
	seg := 0
	for i, s := range slices.SortedFunc(slices.Values(m.Symbols), Symbol.Compare) {
		e := elf.Sym32{Name: uint32(len(names)), Info: uint8(elf.STB_GLOBAL) << 4, Value: s.Value}
		names = append(append(names, s.Name...), 0)
		switch s.Space {
		case Abs:
			e.Shndx = uint16(elf.SHN_ABS)
		case Text:
			e.Shndx = textSection
		case Scratch:
			e.Shndx, e.Value = scratchSection, s.Value+scratchBase
		case XMem:
			for seg < len(m.Segments) && m.Segments[seg].Addr+uint32(len(m.Segments[seg].Data)) <= s.Value {
				seg++ // values rise, so each segment is passed once
			}
			e.Shndx, e.Value = xmemSection, s.Value+xmemBase
			if seg < len(m.Segments) && m.Segments[seg].Addr <= s.Value {
				e.Shndx = uint16(xmemSection + 1 + seg)
			}
		}
		put(table[symBytes*(1+i):], e)
	}
	return table, names
}

// note returns the note with the checksum still zero.
func note() []byte {
	b := le.AppendUint32(nil, uint32(len(noteName)))
	b = le.AppendUint32(b, uint32(noteDesc))
	b = append(le.AppendUint32(b, noteType), noteName...)
	return append(le.AppendUint32(b, isa.Version), make([]byte, sha256.Size)...)
}

func (m *Image) header(phdrs, shdrs, shoff int) elf.Header32 {
	h := elf.Header32{
		Type:    uint16(elf.ET_EXEC),
		Machine: Machine,
		Version: uint32(elf.EV_CURRENT),
		Entry:   m.Entry,
		Shoff:   uint32(shoff),
		Ehsize:  headerBytes, Shentsize: shdrBytes,
		Shnum: uint16(shdrs), Shstrndx: uint16(shdrs - 1),
	}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS] = byte(elf.ELFCLASS32)
	h.Ident[elf.EI_DATA] = byte(elf.ELFDATA2LSB)
	h.Ident[elf.EI_VERSION] = byte(elf.EV_CURRENT)
	if phdrs > 0 {
		h.Phoff, h.Phentsize, h.Phnum = uint32(headerBytes+noteBytes), phdrBytes, uint16(phdrs)
	}
	return h
}

// loaded tells whether a section has a program header, which load returns.
func (s *section) loaded() bool {
	return s.Type == uint32(elf.SHT_PROGBITS) && s.Flags&uint32(elf.SHF_ALLOC) != 0 && len(s.data) > 0
}

func (s *section) load() elf.Prog32 {
	flags := elf.PF_R | elf.PF_W
	if s.Flags&uint32(elf.SHF_EXECINSTR) != 0 {
		flags = elf.PF_R | elf.PF_X
	}
	return elf.Prog32{
		Type: uint32(elf.PT_LOAD), Flags: uint32(flags), Align: 1, Off: s.Off,
		Vaddr: s.Addr, Paddr: s.Addr, Filesz: s.Size, Memsz: s.Size,
	}
}

// seal writes the checksum into the note.
func seal(b []byte) {
	sum := checksum(b)
	copy(b[checksumAt:], sum[:])
}

// checksum returns the SHA-256 of the file with the checksum's own bytes zeroed.
func checksum(b []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	h.Write(b[:checksumAt])
	h.Write(make([]byte, sha256.Size))
	h.Write(b[checksumAt+sha256.Size:])
	h.Sum(sum[:0])
	return sum
}
