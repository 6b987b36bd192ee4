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
		base[i+1] = base[i] + uint32(lanes*halves(outputs, inputs))
	}
	return base
}

// layerWords fills m.words with the random word of each weight of layer i in this step.
func (m *Model) layerWords(i int) {
	l := m.cfg.conv(i)
	outputs, inputs := m.cfg.rounding(i)
	m.job = job{layer: i, words: m.words[:len(m.W[i])]}
	if l != nil {
		m.job.words = m.rows[:outputs*inputs]
	}
	m.share(halves(outputs, inputs), outputs*inputs, (*Model).drawWords)
	if l != nil {
		m.share(l.taps()*l.OutC, len(m.W[i]), (*Model).placeWords)
	}
}

// drawWords draws those of half-blocks lo..hi-1.
func (m *Model) drawWords(lo, hi, _ int) {
	outputs, inputs := m.cfg.rounding(m.job.layer)
	count := m.StepNo*m.base[m.top+1] + m.base[m.job.layer]
	for half := lo; half < hi; half++ {
		halfWords(m.job.words, outputs, inputs, half, m.seed(), count)
	}
}

// placeWords brings the words of a convolution to their weights: pairs lo..hi-1 of tap and output.
func (m *Model) placeWords(lo, hi, _ int) {
	l := m.cfg.conv(m.job.layer)
	_, inputs := m.cfg.rounding(m.job.layer)
	for n := lo; n < hi; n++ {
		copy(m.words[n*l.InC:][:l.InC], m.rows[n%l.OutC*inputs+l.row(n/l.OutC, 0):])
	}
}

// halves returns how many half-blocks a matrix has, those beyond its last column included.
func halves(rows, cols int) int { return 2 * ceilDiv(rows, blockSide) * ceilDiv(cols, blockSide) }

// halfWords fills a half-block of words (rows x cols, row-major) with the random word of each weight;
// count is the counter of the layer's first register in this step.
func halfWords(words []uint16, rows, cols, half int, seed, count uint32) {
	blocks := ceilDiv(cols, blockSide)
	j0, k0 := half/2/blocks*blockSide, half/2%blocks*blockSide+half%2*halfColumns
	for t := 0; t < lanes && j0+t < rows; t++ {
		laneWords(words, rows, cols, j0+t, k0, start(seed, count+uint32(lanes*half+t)))
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
