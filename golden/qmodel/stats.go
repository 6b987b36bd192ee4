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

// add records what o did; nil records nothing.
func (s *Stat) add(o Stat) {
	if s != nil {
		s.Sat += o.Sat
		s.see(o.MaxAbs)
	}
}

// Stats holds the counts of every tensor, by layer 0..L, added up since New (sections 6 and 9).
type Stats struct {
	Z  []Stat // before the ReLU, 1..L, dropped elements as well; in 1..K before the normalisation; Z[L] is a_L
	O  []Stat // after it, 1..L-1: a maximum, never a clip
	E  []Stat // 1..L; below L only elements whose mask is set; in 1..K only with batch normalisation
	W  []Stat // after the update, as the three below; 1..L
	V  []Stat
	B  []Stat
	VB []Stat

	U             []Stat // 1..K: the normalised elements of the windows, before the ReLU: clips, no maximum
	D             []Stat // 1..K; D[K] with the padded channels
	Gamma, Beta   []Stat // 1..K: after the update
	VGamma, VBeta []Stat
}

// newStats returns empty counts for layers 0..top.
func newStats(top int) Stats {
	var s Stats
	for _, list := range s.lists() {
		*list = make([]Stat, top+1)
	}
	return s
}

// lists returns all lists of counts.
func (s *Stats) lists() [13]*[]Stat {
	return [...]*[]Stat{&s.Z, &s.O, &s.E, &s.W, &s.V, &s.B, &s.VB, &s.U, &s.D, &s.Gamma, &s.Beta, &s.VGamma, &s.VBeta}
}
