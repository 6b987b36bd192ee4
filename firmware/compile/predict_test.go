package compile

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
	"bdfasim/isa"
)

// TestBusShares: a stream alone has what refreshes leave; reads share in turn, a slow one keeps its pace, and writes go first.
func TestBusShares(t *testing.T) {
	var b bus
	one := b.start(transfer(952, 1, 1))
	require.InDelta(t, usable, one.rate, 1e-9)
	require.InDelta(t, 1000, b.next(0), 1)
	two := b.start(transfer(10, 1, 1))
	require.InDelta(t, one.rate, two.rate, 1e-9)
	require.InDelta(t, usable, one.rate+two.rate, 1e-9)
	two.cap, two.turns = 0.1, true
	b.share()
	require.InDelta(t, 0.1, two.rate, 1e-9)
	require.InDelta(t, mixed*usable-0.1, one.rate, 1e-9)
	out := b.start(&flow{left: 10, cost: 1, cap: 0.5, writes: true})
	require.InDelta(t, 0.5, out.rate, 1e-9)
	require.InDelta(t, mixed*usable-0.6, one.rate, 1e-9)
	b.advance(1000)
	require.True(t, two.done() && out.done())
	require.False(t, one.done())
	require.InDelta(t, usable, one.rate, 1e-9, "alone again")
}

// TestRowClock: sequential bursts go one a cycle; two rows of one bank in turn take what closing and opening takes.
func TestRowClock(t *testing.T) {
	r := rowClock{half: 25}
	for k := range 1000 {
		r.read(uint32(32 * k))
	}
	require.InDelta(t, 1000, r.t, 15)
	var same uint32 // another row of bank 0
	for page := uint32(1); ; page++ {
		if bank, _ := r.place(page << pageShift); bank == 0 {
			same = page << pageShift
			break
		}
	}
	r = rowClock{half: 25}
	for k := range 128 {
		r.read(uint32(32 * k))
		r.read(same + uint32(32*k))
	}
	require.InDelta(t, 256*(rowAtLeast+rowClose), r.t, 20)
	r = rowClock{half: 25}
	for k := range 1000 {
		r.read(uint32(32 * k))
		r.write(1<<25 + uint32(32*k))
	}
	r.flush()
	require.InDelta(t, 2000*turnCost, r.t, 120, "batches of writes between reads, other banks")
}

// TestWindowInside compares the walk with the definition of a window.
func TestWindowInside(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 500 {
		kernel, stride, div, flip := 1+rng.IntN(5), 1+rng.IntN(3), rng.IntN(2), rng.IntN(2) == 1
		oh, ow, ih, iw, y0, x0 := 1+rng.IntN(6), 1+rng.IntN(6), 1+rng.IntN(6), 1+rng.IntN(6), 0, 0
		y0, x0 = rng.IntN(oh), rng.IntN(ow)
		off := rng.IntN(5) - 2
		w := window{taps: kernel * kernel, kw: kernel, oh: oh, ow: ow, ih: ih, iw: iw, y: y0, x: x0, stride: stride, div: div, flip: flip, yOff: off, xOff: off}
		for b := range 20 {
			at := y0*ow + x0 + b
			y, x := at/ow%oh, at%ow
			want := 0
			for k := range kernel * kernel {
				ky, kx := k/kernel, k%kernel
				if flip {
					ky, kx = -ky, -kx
				}
				sy, sx, d := y*stride+ky+off, x*stride+kx+off, 1<<div
				if sy >= 0 && sx >= 0 && sy%d == 0 && sx%d == 0 && sy/d < ih && sx/d < iw {
					want++
				}
			}
			require.Equal(t, want, w.inside())
			w.nextPixel()
		}
	}
}

// TestGradIsBoundByTheLonger: a stream in transposed order takes products, swaps and ends, and fills a word a cycle.
func TestGradIsBoundByTheLonger(t *testing.T) {
	k := streamKey{op: isa.OpDNNCGrad, density: 1}
	k.p[isa.DNNCNB], k.p[isa.DNNCRows] = 32, 64
	s := k.measure()
	require.Equal(t, 2048.0, s.operands)
	require.Equal(t, 2048.0+64+2, s.array)
	require.Equal(t, 2+32.0*16, s.decode)
	k.op = isa.OpDNNCMac
	require.Equal(t, 2048.0+32+1, k.measure().array)
}

// planOf compiles a fully connected network on zeros.
func planOf(t *testing.T, rule string, batch int, sizes ...int) *Plan {
	t.Helper()
	n, err := net.MLP(net.ReLU, sizes...)
	require.NoError(t, err)
	layers, err := Lower(n, DefaultFormats())
	require.NoError(t, err)
	s := Spec{Net: n, Layers: layers, Rule: rule, Eta: 0.01, Mu: 0.9, Epochs: 3, Batch: batch, Seed: 1, W: make([][]float64, len(layers)), D: make([][]float64, len(layers))}
	for i := 1; i < len(layers); i++ {
		s.W[i] = make([]float64, layers[i].InC*layers[i].OutC)
		s.D[i] = make([]float64, n.Classes*layers[i].OutC)
	}
	samples := 3*batch - 1
	s.Train = firmware.Set{Images: make([]byte, samples*sizes[0]), Labels: make([]uint16, samples)}
	_, p, err := Build(s)
	require.NoError(t, err)
	return p
}

// TestPredictionByHand compares words and products of a fully connected network with the sizes of its layers. However
// long the training is, one step is predicted.
func TestPredictionByHand(t *testing.T) {
	p := planOf(t, BP, 32, 784, 256, 10)
	all, err := p.Predict(Density{})
	require.NoError(t, err)
	find := func(phase isa.Phase, layer int) *Prediction {
		for k := range all {
			if all[k].Phase == phase && all[k].Layer == layer {
				return &all[k]
			}
		}
		t.Fatalf("no prediction for %v %d", phase, layer)
		return nil
	}
	ff, wg, ep := find(isa.PhaseFF, 1), find(isa.PhaseWG, 1), find(isa.PhaseEP, 1)
	require.Equal(t, 784.0*256/2, ff.Words.Weights)
	require.Equal(t, 256.0, ff.Words.MapsRead, "biases")
	require.Equal(t, 32.0*784*256, ff.MACs)
	require.Equal(t, 784*32.0+13*32+13, ff.Array, "products, swaps and ends of 13 blocks")
	require.Equal(t, 32.0*(784+1)*256, wg.MACs, "weights and biases")
	require.Equal(t, 2*784*256*5.0/4+2*256*7.0/4, wg.Words.Update, "two bytes of weight and three of velocity, biases four and three, in and out")
	require.Equal(t, 32.0*10*256, ep.MACs)
	require.InEpsilon(t, ff.Array, ff.Elapsed, 0.1, "bound by the array")
	require.InEpsilon(t, wg.Bus*turnCost/usable, wg.Elapsed, 0.2, "bound by external memory, behind the update of layer 2")
	half := Density{Maps: []float64{0.5}}
	sparse, err := p.Predict(half)
	require.NoError(t, err)
	for k := range sparse {
		require.Equal(t, all[k].Words, sparse[k].Words, "words do not depend on zeros")
		require.LessOrEqual(t, sparse[k].MACs, all[k].MACs)
	}
	require.Equal(t, ff.MACs/2, sparse[3].MACs)
	require.Equal(t, isa.PhaseFF, sparse[3].Phase)
}

// TestPredictionsAddUp: the exclusive cycles of all rules add up to a run, no phase takes less than its array and its bus.
func TestPredictionsAddUp(t *testing.T) {
	for _, rule := range []string{BP, DFA, BDFA, BFA} {
		all, err := planOf(t, rule, 16, 300, 200, 100, 10).Predict(Density{})
		require.NoError(t, err)
		var sum float64
		for _, r := range all {
			sum += r.Cycles
			require.GreaterOrEqual(t, r.Elapsed+0.5, math.Max(r.Array, r.Bus), "%v %d of %s", r.Phase, r.Layer, rule)
			require.Equal(t, r.Bus*8, r.Words.Total())
		}
		require.Greater(t, sum, all[len(all)-1].Elapsed)
	}
}
