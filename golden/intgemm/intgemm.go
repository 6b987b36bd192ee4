package intgemm

import (
	"math/bits"

	"bdfasim/golden/gemm"
)

// small is how many products are fewer than what starting goroutines costs.
const small = 1 << 17

// Left is the left operand, as it lies in memory. A row is segments of Run numbers, Step apart, the
// first at Row*r, or At(r) if there is such a function. If Run is odd, the number behind a segment is
// read too and counts as 0.
type Left struct {
	Data      []int16
	Row       int
	At        func(r int) int
	Run, Step int
	Squares   uint64 // at least the largest sum of squares of a row
}

// at is where row r begins.
func (l *Left) at(r int) int {
	if l.At != nil {
		return l.At(r)
	}
	return r * l.Row
}

// kernel is tileGo or its equal.
type kernel func(a []int16, at *[tileRows]int, segs, step, pairs int, b []int16, stride, panels int, c *tile)

// chunk is neighbouring pairs of all rows whose sum fits 32 bits; long ones need not.
type chunk struct {
	seg, pair   int
	segs, pairs int
	long        bool
}

// Mul multiplies on the workers of a pool. Not for concurrent use.
type Mul struct {
	Small int // how many products stay on the caller's goroutine

	pool    *gemm.Pool
	workers []worker
	chunks  []chunk

	left      Left
	right     *Right
	rows      int
	fill      func(p *Panel)
	emit      func(row, lane int, sums []int64, worker int)
	pack, run func(lo, hi, worker int)
}

// worker is what one worker writes to.
type worker struct {
	sums    tile
	at      [tileRows]int
	panel   Panel
	squares []uint64
}

// NewMul makes a multiplier for right operands whose lanes have at most long numbers.
func NewMul(p *gemm.Pool, long int) *Mul {
	m := &Mul{Small: small, pool: p, workers: make([]worker, p.Workers())}
	for w := range m.workers {
		m.workers[w].squares = make([]uint64, long)
	}
	m.pack, m.run = m.packPart, m.part
	return m
}

// Pack gives r lanes of segs segments of run numbers, which fill sets panel by panel, several at once.
func (m *Mul) Pack(r *Right, lanes, segs, run int, fill func(p *Panel)) {
	r.lanes, r.segs, r.pairs = lanes, segs, ceilDiv(run, 2)
	m.right, m.fill = r, fill
	n := segs * r.granules()
	for w := range m.workers {
		clear(m.workers[w].squares[:n])
	}
	m.pool.Range(r.panels(), m.grain(r.panels(), lanes*segs*run), m.pack)
	squares := r.squares[:n]
	clear(squares)
	for w := range m.workers {
		for at, v := range m.workers[w].squares[:n] {
			squares[at] = max(squares[at], v)
		}
	}
}

// grain returns in what steps n parts of some work are given to workers.
func (m *Mul) grain(n, work int) int {
	if work < m.Small {
		return n
	}
	return 1
}

// packPart fills panels lo..hi-1.
func (m *Mul) packPart(lo, hi, w int) {
	r, p := m.right, &m.workers[w].panel
	for q := lo; q < hi; q++ {
		*p = Panel{Lane: q * panelLanes, Lanes: min(panelLanes, r.lanes-q*panelLanes), pairs: r.pairs,
			data: r.data[q*r.stride() : (q+1)*r.stride()]}
		clear(p.data)
		m.fill(p)
		p.measure(m.workers[w].squares)
	}
}

// Do multiplies rows of the left operand by the right one, and hands each row's sums to emit, up to
// 64 lanes at a time; several rows at once, told apart by their worker.
func (m *Mul) Do(left Left, rows int, right *Right, emit func(row, lane int, sums []int64, worker int)) {
	m.left, m.rows, m.right, m.emit = left, rows, right, emit
	m.plan()
	units := ceilDiv(rows, tileRows) * ceilDiv(right.panels(), tileLanes/panelLanes)
	m.pool.Range(units, m.grain(units, rows*right.lanes*right.segs*left.Run), m.run)
}

// plan cuts the pairs into chunks: one, if all sums fit.
func (m *Mul) plan() {
	r, all := m.right, uint64(0)
	n := r.granules()
	for _, s := range r.squares[:r.segs*n] {
		all += s
	}
	if fits(m.left.Squares, all) {
		m.chunks = append(m.chunks[:0], chunk{segs: r.segs, pairs: r.pairs})
		return
	}
	m.chunks = m.chunks[:0]
	for seg := range r.segs {
		last, sum := chunk{seg: seg, segs: 1}, uint64(0)
		for g, s := range r.squares[seg*n : (seg+1)*n] {
			pairs := min(granule, r.pairs-g*granule)
			if last.pairs > 0 && (last.long || !m.fits(last.pairs+pairs, sum+s)) {
				m.chunks = append(m.chunks, last)
				last, sum = chunk{seg: seg, pair: g * granule, segs: 1}, 0
			}
			last.pairs, sum = last.pairs+pairs, sum+s
			last.long = !m.fits(last.pairs, sum)
		}
		m.chunks = append(m.chunks, last)
	}
}

// fits says whether sums over so many pairs fit 32 bits, given the sum of squares at the right.
func (m *Mul) fits(pairs int, right uint64) bool {
	return fits(min(m.left.Squares, uint64(pairs)<<31), right) // a square is at most 2^30
}

// fits says whether a sum of products fits 32 bits, given the sums of squares of its factors.
func fits(left, right uint64) bool {
	hi, lo := bits.Mul64(left, right)
	return hi == 0 && lo < 1<<62
}

// part computes tiles lo..hi-1, column by column.
func (m *Mul) part(lo, hi, w int) {
	r, sums, at := m.right, &m.workers[w].sums, &m.workers[w].at
	across := ceilDiv(m.rows, tileRows)
	for u := lo; u < hi; u++ {
		row, lane := u%across*tileRows, u/across*tileLanes
		panels := min(tileLanes, r.lanes-lane+panelLanes-1) / panelLanes
		for i := range at {
			at[i] = m.left.at(min(row+i, m.rows-1))
		}
		clear(sums[:])
		b := r.data[lane/panelLanes*r.stride():]
		for _, c := range m.chunks {
			k := fastest
			if c.long {
				k = tileGo
			}
			k(m.left.Data[c.seg*m.left.Step+2*c.pair:], at, c.segs, m.left.Step, c.pairs,
				b[(c.seg*r.pairs+c.pair)*pairWords:], r.stride(), panels, sums)
		}
		for i := range min(tileRows, m.rows-row) {
			m.emit(row+i, lane, sums[i*tileLanes:][:min(tileLanes, r.lanes-lane)], w)
		}
	}
}
