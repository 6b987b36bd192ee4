package qmodel

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Two pixels, two hidden neurons, two classes; Fo 8, Fw 12, Fe 14: the forward shift is 12, BP's error shift too.
func handModel(t *testing.T, rule string) *Model {
	m := testModel(t, rule, 2, 2, 2)
	copy(m.W[1], []int16{4096, 2048, -4096, 16}) // 1, 1/2; -1, 1/256
	copy(m.B[1], []int32{2048, 0})               // half an LSB of z
	copy(m.W[2], []int16{4096, 8192, -4096, 100})
	return m
}

func TestForwardByHand(t *testing.T) {
	m := handModel(t, BP)
	m.Forward([]uint8{10, 20, 0, 255})
	// 10*4096 + 20*2048 + 2048 = 20.5 -> 21; -10*4096 + 20*16 = -9.9 -> 0
	// 255*2048 + 2048 = 128; 255*16 = 4080 -> 0.996 -> 1
	require.Equal(t, []int16{10, 20, 0, 255}, m.O[0])
	require.Equal(t, []int16{21, 0, 128, 1}, m.O[1])
	require.Equal(t, []bool{true, false, true, true}, m.Mask[1])
	// 21, -21; 128 + 2 = 130, -128 + 100/4096 = -127.98
	require.Equal(t, []int16{21, -21, 130, -128}, m.A)
	require.Equal(t, 2, m.Batch)
	require.Equal(t, Stat{MaxAbs: 128}, m.Stats.Z[1])
	require.Equal(t, Stat{MaxAbs: 128}, m.Stats.O[1])
	require.Equal(t, Stat{MaxAbs: 130}, m.Stats.Z[2])

	m.B[1][0], m.B[1][1] = 1<<31-1, -1<<31 // z clips both ways; the ReLU clears the second
	m.Stats = newStats(m.top)
	m.Forward([]uint8{0, 0})
	require.Equal(t, []int16{32767, 0}, m.O[1])
	require.Equal(t, Stat{Sat: 2, MaxAbs: 32768}, m.Stats.Z[1])
	require.Equal(t, Stat{MaxAbs: 32767}, m.Stats.O[1])
}

func TestErrorsByHand(t *testing.T) {
	m := handModel(t, BP)
	m.Forward([]uint8{10, 20, 0, 255})
	e := []int16{-3, 3, 100, -20000}
	m.E[2] = e
	m.Errors()
	// sample 0: -3*1 - 3*1 = -6, masked; sample 1: 100 + 20000, 200 - 20000*100/4096 = -288.3
	require.Equal(t, []int16{-6, 0, 20100, -288}, m.E[1])
	require.Equal(t, Stat{MaxAbs: 20100}, m.Stats.E[1])
	e[3] = -32768
	m.Errors()
	require.Equal(t, int16(32767), m.E[1][2], "100 + 32768")
	require.Equal(t, Stat{Sat: 1, MaxAbs: 32767}, m.Stats.E[1])

	m.Gradients()
	require.Equal(t, []int64{-6*10 + 0, -6*20 + 32767*255}, m.G[1][:2])
	require.Equal(t, int64(-6+32767), m.GB[1][0])
	require.Equal(t, []int64{-3*21 + 100*128, 100, 3*21 - 32768*128, -32768}, m.G[2])
	require.Equal(t, []int64{97, 3 - 32768}, m.GB[2])
}

func TestFeedbackErrorsByHand(t *testing.T) {
	cfg := testConfig(BDFA, 2, 2, 2)
	cfg.FB[1] = Feedback{Signs: []int8{1, -1, -1, -1}, Shift: 2}
	m, err := New(cfg)
	require.NoError(t, err)
	m.Batch, m.Mask[1], m.E[2] = 1, []bool{true, true}, []int16{7, -3}
	m.Errors()
	require.Equal(t, []int16{3, -1}, m.E[1], "10/4 and -4/4, ties away")
	m.Mask[1][1] = false
	m.Errors()
	require.Equal(t, []int16{3, 0}, m.E[1])

	cfg.FB[1].Shift = -13 // a shift of 14 - 13 - 14
	m, err = New(cfg)
	require.NoError(t, err)
	m.Batch, m.Mask[1], m.E[2] = 1, []bool{true, true}, []int16{3, -3}
	m.Errors()
	require.Equal(t, []int16{32767, 0}, m.E[1], "6 << 13 clips")
	require.Equal(t, Stat{Sat: 1, MaxAbs: 32767}, m.Stats.E[1])
}

func TestAccumulatorWraps(t *testing.T) {
	cfg := testConfig(BP, 784, 2)
	cfg.AccBits = 32
	m, err := New(cfg)
	require.NoError(t, err)
	x := slices.Repeat([]uint8{255}, 784)
	for n := range m.W[1] {
		m.W[1][n] = 32767
	}
	m.Forward(x) // 784*255*32767 = 6550778640 = 2^32 + 2255811344, which is 2^32 - 2039155952: one turn more
	require.Equal(t, []int16{-32768, -32768}, m.A)
	require.Equal(t, uint64(2), m.AccWraps)

	m.B[1][0] = -1 << 31 // -2039155952 - 2^31 wraps again, to 108327696 / 2^12 = 26447.2
	m.AccWraps = 0
	m.Forward(x)
	require.Equal(t, []int16{26447, -32768}, m.A)
	require.Equal(t, uint64(3), m.AccWraps)

	wide := testModel(t, BP, 784, 2)
	copy(wide.W[1], m.W[1])
	wide.Forward(x)
	require.Equal(t, []int16{32767, 32767}, wide.A)
	require.Zero(t, wide.AccWraps)
}

// batch returns a random batch for m.
func batch(m *Model, rng *rand.Rand, nb int) (x []uint8, y []int) {
	x, y = make([]uint8, nb*m.size(0)), make([]int, nb)
	for n := range x {
		x[n] = uint8(rng.IntN(256) * rng.IntN(2))
	}
	for b := range y {
		y[b] = rng.IntN(m.size(m.top))
	}
	return x, y
}

func TestEvalLeavesTheModelAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	m, twin := testModel(t, BDFA, 20, 12, 3), testModel(t, BDFA, 20, 12, 3)
	randomWeights(m, rng)
	for i := 1; i <= m.top; i++ {
		copy(twin.W[i], m.W[i])
	}
	x, y := batch(m, rng, 32)
	ex, ey := batch(m, rng, 71)
	require.Equal(t, m.Step(x, y, 3000), twin.Step(x, y, 3000))

	want := 0
	for b := range ey { // one by one, through the phases of another model
		twin.Forward(ex[b*20 : (b+1)*20])
		want += twin.Loss(ey[b : b+1])
	}
	stats, o, a, e := slices.Clone(m.Stats.Z), slices.Clone(m.O[1]), slices.Clone(m.A), slices.Clone(m.E[1])
	require.Equal(t, want, m.Eval(ex, ey))
	require.Equal(t, 32, m.Batch)
	require.Equal(t, stats, m.Stats.Z)
	require.Equal(t, o, m.O[1])
	require.Equal(t, a, m.A)
	require.Equal(t, e, m.E[1])
	require.Equal(t, uint32(1), m.StepNo)
	require.Equal(t, twin.W, m.W)
	require.Equal(t, twin.V, m.V)
	require.Equal(t, twin.B, m.B)
	require.Equal(t, twin.VB, m.VB)
	require.Zero(t, m.Eval(nil, nil))
}

func TestStepDoesNotAllocate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, rule := range []string{BP, BDFA} {
		m := testModel(t, rule, 70, 20, 9, 3)
		randomWeights(m, rng)
		x, y := batch(m, rng, 32)
		require.Zero(t, testing.AllocsPerRun(5, func() { m.Step(x, y, 100) }), rule)
		require.Zero(t, testing.AllocsPerRun(5, func() { m.Eval(x, y) }), rule)
	}
}

// Both rules learn a task of four patterns under noise.
func TestLearns(t *testing.T) {
	for _, rule := range []string{BP, BDFA} {
		rng := rand.New(rand.NewPCG(5, 5))
		m := testModel(t, rule, 16, 32, 16, 4)
		randomWeights(m, rng)
		draw := func(n int) (x []uint8, y []int) {
			x, y = make([]uint8, n*16), make([]int, n)
			for b := range y {
				y[b] = rng.IntN(4)
				for k := range 16 {
					x[b*16+k] = uint8(rng.IntN(128))
					if k/4 == y[b] {
						x[b*16+k] += 100
					}
				}
			}
			return x, y
		}
		tx, ty := draw(200)
		before := m.Eval(tx, ty)
		for range 300 {
			x, y := draw(32)
			m.Step(x, y, 1<<12)
		}
		require.Less(t, before, 120, rule)
		require.Greater(t, m.Eval(tx, ty), 190, rule)
	}
}

func TestCallersMistakesPanic(t *testing.T) {
	m := testModel(t, BP, 3, 2)
	for name, call := range map[string]func(){
		"no sample":       func() { m.Forward(nil) },
		"half a sample":   func() { m.Forward(make([]uint8, 4)) },
		"33 samples":      func() { m.Forward(make([]uint8, 99)) },
		"too few labels":  func() { m.Step(make([]uint8, 6), []int{0}, 1) },
		"label too large": func() { m.Step(make([]uint8, 3), []int{2}, 1) },
		"label negative":  func() { m.Step(make([]uint8, 3), []int{-1}, 1) },
		"eta":             func() { m.Update(1 << 16) },
		"eval":            func() { m.Eval(make([]uint8, 3), []int{0, 1}) },
	} {
		require.Panics(t, call, name)
	}
}
