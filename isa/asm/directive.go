package asm

import (
	"math"
	"strings"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// directive handles what follows a directive's name; p is the place of the name.
type directive func(a *assembler, c *cursor, p pos) error

// directives holds all directives but those of flow.go. It is filled at start because .include leads back to it.
var directives map[string]directive

func init() {
	directives = map[string]directive{
		".text":    (*assembler).toText,
		".scratch": (*assembler).toScratch,
		".section": (*assembler).toSection,
		".byte":    numbers(1),
		".half":    numbers(2),
		".word":    numbers(4),
		".quad":    numbers(8),
		".ascii":   texts(""),
		".asciz":   texts("\x00"),
		".string":  texts("\x00"),
		".zero":    (*assembler).zero,
		".fill":    (*assembler).fill,
		".align":   (*assembler).align,
		".balign":  (*assembler).align,
		".org":     (*assembler).org,
		".equ":     constants(false),
		".set":     constants(true),
		".symbol":  (*assembler).setSymbol,
		".global":  (*assembler).global,
		".globl":   (*assembler).global,
		".entry":   (*assembler).entry,
		".xmem":    (*assembler).needXMem,
		".tensor":  (*assembler).tensor,
		".note":    (*assembler).note,
		".file":    (*assembler).file,
		".loc":     (*assembler).loc,
		".include": (*assembler).include,
		".error":   (*assembler).userError,
	}
}

func (a *assembler) toText(*cursor, pos) error {
	a.section = a.text
	return nil
}

func (a *assembler) toScratch(*cursor, pos) error {
	a.section = a.scratch
	return nil
}

func (a *assembler) toSection(c *cursor, p pos) error {
	c.skip()
	col := c.i
	switch name := c.ident(); {
	case name == ".text":
		a.section = a.text
	case name == ".scratch":
		a.section = a.scratch
	case strings.HasPrefix(name, ".xmem.") && image.ValidName(name[len(".xmem."):]):
		a.section = a.openXMem(name, p)
	default:
		c.i = col
		return failf(col, "got %s, want .text, .scratch or .xmem. and a name", c.what())
	}
	return nil
}

func constants(varies bool) directive {
	return func(a *assembler, c *cursor, p pos) error { return a.constant(c, p, ',', varies) }
}

// setSymbol handles .symbol name, space, value.
func (a *assembler) setSymbol(c *cursor, p pos) error {
	c.skip()
	p.col = c.i
	name, err := c.name()
	if err != nil {
		return err
	}
	s := a.symbol(name)
	if s.defined {
		return redefined(s, p.col)
	}
	s.defined, s.bad, s.at = true, true, p
	if err := c.expect(','); err != nil {
		return err
	}
	c.skip()
	col := c.i
	space, ok := image.SpaceByName(c.ident())
	if !ok {
		c.i = col
		return failf(col, "got %s, want abs, text, scratch or xmem", c.what())
	}
	if err := c.expect(','); err != nil {
		return err
	}
	n, err := a.known(c)
	if err == nil {
		s.bad, s.value = false, value{n, space}
	}
	return err
}

// global accepts names: all symbols are global.
func (a *assembler) global(c *cursor, _ pos) error {
	for {
		if _, err := c.name(); err != nil {
			return err
		}
		if !c.accept(',') {
			return nil
		}
	}
}

func (a *assembler) entry(c *cursor, p pos) error {
	c.skip()
	p.col = c.i
	e, err := a.expression(c)
	if err != nil {
		return err
	}
	if a.entrySet {
		return failf(p.col, "the entry is given already")
	}
	a.entrySet = true
	return a.later(p, e, func(v value) error {
		a.img.Entry = uint32(v.n)
		return a.checkImm(isa.OperandTarget, v, p.col)
	})
}

func (a *assembler) needXMem(c *cursor, p pos) error {
	c.skip()
	p.col = c.i
	e, err := a.expression(c)
	if err != nil {
		return err
	}
	return a.later(p, e, func(v value) error {
		if v.n < 0 || v.n > image.MaxXMemBytes {
			return failf(p.col, "external memory: got %d bytes, want 0..%d", v.n, image.MaxXMemBytes)
		}
		a.xmemNeed = max(a.xmemNeed, v.n)
		return nil
	})
}

func (a *assembler) file(c *cursor, _ pos) (err error) {
	c.skip()
	col := c.i
	a.locFile, err = c.text()
	if err == nil && (a.locFile == "" || len(a.locFile) > maxNameBytes) {
		return failf(col, "file name: got %d bytes, want 1..%d", len(a.locFile), maxNameBytes)
	}
	return err
}

func (a *assembler) loc(c *cursor, _ pos) error {
	c.skip()
	col := c.i
	n, err := a.known(c)
	if err != nil {
		return err
	}
	if n < 0 || n > math.MaxInt32 {
		return failf(col, "line: got %d, want 0..%d", n, math.MaxInt32)
	}
	a.locLine, a.locFixed = int(n), true
	return nil
}

func (a *assembler) include(c *cursor, p pos) error {
	c.skip()
	col := c.i
	name, err := c.text()
	if err != nil {
		return err
	}
	lines, err := a.find(name, p.line.file)
	if err != nil {
		a.missing = true
		return failf(col, "%v", err)
	}
	a.run(lines, p.ctx.nested("included from "+place(p.line)))
	return nil
}

func (a *assembler) userError(c *cursor, p pos) error {
	msg, err := c.text()
	if err != nil {
		return err
	}
	return failf(p.col, "%s", msg)
}
