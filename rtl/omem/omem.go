package omem

import (
	"math/bits"

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

// widths are those of the addresses in clocked registers: 16 bits, or what a larger memory needs.
func widths(c *machine.OMEM) port.Widths {
	word := max(16, bits.Len(uint(c.Words-1)))
	return port.Widths{"word": word, "end": word + 1, "pointer": max(16, bits.Len(uint(c.Pointers-1)))}
}

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

	Requests  [2]request // streams for the DNNC, oldest first
	NReq      uint8      `bits:"2"`
	Unfilled  uint8      `bits:"2"` // of them, StreamGrad ones without a complete buffer
	Fetch     [port.NumStreams]fetcher
	Extract   [port.NumStreams]extractor
	Running   bool `bits:"1"` // the decoders work on Requests[0]
	TRLC      trlc
	Enc       [port.NumEPorts]encoder
	Readers   [port.NumRPorts]reader
	Writers   [port.NumWPorts]writeFIFO
	LastTag   activity.Tag `bits:"8"`          // whose work was seen last
	PortsBusy bool         `sim:"bookkeeping"` // an encoder, writer or reader holds something
	Fault     port.Fault   `sim:"bookkeeping"`

	busy  uint8 `sim:"wires"` // banks used in this cycle
	ptr   uint8 `sim:"wires"` // banks of the pointer memory used in this cycle
	moved bool  `sim:"wires"` // something was done in this cycle
}

// In is what OMEM sees in a cycle.
type In struct {
	Stream   port.StreamReq
	XRoom    [port.NumStreams]bool
	Enc      [port.NumEPorts]port.EncReq
	Read     [port.NumRPorts]port.ReadReq
	ReadRoom [port.NumRPorts]bool
	Write    [port.NumWPorts]port.WriteReq
	Called   bool // one of Enc, Read and Write is valid
}

// Out is what OMEM drives.
type Out struct {
	Status     activity.Status
	X          [port.NumStreams]port.XItem
	StreamRoom bool // a further StreamReq may be sent
	EncRoom    [port.NumEPorts]bool
	EncIdle    [port.NumEPorts]bool // nothing in the encoder: all its blocks are stored
	ReadData   [port.NumRPorts]port.ReadData
	ReqRoom    [port.NumRPorts]bool
	WriteRoom  [port.NumWPorts]bool
	WriteIdle  [port.NumWPorts]bool
	Fault      port.Fault
}

// Unit is the feature-map memory with its encoders and decoders.
type Unit struct {
	State
	act *activity.Counts

	regBits int
}

// New returns an OMEM with cleared memories. cfg must be valid.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u := &Unit{act: act, regBits: port.RegBits(activity.OMEM, widths(&c.OMEM), State{})}
	u.Mem = make([]uint64, c.OMEM.Words)
	u.Ptr = make([]Pointer, c.OMEM.Pointers)
	u.PortsBusy = true // so that the first tick drives the ports' wires
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return map[activity.Event]activity.Registers{activity.ActiveOMEM: {Bits: u.RegBits(), Copies: 1}}
}

// RegBits is the number of clocked register bits.
func (u *Unit) RegBits() int { return u.regBits }

// Tick advances OMEM by one cycle. Banks are given in this fixed order: encoders, writers, iRLC decoders, tRLC
// decoder, readers; what finds its bank taken tries again in the next cycle.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	u.busy, u.ptr, u.moved = 0, 0, false
	out.X[0].Valid, out.X[1].Valid, out.X[2].Valid, out.X[3].Valid = false, false, false, false
	ports := s.PortsBusy || in.Called
	if ports {
		u.tickWritePorts(in, out)
	}
	if s.NReq > 0 || in.Stream.Valid {
		u.tickStreams(in, out)
	}
	out.StreamRoom = s.NReq <= 1
	if ports {
		u.tickReaders(in, out)
	}
	if s.Fault.Code != port.FaultNone {
		out.Fault = s.Fault
	}
	switch {
	case u.moved:
		out.Status = activity.Busy
		s.LastTag = u.tag()
		u.act.Rows[s.LastTag][activity.ActiveOMEM]++
	case s.NReq == 0 && !s.PortsBusy:
		out.Status = activity.Idle
	default:
		out.Status = activity.WaitOperand
	}
}

// tickWritePorts runs the encoders and writers.
func (u *Unit) tickWritePorts(in *In, out *Out) {
	s := &u.State
	s.PortsBusy = false
	for p := range s.Enc {
		u.tickEncoder(&s.Enc[p], &in.Enc[p])
		out.EncRoom[p], out.EncIdle[p] = s.Enc[p].room(), s.Enc[p].idle()
		s.PortsBusy = s.PortsBusy || !out.EncIdle[p]
	}
	for p := range s.Writers {
		u.tickWriter(&s.Writers[p], &in.Write[p])
		out.WriteRoom[p], out.WriteIdle[p] = s.Writers[p].N <= writeDepth-2, s.Writers[p].N == 0
		s.PortsBusy = s.PortsBusy || !out.WriteIdle[p]
	}
}

// tickReaders runs the readers. A port counts as busy for the cycle in which its data are on the wires, too.
func (u *Unit) tickReaders(in *In, out *Out) {
	s := &u.State
	for p := range s.Readers {
		u.tickReader(&s.Readers[p], &in.Read[p], in.ReadRoom[p], &out.ReadData[p])
		out.ReqRoom[p] = !s.Readers[p].Active
		s.PortsBusy = s.PortsBusy || s.Readers[p].Active || out.ReadData[p].Valid
	}
}

// tag names the owner of the clock energy of a busy cycle: the oldest stream, else whoever works, else whoever
// finished in this cycle.
func (u *Unit) tag() activity.Tag {
	s := &u.State
	if s.NReq > 0 {
		return s.Requests[0].Tag
	}
	for p := range s.Enc {
		if e := &s.Enc[p]; e.Full {
			return e.Tag
		} else if e.N > 0 {
			return e.Q[e.Head].Tag
		}
	}
	for p := range s.Readers {
		if s.Readers[p].Active {
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

// claim takes the bank of a word for this cycle.
func (u *Unit) claim(addr uint32) bool {
	bit := uint8(1) << (addr % NumBanks)
	if u.busy&bit != 0 {
		return false
	}
	u.busy |= bit
	u.moved = true
	return true
}

// claim4 takes the four banks of an aligned group.
func (u *Unit) claim4(addr uint32) bool {
	bits := uint8(0xf) << (addr % NumBanks)
	if u.busy&bits != 0 {
		return false
	}
	u.busy |= bits
	u.moved = true
	return true
}

// claimPtr takes the bank of a pointer for this cycle.
func (u *Unit) claimPtr(index uint32) bool {
	bit := uint8(1) << (index % NumPtrBanks)
	if u.ptr&bit != 0 {
		return false
	}
	u.ptr |= bit
	u.moved = true
	return true
}
