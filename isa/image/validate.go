package image

import (
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
	MaxNoteBytes    = 1 << 20 // of one
	maxName         = 255
)

// LocalPrefix starts the names that belong to the assembler alone and never get into an image.
const LocalPrefix = ".L"

// ValidName tells whether a symbol or segment may have this name: letters, digits, '_', '.' and '$', no digit first,
// at most 255 characters, not '.' alone, not local to the assembler and not a register's.
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
	for _, check := range []func() error{m.validateSizes, m.validateSegments, m.validateSymbols, m.validateLines, m.validateTensors, m.validateNotes} {
		if err := check(); err != nil {
			return fmt.Errorf("image: %w", err)
		}
	}
	return nil
}

func (m *Image) codeBytes() int64 { return int64(len(m.Code)) * isa.WordBytes }

func (m *Image) validateSizes() error {
	if n := m.codeBytes(); n > MaxCodeBytes {
		return fmt.Errorf("code: got %d bytes, want at most %d", n, MaxCodeBytes)
	}
	if n := len(m.Scratch); n > MaxScratchBytes {
		return fmt.Errorf("scratch: got %d bytes, want at most %d", n, MaxScratchBytes)
	}
	if m.XMemBytes > MaxXMemBytes {
		return fmt.Errorf("external memory: got %d bytes, want at most %d", m.XMemBytes, MaxXMemBytes)
	}
	if m.Entry%isa.WordBytes != 0 || m.Entry != 0 && int64(m.Entry) >= m.codeBytes() {
		return fmt.Errorf("entry: got 0x%x, want a multiple of %d below 0x%x", m.Entry, isa.WordBytes, m.codeBytes())
	}
	return nil
}

func (m *Image) validateSegments() error {
	if len(m.Segments) > MaxSegments {
		return fmt.Errorf("segments: got %d, want at most %d", len(m.Segments), MaxSegments)
	}
	names := map[string]bool{}
	var end uint64
	for _, s := range m.Segments {
		if !ValidName(s.Name) || names[s.Name] {
			return fmt.Errorf("segment name %q: not a name, or given twice", s.Name)
		}
		names[s.Name] = true
		if len(s.Data) == 0 {
			return fmt.Errorf("segment %s: got no data, want at least one byte", s.Name)
		}
		if uint64(s.Addr) < end {
			return fmt.Errorf("segment %s: got address 0x%x, want at least 0x%x, the end of the one before", s.Name, s.Addr, end)
		}
		if end = uint64(s.Addr) + uint64(len(s.Data)); end > uint64(m.XMemBytes) {
			return fmt.Errorf("segment %s: got end 0x%x, want at most 0x%x, the external memory needed", s.Name, end, m.XMemBytes)
		}
	}
	return nil
}

func (m *Image) validateSymbols() error {
	limit := [NumSpaces]int64{math.MaxUint32, m.codeBytes(), int64(len(m.Scratch)), int64(m.XMemBytes)}
	names := make(map[string]bool, len(m.Symbols))
	for _, s := range m.Symbols {
		if !ValidName(s.Name) || names[s.Name] {
			return fmt.Errorf("symbol name %q: not a name, or given twice", s.Name)
		}
		names[s.Name] = true
		if s.Space >= NumSpaces {
			return fmt.Errorf("symbol %s: got space %d, want less than %d", s.Name, s.Space, NumSpaces)
		}
		if int64(s.Value) > limit[s.Space] {
			return fmt.Errorf("symbol %s: got %s address 0x%x, want at most 0x%x", s.Name, s.Space, s.Value, limit[s.Space])
		}
	}
	return nil
}

func (m *Image) validateLines() error {
	next := int64(0)
	for _, l := range m.Lines {
		if int64(l.Addr) < next || l.Addr%isa.WordBytes != 0 || int64(l.Addr) >= m.codeBytes() {
			return fmt.Errorf("line of address 0x%x: want a multiple of %d from 0x%x, below 0x%x", l.Addr, isa.WordBytes, next, m.codeBytes())
		}
		next = int64(l.Addr) + isa.WordBytes
		if err := validText("file", l.File, 1); err != nil {
			return fmt.Errorf("line of address 0x%x: %w", l.Addr, err)
		}
		if l.Line < 1 || l.Line > math.MaxInt32 {
			return fmt.Errorf("line of address 0x%x: got line %d, want 1..%d", l.Addr, l.Line, math.MaxInt32)
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
	if len(m.Notes) > MaxNotes {
		return fmt.Errorf("notes: got %d, want at most %d", len(m.Notes), MaxNotes)
	}
	names := map[string]bool{}
	for _, n := range m.Notes {
		if !ValidName(n.Name) || names[n.Name] {
			return fmt.Errorf("note name %q: not a name, or given twice", n.Name)
		}
		names[n.Name] = true
		if len(n.Data) > MaxNoteBytes {
			return fmt.Errorf("note %s: got %d bytes, want at most %d", n.Name, len(n.Data), MaxNoteBytes)
		}
	}
	return nil
}

func (t *Tensor) validate() error {
	if err := validText("name", t.Name, 1); err != nil {
		return err
	}
	if err := validText("layout", t.Layout, 0); err != nil {
		return err
	}
	switch {
	case t.Space != "xmem" && t.Space != "omem" && t.Space != "mask":
		return fmt.Errorf("space: got %q, want xmem, omem or mask", t.Space)
	case len(t.Shape) < 1 || len(t.Shape) > MaxDims:
		return fmt.Errorf("dimensions: got %d, want 1..%d", len(t.Shape), MaxDims)
	case t.Bits < 1 || t.Bits > 64:
		return fmt.Errorf("bits: got %d, want 1..64", t.Bits)
	case t.Frac < -1024 || t.Frac > 1024:
		return fmt.Errorf("fraction bits: got %d, want -1024..1024", t.Frac)
	case t.Layer < -1 || t.Layer > math.MaxInt32:
		return fmt.Errorf("layer: got %d, want -1..%d", t.Layer, math.MaxInt32)
	}
	for _, d := range t.Shape {
		if d < 1 || d > math.MaxInt32 {
			return fmt.Errorf("dimension: got %d, want 1..%d", d, math.MaxInt32)
		}
	}
	return nil
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
