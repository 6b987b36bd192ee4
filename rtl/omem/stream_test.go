package omem

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

var kinds = []port.StreamKind{port.StreamRLC, port.StreamRaw, port.StreamGrad}

func TestStreamsEqualTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		data := rand.New(rand.NewPCG(seed, 1))
		var stalls *rand.Rand
		if rapid.Bool().Draw(t, "stalls") {
			stalls = rand.New(rand.NewPCG(seed, 2))
		}
		b := newBench(stalls).watched(t)
		type job struct {
			m           [][BlockElems]int16
			kind        port.StreamKind
			rows, split int
		}
		var jobs []job
		for range rapid.IntRange(1, 4).Draw(t, "jobs") {
			j := job{kind: rapid.SampledFrom(kinds).Draw(t, "kind"), rows: rapid.IntRange(1, 64).Draw(t, "rows")}
			if j.kind != port.StreamGrad {
				j.split = rapid.IntRange(0, 2).Draw(t, "split")
			}
			j.m = blocks(data, rapid.IntRange(1, 32<<j.split).Draw(t, "nb"), rapid.IntRange(0, 16).Draw(t, "density"))
			jobs = append(jobs, j)
		}
		// All maps are in memory before: each compressed one has its own pointers and, as the next stream may be asked
		// for while the first one runs, its own words.
		var all [port.NumStreams][]port.XItem
		for i, j := range jobs {
			b.place(j.m, j.kind, i)
			w := want(j.m, j.kind, j.rows, j.split)
			for s := range w {
				all[s] = append(all[s], w[s]...)
			}
		}
		for i, j := range jobs {
			for !b.out.StreamRoom {
				b.tick(t)
			}
			src, step := slot(j.kind, i)
			b.in.Stream = port.StreamReq{
				Valid: true, Kind: j.kind, Src: src, SStep: step, NB: uint8(len(j.m)), Rows: uint8(j.rows), Split: uint8(j.split), Tag: tag,
			}
			b.tick(t)
		}
		b.rest(t)
		require.Equal(t, all, cleaned(b.items))
		var nonzeros, ends uint64
		for s := range all {
			for _, x := range all[s] {
				if x.EOS {
					ends++
				} else {
					nonzeros++
				}
			}
		}
		require.Equal(t, nonzeros, b.act.Rows[tag][activity.RLCDecode])
		require.Zero(t, b.act.Rows[0][activity.ActiveOMEM], "clock energy without an owner")
	})
}

// TestStreamCycles holds the formulas of the package comment.
func TestStreamCycles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	run := func(m [][BlockElems]int16, kind port.StreamKind, rows, split, requests int) int {
		b := newBench(nil)
		b.place(m, kind, 0)
		src, step := slot(kind, 0)
		sent, ticks := 0, 0
		for sent < requests || b.u.NReq > 0 {
			if b.in.Stream.Valid = sent < requests && b.out.StreamRoom; b.in.Stream.Valid {
				b.in.Stream = port.StreamReq{Valid: true, Kind: kind, Src: src, SStep: step, NB: uint8(len(m)), Rows: uint8(rows), Split: uint8(split), Tag: tag}
				sent++
			}
			b.tick(t)
			ticks++
		}
		return ticks
	}
	for _, nb := range []int{1, 2, 17, 32} {
		dense := blocks(r, nb, 16)
		nz := func(m [][BlockElems]int16) (n int) {
			for b := range m {
				for _, v := range m[b] {
					if v != 0 {
						n++
					}
				}
			}
			return n
		}
		require.Equal(t, 4+nz(dense), run(dense, port.StreamRaw, 64, 0, 1))
		require.Equal(t, 4+nz(dense), run(dense, port.StreamRLC, 64, 0, 1))
		require.Equal(t, 4+2*nz(dense)+3, run(dense, port.StreamRLC, 64, 0, 2), "the second starts behind the end of the first")
		sparse := make([][BlockElems]int16, nb)
		for b := range sparse {
			sparse[b][r.IntN(64)] = 7
			sparse[b][r.IntN(64)] = -7
		}
		require.Equal(t, 4+nz(sparse), run(sparse, port.StreamRLC, 64, 0, 1), "zeros cost no cycle")
		require.Equal(t, max(2+nb, 3), run(make([][BlockElems]int16, nb), port.StreamRLC, 64, 0, 1), "an empty block costs its pointer")
		require.Equal(t, max(2+(nb+3)/4, 3), run(make([][BlockElems]int16, nb), port.StreamRLC, 64, 2, 1), "streams find theirs side by side in the banks")
		// Corner-turn: a word a cycle into the buffer, then a non-zero a cycle and one or two ends.
		require.Equal(t, 4+16*nb+nz(dense), run(dense, port.StreamGrad, 64, 0, 1))
	}
}

func TestCornerTurnIsHidden(t *testing.T) {
	// While one buffer is read, the next request's is filled: the second stream follows without a gap.
	b := newBench(nil)
	m := blocks(rand.New(rand.NewPCG(5, 5)), 32, 16)
	b.place(m, port.StreamRaw, 0)
	b.place(m, port.StreamGrad, 1)
	src, step := slot(port.StreamGrad, 1)
	gaps := 0
	for sent := 0; sent < 3 || b.u.NReq > 0; {
		if b.in.Stream.Valid = sent < 3 && b.out.StreamRoom; b.in.Stream.Valid {
			b.in.Stream = port.StreamReq{Valid: true, Kind: port.StreamGrad, Src: src, SStep: step, NB: 32, Rows: 64, Tag: tag}
			sent++
		}
		b.tick(t)
		if len(b.items[0]) > 0 && !b.out.X[0].Valid {
			gaps++
		}
	}
	require.Zero(t, gaps)
}

func TestFaults(t *testing.T) {
	ask := func(r port.StreamReq, prepare func(s *State)) port.Fault {
		b := newBench(nil)
		if prepare != nil {
			prepare(&b.u.State)
		}
		r.Valid, r.PC, r.NB, r.Rows = true, 0x48, 2, 64
		b.in.Stream = r
		for range 12 {
			b.tick(t)
		}
		return b.out.Fault
	}
	fault := func(code port.FaultCode, arg uint64) port.Fault { return port.Fault{Code: code, PC: 0x48, Arg: arg} }
	require.Equal(t, fault(port.FaultOMEMAddr, 4096), ask(port.StreamReq{Src: 4095, SStep: 1}, nil), "pointer")
	require.Equal(t, fault(port.FaultOMEMAddr, 1<<14-15), ask(port.StreamReq{Kind: port.StreamRaw, Src: 1<<14 - 15}, nil), "raw map")
	require.Equal(t, fault(port.FaultOMEMAddr, 0xffff), ask(port.StreamReq{}, func(s *State) { s.Ptr[0] = MakePointer(0xffff, 2, false) }))
	bad := func(s *State) { s.Ptr[0], s.Mem[77] = MakePointer(77, 1, false), 1<<63 }
	require.Equal(t, fault(port.FaultRLC, 77), ask(port.StreamReq{}, bad))
	require.Equal(t, fault(port.FaultRLC, 77), ask(port.StreamReq{Kind: port.StreamGrad}, bad))

	b := newBench(nil)
	for _, r := range []port.ReadReq{
		{Addr: 2, Groups: 1, Rows: 1}, {Addr: 0, Groups: 0, Rows: 1}, {Addr: 0, Groups: 1, Rows: 0}, {Addr: 1<<14 - 4, Groups: 2, Rows: 1},
		{Addr: 0, Groups: 1, Rows: 2, Stride: 1}, {Addr: 0, Groups: 1, Rows: 3, Stride: 1 << 31},
	} {
		b.u.Fault = port.Fault{}
		r.Valid, r.PC = true, 8
		b.in.Read[1] = r
		b.tick(t)
		require.Equal(t, port.Fault{Code: port.FaultOMEMAddr, PC: 8, Arg: uint64(r.Addr)}, b.out.Fault, "%+v", r)
	}
	for _, addr := range []uint32{1, 1 << 14, 1<<32 - 4} {
		b.u.Fault = port.Fault{}
		b.in.Write[2] = port.WriteReq{Valid: true, Addr: addr, PC: 16}
		b.tick(t)
		require.Equal(t, port.Fault{Code: port.FaultOMEMAddr, PC: 16, Arg: uint64(addr)}, b.out.Fault)
	}
}
