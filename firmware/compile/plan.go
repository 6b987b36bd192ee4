package compile

import (
	"fmt"
	"slices"

	"bdfasim/firmware"
)

// Layout is what plan makes: where every tensor of a program lies.
type Layout struct {
	Header firmware.Header
	Layers []LayerPlan // 1..L, index 0 is not used
	Low    []Region    // external memory: lower half
	High   []Region    // upper half, whose banks are others
	Free   int         // behind Low

	Chip        []Usage // what lies in the memories of the chip
	BatchBuffer uint32  // the images of the batch; 0 when they go straight to OMEM
	OMEMWords   int     // words of OMEM that fully connected layers use
	Pointers    int
	MaskWords   int
	copyPtrs    int // fused: from a map to its second copy: pointers and words on the chip,
	copyWords   int
	copyBytes   int       // and bytes from what a layer streams
	room        room      // of each of the two strip buffers
	unit        uint32    // batches over 32: a block of the unit matrix
	streamPtr   [4]uint32 // pointers of the two buffers of a streamed input; fused: and of the two of the last batch's
	streamAlloc [4]uint32

	dropStep uint32 // D of section 11

	spec    *Spec // without data
	samples samples
}

// Region is a named piece of external memory.
type Region struct {
	Name  string
	Addr  uint32
	Bytes int
}

// LayerPlan is where a layer's tensors lie. Addresses of errors and maps of fully connected layers are OMEM words and
// pointers, everything else external byte addresses.
type LayerPlan struct {
	Layer
	FoIn                   int // Fo of the layer below
	Weights, Velocities    uint32
	WStep, VStep           int // bytes from a block to the one for the next 64 outputs
	Biases, BiasVelocities uint32
	Counter                uint32 // base_i of section 5

	Z, O, Pos, D, E uint32 // convolutions: maps in external memory; h lies at E until e replaces it, burst by burst
	Rec             uint32 // records of the channels
	Spread, Zeros   uint32 // Apart: errors over the windows, and positions of zero

	In, InBlocks     uint32 // o_{i-1}: first pointer, pointers a sample
	Streamed         bool   // o_{i-1} does not fit: it comes block by block
	InAlloc, InLimit uint32
	Out, OutStep     uint32 // first pointer and pointers a sample, or word and words a sample of the logits
	OutAlloc         uint32
	OutLimit         uint32
	Mask, MaskStep   uint32
	Err, ErrStep     uint32

	FeedbackAt uint32 // DFA: D_i to this layer, in blocks
	Seed       uint32 // BDFA, BFA with the LFSR
	Entry      uint32 // BDFA with stored signs
	DropBase   uint32 // dbase_i of section 11
}

// space hands out external memory.
type space struct {
	regions []Region
	next    int
}

func (s *space) take(name string, bytes int) uint32 {
	at := uint32(s.next)
	s.next += (bytes + 31) &^ 31
	s.regions = append(s.regions, Region{name, at, bytes})
	return at
}

// outline is a layout without places. If the error of the input is wanted, the input is a layer
// like a convolution's map.
func (s *Spec) outline() *Layout {
	p := &Layout{Layers: make([]LayerPlan, len(s.Layers)), spec: s}
	for i := range s.Layers {
		p.Layers[i].Layer, p.Layers[i].FoIn = s.Layers[i], inputFrac
		if i > 1 {
			p.Layers[i].FoIn = s.Layers[i-1].Fo
		}
	}
	if s.InputError {
		first := &s.Layers[1]
		p.Layers[0].Layer = Layer{
			Name: "input", Conv: true, OutC: first.InC, H: 1, W: 1, X: 1, Y: 1, Kernel: 1, Stride: 1, Pool: 1,
			Formats: Formats{Fo: inputFrac, Fd: first.Fd, Fb: first.Fb},
			FBShift: s.Layers[0].FBShift,
		}
	}
	return p
}

// plan is the second pass: from a specification without its data, whose numbers of samples are n,
// to a layout.
func plan(s *Spec, n samples) (*Layout, error) {
	p := s.outline()
	p.samples = n
	for _, part := range []func() error{p.planHeader, p.planOnChip} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	p.planExternal()
	return p, nil
}

func (p *Layout) planHeader() (err error) {
	s, h := p.spec, &p.Header
	h.Magic, h.Layers = firmware.Magic, uint32(s.top())
	h.Rule = uint32(slices.Index(Rules(), s.Rule))
	h.Epochs, h.Batch = uint32(s.Epochs), uint32(s.Batch)
	n := p.samples.Epoch
	h.TrainN, h.TestN, h.EvalEvery = uint32(n), uint32(p.samples.Test), uint32(s.EvalEvery)
	h.ShiftEvery, h.ShiftBy, h.Seed = uint32(s.LRShiftEvery), uint32(s.LRShift), s.Seed
	if h.Mu, err = firmware.QuantizeRate("mu", s.Mu); err != nil {
		return err
	}
	if h.Lambda, err = firmware.QuantizeRate("lambda", s.Lambda); err != nil {
		return err
	}
	if h.Eta, err = firmware.EtaFor(s.Eta, s.Batch); err != nil {
		return err
	}
	last := (n-1)%s.Batch + 1
	if h.EtaShort, err = firmware.EtaFor(s.Eta, last); err != nil {
		return err
	}
	for i := 1; i < len(p.Layers); i++ {
		l := &p.Layers[i]
		if eta := max(h.Eta, h.EtaShort); firmware.LayerEta(eta, l.Scale) > maxRate {
			return fmt.Errorf("layer %s: eta: got %d/65536 times lr-scale %g, want at most %d/65536", l.Name, eta, float64(l.Scale)/256, maxRate)
		}
		kb, jb := l.kBlocks(), l.jBlocks()
		l.WStep, l.VStep = kb*weightBlock, kb*velBlock
		l.Counter = h.CounterStep
		h.CounterStep += uint32(16 * 2 * jb * kb)
		if l.Drop {
			l.DropBase = p.dropStep
			p.dropStep += uint32(s.subBatches() * firmware.SubBatch * ((l.OutC + 15) / 16))
		}
	}
	seeds := firmware.FeedbackSeeds(s.Seed, s.top()+1)
	for i := 1; i < s.top(); i++ {
		p.Layers[i].Seed = seeds[i]
	}
	if s.InputError {
		p.Layers[0].Seed = seeds[s.top()]
	}
	return nil
}

// maxRate is the largest learning rate of a layer, Q0.16.
const maxRate = 1<<16 - 1

const (
	rowBytes    = 64 * 2 // of a block of weights
	weightBlock = 64 * 64 * 2
	velBlock    = 64 * 64 * 3
	recordBytes = 64
)

// planExternal places tensors in external memory: what is written by a stream that reads another one lies in the other
// half, whose banks are its own.
func (p *Layout) planExternal() {
	s, h := p.spec, &p.Header
	half := s.Machine.XMem.Bytes / 2
	low, high := &space{}, &space{next: half}
	low.take("header", firmware.HeaderBytes)
	h.Results = low.take("results", s.Epochs*firmware.RecordBytes)
	h.OrderStride = uint32((int(h.TrainN)*4 + 31) &^ 31)
	h.TrainOrder = low.take("order.train", s.Epochs*int(h.OrderStride))
	h.TestOrder = low.take("order.test", p.samples.Test*4)
	low.take("slack", 160) // reading 160 bytes for a batch does not leave the tables
	if h.SignEntries > 0 {
		h.Signs = low.take("signs", int(h.SignEntries)*32)
	}
	k := s.convs()
	for i := 1; i <= s.top(); i++ {
		l := &p.Layers[i]
		blocks := l.kBlocks() * l.jBlocks()
		name := func(t string) string { return l.Name + "." + t }
		l.Weights = low.take(name("W"), (blocks+1)*weightBlock) // one more: a turned load of a tap reads whole groups
		l.Velocities = high.take(name("V"), blocks*velBlock)
		l.Biases = low.take(name("b"), l.jBlocks()*64*4)
		l.BiasVelocities = high.take(name("vb"), l.jBlocks()*64*3)
		if l.BN {
			l.Rec = low.take(name("bn"), l.OutC*recordBytes)
		}
		if l.Conv {
			p.planMaps(l, name, low, high)
			p.planSpread(l, name, low, high)
		} else if s.big() && s.Rule != ConvOnly {
			p.planSamples(l, name, low, high)
		}
	}
	if s.InputError {
		p.Layers[0].D = high.take("input.d", s.Batch*p.Layers[0].mapElems()*2)
	}
	if s.Rule == DFA {
		for i := p.firstError(); i < s.top(); i++ {
			l := &p.Layers[i]
			l.FeedbackAt = low.take(l.Name+".D", (l.ChipOutputs()+63)/64*((p.Layers[s.top()].OutC+63)/64)*weightBlock)
		}
	}
	image := p.Layers[1].imageBytes()
	h.Inputs, h.ImageStride = uint32(image), uint32((image+31)&^31)
	if k > 0 || p.Layers[1].Streamed || s.big() {
		p.BatchBuffer = high.take("batch", s.Batch*int(h.ImageStride)+s.behind(image))
		if s.Fused && k == 0 {
			p.copyBytes = int(high.take("batch, second copy", s.Batch*int(h.ImageStride)) - p.BatchBuffer)
		}
	}
	h.TrainImages = low.take("images.train", p.samples.Train*int(h.ImageStride))
	h.TestImages = low.take("images.test", p.samples.Test*int(h.ImageStride))
	p.Low, p.High, p.Free, h.XMemBytes = low.regions, high.regions, low.next, uint32(2*half)
	if l := &p.Layers[k+1]; k == 0 && !l.Streamed && !s.big() {
		h.InPtr, h.InBlocks, h.InAlloc, h.InLimit = l.In, l.InBlocks, l.InAlloc, l.InLimit
	}
}

// planMaps places the maps of a convolution for a whole batch.
func (p *Layout) planMaps(l *LayerPlan, name func(string) string, low, high *space) {
	nb := p.spec.Batch
	full, pooled := nb*l.X*l.Y*pad16(l.OutC)*2, nb*l.mapElems()*2
	l.Z = low.take(name("z"), full)
	behind := 0 // the last 64 channels of a pixel are loaded as such: those that are missing come from behind the map
	if c := pad16(l.OutC) % 64; l.OutC > 64 && c != 0 {
		behind = 2 * (64 - c)
	}
	behind = max(behind, 2*p.spec.behind(l.mapElems()))
	l.O = high.take(name("o"), pooled+behind)
	if p.spec.Fused && p.Layers[p.spec.convs()+1].Streamed && l == &p.Layers[p.spec.convs()] {
		p.copyBytes = int(high.take(name("o, second copy"), pooled+behind) - l.O)
	}
	l.Pos = low.take(name("pos"), nb*l.H*l.W*((l.OutC+63)/64)*32)
	l.D = low.take(name("d"), pooled)
	l.E = high.take(name("e"), full)
}

// imageBytes is the size of a sample of a network that begins with the layer.
func (l *Layer) imageBytes() int { return l.InH * l.InW * l.InC }
