package qmodel

// seed returns the seed of this step's random words: that of the configuration, changed each time that
// the larger of both counters has gone through its 32 bits (section 5).
func (m *Model) seed() uint32 {
	most := max(m.base[m.top+1], m.dropBase[m.top+1])
	return m.cfg.Seed ^ mix(uint32(uint64(m.StepNo)*uint64(most)>>32))
}
