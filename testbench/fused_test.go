package testbench

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/rtl"
)

// TestFused: fused schedules of fully connected networks in lock-step, all rules and arms, with a short last batch.
func TestFused(t *testing.T) {
	for k, sizes := range [][]int{{20, 10, 4}, {100, 40, 30, 10}, {150, 300, 70, 5}, {33, 64, 65, 10}, {784, 128, 64, 10}, {64, 5}} {
		for _, r := range []struct {
			rule string
			arm  compile.Arm
		}{{compile.BP, compile.ArmDNNC}, {compile.BP, compile.ArmEPC}, {compile.DFA, compile.ArmEPC}, {compile.BDFA, compile.ArmDEPC}, {compile.BFA, compile.ArmDEPC}} {
			t.Run(fmt.Sprint(sizes, r), func(t *testing.T) {
				n, err := net.MLP(net.ReLU, sizes...)
				require.NoError(t, err)
				j := job{net: n, rule: r.rule, arm: r.arm, fused: true, samples: 90, batch: 32, epochs: 2, test: 7}
				s, err := j.spec(uint64(k))
				require.NoError(t, err)
				c, _, err := NewCompiled(s, rtl.DefaultConfig())
				require.NoError(t, err)
				require.NoError(t, c.Run(context.Background(), 50_000_000))
				require.NoError(t, c.checkRecords())
				require.Equal(t, 2*2*(len(sizes)-1), c.fused.Layers)
			})
		}
	}
}
