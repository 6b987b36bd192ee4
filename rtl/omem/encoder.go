package omem

import (
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

const encDepth = 4

// encoder compresses groups of 16 lanes into blocks: input FIFO -> block buffer -> coded words -> memory, then the
// pointer. A block is coded while the next one is collected.
type encoder struct {
	Q    [encDepth]port.EncReq `each:"1" clk:"enc"` // input FIFO
	Head uint8                 `bits:"2"`
	N    uint8                 `bits:"3"`

	Block [BlockElems]int16  `bits:"16" clk:"collect"`        // being collected
	Words [BlockWords]uint64 `bits:"64" each:"1" clk:"coded"` // coded, being written
	Count uint8              `bits:"5"`
	Next  uint8              `bits:"5"` // words written
	Raw   bool               `bits:"1"`
	Full  bool               `bits:"1"` // a coded block is being written
	Ptr   uint32             `bits:"pointer"`
	Base  uint32             `bits:"end"` // address of Words[0]
	Alloc uint32             `bits:"32"`  // first free word of the region
	Tag   activity.Tag       `sim:"bookkeeping"`
}

func (e *encoder) room() bool { return e.N <= encDepth-2 }
func (e *encoder) idle() bool { return e.N == 0 && !e.Full }

// tickEncoder writes up to four coded words (as many as find their banks free, in order) and the pointer, then takes
// one group from the FIFO; the group that completes a block waits until the previous block is stored.
func (u *Unit) tickEncoder(e *encoder, in *port.EncReq) {
	tag, works := e.Tag, e.Full && u.storeBlock(e)
	if e.N > 0 {
		q := &e.Q[e.Head]
		if !q.Last || !e.Full {
			u.collect(e, q)
			e.Head = (e.Head + 1) % encDepth
			e.N--
			tag, works = q.Tag, true
		}
	}
	if in.Valid {
		e.Q[(e.Head+e.N)%encDepth] = *in
		e.N++
		tag, works = in.Tag, true
		u.act.Rows[tag][clockEnc]++
	}
	if works {
		u.act.Rows[tag][clockEncoder]++
		u.moved = true
	}
}

// storeBlock moves coded words to memory and, with the last ones, the pointer. It reports whether anything moved.
func (u *Unit) storeBlock(e *encoder) (moved bool) {
	row := &u.act.Rows[e.Tag]
	for n := 0; n < 4 && e.Next < e.Count; n++ {
		addr := e.Base + uint32(e.Next)
		if !u.claim(addr) {
			break
		}
		u.Mem[addr] = e.Words[e.Next]
		row[activity.OMEMWrite]++
		e.Next++
		moved = true
	}
	if e.Next < e.Count || !u.claimPtr(e.Ptr) {
		return moved
	}
	u.Ptr[e.Ptr] = MakePointer(e.Base, int(e.Count), e.Raw)
	row[activity.PtrWrite]++
	e.Full = false
	return true
}

// collect puts a group into the block buffer and codes the block when it is complete.
func (u *Unit) collect(e *encoder, q *port.EncReq) {
	if q.New && q.Group == 0 {
		e.Alloc = q.Alloc
	}
	copy(e.Block[16*int(q.Group):], q.Data[:])
	row := &u.act.Rows[q.Tag]
	row[activity.RLCEncode] += 16
	row[clockCollect]++
	if !q.Last {
		return
	}
	n := 16 * (int(q.Group) + 1)
	count, raw := encode(&e.Block, n, &e.Words)
	row[clockCoded] += uint64(count)
	limit := min(q.Limit, uint32(len(u.Mem)))
	if uint64(e.Alloc)+uint64(count) > uint64(limit) {
		u.Fault.Raise(port.FaultOMEMFull, q.PC, uint64(e.Alloc)+uint64(count)-1)
		return
	}
	if int(q.Ptr) >= len(u.Ptr) {
		u.Fault.Raise(port.FaultOMEMAddr, q.PC, uint64(q.Ptr))
		return
	}
	e.Count, e.Raw, e.Next, e.Full = uint8(count), raw, 0, true
	e.Ptr, e.Base, e.Tag = q.Ptr, e.Alloc, q.Tag
	e.Alloc += uint32(count)
}
