package omem

import (
	"math/bits"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// request is a queued stream.
type request struct {
	port.StreamReq `mem:"gated"`
	Filled         bool  `bits:"1"` // StreamGrad: its corner-turn buffer is complete
	Buf            uint8 `bits:"1"`
}

const (
	wordDepth = 4
	ptrDepth  = 2
)

// block is a located block of one sample.
type block struct {
	Addr   uint32 `bits:"16"`
	Words  uint8  `bits:"5"`
	Raw    bool   `bits:"1"`
	Sample uint8  `bits:"5"`
}

// wordEntry is a fetched word.
type wordEntry struct {
	Word   uint64 `bits:"64"`
	Raw    bool   `bits:"1"`
	First  bool   `bits:"1"` // of its block
	Last   bool   `bits:"1"`
	Sample uint8  `bits:"5"`
	Addr   uint32 `bits:"16"`
}

// fetcher walks the blocks of samples Sample, Sample+Step, ...: pointers ahead of words, words ahead of their use.
type fetcher struct {
	Sample uint8           `bits:"6"` // next sample whose block is to be located
	Step   uint8           `bits:"3"`
	Blocks [ptrDepth]block // located, not fetched
	BHead  uint8           `bits:"1"`
	BN     uint8           `bits:"2"`
	Next   uint8           `bits:"5"` // words fetched of the oldest block
	Words  [wordDepth]wordEntry
	WHead  uint8 `bits:"2"`
	WN     uint8 `bits:"3"`
}

func (f *fetcher) start(first, step uint8) { *f = fetcher{Sample: first, Step: step} }

// done reports that everything has been fetched and taken.
func (f *fetcher) done(nb uint8) bool { return f.Sample >= nb && f.BN == 0 && f.WN == 0 }

func (f *fetcher) pop() {
	f.WHead = (f.WHead + 1) % wordDepth
	f.WN--
}

// mayFetch reports whether there is something to fetch or locate, and room for it.
func (f *fetcher) mayFetch(nb uint8) bool {
	return f.BN > 0 && f.WN < wordDepth || f.Sample < nb && f.BN < ptrDepth
}

// tickFetch fetches one word and locates one block.
func (u *Unit) tickFetch(f *fetcher, r *request) {
	if f.BN > 0 && f.WN < wordDepth {
		u.fetchWord(f, r)
	}
	if f.Sample < r.NB && f.BN < ptrDepth {
		u.locate(f, r)
	}
}

// fetchWord reads the next word of the oldest located block.
func (u *Unit) fetchWord(f *fetcher, r *request) {
	b := &f.Blocks[f.BHead]
	addr := b.Addr + uint32(f.Next)
	if !u.claim(addr) {
		return
	}
	f.Words[(f.WHead+f.WN)%wordDepth] = wordEntry{
		Word: u.s.Mem[addr], Raw: b.Raw, First: f.Next == 0, Last: f.Next+1 == b.Words, Sample: b.Sample, Addr: addr,
	}
	f.WN++
	u.act.Rows[r.Tag][activity.OMEMRead]++
	if f.Next++; f.Next == b.Words {
		f.Next = 0
		f.BHead = (f.BHead + 1) % ptrDepth
		f.BN--
	}
}

// locate finds the next sample's block: by its pointer in a compressed map, by its place in a raw one. An empty block
// takes its cycle here and no other.
func (u *Unit) locate(f *fetcher, r *request) {
	b := block{Sample: f.Sample}
	if r.Kind == port.StreamRaw {
		b.Addr = r.Src + uint32(f.Sample)*r.SStep
		b.Words = (r.Rows + 3) / 4
		b.Raw = true
		u.moved = true
	} else {
		i := r.Src + uint32(f.Sample)*r.SStep
		if int(i) >= len(u.s.Ptr) {
			u.s.Fault.Raise(port.FaultOMEMAddr, r.PC, uint64(i))
			return
		}
		if !u.claimPtr() {
			return
		}
		p := u.s.Ptr[i]
		u.act.Rows[r.Tag][activity.PtrRead]++
		b.Addr, b.Words, b.Raw = p.Addr(), uint8(p.Words()), p.Raw()
	}
	if int(b.Addr)+int(b.Words) > len(u.s.Mem) {
		u.s.Fault.Raise(port.FaultOMEMAddr, r.PC, uint64(b.Addr))
		return
	}
	f.Sample += f.Step
	if b.Words > 0 {
		f.Blocks[(f.BHead+f.BN)%ptrDepth] = b
		f.BN++
	}
}

// extractor turns words into non-zeros, one a cycle.
type extractor struct {
	NZ     [4]nonzero // of the present word
	N      uint8      `bits:"3"`
	I      uint8      `bits:"3"`
	Pos    uint8      `bits:"7"` // place in the block
	Sample uint8      `bits:"5"`
	Ended  bool       `bits:"1"` // the end of the stream was sent
}

// tickStreams runs the decoders for the oldest request, the corner-turn, and takes a new request.
func (u *Unit) tickStreams(in *In, out *Out) {
	s := &u.s
	if s.NReq > 0 {
		if s.Requests[0].Kind == port.StreamGrad {
			u.tickTRLCFill()
			u.tickTRLCDrain(in.XRoom[0], &out.X[0])
		} else {
			u.tickIRLC(in, out) // before a later request's corner-turn: it has the first choice of banks
			u.tickTRLCFill()
		}
	}
	if in.Stream.Valid {
		s.Requests[s.NReq] = request{StreamReq: in.Stream}
		s.NReq++
		if in.Stream.Kind == port.StreamGrad {
			s.Unfilled++
		}
		u.moved = true
	}
}

// finishRequest drops the oldest request.
func (u *Unit) finishRequest() {
	s := &u.s
	s.Requests[0] = s.Requests[1]
	s.NReq--
	s.Running = false
}

// tickIRLC runs the iRLC decoders of the oldest request.
func (u *Unit) tickIRLC(in *In, out *Out) {
	s := &u.s
	r := &s.Requests[0]
	streams := uint8(1) << r.Split
	if !s.Running {
		for i := uint8(0); i < streams; i++ {
			s.Fetch[i].start(i, streams)
			s.Extract[i] = extractor{}
		}
		s.Running = true
	}
	ended := true
	for i := range s.Extract[:streams] {
		e, f := &s.Extract[i], &s.Fetch[i]
		if !e.Ended {
			u.tickExtract(e, f, r, in.XRoom[i], &out.X[i])
			if f.mayFetch(r.NB) {
				u.tickFetch(f, r)
			}
		}
		ended = ended && e.Ended
	}
	if ended {
		u.finishRequest()
	}
}

// tickExtract sends one non-zero, and opens the next word as soon as the present one is used up.
func (u *Unit) tickExtract(e *extractor, f *fetcher, r *request, room bool, x *port.XItem) {
	if e.I == e.N && f.WN > 0 {
		w := &f.Words[f.WHead]
		if w.First {
			e.Pos, e.Sample = 0, w.Sample
		}
		n, next, last, ok := decodeWord(w.Word, w.Raw, int(e.Pos), &e.NZ)
		if !ok || (!w.Raw && last != w.Last) {
			u.s.Fault.Raise(port.FaultRLC, r.PC, uint64(w.Addr))
			return
		}
		for n > 0 && e.NZ[n-1].Elem >= r.Rows {
			n-- // behind the block's end: not asked for
		}
		e.N, e.I, e.Pos = uint8(n), 0, uint8(next)
		u.act.Rows[r.Tag][activity.RLCDecode] += uint64(n)
		f.pop()
		u.moved = true
	}
	if !room {
		return
	}
	if e.I < e.N {
		z := e.NZ[e.I]
		e.I++
		*x = port.XItem{Valid: true, X: z.X, Elem: z.Elem, Sample: e.Sample}
		u.moved = true
		return
	}
	if f.done(r.NB) {
		*x = port.XItem{Valid: true, EOS: true}
		e.Ended = true
		u.moved = true
	}
}

// trlc is the transposing decoder: two corner-turn buffers of 64 elements x 32 samples, one filled at a word a cycle
// (up to three non-zeros of a compressed block, four of a raw one) while the other is read element after element.
type trlc struct {
	Buf    [2][BlockElems][32]int16 `mem:"TRLC"`
	Has    [2][BlockElems]uint32    `mem:"gated"` // which samples of an element are non-zero
	Busy   [2]bool                  `bits:"1"`
	Fill   fetcher
	On     bool  `bits:"1"` // a fill is under way
	FillTo uint8 `bits:"1"`
	Pos    uint8 `bits:"7"`
	Elem   uint8 `bits:"7"` // next element to read
	Half   bool  `bits:"1"` // the end of the first 32 elements was sent
}

// tickTRLCFill fills a free buffer for the oldest StreamGrad request that has none.
func (u *Unit) tickTRLCFill() {
	s := &u.s
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
		t.Fill.start(0, 1)
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
	t := &u.s.TRLC
	w := &t.Fill.Words[t.Fill.WHead]
	if w.First {
		t.Pos = 0
	}
	var nz [4]nonzero
	n, next, last, ok := decodeWord(w.Word, w.Raw, int(t.Pos), &nz)
	if !ok || (!w.Raw && last != w.Last) {
		u.s.Fault.Raise(port.FaultRLC, r.PC, uint64(w.Addr))
		return
	}
	for _, z := range nz[:n] {
		t.Buf[t.FillTo][z.Elem][w.Sample] = z.X
		t.Has[t.FillTo][z.Elem] |= 1 << w.Sample
	}
	u.act.Rows[r.Tag][activity.TRLCWrite] += uint64(n)
	t.Pos = uint8(next)
	t.Fill.pop()
	u.moved = true
}

// tickTRLCDrain sends one non-zero of the filled buffer, elements in order; elements without any take no cycle.
func (u *Unit) tickTRLCDrain(room bool, x *port.XItem) {
	s := &u.s
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
