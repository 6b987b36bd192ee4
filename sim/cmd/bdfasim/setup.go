package main

import (
	"math"
	"strconv"
	"strings"

	"bdfasim/firmware/compile"
	"bdfasim/golden"
	"bdfasim/testbench/models"
)

// setup describes an experiment: data and training, for any network, rule and seed.
type setup struct {
	Epochs int    `default:"10" want:"[1,1048576]" help:"Epochs."`
	Batch  int    `default:"32" want:"[1,4096]" help:"Samples in a batch, 1 to 4096; more than 32 come in parts, before one update."`
	Seed   uint32 `default:"1" help:"Seed of weights, feedback, order and rounding."`
	dataFlags
	LR           string  `name:"lr" placeholder:"RATE" help:"${lr}"`
	LRShiftEvery int     `name:"lr-shift-every" want:"[0,]" placeholder:"K" help:"${lr_shift_every}"`
	LRShift      int     `name:"lr-shift" default:"1" want:"[0,16]" help:"Bits of such a shift."`
	Momentum     float64 `default:"0.9" want:"[0,1)" help:"Momentum."`
	Decay        float64 `default:"0" want:"[0,1)" help:"Weight decay."`
	Feedback     string  `enum:"lfsr,eq9" default:"lfsr" help:"${feedback}"`
	Init         string  `enum:"he,concordant" default:"he" help:"${init}"`
	EvalEvery    int     `default:"1" want:"[0,]" help:"${evalevery}"`
	chipFlags
	compileFlags
}

// compileFlags say how the program is compiled.
type compileFlags struct {
	Arm      string  `enum:",dnnc,epc,depc" default:"" help:"${arm}"`
	Schedule string  `enum:"plain,fused" default:"plain" help:"${schedule}"`
	Density  float64 `want:"[0,1]" placeholder:"D" help:"${density}"`
	Formats  string  `enum:"default,fit" default:"default" help:"${formats}"`
}

// rates are the learning rates that rules learn with if none is asked for: powers of two that were chosen on training
// images held out of training (docs/networks.md).
var rates = []struct {
	rules string
	rule  string // compile's
	init  string // "": any
	rate  float64
}{
	{"bp", compile.BP, "", 1. / 64},
	{"dfa, cdfa", compile.DFA, "", 1. / 512},
	{"bdfa, cbdfa from concordant weights", compile.BDFA, string(golden.ConcordantInit), 1. / 256},
	{"bdfa, cbdfa", compile.BDFA, "", 1. / 512},
	{"bfa", compile.BFA, "", 1. / 512},
	{"conv-only", compile.ConvOnly, "", 1. / 16},
}

// ratesHelp are the rates in words.
func ratesHelp() string {
	var parts []string
	for _, r := range rates {
		parts = append(parts, rateText(r.rate)+" for "+r.rules)
	}
	return strings.Join(parts, ", ")
}

// defaultRate returns the learning rate of a rule, as compile.RuleOf names it, with initial weights.
func defaultRate(rule, init string) float64 {
	for _, r := range rates {
		if r.rule == rule && (r.init == "" || r.init == init) {
			return r.rate
		}
	}
	panic("no rate for rule " + rule) // the rules are enumerated
}

// parseRate reads 0.015 or 2^-6.
func parseRate(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if exp, ok := strings.CutPrefix(s, "2^"); ok {
		var n int
		n, err = strconv.Atoi(exp)
		v = math.Ldexp(1, max(-64, min(n, 64)))
	}
	const most = 65535. / 65536 // of a chip that holds it in 16 bits
	if err != nil || !(v >= 1./(1<<17) && v <= most) {
		return 0, usagef("--lr: got %s, want 2^-17 to %v, as a number or a power of two", s, most)
	}
	return v, nil
}

// rate returns the learning rate of a rule.
func (s *setup) rate(rule string) (float64, error) {
	if s.LR != "" {
		return parseRate(s.LR)
	}
	chips, err := compile.RuleOf(rule)
	if err != nil {
		return 0, err
	}
	return defaultRate(chips, s.Init), nil
}

// options are what the models have to know.
func (s *setup) options(rule string, seed uint32) models.Options {
	return models.Options{
		Rule: rule, FromWeights: s.Feedback == "eq9", Init: golden.Init(s.Init), Momentum: s.Momentum, Decay: s.Decay, Seed: seed,
	}
}

// parseSizes reads 784-128-64-10.
func parseSizes(s string) ([]int, error) {
	var sizes []int
	for _, f := range strings.Split(s, "-") {
		n, err := strconv.Atoi(f)
		if err != nil {
			return nil, usagef("layers: got %q, want sizes as 784-128-64-10", s)
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}
