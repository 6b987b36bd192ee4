package epc

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
)

// In is what the unit sees; doc.go says when it is valid.
type In struct {
	errors.In
	Resp  *port.XResp
	XRoom bool `bits:"1"`
}

// Out is what the unit shows.
type Out struct {
	errors.Out
	X port.XReq `clk:"fetch" without:"Data"` // read port
}

// State is every register and memory of the unit, of all kinds: what a kind does not have is empty.
type State struct {
	errors.State
	Fetch Fetch
	Trees TreeState
	Lanes LaneState

	Blocks []int16 `mem:"EPCW"` // where bursts land: the weight memory of the trees, the corner-turn of the lanes
}

// Kind says how the multipliers are arranged and when they stand still.
type Kind = machine.EPCKind

// The kinds.
const (
	None     = machine.EPCNone
	Tree     = machine.EPCTree
	TreeGate = machine.EPCTreeGate
	LaneMask = machine.EPCLaneMask
)

// Groups of registers beside those of package errors.
const (
	clockProduct = errors.Own + iota
	clockFetch
	clockLane
	clockRow
	clockAhead
	clockFlags
)

const (
	group      = errors.Group
	blockEdge  = 64 // neurons and errors of a block in external memory
	blockBytes = 2 * blockEdge * blockEdge
)

// Unit is the error propagation core with multipliers.
type Unit struct {
	State
	core       errors.Core
	kind       Kind
	products   bool  // registers behind the multipliers
	places     uint8 // where a block can land
	tileGroups int   // LaneMask: groups of a tile of neurons
	clocked    map[activity.Event]activity.Registers
	toggles    *toggles // nil: not counted
}

var kit = errors.Kit{
	Unit: activity.EPC, Load: isa.OpEPCLoad, ERead: activity.EPCERead, EWrite: activity.EPCEWrite,
	PRead: activity.EPCPRead, PWrite: activity.EPCPWrite, ToggleOut: activity.EPCToggleOut,
	Clock: activity.ClockEPC,
}

// shape is how the machine's unit is built. Lanes are as many as the multipliers of trees would be.
func shape(c *machine.Config) errors.Shape {
	e := &c.EPC
	s := errors.NewShape(e.Neurons, e.Inputs, e.Errors, c.DNNC.AccBits)
	switch e.Kind {
	case None:
		s.Capacity = 0
	case LaneMask:
		s = errors.NewShape(group, group, e.Errors, c.DNNC.AccBits)
		s.Span = e.Neurons * e.Inputs / group
	}
	return s
}

// Memories returns the macros of the unit's memories: weights, errors and partial sums; of none when
// it is not built.
func Memories(c *machine.Config) map[activity.Memory]activity.MemoryShape {
	s := shape(c)
	w := activity.MemoryShape{Macros: buffers, Bytes: s.TileN * s.TileI * 2, WidthBit: 16 * group, Unit: activity.EPC}
	e, p := s.Memories(activity.EPC, c.DNNC.AccBits)
	switch c.EPC.Kind {
	case None:
		w, e, p = activity.MemoryShape{Unit: activity.EPC}, activity.MemoryShape{Unit: activity.EPC}, activity.MemoryShape{Unit: activity.EPC}
	case LaneMask:
		w.Macros, w.Bytes = 2*s.Span, tileErrors*group*2
		p.Macros = s.Span
	}
	return map[activity.Memory]activity.MemoryShape{activity.MemEPCW: w, activity.MemEPCE: e, activity.MemEPCP: p}
}

// New returns an idle unit of machine c. Of a unit that is not built nothing is there but the queue,
// and any command faults.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u, s := &Unit{kind: c.EPC.Kind, products: c.EPCProducts(), places: buffers}, shape(c)
	u.core = errors.New(c, kit, s, &u.State.State, u.kind == TreeGate, act)
	w := s.Widths(c)
	var part any = &u.Trees
	switch u.kind {
	case None:
		return u
	case LaneMask:
		u.places, part = turns, &u.Lanes
		u.newLanes(s, w)
	default:
		u.newTrees(s, w)
	}
	u.Blocks = make([]int16, int(u.places)*s.TileN*s.TileI)
	if c.Toggles {
		u.toggles = newToggles(s)
	}
	u.clocked = port.Clocked(activity.EPC, w, &u.State.State, &u.Fetch, part, Out{})
	if u.kind == LaneMask && u.products { // registers of the lanes are not in State
		u.clocked[activity.ClockEPC+clockProduct] = activity.Registers{Bits: 32, Copies: group * s.Span}
	}
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers { return u.clocked }

// Tick is one clock cycle.
func (u *Unit) Tick(in *In, out *Out) {
	out.X.Valid = false
	sample, pass := int(u.Sample), int(u.Pass)
	cmd, doing := u.core.Tick(&in.In, &out.Out)
	switch doing {
	case errors.Begins:
		u.beginRun(cmd, in, out)
	case errors.Runs:
		u.run(cmd, in, out)
	case errors.Loads:
		if u.core.Loaded != nil && u.kind == LaneMask {
			u.flag(cmd, sample, pass, u.core.Loaded)
		}
	}
	u.core.End(cmd, &out.Out)
}

// beginRun starts the loads of weights, and the lanes' look ahead.
func (u *Unit) beginRun(cmd *port.Cmd, in *In, out *Out) {
	u.beginFetch(cmd)
	if u.kind == LaneMask {
		u.beginLanes(cmd)
		u.fetchRow(cmd, in, out)
	} else {
		u.core.ReadMask(cmd, &in.In, &out.Out)
	}
	u.ask(cmd, in, out)
}

// run is a cycle of epc.run. The trees or lanes stand still as a whole while a group waits for room;
// weights land all the same.
func (u *Unit) run(cmd *port.Cmd, in *In, out *Out) {
	if u.kind == LaneMask {
		free := u.Lanes.Full < 2 // a tile that is used up in this cycle is written from the next one on
		u.lanes(cmd, in, out)
		u.fetchRow(cmd, in, out)
		if u.Phase == errors.PhaseRun {
			u.column(cmd, free)
		}
	} else {
		u.trees(cmd, in, out)
		u.core.ReadMask(cmd, &in.In, &out.Out)
	}
	if u.Phase == errors.PhaseRun {
		u.land(cmd, in)
		u.ask(cmd, in, out)
	}
}
