package qmodel

import "bdfasim/golden/intgemm"

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

// calls are the methods that workers run, as values, so that a step allocates nothing.
type calls struct {
	outputs, inputs, seen                                                func(p *intgemm.Panel) // right operands of convolutions
	samples, teacher, batch                                              func(p *intgemm.Panel) // of fully connected layers
	round, gradients                                                     func(row, lane int, sums []int64, worker int)
	activate, teach, rows                                                func(row, lane int, sums []int64, worker int)
	turn, draw, place, update, pool, spread, measure, correlate, correct func(lo, hi, worker int)
}

// tally is what one worker counts. Sums and maxima do not depend on who counted.
type tally struct {
	first, second Stat
	wraps, most   uint64
	_             [64]byte // workers do not share a line of the cache
}

// little is how many elements are fewer than what starting workers costs.
const little = 1 << 12

// share splits 0..n-1, which stand for so many elements, among the workers.
func (m *Model) share(n, elements int, body func(lo, hi, worker int)) {
	if elements < m.little {
		body(0, n, 0)
		return
	}
	m.workers.Range(n, 1, body)
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

// turnErrors returns a block of maps, pixel by pixel, channel by channel, and adds the channels up in
// gb_i.
func (m *Model) turnErrors(e []int16, chans int) intgemm.Left {
	m.job.src, m.job.width, m.job.n = e, chans, len(e)/chans
	m.share(ceilDiv(chans, turned), len(e), m.calls.turn)
	left := intgemm.Left{Data: m.left, Row: even(m.job.n), Run: m.job.n}
	for w := range m.tallies {
		left.Squares = max(left.Squares, m.tallies[w].most)
		m.tallies[w].most = 0
	}
	return left
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
			sum, squares := int64(0), uint64(0)
			for _, v := range m.left[c*row:][:j.n] {
				sum, squares = sum+int64(v), squares+uint64(int64(v)*int64(v))
			}
			m.GB[j.layer][c] += sum
			m.tallies[worker].most = max(m.tallies[worker].most, squares)
		}
	}
}

// setCalls makes the calls.
func (m *Model) setCalls() {
	m.calls = calls{
		outputs: m.packOutputs, inputs: m.packInputs, seen: m.packSeen,
		samples: m.packSamples, teacher: m.packTeacher, batch: m.packRows,
		round: m.round, gradients: m.addGradients,
		activate: m.activate, teach: m.teachSample, rows: m.keepGradients,
		turn: m.turnPart, draw: m.drawWords, place: m.placeWords, update: m.updatePart,
		pool: m.poolPart, spread: m.spreadPart, measure: m.measurePart,
		correlate: m.correlatePart, correct: m.correctPart,
	}
}
