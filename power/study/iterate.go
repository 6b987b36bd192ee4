package study

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/epc"
	"bdfasim/sim"
)

// Variant is a kind of hardware for the error path, with its rule.
type Variant struct {
	Name   string
	Rule   string
	Unit   compile.Arm
	Kind   epc.Kind
	Stored bool // signs
}

// Headline is the variant that the paper's chip has, Literal the same core with multipliers.
const (
	Headline = "depc/lfsr"
	Literal  = "epc/tree"
)

// variants are the kinds of hardware that the study compares.
var variants = []Variant{
	// BP on a core of trees with multipliers: the DEPC's structure; and with zero operands gated.
	{Literal, compile.BP, compile.ArmEPC, epc.Tree, false},
	{"epc/tree-gate", compile.BP, compile.ArmEPC, epc.TreeGate, false},
	// BP on a lane array that skips zero errors and gates lanes by f'.
	{"epc/lane-mask", compile.BP, compile.ArmEPC, epc.LaneMask, false},
	// BP on the MAC array itself.
	{"dnnc", compile.BP, compile.ArmDNNC, epc.None, false},
	// Random signs of W^T's shape, layer by layer, on the DEPC.
	{"bfa", compile.BFA, compile.ArmDEPC, epc.None, false},
	// DFA with a loaded 16-bit feedback matrix, on trees with multipliers.
	{"dfa16", compile.DFA, compile.ArmEPC, epc.Tree, false},
	// BDFA with stored signs, and with signs from the generator: the chip.
	{"depc/sram", compile.BDFA, compile.ArmDEPC, epc.None, true},
	{Headline, compile.BDFA, compile.ArmDEPC, epc.None, false},
}

// baselines are the machines for BP, the literal counterpart first.
var baselines = []string{Literal, "epc/tree-gate", "epc/lane-mask", "dnnc"}

// variant returns one by its name.
func variant(name string) Variant {
	return variants[slices.IndexFunc(variants, func(v Variant) bool { return v.Name == name })]
}

// set changes fields of a machine.
func set(cfg *rtl.Config, fields string) error {
	if fields == "" {
		return nil
	}
	return cfg.Set("study", strings.Fields(fields)...)
}

// config is the chip of a variant: units that it does not use are not built.
func (n *Net) config(a Variant) rtl.Config {
	cap := n.capacities()
	cfg := rtl.DefaultConfig()
	cfg.XMem.Bytes, cfg.OMEM.MaskWords = cap.XMem.Bytes, cap.OMEM.MaskWords
	cfg.OMEM.Words, cfg.OMEM.Pointers = cap.OMEM.Words, cap.OMEM.Pointers
	cfg.Norm.Channels, cfg.EPC.Kind, cfg.Toggles = 0, a.Kind, true
	switch {
	case a.Unit == compile.ArmEPC && a.Rule == compile.BP:
		cfg.EPC.Errors = max(cfg.EPC.Errors, cap.DEPC.Classes)
	case a.Unit == compile.ArmEPC:
		cfg.EPC.Errors = 128 // errors of the output only, as the DEPC of BDFA
	case a.Rule == compile.BFA:
		cfg.DEPC.Classes = max(512, cap.DEPC.Classes)
	}
	cfg.DEPC.SignEntries = 0
	if a.Unit != compile.ArmDEPC {
		cfg.DEPC.Classes = 0
	} else if a.Stored {
		cfg.DEPC.SignEntries = cap.DEPC.SignEntries
	}
	return cfg
}

// iterate simulates one training iteration from a trace: what a run takes more than one that is an
// iteration shorter, with the same batch all the time and a learning rate of 0. So all iterations
// are the same, and start and end of the program cancel. A stored network has one iteration, its
// first.
func (n *Net) iterate(ctx context.Context, k Key, t *Trace, s sets) (*Case, error) {
	a, out, runs := variant(k.Variant), &Case{Key: k}, 2
	if n.Stored {
		runs = 1
	}
	for more := range runs {
		batch := sets{train: firmware.Set{
			Images: bytes.Repeat(s.train.Images[:n.Batch*n.inputs()], runs-more),
			Labels: slices.Repeat(s.train.Labels[:n.Batch], runs-more),
		}}
		spec, err := n.spec(a.Rule, a.Unit, batch, k.Short)
		if err != nil {
			return nil, err
		}
		if a.Stored {
			spec.Feedback = firmware.SRAM
		}
		spec.Eta = 0
		if t.W != nil {
			spec.W, spec.B = t.W, t.B
		}
		cfg := n.config(a)
		if err := set(&cfg, k.Set); err != nil {
			return nil, err
		}
		c, err := run(ctx, spec, cfg)
		if err != nil {
			return nil, fmt.Errorf("study: %s: %w", k, err)
		}
		if more == 0 {
			out.Counts = *c
		} else {
			out.minus(c)
		}
	}
	return out, nil
}

// run simulates a program and keeps what belongs to its steps: start and end are left out, and
// refreshes with them, which cost nothing by themselves and stand under tag 0.
func run(ctx context.Context, spec compile.Spec, cfg rtl.Config) (*Counts, error) {
	img, _, err := compile.Build(spec)
	if err != nil {
		return nil, err
	}
	c, err := simulate(ctx, img, rtl.For(cfg, img.Code), func(*rtl.Chip) {})
	if err == nil {
		for p := range c.Events {
			if p := isa.Phase(p); p < isa.PhaseFF || p > isa.PhaseDMA {
				c.Events[p], c.Cycles[p] = activity.Row{}, 0
			}
		}
	}
	return c, err
}

// simulate runs a program on a chip, whose memories fill may set before, and keeps what its phases
// took.
func simulate(ctx context.Context, img *image.Image, cfg rtl.Config,
	fill func(*rtl.Chip)) (*Counts, error) {
	chip, err := rtl.New(cfg)
	if err != nil {
		return nil, err
	}
	e := sim.New(chip)
	if err := e.LoadImage(img); err != nil {
		return nil, err
	}
	fill(chip)
	r, err := e.Run(ctx, 1<<40, sim.Options{})
	if err != nil {
		return nil, err
	}
	c := &Counts{Geometry: chip.Geometry()}
	for p := range c.Cycles {
		c.Cycles[p] = r.Phases[p].Cycles
	}
	for t := range r.Counts.Rows {
		to := &c.Events[activity.Tag(t).Phase()]
		for ev, n := range r.Counts.Rows[t] {
			to[ev] += n
		}
	}
	c.named()
	return c, nil
}
