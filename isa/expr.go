package isa

import (
	"math/bits"
	"strconv"
)

// Env is a command, for the expressions of its contract. Without parameters (P is nil) an
// expression gives the largest value that it can have as a limit.
type Env struct {
	P      *[NumParams]uint32 // the command's parameters
	Loaded *[NumParams]uint32 // those of the unit's last load; 0: there was none
	Flags  uint16
}

// Expr is a number in a contract, made of constants, sizes of the machine, and a command's
// parameters (unsigned) and flags (1 or 0). The zero Expr is absent: it is 0.
type Expr struct {
	op   exprOp
	v    int64 // constant, size, register or flag; of a shift left, log2 of the machine's streams
	a, b *Expr
}

type exprOp uint8

const (
	opConst exprOp = iota + 1
	opSize
	opParam
	opLoaded
	opFlag
	opNot
	opLog2
	opAdd
	opMul
	opDiv
	opMod
	opUp  // division that rounds up
	opShl // times a number of streams, by its log2; a number that no machine has counts as one
	opShr
	opAnd
	opMore // greater than
	opOr   // b if a is 0
)

// signs of the operators with two operands, as the manual writes them.
var signs = [...]string{opAdd: "+", opMul: "*", opDiv: "/", opMod: "%", opShl: "<<", opShr: ">>",
	opAnd: "&", opMore: ">", opOr: "or"}

// A constant, a size of the machine, a parameter, one of the last load, a flag; whether something
// is 0, and a logarithm.
func k(v int64) Expr      { return Expr{op: opConst, v: v} }
func of(s Size) Expr      { return Expr{op: opSize, v: int64(s)} }
func p(reg int) Expr      { return Expr{op: opParam, v: int64(reg)} }
func loaded(reg int) Expr { return Expr{op: opLoaded, v: int64(reg)} }
func flag(f uint16) Expr  { return Expr{op: opFlag, v: int64(f)} }
func not(a Expr) Expr     { return Expr{op: opNot, a: &a} }
func log2(a Expr) Expr    { return Expr{op: opLog2, a: &a} }

func (x Expr) do(op exprOp, y Expr) Expr { return Expr{op: op, a: &x, b: &y} }
func (x Expr) add(y Expr) Expr           { return x.do(opAdd, y) }
func (x Expr) mul(y Expr) Expr           { return x.do(opMul, y) }
func (x Expr) div(y Expr) Expr           { return x.do(opDiv, y) }
func (x Expr) up(y Expr) Expr            { return x.do(opUp, y) }
func (x Expr) shl(y Expr) Expr           { return x.do(opShl, y) }
func (x Expr) shr(y Expr) Expr           { return x.do(opShr, y) }
func (x Expr) and(y Expr) Expr           { return x.do(opAnd, y) }
func (x Expr) more(y Expr) Expr          { return x.do(opMore, y) }
func (x Expr) or(y Expr) Expr            { return x.do(opOr, y) }

// IsZero reports whether the expression is absent.
func (x Expr) IsZero() bool { return x.op == 0 }

// Flag is the flag that an expression is; 0: it is something else.
func (x Expr) Flag() uint16 {
	if x.op != opFlag {
		return 0
	}
	return uint16(x.v)
}

// bind puts the sizes of a machine in place.
func (x Expr) bind(m *Machine) Expr {
	fixed := x.op == opSize
	if x.a != nil {
		a := x.a.bind(m)
		x.a, fixed = &a, a.op == opConst
	}
	if x.b != nil {
		b := x.b.bind(m)
		x.b, fixed = &b, fixed && b.op == opConst
	}
	switch {
	case x.op == opSize:
		return k(int64(m[x.v]))
	case x.op == opShl:
		x.v = int64(bits.Len(uint(m[Streams])) - 1)
	}
	if fixed {
		return k(x.Eval(&Env{}))
	}
	return x
}

// Eval gives the number. The sizes of a machine must be in place.
func (x *Expr) Eval(e *Env) int64 {
	switch x.op {
	case opConst:
		return x.v
	case opParam:
		if e.P == nil {
			return 0
		}
		return int64(e.P[x.v])
	case opLoaded:
		if e.Loaded == nil {
			return 0
		}
		return int64(e.Loaded[x.v])
	case opFlag:
		return truth(e.Flags&uint16(x.v) != 0)
	case 0, opSize:
		return 0
	}
	a := x.a.Eval(e)
	switch x.op {
	case opNot:
		return truth(a == 0)
	case opLog2:
		return int64(bits.Len64(uint64(a))) - 1
	}
	return x.binary(a, x.b.Eval(e), e.P == nil)
}

// binary computes an operator with two operands; as a limit, a shift left is the widest.
func (x *Expr) binary(a, b int64, limit bool) int64 {
	switch x.op {
	case opAdd:
		return a + b
	case opMul:
		return a * b
	case opShl:
		if limit {
			b = x.v
		} else if b > x.v {
			b = 0
		}
		return a << b
	case opShr:
		return a >> b
	case opAnd:
		return a & b
	case opMore:
		return truth(a > b)
	case opOr:
		if a != 0 {
			return a
		}
		return b
	}
	if b == 0 { // a parameter that is out of range, whose check will tell
		return 0
	}
	switch x.op {
	case opUp:
		return (a + b - 1) / b
	case opMod:
		return a % b
	}
	return a / b
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// uses calls f for each parameter of the command that the number depends on.
func (x *Expr) uses(f func(reg int)) {
	if x.op == opParam {
		f(int(x.v))
	}
	for _, y := range [...]*Expr{x.a, x.b} {
		if y != nil {
			y.uses(f)
		}
	}
}

// Text writes the number for the manual, with the names of a command's registers and flags.
func (x *Expr) Text(info *Info) string {
	switch x.op {
	case opConst:
		return strconv.FormatInt(x.v, 10)
	case opSize:
		return Sizes[x.v].Name
	case opParam:
		return Units[info.Unit].Params[x.v].Name
	case opLoaded:
		return "loaded " + Units[info.Unit].Params[x.v].Name
	case opFlag:
		for _, f := range info.Flags {
			if int64(1)<<f.Bit == x.v {
				return f.Name
			}
		}
	case opNot:
		return "no " + x.a.inner(info)
	case opLog2:
		return "log2(" + x.a.Text(info) + ")"
	case opUp:
		return "ceil(" + x.a.inner(info) + " / " + x.b.inner(info) + ")"
	case 0:
		return "0"
	}
	return x.a.inner(info) + " " + signs[x.op] + " " + x.b.inner(info)
}

// inner is Text as an operand: in parentheses if it has an operator.
func (x *Expr) inner(info *Info) string {
	if x.b != nil && x.op != opUp {
		return "(" + x.Text(info) + ")"
	}
	return x.Text(info)
}
