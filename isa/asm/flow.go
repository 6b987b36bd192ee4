package asm

import "fmt"

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
			a.fatal(pos{&lines[0], 0, ctx},
				"macros, includes and repetitions are nested too deeply: "+ctx.from)
		}
		return
	}
	var conds []condition
	for i := 0; i < len(lines) && !a.stop; i++ {
		p := pos{line: &lines[i], ctx: ctx}
		if ctx.depth > 0 { // what the main file has itself is no more than it is long
			a.lines += 1 + len(p.line.text)/lineUnit
		}
		if a.lines > a.opt.Lines {
			a.fatal(p, fmt.Sprintf("too many lines: got more than %d, counting each repetition "+
				"and %d bytes of a long one as one", a.opt.Lines, lineUnit))
			return
		}
		if n := len(p.line.text); n > maxLineBytes {
			p.line = &srcLine{file: p.line.file, num: p.line.num, raw: p.line.raw[:40] + "..."}
			a.report(p, "line of %d bytes, want at most %d", n, maxLineBytes)
			continue
		}
		c := cursor{s: p.line.text}
		if c.peek() == '.' {
			p.col = c.i
			word := firstWord(&c)
			if isConditional(word) {
				a.attempt(p, func() { a.conditional(word, &c, p, &conds) })
				continue
			}
			if active(conds) && blockEnd[word] != "" {
				end := findEnd(lines, i, blockEnd[word])
				a.attempt(p, func() { a.block(word, &c, lines[i+1:end], end == len(lines), p) })
				i = end
				continue
			}
			c.i = 0
		}
		if active(conds) {
			a.statements(&c, p)
		}
	}
	if n := len(conds); n > 0 {
		a.report(conds[n-1].at, ".if without .endif")
	}
}

func active(conds []condition) bool { return len(conds) == 0 || conds[len(conds)-1].active }

func isConditional(word string) bool {
	switch word {
	case ".if", ".ifdef", ".ifndef", ".elseif", ".else", ".endif":
		return true
	}
	return false
}

// conditional handles the directives of conditional assembly. After a condition that is wrong, no
// branch is assembled.
func (a *assembler) conditional(word string, c *cursor, p pos, conds *[]condition) {
	n := len(*conds) - 1
	switch word {
	case ".if", ".ifdef", ".ifndef":
		inactive := !active(*conds)
		*conds = append(*conds, condition{at: p, taken: inactive})
		a.decide(&(*conds)[n+1], word, c)
	default:
		if n < 0 {
			fail(p.col, "%s without .if", word)
		}
		last := &(*conds)[n]
		if word == ".endif" {
			*conds = (*conds)[:n]
			break
		}
		if last.hasElse {
			fail(p.col, "%s behind .else", word)
		}
		last.active, last.hasElse = false, word == ".else"
		a.decide(last, word, c)
	}
	c.end("the end of the line")
}

// decide tells whether the lines of the branch that word begins are assembled.
func (a *assembler) decide(n *condition, word string, c *cursor) {
	if n.taken {
		c.i = len(c.s)
		return
	}
	n.taken = true
	switch word {
	case ".else":
		n.active = true
	case ".ifdef", ".ifndef":
		s := a.symbols[c.name()]
		n.active = (s != nil && s.defined) == (word == ".ifdef")
	default:
		v, _ := a.known(c)
		n.active = v != 0
	}
	n.taken = n.active
}

// blockEnd names the directives that end blocks.
var blockEnd = map[string]string{".macro": ".endm", ".rept": ".endr", ".irp": ".endr"}

// block handles the block that word begins.
func (a *assembler) block(word string, c *cursor, body []srcLine, open bool, p pos) {
	if open {
		fail(p.col, "%s without %s", word, blockEnd[word])
	}
	switch word {
	case ".macro":
		a.defineMacro(c, body)
	case ".rept":
		a.repeat(c, body, p)
	case ".irp":
		a.iterate(c, body, p)
	}
}

// findEnd returns the index of the line that ends the block begun by line i, len(lines) if there is
// none.
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

func (a *assembler) repeat(c *cursor, body []srcLine, p pos) {
	n, col := a.known(c)
	within(col, "repetitions", n, 0, int64(a.opt.Lines))
	c.end("the end of the line")
	ctx := p.ctx.nested("in .rept at " + place(p.line))
	for ; n > 0 && !a.stop; n-- {
		a.lines++ // so that empty bodies end too
		a.run(body, ctx)
	}
}

func (a *assembler) iterate(c *cursor, body []srcLine, p pos) {
	name := c.paramName()
	ctx := p.ctx.nested("in .irp at " + place(p.line))
	for c.accept(',') && !a.stop {
		a.run(substitute(body, map[string]string{name: argument(c)}, "", c.i), ctx)
	}
	c.end("',' or the end of the line")
}
