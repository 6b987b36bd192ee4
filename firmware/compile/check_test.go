package compile

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
	"bdfasim/isa/machine"
)

// What is wrong with a specification is told before anything is built, never by a panic or a fault of the chip.
func TestBuildRefuses(t *testing.T) {
	for want, change := range map[string]func(*Spec){
		`rule: got "x", want one of bp, dfa, bdfa, bfa, conv-only, cdfa, cbdfa`: func(s *Spec) { s.Rule = "x" },
		`arm: got depc for rule bp, want dnnc or epc: signs are the DEPC's`:     func(s *Spec) { s.Arm = ArmDEPC },
		`feedback: got "x", want lfsr or sram`:                                  func(s *Spec) { s.Feedback = "x" },
		`batch: got 4097, want 1..4096`:                                         func(s *Spec) { s.Batch = 4097 },
		`epochs: got 0, want 1..1048576`:                                        func(s *Spec) { s.Epochs = 0 },
		`shift of eta: got -1, want 0..16`:                                      func(s *Spec) { s.LRShift = -1 },
		`density: got NaN, want 0..1`:                                           func(s *Spec) { s.Density = math.NaN() },
		`external memory: got 4294967296 bytes, want a multiple of 64 below 2^32: an image tells its size in 32 bits`: func(s *Spec) { s.Machine.XMem.Bytes = 1 << 32 },
		`weights of fc1: got 0 values, want 44800`:                                                                                func(s *Spec) { s.W[3] = nil },
		`weights of conv1: value 1 is +Inf, want a finite number`:                                                                 func(s *Spec) { s.W[1][1] = math.Inf(1) },
		`biases of fc1: got 1 values, want 40`:                                                                                    func(s *Spec) { s.B = [][]float64{nil, nil, nil, {1}, nil} },
		`scales of conv1: got 1 values, want 20`:                                                                                  func(s *Spec) { s.Norm = make([]Norm, 5); s.Norm[1].Scale = []float64{1} },
		`shifts of conv1: got 0 values, want 20`:                                                                                  func(s *Spec) { s.Norm = make([]Norm, 5); s.Norm[1].Scale = make([]float64, 20) },
		`training set: got no samples`:                                                                                            func(s *Spec) { s.Train = firmware.Set{} },
		`test set: got no samples, want some for a test every 2 epochs`:                                                           func(s *Spec) { s.EvalEvery = 2 },
		`training set: label of sample 3 is 5, want less than 5`:                                                                  func(s *Spec) { s.Train.Labels[3] = 5 },
		`orders: got 2, want one for each of 1 epochs`:                                                                            func(s *Spec) { s.Orders = make([][]int, 2) },
		`order of epoch 1: got 0 samples, want as many as in epoch 1, and some`:                                                   func(s *Spec) { s.Orders = make([][]int, 1) },
		`order of epoch 1: entry 0 is sample 20, want 0..19`:                                                                      func(s *Spec) { s.Orders = [][]int{{20}} },
		`feedback: got 0 matrices and 0 sets of signs, want one for each of 4 layers`:                                             func(s *Spec) { s.Rule = DFA },
		`feedback to conv2: got 0 values, want 5600`:                                                                              func(s *Spec) { s.Rule, s.D = DFA, make([][]float64, 4) },
		`feedback to conv2: got 0 signs, want 6400`:                                                                               func(s *Spec) { s.Rule, s.Feedback, s.Signs = BDFA, firmware.SRAM, make([][]int8, 4) },
		`feedback to fc1: sign 7 is 0, want 1 or -1`:                                                                              func(s *Spec) { rules(s)[BDFA](); s.Signs[3][7] = 0 },
		`layer conv1: fraction bits before the normalisation: got 17, want -8..16`:                                                func(s *Spec) { s.Layers[1].Fz = 17 },
		`layer conv1: shift of its error: got 48, want -15..47`:                                                                   func(s *Spec) { s.Layers[2].Fe = 48 + s.Layers[1].Fd - s.Layers[2].Fw },
		`layer fc1: shift of its error: got -21, want -15..47`:                                                                    func(s *Spec) { s.Rule, s.Layers[3].FBShift = BFA, -22 },
		`layer fc2: shift of the logits in the softmax: got -1, want 0..47`:                                                       func(s *Spec) { s.Layers[4].Fo = -9 },
		`layer conv1: shift of the gradient of gamma: got 63, want -15..62`:                                                       func(s *Spec) { l := &s.Layers[1]; l.Fv, l.Fd, l.Fe = 16, 62, 29; s.Layers[2].Fe = 50 },
		`fused schedule: batch: got 33, want 1..32: updates wait for errors of all samples, and forward passes take 32 at a time`: func(s *Spec) { s.Batch, s.Fused = 33, true },
		`layer fc1: eta: got 8192/65536 times lr-scale 100, want at most 65535/65536`:                                             func(s *Spec) { s.Layers[3].Scale = 25600 },
	} {
		s := sample(t, parse(t, false, small), BP, "", 8, 20)
		s.Machine = machine.Reference()
		change(&s)
		_, _, err := Build(s)
		require.EqualError(t, err, "compile: "+want)
	}
}

// Names of rules as golden has them choose the same arm as the chip's.
func TestBuildTakesNamesOfGolden(t *testing.T) {
	s := sample(t, parse(t, false, small), "cbdfa", "", 8, 20)
	_, p, err := Build(s)
	require.NoError(t, err)
	require.Equal(t, BDFA, p.Spec().Rule)
	require.Equal(t, ArmDEPC, p.Spec().Arm)
}

// What no counter of the chip holds is refused, too.
func TestBuildNamesCounters(t *testing.T) {
	for want, n := range map[string]*net.Net{
		"compile: normalisation unit: layer conv1: a map of 1 x 4096, edges of 4095 fit: 1 missing": {
			Input: net.Shape{Channels: 1, Height: 1, Width: 4096}, Layers: []net.Layer{{Type: net.Conv, Out: 1, Kernel: 1, Stride: 1}}},
		"compile: neurons of the DEPC: layer conv1: 65536 errors, 65535 fit: 1 missing": {
			Input: net.Shape{Channels: 1, Height: 32, Width: 32}, Layers: []net.Layer{{Type: net.Conv, Out: 64, Kernel: 3, Stride: 1, Pad: 1}}},
	} {
		n.Name, n.Classes = "n", 2
		n.Layers = append(n.Layers, net.Layer{Type: net.ReLU}, net.Layer{Type: net.Flatten}, net.Layer{Type: net.FC, Out: 2, Bias: true})
		require.NoError(t, n.Infer())
		rule := BDFA
		if n.Input.Height == 1 {
			rule = BP
		}
		_, _, err := Build(sample(t, n, rule, "", 1, 1))
		require.EqualError(t, err, want)
	}
}
