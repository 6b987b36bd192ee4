// Package activity names what the units of the chip count: events, by tag (phase and layer), and the cycles of each
// unit by what it was doing. Units count, package power prices; neither knows the other.
package activity

// Unit numbers the units of the chip, with and without a command queue.
type Unit uint8

// The units.
const (
	Seq Unit = iota
	DMA
	WLD
	DNNC
	Drain
	Loss
	DEPC
	Mom
	Norm
	EPC
	LFSR
	OMEM
	XMem
	NumUnits
)

// UnitNames are the names in reports.
var UnitNames = [NumUnits]string{"SEQ", "DMA", "WLD", "DNNC", "DRAIN", "LOSS", "DEPC", "MOM", "NORM", "EPC", "LFSR", "OMEM", "XMEM"}

func (u Unit) String() string { return UnitNames[u] }

// Status says what a unit did in a cycle: exactly one of these.
type Status uint8

// The states. A unit that can neither work nor has a command is Idle: idle by program.
const (
	Idle        Status = iota
	Busy               // did work
	WaitOperand        // waits for activations, errors, gradients, sign bits or results of another unit
	WaitWeight         // waits for a WMEM buffer to be full, or (the loader) to be empty
	WaitMemory         // waits for external memory
	WaitDrain          // waits for an accumulator bank, or for room in a write path
	NumStatus
)

// StatusNames are the column heads of the stall table.
var StatusNames = [NumStatus]string{"idle", "busy", "operand", "weights", "memory", "drain"}

// Waits reports whether a unit has a command that it cannot go on with.
func (s Status) Waits() bool { return s > Busy }

func (s Status) String() string { return StatusNames[s] }

// Tag is what the last mark before a command said: phase<<5 | layer.
type Tag uint8

// MakeTag packs a phase (0..7) and a layer (0..31).
func MakeTag(phase, layer uint8) Tag { return Tag(phase<<5 | layer&31) }

// Phase returns the phase of a tag.
func (t Tag) Phase() uint8 { return uint8(t) >> 5 }

// Layer returns the layer of a tag.
func (t Tag) Layer() uint8 { return uint8(t) & 31 }

// Row holds one tag's event counts.
type Row [NumEvents]uint64

// Counts holds all events of a run by tag, and the cycles of each unit by status.
type Counts struct {
	Rows   [256]Row
	Cycles [NumUnits][NumStatus]uint64
}

// Add adds other to c.
func (c *Counts) Add(other *Counts) {
	for t := range c.Rows {
		for e := range c.Rows[t] {
			c.Rows[t][e] += other.Rows[t][e]
		}
	}
	for u := range c.Cycles {
		for s := range c.Cycles[u] {
			c.Cycles[u][s] += other.Cycles[u][s]
		}
	}
}

// Total returns the count of one event over all tags.
func (c *Counts) Total(e Event) (n uint64) {
	for t := range c.Rows {
		n += c.Rows[t][e]
	}
	return n
}

// Geometry tells package power the sizes that set prices: every memory by name, and the register
// bits of each group that is clocked at once. The chip fills it from its description.
type Geometry struct {
	Memories map[Memory]MemoryShape
	Clocked  [NumEvents]Registers `json:"-"` // by the event that counts the cycles in which they are clocked
	Lanes    int                  // MAC lanes
	AccBits  int
	DEPC     Trees
	EPC      Trees // or its lanes: as many as the trees have inputs
	MomLanes int
	LFSRBits int // of a leap
	ClockMHz float64
	DRAM     string // kind of external memory
}

// Trees are as many, with so many inputs each.
type Trees struct{ N, Inputs int }

// Registers are flip-flops that one enable clocks, or a number of equal groups of them, one of which
// is clocked with each event: parameter registers, entries of a queue.
type Registers struct{ Bits, Copies int }

// RegBits is the number of flip-flops of a unit.
func (g *Geometry) RegBits(u Unit) (n int) {
	for e, r := range g.Clocked {
		if Events[e].Unit == u {
			n += r.Bits * r.Copies
		}
	}
	return n
}

// Memory names an on-chip memory.
type Memory string

// The memories of the reference machine.
const (
	MemIMem    Memory = "IMEM"    // instruction memory
	MemScratch Memory = "scratch" // SEQ's scratch memory
	MemOMEM    Memory = "OMEM"    // feature maps and errors
	MemPtr     Memory = "PTR"     // block pointers of the RLC maps
	MemMask    Memory = "MASK"    // f' bits
	MemTRLC    Memory = "TRLC"    // corner-turn buffers of the tRLC decoder
	MemWMEM    Memory = "WMEM"    // weight tiles
	MemAcc     Memory = "ACC"     // accumulator rows
	MemBias    Memory = "BIAS"    // bias buffer
	MemEBuf    Memory = "EBUF"    // output errors in the DEPC
	MemDEPCP   Memory = "DEPCP"   // partial sums in the DEPC
	MemSign    Memory = "SIGN"    // stored feedback signs
	MemExpTab  Memory = "EXPTAB"  // exponential table of the loss unit
	MemLogit   Memory = "LOGIT"   // row buffer of the loss unit
	MemChunk   Memory = "CHUNK"   // the two chunk memories of the momentum unit
	MemNorm    Memory = "NORM"    // channel records of the normalisation unit
	MemNormSum Memory = "NORMSUM" // its sums
	MemLine    Memory = "LINE"    // its running maxima of a pooling window
	MemEPCW    Memory = "EPCW"    // weights in the EPC
	MemEPCE    Memory = "EPCE"    // errors in the EPC
	MemEPCP    Memory = "EPCP"    // partial sums in the EPC
)

// MemoryShape is the shape of the macros that make up a memory.
type MemoryShape struct {
	Macros   int // number of equal macros
	Bytes    int // bytes a macro
	WidthBit int // bits an access
	Unit     Unit
}
