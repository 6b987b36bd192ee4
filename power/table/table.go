// Package table is a table of cells that can be read by people (text) and by programs (CSV, JSON). Text rounds numbers to
// four digits; CSV and JSON hold them in full.
package table

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"
)

// Figure is a number that is already written out, with its accuracy.
type Figure string

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

// MarshalJSON writes the value.
func (n Number) MarshalJSON() ([]byte, error) { return json.Marshal(n.Value) }

// Table is a heading, rows of as many cells, and notes below. A cell is a string, an integer, a
// finite float64, a Number, a Figure or a bool.
type Table struct {
	Title  string   `json:"title"`
	Header []string `json:"header"`
	Rows   [][]any  `json:"rows"`
	Notes  []string `json:"notes,omitempty"`
}

// Formats are the names that Write knows.
var Formats = []string{"text", "csv", "json"}

// New returns a table without rows.
func New(title string, header ...string) *Table {
	return &Table{Title: title, Header: header, Rows: [][]any{}}
}

// Row appends a row.
func (t *Table) Row(cells ...any) { t.Rows = append(t.Rows, cells) }

// Note appends a line below the table.
func (t *Table) Note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// Write writes the table in one of Formats.
func (t *Table) Write(w io.Writer, format string) error {
	switch format {
	case "text":
		return t.Text(w)
	case "csv":
		return t.CSV(w)
	case "json":
		return t.JSON(w)
	}
	return fmt.Errorf("table: format: got %q, want one of %s", format, strings.Join(Formats, ", "))
}

// widest is the number of characters of a cell from which on Text wraps it between words.
const widest = 72

// Text writes title, aligned columns (numbers to the right) and notes. Long cells take several
// lines. Columns of shares have fixed digits: one under "%", two under "% of" something.
func (t *Table) Text(w io.Writer) error {
	if err := t.check(); err != nil {
		return err
	}
	if t.Title != "" {
		if _, err := fmt.Fprintln(w, t.Title); err != nil {
			return err
		}
	}
	out := tablewriter.NewTable(w,
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNormal),
		tablewriter.WithRowMaxWidth(widest),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: t.align()}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: t.align()}),
		tablewriter.WithRendition(tw.Rendition{
			Borders: tw.Border{Left: tw.Off, Right: tw.Off, Top: tw.Off, Bottom: tw.Off},
			Symbols: tw.NewSymbols(tw.StyleASCII),
		}),
	)
	out.Header(t.Header)
	for _, r := range t.Rows {
		if err := out.Append(format(r, t.text)); err != nil {
			return fmt.Errorf("table %q: %w", t.Title, err)
		}
	}
	if err := out.Render(); err != nil {
		return fmt.Errorf("table %q: %w", t.Title, err)
	}
	for _, n := range t.Notes {
		if _, err := fmt.Fprintln(w, n); err != nil {
			return err
		}
	}
	return nil
}

// Markdown writes title (as a heading of the given level), table and notes; numbers as Text has them.
func (t *Table) Markdown(w io.Writer, level int) error {
	if err := t.check(); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n\n", strings.Repeat("#", level), t.Title)
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.Header)
	rule := make([]string, len(t.Header))
	for j, a := range t.align() {
		rule[j] = "---"
		if a == tw.AlignRight {
			rule[j] = "---:"
		}
	}
	line(rule)
	for _, r := range t.Rows {
		line(format(r, digits))
	}
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "\n%s.\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// CSV writes the header and the rows, without title and notes.
func (t *Table) CSV(w io.Writer) error {
	if err := t.check(); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(t.Header); err != nil {
		return fmt.Errorf("table %q: %w", t.Title, err)
	}
	for _, r := range t.Rows {
		if err := out.Write(format(r, full)); err != nil {
			return fmt.Errorf("table %q: %w", t.Title, err)
		}
	}
	out.Flush()
	return out.Error()
}

// JSON writes an object with title, header, rows and notes.
func (t *Table) JSON(w io.Writer) error {
	if err := t.check(); err != nil {
		return err
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	return out.Encode(t)
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

// check refuses rows of the wrong length and cells that not every format can hold.
func (t *Table) check() error {
	for i, r := range t.Rows {
		if len(r) != len(t.Header) {
			return fmt.Errorf("table %q: row %d: got %d cells, want %d", t.Title, i, len(r), len(t.Header))
		}
		for j, c := range r {
			finite := true
			switch v := c.(type) {
			case string, bool, Figure, int, int64, uint64:
			case float64:
				finite = !math.IsNaN(v) && !math.IsInf(v, 0)
			case Number:
				finite = !math.IsNaN(v.Value) && !math.IsInf(v.Value, 0)
			default:
				return fmt.Errorf("table %q: row %d, column %s: got a %T, want string, bool, int, int64, uint64 or float64", t.Title, i, t.Header[j], c)
			}
			if !finite {
				return fmt.Errorf("table %q: row %d, column %s: got %v, want a finite number", t.Title, i, t.Header[j], c)
			}
		}
	}
	return nil
}

// format turns cells into text, that in column j by cell.
func format(cells []any, cell func(j int, c any) string) []string {
	out := make([]string, len(cells))
	for j, c := range cells {
		out[j] = cell(j, c)
	}
	return out
}

// full is a cell with all digits.
func full(_ int, c any) string {
	if n, ok := c.(Number); ok {
		c = n.Value
	}
	if x, ok := c.(float64); ok {
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return fmt.Sprint(c)
}

// digits is a cell to be read.
func digits(_ int, c any) string {
	if x, ok := c.(float64); ok {
		return Digits(x)
	}
	return fmt.Sprint(c)
}

// text is a cell in a column of this table.
func (t *Table) text(j int, c any) string {
	if x, ok := c.(float64); ok && t.Header[j] == "%" {
		c = Fixed(x, 1)
	} else if ok && strings.HasPrefix(t.Header[j], "% of") {
		c = Fixed(x, 2)
	}
	return digits(j, c)
}

// align puts columns that hold any number to the right.
func (t *Table) align() []tw.Align {
	out := make([]tw.Align, len(t.Header))
	for j := range out {
		out[j] = tw.AlignLeft
		for _, r := range t.Rows {
			switch r[j].(type) {
			case int, int64, uint64, float64, Number, Figure:
				out[j] = tw.AlignRight
			}
		}
	}
	return out
}
