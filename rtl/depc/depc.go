package depc

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/depc/tree"
	"bdfasim/rtl/port"
)

// Sizes that the structure fixes.
const (
	maxBatch   = 32
	maxClasses = 4096         // their sums need 29 bits
	lanes      = tree.Neurons // neurons of a group
	passWidth  = tree.Errors  // classes of a pass
	maxGroups  = 4096         // of 65,535 neurons
	signWords  = 4            // 64-bit words of a sign register or entry
)

// widths are those of the registers that count classes, passes and entries, and of the sums: for 1,024 classes, or for as
// many as are built beyond.
func widths(c *machine.DEPC) port.Widths {
	n := uint(max(c.Classes, 1024))
	return port.Widths{
		"classes": bits.Len(n), "pass": bits.Len(n/passWidth - 1), "passes": bits.Len(n / passWidth),
		"items": bits.Len(maxGroups * n / passWidth), "sum": 1 + bits.Len(n<<15),
	}
}

// In is what the unit sees; doc.go says when it is valid.
type In struct {
	Bus       *port.Bus
	Read      port.ReadData
	ReqRoom   bool
	WriteRoom bool
	WriteIdle bool
	XRoom     bool
	XIdle     bool
	RNGFull   bool
	RNGReg    [signWords]uint64
	Sign      port.SignWrite
}

// Out is what the unit shows.
type Out struct {
	Status    activity.Status
	Done      port.Done
	Fault     port.Fault
	Stat      uint32
	Req       port.ReadReq
	ReadRoom  bool
	Write     port.WriteReq
	X         port.XReq // errors with flag x
	RNGStart  bool
	RNGSeed   uint32
	RNGPasses uint16
	RNGBits   uint16
	RNGLast   uint16
	RNGFills  uint32
	RNGTag    activity.Tag
	RNGTake   bool
}

// Phase is what the unit does with the oldest command.
type Phase uint8

// The phases.
const (
	PhaseIdle Phase = iota
	PhaseLoad
	PhaseRun
)

// Stage says whose data are in a pipeline register.
type Stage struct {
	Valid  bool   `bits:"1"`
	First  bool   `bits:"1"` // first pass of its group
	Last   bool   `bits:"1"` // last pass of its group
	Sample uint8  `bits:"5"`
	Group  uint16 `bits:"12"`
}

// State is every register and memory of the unit.
type State struct {
	port.Front
	Phase Phase `bits:"2"`

	Classes uint16 `bits:"classes"` // of the latest load; 0 before the first
	Batch   uint8  `bits:"6"`
	Asked   bool   `bits:"1"` // the load's stream is requested

	// Issue: sample innermost, then pass, then group. A load counts its rows and groups in Sample and Pass.
	Sample uint8  `bits:"5"`
	Pass   uint16 `bits:"pass"`
	Group  uint16 `bits:"13"`
	Groups uint16 `bits:"13"`
	Passes uint16 `bits:"passes"`
	Settle uint8  `bits:"1"` // cycles until WriteIdle tells of the last write

	// Signs.
	Took      bool              `bits:"1"` // the generator's register was copied in the cycle before
	NextValid bool              `bits:"1"`
	Next      [signWords]uint64 `bits:"64"` // entry read from the sign memory
	NextEntry uint32            `bits:"17"`
	NextLeft  uint32            `bits:"items"` // entries not yet read
	Sign      [lanes]uint16     `bits:"16"`    // signs of the present group and pass, a word a neuron

	// Pipeline.
	E    port.Group   `bits:"16"` // errors of the issued sample
	S1   Stage        // of E
	S2   Stage        // of Tree
	Tree [lanes]int32 `bits:"21"` // sums of the trees: 16 errors of 16 bits
	S3   Stage        // of Sum
	Sum  [lanes]int32 `bits:"sum"` // with the passes before: errors of 16 bits

	Sat uint32 `bits:"32"`
	Max uint16 `bits:"16"`

	EBuf    []port.Group           `mem:"EBUF"`  // [sample][pass]
	Partial [maxBatch][lanes]int32 `mem:"DEPCP"` // partial sums of the present group
	SignMem [][signWords]uint64    `mem:"SIGN"`
}

// Unit is the direct error propagation core.
type Unit struct {
	State
	limits  *port.Limits
	mask    []uint16
	act     *activity.Counts
	columns int // passes that the error buffer holds
	regBits int
	toggles *toggles // nil: not counted
}

// New returns an idle unit of machine m. mask is the f' mask memory (bit t of a word: neuron t of
// the group), which the chip owns and the unit only reads. New panics if cfg is not valid. Of a
// unit that is not built nothing is there but the queue, and any command faults.
func New(c *machine.Config, mask []uint16, act *activity.Counts) *Unit {
	cfg := &c.DEPC
	u := &Unit{limits: port.NewLimits(isa.UnitDEPC, c), mask: mask, act: act}
	if cfg.Classes == 0 {
		return u
	}
	u.columns, u.regBits = cfg.Classes/passWidth, port.RegBits(activity.DEPC, widths(cfg), State{})
	u.EBuf = make([]port.Group, maxBatch*u.columns)
	u.SignMem = make([][signWords]uint64, cfg.SignEntries)
	if c.Toggles {
		u.toggles = &toggles{sumBits: widths(cfg)["sum"]}
	}
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return map[activity.Event]activity.Registers{activity.ActiveDEPC: {Bits: u.RegBits(), Copies: 1}}
}

// RegBits returns the number of clocked register bits: 0 when the unit is not built.
func (u *Unit) RegBits() int { return u.regBits }

// Tick is one clock cycle.
func (u *Unit) Tick(in *In, out *Out) {
	out.Status, out.Done.Valid = activity.Idle, false
	out.Req.Valid, out.ReadRoom, out.Write.Valid, out.X.Valid = false, false, false, false
	out.RNGStart, out.RNGTake = false, false
	if r := u.Front.Listen(in.Bus, isa.UnitDEPC, u.act); r >= 0 {
		out.Stat = u.readStatus(r)
	}
	if in.Sign.Valid {
		u.storeSigns(&in.Sign)
	}
	if u.Queue.N != 0 && u.Fault.Code == port.FaultNone {
		u.execute(in, out)
	}
	out.Fault = u.Fault
}

// execute works on the oldest command.
func (u *Unit) execute(in *In, out *Out) {
	cmd := u.Queue.At(0)
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
		u.act.Rows[cmd.Tag][activity.ActiveDEPC]++
	}
}

// begin checks a command and starts it.
func (u *Unit) begin(cmd *port.Cmd, in *In, out *Out) {
	out.Status = activity.Busy
	loaded := [port.NumParams]uint32{isa.DEPCN: uint32(u.Classes), isa.DEPCNB: uint32(u.Batch)}
	switch {
	case !u.limits.Check(cmd, &loaded, &u.Fault):
	case cmd.Op == isa.OpDEPCLoad:
		u.beginLoad(cmd, in, out)
	default:
		u.beginRun(cmd, out)
	}
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
	case isa.DEPCSat:
		v, u.Sat = u.Sat, 0
	case isa.DEPCMax:
		v, u.Max = uint32(u.Max), 0
	}
	return v
}
