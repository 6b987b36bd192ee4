package lockstep

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/sim/inspect"
)

// onChip compares a tensor of the batch in a memory of the chip, some units from the place that
// the image tells.
func (l *Lockstep) onChip(phase isa.Phase, i int, name string, offset uint32, want []int16) error {
	got, err := l.read(i, name, offset, l.Model.Batch)
	if err != nil {
		return err
	}
	return same(l, phase, i, name, got, want)
}

// read reads the first samples of a tensor of layer i: [samples][elements].
func (l *Lockstep) read(i int, name string, offset uint32, samples int) ([]int16, error) {
	name = l.Plan.Layers[i].Name + "." + name
	t, ok := l.img.Tensor(name)
	if !ok {
		return nil, fmt.Errorf("the image has no tensor %s", name)
	}
	here := *t
	here.Addr += offset
	here.Shape = []int{samples, t.Shape[1]}
	values, err := inspect.Tensor(l.Chip, &here)
	if err != nil {
		return nil, fmt.Errorf("cycle %d: %w", l.Chip.Cycle(), err)
	}
	out := make([]int16, len(values))
	for k, v := range values {
		out[k] = int16(v)
	}
	return out, nil
}
