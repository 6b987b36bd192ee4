package track

import (
	"fmt"
	"slices"
	"strings"
)

// Learner is the head: it tells the target from the rest by features, feature.Size bytes a sample,
// byte b for b/64. Calls come from one goroutine.
type Learner interface {
	// Reset draws the initial weights of a sequence: those of all rules with one seed are the same.
	Reset(seed uint64) error
	// Step learns from one batch: class 1 is the target, 0 the rest. The mean is over the batch.
	Step(samples [][]byte, classes []int, rate float64) error
	// Scores returns the target's logit of each sample, without dropout. The slice is the caller's.
	Scores(samples [][]byte) ([]float64, error)
	// Learns tells whether Step changes anything; else the tracker spares it the batches.
	Learns() bool
}

// Rule is a way to learn.
type Rule struct {
	Name     string
	kind     string  // golden's
	feedback string  // golden's; "" for none
	init     string  // golden's; "" for He
	rate     float64 // times the rate in hidden layers; the last layer's stays
}

// Rules are all. Those with ten times the rate and without any learning are controls.
var Rules = []Rule{
	{Name: "bp", kind: "bp", rate: 1},
	{Name: "bp-hidden-x10", kind: "bp", rate: 10},
	{Name: "bdfa", kind: "bdfa", feedback: "lfsr", rate: 1},
	{Name: "bdfa-eq9", kind: "bdfa", feedback: "eq9", rate: 1},
	{Name: "bdfa-concordant", kind: "bdfa", feedback: "lfsr", init: "concordant", rate: 1},
	{Name: "none", kind: "frozen"},
}

// RuleOf returns the rule of a name.
func RuleOf(name string) (Rule, error) {
	i := slices.IndexFunc(Rules, func(r Rule) bool { return r.Name == name })
	if i < 0 {
		return Rule{}, fmt.Errorf("rule: got %q, want one of %s", name, strings.Join(RuleNames(), ", "))
	}
	return Rules[i], nil
}

// RuleNames lists the names.
func RuleNames() (names []string) {
	for _, r := range Rules {
		names = append(names, r.Name)
	}
	return names
}

// Learns tells whether the rule changes anything.
func (r Rule) Learns() bool { return r.kind != "frozen" }
