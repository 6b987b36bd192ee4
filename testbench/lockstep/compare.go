package lockstep

import (
	"fmt"

	"bdfasim/isa"
)

// Divergence is the first difference between the chip and the fixed-point model.
type Divergence struct {
	Cycle  uint64
	Step   int // training step, from 0
	Phase  isa.Phase
	Layer  int
	Tensor string // as W2; record.SatW for a number of an epoch's record
	Index  int    // of the element, or the sample, the channel, the epoch (from 0)
	Got    int64  // the chip's
	Want   int64  // the model's
	Count  int    // elements of the tensor that differ
}

// Error implements error.
func (d *Divergence) Error() string {
	return fmt.Sprintf("cycle %d, step %d, phase %v, layer %d: %s[%d]: chip has %d, fixed-point model %d (%d elements differ)",
		d.Cycle, d.Step, d.Phase, d.Layer, d.Tensor, d.Index, d.Got, d.Want, d.Count)
}

// same returns the first difference of a tensor.
func (l *Lockstep) same(phase isa.Phase, layer int, tensor string, got, want []int64) error {
	l.Compared++
	l.Elements += len(got)
	if len(got) != len(want) {
		return fmt.Errorf("layer %d, %s: chip has %d elements, fixed-point model %d", layer, tensor, len(got), len(want))
	}
	var d *Divergence
	for i := range got {
		if got[i] == want[i] {
			continue
		}
		if d == nil {
			d = l.differs(phase, layer, fmt.Sprint(tensor, layer), i, got[i], want[i])
			d.Count = 0
		}
		d.Count++
	}
	if d != nil {
		return d
	}
	return nil
}

// differs is a difference of one number, now.
func (l *Lockstep) differs(phase isa.Phase, layer int, tensor string, index int, got, want int64) *Divergence {
	return &Divergence{l.Chip.Cycle(), l.Steps - 1, phase, layer, tensor, index, got, want, 1}
}
