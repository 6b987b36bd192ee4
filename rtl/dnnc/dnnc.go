package dnnc

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/dnnc/lanes"
	"bdfasim/rtl/port"
)

// Config sizes the MAC array. The number of lanes, WMEM rows and accumulator rows are fixed by the data path
// (4 cores x 64 lanes, 2 x 64 rows, 2 x 32 rows).
type Config struct {
	AccBits int  // accumulators add modulo 2^AccBits
	Toggles bool // count bits that change, too; the chip fills it in
}

// DefaultConfig is the reference machine.
func DefaultConfig() Config { return Config{AccBits: 48} }

// Validate checks the width: at least one product, at most what the accumulator memory of the simulator holds.
func (c Config) Validate() error {
	if c.AccBits < 32 || c.AccBits > 62 {
		return fmt.Errorf("dnnc: accumulators of %d bits, want 32 to 62", c.AccBits)
	}
	return nil
}

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
	Q    [fifoSize]port.XItem `mem:"gated"`
	Head uint8                `bits:"3"`
	N    uint8                `bits:"4"`
}

// State is everything that the array remembers. The operands put off in Pairs are part of the accumulators' value:
// Flush applies them.
type State struct {
	Queue   port.Queue
	FIFO    [port.NumStreams]fifo
	Several bool                       `mem:"none"` // streams other than the first hold something
	Asked   uint8                      `bits:"3"`   // queued commands whose stream was requested
	Hold    bool                       `bits:"1"`   // a stream request was sent in the last cycle: its effect on StreamRoom is not seen yet
	Begun   bool                       `bits:"1"`   // the oldest command has its weights
	WMEM    *[2]lanes.Tile             `mem:"WMEM"`
	WFull   [2]bool                    `bits:"1"`
	WFreed  [2]uint8                   `bits:"8"` // releases of each buffer
	Bank    uint8                      `bits:"1"` // bank that accumulates at present
	Open    bool                       `bits:"1"` // an accumulation is under way
	Opening bool                       `bits:"1"` // it needs a bank
	Kind    accKind                    `bits:"2"` // of that accumulation
	Split   uint8                      `bits:"2"` // of that accumulation
	Half    uint8                      `bits:"1"` // the half of a block of more than 32 elements that is under way
	Handed  [2]bool                    `bits:"1"` // bank is at the drain or the momentum unit
	ToMom   [2]bool                    `bits:"1"`
	Oldest  uint8                      `bits:"1"`
	Moved   bool                       `mem:"none"` // a bank or a buffer changed hands in this cycle
	Row     [port.NumStreams]uint8     `bits:"6"`   // accumulator row in the registers of a stream's cores
	Touched [2][port.NumStreams]uint32 `bits:"32"`  // rows of an open bank that hold something
	Ended   uint8                      `bits:"4"`   // streams whose end was seen
	Ones    uint8                      `bits:"6"`   // samples done by dnnc.ones
	Fault   port.Fault                 `mem:"none"`

	Pairs  [port.NumStreams][maxPairs]lanes.Pair `mem:"none"`
	NPairs [port.NumStreams]uint8                `mem:"none"`
}

// In is what the array sees in a cycle.
type In struct {
	Bus        *port.Bus
	X          [port.NumStreams]port.XItem
	StreamRoom bool
	Tile       port.TileWrite
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
	WFreed [2]uint8 // a buffer is empty when the loader has filled it as often as it was released
	Head   port.BankHead
}

// current is what the oldest command says, laid out for the inner loop; begin computes it.
type current struct {
	c       *port.Cmd
	row     *activity.Row
	buf     uint8
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
	s   State
	cur current
	acc *port.Banks
	act *activity.Counts

	toggles *toggles // nil: not counted
}

// New returns an array; acc is the accumulator memory, shared with whoever empties its banks.
func New(cfg Config, acc *port.Banks, act *activity.Counts) *Unit {
	u := &Unit{acc: acc, act: act}
	u.s.WMEM = new([2]lanes.Tile)
	u.s.Several = true // so that the first tick drives all of XRoom
	for i := range u.s.Row {
		u.s.Row[i] = noRow
	}
	if cfg.Toggles {
		u.toggles = newToggles(cfg.AccBits)
	}
	return u
}

// State gives access to the state, for observers; it applies what was put off.
func (u *Unit) State() *State {
	u.Flush()
	return &u.s
}

// RegBits is the number of clocked register bits. Those of the lanes (accumulator and weight) are not among them: they
// are clocked, and priced, with each MAC.
func (u *Unit) RegBits() int { return port.RegBits(&u.s) }

// Tick advances the array by one cycle.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.s
	if in.Bus.Kind != port.BusNone {
		s.Queue.Tick(in.Bus, isa.UnitDNNC)
	}
	out.Done.Valid = false
	out.Stream.Valid = false
	u.takeWires(in)
	out.Status = activity.Idle
	if s.Queue.N > 0 && s.Fault.Code == port.FaultNone {
		out.Status = u.execute(out)
		if s.Hold || s.Asked < s.Queue.N {
			u.request(in, out)
		}
	}
	u.fill(in, out)
	if s.Moved {
		s.Moved = false
		out.WFreed = s.WFreed
		out.Head = port.BankHead{Valid: s.Handed[s.Oldest], ToMom: s.ToMom[s.Oldest], Bank: s.Oldest}
	}
	if s.Fault.Code != port.FaultNone {
		out.Fault = s.Fault
	}
}

// takeWires takes released banks and weights.
func (u *Unit) takeWires(in *In) {
	s := &u.s
	if in.FreeDrain || in.FreeMom {
		s.Handed[s.Oldest], s.Moved = false, true
		s.Oldest ^= 1
	}
	if t := &in.Tile; t.Valid {
		width := Lanes >> t.Split
		for lane := 16 * int(t.Group); lane < Lanes; lane += width {
			copy(s.WMEM[t.Buf][t.Row][lane:lane+16], t.Data[:])
		}
		u.act.Rows[t.Tag][activity.WMEMWrite] += 1 << t.Split
		if t.Full {
			s.WFull[t.Buf] = true
		}
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
func (u *Unit) execute(out *Out) activity.Status {
	s := &u.s
	if !s.Begun {
		if wait := u.begin(); wait != activity.Busy {
			return wait
		}
	}
	if s.Opening && !u.openBank() {
		return activity.WaitDrain
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
