package qmodel

// Stat is what is counted of one tensor (section 6).
type Stat struct {
	Sat    uint64 // elements that a clip changed
	MaxAbs int64  // the largest absolute value, after the clip
}

// sat clips v to n bits and records the element.
func (s *Stat) sat(v int64, n int) int64 {
	c := Sat(v, n)
	if c != v {
		s.Sat++
	}
	s.see(c)
	return c
}

// see records an element that needs no clip.
func (s *Stat) see(v int64) {
	s.MaxAbs = max(s.MaxAbs, v, -v)
}

// Stats holds the counts of every tensor, by layer 0..L, added up since New or ResetStats (section 6).
type Stats struct {
	Z  []Stat // before the ReLU, 1..L; Z[L] is a_L
	O  []Stat // after it, 1..L-1: a maximum, never a clip
	E  []Stat // 1..L; below L only elements whose mask is set
	W  []Stat // after the update, as the three below; 1..L
	V  []Stat
	B  []Stat
	VB []Stat
}

// newStats returns empty counts for layers 0..top.
func newStats(top int) Stats {
	layers := func() []Stat { return make([]Stat, top+1) }
	return Stats{Z: layers(), O: layers(), E: layers(), W: layers(), V: layers(), B: layers(), VB: layers()}
}

// ResetStats clears Stats and AccWraps.
func (m *Model) ResetStats() {
	for _, s := range [][]Stat{m.Stats.Z, m.Stats.O, m.Stats.E, m.Stats.W, m.Stats.V, m.Stats.B, m.Stats.VB} {
		clear(s)
	}
	m.AccWraps = 0
}
