package study

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing/fstest"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/power/table"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/epc"
	"bdfasim/sim"
)

// Core is a run of an error propagation core alone: the product 32 x F by F x neurons, from errors in OMEM to errors in OMEM.
type Core struct {
	Arm      string
	FanIn    int
	Neurons  int
	Density  float64 // of the errors that come in
	Geometry activity.Geometry
	Events   activity.Row
	Cycles   uint64
}

// coreNeurons is the width of the core's product.
const coreNeurons = 512

// Addresses of the core's program.
const (
	coreErrors = 0     // OMEM words
	coreOut    = 20480 // likewise
	coreMatrix = 0     // external bytes
)

// coreSource is the program of a core: errors into its buffer, then the product.
func coreSource(a Arm, fanIn int) string {
	unit := string(a.Unit)
	step := (fanIn + 63) / 64 * 16
	flags := ""
	src := fmt.Sprintf(`_start: mark ep, zero
        seti %[1]s.src, %[2]d
        seti %[1]s.sstep, %[3]d
        seti %[1]s.nb, 32
        seti %[1]s.n, %[4]d
        %[1]s.load
        seti %[1]s.neurons, %[5]d
        seti %[1]s.shift, 4
        seti %[1]s.dst, %[6]d
        seti %[1]s.dstep, %[7]d
        seti %[1]s.mask, 0
        seti %[1]s.mstep, %[8]d
`, unit, coreErrors, step, fanIn, coreNeurons, coreOut, coreNeurons/4, coreNeurons/16)
	if a.Unit == compile.ArmEPC {
		src += fmt.Sprintf("        seti epc.matrix, %d\n        seti epc.kstep, 8192\n        seti epc.jstep, %d\n", coreMatrix, coreNeurons/64*8192)
	} else {
		src += "        seti depc.seed, 0x1234567\n        seti depc.entry, 0\n"
		if a.Stored {
			flags = "sram"
		}
	}
	return src + fmt.Sprintf("        %s.run %s\n        wait %s, 0\n        mark misc, zero\n        halt\n", unit, flags, unit)
}

// runCore simulates a core with random errors of a density, half of the f' bits set.
func runCore(ctx context.Context, a Arm, fanIn int, density float64) (*Core, error) {
	img, err := asm.Assemble(fstest.MapFS{"core.s": {Data: []byte(coreSource(a, fanIn))}}, "core.s", asm.Options{})
	if err != nil {
		return nil, fmt.Errorf("study: core %s: %w", a.Name, err)
	}
	cfg := rtl.DefaultConfig()
	cfg.EPC.Kind = a.Kind
	buffer := max(128, fanIn)
	if a.Unit == compile.ArmEPC {
		cfg.EPC.Errors, cfg.DEPC.Classes = buffer, 0
	} else {
		cfg.EPC.Kind = epc.None
		cfg.DEPC.Classes = buffer
		cfg.DEPC.SignEntries = 0
		if a.Stored {
			cfg.DEPC.SignEntries = coreNeurons / 16 * ((fanIn + 15) / 16)
		}
	}
	chip, err := rtl.New(cfg)
	if err != nil {
		return nil, err
	}
	e := sim.New(chip)
	if err := e.LoadImage(img); err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(3, uint64(fanIn)))
	mem := chip.OMEM.State().Mem
	for b := range 32 {
		for j := range fanIn {
			if rng.Float64() < density {
				mem[coreErrors+b*((fanIn+63)/64*16)+j/4] |= uint64(1+rng.IntN(1<<15)) & 0xffff << (16 * (j % 4))
			}
		}
	}
	for k := range chip.MaskMemory() {
		chip.MaskMemory()[k] = uint16(rng.IntN(1 << 16))
	}
	for k := range coreNeurons * fanIn * 2 * 8 {
		if k < len(chip.XMemory()) {
			chip.XMemory()[k] = byte(rng.IntN(256))
		}
	}
	r, err := e.Run(ctx, 1<<30, sim.Options{})
	if err != nil {
		return nil, fmt.Errorf("study: core %s: %w", a.Name, err)
	}
	c := &Core{Arm: a.Name, FanIn: fanIn, Neurons: coreNeurons, Density: density, Geometry: chip.Geometry()}
	for t := range r.Counts.Rows {
		if tag := activity.Tag(t); isa.Phase(tag.Phase()) == isa.PhaseEP {
			for ev, n := range r.Counts.Rows[t] {
				c.Events[ev] += n
			}
		}
	}
	c.Cycles = r.Phases[isa.PhaseEP].Cycles
	return c, nil
}

// work is the core alone over a period: its own unit, the generator, and of OMEM the words and f' bits that it moved.
func (c *Core) work(period uint64) *Work {
	w := &Work{Name: c.Arm, Geometry: c.Geometry, Cycles: period, Units: []activity.Unit{activity.EPC, activity.DEPC, activity.LFSR, activity.OMEM, activity.XMem}}
	w.Events = c.Events
	return w
}

// coreTable is the energy of the cores.
func (st *Study) coreTable() (*table.Table, error) {
	t := table.New("The error propagation core alone", "product", "arm", "cycles", "pJ an operation, on-die", "of it arithmetic", "buffers, registers, rest", "leakage", "clock, control, wires", "external pJ an operation")
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
			w := c.work(period)
			cost := w.price(l)
			ops := float64(32 * f * coreNeurons)
			arithmetic := 0.0
			for _, e := range []activity.Event{activity.EPCMul, activity.DEPCAdd, activity.LFSRStep} {
				arithmetic += float64(l.Event[e].AJ.PJ()) * float64(c.Events[e])
			}
			rest := cost.OnDie() - arithmetic - cost.Leak - cost.Clock - cost.Control - cost.Wires
			t.Row(fmt.Sprintf("32 x %d by %d x %d", f, f, coreNeurons), c.Arm, int(c.Cycles), cost.OnDie()/ops, arithmetic/ops, rest/ops, cost.Leak/ops,
				(cost.Clock+cost.Control+cost.Wires)/ops, (cost.DRAM+cost.PHY)/ops)
		}
	}
	t.Note("an operation is one error x feedback-weight term, whether it is skipped or not; the rest holds OMEM's words and f' bits and the clock of external memory's controller; external: bits and PHY, no background; leakage over the slowest core's time; incoming errors: all not zero up to fan-in 16, half above; half of the f' bits set")
	return t, nil
}
