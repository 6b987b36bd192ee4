package study

import (
	"context"
	"fmt"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/epc"
	"bdfasim/sim"
)

// Arm is a kind of hardware for the error path, with its rule.
type Arm struct {
	Name   string
	Rule   string
	Unit   compile.Arm
	Kind   epc.Kind
	Stored bool
	What   string
}

// Arms are the kinds of hardware that the study compares.
func Arms() []Arm {
	return []Arm{
		{Name: "dnnc", Rule: compile.BP, Unit: compile.ArmDNNC, What: "BP on the MAC array itself"},
		{Name: "epc/tree", Rule: compile.BP, Unit: compile.ArmEPC, Kind: epc.Tree, What: "BP on a core of trees with multipliers: the DEPC's structure (headline baseline)"},
		{Name: "epc/tree+gate", Rule: compile.BP, Unit: compile.ArmEPC, Kind: epc.TreeGate, What: "the same, zero operands gated"},
		{Name: "epc/lane+mask", Rule: compile.BP, Unit: compile.ArmEPC, Kind: epc.LaneMask, What: "BP on a lane array that skips zero errors and gates lanes by f'"},
		{Name: "bfa", Rule: compile.BFA, Unit: compile.ArmDEPC, What: "random signs of W^T's shape, layer by layer, on the DEPC"},
		{Name: "dfa16", Rule: compile.DFA, Unit: compile.ArmEPC, Kind: epc.Tree, What: "DFA with a loaded 16-bit feedback matrix, on trees with multipliers"},
		{Name: "depc/sram", Rule: compile.BDFA, Unit: compile.ArmDEPC, Stored: true, What: "BDFA with stored signs"},
		{Name: "depc/lfsr", Rule: compile.BDFA, Unit: compile.ArmDEPC, What: "BDFA with signs from the generator: the chip"},
	}
}

// Headline is the arm that the paper's chip has.
const Headline = "depc/lfsr"

// Case is one training iteration that was simulated.
type Case struct {
	Net, Arm, Trace string // Trace: rule whose training gave the weights
	Short           bool   // errors stop at the last hidden layer
	Geometry        activity.Geometry
	Counts          [power.NumPhases]activity.Row
	Phases          power.Cycles
	Cycles          uint64
	MACs            uint64
}

// config is the chip of an arm: units that it does not use are not built.
func (n *Net) config(a Arm) rtl.Config {
	cap := n.capacities()
	cfg := rtl.DefaultConfig()
	cfg.XMem.Bytes, cfg.MaskWords = cap.XMemBytes, cap.MaskWords
	cfg.OMEM.Words, cfg.OMEM.Pointers = cap.OMEMWords, cap.Pointers
	cfg.Norm.Channels = 0
	cfg.EPC.Kind = a.Kind
	switch {
	case a.Unit == compile.ArmEPC && a.Rule == compile.BP:
		cfg.EPC.Errors = max(cfg.EPC.Errors, cap.DEPCClasses)
	case a.Unit == compile.ArmEPC:
		cfg.EPC.Errors = 128 // errors of the output only, as the DEPC of BDFA
	case a.Rule == compile.BFA:
		cfg.DEPC.Classes = max(512, cap.DEPCClasses)
	}
	switch {
	case a.Unit != compile.ArmDEPC:
		cfg.DEPC.Classes, cfg.DEPC.SignEntries = 0, 0
	case a.Stored:
		cfg.DEPC.SignEntries = cap.SignEntries
	default:
		cfg.DEPC.SignEntries = 0
	}
	return cfg
}

// iterate simulates one training iteration from a trace.
func (n *Net) iterate(ctx context.Context, a Arm, t *Trace, s sets, short bool) (*Case, error) {
	one := sets{train: firmware.Set{Images: s.train.Images[:32*n.Sizes[0]], Labels: s.train.Labels[:32]}}
	spec, err := n.spec(a.Rule, a.Unit, one, short)
	if err != nil {
		return nil, err
	}
	if a.Stored {
		spec.Feedback = firmware.SRAM
	}
	spec.W, spec.B = t.W, t.B
	c, err := run(ctx, spec, n.config(a))
	if err != nil {
		return nil, fmt.Errorf("study: %s, %s: %w", n.Name, a.Name, err)
	}
	c.Net, c.Arm, c.Trace, c.Short = n.Name, a.Name, t.Rule, short
	return c, nil
}

// run simulates a program of one step and keeps what belongs to the step: start and end are left out.
func run(ctx context.Context, spec compile.Spec, cfg rtl.Config) (*Case, error) {
	img, _, err := compile.Build(spec)
	if err != nil {
		return nil, err
	}
	chip, err := rtl.New(cfg)
	if err != nil {
		return nil, err
	}
	e := sim.New(chip)
	if err := e.LoadImage(img); err != nil {
		return nil, err
	}
	r, err := e.Run(ctx, 1<<40, sim.Options{})
	if err != nil {
		return nil, err
	}
	c := &Case{Geometry: chip.Geometry()}
	for p := isa.PhaseFF; p <= isa.PhaseDMA; p++ {
		c.Phases[p] = r.Phases[p].Cycles
		c.Cycles += r.Phases[p].Cycles
	}
	// Refreshes, which cost nothing by themselves, stand under tag 0 and are left out with the start and the end.
	for t := range r.Counts.Rows {
		tag := activity.Tag(t)
		if p := isa.Phase(tag.Phase()); p < isa.PhaseFF || p > isa.PhaseDMA {
			continue
		}
		for ev, v := range r.Counts.Rows[t] {
			c.Counts[tag.Phase()][ev] += v
		}
	}
	for p := range c.Counts {
		c.MACs += c.Counts[p][activity.MAC]
	}
	return c, nil
}

// Total adds up an event.
func (c *Case) Total(e activity.Event) (n uint64) {
	for p := range c.Counts {
		n += c.Counts[p][e]
	}
	return n
}

// Words are 32-bit words to and from external memory by cause.
func (c *Case) Words() map[string]uint64 {
	out := map[string]uint64{}
	for _, cause := range sim.Causes {
		if n := c.Total(cause.Event); n > 0 {
			out[cause.Name] = 8 * n
		}
	}
	return out
}

// words is the number of all words.
func (c *Case) words() (sum uint64) {
	for _, n := range c.Words() {
		sum += n
	}
	return sum
}
