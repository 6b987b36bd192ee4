package table

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwarp"
	"github.com/olekukonko/tablewriter/tw"
)

// Sizes of columns in characters.
const (
	widest  = 72 // of a cell; more is wrapped between words
	long    = 24 // a text from which on its column may be wrapped or left out
	legible = 16 // the least that a column of texts is wrapped to
)

// Text writes title, aligned columns (numbers to the right) and notes. Columns of shares have fixed
// digits: one under "%", two under "% of" something. In a table of more than so many characters
// (0: any) long texts take several lines or are left out, as a note says, and what is still too
// wide goes on in further blocks, which begin with the columns that tell rows apart. Of a table of
// Records each row is a block of lines then.
func (t *Table) Text(w io.Writer, width int) error {
	if err := t.check(); err != nil {
		return err
	}
	l := t.layout(width)
	var left []string
	if t.Records && len(t.Rows) > 0 && width > 0 && l.total(l.columns) > width {
		l = t.records(width)
	} else {
		left = l.shrink(width)
	}
	out := &strings.Builder{}
	if t.Title != "" {
		fmt.Fprintln(out, wrap(t.Title, width, "  "))
	}
	for i, columns := range l.blocks(width) {
		if i > 0 {
			fmt.Fprintln(out)
		}
		if err := l.render(out, columns); err != nil {
			return fmt.Errorf("table %q: %w", t.Title, err)
		}
	}
	notes := t.Notes
	if len(left) > 0 {
		notes = append(slices.Clip(notes), "left out, --wide shows: "+strings.Join(left, ", "))
	}
	for _, n := range notes {
		fmt.Fprintln(out, wrap(n, width, "  "))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// wrap breaks a text between words; further lines begin with an indent.
func wrap(text string, width int, indent string) string {
	if width == 0 || utf8.RuneCountInString(text) <= width {
		return text
	}
	lines, _ := twwarp.WrapString(text, width-len(indent))
	return strings.Join(lines, "\n"+indent)
}

// layout is a table on its way to text.
type layout struct {
	rows    [][]string // with the header
	align   []tw.Align
	width   []int // of the columns
	columns []int // that are shown
}

func (t *Table) layout(width int) *layout {
	l := &layout{align: t.align(), width: make([]int, len(t.Header))}
	header := make([]string, len(t.Header))
	for j := range header {
		header[j] = t.display(j)
		l.columns = append(l.columns, j)
	}
	l.rows = [][]string{header}
	for _, r := range t.Rows {
		l.rows = append(l.rows, format(r, t.text))
	}
	for j := range header {
		limit := widest
		switch {
		case width > 0 && j == 0 && len(header) > 1:
			limit = max(legible, width/2)
		case width > 0:
			limit = min(widest, width-2)
		}
		l.wrap(j, limit)
	}
	return l
}

// records is a layout of a line for each cell; the first is the head.
func (t *Table) records(width int) *layout {
	across := New(t.Title, t.display(0), t.text(0, t.Rows[0][0]))
	for i, r := range t.Rows {
		if i > 0 {
			across.Row("", "")
		}
		for j, c := range r {
			if i > 0 || j > 0 {
				across.Row(t.display(j), t.text(j, c))
			}
		}
	}
	return across.layout(width)
}

// text is a cell in a column of this table.
func (t *Table) text(j int, c any) string {
	if x, ok := c.(float64); ok && t.display(j) == "%" {
		c = Fixed(x, 1)
	} else if ok && strings.HasPrefix(t.display(j), "% of") {
		c = Fixed(x, 2)
	}
	return digits(j, c)
}

// wrap wraps the cells of a column and measures it.
func (l *layout) wrap(j, width int) {
	l.width[j] = 0
	for _, r := range l.rows {
		r[j] = wrap(r[j], width, "")
		for line := range strings.SplitSeq(r[j], "\n") {
			l.width[j] = max(l.width[j], utf8.RuneCountInString(line))
		}
	}
}

// total is the width of a block of columns: a blank on both sides of each, and a bar between.
func (l *layout) total(columns []int) int {
	sum := 3*len(columns) - 1
	for _, j := range columns {
		sum += l.width[j]
	}
	return sum
}

// shrink makes long texts of a table that is too wide narrower, or leaves them out, the last first,
// and returns the names of those. What tells rows apart stays.
func (l *layout) shrink(width int) (left []string) {
	keys := l.keys(width)
	for width > 0 && l.total(l.columns) > width {
		var texts []int
		room := width - l.total(l.columns)
		for _, j := range l.columns[keys:] {
			if l.width[j] > long {
				texts = append(texts, j)
				room += l.width[j]
			}
		}
		if len(texts) == 0 {
			return left
		}
		if room >= legible*len(texts) {
			for i, j := range texts { // what one does not need, the next may have
				l.wrap(j, room/(len(texts)-i))
				room -= l.width[j]
			}
			return left
		}
		drop := texts[len(texts)-1]
		left = append([]string{l.rows[0][drop]}, left...)
		l.columns = slices.DeleteFunc(l.columns, func(j int) bool { return j == drop })
	}
	return left
}

// blocks divides the columns into parts that fit.
func (l *layout) blocks(width int) [][]int {
	if width == 0 || l.total(l.columns) <= width {
		return [][]int{l.columns}
	}
	keys := l.columns[:l.keys(width)]
	var out [][]int
	block := slices.Clone(keys)
	for _, j := range l.columns[len(keys):] {
		if len(block) > len(keys) && l.total(append(slices.Clip(block), j)) > width {
			out, block = append(out, block), slices.Clone(keys)
		}
		block = append(block, j)
	}
	return append(out, block)
}

// keys is how many columns tell the rows apart, if there is room for more beside them.
func (l *layout) keys(width int) int {
	for n := 1; n < len(l.columns) && l.total(l.columns[:n])+10 < width; n++ {
		seen := map[string]bool{}
		for _, r := range l.rows {
			seen[fmt.Sprintf("%q", r[:n])] = true
		}
		if len(seen) == len(l.rows) {
			return n
		}
	}
	return 1
}

// render writes some columns.
func (l *layout) render(w io.Writer, columns []int) error {
	pick := func(r []string) (out []string) {
		for _, j := range columns {
			out = append(out, r[j])
		}
		return out
	}
	var align []tw.Align
	for _, j := range columns {
		align = append(align, l.align[j])
	}
	out := tablewriter.NewTable(w,
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRendition(tw.Rendition{
			Borders: tw.Border{Left: tw.Off, Right: tw.Off, Top: tw.Off, Bottom: tw.Off},
			Symbols: tw.NewSymbols(tw.StyleASCII),
		}),
	)
	out.Header(pick(l.rows[0]))
	for _, r := range l.rows[1:] {
		if err := out.Append(pick(r)); err != nil {
			return err
		}
	}
	return out.Render()
}

// Markdown writes title (as a heading of the given level), table and notes; numbers as Text has
// them.
func (t *Table) Markdown(w io.Writer, level int) error {
	if err := t.check(); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n\n", strings.Repeat("#", level), t.Title)
	line := func(cells []string) {
		for j, c := range cells {
			cells[j] = strings.ReplaceAll(strings.ReplaceAll(c, "|", `\|`), "\n", " ")
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	header, rule := make([]string, len(t.Header)), make([]string, len(t.Header))
	for j, a := range t.align() {
		header[j], rule[j] = t.display(j), "---"
		if a == tw.AlignRight {
			rule[j] = "---:"
		}
	}
	line(header)
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
