package testbench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa"
	"bdfasim/testbench/lockstep"
)

// A single wrong bit in the chip is found where it first shows, and named.
func TestDivergenceIsNamed(t *testing.T) {
	small, err := net.Parse([]byte(smallNet), "small.yaml")
	require.NoError(t, err)
	flip := func(at func(l *lockstep.Lockstep) uint32, bits byte) func(l *lockstep.Lockstep) {
		return func(l *lockstep.Lockstep) { l.Chip.XMemory()[at(l)] ^= bits }
	}
	for _, c := range []struct {
		name  string
		net   *net.Net
		spoil func(l *lockstep.Lockstep)
		want  lockstep.Divergence
	}{
		{"a bias", mlp(t, 70, 40, 5), flip(func(l *lockstep.Lockstep) uint32 { return l.Plan.Layers[2].Biases + 4*3 + 2 }, 0x40),
			lockstep.Divergence{Phase: isa.PhaseFF, Layer: 2, Tensor: "a2", Index: 3}},
		{"a velocity", mlp(t, 70, 40, 5), flip(func(l *lockstep.Lockstep) uint32 { return l.Plan.Layers[1].Velocities + 3*7 }, 0x10),
			lockstep.Divergence{Phase: isa.PhaseWG, Layer: 1, Tensor: "V1", Index: 70 * 7}},
		{"a running mean", small, flip(func(l *lockstep.Lockstep) uint32 { return l.Plan.Layers[1].Rec + 3*64 + 17 }, 0x20),
			lockstep.Divergence{Phase: isa.PhaseEP, Layer: 1, Tensor: "bn1.RM", Index: 3}},
		{"a sample that nobody counted", mlp(t, 70, 40, 5), func(l *lockstep.Lockstep) { l.Correct++ },
			lockstep.Divergence{Phase: isa.PhaseMisc, Tensor: "record.TrainCorrect", Index: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := job{net: c.net, rule: compile.BP, samples: 40, batch: 32, epochs: 2, test: 3}
			s, err := j.spec(9)
			require.NoError(t, err)
			l, _, err := start(s, j.config())
			require.NoError(t, err)
			c.spoil(l)
			err = l.Run(context.Background(), 3_000_000)
			var d *lockstep.Divergence
			require.ErrorAs(t, err, &d)
			require.Equal(t, [4]any{c.want.Phase, c.want.Layer, c.want.Tensor, c.want.Index}, [4]any{d.Phase, d.Layer, d.Tensor, d.Index})
			require.NotZero(t, d.Cycle)
			require.NotEqual(t, d.Got, d.Want)
			require.Contains(t, err.Error(), c.want.Tensor)
		})
	}
}

// spoiled drives a job until the lock-step finds a difference; spoil is called whenever a mark is done, before the comparison.
func spoiled(t *testing.T, j job, spoil func(l *lockstep.Lockstep, phase isa.Phase, layer uint8)) *lockstep.Divergence {
	t.Helper()
	s, err := j.spec(9)
	require.NoError(t, err)
	l, _, err := start(s, j.config())
	require.NoError(t, err)
	w := l.Chip.Wires()
	for err == nil && !w.Seq.Finished {
		l.Chip.Step()
		if done := w.Seq.TagDone; done.Valid {
			spoil(l, isa.Phase(done.Tag.Phase()), done.Tag.Layer())
			err = l.TagDone(done)
		}
	}
	var d *lockstep.Divergence
	require.ErrorAs(t, err, &d)
	require.NotEqual(t, d.Got, d.Want)
	return d
}

// The classes of test images are compared as well.
func TestTestImagesAreCompared(t *testing.T) {
	j := job{net: mlp(t, 70, 40, 5), rule: compile.BP, samples: 32, batch: 32, epochs: 1, test: 8}
	d := spoiled(t, j, func(l *lockstep.Lockstep, phase isa.Phase, _ uint8) {
		if phase == isa.PhaseEval { // the model learns that class 2 is always right
			l.Model.B[2][2] = 1 << 30
		}
	})
	require.Equal(t, []any{isa.PhaseEval, "class", int64(2)}, []any{d.Phase, d.Tensor, d.Want})
}

// And so are the numbers of an epoch's record, when the next epoch begins.
func TestRecordsAreCompared(t *testing.T) {
	j := job{net: mlp(t, 70, 40, 5), rule: compile.BP, samples: 32, batch: 32, epochs: 2, test: 8}
	for offset, field := range map[uint32]string{0: "Epoch", 4: "TrainN", 12: "TestN", 16: "TestCorrect", 20: "Steps", 24: "Eta"} {
		d := spoiled(t, j, func(l *lockstep.Lockstep, phase isa.Phase, layer uint8) {
			if phase == isa.PhaseFF && layer == 1 && l.Steps == 1 {
				l.Chip.XMemory()[l.Plan.Header.Results+offset] ^= 2
			}
		})
		require.Equal(t, []any{isa.PhaseMisc, "record." + field, 0}, []any{d.Phase, d.Tensor, d.Index})
	}
}
