package golden

import (
	"math/rand/v2"
	"slices"
)

// rule is a learning rule: where the fixed feedback comes from and how an
// error reaches a hidden layer. Everything else is common to all.
type rule interface {
	// feedbacks lists the kinds of feedback that the rule accepts; rules
	// without any accept the default, which they do not look at.
	feedbacks() []Feedback
	// scales tells whether Config.Scale means anything to the rule.
	scales() bool
	// reset sets m.D and m.S or m.R from the configuration and the weights.
	reset(m *MLP, rng *rand.Rand) error
	// teach writes the teaching signal at o_i, before f', batch x N_i; the
	// errors above layer i are in m.E.
	teach(m *MLP, i int, dst Mat)
	// trains tells whether Step updates the parameters.
	trains() bool
}

// rules holds every rule by its name in Config.Rule.
var rules = map[string]rule{
	"bp":     bp{},
	"fa":     fa{},
	"dfa":    dfa{},
	"bdfa":   bdfa{},
	"frozen": frozen{},
}

// Rules lists the names that Config.Rule accepts, sorted.
func Rules() []string {
	var names []string
	for n := range rules {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
