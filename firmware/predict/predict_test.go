package predict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa"
	"bdfasim/isa/machine"
)

func reference() *memory {
	c := machine.Reference()
	return memoryOf(&c)
}

// TestBusShares: a stream alone has what refreshes leave; reads share in turn, a slow one keeps its pace, and writes go first.
func TestBusShares(t *testing.T) {
	mem := reference()
	usable := mem.usable
	b := bus{usable: usable}
	one := b.start(mem.transfer(952, 0))
	require.InDelta(t, usable, one.rate, 1e-9)
	require.InDelta(t, 1000, b.next(0), 1)
	two := b.start(mem.transfer(10, 0))
	require.InDelta(t, one.rate, two.rate, 1e-9)
	require.InDelta(t, usable, one.rate+two.rate, 1e-9)
	two.cap, two.turns = 0.1, true
	b.share()
	require.InDelta(t, 0.1, two.rate, 1e-9)
	require.InDelta(t, lost.mixed*usable-0.1, one.rate, 1e-9)
	out := b.start(&flow{left: 10, cost: 1, cap: 0.5, writes: true})
	require.InDelta(t, 0.5, out.rate, 1e-9)
	require.InDelta(t, lost.mixed*usable-0.6, one.rate, 1e-9)
	b.advance(1000)
	require.True(t, two.done() && out.done())
	require.False(t, one.done())
	require.InDelta(t, usable, one.rate, 1e-9, "alone again")
}

// TestRowClock: sequential bursts go one a cycle; two rows of one bank in turn take what closing and opening takes.
func TestRowClock(t *testing.T) {
	mem := reference()
	r := newRowClock(mem)
	for k := range 1000 {
		r.read(uint32(32 * k))
	}
	require.InDelta(t, 1000, r.t, 15)
	var same uint32 // another row of bank 0
	for same = uint32(mem.cfg.PageBytes); ; same += uint32(mem.cfg.PageBytes) {
		if bank, _ := r.Map(same); bank == 0 {
			break
		}
	}
	r = newRowClock(mem)
	for k := range 128 {
		r.read(uint32(32 * k))
		r.read(same + uint32(32*k))
	}
	require.InDelta(t, 256*(mem.TRAS+mem.TRP), r.t, 20)
	r = newRowClock(mem)
	for k := range 1000 {
		r.read(uint32(32 * k))
		r.write(1<<25 + uint32(32*k))
	}
	r.flush()
	require.InDelta(t, 2000*mem.turn, r.t, 120, "batches of writes between reads, other banks")
}

// TestWindowInside compares with a walk from pixel to pixel and tap to tap, as OMEM makes it.
func TestWindowInside(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 500 {
		width, stride, div, flip := 1+rng.IntN(5), 1+rng.IntN(3), rng.IntN(2), rng.IntN(2)
		oh, ow, ih, iw := 1+rng.IntN(6), 1+rng.IntN(6), 1+rng.IntN(6), 1+rng.IntN(6)
		y, x, ky0, kx0, taps := rng.IntN(oh), rng.IntN(ow), rng.IntN(3), rng.IntN(width), 1+rng.IntN(9)
		yOff, xOff := rng.IntN(5)-2, rng.IntN(5)-2
		var k streamKey
		pair := func(high, low int) uint32 { return uint32(high)<<16 | uint32(uint16(low)) }
		k.p[isa.DNNCTaps], k.p[isa.DNNCTap] = uint32(taps), pair(width, ky0<<8|kx0)
		k.p[isa.DNNCOut], k.p[isa.DNNCIn], k.p[isa.DNNCAt] = pair(oh, ow), pair(ih, iw), pair(y, x)
		k.p[isa.DNNCStep], k.p[isa.DNNCOff] = uint32(stride|div<<4|flip<<8), pair(yOff, xOff)
		for b := range 20 {
			want, ky, kx := 0, ky0, kx0
			for range taps {
				sy, sx, d := y*stride+ky*(1-2*flip)+yOff, x*stride+kx*(1-2*flip)+xOff, 1<<div
				if sy >= 0 && sx >= 0 && sy%d == 0 && sx%d == 0 && sy/d < ih && sx/d < iw {
					want++
				}
				if kx++; kx == width {
					ky, kx = ky+1, 0
				}
			}
			require.Equal(t, want, k.inside(b))
			if x++; x == ow {
				y, x = (y+1)%oh, 0
			}
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

// planOf compiles a fully connected network on zeros, with three batches, the last not full.
func planOf(t *testing.T, rule string, batch int, sizes ...int) *compile.Plan {
	t.Helper()
	return build(t, rule, false, batch, sizes...)
}

func build(t *testing.T, rule string, fused bool, batch int, sizes ...int) *compile.Plan {
	t.Helper()
	n, err := net.MLP(net.ReLU, sizes...)
	require.NoError(t, err)
	layers, err := compile.Lower(n, compile.DefaultFormats())
	require.NoError(t, err)
	s := compile.Spec{
		Net: n, Layers: layers, Rule: rule, Fused: fused, Eta: 0.01, Mu: 0.9,
		Epochs: 3, Batch: batch, Seed: 1,
		W: make([][]float64, len(layers)), D: make([][]float64, len(layers)),
	}
	for i := 1; i < len(layers); i++ {
		s.W[i] = make([]float64, layers[i].InC*layers[i].OutC)
		s.D[i] = make([]float64, n.Classes*layers[i].OutC)
	}
	samples := 3*batch - 1
	s.Train = firmware.Set{Images: make([]byte, samples*sizes[0]), Labels: make([]uint16, samples)}
	_, p, err := compile.Build(s)
	require.NoError(t, err)
	return p
}

// TestPredictionByHand compares words and products of a fully connected network with the sizes of its layers. However
// long the training is, one step is predicted.
func TestPredictionByHand(t *testing.T) {
	p := planOf(t, compile.BP, 32, 784, 256, 10)
	all, err := Step(p, Density{})
	require.NoError(t, err)
	find := func(phase isa.Phase, layer int) *Row {
		for k := range all {
			if all[k].Phase == phase && all[k].Layer == layer {
				return &all[k]
			}
		}
		t.Fatalf("no prediction for %v %d", phase, layer)
		return nil
	}
	mem := reference()
	ff, wg, ep := find(isa.PhaseFF, 1), find(isa.PhaseWG, 1), find(isa.PhaseEP, 1)
	require.Equal(t, 784.0*256/2, ff.Words.Weights)
	require.Equal(t, 256.0, ff.Words.MapsRead, "biases")
	require.Equal(t, 32.0*784*256, ff.MACs)
	require.Equal(t, 784*32.0+13*32+13, ff.Array, "products, swaps and ends of 13 blocks")
	require.Equal(t, 32.0*(784+1)*256, wg.MACs, "weights and biases")
	require.Equal(t, 2*784*256*5.0/4+2*256*7.0/4, wg.Words.Update, "two bytes of weight and three of velocity, biases four and three, in and out")
	require.Equal(t, 32.0*10*256, ep.MACs)
	require.InEpsilon(t, ff.Array, ff.Elapsed, 0.1, "bound by the array")
	require.InEpsilon(t, wg.Bus*mem.turn/mem.usable, wg.Elapsed, 0.2,
		"bound by external memory, behind the update of layer 2")
	half := Density{Maps: []float64{0.5}}
	sparse, err := Step(p, half)
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
	for _, rule := range []string{compile.BP, compile.DFA, compile.BDFA, compile.BFA} {
		all, err := Step(planOf(t, rule, 16, 300, 200, 100, 10), Density{})
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

// TestFused: a step within an epoch takes each weight once, with its update; one batch alone is
// predicted as it runs.
func TestFused(t *testing.T) {
	rows, err := Step(build(t, compile.BP, true, 8, 200, 70, 33, 5), Density{})
	require.NoError(t, err)
	var weights, update float64
	for _, r := range rows {
		weights += r.Words.Weights
		update += r.Words.Update
	}
	require.Equal(t, 8.0*16*(3*1+5*3), weights, "e_2 and e_1 take W_3 and W_2, in arrays of "+
		"16 x 16: 33 x 5 and 70 x 33; no forward pass takes any")
	require.Positive(t, update)
}

// TestEveryUnitIsPredicted: whoever takes commands has a model.
func TestEveryUnitIsPredicted(t *testing.T) {
	p := planOf(t, compile.BP, 8, 20, 5)
	img, err := p.Program()
	require.NoError(t, err)
	m := newModel(p, Density{}, img)
	require.Len(t, m.units, int(isa.NumUnits))
	for u := isa.UnitSeq + 1; u < isa.NumUnits; u++ {
		require.NotNil(t, m.units[u], "%v", u)
	}
}

// TestUnknownInstruction: a program with a word that the table does not have, or that leaves
// scratch memory, is not predicted.
func TestUnknownInstruction(t *testing.T) {
	p := planOf(t, compile.BP, 8, 20, 5)
	for _, c := range []struct {
		word isa.Word
		want string
	}{
		{isa.Pack(isa.OpIllegal, 1, 2, 3, 4, 5), "illegal instruction 0x0012300400000005"},
		{isa.Pack(0xff, 0, 0, 0, 0, 0), "illegal instruction 0xff00000000000000"},
		{isa.Pack(isa.OpLw, 1, 0, 0, 0, 4096), "scratch address 0x1000"},
		{isa.Pack(isa.OpTrap, 0, 0, 0, 0, 3), "trap 3"},
	} {
		img, err := p.Program()
		require.NoError(t, err)
		at := img.Entry + 2*isa.WordBytes
		img.Code[at/isa.WordBytes] = c.word
		want := fmt.Sprintf("pc 0x%x: %s", at, c.want)
		require.ErrorContains(t, newModel(p, Density{}, img).run(), want)
	}
}

// TestStuck: a program that waits for what never comes is not predicted either.
func TestStuck(t *testing.T) {
	p := planOf(t, compile.BP, 8, 20, 5)
	img, err := p.Program()
	require.NoError(t, err)
	at := img.Entry / isa.WordBytes
	img.Code[at] = isa.Pack(isa.OpDrainErr, 0, 0, 0, 0, 0)
	img.Code[at+1] = isa.Pack(isa.OpWait, 0, 0, 0, uint16(isa.UnitDrain)<<8, 0)
	want := fmt.Sprintf("pc 0x%x: nobody can go on", img.Entry+isa.WordBytes)
	require.ErrorContains(t, newModel(p, Density{}, img).run(), want)
}
