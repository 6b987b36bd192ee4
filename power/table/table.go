// Package table is a table of cells that can be read by people (text.go) and by programs (data.go).
// Text rounds numbers to four digits; CSV and JSON hold them in full.
package table

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter/tw"
)

// Number is a number with a text of its own; CSV and JSON hold the value in full.
type Number struct {
	Value float64 // finite
	Text  string
}

// Fixed is a number with so many digits after the point.
func Fixed(x float64, digits int) Number {
	text := fmt.Sprintf("%.*f", digits, x)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-") // no -0.0
	}
	return Number{x, text}
}

// String is the text.
func (n Number) String() string { return n.Text }

// Spread is a mean with its standard deviation, two columns for programs.
type Spread struct{ Mean, Deviation float64 }

// String is the text.
func (s Spread) String() string { return fmt.Sprintf("%.2f +- %.2f", s.Mean, s.Deviation) }

// Table is a heading, rows of as many cells, and notes below. A cell is a string, an integer, a
// finite float64, a Number, a Spread or a bool; "-" is nothing. A header of the form
// "total|total_uj" is "total" to people and "total_uj" to programs.
type Table struct {
	Name   string // of files and in JSON; the title's, unless somebody changes it
	Title  string
	Header []string
	Rows   [][]any
	Notes  []string

	Records bool // each row is looked at by itself: no column is left out of a narrow text
}

// Formats are the names that Write knows.
var Formats = []string{"text", "csv", "json", "md"}

// New returns a table without rows.
func New(title string, header ...string) *Table {
	name, _, _ := strings.Cut(title, " (")
	name, _, _ = strings.Cut(name, ": ")
	return &Table{Name: Key(name), Title: title, Header: header, Rows: [][]any{}}
}

// Row appends a row.
func (t *Table) Row(cells ...any) { t.Rows = append(t.Rows, cells) }

// Note appends a line below the table.
func (t *Table) Note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// Write writes the table in one of Formats, text in lines of so many characters (0: any).
func (t *Table) Write(w io.Writer, format string, width int) error {
	switch format {
	case "text":
		return t.Text(w, width)
	case "csv":
		return t.CSV(w)
	case "json":
		return JSON(w, t)
	case "md":
		return t.Markdown(w, 2)
	}
	return fmt.Errorf("table: format: got %q, want one of %s", format, strings.Join(Formats, ", "))
}

// Digits writes x with four significant digits, without an exponent between 1e-4 and 1e15; whole digits are never rounded
// away.
func Digits(x float64) string {
	e := strconv.FormatFloat(x, 'e', 3, 64)
	exponent, err := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:]) // of the rounded number: 999.96 has four digits before the point
	switch {
	case x == 0:
		return "0"
	case err != nil || exponent < -4 || exponent >= 15:
		return e
	default:
		return strconv.FormatFloat(x, 'f', max(0, 3-exponent), 64)
	}
}

// check refuses rows of the wrong length, cells that not every format can hold, and columns that
// programs could not tell apart.
func (t *Table) check() error {
	seen := map[string]bool{}
	for _, name := range t.Columns() {
		if seen[name] || name == "" {
			return fmt.Errorf("table %q: got two columns %q, want a name each", t.Title, name)
		}
		seen[name] = true
	}
	for i, r := range t.Rows {
		if len(r) != len(t.Header) {
			return fmt.Errorf("table %q: row %d: got %d cells, want %d", t.Title, i, len(r), len(t.Header))
		}
		for j, c := range r {
			if wrong := wrong(c); wrong != "" {
				return fmt.Errorf("table %q: row %d, column %s: got %s", t.Title, i, t.display(j), wrong)
			}
		}
	}
	return nil
}

// wrong says why a cell cannot be one.
func wrong(c any) string {
	finite := func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
	ok := true
	switch v := c.(type) {
	case string, bool, int, int64, uint64:
	case float64:
		ok = finite(v)
	case Number:
		ok = finite(v.Value)
	case Spread:
		ok = finite(v.Mean) && finite(v.Deviation)
	default:
		return fmt.Sprintf("a %T, want string, bool, int, int64, uint64 or float64", c)
	}
	if !ok {
		return fmt.Sprintf("%v, want a finite number", c)
	}
	return ""
}

// display is a column's name to people.
func (t *Table) display(j int) string {
	name, _, _ := strings.Cut(t.Header[j], "|")
	return name
}

// format turns cells into text, that in column j by cell.
func format(cells []any, cell func(j int, c any) string) []string {
	out := make([]string, len(cells))
	for j, c := range cells {
		out[j] = cell(j, c)
	}
	return out
}

// digits is a cell to be read.
func digits(_ int, c any) string {
	if x, ok := c.(float64); ok {
		return Digits(x)
	}
	return fmt.Sprint(c)
}

// align puts columns that hold any number to the right.
func (t *Table) align() []tw.Align {
	out := make([]tw.Align, len(t.Header))
	for j := range out {
		out[j] = tw.AlignLeft
		for _, r := range t.Rows {
			switch r[j].(type) {
			case int, int64, uint64, float64, Number, Spread:
				out[j] = tw.AlignRight
			}
		}
	}
	return out
}
