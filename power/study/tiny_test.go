package study

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io/fs"
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
	"bdfasim/isa/machine"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// tiny is a network that trains and runs in no time, with data of its own: the class is the
// brightest quarter.
func tiny(name string) Net {
	n := Net{Name: name, Title: "Tiny", Sizes: []int{40, 30, 20, 4}, Dropout: true, Batch: 32, Images: 64, Epochs: 1, Frozen: true, What: "drawn images"}
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
	choice, sweep := tiny("choice"), tiny("sweep")
	sweep.Dropout = false
	return Options{nets: []Net{tiny("tiny")}, choice: &choice, sweep: &sweep, samples: 25}
}

// studied is one such study for all tests.
var studied = sync.OnceValues(func() (*Results, error) {
	st, err := New(small())
	if err != nil {
		return nil, err
	}
	return st.Run(context.Background())
})

func tinyStudy(t *testing.T) (*Study, *Results) {
	t.Helper()
	r, err := studied()
	require.NoError(t, err)
	return r.Study, r
}

// find returns a table.
func (r *Results) find(t *testing.T, name string) *table.Table {
	for _, x := range r.Tables {
		if x.Name == name {
			return x
		}
	}
	t.Fatal(name)
	return nil
}

// TestEveryVariant: energies are positive, phases add up to the iteration, the step holds nothing
// of the program's start, and all variants do the same forward pass and the same update.
func TestEveryVariant(t *testing.T) {
	st, _ := tinyStudy(t)
	n := st.tracking()
	base := st.Cases[n.key(Literal, "input")]
	for _, a := range variants {
		c := st.Cases[n.key(a.Name, "input")]
		require.NotNil(t, c, a.Name)
		cost, err := st.cost(power.ByEvents, c.work(c.Cycles.Sum()))
		require.NoError(t, err)
		for name, v := range map[string]float64{"on-die": cost.OnDie(), "external": cost.DRAM, "PHY": cost.PHY, "background": cost.Background, "leakage": cost.Leak,
			"clock": cost.Clock, "control": cost.Control, "wires": cost.Wires, "controller": cost.Controller} {
			require.Greater(t, v, 0.0, "%s: %s", a.Name, name)
		}
		sum := 0.0
		for p := range c.Events {
			part, err := st.cost(power.ByEvents, c.only(isa.Phase(p)).work(c.Cycles[p]))
			require.NoError(t, err)
			require.GreaterOrEqual(t, part.All(), 0.0)
			sum += part.All()
		}
		require.InEpsilon(t, cost.All(), sum, 1e-12, a.Name)
		require.Zero(t, c.Total(activity.SignWrite), "signs are loaded before the step")
		require.Equal(t, a.Unit == compile.ArmEPC, c.Total(activity.EPCMul) > 0, a.Name)
		require.Equal(t, a.Unit == compile.ArmDEPC, c.Total(activity.DEPCAdd) > 0, a.Name)
		require.Equal(t, a.Stored, c.Total(activity.SignRead) > 0, a.Name)
		require.Positive(t, c.Total(activity.XWriteDEPC)+c.Total(activity.XWriteDrain), "%s: the error of the input", a.Name)
		require.Positive(t, c.Total(activity.ToggleX))
		require.Equal(t, base.Events[isa.PhaseFF][activity.MAC], c.Events[isa.PhaseFF][activity.MAC], "%s: equal traces", a.Name)
		require.Equal(t, base.Total(activity.MomLane), c.Total(activity.MomLane), a.Name)
	}
	short := st.Cases[n.key(Literal, "need")]
	require.Zero(t, short.Total(activity.XWriteDEPC)+short.Total(activity.XWriteDrain))
	require.Less(t, short.Total(activity.EPCMul), base.Total(activity.EPCMul))
}

// TestTraceIsWhatTheChipSees: the operands that are not zero in the fixed-point model, dropout and
// all, are those that the chip multiplies.
func TestTraceIsWhatTheChipSees(t *testing.T) {
	st, _ := tinyStudy(t)
	n := st.tracking()
	tr, _, err := st.trace(n, compile.BP)
	require.NoError(t, err)
	want := 0.0
	for i := 1; i < len(n.Sizes); i++ {
		lanes := (n.Sizes[i] + 15) / 16 * 16
		want += tr.Density[i-1] * float64(n.Batch*n.Sizes[i-1]*lanes)
	}
	require.InEpsilon(t, want, float64(st.Cases[n.key(Headline, "input")].Events[isa.PhaseFF][activity.MAC]), 0.1,
		"dropout draws other words in the model's probe")
	require.Less(t, tr.Density[1], 0.4, "half of what the ReLU lets through")
}

// TestBurstsOfAChunk: five bursts and eleven accesses of the chunk memories a chunk of weights,
// seven and fifteen one of biases.
func TestBurstsOfAChunk(t *testing.T) {
	st, _ := tinyStudy(t)
	c := st.Cases[st.tracking().key(Headline, "input")]
	// 40 x 30, 30 x 20, 20 x 4 and 30 + 20 + 4 neurons: a chunk for up to 32 lanes of a row.
	weights, biases := uint64(40+30+20), uint64(3)
	require.Equal(t, 5*weights+7*biases, c.Total(activity.XReadMom))
	require.Equal(t, c.Total(activity.XReadMom), c.Total(activity.XWriteMom))
	require.Equal(t, 11*weights+15*biases, c.Total(activity.ChunkWrite))
	require.Equal(t, c.Total(activity.ChunkRead), c.Total(activity.ChunkWrite))
}

// TestOnlyWhatIsNeeded: a table of cores asks for cores alone, and no network is trained for it.
func TestOnlyWhatIsNeeded(t *testing.T) {
	for tables, want := range map[string]int{"d-core": 9, "nets": 0, "area": 8, "units": 4, "rows": 9 + 6} {
		o := small()
		o.Tables = strings.Fields(tables)
		st, err := New(o)
		require.NoError(t, err)
		n, err := st.Missing()
		require.NoError(t, err)
		require.Equal(t, want, n, tables)
		for k := range st.missing {
			require.Equal(t, tables != "d-core", k.Net != "" || tables == "rows")
		}
	}
}

// TestReport: two folders with the same bytes, the second from a study of its own on one processor;
// every file is well formed.
func TestReport(t *testing.T) {
	write := func(r *Results) string {
		dir := t.TempDir()
		require.NoError(t, r.Write(dir, []byte("{}\n")))
		return dir
	}
	_, r := tinyStudy(t)
	a := write(r)
	o, steps := small(), 0
	o.Step = func(string) { steps++ }
	before := runtime.GOMAXPROCS(1)
	st, err := New(o)
	require.NoError(t, err)
	runs, err := st.Missing()
	require.NoError(t, err)
	again, err := st.Run(context.Background())
	require.NoError(t, err)
	b := write(again)
	runtime.GOMAXPROCS(before)
	require.Equal(t, runs, steps, "one step a run")

	files := 0
	require.NoError(t, filepath.WalkDir(a, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		name, _ := filepath.Rel(a, path)
		x, err := os.ReadFile(path)
		require.NoError(t, err)
		y, err := os.ReadFile(filepath.Join(b, name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(x, y), name)
		require.NotContains(t, string(x), "NaN", name)
		switch filepath.Ext(name) {
		case ".csv":
			rows, err := csv.NewReader(bytes.NewReader(x)).ReadAll()
			require.NoError(t, err, name)
			require.Greater(t, len(rows), 1, name)
		case ".png":
			require.True(t, bytes.HasPrefix(x, []byte("\x89PNG")), name)
		case ".md":
			markdown(t, string(x))
		}
		return nil
	}))
	require.Equal(t, 2*len(SectionNames())+1+2+2, files, "tables twice, counts, two figures, the page and results.json")
	page, err := os.ReadFile(filepath.Join(a, "REPORT.md"))
	require.NoError(t, err)
	require.Less(t, bytes.Count(page, []byte("\n")), 150)
	require.Equal(t, 2, bytes.Count(page, []byte("![")))
}

// markdown: tables have as many columns in every row.
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
}

// TestCountsAreEnough: a case that went through JSON costs the same, to the last digit.
func TestCountsAreEnough(t *testing.T) {
	st, _ := tinyStudy(t)
	for _, c := range st.Cases {
		data, err := json.Marshal(c)
		require.NoError(t, err)
		var back Case
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, c, &back)
	}
	require.ErrorContains(t, json.Unmarshal([]byte(`{"Events": {"ff": {"x": 1}}}`), &Case{}), `event: got "x"`)
}

// TestOtherMemories: each kind of external memory is a chip that was simulated with it; on the die
// nothing else is priced.
func TestOtherMemories(t *testing.T) {
	st, r := tinyStudy(t)
	cycles := map[uint64]bool{}
	for _, kind := range machine.Reference().XMem.Kind.Words() {
		k := st.tracking().key(Headline, "need")
		if kind != "lpddr3-1600" {
			k.Set = "xmem.kind=" + kind
		}
		c := st.Cases[k]
		require.NotNil(t, c, kind)
		require.Equal(t, kind, c.Geometry.DRAM)
		require.False(t, cycles[c.Cycles.Sum()], "%s: other times", kind)
		cycles[c.Cycles.Sum()] = true
		cost, err := st.cost(power.ByEvents, c.work(c.Cycles.Sum()))
		require.NoError(t, err)
		require.Equal(t, kind == "ideal", cost.DRAM+cost.PHY+cost.Background == 0)
	}
	kinds := map[any]int{}
	for _, row := range r.find(t, "memories").Rows {
		kinds[row[0]]++
	}
	require.Equal(t, map[any]int{"lpddr3-1600": 10, "lpddr4-3200": 10, "ddr4-2400": 10, "ideal": 10}, kinds)
}

// TestTechnologyMovesPointAndInterval: one changed value in a file moves what depends on it and
// nothing else; without external memory, rows with it are those of the die.
func TestTechnologyMovesPointAndInterval(t *testing.T) {
	base, _ := tinyStudy(t)
	rows := func(tech *power.Tech) map[string]*Row {
		st := *base
		st.Tech, st.drawn = tech, nil
		out := map[string]*Row{}
		list, err := st.Rows()
		require.NoError(t, err)
		for _, r := range list {
			out[r.Name()] = r
		}
		return out
	}
	parse := func(constant string) *power.Tech {
		tech, err := power.ParseTech([]byte("extends: lp65\nname: mine\nconstants:\n  "+constant+"\n"), "mine.yaml")
		require.NoError(t, err)
		return tech
	}
	own := rows(power.Default65())
	const port, fetched = "core/port, 10 classes", "core/fetched, 10 classes"
	mul, bit := rows(parse("mul16: {value: 3, source: mine}")), rows(parse("lpddr3_bit: {value: 6, source: mine}"))
	for m := range power.NumActivities {
		v, w := own[port].Saving[m], mul[port].Saving[m]
		require.Greater(t, w.Point, v.Point)
		require.Greater(t, w.Low, v.Low)
		require.Greater(t, w.High, v.High)
		require.Less(t, w.Percentile, v.Percentile)
		require.Equal(t, v, bit[port].Saving[m])
		v, w = own[fetched].Saving[m], bit[fetched].Saving[m]
		require.Less(t, w.Point, v.Point)
		require.Less(t, w.High, v.High)
	}
	none := power.Default65()
	none.DRAM = power.NoDRAM
	for name, r := range rows(none) {
		if die, ok := strings.CutSuffix(r.Definition, "/all"); ok {
			require.Equal(t, rows(none)[die+"/die, "+r.Subject].Saving, r.Saving, name)
		}
	}
}

// TestConjecture: the share is that of the error phase, 100 % for a core, and no chip saves more
// than its share and the rest of its differences.
func TestConjecture(t *testing.T) {
	st, r := tinyStudy(t)
	rows, err := st.Rows()
	require.NoError(t, err)
	for _, r := range rows {
		for m := range power.NumActivities {
			if r.isCore {
				require.InDelta(t, 100.0, r.Share[m], 1e-9)
				continue
			}
			require.Less(t, r.Share[m], 100.0)
			require.InDelta(t, r.Share[m], r.Saving[m].Point, 12, r.Name())
		}
	}
	c := st.Cases[st.tracking().key(Literal, "need")]
	parts := map[any]float64{}
	for _, row := range r.find(t, "units").Rows {
		if row[1] == "need" && row[2] == Literal && row[3] == "events" {
			parts["all"] += row[5].(float64)
			parts["ep"] += row[7].(float64)
		}
	}
	cost, err := st.cost(power.ByEvents, c.work(c.Cycles.Sum()))
	require.NoError(t, err)
	require.InEpsilon(t, cost.All()/1e6, parts["all"], 1e-9)
	for _, r := range rows {
		if r.Definition == "chip/need/literal/all" {
			require.InDelta(t, r.Share[power.ByEvents], 100*parts["ep"]/parts["all"], 1, "its leakage over its own time")
		}
	}
}

// TestRows: every definition once for each subject, points as the energies have them, and the
// percentile with its words.
func TestRows(t *testing.T) {
	st, r := tinyStudy(t)
	rows, err := st.Rows()
	require.NoError(t, err)
	require.Len(t, rows, 3*3+2*2*2)
	for _, row := range rows {
		for m := range power.NumActivities {
			require.InDelta(t, saving(row.BP[m], row.BDFA[m]), row.Saving[m].Point, 1e-9, row.Name())
			require.LessOrEqual(t, row.Saving[m].Low, row.Saving[m].Median)
			require.LessOrEqual(t, row.Saving[m].Median, row.Saving[m].High)
		}
	}
	require.Len(t, r.find(t, "rows").Rows, len(rows))
	require.Equal(t, "0, exceeds", Interval{Point: 60}.falls())
	require.Equal(t, "100, short", Interval{Percentile: 100}.falls())
	require.Equal(t, "50", Interval{Percentile: 50}.falls())
	require.Equal(t, 35.3, round1(35.34))
	require.False(t, math.Signbit(round1(-0.02)))
}

func TestOptions(t *testing.T) {
	_, err := New(Options{Nets: []string{"none"}})
	require.EqualError(t, err, "study: nets: got [none], want some of the networks")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	st, err := New(small())
	require.NoError(t, err)
	_, err = st.Run(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

// TestSplitAddsUp: both ways from the literal counterpart to the chip are as long.
func TestSplitAddsUp(t *testing.T) {
	_, r := tinyStudy(t)
	split := r.find(t, "split")
	require.Len(t, split.Rows, 5)
	for _, column := range []int{3, 4} {
		at := func(row int) float64 { return split.Rows[row][column].(float64) }
		require.InDelta(t, at(0)+at(1), at(2)+at(3)+at(4), 1e-9)
	}
}
