package asm

import (
	"strings"
)

// condition is an open .if.
type condition struct {
	at      pos
	active  bool // the lines here are assembled
	taken   bool // one branch was, or none may be
	hasElse bool
}

// run assembles lines; conditionals, macros and repetitions begin and end in the same lines.
func (a *assembler) run(lines []srcLine, ctx *context) {
	if ctx.depth > maxDepth {
		if len(lines) > 0 {
			a.fatal(pos{&lines[0], 0, ctx}, "macros, includes and repetitions are nested too deeply: "+ctx.from)
		}
		return
	}
	var conds []condition
	for i := 0; i < len(lines) && !a.stop; i++ {
		p := pos{line: &lines[i], ctx: ctx}
		if a.lines++; a.lines > a.opt.Lines {
			a.fatal(p, "too many lines, counting each repetition")
			return
		}
		if len(p.line.text) > maxLineBytes {
			a.report(pos{line: &srcLine{file: p.line.file, num: p.line.num, raw: p.line.raw[:40] + "..."}, ctx: ctx}, failf(0, "line of %d bytes, want at most %d", len(p.line.text), maxLineBytes))
			continue
		}
		c := cursor{s: p.line.text}
		if c.peek() == '.' {
			p.col = c.i
			word := firstWord(&c)
			if handled := a.conditional(word, &c, p, &conds); handled {
				continue
			}
			if active(conds) && blockEnd[word] != "" {
				i = a.block(word, &c, lines, i, p)
				continue
			}
			c.i = 0
		}
		if active(conds) {
			a.statements(&c, p)
		}
	}
	if len(conds) > 0 && !a.stop {
		a.report(conds[len(conds)-1].at, failf(conds[len(conds)-1].at.col, ".if without .endif"))
	}
}

func active(conds []condition) bool { return len(conds) == 0 || conds[len(conds)-1].active }

// conditional handles the directives of conditional assembly and tells whether word was one.
func (a *assembler) conditional(word string, c *cursor, p pos, conds *[]condition) bool {
	col := p.col
	var err error
	switch word {
	case ".if", ".ifdef", ".ifndef":
		n := condition{at: p, taken: true}
		if active(*conds) {
			n.active, err = a.test(word, c)
			n.taken = n.active || err != nil
		} else {
			c.i = len(c.s)
		}
		*conds = append(*conds, n)
	case ".elseif", ".else", ".endif":
		if len(*conds) == 0 {
			a.report(p, failf(col, "%s without .if", word))
			return true
		}
		err = a.alternative(word, c, conds, col)
	default:
		return false
	}
	if err == nil && !c.atEnd() {
		err = failf(c.i, "got %s, want the end of the line", c.what())
	}
	if err != nil {
		a.report(p, err)
	}
	return true
}

func (a *assembler) alternative(word string, c *cursor, conds *[]condition, col int) (err error) {
	last := &(*conds)[len(*conds)-1]
	switch {
	case word == ".endif":
		*conds = (*conds)[:len(*conds)-1]
		return nil
	case last.hasElse:
		return failf(col, "%s behind .else", word)
	case last.taken:
		last.active, c.i = false, len(c.s)
		last.hasElse = word == ".else"
	case word == ".else":
		last.active, last.taken, last.hasElse = true, true, true
	default:
		last.active, err = a.test(".if", c)
		last.taken = last.active || err != nil
	}
	return err
}

// test evaluates the condition behind .if, .ifdef or .ifndef.
func (a *assembler) test(word string, c *cursor) (bool, error) {
	if word == ".if" {
		v, err := a.known(c)
		return v != 0, err
	}
	name, err := c.name()
	s := a.symbols[name]
	return (s != nil && s.defined) == (word == ".ifdef"), err
}

// blockEnd names the directives that end blocks.
var blockEnd = map[string]string{".macro": ".endm", ".rept": ".endr", ".irp": ".endr"}

// block handles the block that line i begins and returns the index of its last line.
func (a *assembler) block(word string, c *cursor, lines []srcLine, i int, p pos) int {
	end := findEnd(lines, i, blockEnd[word])
	if end == len(lines) {
		a.report(p, failf(p.col, "%s without %s", word, blockEnd[word]))
		return end
	}
	body := lines[i+1 : end]
	var err error
	switch word {
	case ".macro":
		err = a.defineMacro(c, body)
	case ".rept":
		err = a.repeat(c, body, p)
	case ".irp":
		err = a.iterate(c, body, p)
	}
	if err != nil {
		a.report(p, err)
	}
	return end
}

// findEnd returns the index of the line that ends the block begun by line i, len(lines) if there is none.
func findEnd(lines []srcLine, i int, end string) int {
	depth := 0
	for ; i < len(lines); i++ {
		c := cursor{s: lines[i].text}
		if c.peek() != '.' {
			continue
		}
		word := firstWord(&c)
		if blockEnd[word] == end {
			depth++
		}
		if word == end {
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// firstWord returns the first word of a line unless it is a label.
func firstWord(c *cursor) string {
	word := c.ident()
	if c.peek() == ':' {
		return ""
	}
	return word
}

func (a *assembler) repeat(c *cursor, body []srcLine, p pos) error {
	col := c.i
	n, err := a.known(c)
	if err != nil {
		return err
	}
	if n < 0 || n > int64(a.opt.Lines) {
		return failf(col, "repetitions: got %d, want 0..%d", n, a.opt.Lines)
	}
	if !c.atEnd() {
		return failf(c.i, "got %s, want the end of the line", c.what())
	}
	ctx := p.ctx.nested("in .rept at " + place(p.line))
	for ; n > 0 && !a.stop; n-- {
		a.lines++ // so that empty bodies end too
		a.run(body, ctx)
	}
	return nil
}

func (a *assembler) iterate(c *cursor, body []srcLine, p pos) error {
	name, err := c.name()
	if err != nil {
		return err
	}
	if strings.ContainsAny(name, ".$") {
		return failf(c.i, "parameter %q: want letters, digits and '_'", name)
	}
	ctx := p.ctx.nested("in .irp at " + place(p.line))
	for c.accept(',') && !a.stop {
		a.run(substitute(body, map[string]string{name: argument(c)}, ""), ctx)
	}
	if !c.atEnd() {
		return failf(c.i, "got %s, want ',' or the end of the line", c.what())
	}
	return nil
}
