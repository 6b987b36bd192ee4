package loss

import (
	"math/bits"

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
	ReqRoom   bool `bits:"1"`
	WriteRoom bool `bits:"1"`
	WriteIdle bool `bits:"1"`
}

// Out is what the unit drives.
type Out struct {
	Status   activity.Status `bits:"3"`
	Done     port.Done       //
	Fault    port.Fault      //
	Stat     uint32          `bits:"32" clk:"stats"`
	Req      port.ReadReq    `clk:"request"`
	ReadRoom bool            `bits:"1"`
	Write    port.WriteReq   `clk:"write"`
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
	Quarter uint8 `bits:"quarter"`
}

// State is every register and memory of the unit.
type State struct {
	port.Front
	Told  bool             `sim:"wires"` // the status registers learn or are read in this cycle
	Phase Phase            `bits:"3"`
	Label [maxBatch]uint16 `bits:"16" each:"1" clk:"label"`

	// Stream: a FIFO of groups that arrived.
	Asked bool                  `bits:"1"`
	FIFO  [fifoDepth]port.Group `bits:"16" each:"1" clk:"fifo"`
	Head  uint8                 `bits:"2"`
	Len   uint8                 `bits:"3"`

	// Row.
	Row     uint8  `bits:"5"`
	Group   uint8  `bits:"groups"`           // next group to load
	Largest int16  `bits:"16" clk:"row"`     // M
	ArgMax  uint16 `bits:"class" clk:"row"`  // first class with M
	S       uint32 `bits:"sum" clk:"sum"`    // sum of p, at most 2^16 a class
	Rem     uint32 `bits:"sum" clk:"divide"` // remainder of the divider, below 2 S
	R       uint32 `bits:"25" clk:"divide"`  // quotient
	Step    uint8  `bits:"5"`

	// Pipeline of both passes.
	Issue  uint16                  `bits:"issue"` // next four elements to read
	S1     Stage                   // of A
	A      [width]int16            `bits:"16" clk:"logits"` // logits
	S2     Stage                   // of Z
	Z      [width]uint16           `bits:"14" clk:"exponents"` // 6 bits integer, up to 32, and 8 bits fraction
	S3     Stage                   // of P
	P      [width]uint32           `bits:"17" clk:"powers"`
	S4     Stage                   // of Prod
	Prod   [width]uint64           `bits:"41" clk:"products"`        // p * R
	Errors [width - 1][width]int16 `bits:"16" each:"1" clk:"errors"` // of the group being assembled
	Settle uint8                   `bits:"1"`                        // cycles until WriteIdle tells of all

	Correct uint32 `bits:"32" clk:"stats"`
	Max     uint16 `bits:"15" clk:"stats"`

	Logits []port.Group `mem:"LOGIT"`
}

// Unit is the loss unit.
type Unit struct {
	State
	limits  *port.Limits
	clocked map[activity.Event]activity.Registers
	act     *activity.Counts
}

// New returns an idle unit of machine c that counts in act.
func New(c *machine.Config, act *activity.Counts) *Unit {
	classes := c.Loss.Classes
	u := &Unit{limits: port.NewLimits(isa.UnitLoss, c), act: act}
	u.Logits = make([]port.Group, classes/lanes)
	w := port.Widths{
		"class": port.Index(classes), "sum": bits.Len(uint(classes)) + 16,
		"groups": bits.Len(uint(classes / lanes)), "issue": bits.Len(uint(classes / width)),
		"quarter": port.Index(classes / width),
	}
	u.clocked = port.Clocked(activity.Loss, w, &u.State, Out{})
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers { return u.clocked }

// Tick is one clock cycle.
func (u *Unit) Tick(in *In, out *Out) {
	was, tag := out.Status, activity.Tag(0)
	u.Told = false
	moved := out.Done.Valid || out.Req.Valid || out.Write.Valid // they fall
	out.Status, out.Done.Valid = activity.Idle, false
	out.Req.Valid, out.ReadRoom, out.Write.Valid = false, false, false
	if b := in.Bus; b.Calls(isa.UnitLoss) {
		moved, tag = true, b.Tag
		u.listen(b, out)
	}
	if c := u.Front.Oldest(); c != nil {
		tag = c.Tag
		moved = u.execute(c, in, out) || moved
	}
	out.Fault = u.Fault
	if u.Told {
		u.act.Rows[tag][activity.ClockLossStats]++
	}
	if moved || out.Status != was {
		u.act.Rows[tag][activity.ActiveLoss]++
	}
}

// listen takes what the bus brings.
func (u *Unit) listen(b *port.Bus, out *Out) {
	if b.Kind == port.BusParam && b.Index == isa.LossLabel {
		u.storeLabel(b)
	}
	if r := u.Front.Listen(b, isa.UnitLoss, u.act); r >= 0 {
		out.Stat = u.readStatus(r)
		u.Told = true
	}
}

// execute works on the oldest command; it reports whether anything moved.
func (u *Unit) execute(cmd *port.Cmd, in *In, out *Out) bool {
	row := &u.act.Rows[cmd.Tag]
	settles := u.Settle > 0 && u.Phase == PhaseFinish
	if in.Read.Valid {
		u.FIFO[(u.Head+u.Len)%fifoDepth] = in.Read.Data
		u.Len++
		row[activity.ClockLossFIFO]++
	}
	switch u.Phase {
	case PhaseIdle:
		u.begin(cmd, row, in, out)
	case PhaseLoad:
		out.Status = u.load(cmd, row, in, out)
	case PhaseExp:
		out.Status = u.expPass(cmd, row)
	case PhaseDivide:
		out.Status = u.divide(row)
	case PhaseOut:
		out.Status = u.outPass(cmd, row, in, out)
	case PhaseFinish:
		u.finish(in, out)
	}
	out.ReadRoom = u.Phase != PhaseIdle && fifoDepth-u.Len >= 2
	return out.Status == activity.Busy || in.Read.Valid || settles
}

// begin checks a command and asks for its rows.
func (u *Unit) begin(cmd *port.Cmd, row *activity.Row, in *In, out *Out) {
	out.Status = activity.Busy
	if !u.limits.Check(cmd, nil, &u.Fault) {
		return
	}
	u.Phase, u.Asked = PhaseLoad, false
	u.Row, u.Settle, u.Head, u.Len = 0, 0, 0, 0
	u.startRow()
	row[activity.ClockLossRow]++
	if !u.ask(cmd, row, in, out) {
		out.Status = activity.WaitOperand
	}
}

// ask requests the stream when its port has room.
func (u *Unit) ask(cmd *port.Cmd, row *activity.Row, in *In, out *Out) bool {
	if !in.ReqRoom {
		return false
	}
	u.Asked = true
	row[activity.ClockLossRequest]++
	out.Req = port.ReadReq{
		Valid: true, Addr: cmd.P[isa.LossSrc], Groups: uint16(groups(cmd)), Rows: uint8(cmd.P[isa.LossNB]),
		Stride: cmd.P[isa.LossSStep], Tag: cmd.Tag, PC: cmd.PC,
	}
	return true
}

// groups is the number of groups of a row.
func groups(cmd *port.Cmd) uint8 { return uint8((cmd.P[isa.LossN] + lanes - 1) / lanes) }

// finish waits until the last write is committed: WriteIdle tells of it from the second cycle after
// the write on.
func (u *Unit) finish(in *In, out *Out) {
	out.Status = activity.WaitDrain
	if u.Settle > 0 {
		u.Settle--
		return
	}
	if in.WriteIdle {
		out.Status = activity.Busy
		u.retire(out)
	}
}

// retire ends the oldest command.
func (u *Unit) retire(out *Out) {
	out.Done = u.Front.Retire()
	u.Phase = PhaseIdle
}

// storeLabel takes a label register from the command bus.
func (u *Unit) storeLabel(b *port.Bus) {
	sample := b.Val >> 16
	if sample >= maxBatch {
		u.Fault.Raise(port.FaultParam, b.PC, uint64(isa.LossLabel)<<32|uint64(b.Val))
		return
	}
	u.Label[sample] = uint16(b.Val)
	u.act.Rows[b.Tag][activity.ClockLossLabel]++
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
