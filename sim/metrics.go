package sim

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// burstWords is the number of 32-bit words in an external access.
const burstWords = port.BurstBytes / 4

// Metrics are the numbers of a run, or of some of its phases. Cycles belong to the phase in which SEQ was; events, and
// with them MACs, words and energy, to the phase of the command that caused them.
type Metrics struct {
	Lanes  int // of the MAC array
	Cycles uint64
	Phases [isa.NumPhases]uint64 // cycles; 0 where a phase is left out
	Units  [activity.NumUnits][activity.NumStatus]uint64
	Tags   [NumTags]TagResult // by phase and layer; zero where a phase is left out
	Dense  uint64             // MACs if no operand were skipped
	Counts activity.Counts    // events; no rows of phases left out; Cycles as Units
}

// All includes every phase.
func All(isa.Phase) bool { return true }

// Training includes what a training step consists of: every phase but the evaluation on the test set.
func Training(p isa.Phase) bool { return p != isa.PhaseEval }

// Metrics sums up the phases that include accepts.
func (r *Result) Metrics(include func(isa.Phase) bool) *Metrics {
	m := &Metrics{Lanes: r.Lanes}
	refreshes := uint64(0)
	for p := range isa.NumPhases {
		if !include(p) {
			continue
		}
		from := &r.Phases[p]
		m.Phases[p] = from.Cycles
		m.Cycles += from.Cycles
		m.Dense += from.Dense
		refreshes += from.Refreshes
		for u := range m.Units {
			for s := range m.Units[u] {
				m.Units[u][s] += from.Units[u][s]
			}
		}
	}
	for t := range r.Counts.Rows {
		if include(isa.Phase(activity.Tag(t).Phase())) {
			m.Counts.Rows[t], m.Tags[t] = r.Counts.Rows[t], r.Tags[t]
		}
	}
	m.Counts.Rows[0][activity.XRefresh] = refreshes
	m.Counts.Cycles = m.Units
	return m
}

// MACs is the number of multiply-accumulates done, counted a lane each.
func (m *Metrics) MACs() uint64 { return m.Counts.Total(activity.MAC) }

// Utilisation is the part of the array's lane-cycles in which a lane multiplied: MACs / (lanes x cycles), 0..1.
func (m *Metrics) Utilisation() float64 {
	return ratio(float64(m.MACs()), float64(m.Lanes)*float64(m.Cycles))
}

// ZeroSkip is the part of the dense MACs that was not done because the operand is zero: 1 - MACs / dense MACs, 0..1.
// Dense MACs are operands x active lanes of every block that the DNNC was given. A convolution's operands are those that
// exist: padding is none, nor is what lies between the pixels of a map that a stride spreads (errors).
func (m *Metrics) ZeroSkip() float64 { return skipped(m.MACs(), m.Dense) }

// skipped is the part of dense MACs that was not done.
func skipped(macs, dense uint64) float64 {
	if dense == 0 {
		return 0
	}
	return 1 - ratio(float64(macs), float64(dense))
}

// Cause is why external memory was accessed.
type Cause struct {
	Name  string
	Event activity.Event // one burst of 32 bytes
}

// Causes are all accesses of external memory.
var Causes = []Cause{
	{"read by DMA", activity.XReadDMA},
	{"read weights", activity.XReadWLD},
	{"read for update", activity.XReadMom},
	{"read for normalisation", activity.XReadNorm},
	{"read for EPC", activity.XReadEPC},
	{"written by DMA", activity.XWriteDMA},
	{"written by update", activity.XWriteMom},
	{"written by drain", activity.XWriteDrain},
	{"written by DEPC or EPC", activity.XWriteDEPC},
	{"written by normalisation", activity.XWriteNorm},
}

// Bursts is the number of external accesses.
func (m *Metrics) Bursts() (n uint64) {
	for _, c := range Causes {
		n += m.Counts.Total(c.Event)
	}
	return n
}

// Words is the number of 32-bit words to and from external memory.
func (m *Metrics) Words() uint64 { return burstWords * m.Bursts() }

// RowHits is the part of external accesses that found their row open: 1 - activates / accesses, 0..1; at least 0, since
// a row closed by a refresh opens again.
func (m *Metrics) RowHits() float64 {
	if m.Bursts() == 0 {
		return 0
	}
	return max(0, 1-ratio(float64(m.Counts.Total(activity.XActivate)), float64(m.Bursts())))
}

// Compression is what run-length coding saves in OMEM: words that the encoded elements would fill as they are, four a
// word, over words written. Only tags under which an encoder worked count. 0: nothing was encoded.
func (m *Metrics) Compression() float64 {
	var elements, words uint64
	for t := range m.Counts.Rows {
		if row := &m.Counts.Rows[t]; row[activity.RLCEncode] > 0 {
			elements += row[activity.RLCEncode]
			words += row[activity.OMEMWrite]
		}
	}
	return compression(elements, words)
}

// compression is elements encoded, four a word, over words written.
func compression(elements, words uint64) float64 {
	if elements == 0 {
		return 0
	}
	return ratio(float64(elements)/4, float64(words))
}

// ratio is a/b, or 0 when b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
