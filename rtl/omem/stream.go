package omem

import (
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// request is a queued stream.
type request struct {
	port.StreamReq
	Limit  uint8 `bits:"7"`        // elements of a block that are asked for
	Filled bool  `bits:"1" clk:""` // StreamGrad: its corner-turn buffer is complete
	Buf    uint8 `bits:"1" clk:""`
}

// newRequest queues a stream. The corner-turn takes whole blocks, unless a window packs several of them into a column.
func newRequest(r *port.StreamReq) request {
	limit := r.Rows
	switch {
	case r.Win.Taps > 0:
		limit = r.Win.Chan
	case r.Kind == port.StreamGrad:
		limit = BlockElems
	}
	return request{StreamReq: *r, Limit: limit}
}

const (
	wordDepth = 4
	ptrDepth  = 2
)

// block is a located block of one sample, or of one tap of a pixel.
type block struct {
	Addr   uint32 `bits:"end"`
	Words  uint8  `bits:"5"`
	Raw    bool   `bits:"1"`
	Sample uint8  `bits:"7"`
	Elem   uint8  `bits:"6"` // place of its first element in the stream's block
}

// wordEntry is a fetched word.
type wordEntry struct {
	Word   uint64 `bits:"64"`
	Raw    bool   `bits:"1"`
	First  bool   `bits:"1"` // of its block
	Last   bool   `bits:"1"`
	Sample uint8  `bits:"7"`
	Elem   uint8  `bits:"6"`
	Addr   uint32 `sim:"bookkeeping"`
}

// fetcher walks the blocks of samples Sample, Sample+Step, ..., or of the taps of those pixels: pointers ahead of words,
// words ahead of their use.
type fetcher struct {
	Sample uint8                `bits:"8"` // next sample whose block is to be located
	Step   uint8                `bits:"3"`
	Walk   walk                 `clk:"walk"`           // where the next tap of a window stream lies
	Blocks [ptrDepth]block      `each:"1" clk:"block"` // located, not fetched
	BHead  uint8                `bits:"1"`
	BN     uint8                `bits:"2"`
	Next   uint8                `bits:"5"` // words fetched of the oldest block
	Words  [wordDepth]wordEntry `each:"1" clk:"word"`
	WHead  uint8                `bits:"2"`
	WN     uint8                `bits:"3"`
	moved  bool                 `sim:"wires"` // in this cycle
}

// start prepares a fetcher, which has nothing left, for every step-th sample of a request from the first on.
func (u *Unit) start(f *fetcher, r *request, first, step uint8) {
	f.Sample, f.Step = first, step
	if r.Win.Taps > 0 {
		f.Walk.start(&r.StreamReq, first)
		u.act.Rows[r.Tag][clockWalk]++
	}
	f.moved, u.began = true, true
}

// clock counts a cycle of a fetcher.
func (f *fetcher) clock(row *activity.Row) {
	if f.moved {
		f.moved = false
		row[clockFetch]++
	}
}

// done reports that everything has been fetched and taken.
func (f *fetcher) done(nb uint8) bool { return f.Sample >= nb && f.BN == 0 && f.WN == 0 }

func (f *fetcher) pop() {
	f.WHead = (f.WHead + 1) % wordDepth
	f.WN--
	f.moved = true
}

// mayFetch reports whether there is something to fetch or locate, and room for it.
func (f *fetcher) mayFetch(nb uint8) bool {
	return f.BN > 0 && f.WN < wordDepth || f.Sample < nb && f.BN < ptrDepth
}

// tickFetch fetches one word and locates one block. row is that of the request's tag.
func (u *Unit) tickFetch(f *fetcher, r *request, row *activity.Row) {
	if f.BN > 0 && f.WN < wordDepth {
		u.fetchWord(f, row)
	}
	if f.Sample < r.NB && f.BN < ptrDepth {
		u.locate(f, r, row)
	}
}

// fetchWord reads the next word of the oldest located block.
func (u *Unit) fetchWord(f *fetcher, row *activity.Row) {
	b := &f.Blocks[f.BHead]
	addr := b.Addr + uint32(f.Next)
	if !u.claim(addr) {
		return
	}
	w := &f.Words[(f.WHead+f.WN)%wordDepth] // field by field: a literal would be copied twice
	w.Word, w.Addr, w.Raw = u.Mem[addr], addr, b.Raw
	w.First, w.Last = f.Next == 0, f.Next+1 == b.Words
	w.Sample, w.Elem = b.Sample, b.Elem
	f.WN++
	f.moved = true
	row[activity.OMEMRead]++
	row[clockWord]++
	if f.Next++; f.Next == b.Words {
		f.Next = 0
		f.BHead = (f.BHead + 1) % ptrDepth
		f.BN--
	}
}

// locate finds the next sample's or tap's block: by its pointer in a compressed map, by its place in a raw one. An empty
// block, and a tap that meets none, takes its cycle here and no other.
func (u *Unit) locate(f *fetcher, r *request, row *activity.Row) {
	b := block{Sample: f.Sample}
	var at uint32 // word or pointer
	if r.Win.Taps == 0 {
		at = r.Src + uint32(f.Sample)*r.SStep
	} else {
		var inside bool
		if at, inside = f.Walk.source(&r.StreamReq); !inside {
			f.step(r, row)
			u.moved = true
			return
		}
		b.Elem = f.Walk.Elem
	}
	if r.Kind == port.StreamRaw {
		b.Addr = at
		b.Words = (r.Limit + 3) / 4
		b.Raw = true
		u.moved = true
	} else {
		if int(at) >= len(u.Ptr) {
			u.Fault.Raise(port.FaultOMEMAddr, r.PC, uint64(at))
			return
		}
		if !u.claimPtr(at) {
			return
		}
		p := u.Ptr[at]
		row[activity.PtrRead]++
		b.Addr, b.Words, b.Raw = p.Addr(), uint8(p.Words()), p.Raw()
	}
	if int(b.Addr)+int(b.Words) > len(u.Mem) {
		u.Fault.Raise(port.FaultOMEMAddr, r.PC, uint64(b.Addr))
		return
	}
	f.step(r, row)
	if b.Words > 0 {
		f.Blocks[(f.BHead+f.BN)%ptrDepth] = b
		f.BN++
		row[clockBlock]++
	}
}

// step goes on to the next block: that of the next tap, or behind the last tap that of the next sample.
func (f *fetcher) step(r *request, row *activity.Row) {
	f.moved = true
	if r.Win.Taps > 0 {
		row[clockWalk]++
		if !f.Walk.next(&r.Win, f.Step) {
			return
		}
	}
	f.Sample += f.Step
}

// extractor turns words into non-zeros, one a cycle.
type extractor struct {
	NZ     [4]nonzero // of the present word
	N      uint8      `bits:"3"`
	I      uint8      `bits:"3" clk:"x"`
	Pos    uint8      `bits:"7"` // place in the block
	Sample uint8      `bits:"7"`
	Elem   uint8      `bits:"6"`        // of the block's first
	Ended  bool       `bits:"1" clk:""` // the end of the stream was sent
}

// tickStreams runs the decoders for the oldest request, and the corner-turn.
func (u *Unit) tickStreams(in *In, out *Out) {
	s := &u.State
	if s.Requests[0].Kind == port.StreamGrad {
		if s.Unfilled > 0 {
			u.tickTRLCFill()
		}
		u.tickTRLCDrain(in.XRoom[0], &out.X[0])
		return
	}
	u.tickIRLC(in, out) // before a later request's corner-turn: it has the first choice of banks
	if s.Unfilled > 0 {
		u.tickTRLCFill()
	}
}

// takeStream takes a new request.
func (u *Unit) takeStream(in *In) {
	s := &u.State
	s.Requests[s.NReq] = newRequest(&in.Stream)
	s.NReq++
	u.act.Rows[in.Stream.Tag][clockRequest]++
	if in.Stream.Kind == port.StreamGrad {
		s.Unfilled++
	}
	u.moved = true
}

// finishRequest drops the oldest request.
func (u *Unit) finishRequest() {
	s := &u.State
	if s.NReq--; s.NReq > 0 {
		s.Requests[0] = s.Requests[1]
		u.act.Rows[s.Requests[0].Tag][clockRequest]++
	}
	s.Running = false
}

// tickIRLC runs the iRLC decoders of the oldest request.
func (u *Unit) tickIRLC(in *In, out *Out) {
	s := &u.State
	r := &s.Requests[0]
	if !s.Running {
		u.startDecoders(r)
	}
	row := &u.act.Rows[r.Tag]
	sent := u.tickDecoder(0, r, row, in.XRoom[0], &out.X[0])
	if r.Split > 0 {
		for i := 1; i < 1<<(r.Split&3); i++ {
			sent += u.tickDecoder(i, r, row, in.XRoom[i&3], &out.X[i&3])
		}
	}
	if sent > 0 {
		row[clockX] += sent
		s.moved, s.sent = true, true
	}
	if s.Extract[0].Ended && s.ended(1<<(r.Split&3)) {
		u.finishRequest()
	}
}

// startDecoders begins a request: sample b is on stream b mod 2^Split.
func (u *Unit) startDecoders(r *request) {
	streams := uint8(1) << r.Split
	for i := range streams {
		u.start(&u.Fetch[i], r, i, streams)
		u.Extract[i].Ended = false
	}
	u.Running = true
}

// ended reports whether the ends of the first n streams were sent.
func (s *State) ended(n int) bool {
	for i := range s.Extract[:n] {
		if !s.Extract[i].Ended {
			return false
		}
	}
	return true
}

// tickDecoder runs the decoder of stream i. It returns the number of extractors that moved.
func (u *Unit) tickDecoder(i int, r *request, row *activity.Row, room bool, x *port.XItem) (sent uint64) {
	e, f := &u.Extract[i&3], &u.Fetch[i&3]
	if e.Ended {
		return 0
	}
	if e.I < e.N && room { // the common case: the present word is not used up
		e.send(x)
		sent = 1
	} else if u.tickExtract(e, f, r, row, room, x) {
		sent = 1
	}
	if f.mayFetch(r.NB) {
		u.tickFetch(f, r, row)
	}
	f.clock(row)
	return sent
}

// send puts the next non-zero of the present word on the wire.
func (e *extractor) send(x *port.XItem) {
	z := &e.NZ[e.I%4]
	e.I++
	x.Valid, x.EOS, x.X, x.Elem, x.Sample = true, false, z.X, e.Elem+z.Elem, e.Sample
}

// tickExtract sends one non-zero, and opens the next word as soon as the present one is used up. It reports whether it
// did anything.
func (u *Unit) tickExtract(e *extractor, f *fetcher, r *request, row *activity.Row, room bool, x *port.XItem) (moved bool) {
	if e.I == e.N && f.WN > 0 {
		w := &f.Words[f.WHead]
		if w.First {
			e.Pos, e.Sample, e.Elem = 0, w.Sample, w.Elem
		}
		n, next, last, ok := decodeWord(w.Word, w.Raw, int(e.Pos), &e.NZ)
		if !ok || (!w.Raw && last != w.Last) {
			u.Fault.Raise(port.FaultRLC, r.PC, uint64(w.Addr))
			return false
		}
		for n > 0 && e.NZ[n-1].Elem >= r.Limit {
			n-- // behind the block's end: not asked for
		}
		e.N, e.I, e.Pos = uint8(n), 0, uint8(next)
		row[activity.RLCDecode] += uint64(n)
		row[clockExtract]++
		f.pop()
		moved = true
	}
	switch {
	case !room:
		return moved
	case e.I < e.N:
		e.send(x)
		return true
	case f.done(r.NB):
		*x = port.XItem{Valid: true, EOS: true}
		e.Ended = true
		return true
	}
	return moved
}
