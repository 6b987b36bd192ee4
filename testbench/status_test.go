package testbench

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl/activity"
)

// What the chip says of its units' states, and since when, is what their wires say in every cycle, of units that sleep, too.
func TestStatusFollowsTheWires(t *testing.T) {
	for _, j := range kernelJobs(t) {
		t.Run(j.name, func(t *testing.T) {
			chip := j.load()
			wires := reflect.ValueOf(chip.Wires()).Elem()
			var before [activity.NumUnits]activity.Status
			var since [activity.NumUnits]uint64
			var busy uint64
			for !chip.Wires().Seq.Finished {
				chip.Step()
				var now [activity.NumUnits]activity.Status
				for u := range now {
					now[u] = activity.Status(wires.Field(u).FieldByName("Status").Uint())
					if now[u] != before[u] {
						since[u] = chip.Cycle()
					}
					if now[u] == activity.Busy {
						busy = chip.Cycle()
					}
				}
				before = now
				if now != chip.Status() || busy != chip.LastBusy() {
					t.Fatalf("cycle %d: got %v, last busy in %d, want %v, %d", chip.Cycle(), chip.Status(), chip.LastBusy(), now, busy)
				}
			}
			for u, want := range since {
				require.Equal(t, want, chip.Since(activity.Unit(u)), "%v", activity.Unit(u))
			}
		})
	}
}
