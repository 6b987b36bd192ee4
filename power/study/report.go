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
		"nets": func() (*table.Table, error) { return st.netTable(), nil },
		"d-core": func() (*table.Table, error) {
			t := comparisonTable(rows, "D-core", "D-core: the error propagation core", st.scope.samples)
			t.Note("native shapes: BP sums 512 terms where BDFA sums 10, so most of that saving is fewer operations")
			return t, nil
		},
		"core": st.coreTable, "width": st.widthTable,
		"d-chip": func() (*table.Table, error) {
			t := comparisonTable(rows, "D-chip", "D-chip: a training iteration of the whole chip", st.scope.samples)
			t.Note("plain SGD is derived: the bursts and buffer accesses of velocities are left out, lanes and cycles are as they were")
			t.Note("fused: both sides with updates inside the next forward pass, which takes the new weights from them: each weight is read once less an iteration. Both chips have the third accumulator bank that it needs")
			return t, nil
		},
		"energy": st.energyTable, "split": st.splitTable,
		"words":    func() (*table.Table, error) { return st.wordsTable(), nil },
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
		r.Sections = append(r.Sections, Section{name, t})
	}
	needed, err := st.needed(headline, r.bars)
	if err != nil {
		return nil, err
	}
	r.Verdict = verdict(rows) + needed
	return r, nil
}

// headRows are the rows that the first sentence is about: the headline baseline on-die, each product of the core and each
// network's iteration with equal traces.
func headRows(rows []*Comparison) (out []*Comparison) {
	for _, r := range rows {
		if r.Baseline == baselines[0] && r.Scope == "on-die" && (r.Trace == sameProduct || r.Trace == "equal") {
			out = append(out, r)
		}
	}
	return out
}

// verdict is the answer on the published saving: a sentence on the headline rows of both definitions, then what it means, then the rows
// that hold the figure, by definition.
func verdict(rows []*Comparison) string {
	var b strings.Builder
	core, chip := answer(rows, "D-core", "the error propagation core alone"), answer(rows, "D-chip", "a training iteration of the whole chip")
	fmt.Fprintf(&b, "Against the literal counterpart of the core (%s), on the die, the published saving of %.1f %% is %s; it is %s.", baselines[0], Published, core, chip)
	b.WriteString(" Reproduced means: inside the 95 % interval that the ranges of our constants leave; what the model leaves out is not in it.")
	b.WriteString(" A product 32 x F by F x 512 is a batch of 32, F errors above and 512 neurons: under BDFA F is the number of classes, under BP the width of the layer above.")
	if said := cheapest(rows); said != "" {
		fmt.Fprintf(&b, " Against the cheapest hardware for back-propagation of each row it saves: %s.", said)
	}
	if said := shorter(rows); said != "" {
		fmt.Fprintf(&b, " Where no error has to go to the input, as below frozen convolutions, the chip saves: %s.", said)
	}
	for _, d := range []string{"D-core", "D-chip"} {
		n := 0
		var with []string
		for _, r := range rows {
			if r.Definition != d {
				continue
			}
			n++
			if r.Interval.has(Published) {
				with = append(with, fmt.Sprintf("%s, %s, %s, %s (%s)", r.What, r.Trace, r.Baseline, r.Scope, r.Interval))
			}
		}
		fmt.Fprintf(&b, " Of all %d rows of %s, %d have it in their interval", n, d, len(with))
		if len(with) > 0 {
			fmt.Fprintf(&b, ": %s", strings.Join(with, "; "))
		}
		b.WriteString(".")
	}
	b.WriteString(" Among so many rows some hold any figure of this size, so a row by itself proves nothing.")
	return b.String()
}

func (v Interval) String() string {
	return fmt.Sprintf("%.1f %%, 95 %% interval %.1f to %.1f", v.Point, v.Low, v.High)
}

// answer says for which headline rows of a definition the saving is reproduced, and for which not.
func answer(rows []*Comparison, definition, subject string) string {
	var yes, no []string
	for _, r := range headRows(rows) {
		if r.Definition != definition {
			continue
		}
		said := fmt.Sprintf("%s (%s)", r.What, r.Interval)
		if r.Interval.has(Published) {
			yes = append(yes, said)
		} else {
			no = append(no, said)
		}
	}
	subject += " (" + definition + ")"
	switch {
	case len(yes)+len(no) == 0:
		return "not answered for " + subject
	case len(no) == 0:
		return fmt.Sprintf("reproduced by %s for %s", subject, list(yes))
	case len(yes) == 0 && len(no) == 1:
		return fmt.Sprintf("not reproduced by %s for %s", subject, no[0])
	case len(yes) == 0:
		return fmt.Sprintf("not reproduced by %s for any of %s", subject, list(no))
	}
	return fmt.Sprintf("reproduced by %s for %s, but not for %s", subject, list(yes), list(no))
}

// cheapest names, for each product and network on the die, the baseline that needs least, and the saving against it.
func cheapest(rows []*Comparison) string {
	var said []string
	for _, h := range headRows(rows) {
		best := h
		for _, r := range rows {
			if r.Definition == h.Definition && r.What == h.What && r.Trace == h.Trace && r.Scope == h.Scope && r.Interval.Point < best.Interval.Point {
				best = r
			}
		}
		said = append(said, fmt.Sprintf("%s, %s (%s)", h.What, best.Baseline, best.Interval))
	}
	return strings.Join(said, "; ")
}

// shorter names the savings of the chip, against the headline baseline on the die, when errors stop at the first hidden layer.
func shorter(rows []*Comparison) string {
	var said []string
	for _, r := range rows {
		if r.Trace == shortTrace && r.Baseline == baselines[0] && r.Scope == "on-die" {
			said = append(said, fmt.Sprintf("%s (%s)", r.What, r.Interval))
		}
	}
	return strings.Join(said, "; ")
}

// list is "a, b and c".
func list(s []string) string {
	if len(s) < 2 {
		return strings.Join(s, "")
	}
	return strings.Join(s[:len(s)-1], ", ") + " and " + s[len(s)-1]
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
	fmt.Fprintf(&md, "# The power study\n\n")
	for _, s := range strings.SplitAfter(r.Verdict, ". ") {
		fmt.Fprintf(&md, "%s\n\n", strings.TrimSpace(s))
	}
	fmt.Fprintf(&md, "Technology %s, %s cells, %.2f V, %.0f MHz, external memory %s; activity model: events (no operand toggles). Definitions were fixed before anything was measured: `go doc bdfasim/power/study`.\n", r.Study.Tech.Name, r.Study.Tech.Cell, r.Study.Tech.Volt, r.Study.Tech.FreqMHz, r.Study.Tech.DRAM)
	fmt.Fprintf(&md, "Made by `make report`; every table alone by the command above it, which simulates it anew (give it the same --tech, --volt, --dram and --nets). Prices with sources: `bdfasim power prices`.\n")
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
