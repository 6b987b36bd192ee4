package predict

import (
	"bdfasim/isa/machine"
	"bdfasim/rtl/xmem"
)

// memory is the external memory of a machine and its controller, in cycles of the chip.
type memory struct {
	xmem.Cycles
	cfg machine.XMem

	burst   float64 // that a burst has the bus
	usable  float64 // part of the time, which refreshes leave
	latency float64 // from the request of a burst whose row is open to its landing
	settle  float64 // of the last writes

	turn      float64 // of the bus a burst when reads and writes alternate in batches
	chunks    float64 // ... of an update, which reads no more than its chunks ahead
	shared    float64 // ... and beside, of a chunk with its weights and velocities in one bank
	row       float64 // that a map's row in another page takes beside its bursts
	scattered float64 // that a run of writes in another page waits for it
	block     float64 // for the row at the begin of each 64 lanes of a load
	update    float64 // between updates: the writes of one must be in before the next writes
}

// lost is what external memory loses beside refreshes. How often rows of a bank meet depends on
// addresses and on what else wants the bus, so these are means, of rows in times to close one and
// open another.
//
//	go test ./firmware/predict -run 'TestLosses$' -v     measures the first ones on the chip
//	go test ./firmware/predict -run TestLossesOfMany -v  fits the others to two networks
var lost = struct {
	collected float64 // bursts between two turns to writing for each place in a FIFO for writes, ...
	further   float64 // ... and beside
	shared    float64 // a chunk of an update whose weights and velocities lie in rows of one bank
	hidden    float64 // bursts of a map's row that move while the next one is opened; ...
	row       float64 // ... part of the rest
	scattered float64
	update    float64

	mixed     float64 // what is left for several transfers, one of which reads and writes in turn
	rowDelay  float64 // part of others' bursts that hold up one that opens a row for each burst
	normShare float64 // of a turn of the others, for which NORM gets a turn
	block     float64
}{
	collected: 1.625, further: 18, shared: 4.9, hidden: 3, row: 0.5,
	scattered: 0.9625, update: 7.5,
	mixed: 0.94, rowDelay: 0.5, normShare: 0.7, block: 1.125,
}

func memoryOf(c *machine.Config) *memory {
	x, t := &c.XMem, xmem.CyclesOf(c)
	m := &memory{Cycles: t, cfg: *x, burst: float64(t.Slot) / xmem.SlotUnit}
	// The bus stands from the last burst to the first of a row opened again.
	m.usable = 1 - float64(t.ReadToPre+t.TRPab+t.TRFC+t.TRCD)/float64(t.TREFI)
	m.latency = float64(t.ReadLatency + 3) // a wire each way, and the controller's cycle
	// The last writes wait for more, and for the bus to turn; a wire each way.
	m.settle = float64(x.Linger + t.ReadToWrite + 2)
	turns := max(0, float64(t.ReadToWrite)-float64(m.burst)) + max(0, float64(t.WriteToRead)-float64(m.burst))
	bursts := float64(lost.collected*float64(x.WriteDepth)) + lost.further // between two turns to writing
	m.turn = float64(m.burst) + turns/bursts
	opens := float64(t.TRP + t.TRCD)
	// While the bus moves the bursts of the others, one chunk is in the lanes.
	m.chunks = m.burst + turns/min(bursts, 10*float64(c.Momentum.Chunks-1))
	m.row = max(0, opens-float64(lost.hidden*m.burst)) * lost.row
	m.scattered, m.block = lost.scattered*opens, lost.block*opens
	m.shared, m.update = lost.shared*opens, lost.update*opens
	return m
}

// transfer is one of n bursts that takes some cycles more of the bus than they do.
func (m *memory) transfer(n, more float64) *flow {
	if n <= 0 {
		return nil
	}
	return &flow{left: n, cost: m.burst + more/n, cap: 1, reads: 1}
}

// scatter is one of writes in runs of some bursts, step bytes apart.
func (m *memory) scatter(bursts, run float64, step uint32) *flow {
	f := &flow{left: bursts, cost: m.burst, cap: 1, writes: true}
	if step >= uint32(m.cfg.PageBytes) {
		f.cap = run / (run + m.scattered)
	}
	return f
}

// rowClock is external memory for one unit alone: reads in order, writes collected, and the rows of
// the banks.
type rowClock struct {
	*memory
	step     float64 // from burst to burst at the least
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

func newRowClock(m *memory) *rowClock {
	return &rowClock{
		memory: m, step: max(1, m.burst),
		banks: make([]bank, m.cfg.Banks), recent: make([]float64, m.cfg.ReadDepth),
	}
}

// read moves a burst; it is known as early as there was a place for it.
func (r *rowClock) read(addr uint32) {
	oldest := &r.recent[r.reads%len(r.recent)]
	known := *oldest
	if n := len(r.waiting); n >= r.cfg.WriteHigh {
		r.flush()
	} else if turn := r.youngest + float64(r.cfg.Linger); n > 0 && r.when(addr, known) >= turn {
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
	if len(r.waiting) > 2*r.cfg.WriteHigh { // nothing is read
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
		r.t += max(0, float64(r.ReadToWrite)-r.step)
	}
	for _, addr := range r.waiting {
		r.move(addr, known, r.WriteToPre)
	}
	r.waiting = r.waiting[:0]
	if r.reads > 0 {
		r.t += max(0, float64(r.WriteToRead)-r.step)
	}
}

// when tells when a burst can move: at once if its row is open, else when it has been opened, which
// begins as soon as the request is known and the bank's row may be closed.
func (r *rowClock) when(addr uint32, known float64) float64 {
	at, row := r.Map(addr)
	b := &r.banks[at]
	if b.open && b.row == row {
		return r.t + r.step
	}
	return max(r.t+r.step, r.activate(b, known)+float64(r.TRCD))
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
