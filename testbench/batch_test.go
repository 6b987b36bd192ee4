package testbench

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/firmware/order"
	"bdfasim/firmware/predict"
	"bdfasim/rtl"
	"bdfasim/sim/profile/trial"
)

// envBatches is how many networks TestBatches draws, if not 24: thousands take an hour.
const envBatches = "BDFASIM_BATCH_CASES"

// described is a network from its layers.
func described(t testing.TB, input, layers string) *net.Net {
	n, err := net.Parse([]byte("input: "+input+"\nclasses: 5\nlayers: ["+layers+"]\n"), "n.yaml")
	require.NoError(t, err)
	return n
}

// lockAndOrder runs a job in lock-step, and checks the order of its commands.
func lockAndOrder(t *testing.T, s compile.Spec, cfg rtl.Config) {
	t.Helper()
	l, img, err := start(s, cfg)
	require.NoError(t, err)
	require.NoError(t, l.Run(context.Background(), 100_000_000))
	t.Logf("%d cycles, %d tensors, %d elements", l.Chip.Cycle(), l.Compared, l.Elements)
	r, err := order.Check(img, order.Options{})
	require.NoError(t, err)
	require.Empty(t, r.Findings)
}

// TestBatches: batches of more than 32 samples, the last one of an epoch shorter, with all
// rules on all arms: random networks with learning rates by layer.
func TestBatches(t *testing.T) {
	const most = 3_000_000 // multiply-accumulates
	sizes, seed := []int{33, 64, 100, 128, 1000}, uint64(0)
	for at := range number(t, envBatches, 24) {
		var j job
		var s compile.Spec
		for ok := false; !ok; seed += uint64(len(arms)) {
			var err error
			drawn, rng := draw(seed + uint64(at))
			j, j.batch, j.epochs = drawn, sizes[at%len(sizes)], 1
			j.samples = j.batch + 1 + rng.IntN(j.batch)
			for i := range j.net.Layers {
				if l := &j.net.Layers[i]; l.Weighted() {
					l.Scale = []float64{1, 1, 2, 10, 0.3}[rng.IntN(5)]
				}
			}
			s, err = j.spec(seed)
			require.NoError(t, err)
			vary(rng, &s)
			s.Machine = j.caps
			s.Eta, s.Fused = []float64{1. / 1024, 1. / 4096}[rng.IntN(2)], false
			_, _, err = compile.Build(s)
			ok = err == nil && j.net.MACs()*j.samples < most
		}
		t.Run(fmt.Sprint(at, j.net.Convs(), j), func(t *testing.T) {
			t.Parallel()
			lockAndOrder(t, s, j.config())
		})
	}
}

// TestBatchesByHand has what random networks seldom have: dropout, normalisation over samples
// that lie below each other, rows that pooling leaves over, several tiles of lanes, an input
// that streams or that is read in several passes.
func TestBatchesByHand(t *testing.T) {
	const fc = "fc: {out: 300}, relu, dropout: {rate: 0.5}, fc: {out: 30, lr-scale: 3}, relu, " +
		"dropout: {rate: 0.5}, fc: {out: 5, lr-scale: 10}"
	const convs = "conv: {out: 8, kernel: 3, pad: 1}, bn, relu, maxpool: {kernel: 2}, " +
		"conv: {out: 70, kernel: 3, pad: 1, lr-scale: 2}, bn, relu, maxpool: {kernel: 2}, flatten, "
	for k, n := range []*net.Net{
		described(t, "{size: 40}", fc),
		described(t, "{channels: 1, height: 8, width: 8}", convs+fc),
		described(t, "{size: 900}", "fc: {out: 40}, relu, fc: {out: 5}"),
		described(t, "{size: 5000}", "fc: {out: 20}, relu, fc: {out: 5}"),
		described(t, "{channels: 1, height: 11, width: 10}", "conv: {out: 66, kernel: 3}, relu, maxpool: {kernel: 2}, "+
			"conv: {out: 8, kernel: 2}, relu, maxpool: {kernel: 2}, flatten, fc: {out: 20}, relu, fc: {out: 5}"),
		described(t, "{channels: 1, height: 11, width: 10}", "conv: {out: 66, kernel: 3}, bn, relu, maxpool: {kernel: 2}, "+
			"conv: {out: 8, kernel: 2}, bn, relu, maxpool: {kernel: 2}, flatten, fc: {out: 20}, relu, fc: {out: 5}"),
	} {
		for _, rule := range []string{compile.BP, compile.BDFA, compile.ConvOnly} {
			if rule == compile.ConvOnly && n.Convs() == 0 {
				continue
			}
			j := job{net: n, rule: rule, batch: 96, samples: 130, epochs: 2, test: 140}
			t.Run(fmt.Sprint(k, rule), func(t *testing.T) {
				t.Parallel()
				s, err := j.spec(1)
				require.NoError(t, err)
				s.Eta = 1. / 512
				cfg := j.config()
				if k == 2 {
					cfg.OMEM.Words = 8192
					s.Machine = cfg
				}
				lockAndOrder(t, s, cfg)
			})
		}
	}
}

// TestBatchSizes: an epoch that is shorter than a batch, one that batches divide, and a last
// batch of one sample or one more than a sub-batch.
func TestBatchSizes(t *testing.T) {
	n := described(t, "{channels: 1, height: 6, width: 6}", "conv: {out: 8, kernel: 3}, bn, relu, flatten, "+
		"fc: {out: 20}, relu, dropout: {rate: 0.5}, fc: {out: 5}")
	tiny := described(t, "{size: 10}", "fc: {out: 6}, relu, fc: {out: 5}")
	for _, c := range []struct{ batch, samples, test int }{
		{100, 20, 0}, {4096, 70, 70}, {64, 128, 64}, {64, 65, 1}, {66, 99, 33}, {4096, 4100, 0},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			t.Parallel()
			j := job{net: n, rule: compile.BDFA, batch: c.batch, samples: c.samples, epochs: 2, test: c.test}
			if c.samples > 4096 {
				j.net = tiny
			}
			s, err := j.spec(1)
			require.NoError(t, err)
			s.Eta = 1. / 512
			lockAndOrder(t, s, j.config())
		})
	}
}

// TestBatchLanes: layers of several tiles on machines with fewer lanes and with more.
func TestBatchLanes(t *testing.T) {
	wide := described(t, "{size: 40}", "fc: {out: 600}, relu, fc: {out: 5}")
	conv := described(t, "{channels: 2, height: 5, width: 5}", "conv: {out: 200, kernel: 3}, relu, "+
		"flatten, fc: {out: 5}")
	for _, c := range []struct {
		net          *net.Net
		lanes, batch int
	}{{wide, 128, 40}, {wide, 512, 40}, {conv, 128, 8}, {conv, 128, 40}} {
		t.Run(fmt.Sprint(c.net.Convs(), c.lanes, c.batch), func(t *testing.T) {
			t.Parallel()
			j := job{net: c.net, rule: compile.BP, batch: c.batch, samples: c.batch + 3, epochs: 1}
			s, err := j.spec(1)
			require.NoError(t, err)
			s.Eta = 1. / 1024
			cfg := j.config()
			cfg.DNNC.Lanes = c.lanes
			s.Machine = cfg
			lockAndOrder(t, s, cfg)
		})
	}
}

// TestRates: learning rates by layer, in plain and in fused schedules, on fully connected
// layers and on convolutions with a normalisation.
func TestRates(t *testing.T) {
	for k, n := range []*net.Net{
		described(t, "{size: 40}", "fc: {out: 30, lr-scale: 0.3}, relu, fc: {out: 20}, relu, fc: {out: 5, lr-scale: 10}"),
		described(t, "{channels: 2, height: 6, width: 6}", "conv: {out: 8, kernel: 3, lr-scale: 4}, bn, relu, "+
			"flatten, fc: {out: 20, lr-scale: 2}, relu, fc: {out: 5}"),
	} {
		for _, fused := range []bool{false, true} {
			j := job{net: n, rule: compile.BP, batch: 8, samples: 28, epochs: 2, test: 3, fused: fused}
			t.Run(fmt.Sprint(k, fused), func(t *testing.T) {
				t.Parallel()
				s, err := j.spec(1)
				require.NoError(t, err)
				s.Eta = 1. / 256
				lockAndOrder(t, s, j.config())
			})
		}
	}
}

// step predicts a training step.
func step(t *testing.T, n *net.Net, rule string, batch int) ([]predict.Row, *compile.Plan) {
	t.Helper()
	s, err := trial.Spec(n, rule, batch, trial.Dense)
	require.NoError(t, err)
	_, p, err := compile.Build(s)
	require.NoError(t, err)
	rows, err := predict.Step(p, predict.Density{})
	require.NoError(t, err)
	return rows, p
}

// stepWords are those of a training step by cause.
func stepWords(t *testing.T, n *net.Net, rule string, batch int) *predict.Words {
	t.Helper()
	sum := &predict.Words{}
	rows, _ := step(t, n, rule, batch)
	for _, r := range rows {
		w := r.Words
		sum.Weights += w.Weights
		sum.MapsRead += w.MapsRead
		sum.MapsWritten += w.MapsWritten
		sum.Update += w.Update
		sum.Norm += w.Norm
		sum.Errors += w.Errors
	}
	return sum
}

// TestBatchUpdateWords: the update of a batch of 128 moves a quarter of the words of four updates.
func TestBatchUpdateWords(t *testing.T) {
	for _, name := range []string{"mlp-784-512-512-10", "mdnet-head", "cnn-small"} {
		n := preset(t, name)
		for _, rule := range []string{compile.BP, compile.BDFA} {
			four := 4 * stepWords(t, n, rule, 32).Update
			require.Equal(t, four/4, stepWords(t, n, rule, 128).Update, name)
			require.Equal(t, four/4, stepWords(t, n, rule, 100).Update, name)
		}
	}
}

// batchWords are the words of a step of nb samples of a fully connected network that learns by
// BP on the array, as docs/firmware.md has them.
func batchWords(p *compile.Plan, nb int) (sum int) {
	up := func(n, unit int) int { return (n + unit - 1) / unit * unit }
	subs, image, top := (nb+31)/32, int(p.Header.ImageStride), len(p.Layers)-1
	sum = 40 + 16 + 80*subs + nb*image/2
	for i := 1; i <= top; i++ {
		l := &p.Layers[i]
		in, out, tiles, blocks := l.InC, up(l.OutC, 16), (l.OutC+255)/256, (l.InC+63)/64
		sum += subs * (in*out/2 + up(l.OutC, 64)) // forward: weights, biases
		sum += nb * out / 2                       // errors, kept
		if i == 1 {
			loads := 1
			if l.Streamed {
				loads = tiles
			}
			sum += loads * nb * up(in, 32) / 4
		} else {
			sum += nb*up(in, 16)/2 + subs*2048 // the outputs below, kept
			sum += subs * up(in, 16) * out / 2 // errors below
		}
		// Update: tables; of each tile the errors, for biases and jobs, and strips of the maps.
		sum += 64 + up(24*blocks, 32)/4
		sum += nb * out / 2 * (blocks + 1)
		row := up(min(64, in), 32) / 4
		if i > 1 {
			row = min(64, up(in, 16)) / 2
		}
		strips, most := gradientStrips(p, l.Name)
		sum += tiles * blocks * (nb*row + strips*(32+up(16*most, 32))/4)
		sum += 5*in*up(l.OutC, 32)/2 + 7*up(l.OutC, 32)/2
	}
	return sum
}

// gradientStrips are the strips of a layer's update, and the most tiles of one.
func gradientStrips(p *compile.Plan, layer string) (strips, most int) {
	for _, x := range p.Passes {
		if x.Layer == layer && x.Cut != nil {
			strips = x.Strips
			for _, s := range x.Cut.Strips[0] {
				most = max(most, len(s.Tiles))
			}
		}
	}
	return strips, most
}

// TestBatchWords: the words of a step of more than 32 samples are those of the formula, to the
// word.
func TestBatchWords(t *testing.T) {
	for _, n := range []*net.Net{
		preset(t, "mlp-784-128-64-10"), preset(t, "mdnet-head"), mlp(t, 100, 270, 30, 10), mlp(t, 33, 17, 9),
	} {
		for _, nb := range []int{33, 64, 100, 128, 1000} {
			_, p := step(t, n, compile.BP, nb)
			require.EqualValues(t, batchWords(p, nb), stepWords(t, n, compile.BP, nb).Total(), "%s, %d", n.Name, nb)
		}
	}
}

// TestBatchPrediction: predictions of a step of 128 samples, and of one of 100, tell words and
// MACs exactly, and cycles as those of 32 samples do.
func TestBatchPrediction(t *testing.T) {
	for _, batch := range []int{100, 128} {
		for _, c := range []struct{ net, rule string }{
			{"mlp-784-128-64-10", compile.BP}, {"mlp-784-128-64-10", compile.BDFA}, {"cnn-small", compile.BP},
		} {
			t.Run(fmt.Sprint(c.net, c.rule, batch), func(t *testing.T) {
				t.Parallel()
				s, err := trial.Spec(preset(t, c.net), c.rule, batch, trial.Dense)
				require.NoError(t, err)
				plan, p, err := trial.Run(context.Background(), s, trial.Config(64))
				require.NoError(t, err)
				d, err := trial.Density(plan, p, nil)
				require.NoError(t, err)
				d.Maps = nil
				predicted, err := predict.Step(plan, d)
				require.NoError(t, err)
				require.Len(t, p.Tags, len(predicted))
				var sum float64
				for _, r := range predicted {
					compareWork(t, &r, p.Find(r.Phase, r.Layer))
					sum += r.Cycles
				}
				require.InEpsilon(t, p.Cycles, sum, 0.03, "cycles of the run")
			})
		}
	}
}
