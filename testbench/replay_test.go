package testbench

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/depc"
	"bdfasim/rtl/dma"
	"bdfasim/rtl/dnnc"
	"bdfasim/rtl/drain"
	"bdfasim/rtl/epc"
	"bdfasim/rtl/lfsr"
	"bdfasim/rtl/loss"
	"bdfasim/rtl/norm"
	"bdfasim/rtl/omem"
	"bdfasim/rtl/port"
	"bdfasim/rtl/seq"
	"bdfasim/rtl/wld"
	"bdfasim/rtl/xmem"
	"bdfasim/sim/trace"
)

// A recorded unit that stands alone drives in every cycle what it drove in the chip.
func TestReplay(t *testing.T) {
	worked := map[activity.Unit]bool{}
	for _, job := range kernelJobs(t) {
		chip := job.load()
		units := alone(t, chip)
		recordings := map[activity.Unit]*bytes.Buffer{}
		var recorders []*trace.Recorder
		for u := range units {
			recordings[u] = &bytes.Buffer{}
			recorders = append(recorders, trace.NewRecorder(recordings[u], chip, u))
		}
		for !chip.Wires().Seq.Finished && chip.Cycle() < 8_000 {
			chip.Step()
			for _, r := range recorders {
				require.NoError(t, r.Cycle(chip.Cycle()))
			}
		}
		require.False(t, chip.Faulted())
		for _, r := range recorders {
			require.NoError(t, r.Close())
		}
		for u, replay := range units {
			n, err := replay(recordings[u])
			require.NoError(t, err, "%s, %s", job.name, u)
			require.Equal(t, int(chip.Cycle()), n)
			worked[u] = worked[u] || chip.Activity().Cycles[u][activity.Busy] > 0
		}
	}
	for u, ok := range worked {
		require.True(t, ok, "no job has work for %s", u)
	}
}

// alone makes units like those of a loaded chip that has not run. MOM is not among them: it reaches
// the accumulators.
func alone(t *testing.T, chip *rtl.Chip) map[activity.Unit]func(io.Reader) (int, error) {
	m, act := chip.Config(), &activity.Counts{}
	s, was := seq.New(&m, act), &chip.Seq.State
	require.NoError(t, s.Load(slices.Clone(was.IMem[:was.Program/isa.WordBytes]), was.PC))
	copy(s.State.Scratch, was.Scratch)
	return map[activity.Unit]func(io.Reader) (int, error){
		activity.Seq:   replay(s.Tick, false),
		activity.DMA:   replay(dma.New(&m, act).Tick, true),
		activity.WLD:   replay(wld.New(&m, act).Tick, true),
		activity.DNNC:  replay(dnnc.New(&m, act).Tick, true),
		activity.Drain: replay(drain.New(&m, act).Tick, true),
		activity.Loss:  replay(loss.New(&m, act).Tick, true),
		activity.DEPC:  replay(depc.New(&m, act).Tick, true),
		activity.EPC:   replay(epc.New(&m, act).Tick, true),
		activity.Norm:  replay(norm.New(&m, act).Tick, true),
		activity.LFSR:  replay(lfsr.New(&m, act).Tick, true),
		activity.OMEM:  replay(omem.New(&m, act).Tick, true),
		activity.XMem:  replay(xmem.New(&m, bytes.Clone(chip.XMemory()), act).Tick, false),
	}
}

// replay returns a function that gives a unit what a recording says, after a tick of reset, and
// compares what it drives. That returns the number of cycles.
func replay[In any, Out comparable](tick func(*In, *Out), reset bool) func(io.Reader) (int, error) {
	return func(recording io.Reader) (cycles int, err error) {
		var in In
		var got, want Out
		r, err := trace.NewReader(recording, &in, &want)
		if reset {
			tick(&in, &got)
		}
		for err == nil {
			if err = r.Next(); err != nil {
				break
			}
			cycles++
			if tick(&in, &got); got != want {
				return cycles, fmt.Errorf("cycle %d: got %+v, want %+v", cycles, got, want)
			}
		}
		if err == io.EOF {
			err = nil
		}
		return cycles, err
	}
}

// The commands of a unit retire in the order in which they were issued, as traces take for granted.
func TestRetireInOrder(t *testing.T) {
	for _, job := range kernelJobs(t) {
		chip := job.load()
		var issued [isa.NumUnits][]uint8 // marks of the outstanding commands
		for !chip.Wires().Seq.Finished {
			chip.Step()
			for u, done := range chip.Inputs().Seq.Done {
				if done.Valid {
					require.NotEmpty(t, issued[u])
					require.Equal(t, issued[u][0], done.Inst, "%s, cycle %d", job.name, chip.Cycle())
					issued[u] = issued[u][1:]
				}
			}
			if b := &chip.Wires().Seq.Bus; b.Kind == port.BusCmd {
				issued[b.Unit] = append(issued[b.Unit], b.Inst)
			}
		}
		for u := range issued {
			require.Empty(t, issued[u], job.name)
		}
	}
}
