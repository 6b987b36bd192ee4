package testbench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/golden"
	"bdfasim/rtl"
)

// shape is a small training job for the lock-step.
type shape struct {
	name     string
	sizes    []int
	samples  int
	batch    int
	epochs   int
	rule     string
	feedback string
}

// shapes cover: one layer wider than the 256 lanes, deeper than WMEM's 64 rows, batches that do not fill 32, 2 and 100
// classes, narrow layers on two and four streams, one layer only, many layers.
var shapes = func() (list []shape) {
	for _, s := range []shape{
		{name: "plain", sizes: []int{64, 64, 10}, samples: 64, batch: 32, epochs: 2},
		{name: "demo", sizes: []int{784, 128, 64, 10}, samples: 64, batch: 32, epochs: 1},
		{name: "wide", sizes: []int{50, 300, 10}, samples: 40, batch: 32, epochs: 2},
		{name: "deep-rows", sizes: []int{200, 130, 70, 5}, samples: 32, batch: 32, epochs: 2},
		{name: "small-batch", sizes: []int{33, 17, 9}, samples: 21, batch: 5, epochs: 2},
		{name: "two-classes", sizes: []int{100, 40, 2}, samples: 32, batch: 16, epochs: 2},
		{name: "hundred-classes", sizes: []int{90, 80, 100}, samples: 32, batch: 32, epochs: 2},
		{name: "many-layers", sizes: []int{20, 30, 40, 50, 60, 70, 10}, samples: 32, batch: 32, epochs: 2},
		{name: "two-wide", sizes: []int{70, 520, 260, 4}, samples: 32, batch: 32, epochs: 1},
	} {
		for _, r := range [][2]string{{firmware.BP, ""}, {firmware.BDFA, firmware.LFSR}, {firmware.BDFA, firmware.SRAM}} {
			s.rule, s.feedback = r[0], r[1]
			list = append(list, s)
		}
	}
	return list
}()

// spec makes a training job with random images, weights and (stored) signs.
func (s shape) spec(seed uint64) firmware.Spec {
	rng := rand.New(rand.NewPCG(seed, 1))
	top := len(s.sizes) - 1
	spec := firmware.Spec{
		Network: firmware.Network{Sizes: s.sizes, W: make([][]float64, top+1), B: make([][]float64, top+1)},
		Rule:    s.rule, Feedback: s.feedback, Eta: 1.0 / 64, Mu: 0.9, Lambda: 5e-4, Epochs: s.epochs, Batch: s.batch,
		LRShiftEvery: 1, LRShift: 1, Seed: uint32(seed) + 7, FBShift: make([]int, top), Signs: make([][]int8, top),
	}
	for i := 1; i <= top; i++ {
		spec.W[i] = make([]float64, s.sizes[i]*s.sizes[i-1])
		for k := range spec.W[i] {
			spec.W[i][k] = rng.NormFloat64() * math.Sqrt(2/float64(s.sizes[i-1]))
		}
		spec.B[i] = make([]float64, s.sizes[i])
		for k := range spec.B[i] {
			spec.B[i][k] = rng.NormFloat64() / 8
		}
		if i < top {
			spec.FBShift[i] = 3
			spec.Signs[i] = make([]int8, s.sizes[i]*s.sizes[top])
			for k := range spec.Signs[i] {
				spec.Signs[i][k] = int8(2*rng.IntN(2) - 1)
			}
		}
	}
	spec.Train = randomSet(rng, s.samples, s.sizes[0], s.sizes[top])
	spec.Test = randomSet(rng, 40, s.sizes[0], s.sizes[top])
	spec.EvalEvery = 1
	for range s.epochs {
		spec.Orders = append(spec.Orders, rng.Perm(s.samples))
	}
	return spec
}

// eq9 stores the signs of the product of the weights above each hidden layer.
func eq9(spec *firmware.Spec) {
	top := len(spec.Sizes) - 1
	w := make([]golden.Mat, top+1)
	for i := 1; i <= top; i++ {
		w[i] = golden.Mat{Rows: spec.Sizes[i], Cols: spec.Sizes[i-1], Data: spec.W[i]}
	}
	d := golden.Signs(golden.Product(w))
	for i := 1; i < top; i++ {
		spec.Signs[i] = make([]int8, spec.Sizes[i]*spec.Sizes[top])
		for n := range spec.Sizes[i] {
			for c := range spec.Sizes[top] {
				spec.Signs[i][n*spec.Sizes[top]+c] = int8(d[i].At(c, n))
			}
		}
	}
}

// randomSet makes n images, half of their pixels dark.
func randomSet(rng *rand.Rand, n, pixels, classes int) firmware.Set {
	s := firmware.Set{Images: make([]byte, n*pixels), Labels: make([]uint16, n)}
	for k := range s.Images {
		if rng.IntN(2) == 1 {
			s.Images[k] = byte(rng.IntN(256))
		}
	}
	for k := range s.Labels {
		s.Labels[k] = uint16(rng.IntN(classes))
	}
	return s
}

// floatBounds state how far a tensor may lie from the float model that starts the step from the chip's own weights, in
// units of the tensor's last place: mean over all elements, and any one. Activations and weights are a rounding or two
// away. Errors can be off by more in single elements: where a unit above stands within rounding of the ReLU's corner, its
// whole error passes in one model and not in the other.
var floatBounds = map[string]struct{ mean, max float64 }{
	"o": {0.3, 4}, "a": {0.75, 4}, "e": {12, 3000}, "W": {0.5, 16},
}

func TestLockstep(t *testing.T) {
	for _, s := range shapes {
		t.Run(fmt.Sprintf("%s/%s%s", s.name, s.rule, s.feedback), func(t *testing.T) {
			spec := s.spec(3)
			if s.feedback == firmware.SRAM {
				eq9(&spec)
			}
			l, img, err := NewLockstep(spec, rtl.DefaultConfig())
			require.NoError(t, err)
			require.NoError(t, l.Start(img))
			require.NoError(t, l.Run(context.Background(), 20_000_000))
			require.NotZero(t, l.Compared)
			for kind, e := range l.Errs {
				bound := floatBounds[kind]
				require.Less(t, e.Mean(), bound.mean, "mean float error of %s, largest at %s", kind, e.Where)
				require.Less(t, e.Max, bound.max, "float error of %s at %s", kind, e.Where)
				t.Logf("%s: float error mean %.3f max %.2f LSB (%s)", kind, e.Mean(), e.Max, e.Where)
			}
			requireRecords(t, l)
			t.Logf("%d cycles, %d steps, %d tensors, %d f' differ", l.Chip.Cycle(), l.Steps, l.Compared, l.Flips)
		})
	}
}

// requireRecords compares what the program counted with the fixed-point model: correct predictions in training and in the
// last test, saturations, and the largest values.
func requireRecords(t *testing.T, l *Lockstep) {
	t.Helper()
	var sum firmware.EpochResult
	records := l.Plan.Results(l.Chip.XMemory())
	require.Len(t, records, int(l.Plan.Header.Epochs))
	for _, r := range records {
		sum.TrainCorrect += r.TrainCorrect
		sum.SatFF += r.SatFF
		sum.SatErr += r.SatErr
		sum.SatV += r.SatV
		sum.SatW += r.SatW
		sum.MaxFF = max(sum.MaxFF, r.MaxFF)
		sum.MaxErr = max(sum.MaxErr, r.MaxErr)
		sum.MaxTop = max(sum.MaxTop, r.MaxTop)
		sum.MaxV = max(sum.MaxV, r.MaxV)
		sum.MaxW = max(sum.MaxW, r.MaxW)
	}
	top, m := len(l.Plan.Layers)-1, l.Model
	var want firmware.EpochResult
	want.TrainCorrect = uint32(l.Correct)
	want.MaxTop = uint32(m.Stats.E[top].MaxAbs)
	for i := 1; i <= top; i++ {
		want.SatFF += uint32(m.Stats.Z[i].Sat)
		want.MaxFF = max(want.MaxFF, uint32(m.Stats.Z[i].MaxAbs))
		want.SatV += uint32(m.Stats.V[i].Sat + m.Stats.VB[i].Sat)
		want.SatW += uint32(m.Stats.W[i].Sat + m.Stats.B[i].Sat)
		want.MaxV = max(want.MaxV, uint32(m.Stats.V[i].MaxAbs), uint32(m.Stats.VB[i].MaxAbs))
		want.MaxW = max(want.MaxW, uint32(m.Stats.W[i].MaxAbs))
		if i < top {
			want.SatErr += uint32(m.Stats.E[i].Sat)
			want.MaxErr = max(want.MaxErr, uint32(m.Stats.E[i].MaxAbs))
		}
	}
	require.Equal(t, want, sum)
	labels := make([]int, len(l.Spec.Test.Labels))
	for k, c := range l.Spec.Test.Labels {
		labels[k] = int(c)
	}
	require.EqualValues(t, m.Eval(l.Spec.Test.Images, labels), records[len(records)-1].TestCorrect, "the test set")
}

// With formats that are too narrow values clip everywhere: the chip clips, and counts, exactly as the model does.
func TestLockstepSaturating(t *testing.T) {
	for _, rule := range []string{firmware.BP, firmware.BDFA} {
		s := shape{sizes: []int{80, 70, 40, 6}, samples: 64, batch: 32, epochs: 2, rule: rule, feedback: firmware.LFSR}
		spec := s.spec(4)
		spec.Eta, spec.Formats = 0.9, firmware.DefaultFormats(3)
		for i := 1; i <= 3; i++ {
			spec.Formats.Fo[i], spec.Formats.Fw[i] = 14, 17
		}
		spec.Formats.Fe[1], spec.Formats.Fe[2] = 18, 18
		for i := range spec.Formats.Fv {
			spec.Formats.Fv[i] = 26
		}
		l, img, err := NewLockstep(spec, rtl.DefaultConfig())
		require.NoError(t, err)
		require.NoError(t, l.Start(img))
		require.NoError(t, l.Run(context.Background(), 20_000_000))
		requireRecords(t, l)
		r := l.Plan.Results(l.Chip.XMemory())[1]
		t.Logf("clipped: %d z, %d errors, %d velocities, %d weights", r.SatFF, r.SatErr, r.SatV, r.SatW)
		require.NotZero(t, r.SatFF)
		require.NotZero(t, r.SatErr)
		require.NotZero(t, r.SatV)
		require.NotZero(t, r.SatW)
	}
}
