package asm

import (
	"strings"

	"bdfasim/isa/image"
)

// operator is a binary operator on 64-bit two's complement numbers.
type operator struct {
	sign  string
	level int // the higher, the tighter it binds, as in C
	do    func(x, y int64) int64
}

// operators has those first whose beginning is another one.
var operators = []operator{
	{"||", 0, func(x, y int64) int64 { return truth(x != 0 || y != 0) }},
	{"&&", 1, func(x, y int64) int64 { return truth(x != 0 && y != 0) }},
	{"==", 5, func(x, y int64) int64 { return truth(x == y) }},
	{"!=", 5, func(x, y int64) int64 { return truth(x != y) }},
	{"<=", 6, func(x, y int64) int64 { return truth(x <= y) }},
	{">=", 6, func(x, y int64) int64 { return truth(x >= y) }},
	{"<<", 7, func(x, y int64) int64 { return x << y }},
	{">>", 7, func(x, y int64) int64 { return x >> y }},
	{"|", 2, func(x, y int64) int64 { return x | y }},
	{"^", 3, func(x, y int64) int64 { return x ^ y }},
	{"&", 4, func(x, y int64) int64 { return x & y }},
	{"<", 6, func(x, y int64) int64 { return truth(x < y) }},
	{">", 6, func(x, y int64) int64 { return truth(x > y) }},
	{"+", 8, func(x, y int64) int64 { return x + y }},
	{"-", 8, func(x, y int64) int64 { return x - y }},
	{"*", 9, func(x, y int64) int64 { return x * y }},
	{"/", 9, func(x, y int64) int64 { return x / y }},
	{"%", 9, func(x, y int64) int64 { return x % y }},
}

// unaries are the unary operators: what they are as binary ones with a number on the left.
var unaries = [256]struct {
	left int64
	sign string
}{'-': {0, "-"}, '+': {0, "+"}, '~': {-1, "^"}, '!': {0, "=="}}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// operatorAt returns the operator that a text begins with, or nil.
func operatorAt(s string) *operator {
	if s == "" || strings.IndexByte(",);", s[0]) >= 0 { // most expressions are one operand
		return nil
	}
	for i := range operators {
		if strings.HasPrefix(s, operators[i].sign) {
			return &operators[i]
		}
	}
	return nil
}

// apply computes an operator. An address plus or minus a number stays an address of its memory;
// everything else is a number.
func (op *operator) apply(l, r value, col int) value {
	switch op.sign {
	case "/", "%":
		if r.n == 0 {
			fail(col, "division by zero")
		}
	case "<<", ">>":
		if r.n < 0 || r.n > 63 {
			fail(col, "shift by %d, want 0..63", r.n)
		}
	}
	v := value{n: op.do(l.n, r.n)}
	switch {
	case r.space == image.Abs && (op.sign == "+" || op.sign == "-"):
		v.space = l.space
	case l.space == image.Abs && op.sign == "+":
		v.space = r.space
	}
	return v
}

// eval computes an expression when all symbols are defined. Depth bounds chains of symbols.
func (a *assembler) eval(e expr, depth int) value {
	n := e.node
	switch {
	case n == nil:
		return e.value
	case n.sym != nil:
		return a.evalSymbol(n.sym, n.col, depth)
	}
	l := a.eval(n.l, depth)
	return n.op.apply(l, a.eval(n.r, depth), n.col)
}

func (a *assembler) evalSymbol(s *symbol, col, depth int) (v value) {
	switch {
	case s.bad || !s.defined && a.missing: // very likely in the file that was not found
		panic(silent)
	case !s.defined:
		name, _, local := strings.Cut(s.name, "#")
		if local {
			name += "f"
		}
		fail(col, "undefined symbol %q", name)
	case s.lazy == nil:
		return s.value
	case s.busy:
		fail(col, "%q is defined by itself", s.name)
	case depth > maxChain:
		fail(col, "%q: more than %d constants defined by one another", s.name, maxChain)
	}
	s.busy = true
	s.bad = !a.attempt(s.at, func() { v = a.eval(expr{node: s.lazy}, depth+1) })
	s.busy = false
	if s.bad {
		panic(silent)
	}
	s.value, s.lazy = v, nil
	return v
}
