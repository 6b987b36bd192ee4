package epc

import (
	"math/bits"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
)

// TreeState is what Tree and TreeGate have.
type TreeState struct {
	W        []int16      `bits:"16" clk:"-" by:"epc_weight_read"` // weights at the multipliers: a tile
	Products []int32      `bits:"32" clk:"product" each:"1"`
	SP       errors.Stage // of Products, or nothing
	Sums     []int64      `bits:"tree" clk:"tree"` // of the trees
	Gates    []uint32     `bits:"tile"`            // TreeGate: f' bits of the tile in each stage, S1 first
}

func (u *Unit) newTrees(s errors.Shape, w port.Widths) {
	t := &u.Trees
	t.W = make([]int16, s.TileN*s.TileI)
	t.Sums = make([]int64, s.Neurons)
	stages := 3
	if u.products {
		t.Products = make([]int32, s.Neurons*s.Inputs)
		stages = 4
	}
	if u.kind == TreeGate {
		t.Gates = make([]uint32, stages)
	}
	w["tree"], w["tile"] = 32+bits.Len(uint(s.Inputs-1)), s.TileN
}

// trees is a cycle of a run of Tree and TreeGate.
func (u *Unit) trees(cmd *port.Cmd, in *In, out *Out) {
	c, t := &u.core, &u.Trees
	var word *uint32 // f' bits of the sums
	if n := len(t.Gates); n > 0 {
		word = &t.Gates[n-1]
	}
	if !c.Advance(cmd, &in.In, &out.Out, word) {
		return
	}
	moved := c.Moving() || t.SP.Valid
	errors.Add(c, cmd, t.Sums)
	switch {
	case !u.products:
		if c.Compute(cmd, &u.S1) {
			u.multiply(cmd, &u.S2)
		}
	default:
		if c.Compute(cmd, &t.SP) {
			u.sum(cmd)
		}
		if t.SP = u.S1; u.S1.Valid {
			u.fill(cmd)
		}
		u.S1.Valid = false
	}
	if len(t.Gates) > 0 {
		copy(t.Gates[1:], t.Gates)
	}
	switch {
	case c.More():
		u.issue(cmd, out)
	case !moved:
		c.Finish(cmd, &in.In, &out.Out)
	}
}

// issue reads the errors of the next sample, with the first of a tile when its weights are there.
func (u *Unit) issue(cmd *port.Cmd, out *Out) {
	c := &u.core
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
		c.Count(cmd, activity.EPCWRead, group*groups*((c.PassErrors()+group-1)/group))
	}
	if gated && u.Part == 0 {
		f := uint32(0)
		for i := range groups {
			f |= uint32(c.TakeMask(cmd, u.Tile*uint16(c.Span)+uint16(i), true)) << (group * i)
		}
		u.Trees.Gates[0] = f
	}
	trees, inputs := c.PartTrees(), c.PartErrors()
	c.Issue(cmd)
	neuron, input := c.At(u.S1.Part)
	e, f := u.E[input:][:inputs], u.on(0, neuron)
	if gated {
		trees, inputs = bits.OnesCount32(f), nonZeros(e)
	}
	c.Count(cmd, activity.EPCMul, trees*inputs)
	if u.toggles != nil {
		u.countOperands(cmd, neuron, e, input, f)
	}
}

// on has a bit for each tree that works in a stage, from that of a neuron of the tile on.
func (u *Unit) on(stage, neuron int) uint32 {
	all := uint32(1)<<u.core.Neurons - 1
	if u.kind == TreeGate {
		return u.Trees.Gates[stage] >> neuron & all
	}
	return all
}

// multiply forms the sums of the trees that work, of products of 16 x 16 bits; those of the others
// are 0.
func (u *Unit) multiply(cmd *port.Cmd, s *errors.Stage) {
	neuron, input := u.core.At(s.Part)
	f, stride := u.on(0, neuron), u.core.TileI
	e, w := u.E[input:][:u.core.Inputs], u.Trees.W[neuron*stride+input:]
	for k := range u.Trees.Sums {
		sum := int64(0)
		if f>>k&1 == 1 {
			sum = dot(e, w[k*stride:])
		}
		u.Trees.Sums[k] = sum
	}
	if u.toggles != nil {
		u.countTrees(cmd, f, func(k, j int) int64 { return int64(e[j]) * int64(w[k*stride+j]) })
	}
}

// dot is the sum of products of 16 x 16 bits, of 8 or of groups of errors.
func dot(e, w []int16) (sum int64) {
	if len(e) < group {
		for j, x := range e {
			sum += int64(int32(x) * int32(w[j]))
		}
		return sum
	}
	for i := 0; i < len(e); i += group {
		x, v := (*port.Group)(e[i:]), (*port.Group)(w[i:])
		for j := range x {
			sum += int64(int32(x[j]) * int32(v[j]))
		}
	}
	return sum
}

// fill fills the product registers; those of trees that do not work hold 0.
func (u *Unit) fill(cmd *port.Cmd) {
	neuron, input := u.core.At(u.S1.Part)
	f, n := u.on(0, neuron), u.core.Inputs
	for i := range u.Trees.Products {
		k, j := i/n, i%n
		w := u.Trees.W[(neuron+k)*u.core.TileI+input+j]
		u.Trees.Products[i] = int32(u.E[input+j]) * int32(w) & -int32(f>>k&1)
	}
	u.core.Count(cmd, activity.ClockEPC+clockProduct, len(u.Trees.Products))
}

// sum adds up the products.
func (u *Unit) sum(cmd *port.Cmd) {
	n := u.core.Inputs
	for k := range u.Trees.Sums {
		sum := int64(0)
		for _, p := range u.Trees.Products[k*n:][:n] {
			sum += int64(p)
		}
		u.Trees.Sums[k] = sum
	}
	if u.toggles != nil {
		neuron, _ := u.core.At(u.S2.Part)
		product := func(k, j int) int64 { return int64(u.Trees.Products[k*n+j]) }
		u.countTrees(cmd, u.on(1, neuron), product)
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
