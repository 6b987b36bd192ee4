package drain

import (
	"encoding/binary"
	"math/bits"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

const (
	group      = 16
	accRows    = 32 // of an accumulator bank
	blockElems = 64 // the most that a block of a compressed map has
)

// groupsOf is the number of groups of a block of the compressed map.
func groupsOf(c *port.Cmd) uint8 {
	if b := c.P[isa.DrainBlock]; b > 0 {
		return uint8(b / group)
	}
	return blockElems / group
}

// State is everything that the drain remembers.
type State struct {
	port.Front
	Bias []int32 `mem:"BIAS"` // two buffers of a bias a lane

	Running bool   `bits:"1"`
	Bank    uint8  `bits:"bank"`
	Sample  uint8  `bits:"7"`
	Group   uint8  `bits:"group"`
	Read    bool   `bits:"1"` // every group has been read
	Settle  uint8  `bits:"2"` // cycles until what was sent shows in the idle wires
	Pipe    pipe   // between read and write
	Sat     uint32 `bits:"32"`
	Max     uint32 `bits:"17"`
	Wraps   uint64 `sim:"bookkeeping"` // sums that did not fit AccBits (checking mode)
}

// pipe is the register behind the arithmetic.
type pipe struct {
	Valid  bool       `bits:"1"`
	Sample uint8      `bits:"7"`
	Group  uint8      `bits:"group"`
	Data   port.Group `bits:"16"`
}

// In is what the drain sees in a cycle.
type In struct {
	Bus       *port.Bus
	Head      port.BankHead
	Bias      port.BiasWrite
	EncRoom   bool
	EncIdle   bool
	WriteRoom bool
	WriteIdle bool
	XRoom     bool
	XIdle     bool
}

// Out is what the drain drives.
type Out struct {
	Status activity.Status
	Done   port.Done
	Fault  port.Fault
	Stat   uint32
	Free   bool // release the head bank
	Enc    port.EncReq
	Write  port.WriteReq
	X      port.XReq // raw groups with flag x
}

// Unit is the drain.
type Unit struct {
	State
	limits  *port.Limits
	lanes   int // of an accumulator row
	widths  port.Widths
	accBits uint    // of an accumulator
	acc     []int64 // bank, row, lane
	mask    []uint16
	act     *activity.Counts
}

// New returns a drain of machine m on the accumulators acc and the f' mask memory.
func New(c *machine.Config, acc []int64, mask []uint16, act *activity.Counts) *Unit {
	n := c.DNNC.Lanes
	u := &Unit{
		limits: port.NewLimits(isa.UnitDrain, c), lanes: n, accBits: uint(c.DNNC.AccBits),
		widths: port.Widths{"bank": bits.Len(uint(c.Banks() - 1)), "group": bits.Len(uint(n / group))},
		acc:    acc, mask: mask, act: act,
	}
	u.Bias = make([]int32, 2*n)
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return map[activity.Event]activity.Registers{activity.ActiveDrain: {Bits: u.RegBits(), Copies: 1}}
}

// RegBits is the number of clocked register bits.
func (u *Unit) RegBits() int {
	return port.RegBits(activity.Drain, u.widths, &u.State)
}

// Tick advances the drain by one cycle.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	if r := s.Front.Listen(in.Bus, isa.UnitDrain, u.act); r >= 0 {
		out.Stat = u.status(r)
	}
	out.Done.Valid, out.Free, out.Enc.Valid, out.Write.Valid, out.X.Valid = false, false, false, false, false
	u.takeBias(&in.Bias)
	out.Fault = s.Fault
	c := s.Queue.At(0)
	if c == nil || s.Fault.Code != port.FaultNone {
		out.Status = activity.Idle
		return
	}
	out.Status = u.execute(c, in, out)
	if out.Status == activity.Busy {
		u.act.Rows[c.Tag][activity.ActiveDrain]++
	}
	out.Fault = s.Fault
}

// status reads and clears a status register.
func (u *Unit) status(r int) uint32 {
	var v uint32
	switch r {
	case isa.DrainSat:
		v, u.Sat = u.Sat, 0
	case isa.DrainMax:
		v, u.Max = u.Max, 0
	}
	return v
}

// takeBias stores a burst of eight biases.
func (u *Unit) takeBias(b *port.BiasWrite) {
	if !b.Valid {
		return
	}
	for i := 0; i < port.BurstBytes/4; i++ {
		u.Bias[int(b.Buf)*u.lanes+(int(b.Index)+i)%u.lanes] = int32(binary.LittleEndian.Uint32(b.Data[4*i:]))
	}
	u.act.Rows[b.Tag][activity.BiasWrite]++
}

// execute works on the oldest command: write what the last cycle computed, then read and compute a group.
func (u *Unit) execute(c *port.Cmd, in *In, out *Out) activity.Status {
	s := &u.State
	if !s.Running {
		if !in.Head.Valid || in.Head.ToMom {
			return activity.WaitOperand
		}
		if !u.limits.Check(c, nil, &s.Fault) {
			return activity.Idle
		}
		s.Running, s.Bank, s.Sample, s.Group, s.Read = true, in.Head.Bank, 0, 0, false
	}
	if s.Pipe.Valid {
		if !u.send(c, in, out) {
			return activity.WaitDrain
		}
		s.Pipe.Valid = false
	}
	if !s.Read {
		u.compute(c)
		if s.Read {
			out.Free = true
		}
		return activity.Busy
	}
	return u.settle(c, in, out)
}

// settle waits until all that was sent is stored, then ends the command.
func (u *Unit) settle(c *port.Cmd, in *In, out *Out) activity.Status {
	s := &u.State
	if s.Settle > 0 {
		s.Settle--
		return activity.Busy
	}
	idle := in.EncIdle && in.WriteIdle
	if external(c) {
		idle = in.XIdle
	}
	if !idle {
		return activity.WaitDrain
	}
	s.Running = false
	out.Done = port.Done{Valid: true, Inst: c.Inst}
	s.Queue.Pop()
	return activity.Busy
}

// external reports whether a command writes to external memory.
func external(c *port.Cmd) bool { return c.Is(isa.FlagX) && c.Op != isa.OpDrainAct }

// send passes a finished group to the encoder or to memory; false: there is no room.
func (u *Unit) send(c *port.Cmd, in *In, out *Out) bool {
	p := &u.Pipe
	count := int(c.P[isa.DrainLanes])
	if external(c) {
		if !in.XRoom {
			return false
		}
		x := &out.X
		x.Valid, x.Tag = true, c.Tag
		x.Addr = c.P[isa.DrainDst] + uint32(p.Sample)*c.P[isa.DrainDStep] + port.BurstBytes*uint32(p.Group)
		port.PutGroup(&x.Data, &p.Data)
		return true
	}
	if c.Op != isa.OpDrainAct {
		if !in.WriteRoom {
			return false
		}
		out.Write = port.WriteReq{
			Valid: true, Addr: c.P[isa.DrainDst] + uint32(p.Sample)*c.P[isa.DrainDStep] + 4*uint32(p.Group),
			Tag: c.Tag, PC: c.PC, Data: p.Data,
		}
		return true
	}
	if !in.EncRoom {
		return false
	}
	size := groupsOf(c)
	at := p.Group % size
	out.Enc = port.EncReq{
		Valid: true, Last: at == size-1 || group*(int(p.Group)+1) >= count,
		New:   c.Is(isa.FlagNew) && p.Sample == 0 && p.Group < size,
		Group: at, Ptr: c.P[isa.DrainDst] + uint32(p.Sample)*c.P[isa.DrainDStep] + uint32(p.Group/size),
		Alloc: c.P[isa.DrainAlloc], Limit: c.P[isa.DrainLimit], Tag: c.Tag, PC: c.PC, Data: p.Data,
	}
	return true
}
