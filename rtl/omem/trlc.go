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
	Has    [2 * BlockElems]uint32           `bits:"32" each:"1" clk:"has"` // which samples of an element are non-zero
	Busy   [2]bool                          `bits:"1"`
	On     bool                             `bits:"1"` // a fill is under way
	FillTo uint8                            `bits:"1"`
	Pos    uint8                            `bits:"7"`
	Elem   uint8                            `bits:"7"` // next element to read
	Half   bool                             `bits:"1"` // the end of the first 32 elements was sent
}

// has is Has of a buffer.
func (t *trlc) has(buf uint8) *[BlockElems]uint32 {
	return (*[BlockElems]uint32)(t.Has[int(buf)*BlockElems:])
}

// tickTRLCFill fills a free buffer for the oldest StreamGrad request that has none; there is one.
func (u *Unit) tickTRLCFill() {
	s := &u.State
	t := &s.TRLC
	i := 0
	for s.Requests[i].Kind != port.StreamGrad || s.Requests[i].Filled {
		i++
	}
	r, f := &s.Requests[i], &s.Fetch[turnFetcher]
	if !t.On {
		if t.Busy[0] && t.Busy[1] {
			return
		}
		t.FillTo = 0
		if t.Busy[0] {
			t.FillTo = 1
		}
		t.Busy[t.FillTo], t.On = true, true
		*t.has(t.FillTo) = [BlockElems]uint32{}
		u.act.Rows[r.Tag][clockHas] += BlockElems
		u.start(f, r, 0, 1)
	}
	row := &u.act.Rows[r.Tag]
	if f.WN > 0 {
		u.turnWord(f, r, row)
	}
	u.tickFetch(f, r, row)
	f.clock(row)
	if f.done(r.NB) {
		r.Filled, r.Buf, t.On = true, t.FillTo, false
		s.Unfilled--
	}
}

// turnWord writes the non-zeros of one word into the buffer.
func (u *Unit) turnWord(f *fetcher, r *request, row *activity.Row) {
	t := &u.TRLC
	w := &f.Words[f.WHead]
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
	has := t.has(t.FillTo)
	for _, z := range nz[:n] {
		e := (w.Elem + z.Elem) % BlockElems
		t.Buf[t.FillTo][e][w.Sample%maxColumns] = z.X
		has[e] |= 1 << (w.Sample % maxColumns)
	}
	row[activity.TRLCWrite] += uint64(n)
	row[clockHas] += uint64(n)
	t.Pos = uint8(next)
	f.pop()
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
	has := t.has(r.Buf)
	for t.Elem < r.Rows && has[t.Elem] == 0 && !(t.Elem == 32 && !t.Half) {
		t.Elem++
	}
	s.moved, s.sent = true, true
	row := &u.act.Rows[r.Tag]
	row[clockX]++
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
		x.Valid, x.EOS = true, false
		x.X, x.Elem, x.Sample = t.Buf[r.Buf][t.Elem][b], t.Elem, b
		row[clockHas]++
		row[activity.TRLCRead]++
		row[activity.RLCDecode]++
	}
}
