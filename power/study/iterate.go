package study

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/power"
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

// variants are the kinds of hardware that the study compares.
var variants = []Variant{
	// BP on the MAC array itself.
	{"dnnc", compile.BP, compile.ArmDNNC, epc.None, false},
	// BP on a core of trees with multipliers: the DEPC's structure (headline baseline); and with
	// zero operands gated.
	{"epc/tree", compile.BP, compile.ArmEPC, epc.Tree, false},
	{"epc/tree-gate", compile.BP, compile.ArmEPC, epc.TreeGate, false},
	// BP on a lane array that skips zero errors and gates lanes by f'.
	{"epc/lane-mask", compile.BP, compile.ArmEPC, epc.LaneMask, false},
	// Random signs of W^T's shape, layer by layer, on the DEPC.
	{"bfa", compile.BFA, compile.ArmDEPC, epc.None, false},
	// DFA with a loaded 16-bit feedback matrix, on trees with multipliers.
	{"dfa16", compile.DFA, compile.ArmEPC, epc.Tree, false},
	// BDFA with stored signs, and with signs from the generator: the chip.
	{"depc/sram", compile.BDFA, compile.ArmDEPC, epc.None, true},
	{Headline, compile.BDFA, compile.ArmDEPC, epc.None, false},
}

// Headline is the variant that the paper's chip has.
const Headline = "depc/lfsr"

// schedule is what of a variant and a network is simulated.
type schedule struct {
	Short  bool   // errors stop at the last hidden layer
	Fused  bool   // updates run inside the next forward pass
	Memory string // kind of external memory; "": that of the reference machine
}

// Case is one training iteration that was simulated, in the middle of an epoch.
type Case struct {
	Net, Variant, Trace string // Trace: rule whose training gave the weights
	schedule
	Geometry activity.Geometry
	Counts   [power.NumPhases]activity.Row
	Phases   power.Cycles
	Cycles   uint64
	MACs     uint64
}

// config is the chip of a variant: units that it does not use are not built.
func (n *Net) config(a Variant) rtl.Config {
	cap := n.capacities()
	cfg := rtl.DefaultConfig()
	cfg.XMem.Bytes, cfg.OMEM.MaskWords = cap.XMem.Bytes, cap.OMEM.MaskWords
	cfg.OMEM.Words, cfg.OMEM.Pointers = cap.OMEM.Words, cap.OMEM.Pointers
	cfg.Norm.Channels = 0
	cfg.EPC.Kind = a.Kind
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

// iterate simulates one training iteration from a trace: what a run takes more than one that is an iteration shorter, with the same
// batch all the time and a learning rate of 0. So all iterations are the same, and start and end of the program cancel. A fused schedule's first
// iteration has no update to make and its last one makes it alone, so it is the third of three.
func (n *Net) iterate(ctx context.Context, a Variant, t *Trace, s sets, v schedule) (*Case, error) {
	first := 1
	if v.Fused {
		first = 2
	}
	var runs [2]*Case
	for k := range runs {
		batch := sets{train: firmware.Set{
			Images: bytes.Repeat(s.train.Images[:32*n.Sizes[0]], first+k), Labels: slices.Repeat(s.train.Labels[:32], first+k),
		}}
		spec, err := n.spec(a.Rule, a.Unit, batch, v.Short)
		if err != nil {
			return nil, err
		}
		if a.Stored {
			spec.Feedback = firmware.SRAM
		}
		spec.W, spec.B, spec.Eta, spec.Fused = t.W, t.B, 0, v.Fused
		cfg := n.config(a)
		cfg.Fused = v.Fused
		if v.Memory != "" {
			if err := cfg.Set("study", "xmem.kind="+v.Memory); err != nil {
				return nil, err
			}
		}
		if runs[k], err = run(ctx, spec, cfg); err != nil {
			return nil, fmt.Errorf("study: %s, %s: %w", n.Name, a.Name, err)
		}
	}
	c := runs[1].minus(runs[0])
	c.Net, c.Variant, c.Trace, c.schedule = n.Name, a.Name, t.Rule, v
	return c, nil
}

// minus takes the numbers of a shorter run away.
func (c *Case) minus(o *Case) *Case {
	out := *c
	out.Cycles -= o.Cycles
	out.MACs -= o.MACs
	for p := range out.Phases {
		out.Phases[p] -= o.Phases[p]
		for e := range out.Counts[p] {
			out.Counts[p][e] -= o.Counts[p][e]
		}
	}
	return &out
}

// run simulates a program and keeps what belongs to its steps: start and end are left out.
func run(ctx context.Context, spec compile.Spec, cfg rtl.Config) (*Case, error) {
	img, _, err := compile.Build(spec)
	if err != nil {
		return nil, err
	}
	all, err := simulate(ctx, img, cfg, func(*rtl.Chip) {})
	if err != nil {
		return nil, err
	}
	c := &Case{Geometry: all.Geometry}
	// Refreshes, which cost nothing by themselves, stand under tag 0 and are left out with the start
	// and the end.
	for p := isa.PhaseFF; p <= isa.PhaseDMA; p++ {
		c.Counts[p], c.Phases[p] = all.Counts[p], all.Phases[p]
		c.Cycles += all.Phases[p]
		c.MACs += all.Counts[p][activity.MAC]
	}
	return c, nil
}

// simulate runs a program on a chip, whose memories fill may set before, and keeps what its phases took.
func simulate(ctx context.Context, img *image.Image, cfg rtl.Config, fill func(*rtl.Chip)) (*Case, error) {
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
	c := &Case{Geometry: chip.Geometry()}
	for p := range c.Phases {
		c.Phases[p] = r.Phases[p].Cycles
	}
	for t := range r.Counts.Rows {
		to := &c.Counts[activity.Tag(t).Phase()]
		for ev, n := range r.Counts.Rows[t] {
			to[ev] += n
		}
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
