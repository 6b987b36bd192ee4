package study

import (
	"fmt"
	"slices"

	"bdfasim/firmware"
	"bdfasim/isa"
	"bdfasim/power"
)

// assumption is what a published figure leaves open: the zero value with a machine to compare with
// is how the study has it.
type assumption struct {
	prices    int // of priceSets
	model     power.Activity
	input     bool // errors to the head's input
	plain     bool // no velocities in external memory
	pipelined bool // forward pass beside the errors of the batch before
	against   string
	all, core bool
	classes   int // of classCounts, of a core
}

// priceSets are technologies in the order of assumption.prices; the first is the study's own.
func priceSets(own *power.Tech) (out []*power.Tech) {
	rtl, gp, low := power.RTLRatios(), gp65(), *own
	low.Volt, low.Name = 0.7, own.Name+" at 0.7 V"
	return []*power.Tech{own, &low, rtl, gp}
}

func gp65() *power.Tech {
	t, err := power.BuiltIn(power.GP65)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return t
}

// own is what a claim is compared with where nothing else is tried.
func (c *claim) own() assumption { return assumption{against: c.Against, all: c.All, core: c.Core} }

// changes are the words for what differs from another assumption.
func (a assumption) changes(from assumption, sets []*power.Tech) (out []string) {
	say := func(differs bool, format string, args ...any) {
		if differs {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	say(a.prices != from.prices, "prices of %s", sets[a.prices].Name)
	say(a.model != from.model, "%s", a.model)
	say(a.input != from.input, "errors to the head's input")
	say(a.plain != from.plain, "no velocities in external memory")
	say(a.pipelined != from.pipelined, "phases pipelined")
	say(a.against != from.against, "against %s", a.against)
	say(a.all != from.all, "%s", map[bool]string{true: "with external memory",
		false: "on the die"}[a.all])
	say(a.classes != from.classes, "%d classes", classCounts[a.classes])
	say(a.core != from.core, "%s", map[bool]string{true: "the core alone",
		false: "the whole chip"}[a.core])
	return out
}

// family evaluates claims.
type family struct {
	net   *Net
	cases map[Key]*Case
	sets  []*power.Tech
	lists []*lists
	cost  map[priced]Cost
}

// priced is what a cost depends on.
type priced struct {
	Key
	prices int
	model  power.Activity
	plain  bool
	core   bool
	all    bool
}

// family gets the runs that claims are about.
func (st *Study) family() (*family, error) {
	n := st.tracking()
	f := &family{net: n, cases: map[Key]*Case{}, cost: map[priced]Cost{}, sets: priceSets(st.Tech)}
	var keys []Key
	for _, v := range variants {
		if v.Name == "bfa" {
			continue
		}
		keys = append(keys, n.key(v.Name, "need"), n.key(v.Name, "input"))
		for classes := range classCounts {
			if v.Name != "dnnc" {
				keys = append(keys, coreKey(v.Name, classes))
			}
		}
	}
	cases, err := st.get(keys...)
	for i, k := range keys {
		f.cases[k] = cases[i]
	}
	for _, t := range f.sets {
		f.lists = append(f.lists, &lists{t, map[string]*power.PriceList{}})
	}
	return f, err
}

// coreKey is a core with a class count of the paper.
func coreKey(variant string, classes int) Key {
	return Key{FanIn: classCounts[classes], Variant: variant}
}

// counts are those of a machine under an assumption.
func (f *family) counts(variant string, a assumption) *Counts {
	c := &f.cases[f.key(variant, a)].Counts
	if a.plain {
		c = c.withoutVelocities()
	}
	return c
}

func (f *family) key(variant string, a assumption) Key {
	if a.core {
		return coreKey(variant, a.classes)
	}
	return f.net.key(variant, map[bool]string{false: "need", true: "input"}[a.input])
}

// energy is that of a machine in picojoules.
func (f *family) energy(variant string, a assumption) float64 {
	k := priced{f.key(variant, a), a.prices, a.model, a.plain, a.core, a.all}
	cost, ok := f.cost[k]
	if !ok {
		c := f.counts(variant, a)
		w := c.work(c.Cycles.Sum())
		if a.core {
			b := &boundaries[0]
			if a.all {
				b = &boundaries[2]
			}
			w = b.work(f.cases[k.Key], c.Cycles.Sum())
		}
		var err error
		if cost, err = f.lists[a.prices].cost(a.model, w); err != nil {
			panic(err) // the same chips were priced before
		}
		f.cost[k] = cost
	}
	if a.all {
		return cost.All()
	}
	return cost.OnDie()
}

// exists tells whether a machine is there under an assumption: the MAC array is no core.
func (f *family) exists(a assumption) bool { return !a.core || a.against != "dnnc" }

// gain is how much more of something a joule, or a square millimetre, gives.
func gain(a, b float64) float64 { return 100 * (a/b - 1) }

// value is ours for a claim under an assumption.
func (f *family) value(name string, a assumption) float64 {
	g := f.cases[f.net.key(Headline, "need")].Geometry
	switch name {
	case "core-power", "chip-power":
		return saving(f.energy(a.against, a), f.energy(Headline, a))
	case "generator":
		return gain(f.energy(a.against, a), f.energy(Headline, a))
	case "adders":
		return gain(f.energy(a.against, a), f.energy("depc/sram", a))
	case "words":
		_, from := f.counts(a.against, a).words()
		_, to := f.counts(Headline, a).words()
		return saving(float64(from), float64(to))
	case "area":
		of := (*power.AreaList).OnDie
		if a.core {
			of = errorArea
		}
		a.core = false
		v, err := areaGain(f.cases[f.key(a.against, a)], f.cases[f.key(Headline, a)],
			of)(f.sets[a.prices])
		if err != nil {
			panic(err) // as above
		}
		return v[0]
	case "memory":
		const neurons, classes = 512, 10
		return saving(neurons*classes*32, float64(firmware.SignEntriesFor(neurons, classes)*256))
	case "efficiency":
		a.core = false
		return f.operations(a) / f.energy(Headline, a) // a picojoule: of a terawatt
	case "power":
		a.core = false
		return f.energy(Headline, a) / float64(f.counts(Headline,
			a).Cycles.Sum()) * g.ClockMHz * 1e-3
	case "frames":
		a.plain, a.core = false, false
		c := f.counts(Headline, a)
		batch := float64(f.net.Batch)
		candidates := float64(256 / batch * float64(c.Cycles[isa.PhaseFF]))
		return g.ClockMHz * 1e6 / (candidates + float64(12.5*128/batch*float64(c.Cycles.Sum()))/10)
	}
	return f.faster(a)
}

// operations are those of an iteration, 2 a MAC of forward pass and gradient; errors are the DEPC's
// additions.
func (f *family) operations(a assumption) (ops float64) {
	for i := range f.net.Sizes[1:] {
		ops += float64(4 * f.net.Batch * f.net.Sizes[i] * f.net.Sizes[i+1])
	}
	return ops
}

// faster is how many times faster than a machine for BP. Pipelined, a batch's forward pass runs
// beside errors and gradients of the one before, and updates are hidden: the best that such a
// pipeline can do on these cycles.
func (f *family) faster(a assumption) float64 {
	a.plain, a.core = false, false
	bp, own := f.counts(a.against, a).Cycles, f.counts(Headline, a).Cycles
	if !a.pipelined {
		return float64(bp.Sum()) / float64(own.Sum())
	}
	ff := func(c power.Cycles) uint64 { return c[isa.PhaseFF] + c[isa.PhaseLoss] }
	back := func(c power.Cycles) uint64 { return c[isa.PhaseEP] + c[isa.PhaseWG] }
	return float64(ff(bp)+back(bp)) / float64(max(ff(own), back(own)))
}

// all are the assumptions that may be tried for a claim.
func (c *claim) all(sets int) (out []assumption) {
	twice := []bool{false, true}
	for prices := range sets {
		for m := range power.NumActivities {
			for _, input := range twice {
				for _, plain := range twice {
					for _, pipelined := range twice {
						out = append(out, assumption{prices, m, input, plain, pipelined,
							c.Against, c.All, c.Core, 0})
					}
				}
			}
		}
	}
	return out
}

// tried are all assumptions with other machines and boundaries, too, and cores with other counts of
// classes.
func (f *family) tried(c *claim) (out []assumption) {
	machines := append([]string{"dfa16"}, baselines...)
	if !slices.Contains(machines, c.Against) {
		machines = []string{c.Against} // nothing is compared
	}
	for _, a := range c.all(len(f.sets)) {
		for _, against := range machines {
			for _, all := range []bool{false, true} {
				a.against, a.all, a.core, a.classes = against, all, false, 0
				out = append(out, a)
				for classes := range classCounts {
					if a.core, a.classes = true, classes; f.exists(a) {
						out = append(out, a)
					}
				}
			}
		}
	}
	return out
}
