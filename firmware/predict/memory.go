package predict

import (
	"bdfasim/isa/machine"
	"bdfasim/rtl/xmem"
)

// External memory and its controller, as the reference chip has them.
var (
	reference = machine.Reference()
	chip      = reference.XMem
	times     = xmem.CyclesOf(&reference)

	// What refreshes leave: the bus stands from the last burst to the first of a row opened again.
	usable = 1 - float64(times.ReadToPre+times.TRPab+times.TRFC+times.TRCD)/float64(times.TREFI)
	// A burst whose row is open, from the cycle in which it is asked for to that in which it
	// lands: a wire each way and the controller's cycle.
	latency = float64(times.ReadLatency + 3)
	// The last writes wait for more, and for the bus to turn; a wire each way.
	settle = float64(chip.Linger + times.ReadToWrite + 2)
	// Chunks that the momentum unit reads ahead.
	chunksAhead = float64(reference.Momentum.Chunks)
)

// lost is what external memory loses beside refreshes. How often rows of a bank meet depends on
// addresses and on what else wants the bus, so these are means.
//
//	go test ./firmware/predict -run 'TestLosses$' -v     measures the first four on the chip
//	go test ./firmware/predict -run TestLossesOfMany -v  fits the others to two networks
var lost = struct {
	turn      float64 // cycles of a burst when reads and writes alternate in batches
	row       float64 // cycles of a map's row in another page beside its bursts
	scattered float64 // cycles that a run of writes in another page waits for it
	update    float64 // cycles between updates: the writes of one must be in before the next writes

	mixed     float64 // what is left for several transfers, one of which reads and writes in turn
	rowDelay  float64 // part of others' bursts that hold up one that opens a row for each burst
	normShare float64 // of a turn of the others, for which NORM gets a turn
	block     float64 // cycles for the row at the begin of each 64 lanes of a load
}{
	turn: 1.10, row: 2.5, scattered: 7.7, update: 60,
	mixed: 0.94, rowDelay: 0.5, normShare: 0.7, block: 9,
}

// rowClock is external memory for one unit alone: reads in order, writes collected, and the rows of
// the banks.
type rowClock struct {
	xmem.Cycles
	n, t     float64 // bursts so far, and the time of the last
	writes   float64
	banks    []bank
	recent   []float64 // when the last reads moved, as many as wait at a time
	reads    int
	waiting  []uint32 // writes
	youngest float64  // when the last of them came
}

// bank is a bank with its open row, if there is one.
type bank struct {
	open  bool
	row   uint32
	act   float64 // when it was opened
	toPre float64 // from when on it may be closed
}

func newRowClock(bytes int) *rowClock {
	m := reference
	m.XMem.Bytes = bytes
	return &rowClock{
		Cycles: xmem.CyclesOf(&m), banks: make([]bank, m.XMem.Banks), recent: make([]float64, m.XMem.ReadDepth),
	}
}

// read moves a burst; it is known as early as there was a place for it.
func (r *rowClock) read(addr uint32) {
	oldest := &r.recent[r.reads%len(r.recent)]
	known := *oldest
	if n := len(r.waiting); n >= chip.WriteHigh {
		r.flush()
	} else if turn := r.youngest + float64(chip.Linger); n > 0 && r.when(addr, known) >= turn {
		r.t = max(r.t, turn)
		r.flush()
	}
	r.move(addr, known, r.ReadToPre)
	*oldest = r.t
	r.reads++
}

// write puts a burst aside.
func (r *rowClock) write(addr uint32) {
	r.waiting = append(r.waiting, addr)
	r.youngest = r.t
	r.writes++
	if len(r.waiting) > 2*chip.WriteHigh { // nothing is read
		r.flush()
	}
}

// flush turns the bus, writes what was put aside and turns back.
func (r *rowClock) flush() {
	if len(r.waiting) == 0 {
		return
	}
	known := r.t
	if r.reads > 0 {
		r.t += float64(r.ReadToWrite - 1)
	}
	for _, addr := range r.waiting {
		r.move(addr, known, r.WriteToPre)
	}
	r.waiting = r.waiting[:0]
	if r.reads > 0 {
		r.t += float64(r.WriteToRead - 1)
	}
}

// when tells when a burst can move: at once if its row is open, else when it has been opened, which
// begins as soon as the request is known and the bank's row may be closed.
func (r *rowClock) when(addr uint32, known float64) float64 {
	at, row := r.Map(addr)
	b := &r.banks[at]
	if b.open && b.row == row {
		return r.t + 1
	}
	return max(r.t+1, r.activate(b, known)+float64(r.TRCD))
}

// activate is when a row of a bank can be opened.
func (r *rowClock) activate(b *bank, known float64) float64 {
	if !b.open {
		return known
	}
	return max(known, b.act+float64(r.TRAS), b.toPre) + float64(r.TRP)
}

// move moves a burst; toPre is how long its row must stay open behind it.
func (r *rowClock) move(addr uint32, known float64, toPre int) {
	at, row := r.Map(addr)
	b := &r.banks[at]
	r.t = r.when(addr, known)
	if !b.open || b.row != row {
		*b = bank{open: true, row: row, act: r.activate(b, known)}
	}
	b.toPre = r.t + float64(toPre)
	r.n++
}
