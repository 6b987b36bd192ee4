package study

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bdfasim/power/table"
)

// Section is a table of the study under the name that the command line knows.
type Section struct {
	Name  string
	Table *table.Table
}

// sectionNames are the sections in the order of the report.
var sectionNames = []string{"nets", "d-core", "core", "d-chip", "energy", "split", "words", "accuracy", "tornado", "sparsity", "prices", "area", "published"}

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
	headline := st.headline(rows)
	makers := map[string]func() (*table.Table, error){
		"nets": func() (*table.Table, error) { return st.netTable(), nil },
		"d-core": func() (*table.Table, error) {
			return comparisonTable(rows, "D-core", "D-core: the error propagation core"), nil
		},
		"core": st.coreTable,
		"d-chip": func() (*table.Table, error) {
			return comparisonTable(rows, "D-chip", "D-chip: a training iteration of the whole chip"), nil
		},
		"energy": st.energyTable, "split": st.splitTable,
		"words":    func() (*table.Table, error) { return st.wordsTable(), nil },
		"accuracy": st.accuracyTable,
		"tornado": func() (t *table.Table, err error) {
			t, r.bars, err = st.tornadoTable(headline)
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
		r.Sections = append(r.Sections, Section{name, t})
	}
	r.Verdict = verdict(rows, headline)
	return r, nil
}

// verdict is the answer on the published saving: one sentence for the headline rows of both definitions, one for the rest.
func verdict(rows []*Comparison, h *Comparison) string {
	inside := func(v Interval) bool { return v.Low <= Published && Published <= v.High }
	say := func(r *Comparison) string {
		word := "not reproduced"
		if inside(r.Interval) {
			word = "reproduced"
		}
		return fmt.Sprintf("%s under %s (%s, %s traces, against %s, %s: %.1f %%, 95 %% interval %.1f to %.1f)", word, r.Definition, r.What, r.Trace, r.Baseline, r.Scope, r.Interval.Point, r.Interval.Low, r.Interval.High)
	}
	var core *Comparison
	with := map[string][]string{}
	for _, r := range rows {
		if r.Definition == "D-core" && r.Baseline == baselines[0] && r.Scope == "on-die" && strings.HasPrefix(r.What, "32 x 10 ") {
			core = r
		}
		if inside(r.Interval) {
			with[r.Definition] = append(with[r.Definition], fmt.Sprintf("%s, %s, %s, %s (%.1f %%, %.1f to %.1f)", r.What, r.Trace, r.Baseline, r.Scope, r.Interval.Point, r.Interval.Low, r.Interval.High))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The published 35.3 %% is %s, and %s.", say(core), say(h))
	for _, d := range []string{"D-core", "D-chip"} {
		if len(with[d]) == 0 {
			fmt.Fprintf(&b, " No row of %s has it in its interval.", d)
			continue
		}
		fmt.Fprintf(&b, " Rows of %s with it in their interval: %s.", d, strings.Join(with[d], "; "))
	}
	return b.String()
}

// Write writes REPORT.md, a CSV a table, results.json and the figures into a folder.
func (r *Results) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	figures, err := r.Study.figures(dir, r.Comparisons, r.bars)
	if err != nil {
		return err
	}
	var md bytes.Buffer
	fmt.Fprintf(&md, "# The power study\n\n%s\n\n", r.Verdict)
	fmt.Fprintf(&md, "Technology %s, %s cells, %.2f V, %.0f MHz; activity model: events (no operand toggles). Definitions were fixed before anything was measured: `go doc bdfasim/sim/study`.\n", r.Study.Tech.Name, r.Study.Tech.Cell, r.Study.Tech.Volt, r.Study.Tech.FreqMHz)
	fmt.Fprintf(&md, "Made by `make report`; every table alone by the command above it, which simulates it anew. Prices with sources: `bdfasim power prices`.\n")
	for _, f := range figures {
		fmt.Fprintf(&md, "\n![%s](%s)\n", f[1], f[0])
	}
	for _, s := range r.Sections {
		fmt.Fprintf(&md, "\n    bdfasim power study --table %s\n\n", s.Name)
		if err := s.Table.Markdown(&md, 2); err != nil {
			return err
		}
		var csv bytes.Buffer
		if err := s.Table.CSV(&csv); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, s.Name+".csv"), csv.Bytes(), 0o666); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "REPORT.md"), md.Bytes(), 0o666); err != nil {
		return err
	}
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "results.json"), append(data, '\n'), 0o666)
}
