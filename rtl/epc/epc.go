package epc

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// In is what the unit sees; doc.go says when it is valid.
type In struct {
	Bus       *port.Bus
	Resp      *port.XResp
	XRoom     bool
	Read      port.ReadData
	ReqRoom   bool
	WriteRoom bool
	WriteIdle bool
	WRoom     bool
	WIdle     bool
}

// Out is what the unit shows.
type Out struct {
	Status   activity.Status
	Done     port.Done
	Fault    port.Fault
	Stat     uint32
	Req      port.ReadReq
	ReadRoom bool
	X        port.XReq     // read port
	Write    port.WriteReq // to OMEM
	W        port.XReq     // write port
}

// Unit is the error propagation core with multipliers.
type Unit struct {
	State
	limits  *port.Limits
	mask    []uint16
	act     *activity.Counts
	kind    Kind
	columns int // passes that the error buffer holds
	blocks  int // places where a block can land
	accBits uint
	regBits int
	toggles *toggles // nil: not counted
}

// New returns an idle unit of machine m. mask is the f' mask memory (bit t of a word: neuron t of
// the group), which the chip owns and the unit only reads. New panics if cfg is not valid.
func New(c *machine.Config, mask []uint16, act *activity.Counts) *Unit {
	cfg := &c.EPC
	u := &Unit{
		limits: port.NewLimits(isa.UnitEPC, c), mask: mask, act: act, kind: cfg.Kind,
		columns: cfg.Errors / passWidth, accBits: uint(c.DNNC.AccBits), regBits: regBits(c),
	}
	switch cfg.Kind {
	case None:
		return u
	case LaneMask:
		u.blocks = turns
		u.Tiles = make([]Tile, 2)
		u.Partial = make([][lanes]int64, maxBatch*tileGroups)
	default:
		u.blocks = buffers
		u.Partial = make([][lanes]int64, maxBatch)
	}
	u.EBuf = make([]port.Group, maxBatch*u.columns)
	if c.Toggles {
		u.toggles = new(toggles)
	}
	return u
}

// regBits counts what the kind has.
func regBits(c *machine.Config) int {
	w := widths(c)
	trees, gate, array := port.RegBits(activity.EPC, w, TreeState{}), port.RegBits(activity.EPC, w, GateState{}), port.RegBits(activity.EPC, w, LaneState{})
	bits := port.RegBits(activity.EPC, w, State{}) - trees - gate - array
	switch c.EPC.Kind {
	case Tree:
		return bits + trees
	case TreeGate:
		return bits + trees + gate
	case LaneMask:
		return bits + array
	}
	return 0
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return map[activity.Event]activity.Registers{activity.ActiveEPC: {Bits: u.RegBits(), Copies: 1}}
}

// RegBits returns the number of clocked register bits of the kind; 0 when the unit is not built.
func (u *Unit) RegBits() int { return u.regBits }

// Tick is one clock cycle.
func (u *Unit) Tick(in *In, out *Out) {
	out.Status, out.Done.Valid = activity.Idle, false
	out.Req.Valid, out.ReadRoom, out.X.Valid = false, false, false
	out.Write.Valid, out.W.Valid = false, false
	if r := u.Front.Listen(in.Bus, isa.UnitEPC, u.act); r >= 0 {
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
	if u.kind == None {
		u.Fault.Raise(port.FaultIllegal, cmd.PC, uint64(cmd.Op))
		return
	}
	clocked := true
	switch u.Phase {
	case PhaseLoad:
		clocked = u.load(cmd, in, out)
	case PhaseRun:
		clocked = u.run(cmd, in, out)
	default:
		u.begin(cmd, in, out)
	}
	if clocked {
		u.act.Rows[cmd.Tag][activity.ActiveEPC]++
	}
}

// begin checks a command and starts it.
func (u *Unit) begin(cmd *port.Cmd, in *In, out *Out) {
	out.Status = activity.Busy
	loaded := [port.NumParams]uint32{isa.EPCN: uint32(u.Errors), isa.EPCNB: uint32(u.Batch)}
	switch {
	case !u.limits.Check(cmd, &loaded, &u.Fault):
	case cmd.Op == isa.OpEPCLoad:
		u.beginLoad(cmd, in, out)
	default:
		u.beginRun(cmd, in, out)
	}
}

// beginRun starts the loads of weights, and the lanes' look ahead.
func (u *Unit) beginRun(cmd *port.Cmd, in *In, out *Out) {
	u.Phase = PhaseRun
	u.Groups = uint16((cmd.P[isa.EPCNeurons] + lanes - 1) / lanes)
	u.Sample, u.Pass, u.Group, u.Settle = 0, 0, 0, 0
	u.Fetch = Fetch{Left: uint32(u.Groups) * uint32(u.Passes)}
	if u.kind == LaneMask {
		u.beginLanes(cmd)
	}
	u.ask(cmd, in, out)
}

// run is a cycle of epc.run. The trees or lanes stand still as a whole while a group waits for room; weights land all the
// same. It reports whether registers of the trees or lanes were clocked.
func (u *Unit) run(cmd *port.Cmd, in *In, out *Out) (clocked bool) {
	if u.kind == LaneMask {
		free := u.Lanes.Full < 2 // a tile that is used up in this cycle is written from the next one on
		clocked = u.lanes(cmd, in, out)
		u.fetchMask(cmd)
		if u.Phase == PhaseRun {
			u.column(cmd, free)
		}
	} else {
		clocked = u.trees(cmd, in, out)
	}
	if u.Phase == PhaseRun {
		u.land(cmd, in)
		u.ask(cmd, in, out)
	}
	return clocked
}

// retire ends the oldest command.
func (u *Unit) retire(cmd *port.Cmd, out *Out) {
	out.Done = port.Done{Valid: true, Inst: cmd.Inst}
	u.Phase = PhaseIdle
	u.Queue.Pop()
}

// readStatus returns a status register and clears it.
func (u *Unit) readStatus(r int) (v uint32) {
	switch r {
	case isa.EPCSat:
		v, u.Sat = u.Sat, 0
	case isa.EPCMax:
		v, u.Max = uint32(u.Max), 0
	}
	return v
}
