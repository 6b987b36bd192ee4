package compile

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// wt is an element of a convolution's weights.
type wt struct{ t, j, c int }

// byPlace maps each element of the weight memory to the weight that lies there.
func (l *Layer) byPlace(t *testing.T) map[int]wt {
	t.Helper()
	out := map[int]wt{}
	w := (&Layout{Layers: []LayerPlan{{Layer: *l}}}).tensor(0, "W")
	for tap := range l.taps() {
		for j := range l.OutC {
			for c := range l.InC {
				bit, ok := w.Bit((tap*l.OutC+j)*l.InC + c)
				require.True(t, ok)
				at := int(bit) / 16
				if old, taken := out[at]; taken || at < 0 || at >= l.kBlocks()*l.jBlocks()*64*64 {
					t.Fatalf("%+v: weight %v is at %d, as %v is, of %d blocks", l, wt{tap, j, c}, at, old, l.kBlocks()*l.jBlocks())
				}
				out[at] = wt{tap, j, c}
			}
		}
	}
	return out
}

func randomLayer(rng *rand.Rand) Layer {
	l := Layer{Conv: true, InC: 1 + rng.IntN(150), OutC: 1 + rng.IntN(150), Kernel: 1 + rng.IntN(3), Stride: 1, Pool: 1, H: 1, W: 1}
	if rng.IntN(4) == 0 {
		l.Conv, l.Kernel = false, 1
	}
	return l
}

// take finds weight w at a place, once.
func take(t *testing.T, at map[int]wt, place int, w wt) {
	t.Helper()
	if got, there := at[place]; !there || got != w {
		t.Fatalf("at %d: got weight %v, %v, want %v", place, got, there, w)
	}
	delete(at, place)
}

// No two weights share a place, and what is packed is read back.
func TestPlacesAreBijective(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for range 16 {
		l := randomLayer(rng)
		require.Len(t, l.byPlace(t), l.taps()*l.OutC*l.InC)
		w := make([]int16, l.taps()*l.OutC*l.InC)
		for k := range w {
			w[k] = int16(rng.Uint32())
		}
		p := &Plan{Layout: Layout{Layers: []LayerPlan{{}, {Layer: l}}}}
		packed := pack(p.tensor(1, "W"), w)
		require.Len(t, packed, l.kBlocks()*l.jBlocks()*weightBlock)
		require.Equal(t, w, p.Weights(packed, 1), "%+v", l)
	}
}

// Each weight is in exactly one job of a pass, in the row where the MAC array meets it: with the tap and the channel of the
// job's window.
func TestJobsHoldEachWeightOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 4))
	for range 16 {
		l := randomLayer(rng)
		l.Conv = true
		at := l.byPlace(t)
		for _, j := range l.forwardJobs(1) {
			require.LessOrEqual(t, j.Rows, uint32(64))
			require.Equal(t, j.Rows, j.Taps*j.Chan)
			for row := range int(j.Rows) {
				tap := int(j.Tap>>8&0xff)*l.Kernel + int(j.Tap&0xff) + row/int(j.Chan)
				c := 64*int(j.Src) + row%int(j.Chan)
				for o := range l.OutC { // lanes: the next 64 lie a row of blocks on
					place := int(j.W)/2 + (o/64*l.kBlocks()*64+row)*64 + o%64
					take(t, at, place, wt{tap, o, c})
				}
			}
		}
		require.Empty(t, at)
	}
}

// The same for errors, whose rows are output channels and whose lanes are input channels: transposed blocks.
func TestErrorJobsHoldEachWeightOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 5))
	for range 16 {
		l := randomLayer(rng)
		l.Conv = true
		at := l.byPlace(t)
		for _, j := range l.errorJobs() {
			require.EqualValues(t, 1, j.Taps)
			require.Equal(t, j.Rows, j.Chan)
			tap := int(j.Tap>>8&0xff)*l.Kernel + int(j.Tap&0xff)
			for row := range int(j.Rows) {
				for c := range l.InC { // lanes: the next 64 lie a block on
					place := int(j.W)/2 + (c/64*64+c%64)*64 + row
					take(t, at, place, wt{tap, 64*int(j.Src) + row, c})
				}
			}
		}
		require.Empty(t, at)
	}
}
