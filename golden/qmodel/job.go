package qmodel

import (
	"runtime"

	"bdfasim/golden/gemm"
	"bdfasim/golden/intgemm"
)

// job is what the functions that workers run know of the work at hand.
type job struct {
	layer    int
	src, dst []int16
	width    int     // of a row or pixel of src
	biases   []int32 // one a channel
	shift    int
	dropping bool
	from, n  int  // the places of a block
	last     bool // block
	pos      []uint8
	words    []uint16
	eta      int64
}

// tally is what one worker counts. Sums and maxima do not depend on who counted.
type tally struct {
	first, second Stat
	wraps, most   uint64
	_             [64]byte // workers do not share a line of the cache
}

// engine is what runs the work of a step. The methods that do it are given as functions of the
// model: as values of this one they would be allocated anew each time.
type engine struct {
	workers *gemm.Pool
	mul     *intgemm.Mul
	little  int // how many elements are fewer than what starting workers costs

	job     job
	tallies []tally       // by worker
	sums    []channelSums // by worker
	frame   frame
	left    []int16 // left operands: turned, or with a number after the last row
	offsets []int   // where what a place of a block sees begins
	acc     []int64 // the sums of one sample

	body func(m *Model, lo, hi, worker int)
	fill func(m *Model, p *intgemm.Panel)
	emit func(m *Model, row, lane int, sums []int64, worker int)

	onWorker func(lo, hi, worker int)
	onPanel  func(p *intgemm.Panel)
	onSums   func(row, lane int, sums []int64, worker int)
	place    func(r int) int
}

func (m *Model) newEngine() {
	pool := gemm.NewPool(runtime.GOMAXPROCS(0))
	m.engine = engine{workers: pool, mul: intgemm.NewMul(pool), little: 1 << 12,
		tallies: make([]tally, pool.Workers()), sums: make([]channelSums, pool.Workers()),
		offsets: make([]int, gradientBlock)}
	m.onWorker = func(lo, hi, worker int) { m.body(m, lo, hi, worker) }
	m.onPanel = func(p *intgemm.Panel) { m.fill(m, p) }
	m.onSums = func(row, lane int, sums []int64, worker int) { m.emit(m, row, lane, sums, worker) }
	m.place = m.frame.place
}

// share splits 0..n-1, which stand for so many elements, among the workers.
func (m *Model) share(n, elements int, body func(m *Model, lo, hi, worker int)) {
	if elements < m.little {
		body(m, 0, n, 0)
		return
	}
	m.body = body
	m.workers.Range(n, 1, m.onWorker)
}

// multiply gives emit the sums of all rows of left with lanes of segs segments of run numbers.
func (m *Model) multiply(left intgemm.Left, rows, lanes, segs, run int,
	fill func(m *Model, p *intgemm.Panel),
	emit func(m *Model, row, lane int, sums []int64, worker int)) {
	m.fill, m.emit = fill, emit
	m.mul.Pack(lanes, segs, run, m.onPanel)
	m.mul.Do(left, rows, m.onSums)
}

// channelSums is two sums of each channel of what a worker saw.
type channelSums struct{ one, two []int64 }

// collect adds up what workers counted since the last time; a count that nobody wants is nil.
func (m *Model) collect(first, second *Stat, wraps *uint64) {
	for w := range m.tallies {
		t := &m.tallies[w]
		first.add(t.first)
		second.add(t.second)
		*wraps += t.wraps
		*t = tally{}
	}
}

// turnErrors returns a block of errors channel by channel, and adds the channels up in gb_i.
func (m *Model) turnErrors(e []int16, chans int) intgemm.Left {
	m.job.src, m.job.width, m.job.n = e, chans, len(e)/chans
	m.left = intgemm.Grow(m.left, chans*even(m.job.n))
	m.share(ceilDiv(chans, turned), len(e), (*Model).turnPart)
	left := intgemm.Left{Data: m.left, Row: even(m.job.n), Run: m.job.n}
	left.Squares = m.most()
	return left
}

// most returns, and forgets, the largest sum of squares that a worker saw.
func (m *Model) most() (most uint64) {
	for w := range m.tallies {
		most = max(most, m.tallies[w].most)
		m.tallies[w].most = 0
	}
	return most
}

// turned is how many channels are turned together.
const turned = 16

// even returns n or the even number above.
func even(n int) int { return n + n&1 }

// turnPart turns groups lo..hi-1 of channels.
func (m *Model) turnPart(lo, hi, worker int) {
	j, row := &m.job, even(m.job.n)
	for at := lo * turned; at < min(hi*turned, j.width); at += turned {
		chans := min(turned, j.width-at)
		for n := range j.n {
			for c, v := range j.src[n*j.width+at:][:chans] {
				m.left[(at+c)*row+n] = v
			}
		}
		for c := at; c < at+chans; c++ {
			channel, sum := m.left[c*row:][:j.n], m.GB[j.layer][c]
			for _, v := range channel {
				sum += int64(v)
			}
			m.GB[j.layer][c] = sum
			m.tallies[worker].most = max(m.tallies[worker].most, intgemm.Squares(channel))
		}
	}
}
