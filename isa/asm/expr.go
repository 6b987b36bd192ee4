package asm

import (
	"strconv"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// value is the value of an expression: a number, or the address of something in a memory.
type value struct {
	n     int64
	space image.Space
}

// expr is a parsed expression: its value if node is nil, else what is to be evaluated when all symbols are known.
type expr struct {
	value
	node *node
}

// node is a symbol, or a unary operator on l, or the binary operator op on l and r.
type node struct {
	sym   *symbol
	unary byte
	op    string
	l, r  expr
	col   int
}

// symbol is a label or constant.
type symbol struct {
	name    string
	defined bool // its place in the source was passed
	value   value
	lazy    *node // defined by an expression with later symbols
	at      pos   // where it was defined
	varies  bool  // made by .set, may be set again
	bad     bool  // its definition was reported as wrong
	busy    bool  // being evaluated, to detect circles
}

// maxNesting bounds the depth of parentheses and unary operators.
const maxNesting = 200

// levels are the binary operators from the loosest to the tightest binding, as in C.
var levels = [...][]string{{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}}

// expression parses an expression; what is known already is computed at once.
func (a *assembler) expression(c *cursor) (expr, error) { return a.binary(c, 0, 0) }

func (a *assembler) binary(c *cursor, level, depth int) (expr, error) {
	if level == len(levels) {
		return a.unary(c, depth)
	}
	// Most expressions are one operand: it is read first, and the levels are gone through only if an operator follows.
	l, err := a.unary(c, depth)
	if err != nil {
		return l, err
	}
	return a.climb(c, l, level, depth)
}

// climb goes on after the left operand with all operators of at least the given level.
func (a *assembler) climb(c *cursor, l expr, level, depth int) (expr, error) {
	for {
		op, lv := operator(c)
		if op == "" || lv < level {
			return l, nil
		}
		col := c.i
		c.i += len(op)
		r, err := a.binary(c, lv+1, depth+1)
		if err != nil {
			return r, err
		}
		if l, err = combine(op, l, r, col); err != nil {
			return l, err
		}
	}
}

// operator looks at the binary operator here, without moving on.
func operator(c *cursor) (op string, level int) {
	if b := c.peek(); b == 0 || b == ',' || b == ')' || isIdent(b) {
		return "", 0
	}
	rest := c.s[c.i:]
	for length := min(2, len(rest)); length > 0; length-- {
		for lv, ops := range levels {
			for _, o := range ops {
				if o == rest[:length] {
					return o, lv
				}
			}
		}
	}
	return "", 0
}

// combine applies a binary operator, at once if both operands are known.
func combine(op string, l, r expr, col int) (expr, error) {
	if l.node != nil || r.node != nil {
		return expr{node: &node{op: op, l: l, r: r, col: col}}, nil
	}
	v, msg := apply(op, l.value, r.value)
	if msg != "" {
		return expr{}, failf(col, "%s", msg)
	}
	return expr{value: v}, nil
}

func (a *assembler) unary(c *cursor, depth int) (expr, error) {
	if depth > maxNesting {
		return expr{}, failf(c.i, "expression is nested deeper than %d", maxNesting)
	}
	b := c.peek()
	if b != '-' && b != '+' && b != '~' && b != '!' {
		return a.primary(c, depth)
	}
	col := c.i
	c.i++
	e, err := a.unary(c, depth+1)
	if err != nil {
		return e, err
	}
	if e.node != nil {
		return expr{node: &node{unary: b, l: e, col: col}}, nil
	}
	return expr{value: applyUnary(b, e.value)}, nil
}

func (a *assembler) primary(c *cursor, depth int) (expr, error) {
	b := c.peek()
	col := c.i
	switch {
	case isDigit(b):
		return a.number(c)
	case b == '(':
		c.i++
		e, err := a.binary(c, 0, depth+1)
		if err != nil {
			return e, err
		}
		return e, c.expect(')')
	case b == '\'':
		v, n, err := charConstant(c.s[c.i:])
		if err != nil {
			return expr{}, failf(col, "%v", err)
		}
		c.i += n
		return expr{value: value{n: int64(v)}}, nil
	case isIdentStart(b):
		id := c.ident()
		if id == "." {
			a.section.used = true
			return expr{value: value{a.section.loc(), a.section.space}}, nil
		}
		if _, ok := isa.RegByName(id); ok {
			return expr{}, failf(col, "got register %q, want a number or symbol", id)
		}
		return a.reference(a.symbol(id), col), nil
	}
	return expr{}, failf(col, "got %s, want a number, a symbol or an expression", c.what())
}

// reference is a use of a symbol.
func (a *assembler) reference(s *symbol, col int) expr {
	if s.defined && s.lazy == nil && !s.bad {
		return expr{value: s.value}
	}
	return expr{node: &node{sym: s, col: col}}
}

// number parses a number or a reference to a local label such as 1b or 1f.
func (a *assembler) number(c *cursor) (expr, error) {
	start := c.i
	for c.i < len(c.s) && (isDigit(c.s[c.i]) || 'a' <= c.s[c.i]|0x20 && c.s[c.i]|0x20 <= 'z' || c.s[c.i] == '_') {
		c.i++
	}
	tok := c.s[start:c.i]
	if u, err := strconv.ParseUint(tok, 0, 64); err == nil {
		return expr{value: value{n: int64(u)}}, nil
	}
	if last := tok[len(tok)-1]; last == 'b' || last == 'f' {
		if n, err := strconv.ParseUint(tok[:len(tok)-1], 10, 16); err == nil {
			count := a.locals[n]
			if last == 'f' {
				count++
			}
			if count == 0 {
				return expr{}, failf(start, "no local label %d: before this place", n)
			}
			return a.reference(a.symbol(localName(n, count)), start), nil
		}
	}
	return expr{}, failf(start, "got %q, want a number below 2^64 (0x, 0b and leading 0 as in C)", tok)
}

// localName is the inner name of the count-th local label n; no identifier looks like it.
func localName(n uint64, count int) string {
	return strconv.FormatUint(n, 10) + "#" + strconv.Itoa(count)
}

// symbol finds a symbol or makes an undefined one.
func (a *assembler) symbol(name string) *symbol {
	s := a.symbols[name]
	if s == nil {
		s = &symbol{name: name}
		a.symbols[name] = s
	}
	return s
}

// known parses an expression whose value must be known where it stands, because the layout depends on it.
func (a *assembler) known(c *cursor) (int64, error) {
	c.skip()
	col := c.i
	e, err := a.expression(c)
	if err != nil {
		return 0, err
	}
	if e.node != nil {
		return 0, failf(col, "the value must be known here, but %s", e.node.unknown())
	}
	return e.n, nil
}

// unknown names the first symbol that keeps an expression from being evaluated.
func (n *node) unknown() string {
	switch {
	case n.sym != nil && n.sym.bad:
		return "the definition of " + strconv.Quote(n.sym.name) + " is wrong"
	case n.sym != nil:
		return strconv.Quote(n.sym.name) + " is defined later or not at all"
	case n.l.node != nil:
		return n.l.node.unknown()
	}
	return n.r.node.unknown()
}
