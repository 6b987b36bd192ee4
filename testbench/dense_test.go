package testbench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
	"bdfasim/testbench/lockstep"
)

// unevenNet has what makes windows uneven: a stride, padding, channels that fill neither groups nor blocks, and maps that
// their windows do not divide.
const unevenNet = `
name: uneven
input: {channels: 3, height: 11, width: 9}
classes: 5
layers:
  - conv: {out: 20, kernel: 3, pad: 1}
  - relu
  - conv: {out: 70, kernel: 3, stride: 2, pad: 1, bias: false}
  - bn
  - relu
  - conv: {out: 24, kernel: 2, pad: 1}
  - relu
  - maxpool: {kernel: 2}
  - flatten
  - fc: {out: 33}
  - relu
  - fc: {out: 5}
`

func uneven(t testing.TB) *net.Net {
	n, err := net.Parse([]byte(unevenNet), "uneven.yaml")
	require.NoError(t, err)
	return n
}

// operands are those that the MAC array meets in one phase of one layer, and those of them that are not zero.
type operands struct{ all, live uint64 }

func (o *operands) see(v int16) {
	if o.all++; v != 0 {
		o.live++
	}
}

// The dense MACs of every phase and layer, and those that are done, are what the network's maps say: products of operands that
// exist, with whole groups of lanes.
func TestDenseMACs(t *testing.T) {
	for _, j := range []job{
		{net: uneven(t), rule: compile.BP, samples: 5, batch: 5, epochs: 1},
		{net: preset(t, "cnn-small"), rule: compile.BP, samples: 4, batch: 4, epochs: 1},
		{net: preset(t, "lenet"), rule: compile.BDFA, samples: 4, batch: 4, epochs: 1},
	} {
		t.Run(j.net.Name, func(t *testing.T) {
			spec, err := j.spec(7)
			require.NoError(t, err)
			c, img, err := start(spec, j.config())
			require.NoError(t, err)
			engine := sim.New(c.Chip)
			require.NoError(t, engine.LoadImage(img))
			res, err := engine.Run(context.Background(), 50_000_000, sim.Options{})
			require.NoError(t, err)
			labels := make([]int, j.samples)
			for k, y := range spec.Train.Labels {
				labels[k] = int(y)
			}
			c.Model.Step(spec.Train.Images, labels, c.Plan.Header.EtaAt(0, j.samples))

			dense, macs := map[activity.Tag]uint64{}, map[activity.Tag]uint64{}
			add := func(ph isa.Phase, layer int, o operands, lanes int) {
				tag, groups := activity.MakeTag(uint8(ph), uint8(layer)), uint64(lanes+15)/16
				dense[tag] += 16 * groups * o.all
				macs[tag] += 16 * groups * o.live
			}
			for i := 1; i < len(c.Plan.Layers); i++ {
				countLayer(c, i, j.rule == compile.BP, add)
			}
			var all uint64
			for _, l := range res.Metrics(sim.All).Layers() {
				require.Equal(t, dense[l.Tag], l.Dense, "dense MACs of %v %d", isa.Phase(l.Tag.Phase()), l.Tag.Layer())
				require.Equal(t, macs[l.Tag], l.MACs, "MACs of %v %d", isa.Phase(l.Tag.Phase()), l.Tag.Layer())
				all += l.Dense
				delete(dense, l.Tag)
			}
			require.Empty(t, dense)
			require.Equal(t, all, res.Metrics(sim.All).Dense)
		})
	}
}

// countLayer adds the operands of a layer's forward pass, gradient and, if the MAC array makes it, the error below.
func countLayer(c *lockstep.Lockstep, i int, bp bool, add func(isa.Phase, int, operands, int)) {
	l, m := &c.Plan.Layers[i], c.Model
	below, pixels := l.InC, 1
	var ff, ep operands
	if l.Conv {
		pixels = l.X * l.Y
		ff = eachSource(m.Batch, l.X, l.Y, l.InH, l.InW, l.InC, l.Kernel, l.Stride, 1, 1, -l.Pad, m.O[i-1])
		if i > 1 {
			// What the outputs of a layer see of its inputs, seen from the inputs.
			ep = eachSource(m.Batch, l.InH, l.InW, l.X, l.Y, l.OutC, l.Kernel, 1, -1, l.Stride, l.Pad, m.E[i])
		}
	} else {
		for _, v := range m.O[i-1] {
			ff.see(v)
		}
		for _, v := range m.E[i] {
			ep.see(v)
		}
	}
	add(isa.PhaseFF, i, ff, l.OutC)
	add(isa.PhaseWG, i, ff, l.OutC)
	if l.Bias {
		n := uint64(m.Batch * pixels)
		add(isa.PhaseWG, i, operands{n, n}, l.OutC)
	}
	if i > 1 && (l.Conv || bp) {
		add(isa.PhaseEP, i-1, ep, below)
	}
}

// eachSource sees every element that a window meets at every pixel of outH x outW: tap k stands at (pixel*stride + dir*k + off) /
// div, and meets a pixel of the maps only where the division has no rest.
func eachSource(nb, outH, outW, inH, inW, chans, kernel, stride, dir, div, off int, maps []int16) (o operands) {
	for b := range nb {
		for y := range outH {
			for x := range outW {
				for k := range kernel * kernel {
					sy, sx := y*stride+dir*(k/kernel)+off, x*stride+dir*(k%kernel)+off
					if sy < 0 || sx < 0 || sy%div != 0 || sx%div != 0 || sy/div >= inH || sx/div >= inW {
						continue
					}
					for ch := range chans {
						o.see(maps[((b*inH+sy/div)*inW+sx/div)*chans+ch])
					}
				}
			}
		}
	}
	return o
}
