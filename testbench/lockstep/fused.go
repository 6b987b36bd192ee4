package lockstep

import (
	"encoding/binary"
	"slices"

	"bdfasim/isa"
)

// fusedPass is what the lock-step of a fused schedule remembers: the updates of a step come inside the forward pass of the
// next one.
type fusedPass struct {
	errors bool    // the step at hand has come to its errors
	left   []int   // marks of a layer that are to come
	made   learned // by the last step
}

type learned struct {
	w        [][]int16
	v, b, vb [][]int32
}

// fusedTag takes the marks of fully connected layers' updates inside of a forward pass: one for the start of a tile and two
// for each of its blocks. A layer is compared when the last of its marks is done.
func (l *Lockstep) fusedTag(phase isa.Phase, layer int) (handled bool, err error) {
	f := &l.fused
	if !l.Plan.Spec().Fused {
		return false, nil
	}
	inside := (phase == isa.PhaseWG || phase == isa.PhaseFF) && layer > l.Plan.Convs()
	if phase == isa.PhaseLoss {
		f.errors = true
	}
	if f.errors && l.batch != l.Plan.Steps() && (inside || phase == isa.PhaseFF) { // the forward pass of the next batch begins
		m := l.Model
		f.left = l.fusedMarks()
		f.made = learned{clones(m.W), clones(m.V), clones(m.B), clones(m.VB)}
		if err := l.beginStep(); err != nil {
			return true, err
		}
		if !inside {
			return true, l.forward(layer)
		}
	}
	if f.made.w == nil || !inside {
		return false, nil
	}
	if f.left[layer]--; f.left[layer] > 0 {
		return true, nil
	}
	return true, l.endFused(layer)
}

// fusedMarks counts the marks of each layer in a forward pass with updates. The first one has a mark for the input.
func (l *Lockstep) fusedMarks() []int {
	left, block := make([]int, len(l.Plan.Layers)), l.Plan.Spec().Block()
	for i := l.Plan.Convs() + 1; i < len(left); i++ {
		layer := &l.Plan.Layers[i]
		left[i] = l.Plan.Spec().LaneTiles(layer.OutC) * (1 + 2*((layer.InC+block-1)/block))
	}
	left[l.Plan.Convs()+1]++
	return left
}

// endFused compares the parameters that a layer got from the last step and what it made of the present batch with them.
func (l *Lockstep) endFused(i int) error {
	f := &l.fused
	l.FusedLayers++
	if err := l.compare(isa.PhaseWG, i, parameters...); err != nil {
		return err
	}
	if i == len(l.Plan.Layers)-1 {
		f.made = learned{}
	}
	return l.forward(i)
}

// copyOffset is how far o_i of the batch at hand lies behind its place in the plan: a fused schedule has the maps of fully connected
// layers twice, and the one in external memory that the first of them streams.
func (l *Lockstep) copyOffset(i int) uint32 {
	at, variable := &l.Plan.Layers[i], "V_COPY_P"
	if at.Conv {
		variable = "V_COPY_B"
	}
	if !l.Plan.Spec().Fused || at.Conv && (i != l.Plan.Convs() || !l.Plan.Layers[i+1].Streamed) {
		return 0
	}
	v, _ := l.img.Symbol(variable)
	return binary.LittleEndian.Uint32(l.Chip.Seq.State.Scratch[v.Value:])
}

func clones[T any](all [][]T) [][]T {
	out := make([][]T, len(all))
	for i := range all {
		out[i] = slices.Clone(all[i])
	}
	return out
}
