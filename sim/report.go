package sim

import (
	"cmp"
	"slices"

	"bdfasim/isa"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// Tables is the end-of-run report without its energies: summary, phases, stalls, external memory; LayerTable is a
// further one. freqMHz is the chip's clock.
func (m *Metrics) Tables(freqMHz float64) []*table.Table {
	return []*table.Table{m.SummaryTable(freqMHz), m.PhaseTable(), m.StallTable(), m.TrafficTable()}
}

// SummaryTable has one number a row.
func (m *Metrics) SummaryTable(freqMHz float64) *table.Table {
	t := table.New("Summary", "what", "value", "unit")
	t.Row("cycles", m.Cycles, "")
	t.Row("simulated time", float64(m.Cycles)/freqMHz/1000, "ms")
	t.Row("MACs", m.MACs(), "")
	t.Row("MAC utilisation", 100*m.Utilisation(), "%")
	t.Row("zero-skip rate", 100*m.ZeroSkip(), "%")
	t.Row("RLC compression", m.Compression(), "x")
	t.Row("external words", m.Words(), "32 bit")
	t.Row("row-hit rate", 100*m.RowHits(), "%")
	t.Note("at %v MHz; utilisation: MACs / (%d lanes x cycles); zero-skip: 1 - MACs / dense MACs of the same commands, padding left out", freqMHz, m.Lanes)
	return t
}

// PhaseTable is cycles by the phase of SEQ's last mark; phases without any are left out.
func (m *Metrics) PhaseTable() *table.Table {
	t := table.New("Cycles by phase", "phase", "cycles", "%")
	for p, share := range Shares(m.Phases[:]) {
		if m.Phases[p] > 0 {
			t.Row(isa.Phase(p).String(), m.Phases[p], share)
		}
	}
	return t
}

// stallColumns is the order of the stall table.
var stallColumns = []activity.Status{
	activity.Busy, activity.WaitOperand, activity.WaitWeight, activity.WaitMemory, activity.WaitDrain, activity.Idle,
}

// StallTable says what each unit did, in percent of all cycles. A row adds up to exactly 100.0.
func (m *Metrics) StallTable() *table.Table {
	header := []string{"unit"}
	for _, s := range stallColumns {
		header = append(header, s.String()+"|"+table.Key(s.String())+"_percent")
	}
	t := table.New("Units (% of cycles)", header...)
	for u := range activity.NumUnits {
		var cycles []uint64
		for _, s := range stallColumns {
			cycles = append(cycles, m.Units[u][s])
		}
		cells := []any{u.String()}
		for _, share := range Shares(cycles) {
			cells = append(cells, table.Fixed(share, 1))
		}
		t.Row(cells...)
	}
	t.Note("busy, or waiting for: operands or other units, weight buffers, external memory, banks or room to write; idle: no command")
	return t
}

// TrafficTable is 32-bit words to and from external memory, by cause.
func (m *Metrics) TrafficTable() *table.Table {
	t := table.New("External memory", "cause", "32-bit words|words", "%")
	var words []uint64
	for _, c := range Causes {
		words = append(words, burstWords*m.Counts.Total(c.Event))
	}
	for i, share := range Shares(words) {
		t.Row(Causes[i].Name, words[i], share)
	}
	t.Note("%d rows opened, %d refreshes", m.Counts.Total(activity.XActivate), m.Counts.Total(activity.XRefresh))
	return t
}

// Shares returns parts in percent of their sum, rounded to tenths so that they add up to exactly 100.0: each is cut
// off, and what is missing goes to those that lost most, the first of equals. All are 0 if the sum is.
func Shares(parts []uint64) []float64 {
	var sum uint64
	for _, p := range parts {
		sum += p
	}
	shares := make([]float64, len(parts))
	if sum == 0 {
		return shares
	}
	tenths, rest := make([]uint64, len(parts)), make([]uint64, len(parts))
	order := make([]int, len(parts))
	missing := uint64(1000)
	for i, p := range parts {
		tenths[i], rest[i] = p*1000/sum, p*1000%sum // below 2^64 up to 1.8e16 cycles
		missing -= tenths[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, i := range order[:missing] {
		tenths[i]++
	}
	for i, n := range tenths {
		shares[i] = float64(n) / 10
	}
	return shares
}
