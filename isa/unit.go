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
	Unit   Unit
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
	NumWLDParams
)
const (
	DNNCSrc = iota
	DNNCSStep
	DNNCNB
	DNNCRows
	DNNCGroups
	DNNCSplit
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
	NumMomParams
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

// Units is the unit table.
var Units = [NumUnits]UnitInfo{
	UnitSeq: {UnitSeq, "seq", "the sequencer", nil, nil},
	UnitDMA: {UnitDMA, "dma", "the general DMA channel", []Reg{
		{"xaddr", "external byte address, a multiple of 32"},
		{"n", "elements (map), bytes (scr, store), biases (bias), entries (sign)"},
		{"dst", "first pointer index (map), scratch byte address (scr, store), entry (sign)"},
		{"alloc", "OMEM word where the encoder's region starts (with flag new)"},
		{"limit", "OMEM word where the region ends"},
	}, nil},
	UnitWLD: {UnitWLD, "wld", "the WMEM loader with the corner-turn", []Reg{
		{"xaddr", "external byte address of the first 64 x 64 block (8,192 bytes, row-major int16)"},
		{"xstep", "bytes from one block to the one for the next 64 lanes"},
		{"rows", "WMEM rows to load, 1..64"},
		{"groups", "groups of 16 lanes to load, 1..16"},
		{"split", "log2 of the number of copies across the lanes: 0, 1, 2"},
		{"src", "OMEM word address of the first raw row (wld.e)"},
		{"sstep", "OMEM words from one raw row to the next (wld.e)"},
	}, nil},
	UnitDNNC: {UnitDNNC, "dnnc", "the MAC array", []Reg{
		{"src", "pointer index (compressed) or word address (raw) of sample 0's block"},
		{"sstep", "pointers or words from one sample to the next"},
		{"nb", "samples, 1..32"},
		{"rows", "elements of the block, 1..64"},
		{"groups", "active groups of 16 lanes per stream, 1..16"},
		{"split", "log2 of the number of independent streams: 0, 1, 2"},
	}, nil},
	UnitDrain: {UnitDrain, "drain", "the drain", []Reg{
		{"dst", "pointer index (act) or word address (logit, err) of sample 0's first block"},
		{"dstep", "pointers or words from one sample to the next"},
		{"alloc", "OMEM word where the encoder's region starts (act with flag new)"},
		{"limit", "OMEM word where the region ends"},
		{"shift", "right shift of the accumulator, negative: left"},
		{"nb", "samples, 1..32"},
		{"lanes", "existing lanes, 1..256"},
		{"mask", "mask memory address (16-bit words) of sample 0's first group"},
		{"mstep", "mask words from one sample to the next"},
		{"split", "as the DNNC's when the bank was filled"},
	}, []Reg{
		{"sat", "saturations since last read"},
		{"max", "largest absolute value since last read"},
	}},
	UnitLoss: {UnitLoss, "loss", "the loss unit", []Reg{
		{"src", "OMEM word address of sample 0's logits"},
		{"sstep", "words from one sample to the next"},
		{"dst", "OMEM word address of sample 0's e_L"},
		{"dstep", "words from one sample to the next"},
		{"n", "classes"},
		{"nb", "samples, 1..32"},
		{"frac", "fraction bits of the logits"},
		{"label", "writes one label register: sample << 16 | class"},
	}, []Reg{
		{"correct", "correct predictions since last read"},
		{"max", "largest absolute e_L since last read"},
	}},
	UnitDEPC: {UnitDEPC, "depc", "the direct error propagation core", []Reg{
		{"src", "OMEM word address of sample 0's e_L (load)"},
		{"sstep", "words from one sample to the next (load)"},
		{"nb", "samples, 1..32"},
		{"n", "classes"},
		{"neurons", "neurons of the layer"},
		{"shift", "right shift of the sum, negative: left"},
		{"dst", "OMEM word address of sample 0's errors"},
		{"dstep", "words from one sample to the next"},
		{"mask", "mask memory address of sample 0's first group"},
		{"mstep", "mask words from one sample to the next"},
		{"seed", "start of the LFSR, not zero"},
		{"entry", "first entry in the sign memory (flag sram)"},
	}, []Reg{
		{"sat", "saturations since last read"},
		{"max", "largest absolute value since last read"},
	}},
	UnitMom: {UnitMom, "mom", "the momentum unit", []Reg{
		{"waddr", "external byte address of the first weight block, or of the biases"},
		{"vaddr", "external byte address of the first velocity block (12,288 bytes, row-major int24)"},
		{"wstep", "bytes from one weight block to the one for the next 64 lanes"},
		{"vstep", "bytes from one velocity block to the next"},
		{"rows", "weight rows (elements of the block), 1..64"},
		{"lanes", "existing lanes, 1..256"},
		{"gshift", "right shift of the gradient into the velocity, negative: left"},
		{"dshift", "right shift of lambda * w into the velocity, negative: left"},
		{"tshift", "right shift of eta * v into the weight or bias, negative: left (biases only)"},
		{"eta", "learning rate, Q0.16"},
		{"mu", "momentum, Q0.16"},
		{"lambda", "weight decay, Q0.16"},
		{"ctr", "random counter of the first block's first half: step * C + base + 16 H"},
		{"cstep", "counter from one block to the one for the next 64 lanes"},
		{"seed", "seed of the rounding LFSRs"},
	}, []Reg{
		{"satv", "velocity saturations since last read"},
		{"satw", "weight and bias saturations since last read"},
		{"maxv", "largest absolute velocity since last read"},
		{"maxw", "largest absolute weight (not bias) since last read"},
	}},
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
