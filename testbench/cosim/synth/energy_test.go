package synth

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/golden/data"
	"bdfasim/isa/machine"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
	"bdfasim/testbench/cosim"
	"bdfasim/testbench/cosim/sv"
	"bdfasim/testbench/expect"
)

// How windows are drawn.
const (
	synthWindows = 40
	synthCycles  = 150
	synthSeed    = 1
)

// synthLibrary is where Debian's package qflow-tech-osu018 has its cells.
const synthLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"

// TestSynthEnergy replays windows of a training on the gates of leaves.
func TestSynthEnergy(t *testing.T) {
	yosys(t)
	if _, err := os.Stat(synthLibrary); err != nil {
		t.Skip("no cells: apt-get install qflow-tech-osu018")
	}
	lib, err := ReadLibrary(synthLibrary, "DFFPOSX1")
	require.NoError(t, err)
	e := &energies{lib: lib, config: twins(t)[0]}
	e.config.Toggles = true
	e.source, e.chip = &cosim.Source{Root: root}, sv.New(e.config)
	e.random(t)
	e.replay(t, compile.Spec{Rule: compile.BDFA}, activity.DNNC, activity.DEPC, activity.LFSR, activity.Mom, activity.OMEM)
	e.replay(t, compile.Spec{Rule: compile.BP, Arm: compile.ArmEPC}, activity.EPC)
	e.report(t)
}

// energies are those of operations, in additions of 16 bits.
type energies struct {
	lib    *Library
	config machine.Config
	source *cosim.Source
	chip   *sv.Chip
	add16  float64 // pF
	rows   []energyRow
	ops    map[string]Mean
}

type energyRow struct {
	name            string
	gates           int
	ops             float64
	rtl             Mean
	events, toggles float64 // prices; 0: none
}

// operators are those that prices are made of, on random operands.
var operators = []struct {
	name, ports, body string
	base              power.Base
}{
	{"add16", "input [15:0] a, input [15:0] b, output [15:0] y", "a + b", power.Add16},
	{"add32", "input [31:0] a, input [31:0] b, output [31:0] y", "a + b", power.Add32},
	{"mul16", "input signed [15:0] a, input signed [15:0] b, output signed [31:0] y", "a * b", power.Mul16},
	{"xor16", "input [15:0] a, input b, output [15:0] y", "a ^ {16{b}}", power.Xor16},
}

// random measures operators on uniformly random operands.
func (e *energies) random(t *testing.T) {
	tech := power.Default65()
	e.ops = map[string]Mean{}
	for _, op := range operators {
		text := fmt.Sprintf("module %s(%s);\n  assign y = %s;\nendmodule\n", op.name, op.ports, op.body)
		g, err := Map(filepath.Join(synthDir, op.name), &Leaf{Top: op.name,
			Sources: Sources{"chip_pkg.sv": []byte(text)}}, e.lib)
		require.NoError(t, err)
		r := NewRecorder(Signals("a 32, b 32", 0))
		rng := rand.New(rand.NewPCG(synthSeed, 16))
		for range synthWindows * synthCycles {
			r.Cycle([]uint64{uint64(rng.Uint32()), uint64(rng.Uint32())}, 1)
		}
		var caps, ops []float64
		for k := range synthWindows - 1 {
			w := r.Window(k*synthCycles, synthCycles)
			c, err := g.Replay(w)
			require.NoError(t, err)
			caps, ops = append(caps, c), append(ops, w.Ops)
		}
		mean := Ratio(caps, ops)
		if op.base == power.Add16 {
			e.add16 = mean.Value
		}
		e.ops[op.name] = mean.Over(e.add16)
		e.rows = append(e.rows, energyRow{name: op.name + ", random", gates: g.Gates(), ops: Sum(ops),
			rtl: mean.Over(e.add16), events: tech.Base[op.base].Value / tech.Base[power.Add16].Value})
	}
}

// trained is a chip with a training of a rule on the first images of the embedded set.
func (e *energies) trained(t *testing.T, s compile.Spec) *rtl.Chip {
	const samples = 96
	n, err := net.MLP(net.ReLU, 784, 64, 32, 10)
	require.NoError(t, err)
	s.Net, s.Eta, s.Mu, s.Lambda, s.LRShiftEvery, s.LRShift = n, 1.0/64, 0.9, 5e-4, 1, 1
	s.Epochs, s.Batch, s.Seed, s.Machine = 1, 32, 10, e.config
	s.Layers, err = compile.Lower(n, compile.DefaultFormats())
	require.NoError(t, err)
	draw(&s, rand.New(rand.NewPCG(5, 3)))
	images, _, err := data.Embedded()
	require.NoError(t, err)
	s.Train = firmware.Set{Images: images.Images[:samples*images.Size()]}
	for _, label := range images.Labels[:samples] {
		s.Train.Labels = append(s.Train.Labels, uint16(label))
	}
	img, _, err := compile.Build(s)
	require.NoError(t, err)
	chip, err := rtl.New(rtl.For(e.config, img.Code))
	require.NoError(t, err)
	require.NoError(t, sim.New(chip).LoadImage(img))
	return chip
}

// draw draws the weights, biases and feedback of fully connected layers.
func draw(s *compile.Spec, rng *rand.Rand) {
	normal := func(n int, sd float64) (list []float64) {
		for range n {
			list = append(list, sd*rng.NormFloat64())
		}
		return list
	}
	top := len(s.Layers)
	s.W, s.B, s.D, s.Signs = make([][]float64, top), make([][]float64, top), make([][]float64, top), make([][]int8, top)
	for i := 1; i < top; i++ {
		d := s.Net.Layers[s.Layers[i].At]
		fan := d.In.Size()
		s.W[i] = normal(d.Out*fan, math.Sqrt(2/float64(fan)))
		s.B[i] = normal(d.Out, 0.1)
		s.D[i] = normal(s.Net.Classes*s.Layers[i].Outputs(), 0.2)
		s.Layers[i].FBShift = 1
		for range s.Net.Classes * s.Layers[i].ChipOutputs() {
			s.Signs[i] = append(s.Signs[i], int8(2*rng.IntN(2)-1))
		}
	}
}

// replay runs a training, and windows of it on the leaves of some units.
func (e *energies) replay(t *testing.T, s compile.Spec, units ...activity.Unit) {
	chip := e.trained(t, s)
	chip.KeepAwake()
	type recorded struct {
		*leaf
		watcher
		*Recorder
	}
	var list []recorded
	for i := range leaves {
		l := &leaves[i]
		for _, u := range units {
			if l.unit == u && !e.source.Missing(e.chip.Units[u].Module) && cosim.Selected(*synthUnits, e.chip.Units[u].Module) {
				list = append(list, recorded{l, l.watch(chip), NewRecorder(Signals(l.signals, e.config.DNNC.AccBits))})
			}
		}
	}
	var v []uint64
	for !chip.Wires().Seq.Finished {
		require.False(t, chip.Faulted())
		for i := range list {
			list[i].before()
		}
		chip.Step()
		for i := range list {
			var ops float64
			v, ops = list[i].after(v[:0])
			list[i].Cycle(v, ops)
		}
	}
	t.Logf("%s: %d cycles", s.Rule, chip.Cycle())
	for i := range list {
		e.measure(t, chip, list[i].leaf, list[i].Recorder)
	}
}

// measure replays windows of a leaf.
func (e *energies) measure(t *testing.T, chip *rtl.Chip, l *leaf, r *Recorder) {
	files, err := e.source.Files(e.chip, l.unit)
	require.NoError(t, err)
	g, err := Map(filepath.Join(synthDir, "gates-"+l.top), &Leaf{Top: l.top,
		Expose: l.expose, Sources: files}, e.lib)
	require.NoError(t, err)
	row := energyRow{name: l.name, gates: g.Gates()}
	var caps, ops []float64
	compared := 0
	for _, w := range r.Draw(synthSeed, synthWindows, synthCycles) {
		c, err := g.Replay(w)
		require.NoError(t, err)
		n, err := g.Differs(w, l.output, "want", "check")
		require.NoError(t, err, l.name)
		caps, ops, compared = append(caps, c), append(ops, w.Ops), compared+n
	}
	require.NotZero(t, compared, l.name)
	row.ops, row.rtl = Sum(ops), Ratio(caps, ops).Over(e.add16)
	row.events, row.toggles = e.prices(t, chip, l)
	e.rows = append(e.rows, row)
}

// prices are those of the operators of an operation, in additions of 16 bits, in both models.
func (e *energies) prices(t *testing.T, chip *rtl.Chip, l *leaf) (events, toggles float64) {
	tech := power.Default65()
	add := tech.Base[power.Add16].Value
	of := func(list *power.PriceList, ev activity.Event) (sum float64) {
		for _, term := range list.Event[ev].Terms {
			switch term.Base {
			case power.Mul16, power.Add16, power.Add32, power.Xor16:
				sum += term.N * tech.Base[term.Base].Value / add
			}
		}
		return sum
	}
	act := chip.Activity()
	list, err := tech.PricesAs(power.ByEvents, chip.Geometry())
	require.NoError(t, err)
	events = of(list, l.event)
	list, err = tech.PricesAs(power.ByToggles, chip.Geometry())
	require.NoError(t, err)
	for _, ev := range append(l.toggles, l.event) {
		toggles += of(list, ev) * float64(act.Total(ev)) / float64(act.Total(l.event))
	}
	return events, toggles
}

// ratio is a number of the table: no more digits than any order of sums gives.
func ratio(x float64) any { return table.Fixed(math.Round(x*1e6)/1e6, 2) }

// report prints the table, and compares it with that of package power if no leaf is missing.
func (e *energies) report(t *testing.T) {
	tab := table.New("Energy of an operation, in 16-bit additions on random operands",
		"operation", "gates", "operations", "RTL", "+-95 %", "events", "toggles")
	for _, r := range e.rows {
		toggles := any("-")
		if r.toggles > 0 {
			toggles = ratio(r.toggles)
		}
		tab.Row(r.name, r.gates, int(math.Round(r.ops)), ratio(r.rtl.Value), ratio(r.rtl.Half), ratio(r.events), toggles)
	}
	writeTable(t, "energy", tab)
	if len(e.rows) < len(operators)+len(leaves) {
		return
	}
	var csv strings.Builder
	require.NoError(t, tab.CSV(&csv))
	expect.File(t, filepath.Join(root, "power", "rtl-ratios.csv"), csv.String())
	expect.File(t, filepath.Join(root, "power", "rtl-ratios.yaml"), e.technology())
}

// technology is a file with the prices of operators by the ratios of their gates.
func (e *energies) technology() string {
	var b strings.Builder
	b.WriteString(`# Prices of operators by ratios to a 16-bit addition that gates have on random operands, in place of the
# literature's. Written by: go test ./testbench/cosim/synth -run TestSynthEnergy -synth -update
extends: lp65
name: rtl
constants:
`)
	add := power.Default65().Base[power.Add16].Value
	for _, op := range operators[1:] {
		fmt.Fprintf(&b, "  %s: {shares: horowitz, value: %.4g, source: \"add16 of lp65 times %.2f: gates of osu018 by Yosys and abc, "+
			"without wires and glitches (docs/power.md)\"}\n", op.name, add*e.ops[op.name].Value, e.ops[op.name].Value)
	}
	return b.String()
}
