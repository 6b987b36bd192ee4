package compile

import (
	"fmt"
	"slices"

	"bdfasim/firmware"
)

// Plan says where every tensor of a compiled program lies.
type Plan struct {
	Header firmware.Header
	Layers []LayerPlan // 1..L, index 0 is not used
	Low    []Region    // external memory: lower half
	High   []Region    // upper half, whose banks are others

	BatchBuffer uint32 // the images of the batch, one behind the other; 0 when they go straight to OMEM
	OMEMWords   int    // words of OMEM that fully connected layers use
	Pointers    int
	MaskWords   int
	copyPtrs    int // fused: pointers and words from a map to its second copy, bytes from what a layer streams to its second copy
	copyWords   int
	copyBytes   int
	bufWords    int // words and pointers of each of the two strip buffers
	bufPtrs     int
	streamPtr   [4]uint32 // pointers of the two buffers of a streamed input; fused: and of the two of the last batch's
	streamAlloc [4]uint32

	spec      *Spec
	low, high *space
	passes    []*pass
	code      string // assembly
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
	Weights, Velocities    uint32
	WStep, VStep           int // bytes from a block to the one for the next 64 outputs
	Biases, BiasVelocities uint32
	Counter                uint32 // base_i of section 5

	Z, O, Pos, D, E uint32 // convolutions: maps in external memory; h lies at E until e replaces it, burst by burst
	Rec             uint32 // records of the channels

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
	limit   int
	what    string
}

func (s *space) take(name string, bytes int) uint32 {
	at := s.next
	s.next += (bytes + 31) &^ 31
	s.regions = append(s.regions, Region{name, uint32(at), bytes})
	return uint32(at)
}

// culprits names the region with which a space that is too small is full, and the largest one. Regions have their layer's name.
func (s *space) culprits() string {
	over := slices.IndexFunc(s.regions, func(r Region) bool { return int(r.Addr)+r.Bytes > s.limit })
	most := slices.MaxFunc(s.regions, func(a, b Region) int { return a.Bytes - b.Bytes })
	return fmt.Sprintf("%s is the first that does not fit, %s the largest with %d", s.regions[over].Name, most.Name, most.Bytes)
}

// outline is a plan without places. If the error of the input is wanted, the input is a layer like a convolution's map.
func (s *Spec) outline() *Plan {
	p := &Plan{Layers: make([]LayerPlan, len(s.Layers)), spec: s}
	for i := range s.Layers {
		p.Layers[i].Layer = s.Layers[i]
	}
	if s.InputError {
		first := &s.Layers[1]
		p.Layers[0].Layer = Layer{
			Name: "input", Conv: true, OutC: first.InC, H: 1, W: 1, X: 1, Y: 1, Kernel: 1, Stride: 1, Pool: 1,
			Fo: inputFrac, Fd: first.Fd, Fb: first.Fb, FBShift: s.Layers[0].FBShift,
		}
	}
	return p
}

func newPlan(s *Spec) (*Plan, error) {
	p := s.outline()
	for _, part := range []func() error{p.planHeader, p.planOnChip, p.planExternal, p.planPasses, p.finish} {
		if err := part(); err != nil {
			return nil, fmt.Errorf("compile: %w", err)
		}
	}
	return p, nil
}

func (p *Plan) planHeader() (err error) {
	s, h := p.spec, &p.Header
	h.Magic, h.Layers, h.Rule = firmware.Magic, uint32(s.top()), uint32(slices.Index(Rules(), s.Rule))
	h.Epochs, h.Batch = uint32(s.Epochs), uint32(s.Batch)
	n := len(s.Train.Labels)
	if s.Orders != nil {
		n = len(s.Orders[0])
	}
	h.TrainN, h.TestN, h.EvalEvery = uint32(n), uint32(len(s.Test.Labels)), uint32(s.EvalEvery)
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
	drop := uint32(0)
	for i := 1; i < len(p.Layers); i++ {
		l := &p.Layers[i]
		kb, jb := l.kBlocks(), l.jBlocks()
		l.WStep, l.VStep = kb*weightBlock, kb*velBlock
		l.Counter = h.CounterStep
		h.CounterStep += uint32(16 * 2 * jb * kb)
		if l.Drop {
			l.DropBase = drop
			drop += uint32(32 * ((l.OutC + 15) / 16))
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

// dropStep is D of section 11.
func (p *Plan) dropStep() uint32 {
	sum := 0
	for _, l := range p.Layers[1:] {
		if l.Drop {
			sum += 32 * ((l.OutC + 15) / 16)
		}
	}
	return uint32(sum)
}

const (
	rowBytes    = 64 * 2 // of a block of weights
	weightBlock = 64 * 64 * 2
	velBlock    = 64 * 64 * 3
	recordBytes = 64
)

// planExternal places tensors in external memory: what is written by a stream that reads another one lies in the other
// half, whose banks are its own.
func (p *Plan) planExternal() error {
	s, h := p.spec, &p.Header
	half := s.Capacities.XMemBytes / 2
	low, high := &space{limit: half, what: "lower half"}, &space{next: half, limit: 2 * half, what: "upper half"}
	low.take("header", firmware.HeaderBytes)
	h.Results = low.take("results", s.Epochs*firmware.RecordBytes)
	h.OrderStride = uint32((int(h.TrainN)*4 + 31) &^ 31)
	h.TrainOrder = low.take("order.train", s.Epochs*int(h.OrderStride))
	h.TestOrder = low.take("order.test", len(s.Test.Labels)*4)
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
	if k > 0 || p.Layers[1].Streamed {
		p.BatchBuffer = high.take("batch", s.Batch*int(h.ImageStride))
		if s.Fused && k == 0 {
			p.copyBytes = int(high.take("batch, second copy", s.Batch*int(h.ImageStride)) - p.BatchBuffer)
		}
	}
	h.TrainImages = low.take("images.train", len(s.Train.Labels)*int(h.ImageStride))
	h.TestImages = low.take("images.test", len(s.Test.Labels)*int(h.ImageStride))
	p.low, p.high = low, high
	return nil
}

// finish places the tables of the passes and looks whether everything fits.
func (p *Plan) finish() error {
	h, low, high := &p.Header, p.low, p.high
	half := p.spec.Capacities.XMemBytes / 2
	p.placeTables(low)
	p.Low, p.High = low.regions, high.regions
	for _, sp := range []*space{low, high} {
		if sp.next > sp.limit {
			return fmt.Errorf("external memory, %s: needs %d bytes, there are %d: %d missing; %s", sp.what, sp.next-(sp.limit-half), half, sp.next-sp.limit, sp.culprits())
		}
	}
	h.XMemBytes = uint32(2 * half)
	return nil
}

// planMaps places the maps of a convolution for a whole batch.
func (p *Plan) planMaps(l *LayerPlan, name func(string) string, low, high *space) {
	nb := p.spec.Batch
	full, pooled := nb*l.X*l.Y*pad16(l.OutC)*2, nb*l.mapElems()*2
	l.Z = low.take(name("z"), full)
	behind := 0 // the last 64 channels of a pixel are loaded as such: those that are missing come from behind the map
	if c := pad16(l.OutC) % 64; l.OutC > 64 && c != 0 {
		behind = 2 * (64 - c)
	}
	l.O = high.take(name("o"), pooled+behind)
	if p.spec.Fused && p.Layers[p.spec.convs()+1].Streamed && l == &p.Layers[p.spec.convs()] {
		p.copyBytes = int(high.take(name("o, second copy"), pooled+behind) - l.O)
	}
	l.Pos = low.take(name("pos"), nb*l.H*l.W*((l.OutC+63)/64)*32)
	l.D = low.take(name("d"), pooled)
	l.E = high.take(name("e"), full)
}

// imageBytes is the size of a sample of a network that begins with the layer.
func (l *Layer) imageBytes() int {
	if l.Conv {
		return l.InH * l.InW * l.InC
	}
	return l.InC
}
