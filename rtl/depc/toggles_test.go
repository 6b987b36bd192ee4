package depc

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// differ compares two numbers digit by digit.
func differ(a, b int64, width int) (n uint64) {
	for i := range width {
		n += uint64((a>>i ^ b>>i) & 1)
	}
	return n
}

// recounter counts toggles of layers one after the other, neuron by neuron, without regard to the unit's registers.
type recounter struct {
	operand [16][16]int64 // at a tree, behind the inverter
	node    [16][16]int64 // behind an adder: output i of a level of span leaves in place 16/span + i
	root    [16]int64
	sumBits int
	in, out uint64
}

func newRecounter(sumBits int) *recounter {
	r := &recounter{sumBits: sumBits}
	for t := range r.operand {
		for c := range r.operand[t] {
			r.operand[t][c] = -1 // 0, inverted
		}
	}
	return r
}

func (r *recounter) layer(l *layer, sign func(g, p, t, c int) int64) {
	for g := range l.groups() {
		sums := make([][16]int64, l.nb)
		for p := range l.passes() {
			for b := range l.nb {
				for t := range 16 {
					r.tree(l, sign, g, p, b, t)
					sums[b][t] += r.node[t][1]
					r.out += differ(r.root[t], sums[b][t], r.sumBits)
					r.root[t] = sums[b][t]
				}
			}
		}
	}
}

func (r *recounter) tree(l *layer, sign func(g, p, t, c int) int64, g, p, b, t int) {
	var v [16]int64
	for c := range 16 {
		e, s := int64(0), int64(-1)
		if 16*p+c < l.n {
			e, s = int64(l.e[b][16*p+c]), sign(g, p, t, c)
		}
		v[c] = s * e
		if s < 0 {
			e = -1 - e // all bits inverted
		}
		if 16*p+c < l.n {
			r.in += differ(r.operand[t][c], e, 16)
		}
		r.operand[t][c] = e
	}
	for span, width := 2, 18; span <= 16; span, width = 2*span, width+1 {
		for i := range 16 / span {
			sum := int64(0)
			for _, x := range v[i*span : (i+1)*span] {
				sum += x
			}
			at := &r.node[t][16/span+i]
			r.out += differ(*at, sum, width)
			*at = sum
		}
	}
}

// togglePair runs layers on a unit that counts and on one that does not.
func togglePair(t *testing.T, seed uint64, layers ...*layer) (on, off *bench) {
	benches := [2]*bench{}
	for i := range benches {
		var r *rand.Rand
		if seed > 0 {
			r = rand.New(rand.NewPCG(seed, 0))
		}
		cfg := config(48, 32)
		cfg.Toggles = i == 0
		benches[i] = newBench(cfg, r)
		for k := range benches[i].mask {
			benches[i].mask[k] = uint16(k * 40503)
		}
	}
	for _, l := range layers {
		var cycles [2]int
		for i, b := range benches {
			b.write(l, toggleSigns(l))
			b.params(l)
			b.command(isa.OpDEPCLoad, 0, 3)
			b.finish(t, 3)
			b.command(isa.OpDEPCRun, l.flags(), 4)
			cycles[i] = b.finish(t, 4)
		}
		require.Equal(t, cycles[1], cycles[0])
		for s := range l.nb {
			for g := range l.groups() {
				require.Equal(t, benches[1].result(l, s, g), benches[0].result(l, s, g))
			}
		}
		require.Equal(t, benches[1].u.State, benches[0].u.State)
	}
	return benches[0], benches[1]
}

func toggleSigns(l *layer) (entries []port.Burst) {
	if !l.sram {
		return nil
	}
	r := rand.New(rand.NewPCG(uint64(l.n), 7))
	entries = make([]port.Burst, l.groups()*l.passes())
	for i := range entries {
		for k := range entries[i] {
			entries[i][k] = byte(r.Uint32())
		}
	}
	return entries
}

// toggleLayers have few and many classes, padded ones, both kinds of signs and extreme errors.
func toggleLayers(r *rand.Rand) []*layer {
	layers := []*layer{
		{n: 10, nb: 5, neurons: 40, shift: 3, seed: 9}, {n: 37, nb: 4, neurons: 20, shift: 4, seed: 5, x: true},
		{n: 16, nb: 1, neurons: 33, shift: 3, sram: true}, {n: 1, nb: 3, neurons: 16, sram: true, all: true}, {n: 48, nb: 2, neurons: 16, shift: 5, seed: 77},
	}
	for i, l := range layers {
		for range l.nb {
			row := make([]int16, l.n)
			for c := range row {
				if row[c] = int16(r.Uint32()) >> (3 * i); i == 4 {
					row[c] = []int16{-32768, 32767, 0, -1}[r.IntN(4)]
				}
			}
			l.e = append(l.e, row)
		}
	}
	return layers
}

func TestTogglesEqualARecount(t *testing.T) {
	for seed := range uint64(3) {
		layers := toggleLayers(rand.New(rand.NewPCG(seed, 1)))
		on, off := togglePair(t, seed, layers...)
		want := newRecounter(27)
		for _, l := range layers {
			sign := lfsrSigns(l)
			if l.sram {
				sign = storedSigns(l, toggleSigns(l))
			}
			want.layer(l, sign)
		}
		row := &on.act.Rows[tag]
		require.Equal(t, [2]uint64{want.in, want.out}, [2]uint64{row[activity.DEPCToggleIn], row[activity.DEPCToggleOut]})
		require.LessOrEqual(t, row[activity.DEPCToggleIn], 16*row[activity.DEPCAdd])
		row[activity.DEPCToggleIn], row[activity.DEPCToggleOut] = 0, 0
		require.Equal(t, off.act, on.act, "all other counts, and none where none are wanted")
	}
}

// One class and one sample, numbers by hand.
func TestTogglesByHand(t *testing.T) {
	l := &layer{n: 1, nb: 1, neurons: 16, sram: true, all: true, e: [][]int16{{3}}}
	cfg := config(48, 32)
	cfg.Toggles = true
	b := newBench(cfg, nil)
	b.write(l, []port.Burst{{0xff, 0x00}}) // the first eight neurons add, the others subtract
	b.params(l)
	b.command(isa.OpDEPCLoad, 0, 3)
	b.finish(t, 3)
	b.command(isa.OpDEPCRun, l.flags(), 4)
	b.finish(t, 4)
	row := &b.act.Rows[tag]
	// From 0 inverted, all ones, to 3: 14 bits; to 3 inverted: 2.
	require.EqualValues(t, 8*14+8*2, row[activity.DEPCToggleIn])
	// From 0 to 3: 2 bits in each of four sums and at the root; to -3, which is ...11101: all bits but one.
	require.EqualValues(t, 8*5*2+8*(17+18+19+20+26), row[activity.DEPCToggleOut])
}

func TestCountingAllocatesNothing(t *testing.T) {
	l := toggleLayers(rand.New(rand.NewPCG(1, 1)))[0]
	on, _ := togglePair(t, 0, l)
	require.Zero(t, testing.AllocsPerRun(20, func() {
		on.command(isa.OpDEPCRun, l.flags(), 4)
		for on.tick(); on.u.Queue.N > 0; {
			on.tick()
		}
	}))
}
