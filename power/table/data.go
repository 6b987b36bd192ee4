package table

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// Key is a name as programs like it: lower case, with underscores; % is percent.
func Key(name string) string {
	words := strings.FieldsFunc(strings.ReplaceAll(strings.ToLower(name), "%", " percent "),
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "_")
}

// Columns are the names of the columns to programs. One that holds a Spread becomes two.
func (t *Table) Columns() []string {
	var out []string
	for j, h := range t.Header {
		name, key, ok := strings.Cut(h, "|")
		if !ok {
			key = Key(name)
		}
		if out = append(out, key); t.spread(j) {
			out = append(out, key+"_deviation")
		}
	}
	return out
}

// spread tells whether a column holds any Spread.
func (t *Table) spread(j int) bool {
	for _, r := range t.Rows {
		if j < len(r) {
			if _, ok := r[j].(Spread); ok {
				return true
			}
		}
	}
	return false
}

// data is a row as Columns want it: strings, bools and numbers in full, nil for nothing.
func (t *Table) data(r []any) []any {
	var out []any
	for j, c := range r {
		switch v := c.(type) {
		case Number:
			c = v.Value
		case Spread:
			out = append(out, v.Mean, v.Deviation)
			continue
		}
		if c == "" || c == "-" {
			c = nil
		}
		if out = append(out, c); t.spread(j) {
			out = append(out, nil)
		}
	}
	return out
}

// full is a cell with all digits.
func full(_ int, c any) string {
	switch v := c.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(c)
}

// CSV writes the header and the rows, without title and notes.
func (t *Table) CSV(w io.Writer) error {
	if err := t.check(); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	records := [][]string{t.Columns()}
	for _, r := range t.Rows {
		records = append(records, format(t.data(r), full))
	}
	for i, r := range records {
		if len(r) == 1 && r[0] == "" { // an empty line is no record to readers
			return fmt.Errorf("table %q: row %d: got nothing in the only column, want a value", t.Title, i-1)
		}
	}
	if err := out.WriteAll(records); err != nil {
		return fmt.Errorf("table %q: %w", t.Title, err)
	}
	return nil
}

// MarshalJSON writes an object with name, title, columns, rows and notes.
func (t *Table) MarshalJSON() ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	rows := make([][]any, len(t.Rows))
	for i, r := range t.Rows {
		rows[i] = t.data(r)
	}
	return json.Marshal(struct {
		Name    string   `json:"name"`
		Title   string   `json:"title"`
		Columns []string `json:"columns"`
		Rows    [][]any  `json:"rows"`
		Notes   []string `json:"notes,omitempty"`
	}{t.Name, t.Title, t.Columns(), rows, t.Notes})
}

// JSON writes a value, or a table as MarshalJSON has it, in lines for people.
func JSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	return out.Encode(v)
}
