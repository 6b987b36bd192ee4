package omem

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// push is a list of groups for an encoder, sent when there is room.
type push struct {
	groups []port.EncReq
	port   port.EPort
}

// pushes cuts blocks of n elements into requests for one encoder; the first block restarts the allocation.
func pushes(p port.EPort, m [][BlockElems]int16, n int, ptr, alloc, limit uint32) push {
	q := push{port: p}
	for k := range m {
		for g := range n / 16 {
			r := port.EncReq{
				Valid: true, Last: g == n/16-1, New: k == 0, Group: uint8(g), Ptr: ptr + uint32(k), Alloc: alloc, Limit: limit, Tag: tag, PC: 0x20,
			}
			copy(r.Data[:], m[k][16*g:])
			q.groups = append(q.groups, r)
		}
	}
	return q
}

// step puts the next group on its wire if the encoder showed room.
func (q *push) step(b *bench) {
	if len(q.groups) > 0 && b.out.EncRoom[q.port] && b.chance() {
		b.in.Enc[q.port] = q.groups[0]
		q.groups = q.groups[1:]
	}
}

// checkMap compares blocks in memory and their compact allocation; it returns the word behind the last one.
func checkMap(t require.TestingT, s *State, m [][BlockElems]int16, n int, ptr, alloc uint32) uint32 {
	for k := range m {
		p := s.Ptr[ptr+uint32(k)]
		require.Equal(t, alloc, p.Addr(), "block %d lies right behind block %d", k, k-1)
		require.LessOrEqual(t, p.Words(), n/4)
		alloc += uint32(p.Words())
		want := m[k]
		clear(want[n:])
		require.Equal(t, want, twinDecode(s.Mem[p.Addr():p.Addr()+uint32(p.Words())], p.Raw()), "block %d", k)
	}
	return alloc
}

func TestEnginesTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		data := rand.New(rand.NewPCG(seed, 1))
		b := newBench(rand.New(rand.NewPCG(seed, 2))).watched(t)
		n := 16 * rapid.IntRange(1, 4).Draw(t, "groups")
		var maps [2][][BlockElems]int16
		var enc [2]push
		for p := range maps {
			maps[p] = blocks(data, 24, rapid.IntRange(0, 16).Draw(t, "density"))
			enc[p] = pushes(port.EPort(p), maps[p], n, uint32(1000+100*p), uint32(4000+500*p), uint32(4500+500*p))
		}
		stream := blocks(data, 32, 8)
		b.place(stream, port.StreamRLC, 0)
		src, step := slot(port.StreamRLC, 0)
		b.in.Stream = port.StreamReq{Valid: true, Src: src, SStep: step, NB: 32, Rows: 64, Split: 2, Tag: tag}
		s := &b.u.State
		for a := range 2048 {
			s.Mem[a] = data.Uint64()
		}
		var writes [port.NumWPorts][]port.WriteReq
		var reads [port.NumRPorts][]port.Group
		for p := range port.NumRPorts {
			r := port.ReadReq{Valid: true, Addr: uint32(4 * data.IntN(64)), Groups: uint16(1 + data.IntN(5)), Rows: uint8(1 + data.IntN(9)), Stride: uint32(4 * data.IntN(40)), Tag: tag}
			b.in.Read[p] = r
			for row := range uint32(r.Rows) {
				for g := range uint32(r.Groups) {
					var want port.Group
					for l := range want {
						want[l] = int16(s.Mem[r.Addr+row*r.Stride+4*g+uint32(l/4)] >> (16 * (l % 4)))
					}
					reads[p] = append(reads[p], want)
				}
			}
		}
		for p := range writes {
			for k := range 40 {
				w := port.WriteReq{Valid: true, Addr: uint32(2048 + 400*int(p) + 4*k), Tag: tag}
				for l := range w.Data {
					w.Data[l] = int16(data.Uint32())
				}
				writes[p] = append(writes[p], w)
			}
		}
		sent := [port.NumWPorts]int{}
		for range 40 * 100 {
			for p := range enc {
				enc[p].step(b)
			}
			for p := range writes {
				if sent[p] < len(writes[p]) && b.out.WriteRoom[p] && b.chance() {
					b.in.Write[p] = writes[p][sent[p]]
					sent[p]++
				}
			}
			b.tick(t)
		}
		require.Equal(t, activity.Idle, b.out.Status)
		require.Equal(t, reads, b.read)
		require.Equal(t, want(stream, port.StreamRLC, 64, 2), cleaned(b.items))
		for p := range writes {
			require.True(t, b.out.WriteIdle[p])
			for _, w := range writes[p] {
				for l, v := range w.Data {
					require.Equal(t, v, int16(s.Mem[w.Addr+uint32(l/4)]>>(16*(l%4))))
				}
			}
		}
		words := uint64(0)
		for p := range maps {
			require.True(t, b.out.EncIdle[p])
			end := checkMap(t, s, maps[p], n, uint32(1000+100*p), uint32(4000+500*p))
			words += uint64(end) - uint64(4000+500*p)
		}
		row := &b.act.Rows[tag]
		require.Equal(t, uint64(2*24*n), row[activity.RLCEncode])
		require.Equal(t, uint64(2*24), row[activity.PtrWrite])
		require.Equal(t, words+uint64(port.NumWPorts)*40*4, row[activity.OMEMWrite])
		require.Zero(t, b.act.Rows[0][activity.ActiveOMEM], "clock energy without an owner")
	})
}

func TestEncoderContinuesAndRestarts(t *testing.T) {
	b := newBench(nil)
	r := rand.New(rand.NewPCG(1, 9))
	send := func(q push) {
		for len(q.groups) > 0 {
			q.step(b)
			b.tick(t)
		}
		b.rest(t)
	}
	first, second, third := blocks(r, 3, 5), blocks(r, 4, 5), blocks(r, 2, 16)
	send(pushes(port.EPortDMA, first, 64, 0, 100, 1000))
	q := pushes(port.EPortDMA, second, 64, 10, 7, 1000)
	for i := range q.groups {
		q.groups[i].New = false
	}
	send(q)
	behind := checkMap(t, &b.u.State, first, 64, 0, 100)
	checkMap(t, &b.u.State, second, 64, 10, behind)
	send(pushes(port.EPortDMA, third, 64, 20, 200, 1000))
	checkMap(t, &b.u.State, third, 64, 20, 200)
}

// TestLargestMemory codes and reads blocks on both sides of every power of two that an address can pass, up to the last
// word: an address that lost a bit would meet another block.
func TestLargestMemory(t *testing.T) {
	b := newSizedBench(maxWords, 1<<12, nil)
	r := rand.New(rand.NewPCG(8, 8))
	alloc := []uint32{16, 1<<15 - 16, 1<<16 - 16, 1<<16 + 16, 1<<17 - 16, 1<<17 + 16, 3 << 16, maxWords - 32}
	var all [][BlockElems]int16
	for i, at := range alloc {
		m := blocks(r, 2, 16-i)
		q := pushes(port.EPortDrain, m, 64, uint32(2*i), at, maxWords)
		for len(q.groups) > 0 {
			q.step(b)
			b.tick(t)
		}
		b.rest(t)
		checkMap(t, &b.u.State, m, 64, uint32(2*i), at)
		all = append(all, m...)
	}
	for _, kind := range []port.StreamKind{port.StreamRLC, port.StreamGrad} {
		b.in.Stream = port.StreamReq{Valid: true, Kind: kind, SStep: 1, NB: uint8(len(all)), Rows: 64, Tag: tag}
		b.tick(t)
		b.rest(t)
		require.Equal(t, want(all, kind, 64, 0), cleaned(b.items))
		b.items = [port.NumStreams][]port.XItem{}
	}
	b.in.Write[1] = port.WriteReq{Valid: true, Addr: maxWords - 4, Tag: tag, Data: port.Group{3: 5, 15: 7}}
	b.tick(t)
	b.rest(t)
	b.in.Read[2] = port.ReadReq{Valid: true, Addr: maxWords - 4*port.MaxGroups, Groups: port.MaxGroups, Rows: 1, Tag: tag}
	b.tick(t)
	b.rest(t)
	require.Equal(t, port.Group{3: 5, 15: 7}, b.read[2][port.MaxGroups-1])
}

// Rows of 4,096 elements, the longest, and what is longer.
func TestLongestRows(t *testing.T) {
	b := newBench(nil)
	s := &b.u.State
	for a := range s.Mem {
		s.Mem[a] = uint64(a)
	}
	b.in.Read[3] = port.ReadReq{Valid: true, Addr: 8, Groups: port.MaxGroups, Rows: 3, Stride: 2000, Tag: tag}
	b.tick(t)
	for range 3 * port.MaxGroups {
		b.tick(t)
	}
	require.Len(t, b.read[3], 3*port.MaxGroups, "a group a cycle")
	require.True(t, b.out.ReqRoom[3])
	for i, g := range b.read[3] {
		require.EqualValues(t, 8+i/port.MaxGroups*2000+i%port.MaxGroups*4, g[0], "group %d", i)
	}
	b.in.Read[3].Valid, b.in.Read[3].Groups = true, port.MaxGroups+1
	b.tick(t)
	require.Equal(t, port.Fault{Code: port.FaultOMEMAddr, Arg: 8}, b.out.Fault)
}

func TestEncoderCycles(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for density, words := range map[int]int{0: 0, 16: 16} {
		b := newBench(nil)
		m := make([][BlockElems]int16, 10)
		for k := range m {
			for e := range m[k] {
				if density > 0 {
					m[k][e] = int16(1 + r.IntN(1000))
				}
			}
		}
		q := pushes(port.EPortDrain, m, 64, 0, 0, 4000)
		ticks := 0
		for first := true; first || !b.out.EncIdle[0]; first = false {
			q.step(b)
			b.tick(t)
			ticks++
		}
		// A group a cycle without a gap, one cycle in the FIFO, then the words of the last block.
		require.Equal(t, 4*len(m)+1+max(1, words/4), ticks)
	}
}

func TestReaderAndWriterCycles(t *testing.T) {
	b := newBench(nil)
	b.in.Read[0] = port.ReadReq{Valid: true, Groups: 4, Rows: 8, Stride: 16, Tag: tag}
	b.tick(t)
	for range 32 {
		b.tick(t)
	}
	require.Len(t, b.read[0], 32, "a group a cycle from the cycle after the request")
	require.True(t, b.out.ReqRoom[0])
	for k := range 20 {
		require.True(t, b.out.WriteRoom[1])
		b.in.Write[1] = port.WriteReq{Valid: true, Addr: uint32(4 * k), Tag: tag}
		b.tick(t)
		require.False(t, b.out.WriteIdle[1])
	}
	b.tick(t)
	require.True(t, b.out.WriteIdle[1], "a group is stored in the cycle after its arrival")
}

// TestBankConflicts counts the cycles in which two engines want the same banks: a group has banks 0..3 or 4..7.
func TestBankConflicts(t *testing.T) {
	read := func(addr [2]uint32) (ticks int) {
		b := newBench(nil)
		for p, a := range addr {
			b.in.Read[p] = port.ReadReq{Valid: true, Addr: a, Groups: 1, Rows: 10, Stride: 8, Tag: tag}
		}
		b.tick(t)
		for ; len(b.read[0]) < 10 || len(b.read[1]) < 10; ticks++ {
			b.tick(t)
			require.Less(t, ticks, 200)
			require.False(t, addr[0] == addr[1] && len(b.read[0]) < 10 && len(b.read[1]) > 0, "the lower port first")
		}
		return ticks
	}
	require.Equal(t, 10, read([2]uint32{0, 4}), "different banks")
	require.Equal(t, 20, read([2]uint32{0, 0}), "the same banks")
	b := newBench(nil)
	b.in.Write[0] = port.WriteReq{Valid: true, Addr: 8, Tag: tag}
	b.in.Read[0] = port.ReadReq{Valid: true, Groups: 1, Rows: 1, Tag: tag}
	b.tick(t)
	b.tick(t)
	require.True(t, b.out.WriteIdle[0], "writers come before readers")
	require.Empty(t, b.read[0])
	b.tick(t)
	require.Len(t, b.read[0], 1)
}

func TestWriterStarvesADecoder(t *testing.T) {
	// A writer comes before a decoder: while it takes banks 0..3 in every cycle, the decoder gets no word of them.
	b := newBench(nil)
	b.in.Stream = port.StreamReq{Valid: true, Kind: port.StreamRaw, NB: 1, Rows: 64, Tag: tag}
	for range 60 {
		b.in.Write[0] = port.WriteReq{Valid: b.out.WriteRoom[0], Addr: 1024, Tag: tag}
		b.tick(t)
	}
	require.Empty(t, b.items[0])
	require.Equal(t, activity.Busy, b.out.Status)
	require.Less(t, b.rest(t), 30, "and goes on afterwards")
	require.Len(t, b.items[0], 1)
}

func TestEncoderFaults(t *testing.T) {
	full := make([][BlockElems]int16, 2)
	for e := range full[0] {
		full[0][e], full[1][e] = 1, 1
	}
	for name, c := range map[string]struct {
		ptr, alloc, limit uint32
		want              port.Fault
	}{
		"limit of the region": {0, 100, 131, port.Fault{Code: port.FaultOMEMFull, PC: 0x20, Arg: 131}},
		"end of OMEM":         {0, 1<<14 - 31, 1 << 20, port.Fault{Code: port.FaultOMEMFull, PC: 0x20, Arg: 1 << 14}},
		"alloc wraps":         {0, 1<<32 - 1, 1 << 31, port.Fault{Code: port.FaultOMEMFull, PC: 0x20, Arg: 1<<32 + 14}},
		"pointer":             {4095, 0, 1000, port.Fault{Code: port.FaultOMEMAddr, PC: 0x20, Arg: 4096}},
	} {
		b := newBench(nil)
		q := pushes(port.EPortDMA, full, 64, c.ptr, c.alloc, c.limit)
		for range 20 {
			q.step(b)
			b.tick(t)
		}
		require.Equal(t, c.want, b.out.Fault, name)
	}
	b := newBench(nil)
	q := pushes(port.EPortDMA, full, 64, 0, 100, 132)
	for range 20 {
		q.step(b)
		b.tick(t)
	}
	require.Equal(t, port.FaultNone, b.out.Fault.Code, "exactly full is not an overflow")
}

func TestTickDoesNotAllocate(t *testing.T) {
	b := newBench(nil)
	b.place(blocks(rand.New(rand.NewPCG(1, 1)), 32, 8), port.StreamRLC, 0)
	b.in.XRoom = [4]bool{true, true, true, true}
	kind := port.StreamRLC
	require.Zero(t, testing.AllocsPerRun(2000, func() {
		kind ^= port.StreamGrad
		b.in.Stream = port.StreamReq{Valid: b.out.StreamRoom, Kind: kind, SStep: 3, NB: 32, Rows: 64, Tag: tag}
		b.in.Enc[0] = port.EncReq{Valid: b.out.EncRoom[0], Last: true, New: true, Ptr: 900, Alloc: 4000, Limit: 5000}
		b.in.Write[0] = port.WriteReq{Valid: b.out.WriteRoom[0], Addr: 2048}
		b.in.Read[0] = port.ReadReq{Valid: b.out.ReqRoom[0], Groups: 2, Rows: 2}
		b.u.Tick(&b.in, &b.out)
	}))
	require.Equal(t, port.FaultNone, b.out.Fault.Code)
}
