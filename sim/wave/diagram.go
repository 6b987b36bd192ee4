package wave

import (
	"fmt"
	"strings"
)

// Diagram records a table of signals, one sample a cycle, and draws it:
//
//	cycle  0  1  2  3
//	valid  __ ## ## __
//	count  0  .  1  12
//
// A bool is drawn as a level, low or high; any other value stands where it changes, a dot where it stays. An empty string
// draws nothing: there is no value.
//
// With Compact a cycle is one column; the first is numbered, and every tenth:
//
//	cycle  0         10
//	state  iiibbbbbbbbii
//	addr      40..44..
//
// A value of one character stands in each of its cycles; a longer one begins where it changes, dots fill the cycles in
// which it stays, and it ends in ~ if it is longer than that.
type Diagram struct {
	First   uint64 // number of the first cycle
	Step    uint64 // cycles from one sample to the next; 0: 1
	Compact bool
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
	nameWidth := len("cycle")
	for _, name := range d.names {
		nameWidth = max(nameWidth, len(name))
	}
	draw := d.wide
	if d.Compact {
		draw = d.compact
	}
	var b strings.Builder
	for i, line := range draw() {
		name := "cycle"
		if i > 0 {
			name = d.names[i-1]
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-*s  %s", nameWidth, name, line), " ") + "\n")
	}
	return b.String()
}

// number is the cycle of a sample.
func (d *Diagram) number(sample int) uint64 { return d.First + uint64(sample)*max(d.Step, 1) }

// value is the text of a signal in a cycle; a level is one character.
func (d *Diagram) value(sample, signal int) string {
	switch v := d.samples[sample][signal].(type) {
	case bool:
		if v {
			return "#"
		}
		return "_"
	default:
		return fmt.Sprint(v)
	}
}

// wide draws all lines, a cycle as wide as the widest value.
func (d *Diagram) wide() []string {
	rows := make([][]string, len(d.names)+1)
	width := 1
	for c := range d.samples {
		rows[0] = append(rows[0], fmt.Sprint(d.number(c)))
		for s := range d.names {
			rows[s+1] = append(rows[s+1], d.cell(c, s))
		}
		for _, row := range rows {
			width = max(width, len(row[c]))
		}
	}
	lines := make([]string, len(rows))
	for s, row := range rows {
		for c, cell := range row {
			if s > 0 {
				if _, level := d.samples[c][s-1].(bool); level {
					cell = strings.Repeat(cell, width)
				}
			}
			row[c] = fmt.Sprintf("%-*s", width, cell)
		}
		lines[s] = strings.Join(row, " ")
	}
	return lines
}

// cell is what stands in a column of the wide form.
func (d *Diagram) cell(c, s int) string {
	text := d.value(c, s)
	_, level := d.samples[c][s].(bool)
	if !level && text != "" && c > 0 && text == d.value(c-1, s) {
		return "."
	}
	return text
}

// compact draws all lines, a column a cycle.
func (d *Diagram) compact() []string {
	lines := make([]string, len(d.names)+1)
	lines[0] = d.ruler()
	for s := range d.names {
		for c := 0; c < len(d.samples); {
			text, end := d.value(c, s), c+1
			for end < len(d.samples) && d.value(end, s) == text {
				end++
			}
			lines[s+1] += stretch(text, end-c)
			c = end
		}
	}
	return lines
}

// ruler numbers the first column and every cycle that ends a ten of samples, where there is a gap to the number before.
func (d *Diagram) ruler() (line string) {
	for c := range d.samples {
		if n := d.number(c); c == 0 || n/max(d.Step, 1)%10 == 0 && len(line) < c {
			line = fmt.Sprintf("%-*s%d", c, line, n)
		}
	}
	return line
}

// stretch draws a value over n columns.
func stretch(text string, n int) string {
	switch {
	case text == "":
		return strings.Repeat(" ", n)
	case len(text) == 1:
		return strings.Repeat(text, n)
	case len(text) > n:
		return text[:n-1] + "~"
	}
	return text + strings.Repeat(".", n-len(text))
}
