package depc

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/depc/tree"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
)

// In is what the unit sees; doc.go says when it is valid.
type In struct {
	errors.In
	RNGFull bool              `bits:"1"`
	RNGReg  [signWords]uint64 `bits:"64" valid:"RNGFull"`
	Sign    port.SignWrite
}

// Out is what the unit shows.
type Out struct {
	errors.Out
	RNGStart  bool         `bits:"1"`
	RNGSeed   uint32       `bits:"32" valid:"RNGStart" clk:"begin"`
	RNGPasses uint16       `bits:"9" valid:"RNGStart" clk:"begin"`
	RNGBits   uint16       `bits:"9" valid:"RNGStart" clk:"begin"`
	RNGLast   uint16       `bits:"9" valid:"RNGStart" clk:"begin"`
	RNGFills  uint32       `bits:"blocks" valid:"RNGStart" clk:"begin"`
	RNGTag    activity.Tag `sim:"bookkeeping"`
	RNGTake   bool         `bits:"1"`
}

// State is every register and memory of the unit.
type State struct {
	errors.State

	Took      bool              `bits:"1"`                         // the fill was copied one cycle ago
	Got       uint8             `bits:"3"`                         // blocks of the next tile that came
	NextValid bool              `bits:"1"`                         //
	Next      [signWords]uint64 `bits:"64" clk:"-" by:"sign_read"` // output latch of the sign memory
	NextEntry uint32            `bits:"17" clk:"next"`             //
	NextLeft  uint32            `bits:"blocks" clk:"next"`         // entries not yet read
	Sign      []block           `bits:"16" clk:"sign"`             // of the tile: errors innermost
	Tree      []int32           `bits:"tree" clk:"tree"`           // sums of the trees

	SignMem [][signWords]uint64 `mem:"SIGN"`
}

// block is the signs of 16 neurons, a word a neuron, and 16 classes.
type block = [errors.Group]uint16

// Groups of registers beside those of package errors.
const (
	clockSign = errors.Own + iota
	clockNext
)

// Unit is the direct error propagation core.
type Unit struct {
	State
	core    errors.Core
	act     *activity.Counts
	columns int // blocks of signs beside each other in a tile
	clocked map[activity.Event]activity.Registers
	toggles *toggles // nil: not counted
}

var kit = errors.Kit{
	Unit: activity.DEPC, Load: isa.OpDEPCLoad, ERead: activity.EBufRead, EWrite: activity.EBufWrite,
	PRead: activity.DEPCPRead, PWrite: activity.DEPCPWrite, ToggleOut: activity.DEPCToggleOut,
	Clock: activity.ClockDEPC,
}

// shape is how the machine's unit is built. Sums are those of 1,024 classes or more.
func shape(c *machine.Config) errors.Shape {
	d := &c.DEPC
	return errors.NewShape(d.Neurons, d.Inputs, d.Classes, 1+bits.Len(uint(max(d.Classes, 1024))<<15))
}

// Memories are the macros of the unit's memories; of none when it is not built.
func Memories(c *machine.Config) map[activity.Memory]activity.MemoryShape {
	m := map[activity.Memory]activity.MemoryShape{
		activity.MemEBuf: {Unit: activity.DEPC}, activity.MemDEPCP: {Unit: activity.DEPC},
		activity.MemSign: {Unit: activity.DEPC},
	}
	if c.DEPC.Classes == 0 {
		return m
	}
	s := shape(c)
	m[activity.MemEBuf], m[activity.MemDEPCP] = s.Memories(activity.DEPC, 32)
	if e := c.DEPC.SignEntries; e > 0 {
		m[activity.MemSign] = activity.MemoryShape{
			Macros: 1, Bytes: e * port.BurstBytes, WidthBit: 8 * port.BurstBytes, Unit: activity.DEPC,
		}
	}
	return m
}

// New returns an idle unit of machine c. Of a unit that is not built nothing is there but the queue,
// and any command faults.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u, s := &Unit{act: act}, shape(c)
	u.core = errors.New(c, kit, s, &u.State.State, false, act)
	if c.DEPC.Classes == 0 {
		return u
	}
	u.columns = s.TileI / errors.Group
	u.Sign = make([]block, s.TileN/errors.Group*u.columns)
	u.Tree = make([]int32, s.Neurons)
	u.SignMem = make([][signWords]uint64, c.DEPC.SignEntries)
	if c.Toggles {
		u.toggles = newToggles(s)
	}
	w := s.Widths(c)
	w["tree"] = 16 + bits.Len(uint(s.Inputs))
	u.clocked = port.Clocked(activity.DEPC, w, u.State, Out{})
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers { return u.clocked }

// Tick is one clock cycle.
func (u *Unit) Tick(in *In, out *Out) {
	out.RNGStart, out.RNGTake = false, false
	if in.Sign.Valid {
		u.storeSigns(&in.Sign)
	}
	cmd, doing := u.core.Tick(&in.In, &out.Out)
	switch doing {
	case errors.Begins:
		u.beginSigns(cmd, in, out)
		u.core.ReadMask(cmd, &in.In, &out.Out)
	case errors.Runs:
		u.run(cmd, in, out)
	}
	u.core.End(cmd, &out.Out)
}

// run is a cycle of depc.run. The pipeline stands still as a whole while a group waits for its f'
// bits, or for room in its memory.
func (u *Unit) run(cmd *port.Cmd, in *In, out *Out) {
	c := &u.core
	took := u.Took
	u.Took = false
	if c.Advance(cmd, &in.In, &out.Out, nil) {
		moved := c.Moving()
		errors.Add(c, cmd, u.Tree)
		if c.Compute(cmd, &u.S1) {
			u.add(cmd)
		}
		switch {
		case c.More():
			u.issue(cmd, in, out, took)
		case !moved:
			c.Finish(cmd, &in.In, &out.Out)
		}
		u.fetchSigns(cmd, in)
	}
	c.ReadMask(cmd, &in.In, &out.Out)
}

// issue reads the errors of the next sample, with the first of a tile when its signs are there.
func (u *Unit) issue(cmd *port.Cmd, in *In, out *Out, took bool) {
	if u.core.First() && !u.takeSigns(cmd, in, out, took) {
		out.Status = activity.WaitOperand
		return
	}
	trees, inputs := u.core.PartTrees(), u.core.PartErrors()
	u.core.Count(cmd, activity.DEPCAdd, trees*inputs)
	u.core.Issue(cmd)
	if u.toggles != nil {
		u.countInputs(cmd, trees, inputs)
	}
}

// add lets the trees add the errors of a part: each kernel has the signs of a block.
func (u *Unit) add(cmd *port.Cmd) {
	neuron, input := u.core.At(u.S2.Part)
	signs := u.Sign[neuron/errors.Group*u.columns+input/errors.Group:]
	if len(u.E) == errors.Group && len(u.Tree) == errors.Group && u.core.Inputs == errors.Group {
		tree.Tree((*[tree.Errors]int16)(u.E), &signs[0], (*[tree.Neurons]int32)(u.Tree))
	} else {
		u.addBlocks(neuron, input, signs)
	}
	if u.toggles != nil {
		u.countTrees(cmd, neuron, input)
	}
}

// addBlocks does it for trees that are more, larger, fewer or smaller than those of a kernel.
func (u *Unit) addBlocks(neuron, input int, signs []block) {
	clear(u.Tree)
	for n := 0; n < len(u.Tree); n += errors.Group {
		for i := 0; i < u.core.Inputs; i += errors.Group {
			var e [tree.Errors]int16
			var sums [tree.Neurons]int32
			last := input + min(i+errors.Group, u.core.Inputs)
			copy(e[input%errors.Group:], u.E[input+i:last])
			tree.Tree(&e, &signs[n/errors.Group*u.columns+i/errors.Group], &sums)
			for t, v := range sums[neuron%errors.Group:][:min(errors.Group, len(u.Tree))] {
				u.Tree[n+t] += v
			}
		}
	}
}
