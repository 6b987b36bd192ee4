package momentum

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Lanes is the number of lanes of the unit.
const Lanes = 16

const (
	maxChunks   = 16 // places of the ring of chunks
	chunkLanes  = 32
	blockLanes  = 64
	bankRows    = 32
	wBlockBytes = 64 * 64 * 2 // block of weights
	vBlockBytes = 64 * 64 * 3 // block of velocities
	maxBursts   = 7           // bursts of a chunk of biases
)

// In is what the unit sees.
type In struct {
	Bus       *port.Bus
	Resp      *port.XResp // ours when Port is port.XPortMom
	ReadRoom  bool        // of port.XPortMom
	WriteRoom bool        // of port.XPortMomW
	WriteIdle bool        // every write accepted from port.XPortMomW is in the memory
	Head      port.BankHead
	Freed     [2]uint8 // releases of the halves of WMEM buffer 1 by the DNNC
}

// Out is what the unit drives.
type Out struct {
	Status activity.Status
	Done   port.Done
	Fault  port.Fault
	Stat   uint32        // the status register last asked for
	Read   port.XReq     // to port.XPortMom
	Write  port.XReq     // to port.XPortMomW
	Free   bool          // for one cycle: the bank in BankHead has been read
	Upd    port.UpdWrite // new weights to WMEM
}

// Walk is a place in the order of work of a command: half, block, row of the half, chunk of the block's row.
type Walk struct {
	Half  uint8 `bits:"1"`
	Block uint8 `bits:"2"`
	Row   uint8 `bits:"5"`
	Chunk uint8 `bits:"1"`
}

// Chunk describes 32 lanes of a row under way; its data lies in the chunk buffer.
type Chunk struct {
	Slot     uint8  // place of its command in the queue's array
	Row      uint8  // accumulator row
	Group    uint8  // first group of 16 lanes, 0..14
	Bias     bool   // of mom.b
	First    bool   // first of a half-block: takes new seeds
	Alone    bool   // the other chunk of this row does not exist: its random words are leapt over
	EndHalf  bool   // last that reads its bank
	EndCmd   bool   // last of its command
	Got      uint8  // bursts that have arrived
	Finished uint8  // groups written back to the buffer, 0..2
	WAddr    uint32 // external address of its weights or biases
	VAddr    uint32 // external address of its velocities
}

// Operands is the register between operand fetch and the velocity stage.
type Operands struct {
	Valid bool          `bits:"1"`
	Chunk uint8         `bits:"4"`
	Group uint8         `bits:"1"` // which half of the chunk
	N     uint8         `bits:"5"` // existing lanes
	Grad  [Lanes]int64  `bits:"48"`
	W     [Lanes]int32  `bits:"32"`
	V     [Lanes]int32  `bits:"24"`
	Rand  [Lanes]uint16 `bits:"16"`
}

// Results is the register between the velocity stage and the weight stage.
type Results struct {
	Valid bool          `bits:"1"`
	Chunk uint8         `bits:"4"`
	Group uint8         `bits:"1"`
	N     uint8         `bits:"5"`
	W     [Lanes]int32  `bits:"32"`
	V     [Lanes]int32  `bits:"24"` // the new velocity
	Rand  [Lanes]uint16 `bits:"16"`
}

// Seeder makes the starts of the rounding LFSRs of the next half-block, in a pipeline of two multiplications.
type Seeder struct {
	Cmd   uint8         `bits:"3"` // index in the queue
	At    Walk          // Half and Block
	N     uint8         `bits:"5"`    // lanes that have entered
	Step  bool          `bits:"1"`    // Mid is valid
	Mid   uint32        `bits:"32"`   // after the first multiplication
	Seeds [Lanes]uint32 `sim:"gated"` // written once a half-block
}

// Fetch is the engine that reads ahead.
type Fetch struct {
	Cmd     uint8 `bits:"3"` // index in the queue
	Checked bool  `bits:"1"` // parameters of that command are good
	Alone   bool  `bits:"1"` // that command touches a block of an older one: it waits until it is the oldest
	At      Walk  //
	Burst   uint8 `bits:"3"`
}

// State is everything that the unit remembers.
type State struct {
	port.Front
	Stats  [4]uint32                                    `bits:"32"` // satv, satw, maxv, maxw
	Fetch  Fetch                                        //
	Seeder Seeder                                       //
	Ring   [maxChunks]Chunk                             `sim:"gated"` // written once a chunk
	Data   [maxChunks][maxBursts * port.BurstBytes]byte `mem:"CHUNK"`
	Alloc  uint8                                        `bits:"4"` // ring place that the next fetched chunk takes
	Recv   uint8                                        `bits:"4"` // ... that answers go to
	Work   uint8                                        `bits:"4"` // ... whose operands are fetched next
	Send   uint8                                        `bits:"4"` // ... that is written out next
	Used   uint8                                        `bits:"5"` // places taken
	ToWork uint8                                        `bits:"5"` // ... of which not yet worked
	Half   uint8                                        `bits:"1"` // group of the chunk at Work
	Burst  uint8                                        `bits:"3"` // burst of the chunk at Send
	LFSR   [Lanes]uint32                                `bits:"32"`
	Seeded bool                                         `bits:"1"` // LFSR belongs to the half-block of the chunk at Work
	A      Operands                                     //
	B      Results                                      //
	Retire bool                                         `bits:"1"` // all writes of the oldest command have been sent
	Settle bool                                         `bits:"1"` // WriteIdle does not know of the last one yet
	Filled filled
}

// filled counts how often each half of WMEM buffer 1 was filled; a chip without fused schedules does without it.
type filled struct {
	N [2]uint8 `bits:"8"`
}

// Unit is the momentum unit.
type Unit struct {
	State
	chunks int
	fused  bool // new weights can go to WMEM, too
	limits *port.Limits
	acc    []int64 // bank, row, lane
	width  int     // lanes of a row
	act    *activity.Counts
}

// New returns a momentum unit of machine m that reads gradients from acc. It panics on a config
// that does not validate.
func New(c *machine.Config, acc []int64, act *activity.Counts) *Unit {
	return &Unit{chunks: c.Momentum.Chunks, fused: c.Fused, limits: port.NewLimits(isa.UnitMom, c), acc: acc, width: c.DNNC.Lanes, act: act}
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return map[activity.Event]activity.Registers{activity.ActiveMom: {Bits: u.RegBits(), Copies: 1}}
}

// RegBits is the number of clocked register bits.
func (u *Unit) RegBits() int {
	n := port.RegBits(activity.Mom, nil, &u.State)
	if !u.fused {
		n -= port.RegBits(activity.Mom, nil, &filled{})
	}
	return n
}
