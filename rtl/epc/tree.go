package epc

import (
	"math/bits"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
)

// TreeState is what Tree and TreeGate have.
type TreeState struct {
	W        []int16      `bits:"16" clk:"-"` // weights at the multipliers: a tile
	Products []int32      `bits:"32" clk:"product" each:"1"`
	SP       errors.Stage // of Products, or nothing
	Sums     []int64      `bits:"tree" clk:"tree"` // of the trees
	Gates    []uint32     `bits:"tile"`            // TreeGate: f' bits of the tile, beside S1, SP, S2 and S3
	Live     []uint32     `bits:"inputs"`          // and, beside Products, the errors that are not 0
}

// Places of f' bits in Gates.
const (
	gate1 = iota
	gateP
	gate2
	gate3
	numGates
)

func (u *Unit) newTrees(s errors.Shape, w port.Widths) {
	t := &u.Trees
	t.W = make([]int16, s.TileN*s.TileI)
	t.Sums = make([]int64, s.Neurons)
	if u.products {
		t.Products = make([]int32, s.Neurons*s.Inputs)
	}
	if u.kind == TreeGate {
		t.Gates = make([]uint32, numGates)
		if u.products {
			t.Live = make([]uint32, 1)
		}
	}
	w["inputs"] = s.Inputs
	w["tree"], w["tile"] = 32+bits.Len(uint(s.Inputs-1)), s.TileN
}

// trees is a cycle of a run of Tree and TreeGate.
func (u *Unit) trees(cmd *port.Cmd, in *In, out *Out) {
	c, t := &u.core, &u.Trees
	word := u.gate(gate3)
	if !c.Advance(cmd, &in.In, &out.Out, word) {
		return
	}
	moved := c.Moving() || t.SP.Valid
	errors.Add(c, cmd, t.Sums)
	u.shift(gate3, gate2)
	if u.products {
		if c.Compute(cmd, &t.SP) {
			u.sum(cmd)
		}
		u.shift(gate2, gateP)
		if t.SP = u.S1; u.S1.Valid {
			u.fill(cmd)
		}
		u.S1.Valid = false
		u.shift(gateP, gate1)
	} else {
		if c.Compute(cmd, &u.S1) {
			u.multiplyAndSum(cmd)
		}
		u.shift(gate2, gate1)
	}
	switch {
	case c.More():
		u.issue(cmd, out)
	case !moved:
		c.Finish(cmd, &in.In, &out.Out)
	}
}

// gate is where the f' bits of a stage are kept; nil: nowhere.
func (u *Unit) gate(stage int) *uint32 {
	if len(u.Trees.Gates) == 0 {
		return nil
	}
	return &u.Trees.Gates[stage]
}

// shift moves f' bits on with their stage.
func (u *Unit) shift(to, from int) {
	if g := u.Trees.Gates; len(g) != 0 {
		g[to] = g[from]
	}
}

// issue reads the errors of the next sample, with the first of a tile when its weights are there.
func (u *Unit) issue(cmd *port.Cmd, out *Out) {
	c, row := &u.core, &u.act.Rows[cmd.Tag]
	groups := c.TileGroups()
	gated := u.kind == TreeGate
	switch {
	case c.First() && u.Fetch.Full == 0:
		out.Status = activity.WaitMemory
		return
	case gated && u.Part == 0 && !c.HasMask(cmd, groups):
		out.Status = activity.WaitOperand
		return
	}
	if c.First() {
		copy(u.Trees.W, u.waiting())
		u.release()
		row[activity.EPCWRead] += uint64(group * groups * ((c.PassErrors() + group - 1) / group))
	}
	if gated && u.Part == 0 {
		f := uint32(0)
		for i := range groups {
			f |= uint32(c.TakeMask(cmd, u.Tile*uint16(c.Span)+uint16(i))) << (group * i)
		}
		u.Trees.Gates[gate1] = f
	}
	trees, inputs := c.PartTrees(), c.PartErrors()
	c.Issue(cmd)
	neuron, input := c.At(u.S1.Part)
	e, f := u.E[input:][:inputs], u.on(gate1, neuron)
	if gated {
		row[activity.EPCMul] += uint64(bits.OnesCount32(f) * nonZeros(e))
	} else {
		row[activity.EPCMul] += uint64(trees * inputs)
	}
	if u.toggles != nil {
		u.countOperands(cmd, neuron, input, inputs, f)
	}
}

// on is the trees that work in a stage, from that of a neuron of the tile on.
func (u *Unit) on(stage, neuron int) uint32 {
	all := uint32(1)<<u.core.Neurons - 1
	if u.kind == TreeGate {
		return u.Trees.Gates[stage] >> neuron & all
	}
	return all
}

// multiplyAndSum forms the sums of the trees that work; those of the others are 0.
func (u *Unit) multiplyAndSum(cmd *port.Cmd) {
	neuron, input := u.core.At(u.S2.Part)
	f := u.on(gate1, neuron)
	multiply(u.E[input:][:u.core.Inputs], u.Trees.W[neuron*u.core.TileI+input:], u.core.TileI, f, u.Trees.Sums)
	if u.toggles != nil {
		u.countTrees(cmd, f, func(k, j int) int64 {
			return int64(u.E[input+j]) * int64(u.Trees.W[(neuron+k)*u.core.TileI+input+j])
		})
	}
}

// multiply forms sums of products of 16 x 16 bits, the weights of a sum stride apart from the next.
func multiply(e, w []int16, stride int, f uint32, sums []int64) {
	for k := range sums {
		sum := int64(0)
		if f>>k&1 == 1 {
			for j, v := range w[k*stride:][:len(e)] {
				sum += int64(int32(e[j]) * int32(v))
			}
		}
		sums[k] = sum
	}
}

// fill multiplies into the registers of the products that are not gated: where TreeGate has an error
// of 0, or a neuron whose f' is 0, they keep what they hold, and count as 0 in the next stage.
func (u *Unit) fill(cmd *port.Cmd) {
	c, t, n := &u.core, &u.Trees, 0
	neuron, input := c.At(u.S1.Part)
	e, f := u.E[input:][:c.Inputs], u.on(gate1, neuron)
	live := ^uint32(0)
	if u.kind == TreeGate {
		live = 0
		for j, x := range e {
			if x != 0 {
				live |= 1 << j
			}
		}
		t.Live[0] = live
	}
	for k := range c.Neurons {
		w := t.W[(neuron+k)*c.TileI+input:]
		for j, x := range e {
			if f>>k&1 == 1 && live>>j&1 == 1 {
				t.Products[k*c.Inputs+j] = int32(x) * int32(w[j])
				n++
			}
		}
	}
	u.act.Rows[cmd.Tag][clockProduct] += uint64(n)
}

// product is what a register holds for the tree.
func (u *Unit) product(neuron, input int) int64 {
	t := &u.Trees
	if len(t.Live) != 0 && t.Live[0]>>input&1 == 0 {
		return 0
	}
	return int64(t.Products[neuron*u.core.Inputs+input])
}

// sum adds up the products.
func (u *Unit) sum(cmd *port.Cmd) {
	neuron, _ := u.core.At(u.S2.Part)
	f := u.on(gateP, neuron)
	for k := range u.Trees.Sums {
		sum := int64(0)
		for j := range u.core.Inputs {
			sum += u.product(k, j) & -int64(f>>k&1)
		}
		u.Trees.Sums[k] = sum
	}
	if u.toggles != nil {
		u.countTrees(cmd, f, u.product)
	}
}

func nonZeros(e []int16) (n int) {
	for _, v := range e {
		if v != 0 {
			n++
		}
	}
	return n
}
