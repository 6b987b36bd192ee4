package firmware

import (
	"math/rand/v2"
	"strings"
)

// testSpec is a valid specification with random values: n training samples and 5 test samples.
func testSpec(rule string, n int, sizes ...int) Spec {
	r := rand.New(rand.NewPCG(1, 2))
	top := len(sizes) - 1
	s := Spec{
		Network: Network{Sizes: sizes, W: make([][]float64, top+1), B: make([][]float64, top+1)},
		Rule:    rule, Feedback: LFSR,
		Eta: 0.0078125, Mu: 0.9, Lambda: 0.0005, Epochs: 2, Batch: 32, Seed: 7, EvalEvery: 1,
	}
	for i := 1; i <= top; i++ {
		s.W[i], s.B[i] = make([]float64, sizes[i]*sizes[i-1]), make([]float64, sizes[i])
		for k := range s.W[i] {
			s.W[i][k] = r.NormFloat64() / 4
		}
		for k := range s.B[i] {
			s.B[i][k] = r.NormFloat64() / 4
		}
	}
	s.Train, s.Test = testSet(r, n, sizes[0], sizes[top]), testSet(r, 5, sizes[0], sizes[top])
	return s
}

func testSet(r *rand.Rand, n, size, classes int) Set {
	s := Set{Images: make([]byte, n*size), Labels: make([]uint16, n)}
	for i := range s.Images {
		s.Images[i] = byte(r.Uint32())
	}
	for i := range s.Labels {
		s.Labels[i] = uint16(r.IntN(classes))
	}
	return s
}

// testSigns are random feedback signs for all hidden layers.
func testSigns(sizes []int) [][]int8 {
	r := rand.New(rand.NewPCG(3, 4))
	top := len(sizes) - 1
	out := make([][]int8, top)
	for i := 1; i < top; i++ {
		out[i] = make([]int8, sizes[i]*sizes[top])
		for k := range out[i] {
			out[i][k] = int8(r.IntN(2)*2 - 1)
		}
	}
	return out
}

// snake turns LowErrStep into LOW_ERR_STEP's letters without the bars: LOWERRSTEP.
func snake(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "_", "")) }
