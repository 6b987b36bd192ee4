package profile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/predict"
	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
	"bdfasim/sim/profile"
	"bdfasim/sim/profile/trial"
)

// name is a layer and phase in a table.
func name(t *profile.Tag) string {
	return fmt.Sprintf("%s %d", isa.Phase(t.Tag.Phase()), t.Tag.Layer())
}

// ratio is a/b, or 0 when b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// cycleTable is the table of time: a row for each layer and phase that has commands.
func cycleTable(p *profile.Profile) *table.Table {
	t := table.New("Cycles by layer and phase", "phase", "elapsed", "exclusive", "array busy", "no operands", "no weights", "no bank", "MACs", "use of the array (%)")
	for k := range p.Tags {
		g := &p.Tags[k]
		if g.Elapsed == 0 {
			continue
		}
		t.Row(name(g), g.Elapsed, g.Exclusive, g.Busy, g.Stalls, g.WaitWeight, g.WaitBank, g.MACs, 100*ratio(float64(g.MACs), float64(uint64(trial.Config(64).DNNC.Lanes)*g.Elapsed)))
	}
	t.Note("elapsed: first command to the report that all have retired; exclusive: what the phase adds to the run in program order, %d cycles in all", p.Cycles)
	t.Note("use: MACs / (256 lanes x elapsed)")
	return t
}

// wordTable is the table of external 32-bit words by cause.
func wordTable(p *profile.Profile) *table.Table {
	t := table.New("External 32-bit words", "phase", "weights", "maps read", "maps written", "update", "normalisation", "error matrices", "total")
	for k := range p.Tags {
		if w := p.Tags[k].ByCause(); w.Total() > 0 {
			t.Row(name(&p.Tags[k]), w.Weights, w.MapsRead, w.MapsWritten, w.Update, w.Norm, w.Errors, w.Total())
		}
	}
	return t
}

// codingTable is the table of what run-length coding and the skipping of zeros do, layer by layer.
func codingTable(p *profile.Profile) *table.Table {
	t := table.New("Run-length coding and zeros", "phase", "words as they are", "words coded", "ratio", "density (%)", "decoder stalls", "zero-skip (%)")
	for k := range p.Tags {
		g := &p.Tags[k]
		if g.Encoded() == 0 && g.Dense == 0 {
			continue
		}
		skip, density, times := any(""), any(""), any("")
		if g.Dense > 0 {
			skip = 100 * g.ZeroSkip()
		}
		if g.Encoded() > 0 {
			density, times = 100*g.Density(), ratio(float64(g.RawWords()), float64(g.CodedWords()))
		}
		t.Row(name(g), g.RawWords(), g.CodedWords(), times, density, g.Stalls, skip)
	}
	t.Note("words of 64 bits given to the encoders, what fills the last group of 16 among them; stalls: cycles in which the MAC array waited for operands")
	t.Note("zero-skip: MACs not done, of samples or taps x elements x lanes; taps outside a map are none")
	return t
}

// energyTable is the table of energy in uJ.
func energyTable(p *profile.Profile, l *power.PriceList) (*table.Table, error) {
	t := table.New("Energy by layer and phase (uJ)", "phase", "on-die", "external", "total", "pJ a MAC")
	for k := range p.Tags {
		g := &p.Tags[k]
		onDie, external, err := energyOf(g, l)
		if err != nil {
			return nil, fmt.Errorf("energy of %s: %w", name(g), err)
		}
		if onDie+external == 0 || g.Elapsed == 0 {
			continue
		}
		each := any("")
		if g.MACs > 0 {
			each = 1e6 * (onDie + external).UJ() / float64(g.MACs)
		}
		t.Row(name(g), onDie.UJ(), external.UJ(), (onDie + external).UJ(), each)
	}
	t.Note("events of the phase and leakage of its exclusive cycles; refreshes of external memory are not in it")
	return t, nil
}

// energyOf is what a tag's events cost, and the leakage of its exclusive cycles, on the chip and in
// external memory.
func energyOf(t *profile.Tag, l *power.PriceList) (onDie, external power.Attojoules, err error) {
	c := &activity.Counts{}
	c.Rows[t.Tag] = t.Row
	var cycles power.Cycles
	cycles[t.Tag.Phase()] = t.Exclusive
	e, err := l.Measure(c, cycles)
	if err != nil {
		return 0, 0, err
	}
	return e.OnDie(), e.ExternalMemory(), nil
}

// compareTable is the table of predicted and measured cycles of the layers and phases that take a hundredth of the run or more.
func compareTable(predicted []predict.Row, p *profile.Profile) *table.Table {
	t := table.New("Predicted and simulated cycles", "phase", "predicted", "simulated", "difference (%)", "predicted, exclusive", "simulated, exclusive", "array (%)", "bus (%)")
	var sum float64
	for _, r := range predicted {
		sum += r.Cycles
		x := p.Find(r.Phase, r.Layer)
		if x == nil || x.Elapsed*100 < p.Cycles {
			continue
		}
		t.Row(fmt.Sprintf("%s %d", r.Phase, r.Layer), int(r.Elapsed+0.5), x.Elapsed, 100*(r.Elapsed/float64(x.Elapsed)-1), int(r.Cycles+0.5), x.Exclusive,
			100*r.Array/r.Elapsed, 100*r.Bus/r.Elapsed)
	}
	t.Row("run", int(sum+0.5), p.Cycles, 100*(sum/float64(p.Cycles)-1), int(sum+0.5), p.Cycles, "", "")
	t.Note("from the first command of a phase to the end of its last; exclusive: what the phase adds to the run in program order")
	t.Note("array, bus: predicted cycles in which the MAC array works, and bursts, in percent of the predicted cycles")
	return t
}

// TestTables: rows only for what there is.
func TestTables(t *testing.T) {
	p := profile.Profile{Cycles: 1000, Tags: []profile.Tag{profile.TagOf(isa.PhaseFF, 1, map[activity.Event]uint64{activity.XReadWLD: 55, activity.MAC: 128_000}), {}}}
	for _, table := range []struct {
		name string
		rows int
	}{{"cycles", len(cycleTable(&p).Rows)}, {"words", len(wordTable(&p).Rows)}, {"coding", len(codingTable(&p).Rows)}} {
		require.Equal(t, 1, table.rows, table.name)
	}
	var out strings.Builder
	require.NoError(t, cycleTable(&p).Text(&out, 0))
	require.Contains(t, out.String(), "ff 1")
	require.Equal(t, &p.Tags[0], p.Find(isa.PhaseFF, 1))
	require.Nil(t, p.Find(isa.PhaseWG, 1))
}
