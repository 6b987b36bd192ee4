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
	Rows   uint32                `bits:"17"` // rows of the command; 1 but for map and save
	Total  uint32                `bits:"21"` // bursts of a row
	Ask    place                 // burst requested next; save: group
	Use    place                 // burst passed on next
	Land   [landDepth]port.Burst `sim:"gated"`
	Head   uint8                 `bits:"4"`
	N      uint8                 `bits:"5"`
	Flown  uint8                 `bits:"8"`  // bursts requested that have not come
	At     uint8                 `bits:"5"`  // map: byte of the oldest burst where the next group begins
	Elem   uint32                `bits:"21"` // map: elements of the pixel sent to the encoder
	Left   uint32                `bits:"21"` // map: elements of the row not yet sent
	Block  uint32                `bits:"21"` // map: blocks of the row completed
	Settle uint8                 `bits:"2"`
}

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
	XRoom   bool
	WRoom   bool
	WIdle   bool
	EncRoom bool
	EncIdle bool
	Scratch port.ScratchData
	ReqRoom bool // OMEM takes a stream request
	Read    port.ReadData
}

// Out is what the channel drives.
type Out struct {
	Status  activity.Status
	Done    port.Done
	Fault   port.Fault
	X       port.XReq // read port
	W       port.XReq // write port
	Enc     port.EncReq
	Scratch port.ScratchReq
	Bias    port.BiasWrite
	Sign    port.SignWrite

	Req      port.ReadReq // stream out of OMEM
	ReadRoom bool
}

// Unit is the general DMA channel.
type Unit struct {
	State
	limits *port.Limits
	act    *activity.Counts
}

// New returns a channel of machine m.
func New(c *machine.Config, act *activity.Counts) *Unit {
	return &Unit{limits: port.NewLimits(isa.UnitDMA, c), act: act}
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return map[activity.Event]activity.Registers{activity.ActiveDMA: {Bits: u.RegBits(), Copies: 1}}
}

// RegBits is the number of clocked register bits.
func (u *Unit) RegBits() int { return port.RegBits(activity.DMA, nil, &u.State) }

// Tick advances the channel by one cycle.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	s.Front.Listen(in.Bus, isa.UnitDMA, u.act)
	out.Done.Valid, out.X.Valid, out.W.Valid, out.Enc.Valid = false, false, false, false
	out.Scratch.Valid, out.Bias.Valid, out.Sign.Valid, out.Req.Valid, out.ReadRoom = false, false, false, false, false
	out.Fault = s.Fault
	c := s.Queue.At(0)
	if c == nil || s.Fault.Code != port.FaultNone {
		out.Status = activity.Idle
		return
	}
	if !s.Begun {
		u.begin(c)
		out.Fault = s.Fault
		out.Status = activity.Busy
		u.act.Rows[c.Tag][activity.ActiveDMA]++
		return
	}
	switch {
	case s.Use.Row == s.Rows:
		u.settle(c, in, out)
	case c.Op == isa.OpDMAStore:
		u.store(c, in, out)
	case c.Op == isa.OpDMASave:
		u.save(c, in, out)
	default:
		u.load(c, in, out)
	}
	if out.Status == activity.Busy {
		u.act.Rows[c.Tag][activity.ActiveDMA]++
	}
}

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
	s.Queue.Pop()
	out.Done = port.Done{Valid: true, Inst: c.Inst}
}

// push lands a burst.
func (s *State) push(b *port.Burst) {
	s.Land[(s.Head+s.N)%landDepth] = *b
	s.N++
	s.Flown--
}

// pop drops the n oldest bursts, which have been passed on.
func (s *State) pop(n uint8) {
	s.Head = (s.Head + n) % landDepth
	s.N -= n
	s.Use.advance(uint32(n), s.Total)
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
		s.push(&in.Resp.Data)
		out.Status = activity.Busy
	}
	if in.XRoom && s.Ask.Row < s.Rows && s.Flown+s.N < landDepth {
		out.X.Valid, out.X.Addr, out.X.Tag = true, external(c, s.Ask), c.Tag
		s.Ask.advance(1, s.Total)
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
	case isa.OpDMAScr:
		out.Scratch.Valid, out.Scratch.Write, out.Scratch.Addr = true, true, c.P[isa.DMADst]+at*port.BurstBytes
		out.Scratch.N = uint8(min(c.P[isa.DMAN]-at*port.BurstBytes, port.BurstBytes))
		out.Scratch.Tag, out.Scratch.Data = c.Tag, *b
	case isa.OpDMABias:
		out.Bias = port.BiasWrite{Valid: true, Buf: uint8(c.Flags & isa.FlagB1), Index: uint16(at * port.BurstBytes / 4), Tag: c.Tag, Data: *b}
	case isa.OpDMASign:
		out.Sign = port.SignWrite{Valid: true, Entry: uint16(c.P[isa.DMADst] + at), Tag: c.Tag, PC: c.PC, Data: *b}
	}
	s.pop(1)
	out.Status = activity.Busy
}

// store reads a burst of scratch a cycle and writes it out.
func (u *Unit) store(c *port.Cmd, in *In, out *Out) {
	s := &u.State
	out.Status = activity.WaitMemory
	if in.Scratch.Valid {
		s.push(&in.Scratch.Data)
	}
	if s.N > 0 && in.WRoom {
		u.write(c, out)
	}
	if s.Ask.Row < s.Rows && s.N+s.Flown < landDepth/2 {
		out.Scratch.Valid, out.Scratch.Write, out.Scratch.Tag = true, false, c.Tag
		out.Scratch.Addr = c.P[isa.DMADst] + s.Ask.Burst*port.BurstBytes
		s.Ask.advance(1, s.Total)
		s.Flown++
		out.Status = activity.Busy
	}
}

// write sends the oldest burst to external memory.
func (u *Unit) write(c *port.Cmd, out *Out) {
	s := &u.State
	out.W = port.XReq{Valid: true, Addr: external(c, s.Use), Tag: c.Tag, Data: s.Land[s.Head]}
	s.pop(1)
	out.Status = activity.Busy
}
