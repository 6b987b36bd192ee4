package testbench

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa/machine"
	"bdfasim/rtl"
)

// TestFused: fused schedules of fully connected networks in lock-step, all rules and arms, with several tiles of lanes, a short last
// batch and, in a small OMEM, an input that streams. They leave the weights that a plain schedule leaves.
func TestFused(t *testing.T) {
	for k, c := range []struct {
		sizes []int
		omem  int
	}{
		{[]int{20, 10, 4}, 0}, {[]int{100, 40, 30, 10}, 0}, {[]int{150, 300, 70, 5}, 0}, {[]int{33, 64, 65, 10}, 0}, {[]int{64, 5}, 0},
		{[]int{784, 128, 64, 10}, 0}, {[]int{784, 128, 64, 10}, 12000}, {[]int{150, 260, 10}, 10304},
	} {
		for _, r := range []struct {
			rule string
			arm  compile.Arm
		}{{compile.BP, compile.ArmDNNC}, {compile.BP, compile.ArmEPC}, {compile.DFA, compile.ArmEPC}, {compile.BDFA, compile.ArmDEPC}, {compile.BFA, compile.ArmDEPC}} {
			t.Run(fmt.Sprint(c.sizes, r, c.omem), func(t *testing.T) {
				t.Parallel()
				n, err := net.MLP(net.ReLU, c.sizes...)
				require.NoError(t, err)
				var weights [2][][]int16
				for i, fused := range []bool{false, true} {
					j := job{net: n, rule: r.rule, arm: r.arm, fused: fused, samples: 90, batch: 32, epochs: 2, test: 7}
					s, err := j.spec(uint64(k))
					require.NoError(t, err)
					s.Machine = machine.Reference()
					if fused && c.omem > 0 {
						s.Machine.OMEM.Words = c.omem
					}
					l, _, err := start(s, rtl.DefaultConfig())
					require.NoError(t, err)
					require.NoError(t, l.Run(context.Background(), 50_000_000))
					for layer := 1; layer < len(c.sizes); layer++ {
						weights[i] = append(weights[i], l.Plan.Weights(l.Chip.XMemory(), layer))
					}
					if fused {
						require.Equal(t, c.omem > 0, l.Plan.Layers[1].Streamed)
						require.Equal(t, 2*2*(len(c.sizes)-1), l.FusedLayers, "two of three steps, two epochs")
					}
				}
				require.Equal(t, weights[0], weights[1])
			})
		}
	}
}
