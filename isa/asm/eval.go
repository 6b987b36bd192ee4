package asm

import (
	"fmt"

	"bdfasim/isa/image"
)

// eval computes an expression when all symbols are defined. Depth bounds chains of symbols.
func (a *assembler) eval(e expr, depth int) (value, error) {
	n := e.node
	switch {
	case n == nil:
		return e.value, nil
	case n.sym != nil:
		return a.evalSymbol(n.sym, n.col, depth)
	}
	l, err := a.eval(n.l, depth)
	if err != nil {
		return l, err
	}
	if n.unary != 0 {
		return applyUnary(n.unary, l), nil
	}
	r, err := a.eval(n.r, depth)
	if err != nil {
		return r, err
	}
	v, msg := apply(n.op, l, r)
	if msg != "" {
		return v, failf(n.col, "%s", msg)
	}
	return v, nil
}

// maxChain bounds how many constants may be defined by one another.
const maxChain = 1000

func (a *assembler) evalSymbol(s *symbol, col, depth int) (value, error) {
	switch {
	case s.bad:
		return value{}, errSilent
	case !s.defined && a.missing:
		return value{}, errSilent // very likely in the file that was not found
	case !s.defined:
		return value{}, failf(col, "undefined symbol %q", displayName(s.name))
	case s.lazy == nil:
		return s.value, nil
	case s.busy:
		return value{}, failf(col, "%q is defined by itself", s.name)
	case depth > maxChain:
		return value{}, failf(col, "%q: more than %d constants defined by one another", s.name, maxChain)
	}
	s.busy = true
	v, err := a.eval(expr{node: s.lazy}, depth+1)
	s.busy = false
	if err != nil {
		a.report(s.at, err)
		s.bad = true
		return v, errSilent
	}
	s.value, s.lazy = v, nil
	return v, nil
}

// displayName turns the inner name of a local label into what was written.
func displayName(name string) string {
	for i := range name {
		if name[i] == '#' {
			return name[:i] + "f"
		}
	}
	return name
}

func truth(b bool) value {
	if b {
		return value{n: 1}
	}
	return value{}
}

// apply computes a binary operator on 64-bit two's complement numbers. An address plus or minus a number stays an
// address of its memory; everything else is a number.
func apply(op string, l, r value) (v value, msg string) {
	x, y := l.n, r.n
	switch op {
	case "+":
		if r.space == image.Abs {
			v.space = l.space
		} else if l.space == image.Abs {
			v.space = r.space
		}
		v.n = x + y
	case "-":
		if r.space == image.Abs {
			v.space = l.space
		}
		v.n = x - y
	case "*":
		v.n = x * y
	case "/", "%":
		switch {
		case y == 0:
			return v, "division by zero"
		case op == "/":
			v.n = x / y
		default:
			v.n = x % y
		}
	case "<<", ">>":
		switch {
		case y < 0 || y > 63:
			return v, fmt.Sprintf("shift by %d, want 0..63", y)
		case op == "<<":
			v.n = x << y
		default:
			v.n = x >> y
		}
	case "&":
		v.n = x & y
	case "|":
		v.n = x | y
	case "^":
		v.n = x ^ y
	default:
		v = truth(compare(op, x, y))
	}
	return v, ""
}

// compare computes a comparison or logic operator.
func compare(op string, x, y int64) bool {
	switch op {
	case "==":
		return x == y
	case "!=":
		return x != y
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	case ">=":
		return x >= y
	case "&&":
		return x != 0 && y != 0
	}
	return x != 0 || y != 0
}

func applyUnary(op byte, v value) value {
	switch op {
	case '-':
		return value{n: -v.n}
	case '~':
		return value{n: ^v.n}
	case '!':
		return truth(v.n == 0)
	}
	return v
}
