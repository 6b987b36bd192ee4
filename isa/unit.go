package isa

// Unit names a unit of the chip that SEQ talks to.
type Unit uint8

// The units with a command queue, and SEQ itself.
const (
	UnitSeq Unit = iota
	UnitDMA
	UnitWLD
	UnitDNNC
	UnitDrain
	UnitLoss
	UnitDEPC
	UnitMom
	UnitNorm
	UnitEPC
	NumUnits
)

// Phase is what a mark says the program is doing; energy and cycles are split by it.
type Phase uint8

// The phases. PhaseNone holds until the first mark.
const (
	PhaseNone Phase = iota
	PhaseFF
	PhaseLoss
	PhaseEP
	PhaseWG
	PhaseDMA
	PhaseEval
	PhaseMisc
	NumPhases
)

// Reg is a parameter or status register of a unit.
type Reg struct {
	Name string
	Doc  string
}

// UnitInfo is one row of the unit table.
type UnitInfo struct {
	Name   string // as written before the dot
	Doc    string
	Params []Reg // written by set and seti, index = position
	Status []Reg // read by get, index = position
}

// Indices of the parameter registers, unit by unit, in the order of Units.
const (
	DMAXAddr = iota
	DMAN
	DMADst
	DMAAlloc
	DMALimit
	DMARows
	DMAXStep
	DMADStep
	DMAChan
	NumDMAParams
)
const (
	WLDXAddr = iota
	WLDXStep
	WLDRows
	WLDGroups
	WLDSplit
	WLDSrc
	WLDSStep
	WLDPitch
	NumWLDParams
)
const (
	DNNCSrc = iota
	DNNCSStep
	DNNCNB
	DNNCRows
	DNNCGroups
	DNNCSplit
	DNNCTaps
	DNNCChan
	DNNCOut
	DNNCIn
	DNNCAt
	DNNCTap
	DNNCStep
	DNNCOff
	DNNCNStep
	NumDNNCParams
)
const (
	DrainDst = iota
	DrainDStep
	DrainAlloc
	DrainLimit
	DrainShift
	DrainNB
	DrainLanes
	DrainMask
	DrainMStep
	DrainSplit
	DrainSeed
	DrainCtr
	DrainCStep
	DrainBlock
	NumDrainParams
)
const (
	LossSrc = iota
	LossSStep
	LossDst
	LossDStep
	LossN
	LossNB
	LossFrac
	LossLabel
	NumLossParams
)
const (
	DEPCSrc = iota
	DEPCSStep
	DEPCNB
	DEPCN
	DEPCNeurons
	DEPCShift
	DEPCDst
	DEPCDStep
	DEPCMask
	DEPCMStep
	DEPCSeed
	DEPCEntry
	NumDEPCParams
)
const (
	MomWAddr = iota
	MomVAddr
	MomWStep
	MomVStep
	MomRows
	MomLanes
	MomGShift
	MomDShift
	MomTShift
	MomEta
	MomMu
	MomLambda
	MomCtr
	MomCStep
	MomSeed
	MomSplit
	NumMomParams
)
const (
	NormSrc = iota
	NormDst
	NormPos
	NormAux
	NormRec
	NormNB
	NormH
	NormW
	NormChan
	NormPool
	NormShift
	NormEps
	NormEta
	NormMu
	NormGShift
	NormTShift
	NumNormParams
)
const (
	EPCSrc = iota
	EPCSStep
	EPCNB
	EPCN
	EPCNeurons
	EPCShift
	EPCDst
	EPCDStep
	EPCMask
	EPCMStep
	EPCMatrix
	EPCKStep
	EPCJStep
	NumEPCParams
)

// Indices of the status registers.
const (
	DrainSat = iota
	DrainMax
)
const (
	LossCorrect = iota
	LossMax
)
const (
	DEPCSat = iota
	DEPCMax
)
const (
	MomSatV = iota
	MomSatW
	MomMaxV
	MomMaxW
)
const (
	NormSat = iota
	NormMax
)
const (
	EPCSat = iota
	EPCMax
)

// Units is the unit table.
var Units = [NumUnits]UnitInfo{
	UnitSeq: {"seq", "the sequencer", nil, nil},
	UnitDMA: {"dma", "the general DMA channel", []Reg{
		{"xaddr", "external address"},
		{"n", "how much of it; map, save: of a row"},
		{"dst", "where it goes to; store, save: where it comes from"},
		{"alloc", "where the encoder's region starts (with flag new)"},
		{"limit", "where the region ends"},
		{"rows", "rows (map, save); 0 is 1"},
		{"xstep", "external distance of rows (map, save)"},
		{"dstep", "distance of rows in OMEM (map, save)"},
		{"chan", "elements of a pixel, each cut into blocks of 64 of its own, the last of a row " +
			"may be shorter (map); 0: n"},
	}, nil},
	UnitWLD: {"wld", "the WMEM loader with the corner-turn", []Reg{
		{"xaddr", "the first 64 x 64 block (8,192 bytes, row-major int16)"},
		{"xstep", "from one block to the one for the next 64 lanes"},
		{"rows", "WMEM rows to load"},
		{"groups", "groups of 16 lanes to load"},
		{"split", "log2 of the number of copies across the lanes"},
		{"src", "the first raw row (wld.e)"},
		{"sstep", "from one raw row to the next (wld.e)"},
		{"pitch", "from one row to the next (wld.w without t); 0 is 128, that of a block"},
	}, nil},
	UnitDNNC: {"dnnc", "the MAC array", []Reg{
		{"src", "sample 0's block"},
		{"sstep", "from one sample to the next; with taps, from one source pixel to the next"},
		{"nb", "samples or output pixels"},
		{"rows", "elements of the block; with taps, of all of them"},
		{"groups", "active groups of 16 lanes per stream"},
		{"split", "log2 of the number of independent streams"},
		{"taps", "taps of the window, each a block of chan elements; 0: no window, b is a sample"},
		{"chan", "elements of a tap"},
		{"out", "output pixels of an image, height << 16 | width: pixels follow each other along " +
			"x, then y, then in the next image"},
		{"in", "source pixels of an image, height << 16 | width; outside lies zero"},
		{"at", "place of pixel 0 in its image, y << 16 | x"},
		{"tap", "first tap, ky << 8 | kx, and the width of the window << 16; taps follow each " +
			"other along kx, then ky"},
		{"step", "stride | div << 4 | flip << 8: source = (stride * out + k + off) / 2^div, -k " +
			"with flip; zero where the division has a rest"},
		{"off", "offset of the source, y << 16 | x, both signed"},
		{"nstep", "from one image to the next"},
	}, nil},
	UnitDrain: {"drain", "the drain", []Reg{
		{"dst", "sample 0's first block or group"},
		{"dstep", "from one sample to the next"},
		{"alloc", "where the encoder's region starts (act with flag new)"},
		{"limit", "where the region ends"},
		{"shift", "right shift of the accumulator, negative: left"},
		{"nb", "samples or pixels"},
		{"lanes", "existing lanes"},
		{"mask", "the f' bits of sample 0's first group"},
		{"mstep", "from one sample to the next"},
		{"split", "as the DNNC's when the bank was filled"},
		{"seed", "seed of the dropout bits (act with flag drop)"},
		{"ctr", "their counter for sample 0's first group"},
		{"cstep", "counter from one sample to the next"},
		{"block", "elements of a block of the compressed map (act); 0 is 64"},
	}, satMax},
	UnitLoss: {"loss", "the loss unit", []Reg{
		{"src", "sample 0's logits"},
		{"sstep", "from one sample to the next"},
		{"dst", "sample 0's e_L"},
		{"dstep", "from one sample to the next"},
		{"n", "classes"},
		{"nb", "samples"},
		{"frac", "fraction bits of the logits"},
		{"label", "writes one label register: sample << 16 | class"},
	}, []Reg{
		{"correct", "correct predictions since last read"},
		{"max", "largest absolute e_L since last read"},
	}},
	UnitDEPC: {"depc", "the direct error propagation core", propagation("e_L", "classes",
		Reg{"seed", "start of the LFSR"},
		Reg{"entry", "first entry in the sign memory (flag sram)"},
	), satMax},
	UnitMom: {"mom", "the momentum unit", []Reg{
		{"waddr", "the first weight block, or the biases"},
		{"vaddr", "the first velocity block (12,288 bytes, row-major int24)"},
		{"wstep", "from one weight block to the one for the next 64 lanes"},
		{"vstep", "from one velocity block to the next"},
		{"rows", "weight rows (elements of the block)"},
		{"lanes", "existing lanes"},
		{"gshift", "right shift of the gradient into the velocity, negative: left"},
		{"dshift", "right shift of lambda * w into the velocity, negative: left"},
		{"tshift", "right shift of eta * v into the weight or bias, negative: left"},
		{"eta", "learning rate"},
		{"mu", "momentum"},
		{"lambda", "weight decay"},
		{"ctr", "random counter of the first block's first half: step * C + base + 16 H"},
		{"cstep", "counter from one block to the one for the next 64 lanes"},
		{"seed", "seed of the rounding LFSRs"},
		{"split", "log2 of the number of copies of the new weights across the lanes of WMEM (flag upd)"},
	}, []Reg{
		{"satv", "velocity saturations since last read"},
		{"satw", "weight and bias saturations since last read"},
		{"maxv", "largest absolute velocity since last read"},
		{"maxw", "largest absolute weight (not bias) since last read"},
	}},
	UnitNorm: {"norm", "the normalisation and pooling unit", []Reg{
		{"src", "the maps z before the normalisation: pixel after pixel, channels padded to 16, int16"},
		{"dst", "the maps that are written"},
		{"pos", "the positions: 32 bytes a pooled pixel and 64 channels, four bits a channel"},
		{"aux", "the errors that are read (back, grad)"},
		{"rec", "the channel records, 64 bytes each (load, store)"},
		{"nb", "images"},
		{"h", "height of the maps at src"},
		{"w", "width of the maps at src"},
		{"chan", "channels"},
		{"pool", "edge and step of the pooling window; 1: none"},
		{"shift", "right shift of the result (fwd with bn, grad)"},
		{"eps", "added to the variance, at its scale (fin)"},
		{"eta", "learning rate (update)"},
		{"mu", "momentum (update)"},
		{"gshift", "right shift of the scale's gradient into its velocity (update); the shift's is " +
			"12 less"},
		{"tshift", "right shift of eta * v into the scale (update); into the shift it is 6 less"},
	}, []Reg{
		{"sat", "saturations since last read"},
		{"max", "largest absolute value written since last read"},
	}},
	UnitEPC: {"epc", "the error propagation core with multipliers",
		propagation("errors", "errors of the layer above",
			Reg{"matrix", "the first 64 x 64 block: a row a neuron, a column an error"},
			Reg{"kstep", "from one block to the one for the next 64 neurons"},
			Reg{"jstep", "from one block to the one for the next 64 errors"},
		), satMax},
}

// satMax are the status registers of most units.
var satMax = []Reg{
	{"sat", "saturations since last read"},
	{"max", "largest absolute value since last read"},
}

// propagation is what the two units that propagate errors are given: what they load, n of it a
// sample, and what each has of its own.
func propagation(loads, n string, own ...Reg) []Reg {
	return append([]Reg{
		{"src", "sample 0's " + loads + " (load)"},
		{"sstep", "from one sample to the next (load)"},
		{"nb", "samples"},
		{"n", n},
		{"neurons", "neurons of the layer"},
		{"shift", "right shift of the sum, negative: left"},
		{"dst", "sample 0's errors"},
		{"dstep", "from one sample to the next"},
		{"mask", "the f' bits of sample 0's first group"},
		{"mstep", "from one sample to the next"},
	}, own...)
}

// PhaseNames are the operands of mark.
var PhaseNames = [NumPhases]string{"none", "ff", "loss", "ep", "wg", "dma", "eval", "misc"}

func (u Unit) String() string {
	if u < NumUnits {
		return Units[u].Name
	}
	return "unit?"
}

func (p Phase) String() string {
	if p < NumPhases {
		return PhaseNames[p]
	}
	return "phase?"
}
