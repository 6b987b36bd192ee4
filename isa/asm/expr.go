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

// expr is a parsed expression: its value if node is nil, else what is to be evaluated when all
// symbols are known.
type expr struct {
	value
	node *node
	col  int
}

// node is a symbol or the operator op on l and r.
type node struct {
	sym  *symbol
	op   *operator
	l, r expr
	col  int
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

// expression parses an expression; what is known already is computed at once.
func (a *assembler) expression(c *cursor) expr {
	col := c.col()
	e := a.binary(c, 0, 0)
	e.col = col
	return e
}

// binary parses an operand and all operators of at least the given level behind it.
func (a *assembler) binary(c *cursor, level, depth int) expr {
	l := a.unary(c, depth)
	for {
		op := operatorAt(c.s[c.col():])
		if op == nil || op.level < level {
			return l
		}
		col := c.i
		c.i += len(op.sign)
		l = a.combine(op, l, a.binary(c, op.level+1, depth+1), col)
	}
}

// combine applies an operator, at once if both operands are known.
func (a *assembler) combine(op *operator, l, r expr, col int) expr {
	if l.node != nil || r.node != nil {
		return a.wait(node{op: op, l: l, r: r, col: col})
	}
	return expr{value: op.apply(l.value, r.value, col)}
}

func (a *assembler) unary(c *cursor, depth int) expr {
	if depth > maxNesting {
		fail(c.i, "expression is nested deeper than %d", maxNesting)
	}
	u := unaries[c.peek()]
	if u.sign == "" {
		return a.primary(c, depth)
	}
	col := c.i
	c.i++
	return a.combine(operatorAt(u.sign), expr{value: value{n: u.left}}, a.unary(c, depth+1), col)
}

func (a *assembler) primary(c *cursor, depth int) (e expr) {
	b := c.peek()
	col := c.i
	switch {
	case isDigit(b):
		return a.number(c)
	case b == '(':
		c.i++
		e = a.binary(c, 0, depth+1)
		c.expect(')')
	case b == '\'':
		v, n, err := charConstant(c.s[c.i:])
		if err != nil {
			fail(col, "%v", err)
		}
		c.i += n
		e.n = int64(v)
	case isIdentStart(b):
		id := c.ident()
		if id == "." {
			a.section.used = true
			return expr{value: value{a.section.loc(), a.section.space}}
		}
		if _, ok := isa.RegByName(id); ok {
			fail(col, "got register %q, want a number or symbol", id)
		}
		return a.reference(a.symbol(id, col), col)
	default:
		c.want("a number, a symbol or an expression")
	}
	return e
}

// reference is a use of a symbol.
func (a *assembler) reference(s *symbol, col int) expr {
	if s.defined && s.lazy == nil && !s.bad {
		return expr{value: s.value}
	}
	return a.wait(node{sym: s, col: col})
}

// wait is what is evaluated when all symbols are known.
func (a *assembler) wait(n node) expr {
	if a.nodes++; a.nodes > maxNodes {
		fail(n.col, "uses of symbols before their definition: got more than %d", maxNodes)
	}
	return expr{node: &n}
}

// number parses a number or a reference to a local label such as 1b or 1f.
func (a *assembler) number(c *cursor) expr {
	start := c.i
	tok := c.while(func(b byte) bool { return isIdent(b) && b != '.' && b != '$' })
	if u, err := strconv.ParseUint(tok, 0, 64); err == nil {
		return expr{value: value{n: int64(u)}}
	}
	digits, last := tok[:len(tok)-1], tok[len(tok)-1]
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || last != 'b' && last != 'f' {
		fail(start, "got %q, want a number below 2^64 (0x, 0b and leading 0 as in C)", tok)
	}
	count := a.locals[n]
	if last == 'f' {
		count++
	}
	if count == 0 {
		fail(start, "no local label %d: before this place", n)
	}
	return a.reference(a.symbol(localName(n, count), start), start)
}

// localName is the inner name of the count-th local label n; no identifier looks like it.
func localName(n uint64, count int) string {
	return strconv.FormatUint(n, 10) + "#" + strconv.Itoa(count)
}

// symbol finds a symbol or makes an undefined one.
func (a *assembler) symbol(name string, col int) *symbol {
	s := a.symbols[name]
	if s == nil {
		if len(a.symbols) == maxSymbols {
			fail(col, "symbols: got more than %d", maxSymbols)
		}
		s = &symbol{name: name}
		a.symbols[name] = s
	}
	return s
}

// known parses an expression whose value must be known where it stands, because the layout depends
// on it. It returns its column too.
func (a *assembler) known(c *cursor) (n int64, col int) {
	e := a.expression(c)
	if e.node != nil {
		fail(e.col, "the value must be known here, but %s", e.node.unknown())
	}
	return e.n, e.col
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
