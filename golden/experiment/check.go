package experiment

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"bdfasim/golden"
	"bdfasim/golden/data"
)

// problem is the first thing wrong with an experiment.
type problem struct {
	path path
	text string // got ..., want ...
}

func wrong(p path, format string, args ...any) *problem {
	return &problem{p, fmt.Sprintf(format, args...)}
}

// firstOf runs checks in order until one complains.
func firstOf(checks ...func() *problem) *problem {
	for _, c := range checks {
		if p := c(); p != nil {
			return p
		}
	}
	return nil
}

func (e *Experiment) setDefaults() {
	set := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	for i := range e.Data {
		set(&e.Data[i].Normalise, "pixel")
	}
	for i := range e.Rules {
		set(&e.Rules[i].Name, e.Rules[i].Rule)
		if len(e.Rules[i].Rates) == 0 {
			e.Rules[i].Rates = e.Rates
		}
		if e.Rules[i].Augment == nil {
			e.Rules[i].Augment = &e.Augment
		}
	}
	if len(e.Samples) == 0 {
		e.Samples = []Count{0}
	}
	if e.Metrics.Top == 0 {
		e.Metrics.Top = 5
	}
	if e.Metrics.Probe == 0 {
		e.Metrics.Probe = 100
	}
	set(&e.Metrics.Train, "running")
	set(&e.BestBy, "validation")
	set(&e.Report, "last")
}

// check finds what no run could make sense of. What a trainer thinks of a
// network with a rule is seen when Execute builds each of them once.
func (e *Experiment) check() *problem {
	return firstOf(e.checkLists, e.checkData, e.checkNetworks, e.checkRules, e.checkTraining, e.checkMetrics)
}

func (e *Experiment) checkLists() *problem {
	if slug(e.Name) == "" {
		return wrong(path{"name"}, "got %q, want a name with letters or digits", e.Name)
	}
	for _, l := range []struct {
		field string
		n     int
	}{{"data", len(e.Data)}, {"networks", len(e.Networks)}, {"rules", len(e.Rules)}, {"seeds", len(e.Seeds)}} {
		if l.n == 0 {
			return wrong(path{l.field}, "got none, want at least one")
		}
	}
	if i := repeated(e.Seeds); i >= 0 {
		return wrong(path{"seeds", i}, "got %d twice, want each seed once", e.Seeds[i])
	}
	if i := repeated(e.Samples); i >= 0 {
		return wrong(path{"samples", i}, "got %s twice, want each number once", e.Samples[i])
	}
	return nil
}

// String is what a file says: a number or all.
func (c Count) String() string {
	if c == 0 {
		return "all"
	}
	return strconv.Itoa(int(c))
}

// repeated returns the place of the first element that stood there before, or -1.
func repeated[T comparable](list []T) int {
	for i, v := range list {
		if slices.Contains(list[:i], v) {
			return i
		}
	}
	return -1
}

func (e *Experiment) checkData() *problem {
	var names []string
	for i, d := range e.Data {
		at := path{"data", i}
		if !slices.Contains(data.Names, d.Set) {
			return wrong(at.of("set"), "got %q, want one of %s", d.Set, strings.Join(data.Names, ", "))
		}
		if d.Validation < 0 {
			return wrong(at.of("validation"), "got %d, want 0 or more images", d.Validation)
		}
		if p := oneOf(at.of("normalise"), d.Normalise, "pixel", "channel"); p != nil {
			return p
		}
		names = append(names, d.Set)
	}
	if i := repeated(names); i >= 0 {
		return wrong(path{"data", i, "set"}, "got %q twice, want each set once", names[i])
	}
	return nil
}

func oneOf(at path, got string, want ...string) *problem {
	if slices.Contains(want, got) {
		return nil
	}
	return wrong(at, "got %q, want %s", got, strings.Join(want, " or "))
}

func (e *Experiment) checkNetworks() *problem {
	var names []string
	for i, n := range e.Networks {
		at := path{"networks", i}
		names = append(names, slug(n.Name))
		inline := n.Net != Inline{}
		switch {
		case names[i] == "":
			return wrong(at.of("name"), "got %q, want a name with letters or digits", n.Name)
		case inline == (n.Preset != ""):
			return wrong(at, "got preset %q and net %t, want one of the two", n.Preset, inline)
		case inline && (n.Hidden != nil || n.Activation != "" || n.Width != 0):
			return wrong(at, "got parameters of a preset beside net, want them inside it")
		case !inline && !slices.Contains(presets, n.Preset):
			return wrong(at.of("preset"), "got %q, want one of %s", n.Preset, strings.Join(presets, ", "))
		case n.Preset != "vgg16" && n.Width != 0:
			return wrong(at.of("width"), "got %g, want none but for preset vgg16", n.Width)
		case n.Preset != "mlp" && n.Activation != "":
			return wrong(at.of("activation"), "got %q, want none but for preset mlp", n.Activation)
		case n.Preset == "lenet" && n.Hidden != nil:
			return wrong(at.of("hidden"), "got %d sizes, want none for preset lenet", len(n.Hidden))
		case !(n.Width >= 0) || math.IsInf(n.Width, 0):
			return wrong(at.of("width"), "got %g, want a positive multiplier", n.Width)
		}
		for k, h := range n.Hidden {
			if h < 1 {
				return wrong(at.of("hidden", k), "got %d, want a positive number of neurons", h)
			}
		}
	}
	if i := repeated(names); i >= 0 {
		return wrong(path{"networks", i, "name"}, "got %q twice, want names that differ in letters or digits", e.Networks[i].Name)
	}
	return nil
}

func (e *Experiment) checkRules() *problem {
	var names []string
	for i, r := range e.Rules {
		at := path{"rules", i}
		names = append(names, slug(r.Name))
		if r.Rule == "" {
			return wrong(at.of("rule"), "got none, want the name of a learning rule")
		}
		for _, f := range []struct {
			name, value string
			want        []string
		}{
			{"rule", r.Rule, golden.Rules()},
			{"feedback", r.Feedback, []string{string(golden.Random), string(golden.Eq7), string(golden.Eq9), string(golden.LFSR)}},
			{"scale", r.Scale, []string{string(golden.One), string(golden.Pow2), string(golden.RMS)}},
			{"boundary", r.Boundary, []string{string(golden.Direct), string(golden.ViaW1)}},
			{"init", r.Init, []string{string(golden.He), string(golden.ConcordantInit)}},
		} {
			if f.value != "" && !slices.Contains(f.want, f.value) {
				return wrong(at.of(f.name), "got %q, want one of %s", f.value, strings.Join(f.want, ", "))
			}
		}
		if names[i] == "" {
			return wrong(at.of("name"), "got %q, want a name with letters or digits", r.Name)
		}
		if !(r.HiddenRate >= 0) || math.IsInf(r.HiddenRate, 0) {
			return wrong(at.of("hidden-rate"), "got %g, want a positive multiplier", r.HiddenRate)
		}
		if p := firstOf(
			func() *problem { return e.checkRates(r, at.of("rates")) },
			func() *problem { return checkAugment(at.of("augment"), *r.Augment) },
			func() *problem { return e.checkPaper(r, at.of("paper")) },
		); p != nil {
			return p
		}
	}
	if i := repeated(names); i >= 0 {
		return wrong(path{"rules", i, "name"}, "got %q twice, want names that differ in letters or digits", e.Rules[i].Name)
	}
	return nil
}

func (e *Experiment) checkRates(r Rule, at path) *problem {
	if len(r.Rates) == 0 {
		return wrong(at, "got none here and none for all rules, want at least one learning rate")
	}
	for k, v := range r.Rates {
		if !(v > 0) || math.IsInf(v, 0) {
			return wrong(at.of(k), "got %g, want a positive learning rate", v)
		}
	}
	if k := repeated(r.Rates); k >= 0 {
		return wrong(at.of(k), "got %g twice, want each rate once", r.Rates[k])
	}
	for i, d := range e.Data {
		if d.Validation == 0 && (len(r.Rates) > 1 || e.Report == "best") {
			return wrong(path{"data", i, "validation"}, "got 0, want images that choose among learning rates or epochs (rule %s); the test set never does", r.Name)
		}
	}
	return nil
}

func checkAugment(at path, a Augment) *problem {
	const most = 64 // more padding than any image here has pixels
	if a.Crop < 0 || a.Crop > most {
		return wrong(at.of("crop"), "got %d, want 0..%d pixels of padding", a.Crop, most)
	}
	return nil
}

func (e *Experiment) checkPaper(r Rule, at path) *problem {
	for _, set := range sortedKeys(r.Paper) {
		if !slices.ContainsFunc(e.Data, func(d Data) bool { return d.Set == set }) {
			return wrong(at.of(set), "got values for a set that is not among the data, want one that is")
		}
		if p := r.Paper[set]; !(p.Top1 >= 0 && p.Top1 <= 100 && p.Top5 >= 0 && p.Top5 <= 100) {
			return wrong(at.of(set), "got %g and %g, want accuracies of 0 to 100 %%", p.Top1, p.Top5)
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (e *Experiment) checkTraining() *problem {
	switch s := e.Schedule; {
	case e.Epochs < 1:
		return wrong(path{"epochs"}, "got %d, want 1 or more", e.Epochs)
	case e.Batch < 1:
		return wrong(path{"batch"}, "got %d, want 1 or more", e.Batch)
	case !(e.Momentum >= 0 && e.Momentum < 1):
		return wrong(path{"momentum"}, "got %g, want 0 <= momentum < 1", e.Momentum)
	case !(e.Decay >= 0) || math.IsInf(e.Decay, 0):
		return wrong(path{"weight-decay"}, "got %g, want 0 or more", e.Decay)
	case len(s.At) > 0 && !(s.By > 0 && s.By <= 1):
		return wrong(path{"schedule", "by"}, "got %g, want 0 < by <= 1", s.By)
	case len(s.At) == 0 && s.By != 0:
		return wrong(path{"schedule", "at"}, "got none, want the numbers of epochs after which the rate falls")
	}
	for i, at := range e.Schedule.At {
		if at < 1 || i > 0 && at <= e.Schedule.At[i-1] {
			return wrong(path{"schedule", "at", i}, "got %d, want rising numbers of epochs from 1", at)
		}
	}
	return checkAugment(path{"augment"}, e.Augment)
}

func (e *Experiment) checkMetrics() *problem {
	if e.Metrics.Top < 1 {
		return wrong(path{"metrics", "top"}, "got %d, want 1 or more", e.Metrics.Top)
	}
	if e.Metrics.Probe < 1 {
		return wrong(path{"metrics", "probe"}, "got %d, want 1 or more images", e.Metrics.Probe)
	}
	return firstOf(
		func() *problem { return oneOf(path{"metrics", "train"}, e.Metrics.Train, "running", "full") },
		func() *problem { return oneOf(path{"best-by"}, e.BestBy, "validation") },
		func() *problem { return oneOf(path{"report"}, e.Report, "last", "best") },
	)
}

// slug turns a name into lower-case letters, digits and single hyphens.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words, "-")
}
