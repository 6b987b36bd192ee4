package momentum

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

const (
	groupLanes  = 16 // of a random word's place, of an access to the accumulators and to WMEM
	chunkLanes  = 32
	blockLanes  = 64
	bankRows    = 32
	maxBursts   = 7 // bursts of a chunk of biases
	chunkStride = maxBursts * port.BurstBytes
	velocities  = 3 // bursts of them in a chunk
)

// In is what the unit sees.
type In struct {
	Bus       *port.Bus
	Resp      *port.XResp     // ours when Port is port.XPortMom
	ReadRoom  bool            `bits:"1"` // of port.XPortMom
	WriteRoom bool            `bits:"1"` // of port.XPortMomW
	WriteIdle bool            `bits:"1"` // every write accepted from port.XPortMomW is in the memory
	Head      port.BankHead   //
	Freed     [2]uint8        `bits:"8"`   // releases of the halves of WMEM buffer 1 by the DNNC
	Acc       [2]port.AccData `bits:"acc"` // asked for in the cycle before
}

// Out is what the unit drives.
type Out struct {
	Status activity.Status `bits:"3"`
	Done   port.Done       //
	Fault  port.Fault      //
	Stat   uint32          `bits:"32" clk:"stats"` // the status register last asked for
	Read   port.XRead      `clk:"read"`            // to port.XPortMom
	Write  port.XReq       `clk:"write"`           // to port.XPortMomW
	Free   bool            `bits:"1"`              // for one cycle: the bank in BankHead has been read
	Acc    port.AccReq     `clk:"ask"`
	Upd    port.UpdWrite   `clk:"upd"`         // new weights to WMEM
	Asleep bool            `sim:"bookkeeping"` // nothing moves before an input changes
}

// Walk is a place in the order of work of a command: half, block, row of the half, chunk of the
// block's row.
type Walk struct {
	Half  uint8 `bits:"1"`
	Block uint8 `bits:"block"`
	Row   uint8 `bits:"5"`
	Chunk uint8 `bits:"1"`
}

// Chunk describes 32 lanes of a row under way; its data lie in the chunk memories.
type Chunk struct {
	Slot    uint8  `bits:"2"`     // place of its command in the queue's array
	Row     uint8  `bits:"5"`     // accumulator row
	Group   uint8  `bits:"group"` // its first group of 16 lanes
	Bias    bool   `bits:"1"`     // of mom.b
	First   bool   `bits:"1"`     // first of a half-block: takes new seeds
	Alone   bool   `bits:"1"`     // the row has no other chunk
	EndHalf bool   `bits:"1"`     // last that reads its bank
	EndCmd  bool   `bits:"1"`     // last of its command
	WAddr   uint32 `bits:"32"`    // external address of its weights or biases
	VAddr   uint32 `bits:"32"`    // external address of its velocities
}

// Part is what the lanes work on in a cycle: as many lanes of a chunk as there are.
type Part struct {
	Valid bool  `bits:"1" clk:""`
	Chunk uint8 `bits:"chunk"` // place in the ring
	Index uint8 `bits:"2"`     // of the parts of its chunk
	N     uint8 `bits:"6"`     // lanes that exist
}

// Lane has what a lane works on.
type Lane struct {
	Grad int64  // sum of the gradient
	W    int32  // weight or bias, the new one behind the last stage
	V    int32  // velocity, likewise
	Rand uint16 // random word
}

// Seen is what the status registers learn of a part.
type Seen struct {
	SatV, SatW uint8  // saturations
	MaxV, MaxW uint32 // largest magnitudes
}

// Stage is a register that cuts the lanes, or one between new weights and the status registers,
// which keeps what those need. How many there are and what they hold follows the clock, see
// machine.Config.MomentumStages; here the lanes keep their operands, and the last of the first kind
// does the work of all.
type Stage struct {
	Part
	Lanes []Lane
	Seen  Seen
}

// Seeder makes the starts of the rounding LFSRs of the next half-block, in a pipeline of two
// multiplications.
type Seeder struct {
	Cmd   uint8              `bits:"3"` // index in the queue
	At    Walk               //                              // Half and Block
	N     uint8              `bits:"5"`                      // lanes that have entered
	Step  bool               `bits:"1"`                      // Mid is valid
	Tag   activity.Tag       `sim:"bookkeeping"`             // of the command that Mid is for
	Mid   uint32             `bits:"32" clk:"seeder"`        // after the first multiplication
	Seeds [groupLanes]uint32 `bits:"32" each:"1" clk:"seed"` // of lanes that have left
}

// Check looks at the commands of the queue, before they are read ahead: a pair of blocks in a
// cycle, one of the command, one of an older one.
type Check struct {
	Cmd   uint8                  `bits:"3"`    // index in the queue; the commands before it may be read
	Begun bool                   `bits:"1"`    // its parameters are good
	Old   uint8                  `bits:"2"`    // index of the older command
	Pair  uint16                 `bits:"pair"` // pairs compared
	Wait  [port.QueueDepth]uint8 `bits:"2"`    // older ones that must retire first
}

// Fetch is the engine that reads ahead.
type Fetch struct {
	Cmd   uint8 `bits:"3"` // index in the queue
	At    Walk  //
	Burst uint8 `bits:"3"`
}

// State is everything that the unit remembers.
type State struct {
	port.Front
	Told    bool               `sim:"wires"`           // the status registers learn or are read in this cycle
	Stats   [4]uint32          `bits:"32" clk:"stats"` // satv, satw, maxv, maxw
	Check   Check              //
	Fetch   Fetch              //
	Seeder  Seeder             //
	Ring    []Chunk            `each:"1" clk:"chunk"`
	Fetched []byte             `mem:"CHUNK"`   // bursts read, by place in the ring
	Results []byte             `mem:"CHUNK"`   // bursts to write, likewise
	Alloc   uint8              `bits:"chunk"`  // ring place that the next fetched chunk takes
	Recv    uint8              `bits:"chunk"`  // ... that answers go to
	Work    uint8              `bits:"chunk"`  // ... whose operands are asked for next
	Send    uint8              `bits:"chunk"`  // ... that is written out next
	Used    uint8              `bits:"chunks"` // places taken
	ToWork  uint8              `bits:"chunks"` // ... of which not yet worked
	Ready   uint8              `bits:"chunks"` // ... of which complete
	Ended   uint8              `bits:"chunks"` // places with all results
	Got     uint8              `bits:"3"`      // bursts of the chunk at Recv that have arrived
	Next    uint8              `bits:"2"`      // part of the chunk at Work
	Burst   uint8              `bits:"3"`      // burst of the chunk at Send
	Shown   uint8              `bits:"7"`      // macros of Results with a burst to send at the output
	LFSR    [groupLanes]uint32 `bits:"32" each:"1" clk:"lfsr"`
	Asked   Part               `clk:"ask"` // operands are at the memories' outputs
	Stages  []Stage            `clk:"-" by:"clock_mom_lanes"`
	Retire  bool               `bits:"1"`  // the oldest command has sent all writes
	Settle  bool               `bits:"1"`  // WriteIdle does not tell of the last
	Filled  []uint8            `bits:"8"`  // fillings of the halves of WMEM buffer 1
	Later   []port.UpdWrite    `clk:"upd"` // half a group, or a second one
}

// Unit is the momentum unit.
type Unit struct {
	State
	lanes   int
	chunks  int
	parts   uint8 // of a chunk
	accBits uint
	write   int        // stages before results are written
	front   Stage      // the operands of Asked, on wires
	touched [2][]uint8 // macros that a part touches, for weights and for biases
	limits  *port.Limits
	clocked map[activity.Event]activity.Registers
	act     *activity.Counts
}

// New returns a momentum unit of machine c.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u := &Unit{lanes: c.Momentum.Lanes, chunks: c.Momentum.Chunks, accBits: uint(c.DNNC.AccBits), act: act}
	u.parts = uint8(chunkLanes / u.lanes)
	u.limits = port.NewLimits(isa.UnitMom, c)
	u.Ring = make([]Chunk, u.chunks)
	u.Fetched, u.Results = make([]byte, u.chunks*chunkStride), make([]byte, u.chunks*chunkStride)
	u.Filled = []uint8{}
	if c.Fused {
		u.Filled = make([]uint8, 2)
		if u.lanes != groupLanes {
			u.Later = make([]port.UpdWrite, 1)
		}
	}
	var stages []int
	stages, u.write = c.MomentumStages()
	u.Stages = make([]Stage, len(stages))
	for i := range u.write + 1 {
		u.stage(i).Lanes = make([]Lane, u.lanes)
	}
	u.touched = [2][]uint8{u.macrosOf(&Chunk{}), u.macrosOf(&Chunk{Bias: true})}
	u.clocked = registers(c, u, stages)
	return u
}

// registers adds up the flip-flops.
func registers(c *machine.Config, u *Unit, stages []int) map[activity.Event]activity.Registers {
	w := port.WidthsOf(c)
	w["chunk"], w["chunks"] = port.Index(u.chunks), bits.Len(uint(u.chunks))
	most := c.DNNC.Lanes / blockLanes
	w["block"], w["pair"] = port.Index(most), port.Index(most*most)
	sum := port.Clocked(activity.Mom, w, &u.State, Out{})
	lanes := 0
	for _, n := range stages {
		lanes += 1 + w["chunk"] + 2 + 6 + n // with its Part
	}
	sum[activity.ClockMomLanes] = activity.Registers{Bits: lanes, Copies: 1}
	if !c.Fused { // no Upd
		delete(sum, activity.ClockMomUpd)
		sum[activity.ActiveMom] = activity.Registers{Bits: sum[activity.ActiveMom].Bits - 1, Copies: 1}
	}
	return sum
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers { return u.clocked }

// Memory is the shape of the two chunk memories together: each has a macro of 256 bits for each
// burst of a chunk.
func Memory(c *machine.Config) activity.MemoryShape {
	return activity.MemoryShape{
		Macros: 2 * maxBursts, Bytes: c.Momentum.Chunks * port.BurstBytes,
		WidthBit: 8 * port.BurstBytes, Unit: activity.Mom,
	}
}

// macro is the macro of a burst of a chunk.
func (c *Chunk) macro(burst uint8) uint8 {
	if w := c.weights(); burst >= w {
		return maxBursts - velocities + burst - w
	}
	return burst
}

// macros returns, as bits, the macros that a chunk lies in.
func (c *Chunk) macros() uint8 {
	return 1<<c.weights() - 1 | (1<<velocities-1)<<(maxBursts-velocities)
}

// macrosOf returns, as bits, the macros that each part of a chunk touches.
func (u *Unit) macrosOf(c *Chunk) []uint8 {
	list := make([]uint8, u.parts)
	for i := range list {
		w, v := c.offsets(i * u.lanes)
		wEnd, vEnd := c.offsets((i + 1) * u.lanes)
		for b := range c.bursts() {
			from, to := int(b)*port.BurstBytes, int(b+1)*port.BurstBytes
			if w < to && from < wEnd || v < to && from < vEnd {
				list[i] |= 1 << c.macro(b)
			}
		}
	}
	return list
}

// touches returns, as bits, the macros that a part of a chunk touches.
func (u *Unit) touches(p *Part) uint8 {
	if u.Ring[p.Chunk].Bias {
		return u.touched[1][p.Index]
	}
	return u.touched[0][p.Index]
}
