package dma

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// landDepth is the number of bursts that may be under way or waiting: enough for the latency of an open row.
const landDepth = 16

const signBytes = port.BurstBytes // a 256-bit entry is one burst

// State is everything that the channel remembers.
type State struct {
	port.Front
	Begun  bool                  `bits:"1"`
	Rows   uint32                `bits:"17" clk:"begin"` // rows of the command; 1 but for map and save
	Total  uint32                `bits:"21" clk:"begin"` // bursts of a row
	Ask    place                 `clk:"ask"`             // burst requested next; save: group
	Use    place                 `clk:"use"`             // burst passed on next
	Land   [landDepth]port.Burst `bits:"8" each:"1" clk:"land"`
	Head   uint8                 `bits:"4"`
	N      uint8                 `bits:"5"`
	Flown  uint8                 `bits:"8"`            // bursts requested that have not come
	At     uint8                 `bits:"5" clk:"map"`  // map: byte of the oldest burst where the next group begins
	Elem   uint32                `bits:"21" clk:"map"` // map: elements of the pixel sent to the encoder
	Left   uint32                `bits:"21" clk:"map"` // map: elements of the row not yet sent
	Block  uint32                `bits:"21" clk:"map"` // map: blocks of the row completed
	Settle uint8                 `bits:"2"`
	Tag    activity.Tag          `sim:"bookkeeping"` // of the last command
}

// Groups of registers beside the unit's own.
const (
	clockBegin = activity.ClockDMA + iota
	clockAsk
	clockUse
	clockMap
	clockLand
	clockX
	clockW
	clockEnc
	clockScratch
	clockBias
	clockSign
	clockReq
)

// place is a burst of a command.
type place struct {
	Row   uint32 `bits:"17"`
	Burst uint32 `bits:"21"`
}

// advance moves n bursts on, within a row of total.
func (p *place) advance(n, total uint32) {
	if p.Burst += n; p.Burst == total {
		p.Row, p.Burst = p.Row+1, 0
	}
}

// In is what the channel sees in a cycle.
type In struct {
	Bus     *port.Bus
	Resp    *port.XResp
	XRoom   bool `bits:"1"`
	WRoom   bool `bits:"1"`
	WIdle   bool `bits:"1"`
	EncRoom bool `bits:"1"`
	EncIdle bool `bits:"1"`
	Scratch port.ScratchData
	ReqRoom bool `bits:"1"` // OMEM takes a stream request
	Read    port.ReadData
}

// Out is what the channel drives.
type Out struct {
	Status  activity.Status `bits:"3"`
	Done    port.Done
	Fault   port.Fault
	X       port.XRead      `clk:"x"` // read port
	W       port.XReq       `clk:"w"` // write port
	Enc     port.EncReq     `clk:"enc"`
	Scratch port.ScratchReq `clk:"scratch"`
	Bias    port.BiasWrite  `clk:"bias"`
	Sign    port.SignWrite  `clk:"sign"`

	Req      port.ReadReq `clk:"req"` // stream out of OMEM
	ReadRoom bool         `bits:"1"`
	Asleep   bool         `sim:"bookkeeping"` // nothing moves before an input changes
}

// Unit is the general DMA channel.
type Unit struct {
	State
	limits *port.Limits
	widths port.Widths
	act    *activity.Counts
}

// New returns a channel of machine c.
func New(c *machine.Config, act *activity.Counts) *Unit {
	return &Unit{limits: port.NewLimits(isa.UnitDMA, c), widths: port.WidthsOf(c), act: act}
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return port.Clocked(activity.DMA, u.widths, &u.State, &Out{})
}

// Tick advances the channel by one cycle.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	called := in.Bus.Calls(isa.UnitDMA)
	works, was := called || in.Scratch.Valid || sends(out), out.Status
	s.Listen(in.Bus, isa.UnitDMA, u.act)
	out.Done.Valid, out.X.Valid, out.W.Valid, out.Enc.Valid = false, false, false, false
	out.Scratch.Valid, out.Bias.Valid, out.Sign.Valid, out.Req.Valid, out.ReadRoom = false, false, false, false, false
	out.Status = activity.Idle
	if c := s.Oldest(); c != nil {
		s.Tag = c.Tag
		u.execute(c, in, out)
	} else if called {
		s.Tag = in.Bus.Tag
	}
	works = works || sends(out) || out.Status == activity.Busy || out.Status != was
	if works {
		u.act.Rows[s.Tag][activity.ActiveDMA]++
	}
	out.Asleep = !works && out.Status.Waits()
	out.Fault = s.Fault
}

// sends reports whether a wire is driven that is Valid for a cycle only, or ReadRoom.
func sends(out *Out) bool {
	return out.Done.Valid || out.X.Valid || out.W.Valid || out.Enc.Valid || out.Scratch.Valid ||
		out.Bias.Valid || out.Sign.Valid || out.Req.Valid || out.ReadRoom
}

// execute works on the oldest command.
func (u *Unit) execute(c *port.Cmd, in *In, out *Out) {
	s := &u.State
	switch {
	case !s.Begun:
		u.begin(c)
		out.Status = activity.Busy
	case s.Use.Row == s.Rows:
		u.settle(c, in, out)
	case c.Op == isa.OpDMAStore:
		u.store(c, in, out)
	case c.Op == isa.OpDMASave:
		u.save(c, in, out)
	default:
		u.load(c, in, out)
	}
}

// count counts a group of registers that the command clocks.
func (u *Unit) count(e activity.Event) { u.act.Rows[u.Tag][e]++ }

// settle waits until what was sent shows in the idle wires and is stored, then retires the command.
func (u *Unit) settle(c *port.Cmd, in *In, out *Out) {
	s := &u.State
	out.Status = activity.Busy
	if s.Settle > 0 {
		s.Settle--
		return
	}
	idle := true
	switch c.Op {
	case isa.OpDMAMap:
		idle = in.EncIdle
	case isa.OpDMAStore, isa.OpDMASave, isa.OpDMACopy:
		idle = in.WIdle
	}
	if !idle {
		out.Status = activity.WaitDrain
		return
	}
	s.Begun = false
	out.Done = s.Retire()
}

// push lands a burst.
func (u *Unit) push(b *port.Burst) {
	u.Land[(u.Head+u.N)%landDepth] = *b
	u.N++
	u.Flown--
	u.count(clockLand)
}

// pop drops the n oldest bursts, which have been passed on.
func (u *Unit) pop(n uint8) {
	if n == 0 {
		return
	}
	u.Head = (u.Head + n) % landDepth
	u.N -= n
	u.Use.advance(uint32(n), u.Total)
	u.count(clockUse)
}

// asked moves on behind n bursts that were requested.
func (u *Unit) asked(n uint32) {
	u.Ask.advance(n, u.Total)
	u.count(clockAsk)
}

// external is the address of a burst of external memory.
func external(c *port.Cmd, p place) uint32 {
	return c.P[isa.DMAXAddr] + p.Row*c.P[isa.DMAXStep] + p.Burst*port.BurstBytes
}

// load passes one burst (or group) on, takes what arrives, and requests the next burst.
func (u *Unit) load(c *port.Cmd, in *In, out *Out) {
	s := &u.State
	out.Status = activity.WaitMemory
	if s.N > 0 {
		u.pass(c, in, out)
	}
	if in.Resp.Valid && in.Resp.Port == port.XPortDMA {
		u.push(&in.Resp.Data)
		out.Status = activity.Busy
	}
	if in.XRoom && s.Ask.Row < s.Rows && s.Flown+s.N < landDepth {
		out.X = port.XRead{Valid: true, Addr: external(c, s.Ask), Tag: c.Tag}
		u.count(clockX)
		u.asked(1)
		s.Flown++
	}
}

// pass sends the oldest burst to where the command wants it.
func (u *Unit) pass(c *port.Cmd, in *In, out *Out) {
	s := &u.State
	b := &s.Land[s.Head]
	at := s.Use.Burst
	switch c.Op {
	case isa.OpDMAMap:
		u.encode(c, in, out)
		return
	case isa.OpDMACopy:
		if !in.WRoom {
			out.Status = activity.WaitDrain
			return
		}
		out.W = port.XReq{Valid: true, Addr: c.P[isa.DMADst] + at*port.BurstBytes, Tag: c.Tag, Data: *b}
		u.count(clockW)
	case isa.OpDMAScr:
		out.Scratch.Valid, out.Scratch.Write, out.Scratch.Addr = true, true, c.P[isa.DMADst]+at*port.BurstBytes
		out.Scratch.N = uint8(min(c.P[isa.DMAN]-at*port.BurstBytes, port.BurstBytes))
		out.Scratch.Tag, out.Scratch.Data = c.Tag, *b
		u.count(clockScratch)
	case isa.OpDMABias:
		out.Bias = port.BiasWrite{Valid: true, Buf: uint8(c.Flags & isa.FlagB1), Index: uint16(at * port.BurstBytes / 4), Tag: c.Tag, Data: *b}
		u.count(clockBias)
	case isa.OpDMASign:
		out.Sign = port.SignWrite{Valid: true, Entry: uint16(c.P[isa.DMADst] + at), Tag: c.Tag, PC: c.PC, Data: *b}
		u.count(clockSign)
	}
	u.pop(1)
	out.Status = activity.Busy
}

// store reads a burst of scratch a cycle and writes it out.
func (u *Unit) store(c *port.Cmd, in *In, out *Out) {
	s := &u.State
	out.Status = activity.WaitMemory
	if in.Scratch.Valid {
		u.push(&in.Scratch.Data)
	}
	if s.N > 0 && in.WRoom {
		u.write(c, out)
	}
	if s.Ask.Row < s.Rows && s.N+s.Flown < landDepth/2 {
		out.Scratch.Valid, out.Scratch.Write, out.Scratch.Tag = true, false, c.Tag
		out.Scratch.Addr = c.P[isa.DMADst] + s.Ask.Burst*port.BurstBytes
		u.count(clockScratch)
		u.asked(1)
		s.Flown++
		out.Status = activity.Busy
	}
}

// write sends the oldest burst to external memory.
func (u *Unit) write(c *port.Cmd, out *Out) {
	s := &u.State
	out.W = port.XReq{Valid: true, Addr: external(c, s.Use), Tag: c.Tag, Data: s.Land[s.Head]}
	u.count(clockW)
	u.pop(1)
	out.Status = activity.Busy
}
