package testbench

import (
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Every event happens in the kernel jobs: an event that nobody counts, or a unit that nobody uses, is dead.
func TestEveryEventHappens(t *testing.T) {
	var all activity.Counts
	for _, job := range kernelJobs(t) {
		chip := job.load()
		for !chip.Wires().Seq.Finished {
			chip.Step()
		}
		all.Add(chip.Activity())
	}
	for e := range activity.NumEvents {
		require.NotZero(t, all.Total(e), "event %v", e)
	}
}

// Every command is given, with each of its flags and without, in the kernel jobs.
func TestEveryCommandIsGiven(t *testing.T) {
	type use struct{ with, without uint16 }
	used := map[isa.Op]use{}
	for _, job := range kernelJobs(t) {
		chip := job.load()
		bus := &chip.Wires().Seq.Bus
		for !chip.Wires().Seq.Finished {
			chip.Step()
			require.False(t, chip.Faulted(), job.name)
			if bus.Kind == port.BusCmd {
				u := used[bus.Op]
				used[bus.Op] = use{u.with | bus.Flags, u.without | ^bus.Flags}
			}
		}
	}
	for _, row := range isa.Table {
		u, given := used[row.Op]
		assert.Equal(t, row.Format == isa.FmtCmd, given, row.Name)
		for _, f := range row.Flags {
			assert.NotZero(t, u.with>>f.Bit&1, "%s with %s", row.Name, f.Name)
			assert.NotZero(t, u.without>>f.Bit&1, "%s without %s", row.Name, f.Name)
		}
	}
}

// steadyWires never change, and why.
var steadyWires = map[string]string{
	"Wires.DEPC.Out.Mask.Write": "it reads", "Wires.DEPC.Out.Mask.Data": "a read has none",
	"Wires.EPC.Out.Mask.Write": "it reads", "Wires.EPC.Out.Mask.Data": "a read has none", "Wires.EPC.X.Data": "a read has none",
	"Wires.DMA.Req.Stride": "a stream of a save is one row", "Wires.WLD.ReadRoom": "the loader takes a group in any cycle",
	"Wires.OMEM.EncRoom[0]": "eight banks keep up with two encoders", "Wires.OMEM.EncRoom[1]": "likewise",
	"Wires.OMEM.WriteRoom[0]": "and with a writer beside one", "Wires.OMEM.WriteRoom[1]": "likewise",
	"Wires.OMEM.WriteRoom[2]": "likewise", "Wires.OMEM.WriteRoom[3]": "likewise",
}

// Every wire between the units changes in the kernel jobs, but those that tell of faults and those of the list.
func TestNoDeadWires(t *testing.T) {
	const size = unsafe.Sizeof(rtl.Wires{})
	var changed [size]byte
	for _, job := range kernelJobs(t) {
		chip := job.load()
		now := (*[size]byte)(unsafe.Pointer(chip.Wires()))
		last := *now
		for !chip.Wires().Seq.Finished {
			chip.Step()
			if *now == last {
				continue
			}
			for i, b := range now {
				changed[i] |= b ^ last[i]
			}
			last = *now
		}
	}
	var visit func(typ reflect.Type, at uintptr, name string)
	visit = func(typ reflect.Type, at uintptr, name string) {
		switch {
		case typ == reflect.TypeFor[port.Fault]():
		case typ.Kind() == reflect.Struct:
			for i := range typ.NumField() {
				f := typ.Field(i)
				visit(f.Type, at+f.Offset, name+"."+f.Name)
			}
		case typ.Kind() == reflect.Array && (typ.Elem().Kind() == reflect.Bool || typ.Elem().Kind() >= reflect.Array): // numbers are one wire
			for i := range typ.Len() {
				visit(typ.Elem(), at+uintptr(i)*typ.Elem().Size(), fmt.Sprintf("%s[%d]", name, i))
			}
		default:
			alive := false
			for _, b := range changed[at : at+typ.Size()] {
				alive = alive || b != 0
			}
			_, steady := steadyWires[name]
			assert.NotEqual(t, steady, alive, "%s", name)
		}
	}
	visit(reflect.TypeFor[rtl.Wires](), 0, "Wires")
}

// The chip's own geometry can be priced: every memory is in the list, every event has a price with a source.
func TestEveryEventIsPriced(t *testing.T) {
	chip, err := rtl.New(rtl.DefaultConfig())
	require.NoError(t, err)
	prices, err := power.Default65().Prices(chip.Geometry())
	require.NoError(t, err)
	for e := range activity.NumEvents {
		require.NotEmpty(t, prices.Event[e].Source, "event %v", e)
	}
}

// What a run costs does not depend on who looks: reading the counts in the middle changes nothing, and the energies of
// windows add up to the whole, exactly.
func TestWindowsAddUp(t *testing.T) {
	for _, job := range kernelJobs(t) {
		a, b := job.load(), job.load()
		prices, err := power.Default65().Prices(a.Geometry())
		require.NoError(t, err)
		var before activity.Counts
		var start, now power.Cycles
		var total, onDie power.Attojoules
		for !a.Wires().Seq.Finished {
			a.Step()
			b.Step()
			now[a.Wires().Seq.Tag.Phase()]++
			if b.Cycle()%777 == 0 || b.Wires().Seq.Finished {
				counts := *b.Activity()
				window, err := prices.Window(&before, &counts, start, now)
				require.NoError(t, err)
				total, onDie = total+window.Total(), onDie+window.OnDie()
				before, start = counts, now
			}
		}
		require.Equal(t, *a.Activity(), *b.Activity())
		whole, err := prices.Measure(a.Activity(), now)
		require.NoError(t, err)
		require.Equal(t, whole.Total(), total)
		require.Equal(t, whole.OnDie(), onDie)
	}
}
