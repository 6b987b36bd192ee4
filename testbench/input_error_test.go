package testbench

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa"
	"bdfasim/rtl/epc"
	"bdfasim/testbench/lockstep"
)

// inputError recomputes d_0, the error of a fully connected network's input (docs/arithmetic.md sections 4 and 10), from the
// integers that the other tensors have: nb rows of as many elements as the chip has inputs, padded to 16.
func inputError(c *lockstep.Lockstep, w1 []int16, signs []int8) []int16 {
	p, m := c.Plan, c.Model
	in, first, top := &p.Layers[0], &p.Layers[1], &p.Layers[len(p.Layers)-1]
	s := p.Spec()
	width := (in.OutC + 15) / 16 * 16
	from, n, shift := m.E[1], first.OutC, first.Fw+first.Fe-in.Fd
	weight := func(k, j int) int64 { // BP
		if k >= in.OutC {
			return 0
		}
		return int64(w1[j*in.OutC+k])
	}
	switch s.Rule {
	case compile.DFA:
		d := p.Feedback(c.Chip.XMemory(), 0)
		from, n, shift = m.E[len(p.Layers)-1], top.OutC, in.Fb+14-in.Fd
		weight = func(k, c int) int64 {
			if k >= in.OutC {
				return 0
			}
			return int64(d[c*width+k])
		}
	case compile.BDFA:
		from, n, shift = m.E[len(p.Layers)-1], top.OutC, 14+in.FBShift-in.Fd
		weight = func(k, c int) int64 { return int64(signs[k*n+c]) }
	case compile.BFA:
		shift = first.Fe + in.FBShift - in.Fd
		weight = func(k, j int) int64 { return int64(signs[k*n+j]) }
	}
	out := make([]int16, 0, m.Batch*width)
	for b := range m.Batch {
		for k := range width {
			sum := int64(0)
			for j := range n {
				sum += weight(k, j) * int64(from[b*n+j])
			}
			out = append(out, saturated(sum, shift))
		}
	}
	return out
}

// saturated is sat_16(away(sum, shift)).
func saturated(sum int64, shift int) int16 {
	if shift < 0 {
		sum <<= -shift
	} else if shift > 0 {
		half := int64(1) << (shift - 1)
		if sum < 0 {
			half--
		}
		sum = (sum + half) >> shift
	}
	return int16(min(max(sum, math.MinInt16), math.MaxInt16))
}

// generated draws the signs of width neurons and n errors in the order of section 4, neuron by neuron as they come out.
func generated(seed uint32, width, n int) []int8 {
	out := make([]int8, width*n)
	for g := 0; g < width; g += 16 {
		for first := 0; first < n; first += 16 {
			for k := g; k < g+16; k++ {
				for c := first; c < min(first+16, n); c++ {
					out[k*n+c] = int8(2*int(seed&1) - 1)
					seed = seed>>1 | (seed^seed>>10^seed>>30^seed>>31)<<31
				}
			}
		}
	}
	return out
}

// runInputError runs a job in lock-step and compares d_0 of every step when its mark has retired. It returns how many elements
// were neither 0 nor saturated, and how many were saturated.
func runInputError(t *testing.T, j job, scale int) (plain, saturations int) {
	t.Helper()
	s, err := j.spec(3)
	require.NoError(t, err)
	width := (j.net.Input.Size() + 15) / 16 * 16
	s.InputError = true
	s.Layers[0].FBShift = 1 - scale
	s.D[0] = make([]float64, j.net.Classes*j.net.Input.Size())
	for k := range s.D[0] {
		s.D[0][k] = float64((k*2654435761>>7)%2001-1000) / 4096 * math.Ldexp(1, scale)
	}
	s.Signs[0] = make([]int8, j.net.Classes*width)
	for k := range s.Signs[0] {
		s.Signs[0][k] = int8(2*((k*k+k/3)%2) - 1)
	}
	for k := range s.W[1] {
		s.W[1][k] = math.Ldexp(s.W[1][k], scale) // the others have no say in the size of d_0
	}
	c, _, err := start(s, j.config())
	require.NoError(t, err)
	signs := s.Signs[0]
	if in := &c.Plan.Layers[0]; !j.stored && j.rule == compile.BFA {
		signs = generated(in.Seed, width, c.Plan.Layers[1].OutC)
	} else if !j.stored {
		signs = generated(in.Seed, width, j.net.Classes)
	}

	compared, parts := 0, 0 // parts: sub-batches of the step that have come to it
	var w1 []int16          // before the step's update
	wires := c.Chip.Wires()
	for !wires.Seq.Finished {
		c.Chip.Step()
		require.False(t, c.Chip.Faulted(), "cycle %d", c.Chip.Cycle())
		require.Less(t, c.Chip.Cycle(), uint64(10_000_000), "no end")
		if !wires.Seq.TagDone.Valid {
			continue
		}
		tag := wires.Seq.TagDone.Tag
		switch phase, layer := isa.Phase(tag.Phase()), tag.Layer(); {
		case phase == isa.PhaseEP && layer == 0:
			if parts++; parts*firmware.SubBatch < c.Model.Batch {
				continue
			}
			parts = 0
			want := inputError(c, w1, signs)
			for k, v := range want { // rows of whole groups lie one behind another
				got := binary.LittleEndian.Uint16(c.Chip.XMemory()[c.Plan.Layers[0].D+uint32(2*k):])
				require.Equal(t, v, int16(got), k)
			}
			compared++
			for _, v := range want {
				switch {
				case v == math.MaxInt16 || v == math.MinInt16:
					saturations++
				case v != 0:
					plain++
				}
			}
			continue
		case phase == isa.PhaseFF && layer == 1 && parts == 0:
			w1 = append(w1[:0], c.Model.W[1]...)
		}
		require.NoError(t, c.TagDone(wires.Seq.TagDone))
	}
	require.Equal(t, c.Steps, compared, "once a step")
	require.Equal(t, c.Plan.Steps()*j.epochs, compared)
	return plain, saturations
}

// TestInputError: every rule on every unit that can bring an error to the input, against sums made here; batches of 8 and one of
// 3 behind them, and one of 40 before one of 20; sizes that fill no group of 16, several tiles of lanes, one and two hidden layers; with large feedback elements saturate.
func TestInputError(t *testing.T) {
	for _, sizes := range [][]int{{100, 37, 20, 10}, {300, 24, 3}} {
		mlp, err := net.MLP(net.ReLU, sizes...)
		require.NoError(t, err)
		for _, j := range []job{
			{rule: compile.BP}, {rule: compile.BP, arm: compile.ArmEPC, kind: epc.Tree}, {rule: compile.BP, arm: compile.ArmEPC, kind: epc.TreeGate},
			{rule: compile.BP, arm: compile.ArmEPC, kind: epc.LaneMask}, {rule: compile.BDFA}, {rule: compile.BDFA, stored: true},
			{rule: compile.DFA}, {rule: compile.DFA, arm: compile.ArmEPC, kind: epc.Tree}, {rule: compile.DFA, arm: compile.ArmEPC, kind: epc.LaneMask}, {rule: compile.BFA},
		} {
			j.net, j.batch, j.samples, j.epochs = mlp, 8, 19, 1
			big := j
			big.batch, big.samples = 40, 60
			t.Run(fmt.Sprintf("%v/%v-stored-%v", sizes, big, j.stored), func(t *testing.T) {
				plain, _ := runInputError(t, big, 0)
				require.Positive(t, plain)
			})
			t.Run(fmt.Sprintf("%v/%v-stored-%v", sizes, j, j.stored), func(t *testing.T) {
				plain, _ := runInputError(t, j, 0)
				require.Positive(t, plain)
				_, saturations := runInputError(t, j, 5)
				require.Positive(t, saturations)
			})
		}
	}
}

// TestGenerated: the first bits of the generator by hand, and the order of groups and passes.
func TestGenerated(t *testing.T) {
	b := generated(1, 16, 2)
	require.Equal(t, []int8{1, -1, -1, -1}, b[:4], "a single 1 leaves first and comes back at the other end")
	wide := generated(5, 32, 20)
	narrow := generated(5, 16, 16)
	for k := range 16 {
		require.Equal(t, narrow[16*k:16*k+16], wide[20*k:20*k+16], "the first pass of the first group has the first 256 bits")
	}
}

// TestSaturated: ties go away from zero, and the ends hold.
func TestSaturated(t *testing.T) {
	for _, c := range []struct {
		sum   int64
		shift int
		want  int16
	}{{3, 1, 2}, {-3, 1, -2}, {5, 2, 1}, {-5, 2, -1}, {6, 2, 2}, {-6, 2, -2}, {7, 0, 7}, {3, -2, 12}, {1 << 20, 2, 32767}, {-1 << 20, 2, -32768}} {
		require.Equal(t, c.want, saturated(c.sum, c.shift), "%d >> %d", c.sum, c.shift)
	}
}

// TestInputErrorChangesNothing: with the error of the input asked for, the other tensors are as without it.
func TestInputErrorChangesNothing(t *testing.T) {
	mlp, err := net.MLP(net.ReLU, 40, 20, 10)
	require.NoError(t, err)
	j := job{net: mlp, rule: compile.BP, batch: 8, samples: 16, epochs: 1}
	weights := func(asked bool) []int16 {
		s, err := j.spec(4)
		require.NoError(t, err)
		s.InputError = asked
		c, _, err := start(s, j.config())
		require.NoError(t, err)
		for !c.Chip.Wires().Seq.Finished {
			c.Chip.Step()
			require.False(t, c.Chip.Faulted())
		}
		return c.Plan.Weights(c.Chip.XMemory(), 1)
	}
	require.Equal(t, weights(false), weights(true))
}
