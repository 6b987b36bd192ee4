package power

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
)

func TestBuiltIns(t *testing.T) {
	lp, gp := Default65(), builtIn(t, GP65)
	require.Equal(t, LP65, lp.Name)
	require.Equal(t, CellLSTP, lp.Cell)
	require.Equal(t, CellHP, gp.Cell)
	require.Equal(t, lp.Base, gp.Base)
	require.Equal(t, 12.0, lp.Base[LPDDR3Bit].Value)
	require.Equal(t, 1.1, lp.Volt)
	_, err := BuiltIn("sky130")
	require.ErrorContains(t, err, `got "sky130", want one of lp65, gp65`)
	lp.Base[Mul16].Value = 9 // a copy: others do not see it
	require.Equal(t, 1.55, Default65().Base[Mul16].Value)
	for b, def := range bases {
		require.Equal(t, def.unit, gp.Base[b].Unit)
	}
}

func builtIn(t testing.TB, name string) *Tech {
	x, err := BuiltIn(name)
	require.NoError(t, err)
	return x
}

// Each kind of external memory that a machine can have has a price, and so has that it costs nothing.
func TestKindsOfExternalMemory(t *testing.T) {
	for _, kind := range append(machine.MemoryKind("").Words(), NoDRAM) {
		g := reference()
		g.DRAM = kind
		l, err := Default65().Prices(g)
		require.NoError(t, err)
		p, phy, background := l.Event[activity.XReadDMA], l.Account[AccountPHY], l.Account[AccountBackground]
		if want, ok := map[string][3]float64{
			"lpddr3-1600": {12, 5, 38.8}, "lpddr4-3200": {8, 3.76, 37.8}, "ddr4-2400": {7.8, 8.1, 121.7},
		}[kind]; ok {
			require.InDelta(t, 256*want[0]*1e6, float64(p.AJ), 1)
			require.InDelta(t, 256*want[1]*1e6, float64(phy.Event[activity.XReadDMA]), 1)
			require.InDelta(t, want[2]/200*1e9, float64(background.CycleAJ), 1)
			require.Contains(t, p.Source, phy.Constant.Name[:4])
			continue
		}
		require.Zero(t, p.AJ)
		require.Equal(t, AccountPrice{Constant: Constant{Source: p.Source}}, phy)
		require.Equal(t, phy, background)
		require.Contains(t, p.Source, map[string]string{"ideal": "an ideal memory costs nothing", NoDRAM: "left out"}[kind])
	}
	none := Default65()
	none.DRAM = NoDRAM
	back, err := ParseTech(none.Marshal(), "x")
	require.NoError(t, err)
	require.Equal(t, none, back)
	l, err := none.Prices(reference())
	require.NoError(t, err)
	require.Zero(t, l.Event[activity.XReadDMA].AJ)
}

// A new value takes its range along, so that intervals follow; what the file says of the range stays.
func TestRangeFollowsItsValue(t *testing.T) {
	parse := func(field string) Constant {
		x, err := ParseTech([]byte("extends: lp65\nconstants:\n  mul16: {value: 15.5, source: s"+field+"}\n"), "x")
		require.NoError(t, err)
		for range 20 {
			require.Greater(t, x.Sample(rand.New(rand.NewPCG(1, 1))).Base[Mul16].Value, 7.9)
		}
		return x.Base[Mul16]
	}
	for field, want := range map[string][2]float64{"": {8, 31}, ", low: 10": {10, 31}, ", high: 16": {8, 16}, ", low: 9, high: 20": {9, 20}} {
		c := parse(field)
		require.InDelta(t, want[0], c.Low, 1e-12, field)
		require.InDelta(t, want[1], c.High, 1e-12, field)
	}
	for _, v := range []string{"0.1", "0.7", "3.3", "1e-7"} { // an end at the value stays at it
		x, err := ParseTech([]byte("extends: lp65\nconstants:\n  sram: {value: "+v+", source: s}\n"), "x")
		require.NoError(t, err)
		require.Equal(t, x.Base[SRAM].Value, x.Base[SRAM].Low)
	}
}

func TestMarshalRoundTrip(t *testing.T) {
	for _, name := range BuiltIns {
		x := builtIn(t, name)
		back, err := ParseTech(x.Marshal(), "x")
		require.NoError(t, err)
		require.Equal(t, x, back)
	}
	for _, v := range []float64{0, 1, 12, 0.1, 1e-5, 7.395e-5, 1e20, 1.5e300, 1e-300, 1 << 60} { // numbers that YAML could take for text
		x := Default65()
		x.Base[Wire].Low, x.Base[Wire].Value, x.Base[Wire].High = v, v, v
		back, err := ParseTech(x.Marshal(), "x")
		require.NoError(t, err, v)
		require.Equal(t, x, back, v)
	}
}

func TestExtends(t *testing.T) {
	x, err := ParseTech([]byte(`
extends: gp65
name: mine
volt: 0.9
dram: none
constants:
  mul16: {value: 2, source: measured}
  sram: {high: 3}
`), "mine.yaml")
	require.NoError(t, err)
	want := *builtIn(t, GP65)
	want.Name, want.Volt, want.DRAM = "mine", 0.9, NoDRAM
	m := &want.Base[Mul16]
	m.Value, m.Low, m.High, m.Source = 2, m.Low/m.Value*2, m.High/m.Value*2, "measured"
	want.Base[SRAM].High = 3
	require.Equal(t, &want, x)
}

// Every error names the place and the field.
func TestParseTechRefuses(t *testing.T) {
	data, err := os.ReadFile("tech/lp65.yaml")
	require.NoError(t, err)
	file := string(data)
	mul := "  mul16:\n    name: 16x16 multiply\n    value: 1.55\n    low: 0.8\n"
	require.Contains(t, file, mul)
	for _, c := range []struct{ from, to, want string }{
		{"    value: 1.55\n", "    value: -1.55\n", "constants.mul16.value: got -1.55, want 0 or more"},
		{"    value: 1.55\n", "    value: cheap\n", `constants.mul16.value: got "cheap", want a number`},
		{"    value: 1.55\n", "    value: .inf\n", "constants.mul16.value: got"},
		{"    value: 1.55\n", "", "constants.mul16.value: got nothing, want a number, 0 or more"},
		{"    low: 0.8\n", "    low: 1.6\n", "constants.mul16.low: got 1.6, want at most the value, 1.55"},
		{"    high: 3.1\n", "    high: 1\n", "constants.mul16.high: got 1, want at least the value, 1.55"},
		{"    high: 3.1\n    unit: pJ\n", "    high: 3.1\n    unit: nJ\n", `constants.mul16.unit: got "nJ", want pJ`},
		{"    distribution: loguniform\n    rule: dynamic\n", "    distribution: gauss\n    rule: dynamic\n", `constants.mul16.distribution: got "gauss", want one of uniform, loguniform, triangular`},
		{"    distribution: triangular\n    rule: fixed\n", "    distribution: loguniform\n    rule: fixed\n", "constants.control.distribution: got loguniform with a low end of 0"},
		{"    rule: dynamic\n", "    rule: moore\n", `constants.mul16.rule: got "moore", want one of dynamic, leakage, supply, fixed`},
		{"    name: 16x16 multiply\n", "    name: 16x16 multiply\n    prize: 1\n", `constants.mul16: got field "prize"`},
		{"    name: 16x16 multiply\n", "    name: \"\"\n", "constants.mul16.name: got nothing, want a name"},
		{"  mul16:\n", "  mul17:\n", `constants: got field "mul17"`},
		{"  mul16:\n", "  add16:\n", `constants: got field "add16" twice, want it once`},
		{"volt: 1.1\n", "volt: 1.2\n", "volt: got 1.2, want 0.7 to 1.1"},
		{"volt: 1.1\n", "volt: [1]\n", "volt: got a list, want a number"},
		{"  add32:\n", "  mul32:\n", `constants: got field "mul32", want mul16, add16, add32`},
		{"volt: 1.1\n", "", "volt: got nothing, want a number"},
		{"volt: 1.1\n", "volt: 1.1\nmhz: 400\n", `mhz: got "400", want no clock: it belongs to the machine, as in --set clock_mhz=400`},
		{"cell: itrs-lstp\n", "cell: itrs-lop\n", `cell: got "itrs-lop"`},
		{"volt: 1.1\n", "volt: 1.1\ndram: lpddr3\n", `dram: got "lpddr3", want none or nothing: the kind belongs to the machine, as in --set xmem.kind=lpddr4-3200`},
		{"name: lp65\n", "name: lp65\nfrequency: 1\n", `got field "frequency"`},
		{"name: lp65\n", "name: lp65\nextends: sky130\n", `extends: got "sky130", want one of lp65, gp65`},
		{"    value: 12\n    low: 8\n", "    value: 12\n    low: 13\n", "constants.lpddr3_bit.low: got 13"},
	} {
		text := file
		if strings.Contains(c.want, "control") {
			i := strings.Index(text, "  control:\n")
			text = text[:i] + strings.Replace(text[i:], c.from, c.to, 1)
		} else if i := strings.Index(text, "constants:\n"); strings.HasPrefix(c.want, "constants") {
			text = text[:i] + strings.Replace(text[i:], c.from, c.to, 1)
		} else {
			text = strings.Replace(text, c.from, c.to, 1)
		}
		require.NotEqual(t, file, text, c.to)
		_, err := ParseTech([]byte(text), "x.yaml")
		require.ErrorContains(t, err, c.want, c.to)
		require.Regexp(t, `^x\.yaml:\d+:\d+: `, err.Error())
	}
	for text, want := range map[string]string{
		"":                            "x.yaml:1:1: got an empty file, want fields: extends, name",
		"name: a\n\"name\": b\n":      "name",
		"- 1\n":                       "x.yaml:1:1: got a list, want fields: extends, name",
		"a: [\n":                      "x.yaml:1: yaml: ",
		"extends: lp65\nconstants: 1": `x.yaml:2:12: constants: got "1", want fields: mul16`,
		"extends: lp65\nconstants:\n  mul16:\n    value: 2\n":                "x.yaml:3:3: constants.mul16.source: got nothing, want where the value comes from",
		"extends: lp65\nconstants:\n  mul16:\n    source: ' '\n":             "x.yaml:4:13: constants.mul16.source: got nothing",
		"extends: lp65\nconstants:\n  mul16: {low: 2}\n":                     "x.yaml:3:16: constants.mul16.low: got 2, want at most the value, 1.55",
		"extends: lp65\nconstants:\n  mul16: {value: 2, low: -1, source: s}": "x.yaml:3:26: constants.mul16.low: got -1, want 0 or more",
		"extends: [lp65]":            "x.yaml:1:1: extends: got a list, want text",
		"extends: lp65\ndrams: {}\n": `x.yaml:2:1: got field "drams", want extends`,
	} {
		_, err := ParseTech([]byte(text), "x.yaml")
		require.ErrorContains(t, err, want, text)
	}
}

func FuzzParseTech(f *testing.F) {
	for _, name := range BuiltIns {
		data, err := os.ReadFile("tech/" + name + ".yaml")
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add(Default65().Marshal())
	f.Add([]byte("extends: gp65\nconstants:\n  mul16: {value: 2, source: \"a\\tb\"}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := ParseTech(data, "x")
		if err != nil {
			return
		}
		require.NoError(t, x.check(reference()))
		back, err := ParseTech(x.Marshal(), "marshalled")
		require.NoError(t, err, string(x.Marshal()))
		require.Equal(t, x, back)
	})
}

// The file that TestSynthEnergy writes is a technology that changes operators and nothing else.
func TestRatiosOfTheRTL(t *testing.T) {
	data, err := os.ReadFile("rtl-ratios.yaml")
	require.NoError(t, err)
	tech, err := ParseTech(data, "rtl-ratios.yaml")
	require.NoError(t, err)
	for b, c := range Default65().Base {
		changed := slices.Contains([]Base{Mul16, Add32, Xor16}, Base(b))
		require.Equal(t, changed, tech.Base[b] != c, c.Name)
	}
}
