package loss

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/port/porttest"
)

const (
	tag      = activity.Tag(0x43) // phase 2, layer 3
	src, dst = 64, 12000
	fill     = 0x5a5a5a5a5a5a5a5a
)

// bench is the unit beside a memory.
type bench struct {
	u   *Unit
	in  In
	out Out
	bus port.Bus
	mem *porttest.OMEM
	act activity.Counts

	oracle *porttest.Oracle // panics when a register changes without its clock
}

func newBench(r *rand.Rand) *bench {
	b := &bench{mem: porttest.New(1<<15, fill, r)}
	c := machine.Reference()
	b.u = New(&c, &b.act)
	b.in.Bus = &b.bus
	return b
}

func (b *bench) tick() {
	b.in = In{Bus: &b.bus, Read: b.mem.Read, ReqRoom: b.mem.ReqRoom, WriteRoom: b.mem.WriteRoom, WriteIdle: b.mem.WriteIdle}
	b.mem.Tick(&b.out.Req, b.out.ReadRoom, &b.out.Write)
	b.u.Tick(&b.in, &b.out)
	b.bus.Kind = port.BusNone
	if b.oracle == nil {
		return
	}
	for _, err := range b.oracle.Check(&b.act) {
		panic(err)
	}
}

func (b *bench) set(pairs ...int) {
	for i := 0; i < len(pairs); i += 2 {
		b.bus = port.Bus{Kind: port.BusParam, Unit: isa.UnitLoss, Index: uint8(pairs[i]), Val: uint32(pairs[i+1]), PC: 0x20}
		b.tick()
	}
}

func (b *bench) command(op isa.Op, inst uint8) {
	b.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitLoss, Op: op, Tag: tag, Inst: inst, PC: 0x40 + 8*uint32(inst)}
}

func (b *bench) status(index uint8) uint32 {
	b.bus = port.Bus{Kind: port.BusGet, Unit: isa.UnitLoss, Index: index}
	b.tick()
	return b.out.Stat
}

func (b *bench) finish(t require.TestingT, inst uint8) (ticks int) {
	for {
		b.tick()
		ticks++
		require.Equal(t, port.FaultNone, b.out.Fault.Code, port.FaultTexts[b.out.Fault.Code])
		if b.out.Done.Valid {
			require.Equal(t, inst, b.out.Done.Inst)
			require.False(t, b.mem.Pending() || b.out.Write.Valid, "a write is under way")
			return ticks
		}
		require.Less(t, ticks, 200_000, "command does not end")
	}
}

// batch is one command's work.
type batch struct {
	n, nb, frac int
	a           [][]int16
	label       []int
}

func (b *batch) groups() int { return (b.n + 15) / 16 }
func (b *batch) step() int   { return 4*b.groups() + 4 }

// load stores the logits, with rubbish in the padding, and sets labels and parameters.
func (b *bench) load(w *batch) {
	for s, row := range w.a {
		for g := range w.groups() {
			var v port.Group
			for l := range v {
				v[l] = math.MaxInt16
			}
			copy(v[:], row[16*g:])
			b.mem.Put(uint32(src+s*w.step()+4*g), &v)
		}
		b.set(isa.LossLabel, s<<16|w.label[s])
	}
	b.set(isa.LossSrc, src, isa.LossSStep, w.step(), isa.LossDst, dst, isa.LossDStep, w.step(), isa.LossN, w.n, isa.LossNB, w.nb, isa.LossFrac, w.frac)
}

// twin is docs/arithmetic.md section 3, the table from its definition and the quotient by a library.
func twin(a []int16, frac, label int) (e []int64, predicted int) {
	power := func(v int16) int64 {
		z := (int64(a[predicted]) - int64(v)) * 94548 >> (frac + 8)
		if z>>8 > 31 {
			return 0
		}
		return int64(math.Round(65536*math.Exp2(-float64(z&255)/256))) >> (z >> 8)
	}
	for c, v := range a {
		if v > a[predicted] {
			predicted = c
		}
	}
	sum := int64(0)
	for _, v := range a {
		sum += power(v)
	}
	r := new(big.Int).Div(new(big.Int).Lsh(big.NewInt(1), 40), big.NewInt(sum)).Int64()
	e = make([]int64, len(a))
	for c, v := range a {
		e[c] = (power(v)*r + 1<<25) >> 26
	}
	e[label] -= 1 << 14
	return e, predicted
}

func TestTable(t *testing.T) {
	for f, got := range expTable {
		require.EqualValues(t, math.Round(65536*math.Exp2(-float64(f)/256)), got, "T[%d]", f)
	}
}

var anyFrac = rapid.IntRange(isa.OpLossCE.Limits(isa.LossFrac))

func drawBatch(t *rapid.T) *batch {
	w := &batch{
		n:    rapid.OneOf(rapid.IntRange(1, 20), rapid.IntRange(1, 100)).Draw(t, "n"),
		nb:   rapid.IntRange(1, 6).Draw(t, "nb"),
		frac: rapid.OneOf(rapid.IntRange(4, 12), anyFrac).Draw(t, "frac"),
	}
	noise := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "logits"), 0))
	spread := rapid.SampledFrom([]int{0, 1, 3, 300, 5000, 32767}).Draw(t, "spread") // 0: all equal, 1 and 3: many ties
	for range w.nb {
		row := make([]int16, w.n)
		for c := range row {
			row[c] = int16(noise.IntN(2*spread+1) - spread)
		}
		if spread == 32767 {
			row[noise.IntN(w.n)] = -32768
		}
		w.a, w.label = append(w.a, row), append(w.label, noise.IntN(w.n))
	}
	return w
}

// compare checks e_L, its padding, the words behind each row, and the status registers.
func (b *bench) compare(t require.TestingT, w *batch, wrote bool) {
	correct, largest := 0, int64(0)
	for s, row := range w.a {
		e, predicted := twin(row, w.frac, w.label[s])
		if predicted == w.label[s] {
			correct++
		}
		for i := range 16*w.groups() + 1 {
			got, want := int64(b.mem.Get(uint32(dst + s*w.step() + i/16*4))[i%16]), int64(0)
			switch {
			case !wrote || i == 16*w.groups():
				want = 0x5a5a
			case i < w.n:
				want = e[i]
				largest = max(largest, want, -want)
			}
			require.Equal(t, want, got, "sample %d class %d", s, i)
		}
	}
	require.EqualValues(t, correct, b.status(isa.LossCorrect))
	require.EqualValues(t, largest, b.status(isa.LossMax))
	require.Zero(t, b.status(isa.LossCorrect), "reading clears")
	require.Zero(t, b.status(isa.LossMax), "reading clears")
}

func TestEqualsTheTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r *rand.Rand
		if rapid.Bool().Draw(t, "stalls") {
			r = rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "stall seed"), 0))
		}
		b, w := newBench(r), drawBatch(t)
		b.oracle = porttest.NewOracle(activity.Loss, &b.u.State, &b.out)
		b.load(w)
		b.command(isa.OpLossEval, 1)
		b.finish(t, 1)
		b.compare(t, w, false)
		before := b.act.Rows[tag]
		b.command(isa.OpLossCE, 2)
		b.tick()
		b.command(isa.OpLossEval, 3) // queued behind
		b.finish(t, 2)
		b.checkEvents(t, w, &before)
		b.finish(t, 3)
		correct := b.status(isa.LossCorrect)
		require.Zero(t, correct%2, "both commands count the same samples")
		b.u.Correct, b.oracle = correct/2, nil
		b.compare(t, w, true)
	})
}

func (b *bench) checkEvents(t require.TestingT, w *batch, before *activity.Row) {
	row, quarters := b.act.Rows[tag], w.nb*((w.n+3)/4)
	for e, n := range before {
		row[e] -= n
	}
	require.EqualValues(t, quarters, row[activity.LogitWrite])
	require.EqualValues(t, 2*quarters, row[activity.LogitRead])
	require.EqualValues(t, 2*w.n*w.nb, row[activity.ExpTab])
	require.EqualValues(t, 3*w.n*w.nb, row[activity.LossMul])
	require.EqualValues(t, 25*w.nb, row[activity.LossDiv])
}

// A full row buffer: the widest sum, the smallest reciprocal; with stalls, more groups than OMEM's port can hold.
func TestManyClasses(t *testing.T) {
	w := &batch{n: 1024, nb: 2, frac: 8, label: []int{1023, 0}, a: [][]int16{make([]int16, 1024), make([]int16, 1024)}}
	for c := range 1024 {
		w.a[1][c] = int16(c * 31 % 1000)
	}
	for _, r := range []*rand.Rand{nil, rand.New(rand.NewPCG(1, 0))} {
		b := newBench(r)
		b.load(w)
		b.command(isa.OpLossCE, 0)
		b.finish(t, 0)
		b.compare(t, w, true)
	}
}

// The divider's quotient is exact, at powers of two and at both ends of the range of S too.
func TestDivider(t *testing.T) {
	u, row := newBench(nil).u, activity.Row{}
	check := func(s uint32) {
		u.S, u.Phase, u.Rem, u.R, u.Step = s, PhaseDivide, firstRem, 0, 0
		steps := 0
		for ; u.Phase == PhaseDivide; steps++ {
			u.divide(&row)
		}
		require.EqualValues(t, uint64(1<<40)/uint64(s), u.R, "S = %d", s)
		require.Equal(t, 25, steps)
	}
	for k := 16; k <= 26; k++ {
		check(1 << k)
		check(1<<k + 1)
		check(1<<26 - 1<<k/2)
	}
	rapid.Check(t, func(t *rapid.T) { check(rapid.Uint32Range(1<<16, 1<<26).Draw(t, "S")) })
}

// The formulas of doc.go, nothing stalling.
func TestCycles(t *testing.T) {
	for _, n := range []int{1, 4, 10, 16, 17, 64, 100, 1000} {
		for _, nb := range []int{1, 2, 5} {
			t.Run(fmt.Sprintf("n=%d nb=%d", n, nb), func(t *testing.T) {
				w := &batch{n: n, nb: nb, label: make([]int, nb), a: make([][]int16, nb)}
				for s := range w.a {
					w.a[s] = make([]int16, n)
				}
				g, q := w.groups(), (n+3)/4
				b := newBench(nil)
				b.load(w)
				b.command(isa.OpLossEval, 0)
				require.Equal(t, 2+nb*g, b.finish(t, 0), "eval")
				b.command(isa.OpLossCE, 1)
				require.Equal(t, 4+nb*(g+2*q+32), b.finish(t, 1), "ce")
			})
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name         string
		index, value int
		op           isa.Op
		want         port.Fault
	}{
		{"no classes", isa.LossN, 0, isa.OpLossEval, port.Fault{Code: port.FaultParam, PC: 0x48, Arg: isa.LossN << 32}},
		{"too many classes", isa.LossN, 1025, isa.OpLossCE, port.Fault{Code: port.FaultParam, PC: 0x48, Arg: isa.LossN<<32 | 1025}},
		{"no samples", isa.LossNB, 0, isa.OpLossCE, port.Fault{Code: port.FaultParam, PC: 0x48, Arg: isa.LossNB << 32}},
		{"too many samples", isa.LossNB, 33, isa.OpLossCE, port.Fault{Code: port.FaultParam, PC: 0x48, Arg: isa.LossNB<<32 | 33}},
		{"few fraction bits", isa.LossFrac, -9, isa.OpLossCE, port.Fault{Code: port.FaultParam, PC: 0x48, Arg: isa.LossFrac<<32 | 0xfffffff7}},
		{"many fraction bits", isa.LossFrac, 40, isa.OpLossCE, port.Fault{Code: port.FaultParam, PC: 0x48, Arg: isa.LossFrac<<32 | 40}},
		{"unaligned", isa.LossDst, 14, isa.OpLossCE, port.Fault{Code: port.FaultOMEMAddr, PC: 0x48, Arg: 14}},
		{"unaligned step", isa.LossDStep, 6, isa.OpLossCE, port.Fault{Code: port.FaultOMEMAddr, PC: 0x48, Arg: 6}},
		{"label of sample 1", isa.LossLabel, 1<<16 | 10, isa.OpLossCE, port.Fault{Code: port.FaultParam, PC: 0x48, Arg: isa.LossLabel<<32 | 1<<16 | 10}},
		{"label of sample 32", isa.LossLabel, 32 << 16, isa.OpLossEval, port.Fault{Code: port.FaultParam, PC: 0x20, Arg: isa.LossLabel<<32 | 32<<16}},
		{"foreign command", isa.LossN, 10, isa.OpDEPCRun, port.Fault{Code: port.FaultIllegal, PC: 0x48, Arg: uint64(isa.OpDEPCRun)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(nil)
			b.load(&batch{n: 10, nb: 2, frac: 8, label: []int{9, 9}, a: [][]int16{make([]int16, 10), make([]int16, 10)}})
			b.set(c.index, c.value)
			b.command(c.op, 1)
			for range 300 {
				b.tick()
				require.False(t, b.out.Done.Valid)
			}
			require.Equal(t, c.want, b.out.Fault)
			require.Equal(t, activity.Idle, b.out.Status)
		})
	}
}

func TestAllocatesNothing(t *testing.T) {
	w := &batch{n: 100, nb: 32, frac: 8, label: make([]int, 32), a: make([][]int16, 32)}
	for s := range w.a {
		w.a[s] = make([]int16, 100)
	}
	b := newBench(nil)
	b.load(w)
	b.command(isa.OpLossCE, 0)
	require.Zero(t, testing.AllocsPerRun(2000, b.tick))
}

func BenchmarkTick(b *testing.B) {
	idle := newBench(nil)
	b.Run("idle", func(b *testing.B) {
		for b.Loop() {
			idle.u.Tick(&idle.in, &idle.out)
		}
	})
	busy := newBench(nil)
	w := &batch{n: 10, nb: 32, frac: 8, label: make([]int, 32), a: make([][]int16, 32)}
	for s := range w.a {
		w.a[s] = make([]int16, 10)
	}
	busy.load(w)
	b.Run("ce", func(b *testing.B) {
		for b.Loop() {
			if busy.u.Queue.N == 0 {
				busy.command(isa.OpLossCE, 0)
			}
			busy.tick()
		}
	})
}
