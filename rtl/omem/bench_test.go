package omem

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/port/porttest"
)

const tag = activity.Tag(0x21) // phase 1, layer 1

// bench plays OMEM's neighbours. Inputs of a cycle are set before tick, which clears them.
type bench struct {
	u     *Unit
	in    In
	out   Out
	act   activity.Counts
	rand  *rand.Rand // nil: every consumer always has room
	items [port.NumStreams][]port.XItem
	read  [port.NumRPorts][]port.Group

	oracle *porttest.Oracle // nil: nobody watches the registers
}

// watched now and then watches that no register changes whose group is not clocked.
func (b *bench) watched(t *rapid.T) *bench {
	if rapid.IntRange(0, 9).Draw(t, "watched") == 0 {
		b.oracle = porttest.NewOracle(activity.OMEM, &b.u.State, &b.out)
	}
	return b
}

func newBench(r *rand.Rand) *bench {
	return newSizedBench(1<<14, 1<<12, r)
}

func newSizedBench(words, pointers int, r *rand.Rand) *bench {
	b := &bench{rand: r}
	m := machine.Reference()
	m.OMEM.Words, m.OMEM.Pointers = words, pointers
	b.u = New(&m, &b.act)
	b.in.Called = true
	b.out.StreamRoom = true
	for p := range b.out.ReqRoom {
		b.out.ReqRoom[p] = true
	}
	for p := range b.out.WriteRoom {
		b.out.WriteRoom[p], b.out.WriteIdle[p] = true, true
	}
	b.out.EncRoom, b.out.EncIdle = [2]bool{true, true}, [2]bool{true, true}
	return b
}

func (b *bench) chance() bool { return b.rand == nil || b.rand.IntN(3) > 0 }

func (b *bench) tick(t require.TestingT) {
	for i := range b.in.XRoom {
		b.in.XRoom[i] = b.chance()
	}
	for p := range b.in.ReadRoom {
		b.in.ReadRoom[p] = b.chance()
	}
	b.u.Tick(&b.in, &b.out)
	if b.oracle != nil {
		require.Empty(t, b.oracle.Check(&b.act))
	}
	for i := range b.out.X {
		if x := b.out.X[i]; x.Valid {
			require.True(t, b.in.XRoom[i], "an item without room")
			b.items[i] = append(b.items[i], x)
		}
	}
	for p := range b.out.ReadData {
		if d := b.out.ReadData[p]; d.Valid {
			require.True(t, b.in.ReadRoom[p], "a group without room")
			b.read[p] = append(b.read[p], d.Data)
		}
	}
	b.in.Stream.Valid = false
	for p := range b.in.Enc {
		b.in.Enc[p].Valid = false
	}
	for p := range b.in.Read {
		b.in.Read[p].Valid = false
	}
	for p := range b.in.Write {
		b.in.Write[p].Valid = false
	}
}

// rest ticks until OMEM is idle.
func (b *bench) rest(t require.TestingT) (ticks int) {
	for b.out.Status != activity.Idle {
		b.tick(t)
		ticks++
		require.Equal(t, port.FaultNone, b.out.Fault.Code, port.FaultTexts[b.out.Fault.Code])
		require.Less(t, ticks, 50_000, "does not come to rest")
	}
	return ticks
}

// blocks makes one block a sample with about density/16 non-zeros.
func blocks(r *rand.Rand, nb, density int) [][BlockElems]int16 {
	m := make([][BlockElems]int16, nb)
	for b := range m {
		d := density
		if density < 16 && r.IntN(4) == 0 {
			d = 0
		}
		for i := range m[b] {
			if r.IntN(16) < d {
				m[b][i] = int16(r.IntN(65535) - 32767)
			}
		}
	}
	return m
}

// slot is where the i-th map of a test lies: its first pointer or word, and those from one sample to the next.
func slot(kind port.StreamKind, i int) (src, step uint32) {
	if kind == port.StreamRaw {
		return uint32(i * 2048), 16
	}
	return uint32(i * 512), 3
}

// place stores a map in its slot; the words of a compressed one lie from 8192 + 2048*i.
func (b *bench) place(m [][BlockElems]int16, kind port.StreamKind, i int) {
	s := &b.u.State
	src, step := slot(kind, i)
	free := uint32(8192 + 2048*i)
	for k := range m {
		at := src + uint32(k)*step
		var words [BlockWords]uint64
		if kind == port.StreamRaw {
			copy(s.Mem[at:], words[:encodeRaw(&m[k], BlockElems, &words)])
			continue
		}
		n, raw := encode(&m[k], BlockElems, &words)
		copy(s.Mem[free:], words[:n])
		s.Ptr[at] = MakePointer(free, n, raw)
		free += uint32(n)
	}
}

// want lists what a stream must bring, end marks included.
func want(m [][BlockElems]int16, kind port.StreamKind, rows, split int) (w [port.NumStreams][]port.XItem) {
	item := func(b, e int) port.XItem {
		return port.XItem{Valid: true, X: m[b][e], Elem: uint8(e), Sample: uint8(b)}
	}
	end := port.XItem{Valid: true, EOS: true}
	if kind == port.StreamGrad {
		for e := range rows {
			if e == 32 {
				w[0] = append(w[0], end)
			}
			for b := range m {
				if m[b][e] != 0 {
					w[0] = append(w[0], item(b, e))
				}
			}
		}
		w[0] = append(w[0], end)
		return w
	}
	for b := range m {
		for e := range rows {
			if i := b % (1 << split); m[b][e] != 0 {
				w[i] = append(w[i], item(b, e))
			}
		}
	}
	for i := range 1 << split {
		w[i] = append(w[i], end)
	}
	return w
}

// cleaned drops the fields that mean nothing beside an end mark.
func cleaned(items [port.NumStreams][]port.XItem) [port.NumStreams][]port.XItem {
	for i := range items {
		for k := range items[i] {
			if x := &items[i][k]; x.EOS {
				*x = port.XItem{Valid: true, EOS: true}
			}
		}
	}
	return items
}

// denseWindow is a stream of split 2 over 3 x 3 windows of 16 channels, of which four taps fill the elements.
func denseWindow() port.StreamReq {
	return port.StreamReq{Valid: true, NB: 128, Rows: 64, SStep: 1, Split: 2, Tag: tag, Win: port.Window{
		Taps: 4, Chan: 16, KW: 3, OH: 8, OW: 8, IH: 8, IW: 8, Stride: 1, YOff: -1, XOff: -1, NStep: 64,
	}}
}

func BenchmarkTick(b *testing.B) {
	run := func(name string, m *bench, req port.StreamReq) {
		m.in.XRoom = [port.NumStreams]bool{true, true, true, true}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if m.in.Stream.Valid = req.Valid && m.out.StreamRoom; m.in.Stream.Valid {
					m.in.Stream = req
				}
				m.u.Tick(&m.in, &m.out)
				m.in.Called = false
			}
		})
	}
	idle := newBench(nil)
	run("idle", idle, port.StreamReq{})
	stream := newBench(nil)
	stream.place(blocks(rand.New(rand.NewPCG(1, 1)), 32, 8), port.StreamRLC, 0)
	run("stream", stream, port.StreamReq{Valid: true, NB: 32, Rows: 64, SStep: 3})
	four := newBench(nil)
	four.place(blocks(rand.New(rand.NewPCG(1, 1)), 128, 16), port.StreamRLC, 0)
	run("four streams", four, port.StreamReq{Valid: true, NB: 128, Rows: 64, SStep: 3, Split: 2})
	window := newBench(nil)
	newImages(rand.New(rand.NewPCG(1, 1)), denseWindow(), 20).place(&window.u.State, 16, 8192)
	run("window", window, denseWindow())
}
