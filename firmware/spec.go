package firmware

import (
	"fmt"
	"math"
)

// The learning rules and the sources of BDFA's feedback signs.
const (
	BP   = "bp"
	BDFA = "bdfa"

	LFSR = "lfsr" // generated, from a seed a layer
	SRAM = "sram" // stored, given by Spec.Signs
)

// Limits of the program and of the arithmetic.
const (
	MaxBatch   = 32
	MaxLayers  = 31     // a mark holds layer numbers up to 31
	MaxSamples = 65535  // of a set: order entries hold 16-bit indices
	minShift   = -15    // what a command's shift can be, docs/arithmetic.md section 1 leaves it to the chip
	maxShift   = 47     // the width of the accumulators less one
	maxRate    = 0xffff // Q0.16
	meanOver   = 32     // section 5: the mean is always over 32 samples
	inputFrac  = 8      // Fo[0]
	topErrFrac = 14     // Fe[L]
)

// Network is a fully connected network of L layers with initial values. W and B are indexed by layer 1..L, index 0 is
// not used; W[i] is N_i x N_{i-1} row-major, B[i] has N_i values. A nil B means zeros.
type Network struct {
	Sizes []int // N_0..N_L
	W, B  [][]float64
}

// Formats are the fraction bits of the tensors by layer 0..L. Fw[0], Fe[0] and Fv[0] are not used.
type Formats struct {
	Fo, Fw, Fe, Fv []int
}

// DefaultFormats returns the formats for L layers: activations 8 bits, weights 12, velocities 20, hidden errors 13, and
// the 14 of the loss unit on top.
func DefaultFormats(layers int) Formats {
	fill := func(v int) []int {
		s := make([]int, layers+1)
		for i := range s {
			s[i] = v
		}
		return s
	}
	f := Formats{Fo: fill(inputFrac), Fw: fill(12), Fe: fill(13), Fv: fill(20)}
	f.Fe[layers] = topErrFrac
	return f
}

// Set is a set of samples: n images of N_0 bytes one after another, and n labels.
type Set struct {
	Images []byte
	Labels []uint16
}

// Spec says what to train and how.
type Spec struct {
	Network
	Formats  Formats  // the zero value means DefaultFormats
	Rule     string   // BP or BDFA
	Feedback string   // LFSR or SRAM; BP does not look at it
	Signs    [][]int8 // SRAM: +1 or -1, by layer 1..L-1 (index 0 not used), N_i x N_L row-major
	FBShift  []int    // BDFA: the feedback scale is 2^-FBShift[i], by layer 1..L-1; nil means zeros

	Eta, Mu, Lambda float64 // rounded to Q0.16; Eta is for the mean over the samples that a batch really has
	Epochs          int
	Batch           int // samples, 1..32
	LRShiftEvery    int // after every so many epochs, eta is shifted right by LRShift bits; 0: never
	LRShift         int
	Seed            uint32 // of the rounding of W and of the feedback

	Train, Test Set
	Orders      [][]int // training order of each epoch, all of the same length; nil: as the set lies
	EvalEvery   int     // test after every so many epochs and after the last; 0: never

	Capacities Capacities // of the chip; the zero value means DefaultCapacities
}

// layers returns L.
func (s *Spec) layers() int { return len(s.Sizes) - 1 }

// withDefaults fills in what the zero value stands for.
func (s Spec) withDefaults() Spec {
	if s.Capacities == (Capacities{}) {
		s.Capacities = DefaultCapacities()
	}
	if s.Formats.Fo == nil && s.Formats.Fw == nil && s.Formats.Fe == nil && s.Formats.Fv == nil && len(s.Sizes) > 0 {
		s.Formats = DefaultFormats(s.layers())
	}
	if s.FBShift == nil && len(s.Sizes) > 0 {
		s.FBShift = make([]int, max(s.layers(), 1))
	}
	if s.B == nil && len(s.Sizes) > 0 {
		s.B = make([][]float64, len(s.Sizes))
		for i := 1; i < len(s.Sizes); i++ {
			s.B[i] = make([]float64, max(s.Sizes[i], 0))
		}
	}
	return s
}

// trainN is the number of samples in an epoch.
func (s *Spec) trainN() int {
	if s.Orders != nil {
		return len(s.Orders[0])
	}
	return len(s.Train.Labels)
}

// check reports the first thing wrong with the specification, apart from what does not fit into the chip.
func (s *Spec) check() error {
	for _, part := range []func() error{s.checkSizes, s.checkFormats, s.checkValues, s.checkTraining, s.checkFeedback, s.checkSets, s.checkOrders} {
		if err := part(); err != nil {
			return fmt.Errorf("firmware: %w", err)
		}
	}
	return nil
}

func (s *Spec) checkSizes() error {
	if n := len(s.Sizes); n < 2 || n > MaxLayers+1 {
		return fmt.Errorf("sizes: got %d, want input and 1..%d layers", n, MaxLayers)
	}
	for i, n := range s.Sizes {
		if n < 1 || n > 1<<20 {
			return fmt.Errorf("size of layer %d: got %d, want 1..%d", i, n, 1<<20)
		}
	}
	return nil
}

func (s *Spec) checkFormats() error {
	f := s.Formats
	for _, list := range []struct {
		name string
		bits []int
	}{{"Fo", f.Fo}, {"Fw", f.Fw}, {"Fe", f.Fe}, {"Fv", f.Fv}} {
		if len(list.bits) != len(s.Sizes) {
			return fmt.Errorf("format %s: got %d entries, want %d", list.name, len(list.bits), len(s.Sizes))
		}
		for i, bits := range list.bits {
			if bits < -64 || bits > 64 { // keeps the sums below small; the shifts are checked exactly
				return fmt.Errorf("format %s of layer %d: got %d fraction bits, want -64..64", list.name, i, bits)
			}
		}
	}
	if f.Fo[0] != inputFrac {
		return fmt.Errorf("format Fo of layer 0: got %d fraction bits, want %d, a pixel's", f.Fo[0], inputFrac)
	}
	if top := s.layers(); f.Fe[top] != topErrFrac {
		return fmt.Errorf("format Fe of layer %d: got %d fraction bits, want %d, the loss unit's", top, f.Fe[top], topErrFrac)
	}
	return nil
}

func (s *Spec) checkValues() error {
	if len(s.W) != len(s.Sizes) || len(s.B) != len(s.Sizes) {
		return fmt.Errorf("weights and biases: got %d and %d layers, want %d (index 0 is not used)", len(s.W), len(s.B), len(s.Sizes))
	}
	for i := 1; i < len(s.Sizes); i++ {
		for _, t := range []struct {
			name   string
			values []float64
			want   int
		}{{"weights", s.W[i], s.Sizes[i] * s.Sizes[i-1]}, {"biases", s.B[i], s.Sizes[i]}} {
			if len(t.values) != t.want {
				return fmt.Errorf("%s of layer %d: got %d values, want %d", t.name, i, len(t.values), t.want)
			}
			for k, v := range t.values {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return fmt.Errorf("%s of layer %d: value %d is %v, want a finite number", t.name, i, k, v)
				}
			}
		}
	}
	return nil
}

func (s *Spec) checkTraining() error {
	for _, n := range []struct {
		name          string
		got, min, max int
	}{
		{"epochs", s.Epochs, 1, 1 << 20},
		{"batch", s.Batch, 1, MaxBatch},
		{"epochs between tests", s.EvalEvery, 0, 1 << 20},
		{"epochs between shifts of eta", s.LRShiftEvery, 0, 1 << 20},
		{"shift of eta", s.LRShift, 0, 16},
	} {
		if n.got < n.min || n.got > n.max {
			return fmt.Errorf("%s: got %d, want %d..%d", n.name, n.got, n.min, n.max)
		}
	}
	for _, r := range []struct {
		name  string
		value float64
	}{{"mu", s.Mu}, {"lambda", s.Lambda}} {
		if _, err := QuantizeRate(r.name, r.value); err != nil {
			return err
		}
	}
	return nil
}
