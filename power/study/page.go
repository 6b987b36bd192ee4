package study

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/sim/output"
)

// page is what REPORT.md says, besides its words.
type page struct {
	Study  *Study
	Rows   []*Row
	Claims []Claim
	Near   []near
	Sets   []match // the study's own, then those that meet most
	Never  []string
	Stored string // hash
}

// near is an error phase whose share is near the published saving.
type near struct {
	Where   string
	Share   float64
	Command string
}

// Points are the savings of rows of a definition, in their order, as "26 / 51 / 71".
func (p *page) Points(definition, model string) string {
	var out []string
	for _, r := range p.Rows {
		if r.Definition == definition {
			m := map[string]power.Activity{"events": power.ByEvents,
				"toggles": power.ByToggles}[model]
			out = append(out, rounded(r.Saving[m].Point))
		}
	}
	return strings.Join(out, " / ")
}

// Cheapest is the frozen machine for BP.
func (p *page) Cheapest() string { return given().Cheapest }

// Tables are the names of all tables.
func (p *page) Tables() []string { return SectionNames() }

// Inside are the rows in whose interval the published saving lies, by events or by toggles.
func (p *page) Inside() (out []string) {
	for _, r := range p.Rows {
		var by []string
		for m := range power.NumActivities {
			if v := r.Saving[m]; v.Percentile >= 2.5 && v.Percentile <= 97.5 {
				by = append(by, map[power.Activity]string{power.ByEvents: "events",
					power.ByToggles: "toggles"}[m])
			}
		}
		if len(by) > 0 {
			out = append(out, fmt.Sprintf("%s, %s (by %s)", r.Definition, r.Subject,
				strings.Join(by, " and ")))
		}
	}
	return out
}

// Point and Range are ours.
func (c Claim) Point() string { return short(c.Interval.Point) }
func (c Claim) Range() string {
	if published()[c.Name].Counted {
		return "counted"
	}
	return short(c.Interval.Low) + " to " + short(c.Interval.High)
}

// Tracking is the network of the paper's figure.
func (p *page) Tracking() string { return p.Study.tracking().Title }

// Batch says with which batch that network was simulated.
func (p *page) Batch() *Net { return p.Study.tracking() }

// short is a number with three digits, or with those before the point.
func short(x float64) string {
	if math.Abs(x) >= 1000 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}

// Cells are a row as the page has it.
func (r *Row) Cells() (out []string) {
	out = []string{r.Definition, r.Subject, short(r.BP[0]) + " " + r.Unit, short(r.BDFA[0])}
	for m := range power.NumActivities {
		v := r.Saving[m]
		out = append(out, fmt.Sprintf("**%s** (%s)", rounded(v.Point), v), v.falls())
	}
	leaves := r.Leaves
	if r.Note != "" {
		leaves += "; " + r.Note
	}
	return append(out, fmt.Sprintf("%.0f, %+.0f", r.Share[0], r.Share[0]-r.Saving[0].Point), leaves)
}

// Worst is the row of a chip in which the conjecture is off most, by events.
func (p *page) Worst() (worst *Row) {
	for _, r := range p.Rows {
		if !r.isCore && (worst == nil || math.Abs(r.Missed()) > math.Abs(worst.Missed())) {
			worst = r
		}
	}
	return worst
}

// WorstHead is by how much the conjecture is off at most in a network without convolutions.
func (p *page) WorstHead() (most float64) {
	for _, r := range p.Rows {
		if !r.isCore && !p.Study.net(r.net).Stored {
			most = max(most, math.Abs(r.Missed()))
		}
	}
	return most
}

// Missed is by how much the conjecture is off in a row, by events.
func (r *Row) Missed() float64 { return r.Share[0] - r.Saving[0].Point }

// closest are the error phases whose share is nearest to the published saving, over networks,
// reaches, machines for BP, scopes and models.
func (st *Study) closest(most int) (out []near, err error) {
	for _, n := range st.Nets {
		if n.Stored {
			continue // its convolutions' errors are there on both sides
		}
		for _, reach := range n.reaches() {
			for _, v := range baselines {
				c, missing := st.get(n.key(v, reach))
				if missing != nil {
					continue // a machine that no table has for this reach
				}
				if err := st.shares(&out, &n, reach, c[0]); err != nil {
					return nil, err
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b near) int {
		return cmp.Compare(math.Abs(a.Share-Published), math.Abs(b.Share-Published))
	})
	return out[:min(most, len(out))], nil
}

// shares adds those of a machine.
func (st *Study) shares(out *[]near, n *Net, reach string, c *Case) error {
	for m := range power.NumActivities {
		for _, scope := range scopes {
			r := &Row{keys: [2]Key{c.Key, c.Key}, of: scope.of, per: 1, work: func(c *Case,
				p uint64) *Work {
				return c.work(p)
			}}
			if err := errors.Join(st.prepare(r), st.price(r)); err != nil {
				return err
			}
			*out = append(*out, near{fmt.Sprintf("%s, errors to %s, %s, %s, %s", n.Title,
				map[string]string{"need": "where needed", "input": "the input"}[reach],
				c.Variant, map[string]string{"die": "on the die",
					"all": "with external memory"}[scope.name], m), r.Share[m],
				"bdfasim power study --table units,machines --nets " + n.Name})
		}
	}
	return nil
}

// page collects it.
func (r *Results) page() (p *page, err error) {
	st := r.Study
	p = &page{Study: st, Stored: fmt.Sprintf("%x", sha256.Sum256(storedJSON))[:16]}
	if p.Rows, err = st.Rows(); err != nil {
		return nil, err
	}
	if p.Claims, err = st.Claims(); err != nil {
		return nil, err
	}
	if p.Near, err = st.closest(5); err != nil {
		return nil, err
	}
	sets, never, err := st.matches()
	if err == nil {
		p.Sets, p.Never = append([]match{sets[0]}, mostMet(sets)[0]), never
	}
	return p, err
}

// Words are the assumptions of a set, Met how many claims they meet, Misses the others.
func (m match) Words() string  { return m.words }
func (m match) Met() int       { return len(claimNames) - len(m.misses) }
func (m match) Misses() string { return strings.Join(m.misses, ", ") }

// Write writes REPORT.md, figures, results.json (about, as the command has it) and tables, each as
// CSV and Markdown, into a folder; where not all tables were asked for, the tables alone.
// counts.json has all runs.
func (r *Results) Write(dir string, about []byte) error {
	tables := filepath.Join(dir, "tables")
	if err := os.MkdirAll(tables, 0o777); err != nil {
		return err
	}
	for _, t := range r.Tables {
		if err := writeTable(tables, t); err != nil {
			return err
		}
	}
	var cases []*Case
	for _, c := range r.Study.Cases {
		cases = append(cases, c)
	}
	slices.SortFunc(cases, func(a, b *Case) int {
		return cmp.Compare(fmt.Sprintf("%#v", a.Key),
			fmt.Sprintf("%#v", b.Key))
	})
	var lines [][]byte
	for _, c := range cases {
		line, err := json.Marshal(c)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	counts := slices.Concat([]byte("[\n"), bytes.Join(lines, []byte(",\n")), []byte("\n]\n"))
	err := errors.Join(output.Bytes(filepath.Join(tables, "counts.json"), counts),
		output.Bytes(filepath.Join(dir, "results.json"), about))
	if err != nil || len(r.Tables) < len(sections) {
		return err
	}
	p, err := r.page()
	if err != nil {
		return err
	}
	var md bytes.Buffer
	if err := reportTemplate.ExecuteTemplate(&md, "REPORT.md", p); err != nil {
		return err
	}
	return errors.Join(r.Study.figures(dir, p.Rows), output.Bytes(filepath.Join(dir, "REPORT.md"),
		md.Bytes()))
}

// writeTable writes a table for programs and for people.
func writeTable(dir string, t *table.Table) error {
	var csv, md bytes.Buffer
	fmt.Fprintf(&md, "    bdfasim power study --table %s\n\n", t.Name)
	return errors.Join(t.CSV(&csv), t.Markdown(&md, 1),
		output.Bytes(filepath.Join(dir, t.Name+".csv"),
			csv.Bytes()), output.Bytes(filepath.Join(dir, t.Name+".md"), md.Bytes()))
}
