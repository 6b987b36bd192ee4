package omem

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Every group of registers is clocked as often as it is written.
func TestClocks(t *testing.T) {
	count := func(b *bench) map[activity.Event]int {
		b.out.Status = activity.Busy
		b.rest(t)
		all := map[activity.Event]int{}
		for e := clockRequest; e <= clockData; e++ {
			if n := b.act.Rows[tag][e]; n > 0 {
				all[e] = int(n)
			}
		}
		return all
	}
	full := [BlockElems]int16{}
	for i := range full {
		full[i] = 1
	}
	two := [][BlockElems]int16{{1, 2, 3, 4}, {5}} // of two words and of one

	b := newBench(nil)
	b.place(two, port.StreamRLC, 0)
	src, step := slot(port.StreamRLC, 0)
	stream := port.StreamReq{Valid: true, Kind: port.StreamRLC, Src: src, SStep: step, NB: 2, Rows: 64, Tag: tag}
	b.in.Stream = stream
	b.tick(t)
	require.Equal(t, map[activity.Event]int{
		clockRequest: 1, clockFetch: 6, clockBlock: 2, clockWord: 3, clockExtract: 3, clockX: 5 + 1,
	}, count(b))

	b = newBench(nil)
	b.place(two, port.StreamRLC, 0)
	stream.Kind = port.StreamGrad
	b.in.Stream = stream
	b.tick(t)
	require.Equal(t, map[activity.Event]int{
		clockRequest: 1, clockFetch: 5, clockBlock: 2, clockWord: 3, clockX: 5 + 2, clockHas: BlockElems + 2*5,
	}, count(b))

	b = newBench(nil)
	b.in.Stream = port.StreamReq{Valid: true, Kind: port.StreamRaw, NB: 3, Rows: 4, Tag: tag}
	b.in.Stream.Win = port.Window{Taps: 2, Chan: 2, KW: 2, OH: 1, OW: 3, IH: 1, IW: 1, Stride: 1} // one tap meets the image
	b.tick(t)
	require.Equal(t, map[activity.Event]int{
		clockRequest: 1, clockWalk: 1 + 3*2, clockFetch: 3 * 2, clockBlock: 1, clockWord: 1, clockExtract: 1, clockX: 1 + 1,
	}, count(b))

	b = newBench(nil)
	for q := pushes(port.EPortDMA, [][BlockElems]int16{full}, 64, 0, 100, 132); len(q.groups) > 0; b.tick(t) {
		q.step(b)
	}
	require.Equal(t, map[activity.Event]int{
		clockEnc: 4, clockCollect: 4, clockCoded: BlockWords, clockEncoder: 4 + 1 + 4,
	}, count(b))

	b = newBench(nil)
	b.in.Read[port.RPortWLD] = port.ReadReq{Valid: true, Groups: 2, Rows: 3, Stride: 8, Tag: tag}
	b.in.Write[port.WPortLoss] = port.WriteReq{Valid: true, Tag: tag}
	b.tick(t)
	require.Equal(t, map[activity.Event]int{clockRead: 1, clockReader: 1 + 6, clockData: 6, clockWrite: 1}, count(b))
}
