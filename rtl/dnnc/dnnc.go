package dnnc

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/dnnc/lanes"
	"bdfasim/rtl/port"
)

// Sizes of the array.
const (
	Lanes    = lanes.Lanes
	AccRows  = 32
	fifoSize = 8
)

// maxPairs is how many MACs of one row are put off before they are applied; integer addition makes that exact.
const maxPairs = 64

// noRow marks a stream without an accumulator row in its registers.
const noRow = 0xff

// accKind says what an open accumulation is made of: its commands are all of one kind.
type accKind uint8

const (
	accMac accKind = iota
	accGrad
	accHalves // gradients with a bank for each half
	accOnes
)

// kindOf is the kind of accumulation that a command takes part in.
func kindOf(c *port.Cmd) accKind {
	switch {
	case c.Op == isa.OpDNNCMac:
		return accMac
	case c.Op == isa.OpDNNCOnes:
		return accOnes
	case c.P[isa.DNNCRows] > AccRows:
		return accHalves
	}
	return accGrad
}

// fifo holds non-zeros of one stream.
type fifo struct {
	Q    [fifoSize]port.XItem `sim:"gated"`
	Head uint8                `bits:"3"`
	N    uint8                `bits:"4"`
}

// State is everything that the array remembers. The operands put off in Pairs are part of the accumulators' value:
// Flush applies them.
type State struct {
	port.Front
	FIFO    [port.NumStreams]fifo
	Several bool                                   `sim:"bookkeeping"` // streams other than the first hold something
	Asked   uint8                                  `bits:"3"`          // queued commands whose stream was requested
	Hold    bool                                   `bits:"1"`          // a stream request was sent in the last cycle: its effect on StreamRoom is not seen yet
	Begun   bool                                   `bits:"1"`          // the oldest command has its weights
	WMEM    *[2]lanes.Tile                         `mem:"WMEM"`
	WFull   [numBufs]bool                          `bits:"1"`
	WPart   [numBufs]bool                          `bits:"1"` // something was written since it was released
	WFreed  [numBufs]uint8                         `bits:"8"` // releases of each buffer
	Bank    uint8                                  `bits:"2"` // bank that accumulates at present
	Halves  [2]uint8                               `bits:"2"` // banks of the halves of a gradient
	Outer   outer                                  // forward sums that a gradient was begun inside of
	Open    bool                                   `bits:"1"` // an accumulation is under way
	Opening bool                                   `bits:"1"` // it needs a bank
	Kind    accKind                                `bits:"2"` // of that accumulation
	Split   uint8                                  `bits:"2"` // of that accumulation
	Half    uint8                                  `bits:"1"` // the half of a block of more than 32 elements that is under way
	Handed  [port.MaxBanks]bool                    `bits:"1"` // bank is at the drain or the momentum unit
	ToMom   [port.MaxBanks]bool                    `bits:"1"`
	Line    [port.MaxBanks]uint8                   `bits:"2"`          // these banks, the one that waits longest first
	Lined   uint8                                  `bits:"2"`          // their number
	Moved   bool                                   `sim:"bookkeeping"` // a bank or a buffer changed hands in this cycle
	Row     [port.NumStreams]uint8                 `bits:"6"`          // accumulator row in the registers of a stream's cores
	Touched [port.MaxBanks][port.NumStreams]uint32 `bits:"32"`         // rows of an open bank that hold something
	Ended   uint8                                  `bits:"4"`          // streams whose end was seen
	Ones    uint8                                  `bits:"6"`          // samples done by dnnc.ones
	UpdPC   uint32                                 `sim:"bookkeeping"` // of the command that wrote updated weights last

	Pairs  [port.NumStreams][maxPairs]lanes.Pair `sim:"bookkeeping"`
	NPairs [port.NumStreams]uint8                `sim:"bookkeeping"`
}

// numBufs is the number of weight buffers: two that the loader fills, and the halves of the second for updated weights.
const numBufs = 4

// outer is an accumulation of dnnc.mac that waits while a gradient has the array.
type outer struct {
	Open  bool  `bits:"1"`
	Bank  uint8 `bits:"2"`
	Split uint8 `bits:"2"`
}

// notBuilt are the registers of State that a chip without fused schedules does without: those of the third bank and of the
// updated weights. Its two banks wait in turn, so a bit tells the order.
type notBuilt struct {
	WFull   [2]bool                 `bits:"1"`
	WPart   [numBufs]bool           `bits:"1"`
	WFreed  [2]uint8                `bits:"8"`
	Bank    uint8                   `bits:"1"`
	Halves  [2]uint8                `bits:"2"`
	Outer   outer                   //
	Handed  bool                    `bits:"1"`
	ToMom   bool                    `bits:"1"`
	Line    uint8                   `bits:"7"`
	Touched [port.NumStreams]uint32 `bits:"32"`
}

// In is what the array sees in a cycle.
type In struct {
	Bus        *port.Bus
	X          [port.NumStreams]port.XItem
	StreamRoom bool
	Tile       port.TileWrite
	Upd        port.UpdWrite
	FreeDrain  bool // the drain releases the head bank
	FreeMom    bool // the momentum unit does
}

// Out is what the array drives.
type Out struct {
	Status activity.Status
	Done   port.Done
	Fault  port.Fault
	Stream port.StreamReq
	XRoom  [port.NumStreams]bool
	WFreed [numBufs]uint8 // a buffer is empty when it was filled as often as it was released
	Head   port.BankHead
}

// current is what the oldest command says, laid out for the inner loop; begin computes it.
type current struct {
	c       *port.Cmd
	row     *activity.Row
	buf     uint8
	upd     bool   // updated weights
	wmem    uint8  // buffer of WMEM, and the first of its rows
	base    uint16 //
	grad    bool
	last    bool
	halves  bool  // a gradient block of more than 32 elements, which has a bank for each half
	shift   uint8 // log2 of the number of streams
	streams int
	width   int // lanes of a stream
	groups  int // active groups of 16 lanes of a stream
}

// Unit is the MAC array with WMEM and the accumulators.
type Unit struct {
	s      State
	banks  uint8 // accumulator banks
	limits *port.Limits
	cur    current
	acc    *port.Banks
	act    *activity.Counts

	toggles *toggles // nil: not counted
}

// New returns an array of machine m; acc is the accumulator memory, shared with whoever empties its
// banks.
func New(c *machine.Config, acc *port.Banks, act *activity.Counts) *Unit {
	u := &Unit{banks: uint8(c.Banks()), limits: port.NewLimits(isa.UnitDNNC, c), acc: acc, act: act}
	u.s.WMEM = new([2]lanes.Tile)
	u.s.Several = true // so that the first tick drives all of XRoom
	for i := range u.s.Row {
		u.s.Row[i] = noRow
	}
	if c.Toggles {
		u.toggles = newToggles(c.DNNC.AccBits)
	}
	return u
}

// fused reports whether the chip has the hardware for fused schedules.
func (u *Unit) fused() bool { return u.banks == port.MaxBanks }

// State gives access to the state, for observers; it applies what was put off.
func (u *Unit) State() *State {
	u.Flush()
	return &u.s
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return map[activity.Event]activity.Registers{activity.ActiveDNNC: {Bits: u.RegBits(), Copies: 1}}
}

// RegBits is the number of clocked register bits. Those of the lanes (accumulator and weight) are not among them: they
// are clocked, and priced, with each MAC.
func (u *Unit) RegBits() int {
	n := port.RegBits(activity.DNNC, nil, &u.s)
	if !u.fused() {
		n -= port.RegBits(activity.DNNC, nil, &notBuilt{})
	}
	return n
}

// Tick advances the array by one cycle.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.s
	if in.Bus.Kind != port.BusNone {
		s.Front.Listen(in.Bus, isa.UnitDNNC, u.act)
	}
	out.Done.Valid = false
	out.Stream.Valid = false
	u.takeWires(in)
	out.Status = activity.Idle
	if s.Queue.N > 0 && s.Fault.Code == port.FaultNone {
		out.Status = u.execute(in, out)
		if s.Hold || s.Asked < s.Queue.N {
			u.request(in, out)
		}
	}
	u.fill(in, out)
	if s.Moved {
		s.Moved = false
		out.WFreed = s.WFreed
		first := s.Line[0] % port.MaxBanks
		out.Head = port.BankHead{Valid: s.Lined > 0, ToMom: s.ToMom[first], Bank: first}
	}
	if s.Fault.Code != port.FaultNone {
		out.Fault = s.Fault
	}
}

// takeWires takes released banks and weights.
func (u *Unit) takeWires(in *In) {
	s := &u.s
	if in.FreeDrain || in.FreeMom {
		s.Handed[s.Line[0]], s.Moved = false, true
		copy(s.Line[:], s.Line[1:])
		s.Lined--
	}
	if t := &in.Tile; t.Valid {
		if t.Buf == 1 && (s.WPart[2] || s.WPart[3]) {
			s.Fault.Raise(port.FaultWMEM, s.UpdPC, 1)
			return
		}
		u.write(t, t.Buf, t.Buf, t.Row)
	}
	if t := &in.Upd; t.Valid {
		s.UpdPC = t.PC
		if s.WPart[1] {
			s.Fault.Raise(port.FaultWMEM, t.PC, 1)
			return
		}
		u.write(&t.TileWrite, 2+t.Buf, 1, AccRows*t.Buf+t.Row)
	}
}

// write puts 16 lanes of a buffer in its place in WMEM.
func (u *Unit) write(t *port.TileWrite, buf, wmem, row uint8) {
	s := &u.s
	width := Lanes >> t.Split
	for lane := 16 * int(t.Group); lane < Lanes; lane += width {
		copy(s.WMEM[wmem][row][lane:lane+16], t.Data[:])
	}
	u.act.Rows[t.Tag][activity.WMEMWrite] += 1 << t.Split
	s.WPart[buf] = true
	if t.Full {
		s.WFull[buf] = true
	}
}

// fill takes non-zeros into the FIFOs and says where there is room for more. Mostly there is one stream only.
func (u *Unit) fill(in *In, out *Out) {
	s := &u.s
	if in.X[0].Valid {
		s.FIFO[0].push(&in.X[0])
	}
	out.XRoom[0] = s.FIFO[0].N <= fifoSize-2
	if !s.Several && !in.X[1].Valid && !in.X[2].Valid && !in.X[3].Valid {
		return
	}
	s.Several = false
	for i := 1; i < port.NumStreams; i++ {
		f := &s.FIFO[i]
		if in.X[i].Valid {
			f.push(&in.X[i])
		}
		s.Several = s.Several || f.N > 0
		out.XRoom[i] = f.N <= fifoSize-2
	}
}

func (f *fifo) pop() {
	f.Head = (f.Head + 1) % fifoSize
	f.N--
}

func (f *fifo) push(x *port.XItem) {
	f.Q[(f.Head+f.N)%fifoSize] = *x
	f.N++
}

// execute works on the oldest command.
func (u *Unit) execute(in *In, out *Out) activity.Status {
	s := &u.s
	if !s.Begun {
		if wait := u.begin(); wait != activity.Busy {
			return wait
		}
	}
	if s.Opening && !u.openBank() {
		return activity.WaitDrain
	}
	if in.Upd.Valid && u.cur.upd {
		return activity.WaitWeight // both halves lie in the same macros, which have one port
	}
	worked := true
	if u.cur.c.Op == isa.OpDNNCOnes {
		u.ones(out)
	} else {
		worked = u.stream(out)
	}
	if !worked {
		return activity.WaitOperand
	}
	u.cur.row[activity.ActiveDNNC]++
	return activity.Busy
}
