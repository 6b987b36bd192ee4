package loss

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Sizes that the structure fixes.
const (
	maxBatch  = 32
	lanes     = 16 // of a group
	width     = 4  // elements a cycle in the two passes
	fifoDepth = 4  // groups that may arrive while a row is worked on
)

// In is what the unit sees; doc.go says when it is valid.
type In struct {
	Bus       *port.Bus
	Read      port.ReadData
	ReqRoom   bool
	WriteRoom bool
	WriteIdle bool
}

// Out is what the unit shows.
type Out struct {
	Status   activity.Status
	Done     port.Done
	Fault    port.Fault
	Stat     uint32
	Req      port.ReadReq
	ReadRoom bool
	Write    port.WriteReq
}

// Phase is what the unit does with the oldest command.
type Phase uint8

// The phases; the middle four follow each other for every row.
const (
	PhaseIdle Phase = iota
	PhaseLoad
	PhaseExp
	PhaseDivide
	PhaseOut
	PhaseFinish
)

// Stage says which four elements are in a pipeline register.
type Stage struct {
	Valid   bool  `bits:"1"`
	Quarter uint8 `bits:"8"`
}

// State is every register and memory of the unit.
type State struct {
	port.Front
	Fault port.Fault
	Phase Phase            `bits:"3"`
	Label [maxBatch]uint16 `bits:"16"`

	// Stream: a FIFO of groups that arrived.
	Asked bool                  `bits:"1"`
	FIFO  [fifoDepth]port.Group `bits:"16"`
	Head  uint8                 `bits:"2"`
	Len   uint8                 `bits:"3"`

	// Row.
	Row     uint8  `bits:"5"`
	Group   uint8  `bits:"7"`  // next group to load
	Largest int16  `bits:"16"` // M
	ArgMax  uint16 `bits:"10"` // first class with M
	S       uint32 `bits:"27"` // sum of p, at most 1024 * 2^16
	Rem     uint32 `bits:"27"` // remainder of the divider, below 2 S
	R       uint32 `bits:"25"` // quotient
	Step    uint8  `bits:"5"`

	// Pipeline of both passes.
	Issue  uint16        `bits:"9"` // next four elements to read
	S1     Stage         // of A
	A      [width]int16  `bits:"16"` // logits
	S2     Stage         // of Z
	Z      [width]uint16 `bits:"14"` // exponent: 6 bits integer, up to 32, and 8 bits fraction
	S3     Stage         // of P
	P      [width]uint32 `bits:"17"`
	S4     Stage         // of Prod
	Prod   [width]uint64 `bits:"41"` // p * R
	Errors port.Group    `bits:"16"` // the group being assembled
	Settle uint8         `bits:"1"`  // cycles until WriteIdle tells of the last write

	Correct uint32 `bits:"32"`
	Max     uint16 `bits:"15"`

	Logits []port.Group `mem:"LOGIT"`
}

// Unit is the loss unit.
type Unit struct {
	State
	limits  *port.Limits
	act     *activity.Counts
	regBits int
}

// New returns an idle unit of machine m that counts in act. It panics if cfg is not valid.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u := &Unit{limits: port.NewLimits(isa.UnitLoss, c), act: act, regBits: port.RegBits(activity.Loss, nil, State{})}
	u.Logits = make([]port.Group, c.Loss.Classes/lanes)
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return map[activity.Event]activity.Registers{activity.ActiveLoss: {Bits: u.RegBits(), Copies: 1}}
}

// RegBits returns the number of clocked register bits.
func (u *Unit) RegBits() int { return u.regBits }

// Tick is one clock cycle.
func (u *Unit) Tick(in *In, out *Out) {
	out.Status, out.Done.Valid = activity.Idle, false
	out.Req.Valid, out.ReadRoom, out.Write.Valid = false, false, false
	if in.Bus.Kind == port.BusParam && in.Bus.Unit == isa.UnitLoss && in.Bus.Index == isa.LossLabel {
		u.storeLabel(in.Bus)
	}
	if r := u.Front.Listen(in.Bus, isa.UnitLoss, u.act); r >= 0 {
		out.Stat = u.readStatus(r)
	}
	if u.Queue.N != 0 && u.Fault.Code == port.FaultNone {
		u.execute(in, out)
	}
	out.Fault = u.Fault
}

// execute works on the oldest command.
func (u *Unit) execute(in *In, out *Out) {
	cmd := u.Queue.At(0)
	row := &u.act.Rows[cmd.Tag]
	if in.Read.Valid {
		u.FIFO[(u.Head+u.Len)%fifoDepth] = in.Read.Data
		u.Len++
	}
	switch u.Phase {
	case PhaseIdle:
		u.begin(cmd, in, out)
	case PhaseLoad:
		out.Status = u.load(cmd, row, in, out)
	case PhaseExp:
		out.Status = u.expPass(cmd, row)
	case PhaseDivide:
		out.Status = u.divide(row)
	case PhaseOut:
		out.Status = u.outPass(cmd, row, in, out)
	case PhaseFinish:
		u.finish(cmd, in, out)
	}
	out.ReadRoom = u.Phase != PhaseIdle && fifoDepth-u.Len >= 2
	if out.Status == activity.Busy {
		row[activity.ActiveLoss]++
	}
}

// begin checks a command and asks for its rows.
func (u *Unit) begin(cmd *port.Cmd, in *In, out *Out) {
	out.Status = activity.Busy
	if !u.limits.Check(cmd, nil, &u.Fault) {
		return
	}
	u.Phase, u.Asked = PhaseLoad, false
	u.Row, u.Settle, u.Head, u.Len = 0, 0, 0, 0
	u.startRow()
	if !u.ask(cmd, in, out) {
		out.Status = activity.WaitOperand
	}
}

// ask requests the stream when its port has room.
func (u *Unit) ask(cmd *port.Cmd, in *In, out *Out) bool {
	if !in.ReqRoom {
		return false
	}
	u.Asked = true
	out.Req = port.ReadReq{
		Valid: true, Addr: cmd.P[isa.LossSrc], Groups: uint16(groups(cmd)), Rows: uint8(cmd.P[isa.LossNB]),
		Stride: cmd.P[isa.LossSStep], Tag: cmd.Tag, PC: cmd.PC,
	}
	return true
}

// groups is the number of groups of a row.
func groups(cmd *port.Cmd) uint8 { return uint8((cmd.P[isa.LossN] + lanes - 1) / lanes) }

// finish waits until the last write is committed: WriteIdle tells of it from the second cycle after the write on.
func (u *Unit) finish(cmd *port.Cmd, in *In, out *Out) {
	out.Status = activity.WaitDrain
	if u.Settle > 0 {
		u.Settle--
		return
	}
	if in.WriteIdle {
		out.Status = activity.Busy
		u.retire(cmd, out)
	}
}

// retire ends the oldest command.
func (u *Unit) retire(cmd *port.Cmd, out *Out) {
	out.Done = port.Done{Valid: true, Inst: cmd.Inst}
	u.Phase = PhaseIdle
	u.Queue.Pop()
}

// storeLabel takes a label register from the command bus.
func (u *Unit) storeLabel(b *port.Bus) {
	sample := b.Val >> 16
	if sample >= maxBatch {
		u.Fault.Raise(port.FaultParam, b.PC, uint64(isa.LossLabel)<<32|uint64(b.Val))
		return
	}
	u.Label[sample] = uint16(b.Val)
}

// readStatus returns a status register and clears it.
func (u *Unit) readStatus(r int) (v uint32) {
	switch r {
	case isa.LossCorrect:
		v, u.Correct = u.Correct, 0
	case isa.LossMax:
		v, u.Max = uint32(u.Max), 0
	}
	return v
}
