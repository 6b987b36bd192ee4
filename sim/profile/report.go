package profile

import (
	"fmt"

	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/dnnc"
)

// name is a layer and phase in a report.
func (t *Tag) name() string { return fmt.Sprintf("%s %d", t.phase(), t.Tag.Layer()) }

// CycleTable is the table of time: a row for each layer and phase that has commands.
func (p *Profile) CycleTable() *table.Table {
	t := table.New("Cycles by layer and phase", "phase", "elapsed", "exclusive", "array busy", "no operands", "no weights", "no bank", "MACs", "use of the array (%)")
	for k := range p.Tags {
		g := &p.Tags[k]
		if g.Elapsed == 0 {
			continue
		}
		t.Row(g.name(), g.Elapsed, g.Exclusive, g.Busy, g.Stalls, g.WaitWeight, g.WaitBank, g.MACs, 100*ratio(float64(g.MACs), float64(dnnc.Lanes*g.Elapsed)))
	}
	t.Note("elapsed: first command to the report that all have retired; exclusive: what the phase adds to the run in program order, %d cycles in all", p.Cycles)
	t.Note("use: MACs / (256 lanes x elapsed)")
	return t
}

// WordTable is the table of external 32-bit words by cause.
func (p *Profile) WordTable() *table.Table {
	t := table.New("External 32-bit words", "phase", "weights", "maps read", "maps written", "update", "normalisation", "error matrices", "total")
	for k := range p.Tags {
		if w := p.Tags[k].ByCause(); w.Total() > 0 {
			t.Row(p.Tags[k].name(), w.Weights, w.MapsRead, w.MapsWritten, w.Update, w.Norm, w.Errors, w.Total())
		}
	}
	return t
}

// CodingTable is the table of what run-length coding and the skipping of zeros do, layer by layer.
func (p *Profile) CodingTable() *table.Table {
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
		t.Row(g.name(), g.RawWords(), g.CodedWords(), times, density, g.Stalls, skip)
	}
	t.Note("words of 64 bits given to the encoders, what fills the last group of 16 among them; stalls: cycles in which the MAC array waited for operands")
	t.Note("zero-skip: MACs not done, of samples or taps x elements x lanes; taps outside a map are none")
	return t
}

// EnergyTable is the table of energy in uJ.
func (p *Profile) EnergyTable(l *power.PriceList) (*table.Table, error) {
	t := table.New("Energy by layer and phase (uJ)", "phase", "on-die", "external", "total", "pJ a MAC")
	for k := range p.Tags {
		g := &p.Tags[k]
		onDie, external, err := g.Energy(l)
		if err != nil {
			return nil, fmt.Errorf("profile: energy of %s: %w", g.name(), err)
		}
		if onDie+external == 0 || g.Elapsed == 0 {
			continue
		}
		each := any("")
		if g.MACs > 0 {
			each = 1e6 * (onDie + external).UJ() / float64(g.MACs)
		}
		t.Row(g.name(), onDie.UJ(), external.UJ(), (onDie + external).UJ(), each)
	}
	t.Note("events of the phase and leakage of its exclusive cycles; refreshes of external memory are not in it")
	return t, nil
}
