package testbench

import (
	"testing"

	"bdfasim/firmware/compile"
	"bdfasim/rtl/epc"
)

// The chip equals the fixed-point model in every tensor: all rules on all arms, and fully connected networks with few and
// many classes, many layers, layers of several tiles, and batches that do not fill 32.
func TestLockstep(t *testing.T) {
	hidden := mlp(t, 100, 270, 30, 10)
	var jobs []job
	for _, j := range []job{
		{net: hidden, rule: compile.BP}, {net: hidden, rule: compile.BDFA}, {net: hidden, rule: compile.BDFA, stored: true}, {net: hidden, rule: compile.DFA},
		{net: hidden, rule: compile.DFA, arm: compile.ArmEPC, kind: epc.Tree}, {net: hidden, rule: compile.BFA},
		{net: hidden, rule: compile.BP, arm: compile.ArmEPC, kind: epc.Tree}, {net: hidden, rule: compile.BP, arm: compile.ArmEPC, kind: epc.TreeGate},
		{net: hidden, rule: compile.BP, arm: compile.ArmEPC, kind: epc.LaneMask},
		{net: preset(t, "cnn-small"), rule: compile.BP}, {net: preset(t, "lenet"), rule: compile.BP},
		{net: preset(t, "cnn-small"), rule: compile.BDFA}, {net: preset(t, "cnn-small"), rule: compile.DFA}, {net: preset(t, "cnn-small"), rule: compile.ConvOnly},
		{net: preset(t, "lenet"), rule: compile.BDFA, stored: true}, {net: preset(t, "lenet"), rule: compile.BP, arm: compile.ArmEPC, kind: epc.LaneMask},
		{net: preset(t, "lenet"), rule: compile.BFA}, {net: preset(t, "lenet"), rule: compile.DFA, arm: compile.ArmEPC, kind: epc.LaneMask},
	} {
		j.batch, j.samples, j.epochs, j.test = 8, 19, 2, 11
		jobs = append(jobs, j)
	}
	for _, s := range []job{
		{net: mlp(t, 33, 17, 9), samples: 21, batch: 5, epochs: 2},
		{net: mlp(t, 100, 40, 2), samples: 32, batch: 16, epochs: 2},
		{net: mlp(t, 90, 80, 100), samples: 32, batch: 32, epochs: 2},
		{net: mlp(t, 20, 30, 40, 50, 60, 70, 10), samples: 32, batch: 32, epochs: 2},
		{net: mlp(t, 70, 520, 260, 4), samples: 32, batch: 32, epochs: 1},
	} {
		bp, bdfa, stored := s, s, s
		bp.rule, bdfa.rule, stored.rule, stored.stored = compile.BP, compile.BDFA, compile.BDFA, true
		jobs = append(jobs, bp, bdfa, stored)
	}
	for _, j := range jobs {
		t.Run(j.String(), func(t *testing.T) {
			t.Parallel()
			l := j.run(t, 1)
			t.Logf("%d cycles, %d tensors, %d elements", l.Chip.Cycle(), l.Compared, l.Elements)
		})
	}
}
