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
	"bdfasim/power/table"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
)

// Core is a run of an error propagation core alone: the product 32 x F by F x neurons, from errors in OMEM to errors in OMEM.
type Core struct {
	Variant  string
	FanIn    int
	Inputs   int // of a tree
	Geometry activity.Geometry
	Events   activity.Row
	Cycles   uint64
}

// coreNeurons is the width of the core's product.
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

// runCore simulates a core with random errors of a density, half of the f' bits set.
func runCore(ctx context.Context, a coreRun, density float64) (*Core, error) {
	fanIn := a.fanIn
	img, err := coreImage(a.Variant, fanIn)
	if err != nil {
		return nil, fmt.Errorf("study: core %s: %w", a.Name, err)
	}
	cfg := rtl.DefaultConfig()
	cfg.EPC.Kind, cfg.DEPC.SignEntries = a.Kind, 0
	cfg.EPC.Inputs, cfg.DEPC.Inputs = a.inputs, a.inputs
	buffer := max(128, fanIn)
	if a.Unit == compile.ArmEPC {
		cfg.EPC.Errors, cfg.DEPC.Classes = buffer, 0
	} else {
		cfg.DEPC.Classes = buffer
		if a.Stored {
			cfg.DEPC.SignEntries = coreNeurons / 16 * ((fanIn + 15) / 16)
		}
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
		for k := range min(len(chip.XMemory()), coreNeurons*fanIn*2*8) {
			chip.XMemory()[k] = byte(rng.IntN(256))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("study: core %s: %w", a.Name, err)
	}
	return &Core{a.Name, fanIn, a.inputs, r.Geometry, r.Counts[isa.PhaseEP], r.Phases[isa.PhaseEP]}, nil
}

// work is the core alone over a period: its own unit, the generator, and of OMEM the words and f' bits that it moved.
func (c *Core) work(period uint64) *Work {
	return &Work{Name: c.Variant, Geometry: c.Geometry, Cycles: period, Events: c.Events,
		Units: []activity.Unit{activity.EPC, activity.DEPC, activity.LFSR, activity.OMEM, activity.XMem}}
}

// product names the core's product.
func product(fanIn int) string {
	return fmt.Sprintf("32 x %d by %d x %d", fanIn, fanIn, coreNeurons)
}

// operations are the terms of that product.
func operations(fanIn int) float64 { return float64(32 * fanIn * coreNeurons) }

// coreTable is the energy of the cores.
func (st *Study) coreTable() (*table.Table, error) {
	t := newTable("core", nil)
	for _, f := range st.scope.fanIns {
		var period uint64
		for _, c := range st.Cores {
			if c.FanIn == f {
				period = max(period, c.Cycles)
			}
		}
		for _, c := range st.Cores {
			if c.FanIn != f {
				continue
			}
			l, err := st.Tech.Prices(c.Geometry)
			if err != nil {
				return nil, err
			}
			cost := c.work(period).price(l)
			ops := operations(f)
			arithmetic := 0.0
			for _, e := range []activity.Event{activity.EPCMul, activity.DEPCAdd, activity.LFSRStep} {
				arithmetic += float64(float64(l.Event[e].AJ.PJ()) * float64(c.Events[e]))
			}
			rest := cost.OnDie() - arithmetic - cost.Leak - cost.Clock - cost.Control - cost.Wires
			t.Row(product(f), c.Variant, int(c.Cycles), cost.OnDie()/ops, arithmetic/ops, rest/ops,
				cost.Leak/ops,
				(cost.Clock+cost.Control+cost.Wires)/ops, (cost.DRAM+cost.PHY)/ops)
		}
	}
	return t, nil
}
