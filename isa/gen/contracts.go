package main

import (
	"fmt"
	"slices"
	"strings"

	"bdfasim/isa"
)

const contractsIntro = `Below a unit's registers stand the limits and footprints of its commands,
in the order in which the unit checks them. What is early is read as soon as the command is issued,
what is late when it has its weights or its bank. Lengths and distances are in the unit of the
memory. Numbers may depend on the machine (in capitals, see The machine), on other parameters, on
flags (1 or 0), and on what the unit loaded last. A shift left beyond log2(STREAMS) counts as 0.`

// contract prints a command's clauses as rows.
func contract(b *strings.Builder, info *isa.Info) {
	fmt.Fprintf(b, "\n#### %s\n\n", info.Name)
	columnRow(b, "parameter", "unit", "limits and footprint", "if")
	regs := isa.Units[info.Unit]
	for _, c := range info.Op.Contract() {
		name, unit, text := "`"+regs.Params[c.Param].Name+"`", c.Range.Of, ""
		switch {
		case !c.Needs.IsZero():
			name, text = "", "the machine has "+c.Needs.Text(info)
		case c.Status != nil:
			var names []string
			for _, s := range c.Status {
				names = append(names, "`"+regs.Status[s].Name+"`")
			}
			name, text = "", "updates "+strings.Join(names, ", ")
		case c.Access.Act != 0:
			text = footprint(&c.Access, info)
			if unit = isa.Spaces[c.Access.Space].Unit; !c.Access.At.IsZero() || c.Access.Act == isa.Nothing {
				name, unit = "", ""
			}
		default:
			text = limits(&c.Range, info)
		}
		row(b, name, unit, text, condition(&c.If, info))
	}
}

func condition(x *isa.Expr, info *isa.Info) string {
	if x.IsZero() {
		return ""
	}
	return x.Text(info)
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
	if a.Check != isa.Unchecked && isa.Spaces[a.Space].Align > 1 {
		text += fmt.Sprintf("; multiples of %d", isa.Spaces[a.Space].Align)
	}
	return text
}

// machine prints the sizes that contracts depend on.
func machine(b *strings.Builder) {
	const text = "Sizes on which limits depend."
	head(b, "The machine", text, "size", "reference machine", "largest", "what")
	reference := isa.Reference()
	for i, s := range isa.Sizes {
		row(b, "`"+s.Name+"`", fmt.Sprint(reference[i]), fmt.Sprint(s.Largest), s.Doc)
	}
}
