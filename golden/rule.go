package golden

import (
	"math/rand/v2"
	"slices"
)

// rule is a learning rule: where the fixed feedback comes from and how an
// error reaches a layer. Everything else is common to all.
type rule interface {
	traits() traits
	// reset sets n.D, n.S or n.R from the configuration and the weights.
	reset(n *Network, rng *rand.Rand) error
	// teach writes the teaching signal at o_i, before f', in the layout of o_i;
	// the errors of the layers above are there.
	teach(n *Network, i int, dst []float64)
	// trains tells whether Step updates layer i; if not layer 1, then none.
	trains(n *Network, i int) bool
}

// traits is what a configuration may ask of a rule.
type traits struct {
	feedbacks []Feedback // accepted; rules without any accept the default, which they do not look at
	scales    bool       // Scale means something
	binary    bool       // feedback is -1 or +1 times a scale
	boundary  bool       // Boundary means something
	fcOnly    bool       // for networks without convolutions
	direct    bool       // every signal comes through D
}

// rules holds every rule by its name in the configuration.
var rules = map[string]rule{
	"bp":             bp{},
	"fa":             fa{},
	"dfa":            dfa{},
	"bdfa":           bdfa{},
	"cdfa":           cdfa{},
	"cbdfa":          cbdfa{},
	"dfa-all":        dfaAll{},
	"conv-only":      convOnly{},
	"frozen":         frozen{},
	"usf":            signSymmetry{magnitude: unit},
	"brsf":           signSymmetry{magnitude: perBatch},
	"frsf":           signSymmetry{magnitude: fixed},
	"error-sign-dfa": errorSign{},
	"drtp":           drtp{},
}

// Rules lists the names of the rules, sorted.
func Rules() []string {
	var names []string
	for n := range rules {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
