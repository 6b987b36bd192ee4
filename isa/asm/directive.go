package asm

import (
	"cmp"
	"math"
	"strings"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// directive handles what follows a directive's name; p is the place of the name.
type directive func(a *assembler, c *cursor, p pos)

// directives holds all directives but those of flow.go. It is filled at start because .include
// leads back to it.
var directives map[string]directive

func init() {
	directives = map[string]directive{
		".text":    func(a *assembler, _ *cursor, _ pos) { a.section = a.text },
		".scratch": func(a *assembler, _ *cursor, _ pos) { a.section = a.scratch },
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

func (a *assembler) toSection(c *cursor, p pos) {
	col := c.col()
	switch name := c.ident(); {
	case name == ".text":
		a.section = a.text
	case name == ".scratch":
		a.section = a.scratch
	case strings.HasPrefix(name, ".xmem.") && image.ValidName(name[len(".xmem."):]):
		a.section = a.openXMem(name, p)
	default:
		c.i = col
		c.want(".text, .scratch or .xmem. and a name")
	}
}

func constants(varies bool) directive {
	return func(a *assembler, c *cursor, p pos) { a.constant(c, p, ',', varies) }
}

// setSymbol handles .symbol name, space, value.
func (a *assembler) setSymbol(c *cursor, p pos) {
	p.col = c.col()
	s := a.symbol(c.name(), p.col)
	s.define(p, false)
	s.bad = true // unless all that follows is good
	c.expect(',')
	col := c.col()
	space, ok := image.SpaceByName(c.ident())
	if !ok {
		c.i = col
		c.want("abs, text, scratch or xmem")
	}
	c.expect(',')
	n, _ := a.known(c)
	s.bad, s.value = false, value{n, space}
}

// global accepts names: all symbols are global.
func (a *assembler) global(c *cursor, _ pos) {
	for more := true; more; more = c.accept(',') {
		c.name()
	}
}

func (a *assembler) entry(c *cursor, p pos) {
	e := a.expression(c)
	if a.entrySet {
		fail(e.col, "the entry is given already")
	}
	a.entrySet = true
	a.later(p, e, func(v value) {
		a.img.Entry = uint32(v.n)
		a.checkImm(isa.OperandTarget, v, e.col)
	})
}

func (a *assembler) needXMem(c *cursor, p pos) {
	e := a.expression(c)
	a.later(p, e, func(v value) {
		if v.n < 0 || v.n > image.MaxXMemBytes {
			fail(e.col, "external memory: got %d bytes, want 0..%d", v.n, image.MaxXMemBytes)
		}
		a.xmemNeed = max(a.xmemNeed, v.n)
	})
}

func (a *assembler) file(c *cursor, _ pos) {
	col := c.col()
	a.locFile = c.text()
	if n := len(a.locFile); n < 1 || n > maxNameBytes {
		fail(col, "file name: got %d bytes, want 1..%d", n, maxNameBytes)
	}
}

func (a *assembler) loc(c *cursor, _ pos) {
	n, col := a.known(c)
	within(col, "line", n, 0, math.MaxInt32)
	a.locLine, a.locFixed = int(n), true
}

func (a *assembler) include(c *cursor, p pos) {
	col := c.col()
	lines, err := a.find(c.text(), p.line.file)
	if err != nil {
		a.missing = true
		fail(col, "%v", err)
	}
	a.run(lines, p.ctx.nested("included from "+place(p.line)))
}

func (a *assembler) userError(c *cursor, p pos) {
	fail(p.col, "%s", cmp.Or(c.text(), ".error without a text"))
}
