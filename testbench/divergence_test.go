package testbench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/isa"
	"bdfasim/rtl"
)

// A single wrong bit in the chip is found where it first shows, and named.
func TestDivergenceIsNamed(t *testing.T) {
	s := shape{sizes: []int{70, 40, 5}, samples: 64, batch: 32, epochs: 1, rule: firmware.BP}
	for _, c := range []struct {
		name   string
		break_ func(l *Lockstep)
		want   Divergence
	}{
		{"a bias", func(l *Lockstep) { l.Chip.XMemory()[l.Plan.Layers[2].Biases+4*3+2] ^= 0x40 },
			Divergence{Phase: isa.PhaseFF, Layer: 2, Tensor: "a2", Index: 3}},
		{"a velocity", func(l *Lockstep) { l.Chip.XMemory()[l.Plan.Layers[1].Velocities+3*7] ^= 0x10 },
			Divergence{Phase: isa.PhaseWG, Layer: 1, Tensor: "V1", Index: 70 * 7}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, img, err := NewLockstep(s.spec(9), rtl.DefaultConfig())
			require.NoError(t, err)
			require.NoError(t, l.Start(img))
			c.break_(l)
			err = l.Run(context.Background(), 1_000_000)
			var d *Divergence
			require.ErrorAs(t, err, &d)
			require.Equal(t, [4]any{c.want.Phase, c.want.Layer, c.want.Tensor, c.want.Index}, [4]any{d.Phase, d.Layer, d.Tensor, d.Index})
			require.NotZero(t, d.Cycle)
			require.NotEqual(t, d.Got, d.Want)
			require.Contains(t, err.Error(), c.want.Tensor)
		})
	}
}
