package drain

import (
	"encoding/binary"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Unit is the drain.
type Unit struct {
	State
	limits *port.Limits
	lanes  int // of an accumulator row
	widths port.Widths
	act    *activity.Counts
}

// New returns a drain of machine m.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u := &Unit{
		limits: port.NewLimits(isa.UnitDrain, c), lanes: c.DNNC.Lanes, widths: port.WidthsOf(c),
		act: act,
	}
	u.Bias = make([]int32, 2*u.lanes)
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return port.Clocked(activity.Drain, u.widths, &u.State, &Out{})
}

// Tick advances the drain by one cycle.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	called, was := in.Bus.Calls(isa.UnitDrain), out.Status
	if r := s.Listen(in.Bus, isa.UnitDrain, u.act); r >= 0 {
		out.Stat = u.status(r, in.Bus.Tag)
	}
	out.Done.Valid, out.Free = false, false
	out.Enc.Valid, out.Write.Valid, out.X.Valid = false, false, false
	if out.Mask.Write {
		out.Mask.Valid = false
	}
	u.takeBias(&in.Bias)
	out.Status = activity.Idle
	var tag activity.Tag // none
	if c := s.Oldest(); c != nil {
		tag = c.Tag
		out.Status = u.execute(c, in, out)
	}
	if called {
		tag = in.Bus.Tag
	}
	if called || out.Status == activity.Busy || out.Status != was {
		u.act.Rows[tag][activity.ActiveDrain]++
	}
	out.Fault = s.Fault
	out.Asleep = out.Status == activity.WaitOperand
}

// status reads and clears a status register.
func (u *Unit) status(r int, tag activity.Tag) uint32 {
	var v uint32
	switch r {
	case isa.DrainSat:
		v, u.Sat = u.Sat, 0
	case isa.DrainMax:
		v, u.Max = u.Max, 0
	}
	u.act.Rows[tag][activity.ClockDrainCount]++
	u.act.Rows[tag][activity.ClockDrainStat]++
	return v
}

// takeBias stores a burst of eight biases.
func (u *Unit) takeBias(b *port.BiasWrite) {
	if !b.Valid {
		return
	}
	buffer := u.Bias[int(b.Buf)*u.lanes:][:u.lanes]
	for i := range port.BurstBytes / 4 {
		buffer[(int(b.Index)+i)%u.lanes] = int32(binary.LittleEndian.Uint32(b.Data[4*i:]))
	}
	u.act.Rows[b.Tag][activity.BiasWrite]++
}

// execute works on the oldest command, the last stage of the pipeline first. When that has no room,
// the others stand still, and so do the requests: the memories go on to show what was read.
func (u *Unit) execute(c *port.Cmd, in *In, out *Out) activity.Status {
	s := &u.State
	if !s.Running && !u.begin(c, in) {
		if s.Fault.Code != port.FaultNone {
			return activity.Idle
		}
		return activity.WaitOperand
	}
	if s.Sent {
		return u.settle(c, in, out)
	}
	if s.Pipe.Valid {
		if !room(c, in) {
			return activity.WaitDrain
		}
		u.send(c, out)
	}
	u.narrow(c)
	u.add(c, in, out)
	if !s.Read {
		u.ask(c, out)
	}
	return activity.Busy
}

// begin takes the bank that waits for the drain.
func (u *Unit) begin(c *port.Cmd, in *In) bool {
	s := &u.State
	if !in.Head.Valid || in.Head.ToMom || !u.limits.Check(c, nil, &s.Fault) {
		return false
	}
	s.Running, s.Read, s.Sent, s.Bank = true, false, false, in.Head.Bank
	s.From = reader{Ctr: c.P[isa.DrainCtr], Mask: c.P[isa.DrainMask], MaskRow: c.P[isa.DrainMask]}
	s.To = sender{
		First: true, Row: c.P[isa.DrainDst], Addr: c.P[isa.DrainDst],
		Mask: c.P[isa.DrainMask], MaskRow: c.P[isa.DrainMask],
	}
	u.act.Rows[c.Tag][activity.ClockDrainSend]++ // From is clocked by the first request
	return true
}

// settle waits until all that was sent is stored, then ends the command.
func (u *Unit) settle(c *port.Cmd, in *In, out *Out) activity.Status {
	s := &u.State
	if s.Settle {
		s.Settle = false
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
	out.Done = s.Retire()
	return activity.Busy
}
