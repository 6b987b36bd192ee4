package study

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"bdfasim/firmware/yamlfile"
	"bdfasim/power"
	"bdfasim/power/table"
)

//go:embed claims.yaml
var claimsYAML []byte

// claim is a published figure, as claims.yaml explains.
type claim struct {
	Figure    string  `yaml:"figure"`
	Published string  `yaml:"published"`
	Low       float64 `yaml:"low"`
	High      float64 `yaml:"high"`
	Of        string  `yaml:"of"`
	Quote     string  `yaml:"quote"`
	Subject   string  `yaml:"subject"`
	Boundary  string  `yaml:"boundary"`
	Against   string  `yaml:"against"`
	All       bool    `yaml:"all,omitempty"`
	Core      bool    `yaml:"core,omitempty"`
	Counted   bool    `yaml:"counted,omitempty"`
	Ours      string  `yaml:"ours"`
}

// claimNames are in the order of the report.
var claimNames = []string{"core-power", "chip-power", "words", "generator", "adders", "area",
	"memory", "efficiency", "power", "frames",
	"faster", "faster-range"}

var published = sync.OnceValue(func() map[string]claim {
	var f struct {
		Sources map[string]string `yaml:"sources"`
		Claims  map[string]claim  `yaml:"claims"`
	}
	if _, err := yamlfile.Parse(claimsYAML, "claims.yaml", &f); err != nil {
		panic(err) // the file is part of the program
	}
	return f.Claims
})

// meets tells whether a value stands for a published one; v is the interval of ours as the study
// has it, and widths scale.
func (c *claim) meets(x float64, v Interval) bool {
	low, high := 0.95*x, x/0.95
	if !c.Counted && v.Point != 0 {
		low, high = x*v.Low/v.Point, x*v.High/v.Point
	}
	if low > high {
		low, high = high, low
	}
	return low <= c.High && c.Low <= high
}

// off is by how much a value misses a published one, as a factor's logarithm.
func (c *claim) off(x float64) float64 {
	near := min(max(x, c.Low), c.High)
	if x <= 0 {
		return math.Inf(1)
	}
	return math.Abs(math.Log(x / near))
}

// explain finds the fewest changes under which a claim is met, and ours then; where there are none,
// the changes that come nearest.
func (f *family) explain(name string, v Interval) (by string, ours float64, ok bool) {
	c := published()[name]
	fewest, least := math.MaxInt, math.Inf(1)
	for _, a := range f.tried(&c) {
		x := f.value(name, a)
		met, words, off := c.meets(x, v), a.changes(c.own(), f.sets), c.off(x)
		if ok && !met {
			continue
		}
		better := met && !ok || off < least
		if met && ok {
			better = len(words) < fewest || len(words) == fewest && off < least
		}
		if better {
			ok, fewest, least, by, ours = met, len(words), off, strings.Join(words, ", "), x
		}
	}
	return by, ours, ok
}

// claimIntervals are ours as the study has them.
func (st *Study) claimIntervals(f *family) ([]Interval, error) {
	return drawn(st.Tech, min(st.o.samples, 200), func(t *power.Tech) (out []float64, err error) {
		g := *f
		g.sets, g.cost = []*power.Tech{t}, map[priced]Cost{}
		g.lists = []*lists{{t, map[string]*power.PriceList{}}}
		for _, name := range claimNames {
			c := published()[name]
			out = append(out, g.value(name, c.own()))
		}
		return out, nil
	})
}

// Claim is a published figure with ours.
type Claim struct {
	Name, Figure, Published, Ours, Of, Verdict string
	Interval                                   Interval
	Ratio                                      float64
}

// Claims are all of them.
func (st *Study) Claims() (out []Claim, err error) {
	f, err := st.family()
	if err != nil {
		return nil, err
	}
	at, err := st.claimIntervals(f)
	if err != nil {
		return nil, err
	}
	for i, name := range claimNames {
		c, v := published()[name], at[i]
		near := min(max(v.Point, c.Low), c.High)
		r := Claim{name, c.Figure, c.Published, c.Ours, c.Of, "holds", v, v.Point / near}
		if !c.meets(v.Point, v) {
			by, ours, ok := f.explain(name, v)
			r.Verdict = fmt.Sprintf("missed by %.3g: ", math.Abs(v.Point-near))
			if !ok {
				r.Verdict += "unexplained; nearest: "
			}
			r.Verdict += fmt.Sprintf("%s (%.3g)", cmp.Or(by, "as it is"), ours)
		}
		out = append(out, r)
	}
	return out, nil
}

// claimTable is the family's table.
func (st *Study) claimTable() (*table.Table, error) {
	t := newTable("claims", nil)
	claims, err := st.Claims()
	for _, c := range claims {
		p := published()[c.Name]
		var from, to any = sig(c.Interval.Low), sig(c.Interval.High)
		if p.Counted {
			from, to = "-", "-"
		}
		t.Row(c.Figure, c.Of, c.Published, sig(c.Interval.Point), from, to, sig(c.Ratio),
			c.Verdict, p.Subject, p.Boundary, c.Ours, p.Quote)
	}
	return t, err
}

// sig keeps three decimals.
func sig(x float64) float64 { return math.Round(1000*x)/1000 + 0 }

// match is how many claims one set of assumptions meets, each against its own machine within its
// own boundary.
type match struct {
	words  string
	n      int // changes
	misses []string
}

// matches tries all sets on all claims, and names the claims that no set meets.
func (st *Study) matches() (out []match, never []string, err error) {
	f, err := st.family()
	if err != nil {
		return nil, nil, err
	}
	at, err := st.claimIntervals(f)
	if err != nil {
		return nil, nil, err
	}
	met := map[string]bool{}
	own := (&claim{}).own()
	for _, set := range (&claim{}).all(len(f.sets)) {
		words := set.changes(own, f.sets)
		m := match{words: orDash(strings.Join(words, ", ")), n: len(words)}
		for i, name := range claimNames {
			c := published()[name]
			a := set
			a.against, a.all, a.core = c.Against, c.All, c.Core
			if c.meets(f.value(name, a), at[i]) {
				met[name] = true
			} else {
				m.misses = append(m.misses, name)
			}
		}
		out = append(out, m)
	}
	for _, name := range claimNames {
		if !met[name] {
			never = append(never, name)
		}
	}
	return out, never, nil
}

// matchingTable has the study's own set, and those that meet most.
func (st *Study) matchingTable() (*table.Table, error) {
	sets, never, err := st.matches()
	if err != nil {
		return nil, err
	}
	t := newTable("matching", map[string]any{"Never": never, "Sets": len(sets)})
	row := func(m match) {
		t.Row(m.words, len(claimNames)-len(m.misses), len(claimNames), strings.Join(m.misses, ", "))
	}
	row(sets[0])
	for _, m := range mostMet(sets)[:5] {
		row(m)
	}
	return t, nil
}

// mostMet sorts sets by how many claims they meet, those with fewer changes first.
func mostMet(sets []match) []match {
	out := slices.Clone(sets)
	slices.SortStableFunc(out, func(a, b match) int {
		if d := len(a.misses) - len(b.misses); d != 0 {
			return d
		}
		return a.n - b.n
	})
	return out
}
