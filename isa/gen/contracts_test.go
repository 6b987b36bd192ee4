package gen

import (
	"fmt"
	"slices"
	"strings"

	"bdfasim/isa"
)

// param is the parameter that a clause is about, in code quotes.
func param(c isa.Clause, info isa.Info) string {
	own := !c.Access.At.IsZero() || c.Access.Act == isa.Nothing // the access has no parameter
	if !c.Needs.IsZero() || c.Status != nil || own {
		return ""
	}
	return "`" + isa.Units[info.Unit].Params[c.Param].Name + "`"
}

// unit is the parameter's unit of measure.
func unit(c isa.Clause) string {
	if a := c.Access; a.Act > isa.Nothing && a.At.IsZero() {
		return isa.Spaces[a.Space].Unit
	}
	return c.Range.Of
}

// rule is what a clause demands, or what a command does.
func rule(c isa.Clause, info isa.Info) string {
	switch {
	case !c.Needs.IsZero():
		return "the machine has " + c.Needs.Text(&info)
	case c.Status != nil:
		var names []string
		for _, s := range c.Status {
			names = append(names, "`"+isa.Units[info.Unit].Status[s].Name+"`")
		}
		return "updates " + strings.Join(names, ", ")
	case c.Access.Act != 0:
		return footprint(&c.Access, &info)
	}
	return limits(&c.Range, &info)
}

// text is an expression, "" if it is absent.
func text(x isa.Expr, info isa.Info) string {
	if x.IsZero() {
		return ""
	}
	return x.Text(&info)
}

func limits(r *isa.Range, info *isa.Info) string {
	text := "any"
	if lo, hi := r.Lo.Text(info), r.Hi.Text(info); lo == hi && !r.Hi.IsZero() {
		text = lo
	} else if !r.Hi.IsZero() {
		text = lo + ".." + hi
	}
	if !r.Value.IsZero() {
		text = r.Value.Text(info) + ": " + text
	}
	if !r.Multiple.IsZero() {
		text += ", a multiple of " + r.Multiple.Text(info)
	}
	return text
}

func footprint(a *isa.Access, info *isa.Info) string {
	text := isa.Acts[a.Act]
	if a.Act == isa.Nothing {
		return text
	}
	text += " " + isa.Spaces[a.Space].Name
	if !a.At.IsZero() {
		text += " " + a.At.Text(info)
	}
	if a.Act == isa.Region {
		return text + " up to " + a.Len.Text(info)
	}
	text += ": " + a.Len.Text(info)
	if a.Window {
		text += " for each source pixel of the rows that the window meets"
	}
	for _, d := range slices.Backward(a.Dims[:]) {
		if d.N.IsZero() {
			continue
		}
		text += ", " + d.N.Text(info) + " times, " + d.Step.Text(info) + " apart"
		if !d.Jump.IsZero() {
			text += " (every " + d.Per.Text(info) + ": " + d.Jump.Text(info) + ")"
		}
	}
	if a.Whole {
		text += "; whole blocks must be there"
	}
	if !a.Apart.IsZero() {
		text += "; apart from those at " + a.Apart.Text(info)
	}
	if a.Over {
		text += "; may be where it reads, at the same addresses in the same order"
	}
	if a.Check != isa.Unchecked && isa.Spaces[a.Space].Align > 1 {
		text += fmt.Sprintf("; multiples of %d", isa.Spaces[a.Space].Align)
	}
	return text
}
