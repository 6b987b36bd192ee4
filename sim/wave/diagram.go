package wave

import (
	"fmt"
	"strings"
)

// Diagram records a table of signals, one sample a cycle, and draws it:
//
//	cycle  0  1  2  3
//	valid  __ ## ## __
//	count  0  .  1  2
//
// A bool is drawn as a level, low or high; any other value stands where it changes, a dot where it stays.
type Diagram struct {
	First   uint64 // number of the first cycle
	names   []string
	samples [][]any
}

// NewDiagram returns a diagram of the named signals without samples.
func NewDiagram(names ...string) *Diagram { return &Diagram{names: names} }

// Sample adds a cycle: a bool or anything that fmt.Sprint prints without blanks, one a signal. It panics if their number
// is wrong.
func (d *Diagram) Sample(values ...any) {
	if len(values) != len(d.names) {
		panic(fmt.Sprintf("wave: sample: got %d values, want %d", len(values), len(d.names)))
	}
	d.samples = append(d.samples, values)
}

// String draws the diagram, a signal a line.
func (d *Diagram) String() string {
	rows := make([][]string, len(d.names)+1)
	for c := range d.samples {
		rows[0] = append(rows[0], fmt.Sprint(d.First+uint64(c)))
		for s := range d.names {
			rows[s+1] = append(rows[s+1], d.cell(c, s))
		}
	}
	width, nameWidth := 1, len("cycle")
	for s, row := range rows {
		for _, cell := range row {
			width = max(width, len(cell))
		}
		if s > 0 {
			nameWidth = max(nameWidth, len(d.names[s-1]))
		}
	}
	var b strings.Builder
	for s, row := range rows {
		name := "cycle"
		if s > 0 {
			name = d.names[s-1]
		}
		line := fmt.Sprintf("%-*s ", nameWidth, name)
		for c, cell := range row {
			if s > 0 {
				if v, ok := d.samples[c][s-1].(bool); ok {
					cell = level(v, width)
				}
			}
			line += fmt.Sprintf(" %-*s", width, cell)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// cell is the text of a value, "" for a bool.
func (d *Diagram) cell(c, s int) string {
	v := d.samples[c][s]
	if _, ok := v.(bool); ok {
		return ""
	}
	text := fmt.Sprint(v)
	if c > 0 && text == fmt.Sprint(d.samples[c-1][s]) {
		return "."
	}
	return text
}

func level(v bool, width int) string {
	if v {
		return strings.Repeat("#", width)
	}
	return strings.Repeat("_", width)
}
