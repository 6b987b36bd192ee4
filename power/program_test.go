package power_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bdfasim/isa/asm"
	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
)

// ten is a program of ten instructions: two rows of weights for 16 lanes, all 5 and all 6, are added up by MACs.
const ten = `
.section .xmem.weights
        .org 0
        .fill 64, 2, 5
        .fill 64, 2, 6
        .zero 62 * 128
.text
_start: mark    ff, zero
        seti    wld.rows, 2
        seti    wld.groups, 1
        wld.w
        seti    dnnc.nb, 2
        seti    dnnc.rows, 1
        seti    dnnc.groups, 1
        dnnc.ones first, last, free
        wait    dnnc, 0
        halt
`

// run runs the program to its end.
func run(t *testing.T, toggles bool) (*rtl.Chip, power.Cycles) {
	img, err := asm.Assemble(fstest.MapFS{"ten.s": {Data: []byte(ten)}}, "ten.s", asm.Options{})
	require.NoError(t, err)
	require.Len(t, img.Code, 10)
	cfg := rtl.DefaultConfig()
	cfg.XMem.Bytes = 1 << 20
	cfg.Toggles = toggles
	c, err := rtl.New(cfg)
	require.NoError(t, err)
	require.NoError(t, c.Load(img.Code, img.Entry, img.Scratch))
	for _, s := range img.Segments {
		copy(c.XMemory()[s.Addr:], s.Data)
	}
	var cycles power.Cycles
	for !c.Wires().Seq.Finished {
		c.Step()
		require.False(t, c.Faulted())
		cycles[c.Wires().Seq.Tag.Phase()]++
		require.Less(t, c.Cycle(), uint64(1000))
	}
	return c, cycles
}

// prices prices a chip under a model.
func prices(t *testing.T, m power.Activity, c *rtl.Chip) *power.PriceList {
	l, err := power.Default65().PricesAs(m, c.Geometry())
	require.NoError(t, err)
	return l
}

// Prices are those of the machine: at another clock what is paid by time costs as much a second, and
// as much less a cycle; another memory has its own prices.
func TestPricesFollowTheMachine(t *testing.T) {
	chip := func(fields ...string) *rtl.Chip {
		cfg := rtl.DefaultConfig()
		require.NoError(t, cfg.Set("test", fields...))
		c, err := rtl.New(cfg)
		require.NoError(t, err)
		return c
	}
	of := func(fields ...string) *power.PriceList { return prices(t, power.ByEvents, chip(fields...)) }
	base, fast := of(), of("clock_mhz=250")
	require.Equal(t, 200.0, base.FreqMHz)
	require.Equal(t, 250.0, fast.FreqMHz)
	for e := range base.Event {
		// A faster clock cuts the lanes of the momentum unit more often, and has larger counters of
		// cycles of external memory.
		if e := activity.Event(e); e == activity.ClockMomLanes || e == activity.ActiveXMem {
			require.Greater(t, fast.Event[e].AJ, base.Event[e].AJ, e)
			continue
		}
		require.Equal(t, base.Event[e], fast.Event[e])
	}
	bits, more := chip().Geometry(), chip("clock_mhz=250").Geometry()
	const leak = 73.95e-6 * 0.000131309 / 1.02836 / 250 * 1e9 // of a register bit, aJ a cycle
	for u, aj := range base.UnitAJ {
		n := more.RegBits(activity.Unit(u)) - bits.RegBits(activity.Unit(u))
		require.InDelta(t, float64(aj)/1.25+float64(n)*leak, float64(fast.UnitAJ[u]), 10)
	}
	background := func(l *power.PriceList) float64 { return float64(l.Account[power.AccountBackground].CycleAJ) }
	require.InDelta(t, background(base)/1.25, background(fast), 1)
	require.InDelta(t, 0.25, fast.MW(1e12, 1e6), 1e-9)

	for kind, pj := range map[string]float64{"lpddr4-3200": 8, "ddr4-2400": 7.8, "ideal": 0} {
		l := of("xmem.kind=" + kind)
		require.InDelta(t, 256*pj, float64(l.Event[activity.XReadDMA].PJ), 1e-9)
		require.Equal(t, pj == 0, background(l) == 0)
		require.NotEqual(t, background(base), background(l))
		require.Equal(t, base.UnitAJ[activity.DNNC], l.UnitAJ[activity.DNNC])
	}
}

// The hand-computed energy of a ten-instruction program under both models. Numbers are attojoules.
func TestHandComputedEnergyOfATenInstructionProgram(t *testing.T) {
	c, cycles := run(t, true)
	counts := c.Activity()
	clocked := map[activity.Event]uint64{
		// SEQ: ten instructions and four cycles in which the last of them wait; a command or mark or
		// its end; parameters and commands.
		activity.ActiveSeq: 14, activity.ClockSeq + 3: 7, activity.ClockSeq + 4: 7,
		// The loader: two parameters and a command; two bursts asked for, and two landed as rows.
		activity.ActiveWLD: 8, activity.Param(activity.WLD): 2, activity.Command(activity.WLD): 1,
		activity.ClockWLD: 2, activity.ClockWLD + 1: 2, activity.ClockWLD + 4: 2,
		// The array: three parameters and a command; the start, two products and the end; four
		// streams' rows are cleared and one is used; a buffer is released; a swap, two products and the
		// end are on their way.
		activity.ActiveDNNC: 13, activity.Param(activity.DNNC): 3, activity.Command(activity.DNNC): 1,
		activity.ClockDNNCWork: 4, activity.ClockDNNCTouched: 5, activity.ClockDNNCFreed: 1, activity.ClockDNNCOperand: 4,
		// External memory: the counter to the next refresh in each cycle; a row opened and two bursts
		// answered.
		activity.ActiveXMem: 18, activity.ClockXMem: 34, activity.ClockXMem + 1: 1, activity.ClockXMem + 3: 2,
	}
	for e, want := range map[activity.Event]uint64{
		activity.SeqInstr: 10, activity.IMemRead: 10, activity.XReadWLD: 2, activity.XActivate: 1, activity.WMEMWrite: 2, activity.WMEMRead: 2,
		activity.MAC: 2 * 16, activity.AccWrite: 1,
		activity.ToggleX:   16 * 1,       // the operand, from 0 to 1, at 16 lanes, and 1 again
		activity.ToggleW:   16 * (2 + 2), // 0000 -> 0101 -> 0110
		activity.ToggleAcc: 16 * (2 + 3), // 0000 -> 0101 -> 1011
	} {
		require.Equal(t, want, counts.Total(e), e)
	}
	geometry := c.Geometry()
	var clocks power.Attojoules
	for e := range activity.NumEvents {
		if e.IsClock() {
			require.Equal(t, clocked[e], counts.Total(e), e)
			clocks += power.Attojoules(18_000 * clocked[e] * uint64(geometry.Clocked[e].Bits))
		}
	}
	const memories = 10*15_902_100 + 2*3_072_000_000 + 2*24_363_200 + 2*17_953_100 + 60_821_400 // IMEM, external, WMEM twice, ACC
	const instructions = 10 * (200_000 + 4*20_000)
	for m, macs := range map[power.Activity]power.Attojoules{
		// Product, 48-bit sum and 64 register bits for each of 32 MACs.
		power.ByEvents: 32 * (1_550_000 + 300_000 + 64*18_000),
		// 0.881 of the register bits for each; of a bit that changes a sixteenth of a product or a twenty-fourth of a sum, and
		// 2 x 0.119 of a register bit.
		power.ByToggles: 32*1_014_912 + 16*96_875 + 64*(96_875+4_284) + 80*(12_500+4_284),
	} {
		l := prices(t, m, c)
		e, err := l.Measure(counts, cycles)
		require.NoError(t, err)
		var leak power.Attojoules
		for _, aj := range l.UnitAJ {
			leak += 34 * aj
		}
		require.EqualValues(t, 34, c.Cycle())
		require.Equal(t, leak+clocks+memories+instructions+macs, e.Total(), m)
		require.Equal(t, m, e.Activity)
	}
	require.EqualValues(t, 6_547_339_000, memories+instructions+32*3_002_000)
	require.EqualValues(t, 6_493_119_080, memories+instructions+41_844_080)
}

// Without the switch nothing is counted and nothing else differs; what was not counted cannot be priced by toggles.
func TestSwitch(t *testing.T) {
	off, cycles := run(t, false)
	on, same := run(t, true)
	require.Equal(t, cycles, same)
	require.Equal(t, off.Wires(), on.Wires())
	require.Equal(t, off.XMemory(), on.XMemory())
	require.Equal(t, off.Geometry(), on.Geometry())
	off.DNNC.Flush()
	on.DNNC.Flush()
	require.Equal(t, off.DNNC.State, on.DNNC.State)
	counts := *on.Activity()
	for t := range counts.Rows {
		for e := activity.ToggleX; e <= activity.EPCToggleOut; e++ {
			counts.Rows[t][e] = 0
		}
	}
	require.Equal(t, *off.Activity(), counts)
	_, err := prices(t, power.ByToggles, off).Measure(off.Activity(), cycles)
	require.ErrorContains(t, err, "counts without toggles")
	a, err := prices(t, power.ByEvents, off).Measure(off.Activity(), cycles)
	require.NoError(t, err)
	b, err := prices(t, power.ByEvents, on).Measure(on.Activity(), cycles)
	require.NoError(t, err)
	require.Equal(t, a.Total(), b.Total(), "the model of events takes no notice of toggles")
}
