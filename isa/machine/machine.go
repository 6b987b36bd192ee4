// Package machine describes a chip that can be built: every number of it that is a choice, once.
// The units of the chip, the contracts of the commands, the compiler, the predictor, prices and
// reports read it, and none of them writes one of its numbers again.
//
// What is no choice is the structure: four streams into the MAC array, groups of 16 elements, blocks
// of 64, batches of 32.
package machine

// Config is the description. Fields carry their units of measure in their YAML names; `want` is
// what can be built, as package yamlfile reads it, and `doc` says what a field is.
type Config struct {
	Name     string   `yaml:"name" doc:"name of the machine"`
	ClockMHz float64  `yaml:"clock_mhz" want:"(0,1000]" doc:"clock of the chip"`
	Fused    bool     `yaml:"fused" doc:"hardware for fused schedules: a third accumulator bank, and a path from the momentum unit to WMEM"`
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
	IMemBytes    int `yaml:"imem_bytes" want:"[8,1048576]" step:"8" doc:"instruction memory"`
	ScratchBytes int `yaml:"scratch_bytes" want:"[32,1048576]" step:"32" doc:"scratch memory"`
}

// DNNC sizes the MAC array.
type DNNC struct {
	Lanes   int `yaml:"lanes" one:"64,128,256,512,1024" doc:"multipliers and accumulators"`
	AccBits int `yaml:"acc_bits" want:"[32,62]" doc:"accumulators add modulo 2^acc_bits"`
}

// OMEM sizes the memory of maps and errors, and the memories beside it.
type OMEM struct {
	Words     int `yaml:"words" want:"[16,262144]" step:"8" doc:"64-bit words over all banks"`
	Pointers  int `yaml:"pointers" want:"[1,1048576]" doc:"pointers to blocks of compressed maps"`
	MaskWords int `yaml:"mask_words" want:"[1,1048576]" doc:"16-bit words of the f' mask memory"`
}

// Loss sizes the loss unit.
type Loss struct {
	Classes int `yaml:"classes" want:"[16,1024]" step:"16" doc:"capacity of the row buffer"`
}

// DEPC sizes the unit that computes errors from signs.
type DEPC struct {
	Classes     int `yaml:"classes" want:"[0,4096]" step:"16" doc:"capacity of the error buffer; 0: the unit is not built"`
	SignEntries int `yaml:"sign_entries" want:"[0,65536]" doc:"256-bit entries of the sign memory; 0: none is built"`
	Neurons     int `yaml:"neurons" one:"8,16,32" doc:"neurons per cycle: trees"`
	Inputs      int `yaml:"inputs" one:"8,16,32" doc:"errors that a tree adds per cycle"`
}

// LFSR sizes the generator of signs.
type LFSR struct {
	Bits int `yaml:"bits" one:"4,8,16,32" doc:"signs per cycle"`
}

// EPC sizes the unit that computes errors from weights.
type EPC struct {
	Kind    EPCKind `yaml:"kind" doc:"how its multipliers are arranged and when they stand still"`
	Errors  int     `yaml:"errors" want:"[16,4096]" step:"16" doc:"capacity of the error buffer, errors of a sample"`
	Neurons int     `yaml:"neurons" one:"8,16,32" doc:"neurons per cycle: trees"`
	Inputs  int     `yaml:"inputs" one:"8,16,32" doc:"errors that a tree multiplies per cycle"`
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
	Lanes  int `yaml:"lanes" one:"8,16,32" doc:"weights updated per cycle"`
	Chunks int `yaml:"chunks" want:"[2,16]" doc:"chunks of 32 weights between the first read sent and the last write sent"`
	Cuts   int `yaml:"cuts" want:"[0,12]" doc:"registers that cut its lanes; 0: those with the fewest bits that meet the clock"`
}

// Norm sizes the normalisation unit.
type Norm struct {
	Channels int `yaml:"channels" want:"[0,2048]" step:"16" doc:"channels that its memories hold; 0: the unit is not built"`
	Cuts     int `yaml:"cuts" want:"[0,15]" doc:"registers that cut its lanes; 0: those with the fewest bits that meet the clock"`
}

// XMem says which memory is attached, how the chip's port to it is made and how deep the
// controller's FIFOs are. Times stand in the units of the data sheet.
type XMem struct {
	Bytes      int  `yaml:"bytes" want:"[1,4294967296]" doc:"size of the memory, a power of two"`
	Banks      int  `yaml:"banks" one:"2,4,8" doc:"banks"`
	PageBytes  int  `yaml:"page_bytes" want:"[32,65536]" doc:"row buffer of a bank, a power of two"`
	SplitBanks bool `yaml:"split_banks" doc:"the upper half of the memory lies in the upper half of the banks"`

	TCKNS  float64 `yaml:"tck_ns" want:"(0,100]" doc:"period of the memory's clock"`
	RL     int     `yaml:"rl_tck" want:"[1,200]" doc:"read latency"`
	WL     int     `yaml:"wl_tck" want:"[1,200]" doc:"write latency"`
	TDQSCK float64 `yaml:"tdqsck_ns" want:"[0,1e15]" doc:"clock to read strobe at the most"`
	TRCD   float64 `yaml:"trcd_ns" want:"[0,1e15]" doc:"activate to column command"`
	TRPpb  float64 `yaml:"trp_pb_ns" want:"[0,1e15]" doc:"precharge of a bank"`
	TRPab  float64 `yaml:"trp_ab_ns" want:"[0,1e15]" doc:"precharge of all banks"`
	TRAS   float64 `yaml:"tras_ns" want:"[0,1e15]" doc:"activate to precharge"`
	TWR    float64 `yaml:"twr_ns" want:"[0,1e15]" doc:"end of written data to precharge"`
	TWTR   float64 `yaml:"twtr_ns" want:"[0,1e15]" doc:"end of written data to read command"`
	TRTP   float64 `yaml:"trtp_ns" want:"[0,1e15]" doc:"read command to precharge"`
	TRRD   float64 `yaml:"trrd_ns" want:"[0,1e15]" doc:"activate to activate of another bank"`
	TFAW   float64 `yaml:"tfaw_ns" want:"[0,1e15]" doc:"window in which at most four activates fall"`
	TRFC   float64 `yaml:"trfc_ns" want:"[0,1e15]" doc:"all-bank refresh"`
	TREFI  float64 `yaml:"trefi_ns" want:"[0,1e15]" doc:"mean distance of refreshes; 1e15: never"`

	PHYCycles int `yaml:"phy_cycles" want:"[0,31]" doc:"cycles that controller and PHY add to a read, both ways together"`

	ReadDepth  int `yaml:"read_depth" want:"[2,32]" doc:"places in the FIFO of a read port"`
	WriteDepth int `yaml:"write_depth" want:"[2,32]" doc:"places in the FIFO of a write port; the longest batch of writes"`
	WriteHigh  int `yaml:"write_high" want:"[1,31]" doc:"writes are drained from this fill on"`
	Linger     int `yaml:"linger_cycles" want:"[1,255]" doc:"... or when no write has come for so long"`
	LingerIdle int `yaml:"linger_idle_cycles" want:"[1,255]" doc:"... the same, when no read waits"`
}

// Reference is the reference machine for fully connected networks: the units for normalisation and
// for errors with multipliers are not built. RATIONALE.md says why its sizes are what they are.
//
// Its external memory is a 64 MiB part of one LPDDR3-1600 x32 die of 4 Gb (times: JESD209-3, speed
// bin 1600; the same in Micron's data sheet of the EDF8132A1MC die: 16K rows x 1K columns x 32 bit
// x 8 banks). Depths and PHYCycles are choices.
func Reference() Config {
	return Config{
		Name: "reference", ClockMHz: 200,
		Seq:      Seq{IMemBytes: 16 << 10, ScratchBytes: 4 << 10},
		DNNC:     DNNC{Lanes: 256, AccBits: 48},
		OMEM:     OMEM{Words: 32 << 10, Pointers: 8 << 10, MaskWords: 8 << 10},
		Loss:     Loss{Classes: 1024},
		DEPC:     DEPC{Classes: 128, SignEntries: 512, Neurons: 16, Inputs: 16},
		LFSR:     LFSR{Bits: 8},
		EPC:      EPC{Kind: EPCNone, Errors: 512, Neurons: 16, Inputs: 16},
		Momentum: Momentum{Lanes: 16, Chunks: 8},
		XMem: XMem{
			Bytes: 64 << 20, Banks: 8, PageBytes: 4096, SplitBanks: true,
			TCKNS: 1.25, RL: 12, WL: 6, TDQSCK: 5.5,
			TRCD: 18, TRPpb: 18, TRPab: 21, TRAS: 42, TWR: 15, TWTR: 7.5, TRTP: 7.5, TRRD: 10, TFAW: 50,
			TRFC: 130, TREFI: 3900,
			PHYCycles: 4,
			ReadDepth: 8, WriteDepth: 32, WriteHigh: 24, Linger: 16, LingerIdle: 4,
		},
	}
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
