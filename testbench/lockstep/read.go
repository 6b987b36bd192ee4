package lockstep

import (
	"fmt"
	"slices"

	"bdfasim/firmware"
	"bdfasim/isa"
	"bdfasim/sim/inspect"
)

// parameters are the tensors of a layer that an update changes.
var parameters = []string{"V", "W", "vb", "b"}

// compare compares tensors of layer i in the chip's memories with the model's, in turn.
func (l *Lockstep) compare(phase isa.Phase, i int, names ...string) error {
	for _, name := range names {
		first, n := l.window(i, name)
		got, err := l.read(i, name, first, n)
		if err != nil {
			return err
		}
		want := l.expected(i, name)
		if n < l.Model.Batch {
			size := len(want) / l.Model.Batch
			want = want[first*size:][:n*size]
		}
		if err := l.same(phase, i, name, got, want); err != nil {
			return err
		}
	}
	return nil
}

// window tells which samples of a tensor the chip has: those of a sub-batch in fully connected
// layers, and as they reach the last convolution; else all.
func (l *Lockstep) window(i int, name string) (first, n int) {
	all, k := l.Model.Batch, l.Plan.Convs()
	if all <= firmware.SubBatch || slices.Contains(parameters, name) || i < k || i == k && name != "d" {
		return 0, all
	}
	return l.first, min(firmware.SubBatch, all-l.first)
}

// read reads a tensor of layer i from the place that the image tells: of a map the first samples.
func (l *Lockstep) read(i int, name string, first, samples int) ([]int64, error) {
	at := &l.Plan.Layers[i]
	t, ok := l.img.Tensor(at.Name + "." + name)
	if !ok {
		return nil, fmt.Errorf("the image has no tensor %s.%s", at.Name, name)
	}
	here := *t
	here.Shape = slices.Clone(t.Shape)
	if !slices.Contains(parameters, name) {
		here.Shape[0] = samples
	}
	switch name {
	case "o":
		here.Addr += l.copyOffset(i)
		fallthrough
	case "d": // fully connected layers read whole groups of channels, and write them
		if at.Conv && first > 0 {
			here.Addr += uint32(first*at.H*at.W) * t.Stride
		}
		if at.Conv && i == l.Plan.Convs() {
			here.Shape[3] = (at.OutC + 15) &^ 15
		}
	}
	values, err := inspect.Tensor(l.Chip, &here)
	if err != nil {
		return nil, fmt.Errorf("cycle %d: %w", l.Chip.Cycle(), err)
	}
	return values, nil
}

// expected is the model's tensor of layer i of that name.
func (l *Lockstep) expected(i int, name string) []int64 {
	m, p := l.Model, &l.fused.made
	if p.w == nil {
		p = &learned{m.W, m.V, m.B, m.VB}
	}
	switch x := map[string]any{
		"W": p.w, "V": p.v, "b": p.b, "vb": p.vb,
		"z": m.Z, "pos": m.Pos, "o": m.O, "mask": m.Mask, "a": m.A, "d": m.D, "e": m.E,
	}[name].(type) {
	case []int16:
		return wide(x)
	case [][]int16:
		return wide(x[i])
	case [][]int32:
		return wide(x[i])
	case [][]uint8:
		return wide(x[i])
	case [][]bool:
		mask := make([]int64, m.Batch*l.Plan.Layers[i].OutC)
		for k := range mask {
			if x[i][k] {
				mask[k] = 1
			}
		}
		return mask
	}
	panic("lockstep: no tensor " + name)
}

func wide[T int16 | int32 | uint8](values []T) []int64 {
	out := make([]int64, len(values))
	for k, v := range values {
		out[k] = int64(v)
	}
	return out
}
