package qmodel

// Dropout of one half (section 11): a word of 16 bits for each group of 16 neurons and sample.
const (
	dropBits = 16
	dropSeed = 0x5851F42D
)

// dropBases returns dbase_i at the indices 0..L (meaningless where nothing drops), and D behind them: dropping layer i
// owns the counts dbase_i .. dbase_{i+1} - 1 of a step, for a whole number of sub-batches.
func (c *Config) dropBases() []uint32 {
	base := make([]uint32, len(c.Sizes)+1)
	for i, n := range c.Sizes {
		base[i+1] = base[i]
		if c.drops(i) {
			base[i+1] += uint32(ceilDiv(c.Batch, SubBatch) * SubBatch * ceilDiv(n, dropBits))
		}
	}
	return base
}

// keepBits returns the word of sample b and of the given group of layer i in this step: bit j mod 16 is 1 where neuron j
// stays.
func (m *Model) keepBits(i, b, group int) uint32 {
	count := m.StepNo*m.dropBase[m.top+1] + m.dropBase[i] + uint32(b*ceilDiv(m.size(i), dropBits)+group)
	return mix(mix(m.seed()^dropSeed)^count) & (1<<dropBits - 1)
}
