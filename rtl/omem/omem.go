package omem

import (
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// NumBanks is the number of single-port banks; word a lies in bank a mod NumBanks. NumPtrBanks is that of the pointer memory.
const (
	NumBanks    = 8
	NumPtrBanks = 4
)

// BlockElems is the number of elements of a block, BlockWords its size when it is stored raw.
const (
	BlockElems = 64
	BlockWords = 16
)

// Pointer locates a block of a compressed map, in 24 bits: word address (18), number of words (5; 0: all zero), raw flag.
type Pointer uint32

// MakePointer packs a pointer.
func MakePointer(addr uint32, words int, raw bool) Pointer {
	p := Pointer(addr) | Pointer(words)<<18
	if raw {
		p |= 1 << 23
	}
	return p
}

// maxWords is the largest memory, 2 MB: a pointer has 18 address bits.
const maxWords = 1 << 18

// Addr is the address of the block's first word.
func (p Pointer) Addr() uint32 { return uint32(p) & (maxWords - 1) }

// Words is the number of words.
func (p Pointer) Words() int { return int(p>>18) & 31 }

// Raw reports whether the block is stored raw.
func (p Pointer) Raw() bool { return p>>23&1 == 1 }

// State is everything that OMEM remembers.
type State struct {
	Mem []uint64  `mem:"OMEM"`
	Ptr []Pointer `mem:"PTR"`

	Requests  [2]request                 `each:"1" clk:"request"` // streams for the DNNC, oldest first
	NReq      uint8                      `bits:"2"`
	Unfilled  uint8                      `bits:"2"`             // of them, StreamGrad ones without a complete buffer
	Fetch     [numFetchers]fetcher       `each:"1" clk:"fetch"` // one a stream, and that of the corner-turn
	Extract   [port.NumStreams]extractor `each:"1" clk:"extract"`
	Running   bool                       `bits:"1"` // the decoders work on Requests[0]
	TRLC      trlc
	Enc       [port.NumEPorts]encoder   `each:"1" clk:"encoder"`
	Readers   [port.NumRPorts]reader    `each:"1" clk:"reader"`
	Writers   [port.NumWPorts]writeFIFO `each:"1"`
	LastTag   activity.Tag              `sim:"bookkeeping"` // whose work was seen last
	PortsBusy bool                      `sim:"bookkeeping"` // an encoder, writer or reader holds something
	Fault     port.Fault                `sim:"bookkeeping"`

	busy  uint8 `sim:"wires"` // banks used in this cycle
	ptr   uint8 `sim:"wires"` // banks of the pointer memory used in this cycle
	moved bool  `sim:"wires"` // something was done in this cycle
	began bool  `sim:"wires"` // a stream was begun in this cycle
	sent  bool  `sim:"wires"` // an item or a group stands in Out
}

// turnFetcher is the fetcher of the corner-turn.
const (
	turnFetcher = port.NumStreams
	numFetchers = port.NumStreams + 1
)

// Groups of registers beside the unit's own.
const (
	clockRequest = activity.ClockOMEM + iota
	clockFetch
	clockWalk
	clockBlock
	clockWord
	clockExtract
	clockX
	clockHas
	clockEnc
	clockEncoder
	clockCollect
	clockCoded
	clockReader
	clockRead
	clockWrite
	clockData
)

// In is what OMEM sees in a cycle.
type In struct {
	Stream   port.StreamReq
	XRoom    [port.NumStreams]bool `bits:"1"`
	Enc      [port.NumEPorts]port.EncReq
	Read     [port.NumRPorts]port.ReadReq
	ReadRoom [port.NumRPorts]bool `bits:"1"`
	Write    [port.NumWPorts]port.WriteReq
	Called   bool `sim:"bookkeeping"` // one of Enc, Read and Write is valid
}

// Out is what OMEM drives.
type Out struct {
	Status     activity.Status               `bits:"3"`
	X          [port.NumStreams]port.XItem   `each:"1" clk:"x"`
	StreamRoom bool                          `bits:"1"` // a further StreamReq may be sent
	EncRoom    [port.NumEPorts]bool          `bits:"1"`
	EncIdle    [port.NumEPorts]bool          `bits:"1"` // nothing in the encoder: all its blocks are stored
	ReadData   [port.NumRPorts]port.ReadData `each:"1" clk:"data"`
	ReqRoom    [port.NumRPorts]bool          `bits:"1"`
	WriteRoom  [port.NumWPorts]bool          `bits:"1"`
	WriteIdle  [port.NumWPorts]bool          `bits:"1"`
	Fault      port.Fault
	Asleep     bool `sim:"bookkeeping"` // nothing moves before an input changes
}

// Unit is the feature-map memory with its encoders and decoders.
type Unit struct {
	State
	widths port.Widths
	act    *activity.Counts
}

// New returns an OMEM with cleared memories. cfg must be valid.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u := &Unit{act: act, widths: port.WidthsOf(c)}
	u.widths["end"] = port.Index(c.OMEM.Words + 1) // up to the first word behind the memory
	u.Mem = make([]uint64, c.OMEM.Words)
	u.Ptr = make([]Pointer, c.OMEM.Pointers)
	u.PortsBusy = true // so that the first tick drives the ports' wires
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	sum := port.Clocked(activity.OMEM, u.widths, &u.State, &Out{})
	// A group of an encoder's block is clocked at a time.
	sum[clockCollect] = activity.Registers{Bits: 16 * 16, Copies: int(port.NumEPorts) * BlockElems / 16}
	return sum
}

// Tick advances OMEM by one cycle. Banks are given in this fixed order: encoders, writers, iRLC decoders, tRLC
// decoder, readers; what finds its bank taken tries again in the next cycle.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	works, was := s.sent, out.Status
	s.busy, s.ptr, s.moved, s.began, s.sent = 0, 0, false, false, false
	out.X[0].Valid, out.X[1].Valid, out.X[2].Valid, out.X[3].Valid = false, false, false, false
	ports := s.PortsBusy || in.Called
	if ports {
		u.tickWritePorts(in, out)
	}
	if s.NReq > 0 {
		u.tickStreams(in, out)
	}
	if in.Stream.Valid {
		u.takeStream(in)
	}
	out.StreamRoom = s.NReq <= 1
	if ports {
		u.tickReaders(in, out)
	}
	if s.Fault.Code != port.FaultNone {
		out.Fault = s.Fault
	}
	status, tag := activity.WaitOperand, s.LastTag // in registers: what was just stored is slow to load
	switch {
	case u.moved:
		status = activity.Busy
		if s.NReq > 0 {
			tag = s.Requests[0].Tag
		} else {
			tag = u.tag()
		}
		s.LastTag = tag
	case s.NReq == 0 && !s.PortsBusy:
		status = activity.Idle
	}
	out.Status = status
	works = works || status == activity.Busy || s.began || status != was
	if works {
		u.act.Rows[tag][activity.ActiveOMEM]++
	}
	out.Asleep = !works && status.Waits()
}

// tickWritePorts runs the encoders and writers.
func (u *Unit) tickWritePorts(in *In, out *Out) {
	s, busy := &u.State, false
	for p := range s.Enc {
		if e := &s.Enc[p]; in.Enc[p].Valid || !e.idle() {
			u.tickEncoder(e, &in.Enc[p])
		}
		out.EncRoom[p], out.EncIdle[p] = s.Enc[p].room(), s.Enc[p].idle()
		busy = busy || !out.EncIdle[p]
	}
	for p := range s.Writers {
		if w := &s.Writers[p]; in.Write[p].Valid || w.N > 0 {
			u.tickWriter(w, &in.Write[p])
		}
		out.WriteRoom[p], out.WriteIdle[p] = s.Writers[p].N <= writeDepth-2, s.Writers[p].N == 0
		busy = busy || !out.WriteIdle[p]
	}
	s.PortsBusy = busy
}

// tickReaders runs the readers. A port counts as busy for the cycle in which its data are on the wires, too.
func (u *Unit) tickReaders(in *In, out *Out) {
	s, busy := &u.State, u.PortsBusy
	for p := range s.Readers {
		out.ReadData[p].Valid = false
		if r := &s.Readers[p]; in.Read[p].Valid || r.Req.Valid {
			u.tickReader(r, &in.Read[p], in.ReadRoom[p], &out.ReadData[p])
		}
		out.ReqRoom[p] = !s.Readers[p].Req.Valid
		busy = busy || s.Readers[p].Req.Valid || out.ReadData[p].Valid
	}
	s.PortsBusy = busy
}

// tag names the owner of the clock energy of a busy cycle without streams: whoever works, else whoever finished in
// this cycle.
func (u *Unit) tag() activity.Tag {
	s := &u.State
	for p := range s.Enc {
		if e := &s.Enc[p]; e.Full {
			return e.Tag
		} else if e.N > 0 {
			return e.Q[e.Head].Tag
		}
	}
	for p := range s.Readers {
		if s.Readers[p].Req.Valid {
			return s.Readers[p].Req.Tag
		}
	}
	for p := range s.Writers {
		if s.Writers[p].N > 0 {
			return s.Writers[p].Q[s.Writers[p].Head].Tag
		}
	}
	return s.LastTag
}

// claim takes the bank of a word for this cycle, claim4 the four of an aligned group, and claimPtr
// that of a pointer.
func (u *Unit) claim(addr uint32) bool { return u.take(&u.busy, 1<<(addr%NumBanks)) }

func (u *Unit) claim4(addr uint32) bool { return u.take(&u.busy, 0xf<<(addr%NumBanks)) }

func (u *Unit) claimPtr(index uint32) bool { return u.take(&u.ptr, 1<<(index%NumPtrBanks)) }

// take takes banks, if none of them is taken.
func (u *Unit) take(taken *uint8, banks uint8) bool {
	if *taken&banks != 0 {
		return false
	}
	*taken |= banks
	u.moved = true
	return true
}
