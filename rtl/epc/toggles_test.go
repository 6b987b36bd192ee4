package epc

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
)

// differ compares two numbers digit by digit.
func differ(a, b int64, width int) (n uint64) {
	for i := range width {
		n += uint64((a>>i ^ b>>i) & 1)
	}
	return n
}

// recounter counts toggles of layers one after the other from their errors, matrices and f', without regard to the unit's
// registers.
type recounter struct {
	kind       Kind
	accBits    int
	e, w       [16][16]int64 // at a multiplier
	node       [16][16]int64 // behind an adder: output i of a level of span leaves in place 16/span + i
	root       [16]int64
	bus        int64
	laneW      [256]int64
	in, wt, to uint64
}

// at returns the matrix, with zeros where its groups are padded: the bench leaves zeros there, too.
func (l *layer) at(k, j int) int64 {
	if k >= l.neurons || j >= l.n {
		return 0
	}
	return int64(l.m[k][j])
}

func (l *layer) on(b, k int) bool { return k < l.neurons && l.f[b][k] }

func (r *recounter) trees(l *layer) {
	for g := range l.groups() {
		sums := make([][16]int64, l.nb)
		for p := range l.passes() {
			for b := range l.nb {
				for t := range 16 {
					if r.kind == Tree || l.on(b, 16*g+t) {
						r.tree(l, b, t, 16*g+t, 16*p)
						sums[b][t] += r.node[t][1]
					}
					r.to += differ(r.root[t], sums[b][t], r.accBits)
					r.root[t] = sums[b][t]
				}
			}
		}
	}
}

func (r *recounter) tree(l *layer, b, t, k, first int) {
	var v [16]int64
	for j := first; j < min(first+16, l.n); j++ {
		e, w := int64(l.e[b][j]), l.at(k, j)
		v[j-first] = e * w
		if r.kind == TreeGate && e == 0 {
			continue
		}
		r.in += differ(r.e[t][j-first], e, 16)
		r.wt += differ(r.w[t][j-first], w, 16)
		r.e[t][j-first], r.w[t][j-first] = e, w
	}
	for span, width := 2, 33; span <= 16; span, width = 2*span, width+1 {
		for i := range 16 / span {
			sum := int64(0)
			for _, x := range v[i*span : (i+1)*span] {
				sum += x
			}
			at := &r.node[t][16/span+i]
			r.to += differ(*at, sum, width)
			*at = sum
		}
	}
}

func (r *recounter) lanes(l *layer) {
	for first := 0; first < l.neurons; first += 256 {
		sums := make([][256]int64, l.nb)
		for block := 0; block < l.n; block += 64 {
			for b := range l.nb {
				for j := block; j < min(block+64, l.n); j++ {
					e := int64(l.e[b][j])
					if e == 0 {
						continue
					}
					for k := range 256 {
						if !l.on(b, first+k) {
							continue
						}
						w := l.at(first+k, j)
						r.in += differ(r.bus, e, 16)
						r.wt += differ(r.laneW[k], w, 16)
						r.to += differ(sums[b][k], sums[b][k]+e*w, r.accBits)
						r.laneW[k] = w
						sums[b][k] += e * w
					}
					r.bus = e
				}
			}
		}
	}
}

// toggleLayers have padded groups and passes, several tiles, zeros and extreme values.
func toggleLayers(r *rand.Rand) []*layer {
	return []*layer{
		(&layer{n: 20, nb: 3, neurons: 37, shift: 12}).fill(r, 0.5, false),
		(&layer{n: 70, nb: 2, neurons: 270, shift: 12, x: true}).fill(r, 0.2, false),
		(&layer{n: 16, nb: 4, neurons: 16, shift: 20, all: true}).fill(r, 1, true),
		(&layer{n: 33, nb: 2, neurons: 18, shift: 12}).fill(r, 0.7, true),
	}
}

// writeZeros stores a layer with zeros, not rubbish, around the matrix.
func (b *bench) writeZeros(l *layer) {
	b.write(l)
	at, kStep := l.matrix()
	for k := range 16 * l.groups() {
		for j := range 16 * l.passes() {
			if k >= l.neurons || j >= l.n {
				p := at + k/64*kStep + j/64*jstep + k%64*128 + j%64*2
				b.x.data[p], b.x.data[p+1] = 0, 0
			}
		}
	}
}

// togglePair runs layers on a unit that counts and on one that does not.
func togglePair(t *testing.T, k Kind, accBits int, seed uint64, layers ...*layer) (on, off *bench) {
	benches := [2]*bench{}
	for i := range benches {
		cfg := config(k)
		cfg.DNNC.AccBits, cfg.Toggles = accBits, i == 0
		var r *rand.Rand
		if seed > 0 {
			r = rand.New(rand.NewPCG(seed, 0))
		}
		benches[i] = newBench(cfg, r)
	}
	for _, l := range layers {
		var cycles [2]int
		for i, b := range benches {
			b.writeZeros(l)
			b.params(l)
			b.command(isa.OpEPCLoad, 0, 3)
			b.finish(t, 3)
			b.command(isa.OpEPCRun, l.flags(), 4)
			cycles[i] = b.finish(t, 4)
		}
		require.Equal(t, cycles[1], cycles[0])
		for s := range l.nb {
			for g := range l.groups() {
				require.Equal(t, benches[1].get(l, s, g), benches[0].get(l, s, g))
			}
		}
		require.Equal(t, benches[1].u.State, benches[0].u.State)
	}
	return benches[0], benches[1]
}

func TestTogglesEqualARecount(t *testing.T) {
	for _, k := range kinds {
		for seed, accBits := range []int{48, 33} {
			layers := toggleLayers(rand.New(rand.NewPCG(uint64(seed), 1)))
			on, off := togglePair(t, k, accBits, uint64(seed), layers...)
			want := recounter{kind: k, accBits: accBits}
			for _, l := range layers {
				if k == LaneMask {
					want.lanes(l)
				} else {
					want.trees(l)
				}
			}
			row := &on.act.Rows[tag]
			require.Equal(t, [3]uint64{want.in, want.wt, want.to}, [3]uint64{row[activity.EPCToggleIn], row[activity.EPCToggleW], row[activity.EPCToggleOut]}, k)
			require.LessOrEqual(t, want.in, 16*row[activity.EPCMul])
			require.LessOrEqual(t, want.wt, 16*row[activity.EPCMul])
			for _, e := range []activity.Event{activity.EPCToggleIn, activity.EPCToggleW, activity.EPCToggleOut} {
				require.NotZero(t, row[e])
				row[e] = 0
			}
			require.Equal(t, off.act, on.act, "all other counts, and none where none are wanted")
		}
	}
}

// Gating saves toggles at the multipliers.
func TestGatingSavesToggles(t *testing.T) {
	l := (&layer{n: 48, nb: 9, neurons: 64, shift: 12}).fill(rand.New(rand.NewPCG(3, 4)), 0.5, false)
	tree, _ := togglePair(t, Tree, 48, 0, l)
	gate, _ := togglePair(t, TreeGate, 48, 0, l)
	require.Less(t, gate.act.Rows[tag][activity.EPCToggleIn], tree.act.Rows[tag][activity.EPCToggleIn])
	require.Less(t, gate.act.Rows[tag][activity.EPCToggleOut], tree.act.Rows[tag][activity.EPCToggleOut])
}

func TestCountingAllocatesNothing(t *testing.T) {
	for _, k := range kinds {
		l := (&layer{n: 30, nb: 3, neurons: 40, shift: 3}).fill(rand.New(rand.NewPCG(1, 1)), 0.5, false)
		on, _ := togglePair(t, k, 48, 0, l)
		on.command(isa.OpEPCRun, l.flags(), 0)
		require.Zero(t, testing.AllocsPerRun(100, on.tick), k)
	}
}
