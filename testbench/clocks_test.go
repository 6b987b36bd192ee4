package testbench

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port/porttest"
)

// In programs of every kind no register of a unit changes in a cycle in which its group is not clocked.
func TestRegistersAreClocked(t *testing.T) {
	cycles := uint64(10_000)
	if testing.Short() {
		cycles = 400
	}
	still := map[activity.Event]bool{} // groups whose registers never changed: no check would fail
	moved := map[activity.Event]bool{}
	for _, job := range kernelJobs(t) {
		chip := job.load()
		chip.Step() // wires that are driven out of reset
		w := chip.Wires()
		oracles := []*porttest.Oracle{
			porttest.NewOracle(activity.Seq, &chip.Seq.State, &w.Seq),
			porttest.NewOracle(activity.DMA, &chip.DMA.State, &w.DMA),
			porttest.NewOracle(activity.WLD, &chip.WLD.State, &w.WLD),
			porttest.NewOracle(activity.DNNC, &chip.DNNC.State, &w.DNNC),
			porttest.NewOracle(activity.Drain, &chip.Drain.State, &w.Drain),
			porttest.NewOracle(activity.Loss, &chip.Loss.State, &w.Loss),
			porttest.NewOracle(activity.DEPC, &chip.DEPC.State, &w.DEPC),
			porttest.NewOracle(activity.Mom, &chip.Mom.State, &w.Mom),
			porttest.NewOracle(activity.Norm, &chip.Norm.State, &w.Norm),
			porttest.NewOracle(activity.EPC, &chip.EPC.State, &w.EPC),
			porttest.NewOracle(activity.LFSR, &chip.LFSR.State, &w.LFSR),
			porttest.NewOracle(activity.OMEM, &chip.OMEM.State, &w.OMEM),
			porttest.NewOracle(activity.XMem, &chip.XMem.State, &w.XMem),
		}
		require.Len(t, oracles, int(activity.NumUnits))
		act := chip.Activity()
		for _, o := range oracles {
			o.Check(act) // events of making the chip
		}
		for !w.Seq.Finished && chip.Cycle() < cycles {
			chip.Step()
			for _, o := range oracles {
				require.Empty(t, o.Check(act), "%s, cycle %d", job.name, chip.Cycle())
			}
		}
		require.False(t, chip.Faulted())
		for _, o := range oracles {
			maps.Copy(still, o.Groups())
			maps.Copy(moved, o.Moved)
		}
	}
	if testing.Short() { // too few cycles for all of them
		return
	}
	maps.DeleteFunc(still, func(e activity.Event, _ bool) bool { return moved[e] })
	var names []string
	for e := range still {
		names = append(names, e.String())
	}
	// The tests of SEQ and MOM move theirs; no program here reads a status of EPC.
	require.ElementsMatch(t, []string{"clock_epc_stat", "clock_mom_upd", "clock_seq_scratch"}, names)
}
