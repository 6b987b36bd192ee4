package errors

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Sizes that the structure fixes.
const (
	MaxBatch  = 32
	Group     = 16   // neurons, or errors, of a group: what memories take at once
	maxGroups = 4096 // of 65,535 neurons
)

// In is what both units see; the doc says when it is valid.
type In struct {
	Bus       *port.Bus
	Read      port.ReadData
	ReqRoom   bool `bits:"1"`
	WriteRoom bool `bits:"1"`
	WriteIdle bool `bits:"1"`
	WRoom     bool `bits:"1"`
	WIdle     bool `bits:"1"`
	Mask      port.MaskData
}

// Out is what both units show.
type Out struct {
	Status   activity.Status `bits:"3"`
	Done     port.Done
	Fault    port.Fault
	Stat     uint32        `bits:"32" clk:"stat"`
	Req      port.ReadReq  `clk:"begin"`
	ReadRoom bool          `bits:"1"`
	Write    port.WriteReq `clk:"write"` // to OMEM
	W        port.XReq     `clk:"burst"` // to external memory, with flag x
	Mask     port.MaskReq  `clk:"mask"`
}

// Phase is what a unit does with the oldest command.
type Phase uint8

// The phases.
const (
	PhaseIdle Phase = iota // or it waits for the check of the command
	PhaseLoad
	PhaseRun
)

// Stage says whose data are in a pipeline register.
type Stage struct {
	Valid  bool  `bits:"1"`
	First  bool  `bits:"1"` // first pass of its tile
	Last   bool  `bits:"1"` // last pass
	Sample uint8 `bits:"5"`
	Part   uint8 `bits:"2"` // of the tile, inputs innermost
}

// State begins the State of both units.
type State struct {
	port.Front
	Phase Phase `bits:"2"`

	Errors  uint16 `bits:"errors" clk:"begin"` // of a sample, as loaded last; 0 before the first load
	Batch   uint8  `bits:"6" clk:"begin"`
	Columns uint16 `bits:"passes" clk:"begin"` // groups of the errors
	Passes  uint16 `bits:"passes" clk:"begin"` // tiles of the errors
	Rows    uint16 `bits:"13" clk:"begin"`     // groups of the neurons
	Tiles   uint16 `bits:"13" clk:"begin"`     // tiles of the neurons
	Asked   bool   `bits:"1"`                  // the load's stream is requested
	Wait    uint8  `bits:"4"`                  // cycles that the check has taken
	Settle  uint8  `bits:"1"`                  // cycles until the idle wires tell of the last write

	// Issue: parts of a tile innermost, then sample, then pass, then tile of neurons. A load counts
	// its rows and groups in Sample and Pass.
	Part   uint8  `bits:"2"`
	Sample uint8  `bits:"5"`
	Pass   uint16 `bits:"passes"`
	Tile   uint16 `bits:"13"`

	E    []int16 `bits:"16" clk:"-" by:"ebuf_read epc_error_read"` // output latch of EBuf
	S1   Stage   // of E
	S2   Stage   // of the sums of the trees
	Prev []int64 `bits:"sum" clk:"-" by:"depc_partial_read epc_partial_read"` // output latch of Partial
	S3   Stage   // of Sum
	Sum  []int64 `bits:"sum" clk:"sum"`

	Words []uint16 `bits:"16" clk:"mask"` // f' bits that were read ahead, the oldest first
	Ahead uint8    `bits:"3" clk:"mask"`  // how many
	From  Walk     `clk:"mask"`           // of the next f' bits
	To    Walk     `clk:"round"`          // of the next errors

	Fresh bool      `bits:"1"` // Top and Clips are of the last cycle
	Top   [4]uint16 `bits:"16" clk:"round"`
	Clips uint8     `bits:"5" clk:"round"`
	Sat   uint32    `bits:"32" clk:"round"`
	Max   uint16    `bits:"16" clk:"round"`

	EBuf    []int16 `mem:"EBUF"` // [sample][error]
	Partial []int64 `mem:"P"`    // [sample][neuron of the tile]
}

// Memories are the macros of the error buffer and of the partial sums, of so many bits each.
func (s *Shape) Memories(u activity.Unit, sumBits int) (e, p activity.MemoryShape) {
	n := s.TileI / Group
	columns := (s.Capacity + s.TileI - 1) / s.TileI
	e = activity.MemoryShape{Macros: n, Bytes: MaxBatch * columns * Group * 2, WidthBit: 16 * Group, Unit: u}
	p = activity.MemoryShape{
		Macros: 1, Bytes: MaxBatch * s.TileN * sumBits / 8, WidthBit: s.Neurons * sumBits, Unit: u,
	}
	return e, p
}

// Kit is what a unit gives to what it shares: what happened, by the names of its own events.
type Kit struct {
	Unit                         activity.Unit
	Load                         isa.Op
	ERead, EWrite, PRead, PWrite activity.Event
	ToggleOut                    activity.Event
	Clock                        activity.Event // of its first group; the others follow as Begin etc. count them
}

// Groups of registers, in the order of their events.
const (
	Begin activity.Event = iota
	Mask
	Sum
	Round
	Write
	Burst
	Stat
	Tree
	Own // the first that only one unit has
)

// Shape is how a unit is built: trees that add so many errors, and the tile of neurons and errors
// that it works on before it goes to the next sample.
type Shape struct {
	Neurons, Inputs   int // of a cycle
	TileN, TileI      int // of a tile: at least a group
	Capacity, SumBits int // errors of a sample; bits of a sum
	Span              int // groups of neurons that a sample has results of, one after the other
}

// NewShape is that of trees.
func NewShape(neurons, inputs, capacity, sumBits int) Shape {
	s := Shape{
		Neurons: neurons, Inputs: inputs, TileN: max(neurons, Group), TileI: max(inputs, Group),
		Capacity: capacity, SumBits: sumBits,
	}
	s.Span = s.TileN / Group
	return s
}

// Core is what both units do. Its methods are parts of a tick.
type Core struct {
	*State
	Shape
	Loaded  []int16
	kit     Kit
	limits  *port.Limits
	act     *activity.Counts
	row     int    // errors of a sample in the error buffer
	parts   uint8  // of a tile
	inLog   uint8  // 1 << inLog of them for the same neurons
	inMask  uint8  // the low bits of a part that count those
	check   uint8  // cycles
	again   bool   // f' bits are read with every pass
	clocked uint32 // groups, a bit each
	toggles *toggles
}

// checkLevels is the depth of the check of a command: a product of 12 by 32 bits, a sum, two
// comparisons.
const checkLevels = 75

// CheckCycles is the number of cycles that the check takes in a machine.
func CheckCycles(c *machine.Config) int { return (checkLevels + c.Levels() - 1) / c.Levels() }

// New lays out a unit's state. With again, f' bits are read with every pass. A unit of no capacity
// is not built.
func New(c *machine.Config, k Kit, s Shape, state *State, again bool, act *activity.Counts) Core {
	u := Core{State: state, Shape: s, kit: k, act: act, again: again, limits: port.NewLimits(isa.Unit(k.Unit), c)}
	u.check = uint8(CheckCycles(c))
	if s.Capacity == 0 {
		return u
	}
	inParts := uint8(s.TileI / s.Inputs)
	u.inLog, u.inMask = uint8(bits.Len8(inParts-1)), inParts-1
	u.parts = uint8(s.TileN/s.Neurons) * inParts
	u.row = (s.Capacity + s.TileI - 1) / s.TileI * s.TileI
	state.E, state.Prev, state.Sum = make([]int16, s.TileI), make([]int64, s.Neurons), make([]int64, s.Neurons)
	state.Words = make([]uint16, 2*s.TileN/Group)
	state.EBuf = make([]int16, MaxBatch*u.row)
	state.Partial = make([]int64, MaxBatch*s.Span*Group)
	if c.Toggles {
		u.toggles = newToggles(s)
	}
	return u
}

// Widths are those of the registers that count errors and passes, for 1,024 errors or for as many
// as are built beyond, and of the sums.
func (s *Shape) Widths(c *machine.Config) port.Widths {
	n := uint(max(s.Capacity, 1024))
	w := port.WidthsOf(c)
	w["errors"], w["passes"], w["sum"] = bits.Len(n), bits.Len(n/Group), s.SumBits
	w["blocks"] = bits.Len(maxGroups * n / Group)
	return w
}

// Tick is what both units do in a cycle: it takes what the bus brings, checks commands and loads
// errors. It returns the command and what is left to do for it. A command that comes is seen in the
// next cycle.
func (c *Core) Tick(in *In, out *Out) (*port.Cmd, Doing) {
	cmd := c.start(in, out)
	switch {
	case cmd == nil:
	case c.Phase == PhaseRun:
		return cmd, Runs
	case c.Phase == PhaseLoad:
		c.Loaded = c.load(cmd, in, out)
		return cmd, Loads
	case !c.checked(cmd):
	case cmd.Op == c.kit.Load:
		c.beginLoad(cmd, in, out)
	default:
		c.beginRun(cmd)
		return cmd, Begins
	}
	return cmd, Waits
}

// Doing is what a unit does in a cycle with the oldest command.
type Doing uint8

// What it does.
const (
	Waits  Doing = iota // there is none, or it is checked
	Loads               // Loaded is the group that has come, or nil
	Begins              // it begins a run
	Runs                // it goes on with one
)

// start begins a tick with what it returns as the command to work on, or nil.
func (c *Core) start(in *In, out *Out) *port.Cmd {
	cmd := c.Oldest()
	called := in.Bus.Kind == port.BusCmd && in.Bus.Unit == isa.Unit(c.kit.Unit)
	if out.Status != activity.Idle || cmd != nil || called {
		c.Count(cmd, activity.Active(c.kit.Unit), 1)
	}
	out.Status, out.Done.Valid = activity.Idle, false
	out.Req.Valid, out.ReadRoom, out.Write.Valid, out.W.Valid = false, false, false, false
	if r := c.Listen(in.Bus, isa.Unit(c.kit.Unit), c.act); r >= 0 {
		out.Stat = c.readStatus(r)
	}
	if c.Fresh {
		c.fold()
	}
	if c.Queue.N != 0 && c.Fault.Code == port.FaultNone {
		out.Status = activity.Busy
	}
	return cmd
}

// Count counts an event, n times, under a command's tag.
func (c *Core) Count(cmd *port.Cmd, e activity.Event, n int) {
	tag := activity.Tag(0)
	if cmd != nil {
		tag = cmd.Tag
	}
	c.act.Rows[tag][e] += uint64(n)
}

// Clock notes that a group of registers is clocked in this cycle.
func (c *Core) Clock(group activity.Event) { c.clocked |= 1 << group }

// End ends a tick with what Tick returned as its command.
func (c *Core) End(cmd *port.Cmd, out *Out) {
	for ; c.clocked != 0; c.clocked &= c.clocked - 1 {
		c.Count(cmd, c.kit.Clock+activity.Event(bits.TrailingZeros32(c.clocked)), 1)
	}
	out.Fault = c.Fault
}

// checked is a cycle of the check of a command; it reports whether the command begins.
func (c *Core) checked(cmd *port.Cmd) bool {
	if c.Wait++; c.Wait < c.check {
		return false
	}
	c.Wait = 0
	loaded := [port.NumParams]uint32{isa.DEPCN: uint32(c.Errors), isa.DEPCNB: uint32(c.Batch)}
	return c.limits.Check(cmd, &loaded, &c.Fault)
}

// retire ends the oldest command.
func (c *Core) retire(out *Out) {
	out.Done = c.Retire()
	c.Phase = PhaseIdle
}

// readStatus returns a status register and clears it.
func (c *Core) readStatus(r int) (v uint32) {
	c.Clock(Stat)
	c.Clock(Round)
	switch r {
	case isa.DEPCSat:
		v, c.Sat = c.Sat, 0
	case isa.DEPCMax:
		v, c.Max = uint32(c.Max), 0
	}
	return v
}
