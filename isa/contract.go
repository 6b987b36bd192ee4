package isa

import (
	"fmt"
	"math"
	"sync"
)

// Contract says what a command may be given, what it reads and writes, and which status registers
// it updates: clauses in the order in which its unit checks them.
type Contract []Clause

// Clause is a line of a contract; one of the four is there.
type Clause struct {
	If     Expr  // the clause holds where this is not 0; absent: always
	Needs  Expr  // hardware: must not be 0
	Range  Range // of parameter Param
	Access Access
	Status []int // status registers
	Param  int   // of a range, or the first address of an access
}

// Range bounds a parameter.
type Range struct {
	Of       string // unit of measure
	Value    Expr   // what is bounded; absent: the parameter as a signed number
	Lo, Hi   Expr   // both included; absent Hi: any value is good
	Multiple Expr   // absent: 1
	Seed     bool   // of the LFSR: has a fault of its own
}

// Contract returns the contract of a command; nil: the code is no command.
func (op Op) Contract() Contract { return contracts[op] }

// Bind returns the contract as it is for a machine.
func (c Contract) Bind(m *Machine) Contract {
	bound := make(Contract, len(c))
	for i, line := range c {
		for _, x := range line.exprs() {
			*x = x.bind(m)
		}
		bound[i] = line
	}
	return bound
}

// exprs are all expressions of a clause.
func (c *Clause) exprs() []*Expr {
	r, a := &c.Range, &c.Access
	list := []*Expr{&c.If, &c.Needs, &r.Value, &r.Lo, &r.Hi, &r.Multiple, &a.At, &a.Len, &a.Apart}
	for i := range a.Dims {
		d := &a.Dims[i]
		list = append(list, &d.N, &d.Step, &d.Per, &d.Jump)
	}
	return list
}

// Holds reports whether the clause is about this command.
func (c *Clause) Holds(e *Env) bool { return c.If.op == 0 || c.If.Eval(e) != 0 }

// Checked reports whether the clause bounds its parameter.
func (c *Clause) Checked() bool { return c.Range.Hi.op != 0 || c.Range.Multiple.op != 0 }

// Plain gives the range of a parameter that is bounded by numbers and nothing else, in a machine.
func (c *Clause) Plain() (lo, hi int32, ok bool) {
	r := &c.Range
	ok = r.Lo.op == opConst && r.Hi.op == opConst && r.Value.op == 0 && r.Multiple.op == 0
	return int32(r.Lo.v), int32(r.Hi.v), ok
}

// Check tells whether a command keeps to a range, and the value of the register that decides.
func (c *Clause) Check(e *Env) (register uint32, ok bool) {
	r := &c.Range
	register, v := e.P[c.Param], c.value(e)
	if r.Value.op == opLoaded {
		register = uint32(v)
	}
	if r.Hi.op != 0 && (v < r.Lo.Eval(e) || v > r.Hi.Eval(e)) {
		return register, false
	}
	return register, r.Multiple.op == 0 || v%r.Multiple.Eval(e) == 0
}

// value is what a range bounds.
func (c *Clause) value(e *Env) int64 {
	if c.Range.Value.op == 0 {
		return int64(int32(e.P[c.Param]))
	}
	return c.Range.Value.Eval(e)
}

// Error tells what is wrong with a parameter of a command that does not keep to a range.
func (c *Clause) Error(e *Env, info *Info) error {
	r := &c.Range
	name := Units[info.Unit].Params[c.Param].Name
	want := fmt.Sprintf("%d to %d", r.Lo.Eval(e), r.Hi.Eval(e))
	if r.Value.op != 0 {
		name = r.Value.Text(info)
	}
	if r.Multiple.op != 0 {
		want = fmt.Sprintf("a multiple of %d", r.Multiple.Eval(e))
		if r.Hi.op != 0 {
			want += fmt.Sprintf(" in %d to %d", r.Lo.Eval(e), r.Hi.Eval(e))
		}
	}
	return fmt.Errorf("%s: got %d, want %s", name, c.value(e), want)
}

// Units gives the unit of measure of each parameter that the contract is about, by its register:
// that of its range, or of the memory that it is an address or a distance in.
func (c Contract) Units() (of [NumParams]string) {
	for i := range c {
		r, a := &c[i].Range, &c[i].Access
		if r.Of != "" {
			of[c[i].Param] = r.Of
		}
		if a.Act <= Nothing {
			continue
		}
		unit := Spaces[a.Space].Unit
		address := func(reg int) {
			if of[reg] == "" {
				of[reg] = unit
			}
		}
		if a.At.op == 0 {
			address(c[i].Param)
		}
		if a.Act == Region {
			a.Len.uses(address)
		}
		for d := range a.Dims {
			a.Dims[d].Step.uses(address)
			a.Dims[d].Jump.uses(address)
		}
	}
	return of
}

// Limits are the least and the largest value that any machine takes for a parameter of a command,
// as a signed number, whatever its flags and other parameters are.
func (op Op) Limits(param int) (lo, hi int) {
	m := Largest()
	lo, hi = math.MinInt32, math.MaxInt32
	for _, c := range op.Contract() {
		if c.Param == param && c.If.op == 0 && c.Range.Hi.op != 0 && c.Range.Value.op == 0 {
			l, h := c.Range.Lo.bind(&m), c.Range.Hi.bind(&m)
			lo, hi = max(lo, int(l.Eval(&Env{}))), min(hi, int(h.Eval(&Env{})))
		}
	}
	return lo, hi
}

// paramLimits are the widest limits of parameters that any command, any machine takes; 0, the value
// after reset, is among them.
var paramLimits = sync.OnceValue(func() (limits [NumUnits][NumParams]struct{ lo, hi int }) {
	for _, info := range Table {
		for reg, unit := range info.Op.Contract().Units() {
			if unit != "" {
				l := &limits[info.Unit][reg]
				lo, hi := info.Op.Limits(reg)
				l.lo, l.hi = min(l.lo, lo), max(l.hi, hi)
			}
		}
	}
	return limits
})

// CheckParam reports a value that no command can have in a parameter register, named as in an aux
// field.
func CheckParam(aux uint16, v int32) error {
	u, reg := aux>>8, aux&0xff
	if l := paramLimits()[u][reg]; int(v) < l.lo || int(v) > l.hi {
		info := &Units[u]
		return fmt.Errorf("%s.%s: got %d, want %d..%d", info.Name, info.Params[reg].Name, v, l.lo, l.hi)
	}
	return nil
}
