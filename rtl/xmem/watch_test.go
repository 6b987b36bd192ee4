package xmem

import (
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// watch sees the commands that reach the memory as changes of the banks and of the counts, and checks their distances
// against numbers written down here.
type watch struct {
	b              *bench
	banks          [8]Bank
	actAt, preAt   [8]int
	lastOf         [8][2]int // last read, last write
	acts           []int
	last           [2]int
	bursts         uint64
	reads, refresh uint64
}

func newWatch(b *bench) *watch {
	w := &watch{b: b, last: [2]int{-99, -99}}
	for i := range w.actAt {
		w.actAt[i], w.preAt[i], w.lastOf[i] = -99, -99, [2]int{-99, -99}
	}
	return w
}

func (w *watch) check(t *rapid.T) {
	now, s := w.b.t, &w.b.u.State
	w.burst(t, now)
	refreshed := w.b.act.Total(activity.XRefresh) != w.refresh
	w.refresh = w.b.act.Total(activity.XRefresh)
	for i := range s.Banks {
		was, is := w.banks[i], s.Banks[i]
		if was.Open && !is.Open {
			require.GreaterOrEqual(t, now-w.actAt[i], 9, "tRAS")
			require.GreaterOrEqual(t, now-w.lastOf[i][0], 2, "tRTP")
			require.GreaterOrEqual(t, now-w.lastOf[i][1], 6, "tWR")
			w.preAt[i] = now
		}
		if refreshed {
			require.False(t, is.Open)
			w.preAt[i] = now + 26 - 4 // tRFC, of which the rule below sees all but tRP
		}
		if !was.Open && is.Open {
			require.GreaterOrEqual(t, now-w.preAt[i], 4, "tRP or tRFC")
			w.actAt[i] = now
			w.acts = append(w.acts, now)
			if n := len(w.acts); n > 1 {
				require.GreaterOrEqual(t, now-w.acts[n-2], 2, "tRRD")
			}
			if n := len(w.acts); n > 4 {
				require.GreaterOrEqual(t, now-w.acts[n-5], 10, "tFAW")
			}
		}
		if was.Open && is.Open {
			require.Equal(t, was.Row, is.Row, "a row changes through closed")
		}
	}
	w.banks = [8]Bank(s.Banks)
}

// burst checks the distances of a transfer, by the counts of the events.
func (w *watch) burst(t *rapid.T, now int) {
	reads := uint64(0)
	for _, e := range events[:port.NumXReads] {
		reads += w.b.act.Total(e)
	}
	moved := w.b.u.Bursts - w.bursts
	require.LessOrEqual(t, moved, uint64(1))
	if moved == 1 {
		dir := 1
		if reads != w.reads {
			dir = 0
			require.GreaterOrEqual(t, now-w.last[1], 5, "write to read")
		} else {
			require.GreaterOrEqual(t, now-w.last[0], 4, "read to write")
		}
		w.last[dir] = now
		for i := range w.banks { // the bank is the one whose precharge limit moved
			if w.b.u.Banks[i].Pre != w.banks[i].Pre && w.banks[i].Open {
				require.GreaterOrEqual(t, now-w.actAt[i], 4, "tRCD")
				w.lastOf[i][dir] = now
			}
		}
	}
	w.reads, w.bursts = reads, w.b.u.Bursts
}
