package qmodel

// Section 5 places the random words by blocks of 64 x 64 weights, cut into halves of 32 columns; 16 lanes work through a
// half, each with a register of its own.
const (
	blockSide   = 64
	halfColumns = 32
	lanes       = 16
	zeroStart   = 0x9E3779B9 // stands in for the start that the register cannot leave
)

// ceilDiv returns n / d rounded up, for n >= 0.
func ceilDiv(n, d int) int { return (n + d - 1) / d }

// mix is the bijection of 32-bit words that spreads neighbouring counts over all starts (section 5).
func mix(x uint32) uint32 {
	x ^= x >> 16
	x *= 0x7feb352d
	x ^= x >> 15
	x *= 0x846ca68b
	return x ^ x>>16
}

// start returns the register state s0 of counter value count under the seed.
func start(seed, count uint32) uint32 {
	s := mix(seed ^ count)
	if s == 0 {
		return zeroStart
	}
	return s
}

// rounding returns columns and rows of the matrix whose blocks place the random words of W_i: N_i and N_{i-1}, or the
// channels and padded taps of a convolution (section 7).
func (c *Config) rounding(i int) (outputs, inputs int) {
	if conv := c.conv(i); conv != nil {
		return conv.OutC, conv.rowBlocks() * blockSide
	}
	return c.Sizes[i], c.Sizes[i-1]
}

// counterBases returns base_1..base_{L+1} at the indices 1..L+1: layer i owns the counts base_i .. base_{i+1}-1 of a
// step, and a step takes base_{L+1} of them, modulo 2^32.
func (c *Config) counterBases() []uint32 {
	base := make([]uint32, len(c.Sizes)+1)
	for i := 1; i < len(c.Sizes); i++ {
		outputs, inputs := c.rounding(i)
		halves := 2 * ceilDiv(outputs, blockSide) * ceilDiv(inputs, blockSide)
		base[i+1] = base[i] + uint32(lanes*halves)
	}
	return base
}

// layerWords fills m.words with the random word of each weight of layer i in this step.
func (m *Model) layerWords(i int) []uint16 {
	words := m.words[:len(m.W[i])]
	outputs, inputs := m.cfg.rounding(i)
	count := m.StepNo*m.base[m.top+1] + m.base[i]
	l := m.cfg.conv(i)
	if l == nil {
		randomWords(words, outputs, inputs, m.cfg.Seed, count)
		return words
	}
	rows := m.rows[:outputs*inputs]
	randomWords(rows, outputs, inputs, m.cfg.Seed, count)
	for t := range l.taps() {
		for j := range l.OutC {
			to := words[(t*l.OutC+j)*l.InC:][:l.InC]
			copy(to, rows[j*inputs+l.row(t, 0):])
		}
	}
	return words
}

// randomWords fills words (rows x cols, row-major) with the random word of each weight; count is the counter of the
// layer's first register in this step.
func randomWords(words []uint16, rows, cols int, seed, count uint32) {
	colBlocks := ceilDiv(cols, blockSide)
	for j0 := 0; j0 < rows; j0 += blockSide {
		for k0 := 0; k0 < cols; k0 += halfColumns {
			half := (j0/blockSide*colBlocks+k0/blockSide)*2 + k0%blockSide/halfColumns
			for t := 0; t < lanes && j0+t < rows; t++ {
				s := start(seed, count+uint32(lanes*half+t))
				laneWords(words, rows, cols, j0+t, k0, s)
			}
		}
	}
}

// laneWords runs one lane's register through its half-block: column by column, in each the rows j, j+16, j+32, j+48 of
// the block. Places outside the matrix take their words all the same.
func laneWords(words []uint16, rows, cols, j, k0 int, s uint32) {
	for k := k0; k < min(k0+halfColumns, cols); k++ {
		for n := range blockSide / lanes {
			if row := j + n*lanes; row < rows {
				words[row*cols+k] = uint16(s)
			}
			s = leap16(s)
		}
	}
}
