package image

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"bdfasim/isa"
)

// Bounds of an image; the ELF address map sets the first three.
const (
	MaxCodeBytes    = scratchBase
	MaxScratchBytes = 1 << 20
	MaxXMemBytes    = 1 << 31
	MaxSegments     = 4096 // far below the 0xff00 sections that ELF32 can count
	MaxDims         = 8
	MaxNotes        = 16
	MaxTensors      = 1 << 14
	MaxNoteBytes    = 1 << 20 // of one
	MaxFileBytes    = 1 << 30
	maxStreamBytes  = 1 << 28                     // of what is no regular file, and may never end
	maxSections     = MaxSegments + MaxNotes + 10 // of a file: those and the fixed ones
	maxName         = 255
)

// LocalPrefix starts the names that belong to the assembler alone and never get into an image.
const LocalPrefix = ".L"

// ValidName tells whether a symbol or segment may have this name: letters, digits, '_', '.' and
// '$', no digit first, at most 255 characters, not '.' alone, not local to the assembler and not a
// register's.
func ValidName(name string) bool {
	if name == "" || name == "." || len(name) > maxName || strings.HasPrefix(name, LocalPrefix) {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '.' || c == '$'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	_, reg := isa.RegByName(name)
	return !reg
}

// Validate tells what keeps the image from being written, or nil.
func (m *Image) Validate() error {
	err := cmp.Or(m.validateSizes(), m.validateSegments(), m.validateSymbols(), m.validateLines(),
		m.validateTensors(), m.validateNotes())
	if err != nil {
		return fmt.Errorf("image: %w", err)
	}
	return nil
}

// names are the names of things of a kind, of which no two have the same.
type names map[string]bool

func (n names) add(kind, name string) error {
	if !ValidName(name) || n[name] {
		return fmt.Errorf("%s name %q: not a name, or given twice", kind, name)
	}
	n[name] = true
	return nil
}

// atMost and within check a number; unit follows it in the message, with a blank in front.
func atMost(what string, n int, unit string, most int) error {
	if n > most {
		return fmt.Errorf("%s: got %d%s, want at most %d", what, n, unit, most)
	}
	return nil
}

func within(what string, n, low, high int) error {
	if n < low || n > high {
		return fmt.Errorf("%s: got %d, want %d..%d", what, n, low, high)
	}
	return nil
}

func (m *Image) codeBytes() int { return len(m.Code) * isa.WordBytes }

func (m *Image) validateSizes() error {
	if m.Entry%isa.WordBytes != 0 || m.Entry != 0 && int(m.Entry) >= m.codeBytes() {
		return fmt.Errorf("entry: got 0x%x, want a multiple of %d below 0x%x",
			m.Entry, isa.WordBytes, m.codeBytes())
	}
	return cmp.Or(
		atMost("code", m.codeBytes(), " bytes", MaxCodeBytes),
		atMost("scratch", len(m.Scratch), " bytes", MaxScratchBytes),
		atMost("external memory", int(m.XMemBytes), " bytes", MaxXMemBytes),
		atMost("segments", len(m.Segments), "", MaxSegments),
		atMost("notes", len(m.Notes), "", MaxNotes),
		atMost("tensors", len(m.Tensors), "", MaxTensors))
}

func (m *Image) validateSegments() error {
	seen, end := names{}, 0
	for _, s := range m.Segments {
		if err := seen.add("segment", s.Name); err != nil {
			return err
		}
		if len(s.Data) == 0 {
			return fmt.Errorf("segment %s: got no data, want at least one byte", s.Name)
		}
		if int(s.Addr) < end {
			return fmt.Errorf("segment %s: got address 0x%x, want at least 0x%x, "+
				"the end of the one before", s.Name, s.Addr, end)
		}
		if end = int(s.Addr) + len(s.Data); end > int(m.XMemBytes) {
			return fmt.Errorf("segment %s: got end 0x%x, want at most 0x%x, "+
				"the external memory needed", s.Name, end, m.XMemBytes)
		}
	}
	return nil
}

func (m *Image) validateSymbols() error {
	limit := [NumSpaces]int{math.MaxUint32, m.codeBytes(), len(m.Scratch), int(m.XMemBytes)}
	seen := make(names, len(m.Symbols))
	for _, s := range m.Symbols {
		if err := seen.add("symbol", s.Name); err != nil {
			return err
		}
		if s.Space >= NumSpaces {
			return fmt.Errorf("symbol %s: got space %d, want less than %d", s.Name, s.Space, NumSpaces)
		}
		if int(s.Value) > limit[s.Space] {
			return fmt.Errorf("symbol %s: got %s address 0x%x, want at most 0x%x",
				s.Name, s.Space, s.Value, limit[s.Space])
		}
	}
	return nil
}

func (m *Image) validateLines() error {
	next := 0
	for _, l := range m.Lines {
		if int(l.Addr) < next || l.Addr%isa.WordBytes != 0 || int(l.Addr) >= m.codeBytes() {
			return fmt.Errorf("line of address 0x%x: want a multiple of %d from 0x%x, below 0x%x",
				l.Addr, isa.WordBytes, next, m.codeBytes())
		}
		next = int(l.Addr) + isa.WordBytes
		err := cmp.Or(validText("file", l.File, 1), within("line", l.Line, 1, math.MaxInt32))
		if err != nil {
			return fmt.Errorf("line of address 0x%x: %w", l.Addr, err)
		}
	}
	return nil
}

func (m *Image) validateTensors() error {
	names := make(map[string]bool, len(m.Tensors))
	for i := range m.Tensors {
		t := &m.Tensors[i]
		if names[t.Name] {
			return fmt.Errorf("tensor %q: given twice", t.Name)
		}
		names[t.Name] = true
		if err := t.validate(); err != nil {
			return fmt.Errorf("tensor %q: %w", t.Name, err)
		}
	}
	return nil
}

func (m *Image) validateNotes() error {
	seen := names{}
	for _, n := range m.Notes {
		err := cmp.Or(seen.add("note", n.Name),
			atMost("note "+n.Name, len(n.Data), " bytes", MaxNoteBytes))
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *Tensor) validate() error {
	if t.Space != "xmem" && t.Space != "omem" && t.Space != "mask" {
		return fmt.Errorf("space: got %q, want xmem, omem or mask", t.Space)
	}
	err := cmp.Or(
		validText("name", t.Name, 1), validText("layout", t.Layout, 0),
		within("dimensions", len(t.Shape), 1, MaxDims), within("bits", t.Bits, 1, 64),
		within("fraction bits", t.Frac, -1024, 1024), within("layer", t.Layer, -1, math.MaxInt32))
	for _, d := range t.Shape {
		err = cmp.Or(err, within("dimension", d, 1, math.MaxInt32))
	}
	return err
}

// validText checks a free text: valid UTF-8 without control characters, minLen to 255 bytes.
func validText(what, s string, minLen int) error {
	if len(s) < minLen || len(s) > maxName || !utf8.ValidString(s) {
		return fmt.Errorf("%s: got %d bytes, want %d..%d of UTF-8", what, len(s), minLen, maxName)
	}
	for _, c := range s {
		if c < ' ' || c == 0x7f {
			return fmt.Errorf("%s: got control character %U, want none", what, c)
		}
	}
	return nil
}
