package depc

import (
	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
	"bdfasim/rtl/toggle"
)

// leafBits are the bits of a sum of two errors, of which the lowest, -2^15, may be negated.
const leafBits = 18

// toggles is what the inputs of the trees held last, for counting the bits that change. It is no
// part of the chip's state.
type toggles struct {
	e      []int16
	sign   [][]bool // of a tree's inputs
	leaves []int64
}

func newToggles(s errors.Shape) *toggles {
	t := &toggles{e: make([]int16, s.Inputs), leaves: make([]int64, s.Inputs)}
	for range s.Neurons {
		t.sign = append(t.sign, make([]bool, s.Inputs))
	}
	return t
}

// sign is that of an error of the tile in a neuron.
func (u *Unit) sign(neuron, input int) bool {
	block := &u.Sign[neuron/errors.Group*u.columns+input/errors.Group]
	return block[neuron%errors.Group]>>(input%errors.Group)&1 == 1
}

// countInputs counts the bits that change at the first trees and inputs with the errors that were
// just issued. An error that keeps its sign in a tree changes as many bits there as the error does,
// and one that changes it all the others.
func (u *Unit) countInputs(cmd *port.Cmd, trees, inputs int) {
	t := u.toggles
	neuron, input := u.core.At(u.S1.Part)
	n := 0
	for i := range t.e {
		e := u.E[input+i]
		d := toggle.Int16(t.e[i], e)
		for k, signs := range t.sign[:trees] {
			s := u.sign(neuron+k, input+i)
			switch {
			case i >= inputs:
			case s == signs[i]:
				n += d
			default:
				n += 16 - d
			}
			signs[i] = s
		}
		t.e[i] = e
	}
	u.act.Rows[cmd.Tag][activity.DEPCToggleIn] += uint64(n)
}

// countTrees counts the bits that change behind the adders of the trees.
func (u *Unit) countTrees(cmd *port.Cmd, neuron, input int) {
	leaves := u.toggles.leaves
	for k := range u.Tree {
		for i := range leaves {
			if leaves[i] = int64(u.E[input+i]); !u.sign(neuron+k, input+i) {
				leaves[i] = -leaves[i]
			}
		}
		u.core.CountTree(cmd, k, leaves, leafBits)
	}
}
