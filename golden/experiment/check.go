package experiment

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"bdfasim/firmware/yamlfile"
	"bdfasim/golden"
	"bdfasim/golden/data"
)

// check finds what no run could make sense of, besides what the tags of the
// fields say. What a trainer thinks of a network with a rule is seen when
// Execute builds each of them once.
func (e *Experiment) check(file *yamlfile.Node) error {
	for _, check := range []func(*yamlfile.Node) error{
		e.checkLists, e.checkData, e.checkNetworks, e.checkRules, e.checkSchedule,
	} {
		if err := check(file); err != nil {
			return err
		}
	}
	return nil
}

func (e *Experiment) checkLists(file *yamlfile.Node) error {
	if !named(e.Name) {
		return file.Errorf("name", "got %q, want %s", e.Name, wantName)
	}
	for _, list := range []struct {
		field string
		size  int
	}{{"data", len(e.Data)}, {"networks", len(e.Networks)}, {"rules", len(e.Rules)}, {"seeds", len(e.Seeds)}} {
		if list.size == 0 {
			return file.Errorf(list.field, "got none, want at least one")
		}
	}
	if runs := e.runs(); runs > maxRuns {
		return file.Errorf("", "got %d runs (data x networks x samples x rates of all rules x seeds), "+
			"want at most %d", runs, maxRuns)
	}
	if err := once(file, "seeds[%d]", e.Seeds, "each seed once"); err != nil {
		return err
	}
	if e.Search != nil {
		if len(e.Search.Seeds) == 0 {
			return file.Errorf("search.seeds", "got none, want at least one")
		}
		if err := once(file, "search.seeds[%d]", e.Search.Seeds, "each seed once"); err != nil {
			return err
		}
	}
	return once(file, "samples[%d]", e.Samples, "each number once")
}

const differ = "names that differ in letters or digits"

// once refuses a value that stands twice in a list; field says where its
// elements are.
func once[T comparable](file *yamlfile.Node, field string, list []T, want string) error {
	for i, v := range list {
		if slices.Contains(list[:i], v) {
			return file.Errorf(fmt.Sprintf(field, i), "got %v twice, want %s", v, want)
		}
	}
	return nil
}

func (e *Experiment) checkData(file *yamlfile.Node) error {
	var names []string
	for i, d := range e.Data {
		if !slices.Contains(data.Names, d.Set) && (d.Set == "" || d.Set != slug(d.Set)) {
			return file.Errorf(fmt.Sprintf("data[%d].set", i), "got %q, want one of %s, or for other images "+
				"a name of lower-case letters, digits and single hyphens", d.Set, strings.Join(data.Names, ", "))
		}
		names = append(names, d.Set)
	}
	return once(file, "data[%d].set", names, "each set once")
}

func (e *Experiment) checkNetworks(file *yamlfile.Node) error {
	var names []string
	for i, n := range e.Networks {
		names = append(names, slug(n.Name))
		wrong := func(field, format string, args ...any) error {
			return file.Errorf(fmt.Sprintf("networks[%d]%s", i, field), format, args...)
		}
		inline := n.Net != nil
		switch {
		case !named(n.Name):
			return wrong(".name", "got %q, want %s", n.Name, wantName)
		case inline == (n.Preset != ""):
			return wrong("", "got preset %q and net %t, want one of the two", n.Preset, inline)
		case inline && (n.Hidden != nil || n.Activation != "" || n.Width != 0):
			return wrong("", "got parameters of a preset beside net, want them inside it")
		case n.Preset != "vgg16" && n.Width != 0:
			return wrong(".width", "got %g, want none but for preset vgg16", n.Width)
		case n.Preset != "mlp" && n.Activation != "":
			return wrong(".activation", "got %q, want none but for preset mlp", n.Activation)
		case n.Preset == "lenet" && n.Hidden != nil:
			return wrong(".hidden", "got %d sizes, want none for preset lenet", len(n.Hidden))
		}
	}
	return once(file, "networks[%d].name", names, differ)
}

func (e *Experiment) checkRules(file *yamlfile.Node) error {
	var names []string
	for i, r := range e.Rules {
		names = append(names, slug(r.Name))
		at := fmt.Sprintf("rules[%d]", i)
		if !slices.Contains(golden.Rules(), r.Rule) {
			return file.Errorf(at+".rule", "got %q, want one of %s",
				r.Rule, strings.Join(golden.Rules(), ", "))
		}
		if !named(r.Name) {
			return file.Errorf(at+".name", "got %q, want %s", r.Name, wantName)
		}
		if err := e.checkRates(file, r, at+".rates"); err != nil {
			return err
		}
		for _, set := range slices.Sorted(maps.Keys(r.Paper)) {
			if !slices.ContainsFunc(e.Data, func(d Data) bool { return d.Set == set }) {
				return file.Errorf(at+".paper."+set,
					"got values for a set that is not among the data, want one that is")
			}
		}
	}
	return once(file, "rules[%d].name", names, differ)
}

func (e *Experiment) checkRates(file *yamlfile.Node, r Rule, at string) error {
	if len(r.Rates) == 0 {
		return file.Errorf(at, "got none here and none for all rules, want at least one learning rate")
	}
	if err := once(file, at+"[%d]", r.Rates, "each rate once"); err != nil {
		return err
	}
	for i, d := range e.Data {
		if d.Validation == 0 && (len(r.Rates) > 1 || e.Report == "best") {
			return file.Errorf(fmt.Sprintf("data[%d].validation", i), "got 0, want images that choose "+
				"among learning rates or epochs (rule %s); the test set never does", r.Name)
		}
	}
	return nil
}

func (e *Experiment) checkSchedule(file *yamlfile.Node) error {
	switch s := e.Schedule; {
	case len(s.At) > 0 && s.By == 0:
		return file.Errorf("schedule.by", "got none, want more than 0 and at most 1")
	case len(s.At) == 0 && s.By != 0:
		return file.Errorf("schedule.at", "got none, want epochs after which the rate falls")
	}
	for i, at := range e.Schedule.At {
		if i > 0 && at <= e.Schedule.At[i-1] {
			return file.Errorf(fmt.Sprintf("schedule.at[%d]", i), "got %d, want rising numbers", at)
		}
	}
	return nil
}

// maxRuns is the largest experiment.
const maxRuns = 10000

// runs is the number of runs that an experiment has.
func (e *Experiment) runs() int {
	n := 0
	for _, r := range e.Rules {
		if e.searches(r) {
			n += len(r.Rates)*len(e.Search.Seeds) + len(e.Seeds)
		} else {
			n += len(r.Rates) * len(e.Seeds)
		}
	}
	return len(e.Data) * len(e.Networks) * len(e.Samples) * n
}

// Folder is the experiment's name as a folder may have it.
func (e *Experiment) Folder() string { return slug(e.Name) }

const wantName = "at most 100 bytes of text on one line with letters or digits"

func named(name string) bool {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	return slug(name) != "" && len(name) <= 100 && !strings.ContainsFunc(name, unprintable)
}

// slug turns a name into lower-case letters, digits and single hyphens.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words, "-")
}
