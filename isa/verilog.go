package isa

import "fmt"

// IsLoaded reports whether the expression is a parameter of the last load.
func (x Expr) IsLoaded() bool { return x.op == opLoaded }

// Verilog writes the number as a signed SystemVerilog expression of 64 bits, of the vectors `p` and
// `loaded` with 32 bits a parameter and of `flags`. The sizes of a machine must be in place.
func (x *Expr) Verilog() string {
	reg := func(vector string) string {
		return fmt.Sprintf("$signed({32'd0, %s[%d:%d]})", vector, 32*x.v+31, 32*x.v)
	}
	switch x.op {
	case opConst:
		if x.v < 0 {
			return fmt.Sprintf("-64'sd%d", -x.v)
		}
		return fmt.Sprintf("64'sd%d", x.v)
	case opParam:
		return reg("p")
	case opLoaded:
		return reg("loaded")
	case opFlag:
		return fmt.Sprintf("$signed({63'd0, (flags & 16'd%d) != 16'd0})", x.v)
	case 0:
		return "64'sd0"
	}
	a := x.a.Verilog()
	switch x.op {
	case opNot:
		return fmt.Sprintf("$signed({63'd0, %s == 64'sd0})", a)
	case opLog2:
		return fmt.Sprintf("$signed(64'($clog2(%s)))", a)
	}
	b := x.b.Verilog()
	switch x.op {
	case opShl:
		return fmt.Sprintf("(%s <<< (%s > 64'sd%d ? 64'sd0 : %s))", a, b, x.v, b)
	case opOr:
		return fmt.Sprintf("(%s != 64'sd0 ? %s : %s)", a, a, b)
	case opMore:
		return fmt.Sprintf("$signed({63'd0, %s > %s})", a, b)
	case opUp:
		return fmt.Sprintf("(%s == 64'sd0 ? 64'sd0 : (%s + %s - 64'sd1) / %s)", b, a, b, b)
	case opDiv, opMod:
		return fmt.Sprintf("(%s == 64'sd0 ? 64'sd0 : %s %s %s)", b, a, signs[x.op], b)
	case opShr:
		return fmt.Sprintf("(%s >>> %s)", a, b)
	}
	return fmt.Sprintf("(%s %s %s)", a, signs[x.op], b)
}
