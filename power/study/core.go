package study

import (
	"context"
	"embed"
	"fmt"
	"math/rand/v2"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/image"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
)

// coreNeurons is the width of a core's product, 32 x F by F x neurons, from errors in OMEM to
// errors in OMEM.
const coreNeurons = 512

//go:embed asm/core.s
var coreSource embed.FS

// coreImage is the program of a core: errors, from the start of OMEM, into its buffer, then the
// product.
func coreImage(a Variant, fanIn int) (*image.Image, error) {
	is := map[bool]int64{true: 1}
	return asm.Assemble(coreSource, "asm/core.s", asm.Options{Defines: map[string]int64{
		"FANIN": int64(fanIn), "NEURONS": coreNeurons, "EPC": is[a.Unit == compile.ArmEPC],
		"STORED": is[a.Stored],
	}})
}

// coreDensity is the part of a core's incoming errors that is not zero: all of e_L, half of a
// hidden layer's.
func coreDensity(fanIn int) float64 {
	if fanIn < coreNeurons {
		return 1
	}
	return 0.5
}

// runCore simulates a core with random errors, half of the f' bits set.
func runCore(ctx context.Context, k Key) (*Case, error) {
	a, fanIn, density := variant(k.Variant), k.FanIn, coreDensity(k.FanIn)
	img, err := coreImage(a, fanIn)
	if err != nil {
		return nil, fmt.Errorf("study: %s: %w", k, err)
	}
	cfg := rtl.DefaultConfig()
	cfg.EPC.Kind, cfg.DEPC.SignEntries, cfg.Toggles = a.Kind, 0, true
	buffer := max(128, fanIn)
	if a.Unit == compile.ArmEPC {
		cfg.EPC.Errors, cfg.DEPC.Classes = buffer, 0
	} else {
		cfg.DEPC.Classes = buffer
		if a.Stored {
			cfg.DEPC.SignEntries = coreNeurons / 16 * ((fanIn + 15) / 16)
		}
	}
	if err := set(&cfg, k.Set); err != nil {
		return nil, err
	}
	r, err := simulate(ctx, img, cfg, func(chip *rtl.Chip) {
		rng := rand.New(rand.NewPCG(3, uint64(fanIn)))
		mem := chip.OMEM.State.Mem
		for b := range 32 {
			for j := range fanIn {
				if rng.Float64() < density {
					mem[b*((fanIn+63)/64*16)+j/4] |= uint64(1+rng.IntN(1<<15)) & 0xffff << (16 * (j % 4))
				}
			}
		}
		for k := range chip.MaskMemory() {
			chip.MaskMemory()[k] = uint16(rng.IntN(1 << 16))
		}
		for k := range min(len(chip.XMemory()), coreNeurons*(fanIn+63)/64*64*2) {
			chip.XMemory()[k] = byte(rng.IntN(256))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("study: %s: %w", k, err)
	}
	return &Case{k, *r.only(isa.PhaseEP)}, nil
}

// A boundary says what of a core is counted.
type boundary struct {
	Name, What, Leaves string
	set                string // of the multipliers' machine
	external, store    bool
	of                 func(*Cost) float64
}

var boundaries = []boundary{
	{"port", "weights arrive at the core's port", "delivery of weights; wires beyond the core",
		"", false, false, onDie},
	{"sram", "weights from an SRAM on the die", "how the SRAM is filled", "xmem.kind=ideal",
		false, true, onDie},
	{"fetched", "weights fetched from external memory", "other users of that memory", "", true,
		false, all},
}

// work is the core alone over a period: its own unit, the generator, and of OMEM the words and f'
// bits that it moved.
func (b *boundary) work(c *Case, period uint64) *Work {
	w := c.Counts.work(period)
	w.Units = []activity.Unit{activity.EPC, activity.DEPC, activity.LFSR, activity.OMEM}
	if b.external {
		w.Units = append(w.Units, activity.XMem)
	}
	if b.store && variant(c.Variant).Unit == compile.ArmEPC {
		const kb = 1024
		bytes := (c.FanIn*coreNeurons*2 + kb - 1) / kb * kb
		macros := (bytes + 32*kb - 1) / (32 * kb) // an access reads one of them
		w.Store = activity.MemoryShape{Macros: macros, Bytes: (bytes/macros + kb - 1) / kb * kb,
			WidthBit: 256}
	}
	return w
}

// classCounts are those of the paper: tracking, CIFAR-10 and CIFAR-100.
var classCounts = []int{2, 10, 100}

// operations are the terms of a product.
func operations(fanIn int) float64 { return float64(32 * fanIn * coreNeurons) }

// coreTable is the energy of the cores, with what the multipliers fetch beside it, and their power
// at their own speed.
func (st *Study) coreTable() (*table.Table, error) {
	t := newTable("core", nil)
	var keys []Key
	for _, f := range append(classCounts, coreNeurons) {
		for _, name := range append(baselines[:3:3], "depc/sram", Headline) {
			keys = append(keys, Key{FanIn: f, Variant: name})
		}
	}
	cases, err := st.get(keys...)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		cost, err := st.cost(power.ByEvents, boundaries[0].work(c, c.Cycles.Sum()))
		if err != nil {
			return nil, err
		}
		toggled, err := st.cost(power.ByToggles, boundaries[0].work(c, c.Cycles.Sum()))
		if err != nil {
			return nil, err
		}
		fetched, err := st.cost(power.ByEvents, boundaries[2].work(c, c.Cycles.Sum()))
		if err != nil {
			return nil, err
		}
		ops := operations(c.FanIn)
		rest := cost.Leak + cost.Clock + cost.Control + cost.Wires
		t.Row(c.FanIn, c.Variant, int(c.Cycles.Sum()), cost.OnDie()/ops, toggled.OnDie()/ops,
			(cost.OnDie()-rest)/ops,
			rest/ops, (fetched.DRAM+fetched.PHY)/ops,
			cost.OnDie()/float64(c.Cycles.Sum())*c.Geometry.ClockMHz*1e-3)
	}
	return t, nil
}
