package depc

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
)

// twin is docs/arithmetic.md section 4, written without regard to the unit.
type twin struct {
	e        [][]int64 // [sample][neuron], groups padded with 0
	sat, max int64
}

func newTwin(l *layer, sign func(g, p, t, c int) int64, mask func(b, n int) bool) *twin {
	w := &twin{e: make([][]int64, l.nb)}
	for b := range l.nb {
		w.e[b] = make([]int64, 16*l.groups())
	}
	for n := range l.neurons {
		for b := range l.nb {
			sum := int64(0)
			for c := range l.n {
				sum += sign(n/16, c/16, n%16, c%16) * int64(l.e[b][c])
			}
			if !l.all && !mask(b, n) {
				continue
			}
			v := sum
			if l.shift > 0 {
				half := int64(1) << (l.shift - 1)
				if v = (abs(sum) + half) >> l.shift; sum < 0 {
					v = -v
				}
			} else {
				v = sum << -l.shift
			}
			if c := min(max(v, -32768), 32767); c != v {
				w.sat++
				v = c
			}
			w.max = max(w.max, abs(v))
			w.e[b][n] = v
		}
	}
	return w
}

func abs(v int64) int64 { return max(v, -v) }

// lfsrSigns draws the bits in the order of section 4.
func lfsrSigns(l *layer) func(g, p, t, c int) int64 {
	signs := map[[4]int]int64{}
	s := l.seed
	for g := range l.groups() {
		for p := range l.passes() {
			for t := range 16 {
				for c := range min(16, l.n-16*p) {
					signs[[4]int{g, p, t, c}] = 2*int64(s&1) - 1
					s = s>>1 | (s^s>>10^s>>30^s>>31)<<31
				}
			}
		}
	}
	return func(g, p, t, c int) int64 { return signs[[4]int{g, p, t, c}] }
}

// storedSigns reads bit t*C + c of the entry of (g, p).
func storedSigns(l *layer, entries []port.Burst) func(g, p, t, c int) int64 {
	return func(g, p, t, c int) int64 {
		bit := t*min(16, l.n-16*p) + c
		return 2*int64(entries[g*l.passes()+p][bit/8]>>(bit%8)&1) - 1
	}
}

var anyShift = rapid.IntRange(isa.OpDEPCRun.Limits(isa.DEPCShift))

func drawLayer(t *rapid.T, cfg machine.Config) *layer {
	l := &layer{
		n:  rapid.OneOf(rapid.IntRange(1, min(16, cfg.DEPC.Classes)), rapid.IntRange(1, cfg.DEPC.Classes)).Draw(t, "n"),
		nb: rapid.IntRange(1, 32).Draw(t, "nb"), neurons: rapid.IntRange(1, 70).Draw(t, "neurons"),
		shift: rapid.OneOf(rapid.IntRange(-2, 8), anyShift).Draw(t, "shift"),
		seed:  rapid.Uint32Min(1).Draw(t, "seed"), sram: rapid.Bool().Draw(t, "sram"), x: rapid.Bool().Draw(t, "x"), all: rapid.Bool().Draw(t, "all"), entry: rapid.IntRange(0, 9).Draw(t, "entry"),
	}
	wide := rapid.Bool().Draw(t, "wide")
	for range l.nb {
		row := make([]int16, l.n)
		for c := range row {
			if wide {
				row[c] = rapid.SampledFrom([]int16{-32768, 32767, 0, -1, 16384, -16384}).Draw(t, "e")
			} else {
				row[c] = rapid.Int16Range(-300, 300).Draw(t, "e")
			}
		}
		l.e = append(l.e, row)
	}
	return l
}

// result reads a group of a sample from where the layer's errors go.
func (b *bench) result(l *layer, sample, group int) (g port.Group) {
	if !l.x {
		return b.mem.Get(uint32(dst + sample*l.dstep() + 4*group))
	}
	for k := range g {
		g[k] = int16(binary.LittleEndian.Uint16(b.xmem[dst+sample*l.dstep()+32*group+2*k:]))
	}
	return g
}

// compare checks every word of the destination, the gaps between the rows included.
func (b *bench) compare(t require.TestingT, l *layer, w *twin) {
	for s := range l.nb {
		for g := range l.groups() {
			got := b.result(l, s, g)
			for k, v := range got {
				require.EqualValues(t, w.e[s][16*g+k], v, "sample %d neuron %d", s, 16*g+k)
			}
		}
		gap := b.result(l, s, l.groups())
		require.EqualValues(t, 0x5a5a, gap[0], "word behind sample %d", s)
	}
	require.EqualValues(t, w.max, b.status(isa.DEPCMax))
	require.EqualValues(t, w.sat, b.status(isa.DEPCSat))
	require.Zero(t, b.status(isa.DEPCMax), "reading clears")
	require.Zero(t, b.status(isa.DEPCSat), "reading clears")
}

func TestEqualsTheTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r *rand.Rand
		if rapid.Bool().Draw(t, "stalls") {
			r = rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "stall seed"), 0))
		}
		cfg := with(config(48, 32), rapid.SampledFrom(trees).Draw(t, "trees"), rapid.SampledFrom(trees).Draw(t, "inputs"))
		b := newBench(cfg, r)
		l := drawLayer(t, cfg)
		noise := rand.New(rand.NewPCG(uint64(l.seed), 1))
		for i := range b.mask {
			b.mask[i] = uint16(noise.Uint32())
		}
		var entries []port.Burst
		sign := lfsrSigns(l)
		if l.sram {
			entries = make([]port.Burst, l.groups()*l.passes())
			for i := range entries {
				for k := range entries[i] {
					entries[i][k] = byte(noise.Uint32())
				}
			}
			sign = storedSigns(l, entries)
		}
		w := newTwin(l, sign, func(s, n int) bool { return b.mask[maskAt+s*maskStep+n/16]>>(n%16)&1 == 1 })
		b.write(l, entries)
		b.params(l)
		b.command(isa.OpDEPCLoad, 0, 3)
		b.tick()
		b.command(isa.OpDEPCRun, l.flags(), 4) // queued behind the load
		b.finish(t, 3)
		b.finish(t, 4)
		b.compare(t, l, w)
		b.checkEvents(t, l)
	})
}

// Registers change only in cycles in which their group is clocked, whatever is built.
func TestRegistersAreClocked(t *testing.T) {
	for _, neurons := range trees {
		for _, inputs := range trees {
			b := newBench(with(config(48, 32), neurons, inputs), rand.New(rand.NewPCG(uint64(neurons), uint64(inputs))))
			b.watch()
			for _, l := range []*layer{
				{n: 16, nb: 3, neurons: 40, shift: 3, seed: 9}, {n: 9, nb: 2, neurons: 33, shift: -2, sram: true, x: true},
				{n: 37, nb: 1, neurons: 20, shift: 4, seed: 5, x: true, all: true}, {n: 48, nb: 2, neurons: 50, sram: true},
			} {
				if l.n > b.machine.DEPC.Classes {
					continue
				}
				for range l.nb {
					row := make([]int16, l.n)
					for c := range row {
						row[c] = int16(b.xRand.Uint32())
					}
					l.e = append(l.e, row)
				}
				entries := make([]port.Burst, 12)
				for i := range entries {
					entries[i][i] = 0xa5
				}
				b.write(l, entries)
				b.params(l)
				b.command(isa.OpDEPCLoad, 0, 3)
				b.finish(t, 3)
				b.command(isa.OpDEPCRun, l.flags(), 4)
				for range 3 { // the DMA writes while entries are read
					b.in.Sign = port.SignWrite{Valid: true, Entry: 31, Tag: tag}
					b.tick()
				}
				b.finish(t, 4)
				b.status(isa.DEPCSat)
				b.tick()
			}
		}
	}
}

// More than 1,024 classes, up to 4,096, by values and cycles; errors are random, or all the lowest with equal signs, which
// makes the largest sums: 2^27 and -2^27.
func TestManyClasses(t *testing.T) {
	for _, l := range []*layer{
		{n: 1025, nb: 3, neurons: 20, shift: 6, seed: 9}, {n: 4081, nb: 5, neurons: 16, shift: 8, seed: 5},
		{n: 2047, nb: 32, neurons: 17, shift: 9, seed: 7, x: true}, {n: 4096, nb: 1, neurons: 20, shift: 8, seed: 3, all: true},
		{n: 4096, nb: 2, neurons: 20, shift: 13, sram: true, all: true},
	} {
		t.Run(fmt.Sprintf("n=%d nb=%d sram=%v", l.n, l.nb, l.sram), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(l.n), 1))
			for range l.nb {
				row := make([]int16, l.n)
				for c := range row {
					if row[c] = int16(r.Uint32()); l.sram {
						row[c] = -32768
					}
				}
				l.e = append(l.e, row)
			}
			var entries []port.Burst
			sign := lfsrSigns(l)
			if l.sram {
				entries = make([]port.Burst, l.groups()*l.passes())
				for i := range entries {
					for k := range entries[i] {
						entries[i][k] = -byte(k / 2 % 2) // two bytes a neuron: -, +, -, ...
					}
				}
				sign = storedSigns(l, entries)
			}
			b := newBench(config(4096, 1024), nil)
			for i := range b.mask {
				b.mask[i] = uint16(r.Uint32())
			}
			b.write(l, entries)
			b.params(l)
			b.command(isa.OpDEPCLoad, 0, 0)
			require.Equal(t, 3+l.nb*l.passes(), b.finish(t, 0), "load")
			b.command(isa.OpDEPCRun, l.flags(), 1)
			require.Equal(t, lastIssue(l)+7, b.finish(t, 1), "run")
			b.compare(t, l, newTwin(l, sign, func(s, n int) bool { return b.mask[maskAt+s*maskStep+n/16]>>(n%16)&1 == 1 }))
			b.checkEvents(t, l)
			if l.sram {
				require.EqualValues(t, 1<<14, b.result(l, 1, 0)[0])
				require.EqualValues(t, -1<<14, b.result(l, 1, 1)[3])
			}
		})
	}
}

func (b *bench) checkEvents(t require.TestingT, l *layer) {
	row := &b.act.Rows[tag]
	d := &b.machine.DEPC
	up := func(n, by int) int { return (n + by - 1) / by }
	tiles, passes := up(l.groups(), max(1, d.Neurons/16)), up(l.passes(), max(1, d.Inputs/16))
	samples, items := uint64(l.nb*l.groups()), uint64(l.groups()*l.passes())
	partial := tiles * l.nb * (passes - 1) * max(1, 16/d.Neurons)
	require.EqualValues(t, 16*l.n*l.groups()*l.nb, row[activity.DEPCAdd])
	require.EqualValues(t, l.nb*tiles*l.passes(), row[activity.EBufRead])
	require.Equal(t, uint64(l.nb*l.passes()), row[activity.EBufWrite])
	require.EqualValues(t, partial, row[activity.DEPCPRead])
	require.EqualValues(t, partial, row[activity.DEPCPWrite])
	if l.all {
		require.Zero(t, row[activity.MaskRead])
	} else {
		require.Equal(t, samples, row[activity.MaskRead])
	}
	if l.sram {
		require.Equal(t, items, row[activity.SignRead])
		require.Equal(t, items, row[activity.SignWrite])
	} else {
		require.Zero(t, row[activity.SignRead])
		require.EqualValues(t, items, b.gen.taken)
	}
}

// The formulas of doc.go, nothing stalling.
func TestCycles(t *testing.T) {
	for _, l := range []*layer{
		{n: 10, nb: 32, neurons: 128}, {n: 16, nb: 32, neurons: 80}, {n: 16, nb: 20, neurons: 80}, {n: 1, nb: 1, neurons: 64},
		{n: 2, nb: 3, neurons: 1}, {n: 40, nb: 32, neurons: 33}, {n: 40, nb: 5, neurons: 50}, {n: 33, nb: 1, neurons: 50},
		{n: 10, nb: 32, neurons: 128, sram: true}, {n: 40, nb: 7, neurons: 33, sram: true}, {n: 1, nb: 1, neurons: 64, sram: true},
		{n: 10, nb: 32, neurons: 128, x: true}, {n: 40, nb: 7, neurons: 33, sram: true, x: true, all: true},
	} {
		t.Run(fmt.Sprintf("n=%d nb=%d neurons=%d sram=%v", l.n, l.nb, l.neurons, l.sram), func(t *testing.T) {
			b := newBench(machine.Reference(), nil)
			l.seed, l.shift = 1, 4
			b.params(l)
			b.command(isa.OpDEPCLoad, 0, 0)
			require.Equal(t, 3+l.nb*l.passes(), b.finish(t, 0), "load")
			b.busy, b.waits = 0, 0
			b.command(isa.OpDEPCRun, l.flags(), 1)
			issues := l.groups() * l.passes() * l.nb
			last := lastIssue(l)
			require.Equal(t, last+7, b.finish(t, 1), "run")
			require.Equal(t, last-issues, b.waits, "stalls on the signs")
			require.Equal(t, issues+6, b.busy, "busy cycles")
			if !l.sram && l.passes() == 1 && l.nb > 1 {
				require.Equal(t, 2*l.n+l.nb+7+(l.groups()-1)*max(l.nb, 2*l.n), last+6, "closed form")
			}
		})
	}
}

// The same for other machines, with stored signs.
func TestCyclesOfOtherMachines(t *testing.T) {
	for _, neurons := range trees {
		for _, inputs := range trees {
			for _, l := range []*layer{
				{n: 10, nb: 5, neurons: 128, sram: true}, {n: 16, nb: 1, neurons: 50, sram: true},
				{n: 10, nb: 32, neurons: 40, sram: true, x: true}, {n: 48, nb: 3, neurons: 33, sram: true},
				{n: 33, nb: 1, neurons: 80, sram: true, all: true},
			} {
				b := newBench(with(config(48, 64), neurons, inputs), nil)
				if l.n > b.machine.DEPC.Classes {
					continue
				}
				b.params(l)
				b.command(isa.OpDEPCLoad, 0, 0)
				b.finish(t, 0)
				b.command(isa.OpDEPCRun, l.flags(), 1)
				require.Equal(t, 7+l.otherCycles(neurons, inputs), b.finish(t, 1), "%d trees of %d: %+v", neurons, inputs, l)
			}
		}
	}
}

// otherCycles is the number of issues and of cycles in which none is possible.
func (l *layer) otherCycles(neurons, inputs int) (n int) {
	rows, columns := max(1, neurons/16), max(1, inputs/16)
	parts := max(1, 16/neurons) * max(1, 16/inputs)
	for g := 0; g < l.groups(); g += rows {
		groups := min(rows, l.groups()-g)
		for p := 0; p < l.passes(); p += columns {
			n += groups*min(columns, l.passes()-p) - 1 + parts*l.nb
		}
		n += (groups - 1) * l.nb
	}
	return n
}

// lastIssue is the tick of the last issue, counted from the tick that sees the command (0).
func lastIssue(l *layer) int {
	if l.sram {
		return l.groups() * l.passes() * l.nb
	}
	issue, move, before := 0, 1, 0 // first issue of an item, tick in which its fill moved, first issue of the item before
	for i := range l.groups() * l.passes() {
		c := min(16, l.n-16*(i%l.passes()))
		move = max(move+2*c, before+1)
		if i > 0 {
			issue += l.nb
		}
		issue = max(issue, move+1)
		before = issue
	}
	return issue + l.nb - 1
}

// TestManyNeurons: the last group that a layer can have, 4096, goes where it belongs.
func TestManyNeurons(t *testing.T) {
	b := newBench(machine.Reference(), nil)
	b.xmem = make([]byte, 1<<21)
	b.sized(len(b.xmem))
	b.params(&layer{n: 1, nb: 1, neurons: 65535, shift: 0, seed: 1})
	b.mem.Put(src, &port.Group{7})
	b.command(isa.OpDEPCLoad, 0, 0)
	b.finish(t, 0)
	b.set(isa.DEPCDst, 0, isa.DEPCDStep, 0)
	b.command(isa.OpDEPCRun, isa.FlagX|isa.FlagAll, 1)
	b.finish(t, 1)
	for n := range 65535 {
		v := int16(binary.LittleEndian.Uint16(b.xmem[2*n:]))
		require.EqualValues(t, 7, max(v, -v), "neuron %d", n)
	}
	require.Zero(t, b.xmem[2*65535])
	require.Zero(t, b.xmem[2*65536])
}

// A chip without the unit: nothing is built, and every command faults.
func TestNotBuilt(t *testing.T) {
	for _, op := range []isa.Op{isa.OpDEPCLoad, isa.OpDEPCRun} {
		b := newBench(config(0, 0), nil)
		require.Empty(t, b.u.Clocked())
		require.Nil(t, b.u.EBuf)
		require.Nil(t, b.u.SignMem)
		b.params(&layer{n: 10, nb: 4, neurons: 40, seed: 1})
		b.command(op, 0, 1)
		b.tick()
		b.tick()
		require.Equal(t, port.Fault{Code: port.FaultIllegal, PC: 0x48, Arg: uint64(op)}, b.out.Fault)
	}
	b := newBench(config(0, 0), nil)
	b.in.Sign = port.SignWrite{Valid: true, PC: 0x80}
	b.tick()
	require.Equal(t, port.FaultParam, b.out.Fault.Code, "no sign memory")
}

func TestAllocatesNothing(t *testing.T) {
	for _, sram := range []bool{false, true} {
		b := newBench(machine.Reference(), nil)
		l := &layer{n: 20, nb: 32, neurons: 600, shift: 3, seed: 1, sram: sram, x: sram, all: sram}
		b.params(l)
		b.set(isa.DEPCDst, 0, isa.DEPCDStep, 32)
		b.command(isa.OpDEPCLoad, 0, 0)
		b.finish(t, 0)
		b.command(isa.OpDEPCRun, l.flags(), 0)
		b.x = make([]port.XReq, 0, xPlaces)
		require.Zero(t, testing.AllocsPerRun(2000, b.tick))
	}
}

// Every bit of the 256 finds its neuron and class, for every number of classes.
func TestUnpackDealsEveryBit(t *testing.T) {
	for c := 1; c <= 16; c++ {
		for bit := range 256 {
			reg := [signWords]uint64{}
			reg[bit/64] = 1 << (bit % 64)
			got, want := block{}, block{}
			if bit/c < errors.Group {
				want[bit/c] = 1 << (bit % c)
			}
			unpack(&reg, c, &got)
			require.Equal(t, want, got, "bit %d, %d classes", bit, c)
		}
	}
}
