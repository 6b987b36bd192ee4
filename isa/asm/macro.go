package asm

import (
	"slices"
	"strconv"
	"strings"
)

// macro is a macro's definition.
type macro struct {
	name   string
	params []param
	body   []srcLine
}

// param is a macro's parameter; without a default value it must be given.
type param struct {
	name       string
	value      string
	hasDefault bool
}

// defineMacro reads the parameters behind .macro.
func (a *assembler) defineMacro(c *cursor, body []srcLine) {
	col := c.col()
	name := c.name()
	taken := directives[name] != nil || operations[name] != nil || a.macros[name] != nil
	if taken || name[0] == '.' {
		fail(col, "macro %q: the name is taken", name)
	}
	m := &macro{name: name, body: body}
	c.accept(',')
	for !c.atEnd() {
		p := param{name: c.paramName()}
		if c.accept('=') {
			p.value, p.hasDefault = argument(c), true
		}
		m.params = append(m.params, p)
		c.accept(',')
	}
	a.macros[name] = m
}

// argument returns the text up to the next comma outside parentheses and quotes.
func argument(c *cursor) string {
	start, depth := c.col(), 0
	for c.i < len(c.s) {
		switch b := c.s[c.i]; b {
		case '(':
			depth++
		case ')':
			depth--
		case '"':
			if _, closed := quotedLen(c.s[c.i:]); !closed {
				fail(c.i, "string without closing quote")
			}
		case ',', ';':
			if depth <= 0 || b == ';' {
				return strings.TrimRight(c.s[start:c.i], " \t")
			}
		}
		c.i += literalLen(c.s[c.i:])
	}
	return strings.TrimRight(c.s[start:], " \t")
}

// expand assembles a macro's body with the arguments at c.
func (a *assembler) expand(m *macro, c *cursor, p pos) {
	args := m.arguments(c)
	ctx := p.ctx.nested("in macro " + m.name + ", used at " + place(p.line))
	if ctx.use == nil {
		ctx.use = p.line
	}
	at := strconv.Itoa(a.expands)
	a.expands++
	a.run(substitute(m.body, args, at, p.col), ctx)
}

// arguments binds the arguments at c, by position or as name=value, to the parameters.
func (m *macro) arguments(c *cursor) map[string]string {
	args := map[string]string{}
	for next, more := 0, true; more && !c.atEnd(); more = c.accept(',') {
		col := c.col()
		name := c.ident()
		if c.assigns() && slices.ContainsFunc(m.params, func(p param) bool { return p.name == name }) {
			c.i++
		} else {
			c.i = col
			if next >= len(m.params) {
				fail(col, "macro %s: got more arguments than its %d parameters", m.name, len(m.params))
			}
			name = m.params[next].name
			next++
		}
		if _, twice := args[name]; twice {
			fail(col, "macro %s: argument %s is given twice", m.name, name)
		}
		args[name] = argument(c)
	}
	for _, p := range m.params {
		if args[p.name] == "" && p.hasDefault {
			args[p.name] = p.value
		} else if _, ok := args[p.name]; !ok {
			fail(c.i, "macro %s: argument %s is missing", m.name, p.name)
		}
	}
	return args
}

// substitute returns the lines with \name replaced by the arguments, \@ by at (if not empty) and
// \() by nothing. It fails at col if there is too much.
func substitute(body []srcLine, args map[string]string, at string, col int) []srcLine {
	size := len(body) * lineUnit
	within(col, "bytes of a macro's or .irp's lines", int64(size), 0, maxMacroBytes)
	out := make([]srcLine, len(body))
	for i, l := range body {
		out[i] = l
		if strings.IndexByte(l.text, '\\') >= 0 {
			out[i].text = strings.TrimRight(substituteLine(l.text, args, at), " \t")
			out[i].raw = out[i].text
			size += len(out[i].text)
			within(col, "bytes of a macro's or .irp's lines", int64(size), 0, maxMacroBytes)
		}
	}
	return out
}

func substituteLine(s string, args map[string]string, at string) string {
	var b strings.Builder
	for b.Len() <= maxLineBytes {
		text, rest, found := strings.Cut(s, `\`)
		b.WriteString(text)
		if !found {
			break
		}
		n := 0
		for n < len(rest) && isIdent(rest[n]) && rest[n] != '.' && rest[n] != '$' {
			n++
		}
		value, ok := args[rest[:n]]
		switch {
		case n > 0 && ok:
			b.WriteString(value)
			s = rest[n:]
		case strings.HasPrefix(rest, "@") && at != "":
			b.WriteString(at)
			s = rest[1:]
		case strings.HasPrefix(rest, "()"):
			s = rest[2:]
		default: // an escape in a string; what follows a second backslash is no argument
			b.WriteByte('\\')
			if s = rest; strings.HasPrefix(rest, `\`) {
				b.WriteByte('\\')
				s = rest[1:]
			}
		}
	}
	return b.String()
}

func place(l *srcLine) string { return l.file + ":" + strconv.Itoa(l.num) }
