package dma

import (
	"encoding/binary"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Config of the DMA channel.
type Config struct {
	XMemBytes    int
	ScratchBytes int
	SignEntries  int
}

// landDepth is the number of bursts that may be under way or waiting: enough for the latency of an open row.
const landDepth = 16

const signBytes = port.BurstBytes // a 256-bit entry is one burst

// State is everything that the channel remembers.
type State struct {
	Queue  port.Queue
	Begun  bool                  `bits:"1"`
	Total  uint32                `bits:"20"` // bursts of the command
	Asked  uint32                `bits:"20"` // bursts requested
	Used   uint32                `bits:"20"` // bursts passed on
	Land   [landDepth]port.Burst `mem:"gated"`
	Head   uint8                 `bits:"4"`
	N      uint8                 `bits:"5"`
	Half   bool                  `bits:"1"`  // the second 16 bytes of a burst of pixels are next
	Group  uint32                `bits:"16"` // groups sent to the encoder
	Flown  uint8                 `bits:"2"`  // store: reads of scratch under way
	Settle uint8                 `bits:"2"`
	Fault  port.Fault            `mem:"none"`
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
}

// Unit is the general DMA channel.
type Unit struct {
	s   State
	cfg Config
	act *activity.Counts
}

// New returns a channel.
func New(cfg Config, act *activity.Counts) *Unit { return &Unit{cfg: cfg, act: act} }

// State gives access to the state, for observers.
func (u *Unit) State() *State { return &u.s }

// RegBits is the number of clocked register bits.
func (u *Unit) RegBits() int { return port.RegBits(&u.s) }

// Tick advances the channel by one cycle.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.s
	s.Queue.Tick(in.Bus, isa.UnitDMA)
	out.Done.Valid, out.X.Valid, out.W.Valid, out.Enc.Valid = false, false, false, false
	out.Scratch.Valid, out.Bias.Valid, out.Sign.Valid = false, false, false
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
	out.Status = activity.WaitMemory
	if c.Op == isa.OpDMAStore {
		u.store(c, in, out)
	} else {
		u.load(c, in, out)
	}
	if out.Status == activity.Busy {
		u.act.Rows[c.Tag][activity.ActiveDMA]++
	}
}

// begin checks a command and counts its bursts.
func (u *Unit) begin(c *port.Cmd) {
	s := &u.s
	n := uint64(c.P[isa.DMAN])
	size := n
	switch c.Op {
	case isa.OpDMAMap:
		if c.Is(isa.FlagI16) {
			size = 2 * n
		}
	case isa.OpDMABias:
		size = 4 * n
	case isa.OpDMASign:
		size = signBytes * n
	}
	x, dst := uint64(c.P[isa.DMAXAddr]), uint64(c.P[isa.DMADst])
	total := (size + port.BurstBytes - 1) / port.BurstBytes
	inScratch := c.Op == isa.OpDMAScr || c.Op == isa.OpDMAStore
	switch {
	case x%port.BurstBytes != 0 || x+total*port.BurstBytes > uint64(u.cfg.XMemBytes):
		s.Fault.Raise(port.FaultXAddr, c.PC, x)
		return
	case n == 0 || n > 1<<20 || c.Op == isa.OpDMABias && n > 256 || c.Op == isa.OpDMAStore && n%port.BurstBytes != 0:
		s.Fault.Raise(port.FaultParam, c.PC, isa.DMAN<<32|n)
		return
	case inScratch && (dst%4 != 0 || dst+size > uint64(u.cfg.ScratchBytes)):
		s.Fault.Raise(port.FaultScratch, c.PC, dst)
		return
	case c.Op == isa.OpDMASign && dst+n > uint64(u.cfg.SignEntries):
		s.Fault.Raise(port.FaultParam, c.PC, isa.DMADst<<32|dst)
		return
	}
	s.Begun, s.Total, s.Asked, s.Used, s.Group, s.Half, s.Flown = true, uint32(total), 0, 0, 0, false, 0
	s.Settle = 2
}

// end retires the oldest command.
func (u *Unit) end(c *port.Cmd, out *Out) {
	u.s.Begun = false
	u.s.Queue.Pop()
	out.Done = port.Done{Valid: true, Inst: c.Inst}
	out.Status = activity.Busy
}

// settled waits until what was sent shows in the idle wire.
func (u *Unit) settled(idle bool, out *Out) bool {
	if u.s.Settle > 0 {
		u.s.Settle--
		out.Status = activity.Busy
		return false
	}
	out.Status = activity.WaitDrain
	return idle
}

// load passes one burst (or half of one) on, takes what arrives, and requests the next burst.
func (u *Unit) load(c *port.Cmd, in *In, out *Out) {
	s := &u.s
	if s.Used == s.Total {
		if u.settled(c.Op != isa.OpDMAMap || in.EncIdle, out) {
			u.end(c, out)
		}
		return
	}
	if s.N > 0 {
		u.pass(c, in, out)
	}
	if in.Resp.Valid && in.Resp.Port == port.XPortDMA {
		s.Land[(s.Head+s.N)%landDepth] = in.Resp.Data
		s.N++
		out.Status = activity.Busy
	}
	if in.XRoom && s.Asked < s.Total && s.Asked-s.Used < landDepth {
		out.X.Valid, out.X.Addr, out.X.Tag = true, c.P[isa.DMAXAddr]+s.Asked*port.BurstBytes, c.Tag
		s.Asked++
	}
}

// pass sends the oldest burst to where the command wants it.
func (u *Unit) pass(c *port.Cmd, in *In, out *Out) {
	s := &u.s
	b := &s.Land[s.Head]
	n := c.P[isa.DMAN]
	switch c.Op {
	case isa.OpDMAMap:
		if !in.EncRoom {
			out.Status = activity.WaitDrain
			return
		}
		if !u.encode(c, b, out) {
			out.Status = activity.Busy
			return
		}
	case isa.OpDMAScr:
		out.Scratch.Valid, out.Scratch.Write, out.Scratch.Addr = true, true, c.P[isa.DMADst]+s.Used*port.BurstBytes
		out.Scratch.N = uint8(min(n-s.Used*port.BurstBytes, port.BurstBytes))
		out.Scratch.Tag, out.Scratch.Data = c.Tag, *b
	case isa.OpDMABias:
		out.Bias = port.BiasWrite{Valid: true, Buf: uint8(c.Flags & isa.FlagB1), Index: uint16(s.Used * port.BurstBytes / 4), Tag: c.Tag, Data: *b}
	case isa.OpDMASign:
		out.Sign = port.SignWrite{Valid: true, Entry: uint16(c.P[isa.DMADst] + s.Used), Tag: c.Tag, PC: c.PC, Data: *b}
	}
	s.Head = (s.Head + 1) % landDepth
	s.N--
	s.Used++
	out.Status = activity.Busy
}

// encode sends one group of 16 elements; it reports whether the burst is used up.
func (u *Unit) encode(c *port.Cmd, b *port.Burst, out *Out) bool {
	s := &u.s
	n := c.P[isa.DMAN]
	first := 16 * s.Group
	e := &out.Enc
	*e = port.EncReq{
		Valid: true, New: c.Is(isa.FlagNew) && s.Group < 4, Group: uint8(s.Group % 4), Ptr: c.P[isa.DMADst] + s.Group/4,
		Last: s.Group%4 == 3 || first+16 >= n, Alloc: c.P[isa.DMAAlloc], Limit: c.P[isa.DMALimit], Tag: c.Tag, PC: c.PC,
	}
	for i := 0; i < int(min(16, n-first)); i++ {
		switch {
		case c.Is(isa.FlagI16):
			e.Data[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
		case s.Half:
			e.Data[i] = int16(b[16+i])
		default:
			e.Data[i] = int16(b[i])
		}
	}
	s.Group++
	if c.Is(isa.FlagI16) || s.Half || first+16 >= n {
		s.Half = false
		return true
	}
	s.Half = true
	return false
}

// store reads a burst of scratch a cycle and writes it out.
func (u *Unit) store(c *port.Cmd, in *In, out *Out) {
	s := &u.s
	if s.Used == s.Total {
		if u.settled(in.WIdle, out) {
			u.end(c, out)
		}
		return
	}
	if in.Scratch.Valid {
		s.Land[(s.Head+s.N)%landDepth] = in.Scratch.Data
		s.N++
		s.Flown--
	}
	if s.N > 0 && in.WRoom {
		out.W = port.XReq{Valid: true, Addr: c.P[isa.DMAXAddr] + s.Used*port.BurstBytes, Tag: c.Tag, Data: s.Land[s.Head]}
		s.Head = (s.Head + 1) % landDepth
		s.N--
		s.Used++
		out.Status = activity.Busy
	}
	if s.Asked < s.Total && s.N+s.Flown < landDepth/2 {
		out.Scratch.Valid, out.Scratch.Write, out.Scratch.Addr, out.Scratch.Tag = true, false, c.P[isa.DMADst]+s.Asked*port.BurstBytes, c.Tag
		s.Asked++
		s.Flown++
		out.Status = activity.Busy
	}
}
