package firmware

import (
	"fmt"

	"bdfasim/isa/image"
)

// Plan says where everything lies and how the program will run. It is exactly what the image tells the program: header
// and layer descriptors (1..L, index 0 is not used).
type Plan struct {
	Header Header
	Layers []Layer
}

// splitFor returns log2 of the samples that are worked on at a time when a layer has n lanes: narrow layers would leave
// most of the 256 lanes idle.
func splitFor(n int) uint32 {
	switch {
	case n <= 64:
		return 2
	case n <= 128:
		return 1
	}
	return 0
}

// newPlan computes the plan of a valid specification.
func newPlan(s *Spec) (*Plan, error) {
	p := &Plan{Layers: make([]Layer, len(s.Sizes))}
	if err := p.planTraining(s); err != nil {
		return nil, err
	}
	seeds := make([]uint32, len(s.Sizes))
	if s.Rule == BDFA && s.Feedback == LFSR {
		seeds = FeedbackSeeds(s.Seed, s.layers())
	}
	for i := 1; i < len(s.Sizes); i++ {
		p.planLayer(s, i)
		p.Layers[i].LowSeed = seeds[i-1]
	}
	if err := p.checkShifts(); err != nil {
		return nil, err
	}
	if err := p.planOnChip(s); err != nil {
		return nil, err
	}
	return p, p.planExternal(s)
}

// planTraining fills in the part of the header that is no address.
func (p *Plan) planTraining(s *Spec) (err error) {
	h := &p.Header
	h.Magic, h.Layers, h.Rule = Magic, uint32(s.layers()), ruleBP
	if s.Rule == BDFA {
		h.Rule = ruleBDFA
		if s.Feedback == SRAM {
			h.SRAM = 1
		}
	}
	h.Epochs, h.Batch = uint32(s.Epochs), uint32(s.Batch)
	h.TrainN, h.TestN = uint32(s.trainN()), uint32(len(s.Test.Labels))
	h.EvalEvery = uint32(s.EvalEvery)
	h.ShiftEvery, h.ShiftBy = uint32(s.LRShiftEvery), uint32(s.LRShift)
	h.Seed = s.Seed
	if h.Mu, err = QuantizeRate("mu", s.Mu); err != nil {
		return fmt.Errorf("firmware: %w", err)
	}
	if h.Lambda, err = QuantizeRate("lambda", s.Lambda); err != nil {
		return fmt.Errorf("firmware: %w", err)
	}
	last := s.trainN() % s.Batch
	if last == 0 {
		last = s.Batch
	}
	if h.Eta, err = EtaFor(s.Eta, s.Batch); err != nil {
		return err
	}
	h.EtaShort, err = EtaFor(s.Eta, last)
	return err
}

// EtaFor corrects eta for a batch of n samples: the chip divides by 32 whatever the batch (section 5).
func EtaFor(eta float64, n int) (uint32, error) {
	q, err := QuantizeRate("eta", eta*meanOver/float64(n))
	if err != nil {
		return 0, fmt.Errorf("firmware: batch of %d samples: eta %g times %d/%d: %w", n, eta, meanOver, n, err)
	}
	return q, nil
}

// planLayer fills in what follows from sizes and formats.
func (p *Plan) planLayer(s *Spec, i int) {
	d, f := &p.Layers[i], &s.Formats
	in, out := s.Sizes[i-1], s.Sizes[i]
	foIn, fo, fw, fe, fv := f.Fo[i-1], f.Fo[i], f.Fw[i], f.Fe[i], f.Fv[i]
	kb := ceilDiv(in, blockSide)
	d.NIn, d.NOut = uint32(in), uint32(out)
	d.Split, d.LowSplit = splitFor(out), splitFor(in)
	d.WStep, d.VStep = uint32(kb*weightBlock), uint32(kb*velBlock)
	d.FoIn, d.Fo, d.Fw, d.Fe, d.Fv = int32(foIn), int32(fo), int32(fw), int32(fe), int32(fv)
	d.FFShift = int32(foIn + fw - fo)    // section 2
	d.GShift = int32(foIn + fe + 5 - fv) // section 5, from here on
	d.DecayShift = int32(fw + 16 - fv)
	d.TShift = int32(fv + 16 - fw)
	d.GBShift = int32(fe + 5 - fv)
	d.TBShift = int32(fv + 16 - (foIn + fw))
	d.CounterStep = uint32(32 * kb)
	d.Counter = p.Header.CounterStep                                  // base_i: the sum over the layers before
	p.Header.CounterStep += 16 * uint32(2*ceilDiv(out, blockSide)*kb) // C in the end
	switch {
	case i == 1:
	case s.Rule == BDFA:
		d.LowShift = int32(topErrFrac + s.FBShift[i-1] - f.Fe[i-1]) // section 4
	default:
		d.LowShift = int32(fw + fe - f.Fe[i-1])
	}
}

// planExternal places everything in external memory, each on a multiple of 32 bytes. The velocities lie in the upper half,
// whose banks are others than the lower half's, so that the update's streams of weights and velocities never close each
// other's rows. The weights come behind the order tables, so that reading 160 bytes for a batch never leaves the memory.
func (p *Plan) planExternal(s *Spec) error {
	h, half := &p.Header, s.Capacities.XMemBytes/2
	low, high := 0, half
	place := func(next *int, bytes int) uint32 {
		at := *next
		*next += padTo(bytes, burst)
		return uint32(at)
	}
	place(&low, HeaderBytes)
	h.LayerTable = place(&low, s.layers()*LayerBytes)
	h.Results = place(&low, s.Epochs*RecordBytes)
	h.OrderStride = uint32(padTo(s.trainN()*orderEntry, burst))
	h.TrainOrder = place(&low, s.Epochs*int(h.OrderStride))
	h.TestOrder = place(&low, len(s.Test.Labels)*orderEntry)
	h.Signs = place(&low, int(h.SignEntries)*signBytes)
	for i := 1; i < len(s.Sizes); i++ {
		d := &p.Layers[i]
		padded := padTo(s.Sizes[i], blockSide)
		blocks := padded / blockSide * ceilDiv(s.Sizes[i-1], blockSide)
		d.Biases = place(&low, padded*biasBytes)
		d.Weights = place(&low, blocks*weightBlock)
		d.BiasVelocities = place(&high, padded*velBytes)
		d.Velocities = place(&high, blocks*velBlock)
	}
	h.ImageStride = uint32(padTo(s.Sizes[0], burst))
	h.TrainImages = place(&low, len(s.Train.Labels)*int(h.ImageStride))
	h.TestImages = place(&low, len(s.Test.Labels)*int(h.ImageStride))
	for _, part := range []struct {
		what string
		used int
	}{{"lower half: the weights and the data", low}, {"upper half: the velocities", high - half}} {
		if part.used > half {
			return fmt.Errorf("firmware: external memory, %s need %d bytes, there are %d: %d missing", part.what, part.used, half, part.used-half)
		}
	}
	h.XMemBytes = uint32(high)
	return nil
}

// Rule returns BP or BDFA.
func (p *Plan) Rule() string {
	if p.Header.Rule == ruleBDFA {
		return BDFA
	}
	return BP
}

// Feedback returns where BDFA's signs come from, LFSR or SRAM, or "" for BP.
func (p *Plan) Feedback() string {
	switch {
	case p.Header.Rule != ruleBDFA:
		return ""
	case p.Header.SRAM == 1:
		return SRAM
	}
	return LFSR
}

// Sizes returns N_0..N_L.
func (p *Plan) Sizes() []int {
	sizes := []int{int(p.Header.Inputs)}
	for _, d := range p.Layers[1:] {
		sizes = append(sizes, int(d.NOut))
	}
	return sizes
}

// Formats returns the fraction bits of the tensors.
func (p *Plan) Formats() Formats {
	f := Formats{Fo: []int{int(p.Layers[1].FoIn)}, Fw: []int{0}, Fe: []int{0}, Fv: []int{0}}
	for _, d := range p.Layers[1:] {
		f.Fo, f.Fw = append(f.Fo, int(d.Fo)), append(f.Fw, int(d.Fw))
		f.Fe, f.Fv = append(f.Fe, int(d.Fe)), append(f.Fv, int(d.Fv))
	}
	return f
}

// FBShift returns s_i of hidden layer i under BDFA: the feedback scale is 2^-s_i.
func (p *Plan) FBShift(i int) int { return int(p.Layers[i+1].LowShift - topErrFrac + p.Layers[i].Fe) }

// FBSeed returns fbseed_i of hidden layer i under BDFA with the LFSR, else 0.
func (p *Plan) FBSeed(i int) uint32 { return p.Layers[i+1].LowSeed }

// Steps is the number of training steps in an epoch.
func (p *Plan) Steps() int { return ceilDiv(int(p.Header.TrainN), int(p.Header.Batch)) }

// EtaAt returns the learning rate, Q0.16, that the program gives the momentum unit in an epoch (from 0) for a batch of nb
// samples: corrected for short batches, and shifted as often as LRShiftEvery says.
func (p *Plan) EtaAt(epoch, nb int) uint32 { return p.Header.EtaAt(epoch, nb) }

// EtaAt is Plan.EtaAt.
func (h *Header) EtaAt(epoch, nb int) uint32 {
	eta := h.Eta
	if nb != int(h.Batch) {
		eta = h.EtaShort
	}
	if h.ShiftEvery == 0 {
		return eta
	}
	return eta >> (uint32(epoch) / h.ShiftEvery * h.ShiftBy)
}

// Tensors describes every tensor of the network for dumps and comparisons. Layouts: "blocks" 64 x 64 blocks, Stride bytes
// each; "flat" one after another; "rlc" a compressed map, Addr its first pointer and Stride pointers a sample; "raw" an
// uncompressed map, Stride words a sample; "bits" the f' mask, Stride mask words a sample.
func (p *Plan) Tensors() []image.Tensor {
	h, batch := &p.Header, int(p.Header.Batch)
	sizes := p.Sizes()
	ts := []image.Tensor{{Name: "o0", Space: "omem", Layout: "rlc", Addr: h.InPtr, Stride: h.InBlocks,
		Shape: []int{batch, sizes[0]}, Bits: 16, Frac: inputFrac, Layer: 0}}
	for i := 1; i < len(sizes); i++ {
		d := &p.Layers[i]
		n, m := sizes[i], sizes[i-1]
		name := func(s string) string { return fmt.Sprintf("%s%d", s, i) }
		ts = append(ts,
			image.Tensor{Name: name("W"), Space: "xmem", Layout: "blocks", Addr: d.Weights, Stride: weightBlock,
				Shape: []int{n, m}, Bits: 16, Frac: int(d.Fw), Layer: i},
			image.Tensor{Name: name("V"), Space: "xmem", Layout: "blocks", Addr: d.Velocities, Stride: velBlock,
				Shape: []int{n, m}, Bits: 24, Frac: int(d.Fv), Layer: i},
			image.Tensor{Name: name("b"), Space: "xmem", Layout: "flat", Addr: d.Biases, Stride: biasBytes,
				Shape: []int{n}, Bits: 32, Frac: int(d.FoIn + d.Fw), Layer: i},
			image.Tensor{Name: name("vb"), Space: "xmem", Layout: "flat", Addr: d.BiasVelocities, Stride: velBytes,
				Shape: []int{n}, Bits: 24, Frac: int(d.Fv), Layer: i})
		out := image.Tensor{Name: name("a"), Space: "omem", Layout: "raw", Addr: d.Out, Stride: d.OutStep,
			Shape: []int{batch, n}, Bits: 16, Frac: int(d.Fo), Layer: i}
		if d.Hidden == 1 {
			out.Name, out.Layout = name("o"), "rlc"
			ts = append(ts, image.Tensor{Name: name("mask"), Space: "mask", Layout: "bits", Addr: d.Mask, Stride: d.MaskStep,
				Shape: []int{batch, n}, Bits: 1, Layer: i})
		}
		ts = append(ts, out, image.Tensor{Name: name("e"), Space: "omem", Layout: "raw", Addr: d.Err, Stride: d.ErrStep,
			Shape: []int{batch, n}, Bits: 16, Frac: int(d.Fe), Layer: i})
	}
	return ts
}
