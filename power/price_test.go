package power

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/rtl/activity"
)

func TestEveryEventHasPriceAndSource(t *testing.T) {
	l := prices(t)
	zero := map[activity.Event]bool{activity.XActivate: true, activity.XRefresh: true}
	for e := activity.ToggleX; e <= activity.EPCToggleOut; e++ {
		zero[e] = true // in the model of events; for the other one, TestTogglePricesByHand
	}
	for e := range activity.NumEvents {
		p := l.Event[e]
		require.Equal(t, e, p.Event)
		for _, words := range []string{p.Source, p.Formula, p.Why, p.Rule} {
			require.NotEmpty(t, words, e.String())
		}
		require.Equal(t, zero[e], p.AJ == 0, e.String())
		require.LessOrEqual(t, p.Low, p.PJ, e.String())
		require.LessOrEqual(t, p.PJ, p.High, e.String())
		require.Equal(t, math.Round(float64(p.PJ)*1e6), float64(p.AJ), e.String())
	}
	for _, k := range l.Leak {
		require.NotEmpty(t, k.Source, k.Name)
		require.LessOrEqual(t, k.Low, k.MW, k.Name)
		require.LessOrEqual(t, k.MW, k.High, k.Name)
	}
}

// Sums written out by hand from the constants and the rows of the SRAM table.
func TestPricesByHand(t *testing.T) {
	l := prices(t)
	for e, want := range map[activity.Event]float64{
		activity.MAC:        1.55 + 0.20*48/32 + 64*0.018,
		activity.DrainLane:  0.20*3*48/32 + 0.02,
		activity.DEPCAdd:    0.20*20/32 + 0.02,
		activity.LossDiv:    0.20 + 2*0.02,
		activity.RLCEncode:  0.10*5/16 + 2*0.02,
		activity.RLCDecode:  0.10*6/16 + 0.02,
		activity.CornerTurn: 16*0.02 + 256*0.018,
		activity.LFSRStep:   0.02 * 24 / 16,
		activity.MomLane:    4*1.55 + 0.20*(2*(48+32+40)+26+26+17)/32,
		activity.XReadMom:   256 * 12,
		activity.OMEMRead:   15.027,
		activity.OMEMWrite:  43.0893,
		activity.WMEMRead:   17.9531,
		activity.AccRead:    3 * 17.3916,
		activity.AccWrite:   3 * 20.2738,
		activity.BiasRead:   2 * 17.9531,
		activity.BiasWrite:  24.3632,
		activity.PtrRead:    10.2334 * math.Pow(11.4254/10.2334, math.Log(1.5)/math.Log(2)),
		activity.ActiveDEPC: (7000 - 12*20) * 0.018, // but for 12 groups
		activity.ClockDEPC:  10 * 0.018,             // of one of two copies

		activity.XReadNorm: 256 * 12, activity.XReadEPC: 256 * 12, activity.XWriteDrain: 256 * 12, activity.XWriteDEPC: 256 * 12, activity.XWriteNorm: 256 * 12,
		activity.DropRand:     2*1.55*32*16.5/256 + 0.20 + 6*0.02,
		activity.NormStat:     1.55 + 2*0.20*64/32,
		activity.NormBack:     1.55 + 2*0.20*64/32,
		activity.NormLane:     1.55*(24*17+24*16)/256 + 0.20*(25+2*41+3*40)/32 + 2*0.02,
		activity.NormPool:     0.10 + 0.02*20/16,
		activity.NormGrad:     1.55*(16*32+26*26)/256 + 0.20*(48+2*26+2*52)/32 + 0.02,
		activity.NormStep:     0.20*64/32 + 4*0.02,
		activity.NormRead:     26.1221,                 // 16 KB x 256
		activity.NormWrite:    81.9239,                 //
		activity.NormSumRead:  2 * 4 * 17.9531,         // two accesses of 1024 bit, four slices of 2 KB x 256
		activity.NormSumWrite: 2 * 4 * 24.3632,         //
		activity.LineRead:     2 * 6.39233 * 160 / 128, // two slices of 160 bit, 1 KB x 128 nearest
		activity.LineWrite:    2 * 9.5974 * 160 / 128,  //
		activity.EPCMul:       1.55 + 0.20*36/32,
		activity.EPCWRead:     17.9531 + 256*0.018, // 2 KB x 256
		activity.EPCWWrite:    24.3632,             //
		activity.EPCERead:     21.3453,             // 8 KB x 256
		activity.EPCEWrite:    48.9233,             //
		activity.DEPCPRead:    2 * 17.3916,         // 512 bit, two slices of 1 KB x 256
		activity.EPCPRead:     3 * 17.3916,
		activity.EPCPWrite:    3 * 20.2738,
		activity.ActiveNorm:   (9000 - 15*20) * 0.018,
		activity.ActiveEPC:    (10000 - 16*20) * 0.018,
	} {
		require.InDelta(t, want*1e6, float64(l.Event[e].AJ), 1, e.String())
	}
	require.InDelta(t, 0.8+0.10*48/32+64*0.009, float64(l.Event[activity.MAC].Low), 1e-12)
	require.InDelta(t, 2.5*15.027, float64(l.Event[activity.OMEMRead].High), 1e-9)
}

func TestLeakageByHand(t *testing.T) {
	l := prices(t)
	byName := map[string]Leakage{}
	for _, k := range l.Leak {
		byName[k.Unit.String()+" "+k.Name] = k
	}
	require.Len(t, byName, len(reference().Memories)+int(activity.NumUnits))
	omem := byName["OMEM OMEM"]
	require.InDelta(t, 8*0.00352979, omem.MW, 1e-12)
	require.InDelta(t, 0.5*8*0.00352979, omem.Low, 1e-12)
	require.InDelta(t, 2*8*28.0528, omem.High, 1e-9)
	require.InDelta(t, 8*0.00352979/200*1e9, float64(omem.AJ), 0.5) // mW / MHz = nJ
	process := 0.000131309 / 1.02836
	dnnc := byName["DNNC logic"]
	require.InDelta(t, process*((4000+256*64)*73.95e-6+256*(12.04e-3+1.5*2.381e-3)), dnnc.MW, 1e-12)
	require.InDelta(t, (4000+256*64)*147.9e-6+256*(24.08e-3+1.5*4.762e-3), dnnc.High, 1e-9)
	// 16 roundings of the DEPC have 32 bit, of the EPC 48, of NORM 52.
	for name, want := range map[string]float64{
		"DEPC logic":  7000*73.95e-6 + (256*20/32+16*2)*2.381e-3 + (256+16)*0.3056e-3,
		"EPC logic":   (10000+4096)*73.95e-6 + 256*12.04e-3 + (256*36/32+16*3)*2.381e-3 + 16*0.3056e-3,
		"NORM logic":  9000*73.95e-6 + 16*(26*26+32*17)/256.*12.04e-3 + (16*(128+26+40+48)/32+16*2*52/32)*2.381e-3 + (20+4+16)*0.3056e-3,
		"MOM logic":   8000*73.95e-6 + 64*12.04e-3 + 16*(2*(48+32+40)+69)/32.*2.381e-3 + 48*0.3056e-3,
		"DRAIN logic": 5000*73.95e-6 + 2*32*16.5/256*12.04e-3 + (16*48*3+32)/32*2.381e-3 + (16+6)*0.3056e-3,
	} {
		require.InDelta(t, process*want, byName[name].MW, 1e-12, name)
	}
	for u := range activity.NumUnits {
		var sum Attojoules
		for _, k := range l.Leak {
			if k.Unit == u {
				sum += k.AJ
			}
		}
		require.Equal(t, sum, l.UnitAJ[u])
	}
	hp := Default65()
	hp.Cell = CellHP
	lh, err := hp.Prices(reference())
	require.NoError(t, err)
	require.Greater(t, lh.UnitAJ[activity.OMEM], 1000*l.UnitAJ[activity.OMEM])
}

// Operators follow the machine: trees by their number and inputs, a bit of width for each doubling,
// the generator by its leap, the momentum unit by its lanes.
func TestPricesFollowTheOperators(t *testing.T) {
	g := reference()
	g.DEPC, g.EPC = activity.Trees{N: 8, Inputs: 32}, activity.Trees{N: 32, Inputs: 8}
	g.LFSRBits, g.MomLanes = 32, 8
	l, err := Default65().Prices(g)
	require.NoError(t, err)
	events := map[activity.Event]float64{
		activity.DEPCAdd:  0.20*21/32 + 0.02,
		activity.EPCMul:   1.55 + 0.20*35/32,
		activity.LFSRStep: 0.02 * 32 * 3 / 16,
	}
	for e, want := range events {
		require.InDelta(t, want*1e6, float64(l.Event[e].AJ), 1, e.String())
	}
	toggles := togglePrices(t, g)
	require.InDelta(t, 0.20*21/32/10.5*1e6, float64(toggles.Event[activity.DEPCToggleOut].AJ), 1)
	require.InDelta(t, 0.20*35/32/17.5*1e6, float64(toggles.Event[activity.EPCToggleOut].AJ), 1)
	logic := map[activity.Unit]float64{
		// Eight trees round 8 sums; 32 trees round a group; their weights are a tile of 32 x 16.
		activity.DEPC: 7000*73.95e-6 + (256*21/32.+8*2)*2.381e-3 + (256+8)*0.3056e-3,
		activity.EPC:  (10000+8192)*73.95e-6 + 256*12.04e-3 + (256*35/32.+16*3)*2.381e-3 + 16*0.3056e-3,
		activity.LFSR: float64(g.RegBits(activity.LFSR))*73.95e-6 + 6*0.3056e-3,
		activity.Mom:  8000*73.95e-6 + 32*12.04e-3 + 8*(2*(48+32+40)+69)/32.*2.381e-3 + 24*0.3056e-3,
	}
	for _, k := range l.Leak {
		if want := logic[k.Unit]; k.Name == "logic" && want > 0 {
			require.InDelta(t, 0.000131309/1.02836*want, k.MW, 1e-12, k.Unit)
			delete(logic, k.Unit)
		}
	}
	require.Empty(t, logic)
}

// An EPC of lanes is an array like the DNNC: a product costs what a MAC does, a read of weights its access alone.
func TestLanesOfTheEPC(t *testing.T) {
	l, err := Default65().Prices(laneChip())
	require.NoError(t, err)
	require.Equal(t, l.Event[activity.MAC].AJ, l.Event[activity.EPCMul].AJ)
	require.EqualValues(t, 17_953_100, l.Event[activity.EPCWRead].AJ)
	for _, k := range l.Leak {
		if k.Unit == activity.EPC && k.Name == "logic" {
			process := 0.000131309 / 1.02836
			require.InDelta(t, process*((10000+256*64+3*4096)*73.95e-6+256*12.04e-3+(256*48/32+16*3)*2.381e-3+32*0.3056e-3), k.MW, 1e-12)
		}
	}
}

// What is not built neither leaks nor has a price, whoever counts its events is refused, and nothing else changes.
func TestNotBuilt(t *testing.T) {
	all := prices(t)
	for name, c := range map[string]struct {
		g      activity.Geometry
		unit   activity.Unit
		events []activity.Event
	}{
		"epc":  {depcChip(), activity.EPC, []activity.Event{activity.EPCMul, activity.EPCWRead, activity.EPCPWrite}},
		"depc": {epcChip(), activity.DEPC, []activity.Event{activity.DEPCAdd, activity.EBufRead, activity.SignRead}},
		"norm": {without(activity.MemNorm, activity.MemNormSum, activity.MemLine), activity.Norm, []activity.Event{activity.NormStat, activity.NormLane, activity.NormStep, activity.LineRead}},
	} {
		l, err := Default65().Prices(c.g)
		require.NoError(t, err)
		bits, err := toAttojoules(float64(c.g.RegBits(c.unit)) * 73.95e-6 * 0.000131309 / 1.02836 / 200 * 1e9)
		require.NoError(t, err)
		require.Equal(t, bits, l.UnitAJ[c.unit], name)
		require.Less(t, l.UnitAJ[c.unit], all.UnitAJ[c.unit], name)
		require.Equal(t, all.UnitAJ[activity.DNNC], l.UnitAJ[activity.DNNC], name)
		require.Equal(t, all.Event[activity.MAC], l.Event[activity.MAC], name)
		for _, ev := range c.events {
			require.Zero(t, l.Event[ev].AJ, ev.String())
			var counts activity.Counts
			counts.Rows[3][ev] = 1
			_, err := l.Measure(&counts, Cycles{})
			require.ErrorContains(t, err, "is not built", ev.String())
			for a := range NumAccounts {
				require.Zero(t, l.Account[a].Event[ev], ev.String())
			}
		}
	}
}

func TestVoltage(t *testing.T) {
	require.InDelta(t, 1, dynamicScale(1.1), 1e-15)
	e := func(v float64) float64 { return 3.755*v*v - 4.398*v + 1.975 }
	require.InDelta(t, 0.438, dynamicScale(0.7), 5e-4) // 0.73635 / 1.68075
	low := Default65()
	low.Volt = 0.7
	ll, err := low.Prices(reference())
	require.NoError(t, err)
	l := prices(t)
	for _, ev := range []activity.Event{activity.MAC, activity.OMEMRead, activity.ActiveSeq, activity.DEPCAdd} {
		require.InDelta(t, e(0.7)/e(1.1), float64(ll.Event[ev].AJ)/float64(l.Event[ev].AJ), 1e-5, ev.String())
	}
	require.Equal(t, l.Event[activity.XReadDMA].AJ, ll.Event[activity.XReadDMA].AJ)
	require.InDelta(t, 0.7/1.1, float64(ll.UnitAJ[activity.OMEM])/float64(l.UnitAJ[activity.OMEM]), 1e-4)
	require.InDelta(t, e(0.7)/e(1.1)*1.55, low.Scaled(Mul16).Value, 1e-12)
	require.InDelta(t, e(0.7)/e(1.1)*3.1, low.Scaled(Mul16).High, 1e-12)
	require.Equal(t, low.Base[AreaReg], low.Scaled(AreaReg))
}

func TestRefusals(t *testing.T) {
	for want, spoil := range map[string]func(*Tech){
		`constant "16x16 multiply": source: got nothing`: func(x *Tech) { x.Base[Mul16].Source = "" },
		`constant "add32": name: got nothing`:            func(x *Tech) { x.Base[Add32].Name = "" },
		`constant "add32": unit: got ""`:                 func(x *Tech) { x.Base[Add32] = Constant{} },
		"high: got 0.1, want at least the value, 0.2":    func(x *Tech) { x.Base[Add32].High = 0.1 },
		`"32-bit add": rule: got 4`:                      func(x *Tech) { x.Base[Add32].Rule = NumRules },
		`constant "32-bit add": unit: got "nJ", want pJ`: func(x *Tech) { x.Base[Add32].Unit = "nJ" },
		"supply: got 1.2 V, want 0.7 to 1.1":             func(x *Tech) { x.Volt = 1.2 },
		"supply: got NaN V":                              func(x *Tech) { x.Volt = math.NaN() },
		`memory cell: got "itrs-lop"`:                    func(x *Tech) { x.Cell = "itrs-lop" },
		"0 to 9223372036854775807":                       func(x *Tech) { x.Base[Mul16].Value, x.Base[Mul16].High = 1e14, 1e14 },
		`external memory: got "rambus", want none`:       func(x *Tech) { x.DRAM = "rambus" },
		"distribution: got 3":                            func(x *Tech) { x.Base[Wire].Distribution = NumDistributions },
		"low end of 0":                                   func(x *Tech) { x.Base[Control].Distribution = LogUniform },
		"account of clock tree":                          func(x *Tech) { x.Base[ClockTree].Value, x.Base[ClockTree].High = 1e12, 1e12 },
		"account of external memory background":          func(x *Tech) { x.Base[LPDDR3Background].Value, x.Base[LPDDR3Background].High = 1e13, 1e13 },
	} {
		tech := Default65()
		spoil(tech)
		_, err := tech.Prices(reference())
		require.ErrorContains(t, err, want)
	}
	for want, spoil := range map[string]func(*activity.Geometry){
		"price of omem_read: memory OMEM: not in the geometry": func(g *activity.Geometry) { delete(g.Memories, activity.MemOMEM) },
		"got 0 lanes":                            func(g *activity.Geometry) { g.Lanes = 0 },
		"got trees of {0 16}":                    func(g *activity.Geometry) { g.DEPC.N = 0 },
		"0 momentum lanes":                       func(g *activity.Geometry) { g.MomLanes = 0 },
		"clock: got 0 MHz":                       func(g *activity.Geometry) { g.ClockMHz = 0 },
		"leakage of DNNC ACC: got":               func(g *activity.Geometry) { g.ClockMHz = 1e-15 },
		"leakage of OMEM a cycle: more than 9.2": func(g *activity.Geometry) { g.ClockMHz = 3.3e-12 },
		`external memory: got kind "rambus"`:     func(g *activity.Geometry) { g.DRAM = "rambus" },
		"got -1 register bits":                   func(g *activity.Geometry) { g.Clocked[activity.ActiveMom].Bits = -1 },
		"256 KB, want at most 128":               func(g *activity.Geometry) { grow(g, activity.MemOMEM, 8) },
		"got 0 bytes x 64 bit":                   func(g *activity.Geometry) { grow(g, activity.MemOMEM, 0) },
		"memory extra: got -1":                   func(g *activity.Geometry) { g.Memories["extra"] = activity.MemoryShape{Macros: -1} },
		"leakage of memory extra: ":              func(g *activity.Geometry) { g.Memories["extra"] = activity.MemoryShape{Macros: 1} },
	} {
		g := reference()
		spoil(&g)
		_, err := Default65().Prices(g)
		require.ErrorContains(t, err, want)
	}
	for want, spoil := range map[string]recipe{
		"price of mac: no price":                                 {},
		"price of mac: no price, or one without":                 {terms: []Term{{Mul16, 1}}},
		"price of mac: no constants":                             {why: "because"},
		"price of mac: a term of -1":                             {why: "because", terms: []Term{{Mul16, -1}}},
		`price of mac: constant "register bit leakage" is in mW`: {why: "because", terms: []Term{{LeakReg, 1}}},
	} {
		rs := recipes(reference())
		rs[activity.MAC] = spoil
		_, err := Default65().prices(ByEvents, reference(), rs)
		require.ErrorContains(t, err, want)
	}
}

func grow(g *activity.Geometry, m activity.Memory, times int) {
	s := g.Memories[m]
	s.Bytes *= times
	g.Memories[m] = s
}

func TestDoubledMemoryCostsMore(t *testing.T) {
	l := prices(t)
	for m, e := range map[activity.Memory]activity.Event{
		activity.MemOMEM: activity.OMEMRead, activity.MemWMEM: activity.WMEMRead, activity.MemAcc: activity.AccRead, activity.MemSign: activity.SignRead,
		activity.MemNorm: activity.NormRead, activity.MemNormSum: activity.NormSumWrite, activity.MemLine: activity.LineRead,
		activity.MemEPCW: activity.EPCWRead, activity.MemEPCE: activity.EPCERead, activity.MemEPCP: activity.EPCPRead,
	} {
		g := reference()
		grow(&g, m, 2)
		l2, err := Default65().Prices(g)
		require.NoError(t, err)
		require.Greater(t, l2.Event[e].AJ, l.Event[e].AJ, string(m))
	}
}

func TestSRAMMacroRules(t *testing.T) {
	m := func(bytes, width int) Macro {
		x, err := SRAMMacro(CellLSTP, bytes, width)
		require.NoError(t, err)
		return x
	}
	require.Equal(t, m(1024, 64).ReadPJ, m(100, 64).ReadPJ)
	require.InDelta(t, m(1024, 64).LeakMW/2, m(512, 64).LeakMW, 1e-15)
	require.InDelta(t, float64(m(4096, 64).ReadPJ)*48/64, float64(m(4096, 48).ReadPJ), 1e-12)
	require.InDelta(t, float64(m(4096, 32).ReadPJ)*40/32, float64(m(4096, 40).ReadPJ), 1e-12)
	require.InDelta(t, 2*float64(m(2048, 256).WritePJ), float64(m(4096, 512).WritePJ), 1e-12)
	require.InDelta(t, 2*m(2048, 256).LeakMW, m(4096, 512).LeakMW, 1e-15)
	rapid.Check(t, func(t *rapid.T) { // between two rows of the table, never outside them
		i := rapid.IntRange(0, 6).Draw(t, "row")
		w := rapid.SampledFrom([]int{16, 32, 64, 128, 256}).Draw(t, "width")
		b := rapid.IntRange(1024<<i, 2048<<i).Draw(t, "bytes")
		lo, _ := SRAMMacro(CellHP, 1024<<i, w)
		hi, _ := SRAMMacro(CellHP, 2048<<i, w)
		x, err := SRAMMacro(CellHP, b, w)
		if err != nil || x.ReadPJ < min(lo.ReadPJ, hi.ReadPJ)*(1-1e-12) || x.ReadPJ > max(lo.ReadPJ, hi.ReadPJ)*(1+1e-12) {
			t.Fatalf("%d bytes x %d: got %v, %v, want between %v and %v", b, w, x.ReadPJ, err, lo.ReadPJ, hi.ReadPJ)
		}
	})
}

func FuzzParseSRAM(f *testing.F) {
	f.Add(cactiCSV)
	head := sramColumns + "\n"
	f.Add(head + "a,1,16,1,2,3,1,1,4\n")
	f.Add(head + "a,1,16,1,2,3,1,1,4\na,1,16,1,2,3,1,1,4\n")
	f.Add(head + "a,0,16,1,2,3,1,1,4\n")
	f.Fuzz(func(t *testing.T, text string) {
		tab, err := parseSRAM(text)
		if err != nil {
			return
		}
		for k, m := range tab.rows {
			got, err := tab.macro(k.cell, k.kb*1024, k.width)
			require.NoError(t, err)
			require.Equal(t, Macro{Picojoules(m[0]), Picojoules(m[1]), m[2], m[3]}, got)
		}
	})
}

func TestParseSRAMRefuses(t *testing.T) {
	head := sramColumns + "\n"
	for text, want := range map[string]string{
		"":                             "want a header",
		"cell,KB\na,1\n":               "want a header",
		head + "a,1,16,1,2,3,1,1\n":    "wrong number of fields",
		head + "a,1,16,1,2,3,1,1,0\n":  `line 2: column 9: got "0"`,
		head + "a,x,16,1,2,3,1,1,4\n":  `line 2: column 2: got "x"`,
		head + "a,1,16,1,-2,3,1,1,4\n": `line 2: column 5: got "-2"`,
		head + "a,1,16,1,2,3,1,1,4\na,1,16,1,2,3,1,1,4\n": "line 3: a 1 KB x 16 a second time",
		head + "a,1,16,1,2,3,1,1,4\na,2,32,1,2,3,1,1,4\n": "got 2 rows, want 4",
	} {
		_, err := parseSRAM(text)
		require.ErrorContains(t, err, want)
	}
}
