package study

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

func percentText(x float64) string { return fmt.Sprint(x) }

// tiny is a network that trains and runs in no time, with data of its own: the class is the brightest quarter.
func tiny() Net {
	n := Net{Name: "tiny", Sizes: []int{40, 30, 20, 4}, Images: 64, Epochs: 1, What: "drawn images"}
	n.samples = func() (sets, error) {
		rng := rand.New(rand.NewPCG(2, 2))
		draw := func(count int) firmware.Set {
			s := firmware.Set{Images: make([]byte, count*40), Labels: make([]uint16, count)}
			for k := range s.Labels {
				s.Labels[k] = uint16(rng.IntN(4))
				for p := range 40 {
					if rng.IntN(2) == 0 {
						s.Images[k*40+p] = byte(1 + rng.IntN(60))
					}
					if p/10 == int(s.Labels[k]) {
						s.Images[k*40+p] += 150
					}
				}
			}
			return s
		}
		return sets{train: draw(64), test: draw(40)}, nil
	}
	return n
}

// small is a study of the tiny network that goes through everything once.
func small() Options {
	sweep := tiny()
	sweep.Name = "sweep"
	return Options{scope: &scope{nets: []Net{tiny()}, fanIns: []int{10, 512}, densities: []float64{0.5, 1}, sweep: sweep, samples: 25}}
}

// studied is one such study for all tests.
var studied = sync.OnceValues(func() (*Study, error) { return Run(context.Background(), small()) })

// TestEveryVariant: energies are positive, phases add up to the iteration, the step holds nothing of the program's start, and all
// variants do the same forward pass and the same update.
func TestEveryVariant(t *testing.T) {
	st, err := studied()
	require.NoError(t, err)
	for _, a := range variants {
		for _, short := range []bool{false, true} {
			c := st.find("tiny", a.Name, compile.BP, schedule{Short: short})
			require.NotNil(t, c, a.Name)
			l, err := st.Tech.Prices(c.Geometry)
			require.NoError(t, err)
			cost := c.work(c.Cycles).price(l)
			for name, v := range map[string]float64{"on-die": cost.OnDie(), "external": cost.DRAM, "PHY": cost.PHY, "background": cost.Background, "leakage": cost.Leak,
				"clock": cost.Clock, "control": cost.Control, "wires": cost.Wires, "controller": cost.Controller} {
				require.Greater(t, v, 0.0, "%s: %s", a.Name, name)
			}
			sum := 0.0
			for p := range c.Counts {
				w := &Work{Geometry: c.Geometry, Events: c.Counts[p], Cycles: c.Phases[p], Units: whole()}
				part := w.price(l)
				require.GreaterOrEqual(t, part.All(), 0.0)
				sum += part.All()
			}
			require.InEpsilon(t, cost.All(), sum, 1e-12, a.Name)
			require.Equal(t, c.Cycles, c.Phases.Sum())
			require.Zero(t, c.Total(activity.SignWrite), "signs are loaded before the step")
			require.Equal(t, a.Unit == compile.ArmEPC, c.Total(activity.EPCMul) > 0, a.Name)
			require.Equal(t, a.Unit == compile.ArmDEPC, c.Total(activity.DEPCAdd) > 0, a.Name)
			require.Equal(t, a.Name == "depc/sram", c.Total(activity.SignRead) > 0, a.Name)
			require.Equal(t, !short, c.Total(activity.XWriteDEPC)+c.Total(activity.XWriteDrain) > 0, "%s: the error of the input", a.Name)
			base := st.find("tiny", "epc/tree", compile.BP, schedule{Short: short})
			require.Equal(t, base.Counts[isa.PhaseFF][activity.MAC], c.Counts[isa.PhaseFF][activity.MAC], "%s: equal traces", a.Name)
			require.Equal(t, base.Total(activity.MomLane), c.Total(activity.MomLane), a.Name)
		}
	}
	require.NotNil(t, st.find("tiny", Headline, compile.BDFA, schedule{}))
	require.Len(t, st.Cases, len(jobs()))
}

// TestOtherMemories: a saving with another kind of external memory is that of chips which were simulated with it.
func TestOtherMemories(t *testing.T) {
	st, err := studied()
	require.NoError(t, err)
	own := st.plain("tiny", Headline)
	require.Equal(t, "200 MHz, external memory lpddr3-1600", st.Machine())
	cycles := map[uint64]bool{own.Cycles: true}
	for _, kind := range []string{"lpddr4-3200", "ddr4-2400", "ideal"} {
		c := st.find("tiny", Headline, compile.BP, schedule{Memory: kind})
		require.Equal(t, kind, c.Geometry.DRAM)
		require.Equal(t, own.MACs, c.MACs)
		require.False(t, cycles[c.Cycles], "%s: other times", kind)
		cycles[c.Cycles] = true
		cost, err := st.cost(c.work(c.Cycles))
		require.NoError(t, err)
		require.Equal(t, kind == "ideal", cost.DRAM+cost.PHY+cost.Background == 0)
	}
	prices, err := st.priceTable()
	require.NoError(t, err)
	for i, kind := range []string{"lpddr3-1600", "lpddr4-3200", "ddr4-2400", "ideal"} {
		require.Equal(t, []any{"tiny", "external memory", kind}, prices.Rows[i][:3])
	}
	require.Equal(t, prices.Rows[3][3], prices.Rows[3][4], "an ideal memory costs nothing")
}

// TestBurstsOfAChunk: five bursts and eleven accesses of the chunk memories a chunk of weights, seven and fifteen one of biases.
func TestBurstsOfAChunk(t *testing.T) {
	st, err := studied()
	require.NoError(t, err)
	c := st.plain("tiny", Headline)
	// 40 x 30, 30 x 20, 20 x 4 and 30 + 20 + 4 neurons: a chunk for up to 32 lanes of a row.
	weights, biases := uint64(40+30+20), uint64(3)
	require.Equal(t, 5*weights+7*biases, c.Total(activity.XReadMom))
	require.Equal(t, c.Total(activity.XReadMom), c.Total(activity.XWriteMom))
	require.Equal(t, 11*weights+15*biases, c.Total(activity.ChunkWrite))
	require.Equal(t, c.Total(activity.ChunkRead), c.Total(activity.ChunkWrite))
}

// TestSameTwice: a case is a function of its inputs, and nobody who watches changes it.
func TestSameTwice(t *testing.T) {
	n := tiny()
	s, err := n.load()
	require.NoError(t, err)
	st, err := studied()
	require.NoError(t, err)
	tr := st.Traces["tiny"][compile.BP]
	for _, name := range []string{Headline, "epc/lane-mask"} {
		a := variantOf(t, name)
		once, err := n.iterate(context.Background(), a, tr, s, schedule{})
		require.NoError(t, err)
		twice, err := n.iterate(context.Background(), a, tr, s, schedule{})
		require.NoError(t, err)
		require.Equal(t, once, twice)
		require.Equal(t, st.plain("tiny", name), once)

		one := sets{train: firmware.Set{Images: s.train.Images[:32*40], Labels: s.train.Labels[:32]}}
		spec, err := n.spec(a.Rule, a.Unit, one, false)
		require.NoError(t, err)
		spec.W, spec.B = tr.W, tr.B
		img, _, err := compile.Build(spec)
		require.NoError(t, err)
		energy := func(opt sim.Options) *power.Energy {
			chip, err := rtl.New(n.config(a))
			require.NoError(t, err)
			e := sim.New(chip)
			require.NoError(t, e.LoadImage(img))
			r, err := e.Run(context.Background(), 1<<30, opt)
			require.NoError(t, err)
			l, err := power.Default65().Prices(chip.Geometry())
			require.NoError(t, err)
			var phases power.Cycles
			for p := range phases {
				phases[p] = r.Phases[p].Cycles
			}
			sum, err := l.Measure(&r.Counts, phases)
			require.NoError(t, err)
			return sum
		}
		watched := 0
		watching := energy(sim.Options{OnCycle: func(uint64) error { watched++; return nil }})
		require.Equal(t, energy(sim.Options{}), watching)
		require.Positive(t, watched)
	}
}

// TestTraceIsWhatTheChipSees: the operands that are not zero in the fixed-point model are those that the chip multiplies.
func TestTraceIsWhatTheChipSees(t *testing.T) {
	st, err := studied()
	require.NoError(t, err)
	n, tr := st.Nets[0], st.Traces["tiny"][compile.BP]
	want := 0.0
	for i := 1; i < len(n.Sizes); i++ {
		lanes := (n.Sizes[i] + 15) / 16 * 16
		want += tr.Density[i-1] * float64(32*n.Sizes[i-1]*lanes)
	}
	require.Equal(t, uint64(math.Round(want)), st.plain("tiny", Headline).Counts[isa.PhaseFF][activity.MAC])
}

// TestReport: two folders with the same bytes, the second from a study of its own on one processor; every file is well formed.
func TestReport(t *testing.T) {
	write := func(st *Study) string {
		r, err := st.Results()
		require.NoError(t, err)
		dir := t.TempDir()
		require.NoError(t, r.Write(dir))
		return dir
	}
	st, err := studied()
	require.NoError(t, err)
	a := write(st)
	o, steps := small(), 0
	o.Step = func(string) { steps++ }
	before := runtime.GOMAXPROCS(1)
	again, err := Run(context.Background(), o)
	require.NoError(t, err)
	b := write(again)
	runtime.GOMAXPROCS(before)
	require.Equal(t, Plan(o), steps, "one step a run")

	files, err := os.ReadDir(a)
	require.NoError(t, err)
	require.Len(t, files, len(SectionNames())+2+4)
	for _, f := range files {
		x, err := os.ReadFile(filepath.Join(a, f.Name()))
		require.NoError(t, err)
		y, err := os.ReadFile(filepath.Join(b, f.Name()))
		require.NoError(t, err)
		require.True(t, bytes.Equal(x, y), f.Name())
		switch filepath.Ext(f.Name()) {
		case ".csv":
			rows, err := csv.NewReader(bytes.NewReader(x)).ReadAll()
			require.NoError(t, err, f.Name())
			require.Greater(t, len(rows), 1, f.Name())
		case ".json":
			var got struct {
				Comparisons []struct{ Interval Interval }
				Sections    []struct{ Name string }
				Verdict     string
			}
			require.NoError(t, json.Unmarshal(x, &got))
			require.Len(t, got.Sections, len(SectionNames()))
			require.NotEmpty(t, got.Verdict)
			for _, c := range got.Comparisons {
				require.LessOrEqual(t, c.Interval.Low, c.Interval.Median)
				require.LessOrEqual(t, c.Interval.Median, c.Interval.High)
			}
		case ".png":
			require.True(t, bytes.HasPrefix(x, []byte("\x89PNG")), f.Name())
		case ".md":
			markdown(t, string(x))
		}
	}
}

// markdown: tables have as many columns in every row, and pictures and tables all stand there.
func markdown(t *testing.T, text string) {
	columns := 0
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(line, "|")
		if columns > 0 {
			require.Equal(t, columns, n, line)
		}
		columns = n
	}
	for _, name := range SectionNames() {
		require.Contains(t, text, "--table "+name+"\n")
	}
	require.Equal(t, 4, strings.Count(text, "!["))
	require.NotContains(t, text, "NaN")
}

// TestTechnologies: the tables come out at the lowest supply, without external memory and in the other process.
func TestTechnologies(t *testing.T) {
	base, err := studied()
	require.NoError(t, err)
	low := *power.Default65()
	low.Volt = 0.7
	none := power.Default65()
	none.DRAM = power.NoDRAM
	gp, err := power.BuiltIn("gp65")
	require.NoError(t, err)
	for _, tech := range []*power.Tech{&low, none, gp} {
		st := *base
		st.Tech = tech
		r, err := st.Results()
		require.NoError(t, err)
		for _, c := range r.Comparisons {
			if c.Trace == "equal" && c.Scope == "with external memory" && tech == none {
				on := comparison(t, r, c.What, c.Baseline, "on-die")
				require.InDelta(t, on.Point, c.Interval.Point, 1e-9, "nothing beside the die")
				require.InDelta(t, on.Low, c.Interval.Low, 1e-9)
			}
		}
	}
}

func comparison(t *testing.T, r *Results, what, base, scope string) Interval {
	for _, c := range r.Comparisons {
		if c.What == what && c.Baseline == base && c.Scope == scope && c.Trace == "equal" {
			return c.Interval
		}
	}
	t.Fatal(what, base, scope)
	return Interval{}
}

// TestChainsAddUp: both ways from the baseline to the chip are as long, and as long as the saving.
func TestChainsAddUp(t *testing.T) {
	st, err := studied()
	require.NoError(t, err)
	split, err := st.splitTable()
	require.NoError(t, err)
	require.Len(t, split.Rows, 5)
	for _, column := range []int{3, 4} {
		at := func(row int) float64 { return split.Rows[row][column].(float64) }
		require.InDelta(t, at(0)+at(1), at(2)+at(3)+at(4), 1e-9)
	}
	// The same energies, over the same time, from table d-chip's side.
	period := uint64(0)
	for _, a := range variants {
		period = max(period, st.plain("tiny", a.Name).Cycles)
	}
	a, b := st.plain("tiny", "epc/tree"), st.plain("tiny", Headline)
	p := &Pair{A: a.work(period), B: b.work(period), Of: onDie}
	v, err := points(st.Tech, p)
	require.NoError(t, err)
	parts := 0.0
	for _, row := range split.Rows[:2] {
		parts += row[5].(float64)
	}
	require.InDelta(t, v[0], parts, 0.11, "two numbers with a decimal")
}

// TestWidthTable: at 16 inputs it says what table d-core says.
func TestWidthTable(t *testing.T) {
	st, err := studied()
	require.NoError(t, err)
	rows, err := st.Comparisons()
	require.NoError(t, err)
	w, err := st.widthTable()
	require.NoError(t, err)
	require.Len(t, w.Rows, 6)
	for _, row := range w.Rows {
		if row[1] == 16 {
			for _, r := range rows {
				if r.What == row[0] && r.Baseline == "epc/tree" && r.Scope == "on-die" {
					require.Equal(t, round1(r.Interval.Point), row[6])
				}
			}
		}
	}
	saving := func(row int) float64 { return w.Rows[row][6].(float64) }
	require.Less(t, saving(3), saving(4), "512 terms: the wider the tree, the fewer partial sums beside the adders")
	require.Less(t, saving(4), saving(5))
}

func TestTablesAgree(t *testing.T) {
	st, err := studied()
	require.NoError(t, err)
	r, err := st.Results()
	require.NoError(t, err)
	find := func(name string) *table.Table {
		for _, s := range r.Sections {
			if s.Name == name {
				return s.Table
			}
		}
		t.Fatal(name)
		return nil
	}
	// An operation's parts add up.
	for _, row := range find("core").Rows {
		require.InEpsilon(t, row[3].(float64), row[4].(float64)+row[5].(float64)+row[6].(float64)+row[7].(float64), 1e-9)
	}
	// Causes of words are all of them.
	words := map[any]int{}
	for _, row := range find("words").Rows {
		words[row[1]] += row[3].(int)
	}
	fused := 0
	for _, row := range find("energy").Rows {
		if row[2] == "fused" {
			require.Less(t, row[9], words[row[1]], "each weight once less")
			fused++
			continue
		}
		require.Equal(t, row[9], words[row[1]])
	}
	require.Equal(t, len(baselines)+1, fused)
	require.Equal(t, len(sectionNames), len(r.Sections))
	require.Len(t, r.bars, int(power.NumBase))
	require.Equal(t, []any{"D-chip", "tiny"}, find("tornado").Rows[0][:2])
}

func TestOptions(t *testing.T) {
	_, err := Run(context.Background(), Options{Nets: []string{"none"}})
	require.EqualError(t, err, "study: nets: got [none], want some of the networks")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Run(ctx, small())
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 4*(2+2*8+5+2+2*3)+4*(6+2*2)+5, Plan(Options{}))
	require.Equal(t, 1*(2+2*8+5+2+2*3)+4*(6+2*2)+5, Plan(Options{Nets: []string{"mlp"}}))
}
