package sim

import (
	"bdfasim/isa"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// LayerMetrics are the numbers of one phase of one layer. Cycles are those in which SEQ's last mark was that one, and SEQ is up to
// four commands of each unit ahead of the work; everything else counts the commands under the mark, whenever they ran.
type LayerMetrics struct {
	Tag         activity.Tag
	Cycles      uint64
	Busy        uint64  // cycles in which the DNNC worked
	MACs        uint64  // counted a lane each
	Dense       uint64  // MACs if no operand were skipped
	Words       uint64  // 32-bit words to and from external memory
	OMEMWords   uint64  // 64-bit words read from OMEM and written to it
	Compression float64 // as Metrics.Compression
}

// NewLayerMetrics makes them of what was counted under a tag.
func NewLayerMetrics(tag activity.Tag, r TagResult, row *activity.Row) LayerMetrics {
	l := LayerMetrics{
		Tag: tag, Cycles: r.Cycles, Busy: row[activity.ClockDNNCWork], MACs: row[activity.MAC], Dense: r.Dense,
		OMEMWords: row[activity.OMEMRead] + row[activity.OMEMWrite], Compression: compression(row[activity.RLCEncode], row[activity.OMEMWrite]),
	}
	for _, c := range Causes {
		l.Words += burstWords * row[c.Event]
	}
	return l
}

// Layers returns the numbers of every phase of every layer that has any, by phase and layer.
func (m *Metrics) Layers() []LayerMetrics {
	var out []LayerMetrics
	for t := range m.Tags {
		l := NewLayerMetrics(activity.Tag(t), m.Tags[t], &m.Counts.Rows[t])
		if l.Cycles+l.Busy+l.Words+l.OMEMWords > 0 {
			out = append(out, l)
		}
	}
	return out
}

// Utilisation is the part of lane-cycles in which a lane multiplied: MACs / (lanes x cycles). It can exceed 1 where SEQ was
// ahead: the array worked while SEQ had passed the next mark.
func (l *LayerMetrics) Utilisation(lanes int) float64 {
	return ratio(float64(l.MACs), float64(lanes)*float64(l.Cycles))
}

// ZeroSkip is the part of the dense MACs that was not done because the operand is zero, 0..1.
func (l *LayerMetrics) ZeroSkip() float64 { return skipped(l.MACs, l.Dense) }

// Column is a further column of LayerTable: a number of each tag, its energy for one.
type Column struct {
	Name string
	Cell func(activity.Tag) any
}

// LayerTable has a row for each phase of each layer.
func (m *Metrics) LayerTable(more ...Column) *table.Table {
	header := []string{"phase", "layer", "cycles", "DNNC busy", "utilisation %", "zero-skip %", "external words", "OMEM words", "RLC x"}
	for _, c := range more {
		header = append(header, c.Name)
	}
	t := table.New("By layer and phase", header...)
	for _, l := range m.Layers() {
		cells := []any{isa.Phase(l.Tag.Phase()).String(), int(l.Tag.Layer()), l.Cycles, l.Busy, 100 * l.Utilisation(m.Lanes), 100 * l.ZeroSkip(), l.Words, l.OMEMWords, l.Compression}
		for _, c := range more {
			cells = append(cells, c.Cell(l.Tag))
		}
		t.Row(cells...)
	}
	t.Note("cycles: in which the mark was SEQ's last one; all else: of the commands under it, which may run while SEQ is at the next mark (so can utilisation pass 100)")
	return t
}
