package study

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"bdfasim/power/table"
	"bdfasim/sim/output"
)

// Section is a table of the study under the name that the command line knows.
type Section struct {
	Name  string
	Table *table.Table
}

// Markdown is the table below a heading of level 2.
func (s Section) Markdown() (string, error) {
	var b strings.Builder
	err := s.Table.Markdown(&b, 2)
	return b.String(), err
}

// sectionNames are the sections in the order of the report.
var sectionNames = []string{"nets", "d-core", "core", "width", "d-chip", "energy", "split", "words", "accuracy", "tornado", "sparsity", "prices", "area", "published"}

// SectionNames lists the sections.
func SectionNames() []string { return sectionNames }

// Results is a study with its comparisons and tables.
type Results struct {
	Study       *Study        `json:"-"`
	Comparisons []*Comparison `json:"comparisons"`
	Sections    []Section     `json:"sections"`
	Verdict     string        `json:"verdict"`
	bars        []Bar
}

// Results makes all tables.
func (st *Study) Results() (*Results, error) {
	rows, err := st.Comparisons()
	if err != nil {
		return nil, err
	}
	r := &Results{Study: st, Comparisons: rows}
	headline := headline(rows)
	makers := map[string]func() (*table.Table, error){
		"nets":   st.netTable,
		"d-core": func() (*table.Table, error) { return st.comparisonTable(rows, "D-core") },
		"core":   st.coreTable, "width": st.widthTable,
		"d-chip": func() (*table.Table, error) { return st.comparisonTable(rows, "D-chip") },
		"energy": st.energyTable, "split": st.splitTable,
		"words":    st.wordsTable,
		"accuracy": st.accuracyTable,
		"tornado": func() (t *table.Table, err error) {
			t, r.bars, err = st.tornadoTable(rows, headline)
			return t, err
		},
		"sparsity": st.sweepTable, "prices": st.priceTable, "area": st.areaTable,
		"published": func() (*table.Table, error) { return st.publishedTable(rows) },
	}
	for _, name := range sectionNames {
		t, err := makers[name]()
		if err != nil {
			return nil, fmt.Errorf("study: table %s: %w", name, err)
		}
		t.Name = name
		r.Sections = append(r.Sections, Section{name, t})
	}
	needed, err := st.needed(headline, r.bars)
	if err != nil {
		return nil, err
	}
	r.Verdict = verdict(rows) + " " + needed
	return r, nil
}

//go:embed report.tmpl
var reportWords string

var reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"headline":  func() string { return Headline },
	"baseline":  func() string { return baselines[0] },
	"published": func() string { return fmt.Sprintf("%.1f", Published) },
	"list":      list, "join": strings.Join,
}).Parse(reportWords))

// words is a part of report.tmpl.
func words(part string, data any) string {
	var b strings.Builder
	if err := reportTemplate.ExecuteTemplate(&b, part, data); err != nil {
		panic(err) // the template is part of the program
	}
	return b.String()
}

// prose is a part of report.tmpl in one line.
func prose(part string, data any) string {
	return strings.Join(strings.Fields(words(part, data)), " ")
}

// newTable returns the table of a section without rows, as report.tmpl has it.
func newTable(section string, data any) *table.Table {
	lines := strings.Split(words(section, data), "\n")
	lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })
	t := table.New(lines[0], strings.Split(lines[1], " | ")...)
	t.Notes = lines[2:]
	return t
}

// list is "a, b and c".
func list(s []string) string {
	if len(s) < 2 {
		return strings.Join(s, "")
	}
	return strings.Join(s[:len(s)-1], ", ") + " and " + s[len(s)-1]
}

// Sentences are those of the verdict.
func (r *Results) Sentences() (out []string) {
	for s := range strings.SplitAfterSeq(r.Verdict, ". ") {
		out = append(out, strings.TrimSpace(s))
	}
	return out
}

// Write writes REPORT.md, a CSV a table, results.json and the figures into a folder.
func (r *Results) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := r.Study.figures(dir, r.Comparisons, r.bars); err != nil {
		return err
	}
	for _, s := range r.Sections {
		var csv bytes.Buffer
		if err := s.Table.CSV(&csv); err != nil {
			return err
		}
		if err := output.Bytes(filepath.Join(dir, s.Name+".csv"), csv.Bytes()); err != nil {
			return err
		}
	}
	var md bytes.Buffer
	if err := reportTemplate.ExecuteTemplate(&md, "REPORT.md", r); err != nil {
		return err
	}
	if err := output.Bytes(filepath.Join(dir, "REPORT.md"), md.Bytes()); err != nil {
		return err
	}
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return output.Bytes(filepath.Join(dir, "results.json"), append(data, '\n'))
}
