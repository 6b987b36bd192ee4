package omem

import (
	"math/bits"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// maxColumns is the number of samples or pixels that a corner-turn buffer holds.
const maxColumns = 32

// trlc is the transposing decoder: two corner-turn buffers of 64 elements x 32 samples, one filled at a word a cycle
// (up to three non-zeros of a compressed block, four of a raw one) while the other is read element after element.
type trlc struct {
	Buf    [2][BlockElems][maxColumns]int16 `mem:"TRLC"`
	Has    [2][BlockElems]uint32            `sim:"gated"` // which samples of an element are non-zero
	Busy   [2]bool                          `bits:"1"`
	Fill   fetcher
	On     bool  `bits:"1"` // a fill is under way
	FillTo uint8 `bits:"1"`
	Pos    uint8 `bits:"7"`
	Elem   uint8 `bits:"7"` // next element to read
	Half   bool  `bits:"1"` // the end of the first 32 elements was sent
}

// tickTRLCFill fills a free buffer for the oldest StreamGrad request that has none.
func (u *Unit) tickTRLCFill() {
	s := &u.State
	t := &s.TRLC
	if s.Unfilled == 0 {
		return
	}
	i := 0
	for s.Requests[i].Kind != port.StreamGrad || s.Requests[i].Filled {
		i++ // Unfilled says that there is one
	}
	r := &s.Requests[i]
	if !t.On {
		if t.Busy[0] && t.Busy[1] {
			return
		}
		t.FillTo = 0
		if t.Busy[0] {
			t.FillTo = 1
		}
		t.Busy[t.FillTo], t.On = true, true
		t.Has[t.FillTo] = [BlockElems]uint32{}
		t.Fill.start(r, 0, 1)
	}
	if t.Fill.WN > 0 {
		u.turnWord(r)
	}
	u.tickFetch(&t.Fill, r)
	if t.Fill.done(r.NB) {
		r.Filled, r.Buf, t.On = true, t.FillTo, false
		s.Unfilled--
	}
}

// turnWord writes the non-zeros of one word into the buffer.
func (u *Unit) turnWord(r *request) {
	t := &u.State.TRLC
	w := &t.Fill.Words[t.Fill.WHead]
	if w.First {
		t.Pos = 0
	}
	var nz [4]nonzero
	n, next, last, ok := decodeWord(w.Word, w.Raw, int(t.Pos), &nz)
	if !ok || (!w.Raw && last != w.Last) {
		u.Fault.Raise(port.FaultRLC, r.PC, uint64(w.Addr))
		return
	}
	for n > 0 && nz[n-1].Elem >= r.Limit {
		n--
	}
	for _, z := range nz[:n] {
		e := (w.Elem + z.Elem) % BlockElems
		t.Buf[t.FillTo][e][w.Sample%maxColumns] = z.X
		t.Has[t.FillTo][e] |= 1 << (w.Sample % maxColumns)
	}
	u.act.Rows[r.Tag][activity.TRLCWrite] += uint64(n)
	t.Pos = uint8(next)
	t.Fill.pop()
	u.moved = true
}

// tickTRLCDrain sends one non-zero of the filled buffer, elements in order; elements without any take no cycle.
func (u *Unit) tickTRLCDrain(room bool, x *port.XItem) {
	s := &u.State
	t := &s.TRLC
	r := &s.Requests[0]
	if !r.Filled || !room {
		return
	}
	has := &t.Has[r.Buf]
	for t.Elem < r.Rows && has[t.Elem] == 0 && !(t.Elem == 32 && !t.Half) {
		t.Elem++
	}
	u.moved = true
	switch {
	case t.Elem >= r.Rows:
		*x = port.XItem{Valid: true, EOS: true}
		t.Elem, t.Half = 0, false
		t.Busy[r.Buf] = false
		u.finishRequest()
	case t.Elem == 32 && !t.Half:
		*x = port.XItem{Valid: true, EOS: true}
		t.Half = true
	default:
		b := uint8(bits.TrailingZeros32(has[t.Elem]))
		has[t.Elem] &= has[t.Elem] - 1
		*x = port.XItem{Valid: true, X: t.Buf[r.Buf][t.Elem][b], Elem: t.Elem, Sample: b}
		row := &u.act.Rows[r.Tag]
		row[activity.TRLCRead]++
		row[activity.RLCDecode]++
	}
}
