package intgemm

import (
	"math/bits"

	"bdfasim/golden/gemm"
)

// Left is the left operand, as it lies in memory. A row is segments of Run numbers, Step apart, the
// first at Row*r, or At(r) if there is such a function. If Run is odd, the number after a segment
// is read too and counts as 0.
type Left struct {
	Data      []int16
	Row       int
	At        func(r int) int
	Run, Step int
	Squares   uint64 // at least the largest sum of squares of a row
}

// kernel is tileGo or its equal.
type kernel func(a []int16, at *[tileRows]int, segs, step, pairs int,
	b []int16, stride, panels int, c *tile)

// chunk is neighbouring pairs of all rows whose sum fits 32 bits; long ones need not.
type chunk struct {
	seg, pair   int
	segs, pairs int
	long        bool
}

// Mul multiplies on the workers of a pool. Not for concurrent use.
type Mul struct {
	Small int // how many products stay on the caller's goroutine: starting others costs more

	pool      *gemm.Pool
	workers   []worker
	chunks    []chunk
	left      Left
	right     right
	rows      int
	fill      func(p *Panel)
	emit      func(row, lane int, sums []int64, worker int)
	pack, run func(lo, hi, worker int)
}

// worker is what one worker writes to.
type worker struct {
	sums  tile
	at    [tileRows]int
	panel Panel
}

// NewMul makes a multiplier. It allocates only for operands larger than any before.
func NewMul(p *gemm.Pool) *Mul {
	m := &Mul{Small: 1 << 17, pool: p, workers: make([]worker, p.Workers())}
	m.pack, m.run = m.packPart, m.part
	return m
}

// Pack makes the right operand: lanes of segs segments of run numbers, which fill sets panel by
// panel, several at once.
func (m *Mul) Pack(lanes, segs, run int, fill func(p *Panel)) {
	r := &m.right
	r.lanes, r.segs, r.pairs = lanes, segs, ceilDiv(run, 2)
	r.data = Grow(r.data, r.panels()*r.stride())
	n := segs * r.granules()
	r.squares = Grow(r.squares, r.panels()*n)
	m.fill = fill
	m.share(r.panels(), lanes*segs*run, m.pack)
	for at, v := range r.squares[n:] {
		r.squares[at%n] = max(r.squares[at%n], v)
	}
	r.squares = r.squares[:n]
}

// share gives n parts of some products to the workers.
func (m *Mul) share(n, products int, body func(lo, hi, worker int)) {
	if products < m.Small {
		body(0, n, 0)
		return
	}
	m.pool.Range(n, 1, body)
}

// packPart fills panels lo..hi-1.
func (m *Mul) packPart(lo, hi, w int) {
	r, p := &m.right, &m.workers[w].panel
	n := r.segs * r.granules()
	for q := lo; q < hi; q++ {
		*p = Panel{Lane: q * panelLanes, Lanes: min(panelLanes, r.lanes-q*panelLanes), pairs: r.pairs,
			data: r.data[q*r.stride() : (q+1)*r.stride()]}
		clear(p.data)
		m.fill(p)
		p.measure(r.squares[q*n : (q+1)*n])
	}
}

// Do multiplies rows of the left operand by what Pack left, and hands each row's sums to emit, up
// to 64 lanes at a time; several rows at once, told apart by their worker.
func (m *Mul) Do(left Left, rows int, emit func(row, lane int, sums []int64, worker int)) {
	m.left, m.rows, m.emit = left, rows, emit
	m.plan()
	units := ceilDiv(rows, tileRows) * ceilDiv(m.right.panels(), tileLanes/panelLanes)
	m.share(units, rows*m.right.lanes*m.right.segs*left.Run, m.run)
}

// plan cuts the pairs into chunks: one, if all sums fit.
func (m *Mul) plan() {
	r, all := &m.right, uint64(0)
	for _, s := range r.squares {
		all += s
	}
	m.chunks = m.chunks[:0]
	if fits(m.left.Squares, all) {
		m.chunks = append(m.chunks, chunk{segs: r.segs, pairs: r.pairs})
		return
	}
	fit := func(pairs int, right uint64) bool { // a square is at most 2^30
		return fits(min(m.left.Squares, uint64(pairs)<<31), right)
	}
	n := r.granules()
	for seg := range r.segs {
		last, sum := chunk{seg: seg, segs: 1}, uint64(0)
		for g, s := range r.squares[seg*n : (seg+1)*n] {
			pairs := min(granule, r.pairs-g*granule)
			if last.pairs > 0 && (last.long || !fit(last.pairs+pairs, sum+s)) {
				m.chunks = append(m.chunks, last)
				last, sum = chunk{seg: seg, pair: g * granule, segs: 1}, 0
			}
			last.pairs, sum = last.pairs+pairs, sum+s
			last.long = !fit(last.pairs, sum)
		}
		m.chunks = append(m.chunks, last)
	}
}

// fits says whether a sum of products fits 32 bits, given the sums of squares of its factors.
func fits(left, right uint64) bool {
	hi, lo := bits.Mul64(left, right)
	return hi == 0 && lo < 1<<62
}

// part computes tiles lo..hi-1, column by column.
func (m *Mul) part(lo, hi, w int) {
	r, sums, at := &m.right, &m.workers[w].sums, &m.workers[w].at
	across := ceilDiv(m.rows, tileRows)
	for u := lo; u < hi; u++ {
		row, lane := u%across*tileRows, u/across*tileLanes
		for i := range at {
			if at[i] = min(row+i, m.rows-1) * m.left.Row; m.left.At != nil {
				at[i] = m.left.At(min(row+i, m.rows-1))
			}
		}
		lanes := min(tileLanes, r.lanes-lane)
		clear(sums[:])
		b := r.data[lane/panelLanes*r.stride():]
		for _, c := range m.chunks {
			k := fastest
			if c.long {
				k = tileGo
			}
			k(m.left.Data[c.seg*m.left.Step+2*c.pair:], at, c.segs, m.left.Step, c.pairs,
				b[(c.seg*r.pairs+c.pair)*pairWords:], r.stride(), ceilDiv(lanes, panelLanes), sums)
		}
		for i := range min(tileRows, m.rows-row) {
			m.emit(row+i, lane, sums[i*tileLanes:][:lanes], w)
		}
	}
}
