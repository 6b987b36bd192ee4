package compile

import (
	"fmt"
	"slices"
	"strings"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
	"bdfasim/isa/machine"
)

// The learning rules of docs/arithmetic.md section 10. In convolutions all of them back-propagate.
const (
	BP       = "bp"
	DFA      = "dfa"       // 16-bit feedback, loaded
	BDFA     = "bdfa"      // signs
	BFA      = "bfa"       // signs of the transposed weights' shape, layer by layer
	ConvOnly = "conv-only" // as BP, but the fully connected layers are never updated
)

// Rules lists the rules.
func Rules() []string { return []string{BP, DFA, BDFA, BFA, ConvOnly} }

// RuleOf turns the name of a rule as golden has it (cdfa, cbdfa) into the chip's.
func RuleOf(name string) (string, error) {
	switch name {
	case "cdfa":
		return DFA, nil
	case "cbdfa":
		return BDFA, nil
	}
	if slices.Contains(Rules(), name) {
		return name, nil
	}
	return "", fmt.Errorf("compile: rule: got %q, want one of %s, cdfa, cbdfa", name, strings.Join(Rules(), ", "))
}

// Arm is the hardware of the error path of the fully connected layers.
type Arm string

// The arms: which unit makes the errors of hidden fully connected layers.
const (
	ArmDNNC Arm = "dnnc" // the MAC array itself
	ArmEPC  Arm = "epc"  // a core with multipliers (kind: rtl.Config.EPC)
	ArmDEPC Arm = "depc" // adder trees, signs
)

// ArmOf is the arm of a rule that uses signs or not, if none is asked for.
func ArmOf(rule string) Arm {
	if rule == BDFA || rule == BFA {
		return ArmDEPC
	}
	return ArmDNNC
}

// Layer is a weighted layer as the chip has it: a convolution or a fully connected layer with what
// follows it. A fully connected layer has maps and a kernel of 1 x 1.
type Layer struct {
	Name string // conv1, fc1, ...
	At   int    // index of its line in the description
	Conv bool

	InC, OutC      int // channels; fully connected: inputs and neurons as the chip has them
	InH, InW       int // source map
	X, Y           int // map behind the convolution: height, width
	H, W           int // behind the pooling
	Kernel, Stride int
	Pad, Pool      int
	BN, Bias, Drop bool
	Scale          uint32 // of its learning rate, 8 fraction bits
	Formats
	FBShift             int // of the feedback to this layer (BDFA, BFA): scale 2^-FBShift
	flatC, flatH, flatW int // the first fully connected layer: the map that was flattened; 0 without
}

// Formats are the fraction bits of a layer (docs/arithmetic.md sections 1 and 7), or those that
// Lower gives to all layers of a kind.
type Formats struct {
	Fo, Fw, Fe, Fv int
	Fz, Fd         int // convolutions: before the normalisation; dLoss/do
	Fb             int // of the feedback D_i to the layer (DFA)
}

// DefaultFormats suits networks from He initialisation (docs/networks.md has what was tried): sums before the normalisation
// get more room, and errors of convolutions, which are smaller, more fraction bits.
func DefaultFormats() Formats { return Formats{Fo: 8, Fw: 12, Fe: 15, Fv: 20, Fz: 9, Fd: 14, Fb: 12} }

// Spec says what to compile. What has no name in JSON is data, or stands in a note in another
// form.
type Spec struct {
	Net      *net.Net `json:"-"`
	Layers   []Layer  `json:"-"` // 1..L, index 0 is not used; as Lower made them
	Rule     string
	Feedback string // BDFA and BFA: firmware.LFSR or firmware.SRAM (BDFA only)
	Arm      Arm    // empty: ArmOf(Rule)
	Fused    bool   // updates of fully connected layers run inside the next batch's forward pass, which takes the new weights from them

	// By layer: fully connected outputs x inputs as the description has them, convolutions
	// out x in x ky x kx.
	W    [][]float64 `json:"-"`
	B    [][]float64 `json:"-"` // nil entries: zeros
	Norm []Norm      `json:"-"` // convolutions with batch normalisation

	// DFA: D_i by layer K..L-1 (K the last convolution; 0 unused), N_L x N_i as the description has
	// N_i. BDFA with SRAM: N_i x N_L by layer, K included, N_i as the chip has it.
	D     [][]float64 `json:"-"`
	Signs [][]int8    `json:"-"`

	Eta, Mu, Lambda float64
	Epochs, Batch   int
	LRShiftEvery    int
	LRShift         int
	Seed            uint32
	Train, Test     firmware.Set `json:"-"` // images: bytes, pixel after pixel, channels innermost
	Orders          [][]int      `json:"-"` // of the samples by epoch; nil: as they lie
	EvalEvery       int

	// Fit chooses the formats of weights and feedback by their initial values; Clipped are those that
	// do not fit, once it is compiled.
	Fit     bool   `json:"-"`
	Clipped []Clip `json:",omitempty"`

	// InputError asks for the error of the input of a network without convolutions, d_0 of section 10 with K = 0, as frozen
	// convolutions below would want it: it goes to external memory, raw. D[0], Signs[0] and Layers[0].FBShift are its feedback.
	// Its elements, and those of D[0], are in the order of an image's bytes.
	InputError bool

	Machine machine.Config // the machine that it is compiled for; the zero value means the reference
	Density float64        // part of the elements of compressed maps that is not zero, for a tighter plan; 0: the raw size
}

// complete gives the rule its name on the chip, fills in what the zero value stands for, and checks.
func (s *Spec) complete() (err error) {
	if s.Rule, err = RuleOf(s.Rule); err != nil {
		return err
	}
	if s.Machine == (machine.Config{}) {
		s.Machine = machine.Reference()
	}
	if s.Arm == "" {
		s.Arm = ArmOf(s.Rule)
	}
	if s.Feedback == "" {
		s.Feedback = firmware.LFSR
	}
	if err := s.check(); err != nil {
		return fmt.Errorf("compile: %w", err)
	}
	return nil
}

// samples are the numbers of samples: all of them, and those of an epoch.
type samples struct{ Train, Test, Epoch int }

func (s *Spec) samples() samples {
	n := samples{len(s.Train.Labels), len(s.Test.Labels), len(s.Train.Labels)}
	if s.Orders != nil {
		n.Epoch = len(s.Orders[0])
	}
	return n
}

// withoutData is what a plan depends on beside the numbers of samples.
func (s Spec) withoutData() *Spec {
	s.W, s.B, s.Norm, s.D, s.Signs, s.Orders = nil, nil, nil, nil, nil, nil
	s.Train, s.Test = firmware.Set{}, firmware.Set{}
	return &s
}

// Norm is a batch normalisation: scale, shift, and running mean and variance of each channel. A
// new one has 1, 0, 0 and 1, which stand for what is nil.
type Norm struct{ Scale, Shift, Mean, Var []float64 }

// top returns L.
func (s *Spec) top() int { return len(s.Layers) - 1 }

func (s *Spec) convs() int { return convsOf(s.Layers) }

func convsOf(layers []Layer) int {
	k := 0
	for _, l := range layers[1:] {
		if l.Conv {
			k++
		}
	}
	return k
}

// pad16 rounds a number of channels up to whole groups.
func pad16(n int) int { return (n + 15) &^ 15 }

// taps is the number of places of the kernel.
func (l *Layer) taps() int { return l.Kernel * l.Kernel }

// perBlock is the number of taps in a block of 64 weight rows: more than one below 64 channels.
func (l *Layer) perBlock() int { return max(1, 64/l.InC) }

// chBlocks is the number of 64-channel blocks of a tap.
func (l *Layer) chBlocks() int { return (l.InC + 63) / 64 }

// kBlocks is KB: blocks of 64 weight rows.
func (l *Layer) kBlocks() int {
	return (l.taps() + l.perBlock() - 1) / l.perBlock() * l.chBlocks()
}

// jBlocks is the number of 64-column blocks of the weights.
func (l *Layer) jBlocks() int { return (l.OutC + 63) / 64 }

// Outputs is the number of values of a sample behind the layer, padded channels left out.
func (l *Layer) Outputs() int { return l.H * l.W * l.OutC }

// mapElems is the number of elements of o_i's map of a sample in external memory.
func (l *Layer) mapElems() int { return l.H * l.W * pad16(l.OutC) }

// WeightCount is the number of weights in the description, padded channels left out.
func (l *Layer) WeightCount() int {
	if l.flatC > 0 {
		return l.OutC * l.flatC * l.flatH * l.flatW
	}
	return l.OutC * l.InC * l.taps()
}

// MACs is the number of multiply-accumulates of one sample's forward pass.
func (l *Layer) MACs() int { return l.X * l.Y * l.OutC * l.InC * l.taps() }

// ChipOutputs is the number of values of a sample behind the layer as fully connected layers see it, padded channels of a
// convolution among them.
func (l *Layer) ChipOutputs() int {
	if l.Conv {
		return l.mapElems()
	}
	return l.OutC
}
