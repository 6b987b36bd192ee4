// Package machine describes a chip that can be built: every number of it that is a choice, once.
// The units of the chip, the contracts of the commands, the compiler, the predictor, prices and
// reports read it, and none of them writes one of its numbers again.
//
// What is no choice is the structure: Streams, Group, Block and Batch.
package machine

// The structure of every machine.
const (
	Streams = 4  // into the MAC array
	Group   = 16 // lanes or elements that move in a cycle: a burst of int16
	Block   = 64 // rows of a weight buffer, elements of a block of a map
	Batch   = 32 // samples of a batch, and rows of an accumulator bank
)

// Config is the description. Fields carry their units of measure in their YAML names; `want` is
// what can be built, as package yamlfile reads it, and `doc` says what a field is.
//
// A file says every field, or it extends one of BuiltIns and says what differs:
//
//	extends: reference
//	name: mine
//	dnnc: {lanes: 512}
type Config struct {
	Name     string   `yaml:"name" doc:"name of the machine"`
	ClockMHz float64  `yaml:"clock_mhz" want:"(0,1000]" doc:"clock of the chip"`
	Fused    bool     `yaml:"fused" doc:"fused schedules: a third accumulator bank, a way into WMEM"`
	Seq      Seq      `yaml:"seq" doc:"sequencer"`
	DNNC     DNNC     `yaml:"dnnc" doc:"MAC array"`
	OMEM     OMEM     `yaml:"omem" doc:"on-chip memory of maps and errors"`
	Loss     Loss     `yaml:"loss" doc:"loss unit"`
	DEPC     DEPC     `yaml:"depc" doc:"errors from feedback signs"`
	LFSR     LFSR     `yaml:"lfsr" doc:"generator of feedback signs"`
	EPC      EPC      `yaml:"epc" doc:"errors from feedback weights"`
	Momentum Momentum `yaml:"momentum" doc:"momentum unit"`
	Norm     Norm     `yaml:"norm" doc:"normalisation unit"`
	XMem     XMem     `yaml:"xmem" doc:"external memory and its controller"`

	// Toggles makes the data paths count bits that change, too (events Toggle*). It is no property
	// of the machine: nothing else differs but the simulator's speed.
	Toggles bool `yaml:"-"`
}

// Seq sizes the sequencer.
type Seq struct {
	IMemBytes    int `yaml:"imem_bytes" want:"[8,1048576]/8" doc:"instruction memory"`
	ScratchBytes int `yaml:"scratch_bytes" want:"[32,1048576]/32" doc:"scratch memory"`
}

// DNNC sizes the MAC array.
type DNNC struct {
	Lanes   int `yaml:"lanes" want:"64|128|256|512|1024" doc:"multipliers and accumulators"`
	AccBits int `yaml:"acc_bits" want:"[32,62]" doc:"accumulators add modulo 2^acc_bits"`

	ProductRegisters Cut `yaml:"product_registers" doc:"registers behind multipliers; auto: as the clock needs"`
}

// OMEM sizes the memory of maps and errors, and the memories beside it.
type OMEM struct {
	Words     int `yaml:"words" want:"[16,262144]/8" doc:"64-bit words over all banks"`
	Pointers  int `yaml:"pointers" want:"[1,1048576]" doc:"pointers to blocks of compressed maps"`
	MaskWords int `yaml:"mask_words" want:"[1,1048576]" doc:"16-bit words of the f' mask memory"`
}

// Loss sizes the loss unit.
type Loss struct {
	Classes int `yaml:"classes" want:"[16,1024]/16" doc:"capacity of the row buffer"`
}

// DEPC sizes the unit that computes errors from signs.
type DEPC struct {
	Classes     int `yaml:"classes" want:"[0,4096]/16" doc:"capacity of the error buffer; 0: the unit is not built"`
	SignEntries int `yaml:"sign_entries" want:"[0,65536]" doc:"256-bit entries of the sign memory; 0: none is built"`
	Neurons     int `yaml:"neurons" want:"8|16|32" doc:"neurons per cycle: trees"`
	Inputs      int `yaml:"inputs" want:"8|16|32" doc:"errors that a tree adds per cycle"`
}

// LFSR sizes the generator of signs.
type LFSR struct {
	Bits int `yaml:"bits" want:"4|8|16|32" doc:"signs per cycle"`
}

// EPC sizes the unit that computes errors from weights.
type EPC struct {
	Kind    EPCKind `yaml:"kind" doc:"arrangement of its multipliers, none: not built"`
	Errors  int     `yaml:"errors" want:"[16,4096]/16" doc:"capacity of the error buffer, errors of a sample"`
	Neurons int     `yaml:"neurons" want:"8|16|32" doc:"neurons per cycle: trees"`
	Inputs  int     `yaml:"inputs" want:"8|16|32" doc:"errors that a tree multiplies per cycle"`

	Products Cut `yaml:"product_registers" doc:"registers behind multipliers; auto: as the clock needs"`
}

// EPCKind says how the multipliers of the EPC are arranged and when they stand still. The kinds
// give the same errors, but for EPCNone, which gives none.
type EPCKind uint8

// The kinds.
const (
	EPCNone     EPCKind = iota // not built: every command raises a fault
	EPCTree                    // trees of multipliers
	EPCTreeGate                // the same, with operands gated where the error is 0 or the neuron's f' is
	EPCLaneMask                // lanes, one error that is not 0 a cycle, gated by f'
)

// Words are the kinds' names.
func (EPCKind) Words() []string { return []string{"none", "tree", "tree-gate", "lane-mask"} }

func (k EPCKind) String() string {
	if words := k.Words(); int(k) < len(words) {
		return words[k]
	}
	return "kind?"
}

// Momentum sizes the momentum unit.
type Momentum struct {
	Lanes  int `yaml:"lanes" want:"8|16|32" doc:"weights updated per cycle"`
	Chunks int `yaml:"chunks" want:"[2,16]" doc:"chunks of 32 weights under way, from first read to last write"`
	Cuts   int `yaml:"cuts" want:"[0,12]" doc:"registers that cut its lanes; 0: as the clock needs"`
}

// Norm sizes the normalisation unit.
type Norm struct {
	Channels int `yaml:"channels" want:"[0,2048]/16" doc:"channels that its memories hold; 0: the unit is not built"`
	Cuts     int `yaml:"cuts" want:"[0,15]" doc:"registers that cut its lanes; 0: as the clock needs"`
}

// XMem says which memory is attached, how the chip's port to it is made and how deep the
// controller's FIFOs are.
type XMem struct {
	Kind       MemoryKind `yaml:"kind" doc:"kind; sets the timing"`
	Bytes      int        `yaml:"bytes" want:"[1,4294967296]" doc:"size of the memory, a power of two"`
	SplitBanks bool       `yaml:"split_banks" doc:"the memory's upper half lies in the banks' upper half"`
	PortBytes  int        `yaml:"port_bytes" want:"16|32|64" doc:"the chip's port, per cycle; a requester moves at most 32"`
	PHYNS      float64    `yaml:"phy_ns" want:"[0,1000]" doc:"what controller and PHY add to a read, both ways together"`

	ReadDepth  int `yaml:"read_depth" want:"[2,32]" doc:"places in the FIFO of a read port"`
	WriteDepth int `yaml:"write_depth" want:"[2,32]" doc:"places in the FIFO of a write port; the longest batch of writes"`
	WriteHigh  int `yaml:"write_high" want:"[1,31]" doc:"writes are drained from this fill on"`
	Linger     int `yaml:"linger_cycles" want:"[1,255]" doc:"... or when no write has come for so long"`
	LingerIdle int `yaml:"linger_idle_cycles" want:"[1,255]" doc:"... the same, when no read waits"`

	DRAM `yaml:"timing,omitempty" doc:"the memory itself, in the units of its data sheet: what differs from the kind"`
}

// MemoryKind names a kind of external memory: memories.yaml has their timings.
type MemoryKind string

// Words are the kinds.
func (MemoryKind) Words() []string {
	return []string{"lpddr3-1600", "lpddr4-3200", "ddr4-2400", "ideal"}
}

// DRAM is the timing of an external memory, in the units of its data sheet.
type DRAM struct {
	Banks     int `yaml:"banks" want:"2|4|8" doc:"banks"`
	PageBytes int `yaml:"page_bytes" want:"[32,65536]" doc:"row buffer of a bank, a power of two"`
	BusBits   int `yaml:"bus_bits" want:"8|16|32|64|128|256" doc:"width of the data bus"`

	TCKNS    float64 `yaml:"tck_ns" want:"(0,100]" doc:"period of the memory's clock"`
	BurstTCK int     `yaml:"burst_tck" want:"[1,64]" doc:"periods in which 32 bytes pass the data bus"`
	RL       int     `yaml:"rl_tck" want:"[1,200]" doc:"read latency"`
	WL       int     `yaml:"wl_tck" want:"[1,200]" doc:"write latency"`
	TDQSCK   float64 `yaml:"tdqsck_ns" want:"[0,1e15]" doc:"clock to read strobe at the most"`
	TRCD     float64 `yaml:"trcd_ns" want:"[0,1e15]" doc:"activate to column command"`
	TRPpb    float64 `yaml:"trp_pb_ns" want:"[0,1e15]" doc:"precharge of a bank"`
	TRPab    float64 `yaml:"trp_ab_ns" want:"[0,1e15]" doc:"precharge of all banks"`
	TRAS     float64 `yaml:"tras_ns" want:"[0,1e15]" doc:"activate to precharge"`
	TWR      float64 `yaml:"twr_ns" want:"[0,1e15]" doc:"end of written data to precharge"`
	TWTR     float64 `yaml:"twtr_ns" want:"[0,1e15]" doc:"end of written data to read command"`
	TRTP     float64 `yaml:"trtp_ns" want:"[0,1e15]" doc:"read command to precharge"`
	TRRD     float64 `yaml:"trrd_ns" want:"[0,1e15]" doc:"activate to activate of another bank"`
	TFAW     float64 `yaml:"tfaw_ns" want:"[0,1e15]" doc:"window in which at most four activates fall"`
	TRFC     float64 `yaml:"trfc_ns" want:"[0,1e15]" doc:"all-bank refresh"`
	TREFI    float64 `yaml:"trefi_ns" want:"[0,1e15]" doc:"mean distance of refreshes; 1e15: never"`
}

// BuiltChannels is how many channels a normalisation unit has room for when a program needs one and
// the description has none: those of VGG-16.
const BuiltChannels = 512

// Banks is the number of accumulator banks.
func (c *Config) Banks() int {
	if c.Fused {
		return 3
	}
	return 2
}

// ClockNS is the period of the chip's clock.
func (c *Config) ClockNS() float64 { return 1e3 / c.ClockMHz }

// Gate levels of the EPC's stages, margin for registers and clock included: a multiplier of 16 by 16
// bits, 40, behind the selection of its operands; a tree of 4:2 compressors, 24, and its last adder.
const (
	epcProduct = SelectLevels + MulLevels + MarginLevels
	epcWhole   = epcProduct + 24 + 16
)

// EPCProducts reports whether the EPC has registers behind its multipliers.
func (c *Config) EPCProducts() bool {
	return c.EPC.Products == CutYes || c.EPC.Products == CutAuto && c.Levels() < epcWhole
}
