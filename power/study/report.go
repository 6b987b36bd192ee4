package study

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"bdfasim/power/table"
)

// Results is a study with its tables.
type Results struct {
	Study  *Study
	Tables []*table.Table
}

//go:embed report.tmpl
var reportWords string

var reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"join": strings.Join, "published": func() string { return fmt.Sprintf("%.1f", Published) },
	"first": func(list string) string { one, _, _ := strings.Cut(list, " / "); return one },
}).Parse(reportWords))

// newTable returns the table of a section without rows, as report.tmpl has it.
func newTable(section string, data any) *table.Table {
	var b strings.Builder
	if err := reportTemplate.ExecuteTemplate(&b, section, data); err != nil {
		panic(err) // the template is part of the program
	}
	lines := slices.DeleteFunc(strings.Split(b.String(), "\n"),
		func(s string) bool { return s == "" })
	t := table.New(lines[0], strings.Split(lines[1], " | ")...)
	t.Notes = lines[2:]
	return t
}
