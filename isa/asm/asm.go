package asm

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"slices"

	"bdfasim/isa/image"
)

// Options are the parameters of an assembly; zero values mean the defaults.
type Options struct {
	Defines      map[string]int64 // constants defined before the first line
	Include      []string         // directories within the file system that .include looks in
	CodeBytes    int              // size of instruction memory; default 16 KB
	ScratchBytes int              // size of scratch memory; default 4 KB
	DataBytes    int              // most initial data for external memory; default 256 MB
	Lines        int              // most that macros, repetitions and includes make, by lineUnit; default 3 million
}

// assembler is the state of one assembly.
type assembler struct {
	fsys    fs.FS
	opt     Options
	files   map[string][]srcLine
	macros  map[string]*macro
	symbols map[string]*symbol
	locals  map[uint64]int // how often each local label was defined so far

	text, scratch, section *section
	xmem                   []*section // by first use
	sections               map[string]*section
	dataBytes              int // in all sections of xmem

	img      *image.Image
	deferred []deferred
	entrySet bool
	xmemNeed int64
	locFile  string // by .file
	locLine  int    // by .loc; 0: no line
	locFixed bool   // there was a .loc

	lines   int // assembled so far
	nodes   int // of expressions that wait for a symbol
	expands int // macros expanded so far, the value of \@
	missing bool
	stop    bool
	errors  List
}

// deferred is an expression that could not be evaluated where it stands, and what to do with its
// value. Expressions of one statement follow one another.
type deferred struct {
	e   expr
	pos pos
	use func(value)
}

// Assemble assembles a file of fsys. If there are errors, it returns all of them as a List, at most
// about 50.
func Assemble(fsys fs.FS, file string, opt Options) (*image.Image, error) {
	a := newAssembler(fsys, opt)
	lines, err := a.load(file)
	if err != nil {
		return nil, fmt.Errorf("assemble: %w", err)
	}
	if err := a.define(opt.Defines); err != nil {
		return nil, err
	}
	a.run(lines, &context{})
	a.finish(pos{line: &lines[len(lines)-1], ctx: &context{}})
	if len(a.errors) > 0 {
		return nil, a.errors.sorted()
	}
	return a.img, nil
}

func newAssembler(fsys fs.FS, opt Options) *assembler {
	opt.CodeBytes = cmp.Or(opt.CodeBytes, 16<<10)
	opt.ScratchBytes = cmp.Or(opt.ScratchBytes, 4<<10)
	opt.DataBytes = cmp.Or(opt.DataBytes, 256<<20)
	opt.Lines = cmp.Or(opt.Lines, 3_000_000)
	a := &assembler{
		fsys: fsys, opt: opt, img: &image.Image{}, files: map[string][]srcLine{},
		macros: map[string]*macro{}, symbols: map[string]*symbol{}, locals: map[uint64]int{},
		sections: map[string]*section{},
		text:     &section{name: ".text", space: image.Text, limit: int64(opt.CodeBytes)},
		scratch:  &section{name: ".scratch", space: image.Scratch, limit: int64(opt.ScratchBytes)},
	}
	a.section = a.text
	return a
}

// define makes the constants of the options.
func (a *assembler) define(defines map[string]int64) error {
	for _, name := range slices.Sorted(maps.Keys(defines)) {
		if !image.ValidName(name) {
			return fmt.Errorf("assemble: define %q: want a symbol's name", name)
		}
		*a.symbol(name, 0) = symbol{name: name, defined: true, value: value{n: defines[name]}}
	}
	return nil
}

// later uses the value of an expression now if it is known, else when all symbols are.
func (a *assembler) later(p pos, e expr, use func(value)) {
	if e.node == nil {
		use(e.value)
		return
	}
	a.deferred = append(a.deferred, deferred{e, p, use})
}

// finish evaluates what had to wait and completes the image. End is where errors without a place
// are reported.
func (a *assembler) finish(end pos) {
	for i := 0; i < len(a.deferred) && !a.stop; i++ {
		d := &a.deferred[i]
		a.attempt(d.pos, func() { d.use(a.eval(d.e, 0)) })
	}
	if !a.stop {
		a.layout(end)
		a.exportSymbols()
	}
	if len(a.errors) > 0 {
		return
	}
	if s := a.symbols["_start"]; !a.entrySet && s != nil && s.defined && s.value.space == image.Text {
		a.img.Entry = uint32(s.value.n)
	}
	if err := a.img.Validate(); err != nil {
		a.report(end, "%v", err)
	}
}

// exportSymbols puts the symbols into the image: all but the local ones and constants of more than
// 32 bits.
func (a *assembler) exportSymbols() {
	for _, name := range slices.Sorted(maps.Keys(a.symbols)) {
		s := a.symbols[name]
		if !s.defined || !image.ValidName(name) {
			continue
		}
		var v value
		if !a.attempt(s.at, func() { v = a.evalSymbol(s, 0, 0) }) {
			continue
		}
		limit := a.limit(v.space)
		switch {
		case v.space == image.Abs && (v.n < math.MinInt32 || v.n > limit):
			continue
		case v.space != image.Abs && (v.n < 0 || v.n > limit):
			a.report(s.at, "symbol %q: got %s address %d, want 0..%d", name, v.space, v.n, limit)
			continue
		}
		a.img.Symbols = append(a.img.Symbols,
			image.Symbol{Name: name, Space: v.space, Value: uint32(v.n)})
	}
	slices.SortFunc(a.img.Symbols, image.Symbol.Compare)
}

// limit is the highest value that a symbol of a space may have.
func (a *assembler) limit(s image.Space) int64 {
	switch s {
	case image.Abs:
		return math.MaxUint32
	case image.Text:
		return a.text.loc()
	case image.Scratch:
		return a.scratch.loc()
	}
	return int64(a.img.XMemBytes)
}
