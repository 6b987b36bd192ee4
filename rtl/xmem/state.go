package xmem

import (
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// In is what the controller sees: one request a port and cycle, sent only when the port's Room was seen.
type In struct {
	Req    [port.NumXPorts]port.XReq
	Called uint16 `sim:"bookkeeping"` // bit p: Req[p] is valid
}

// Out is what the controller drives.
type Out struct {
	Resp      [2]port.XResp        `each:"1" clk:"resp"` // bursts that were read, of different ports; the second only after the first
	Room      [port.NumXPorts]bool `bits:"1"`            // two places or more are free
	WriteIdle [port.NumXPorts]bool `bits:"1"`            // every write accepted from this port is in the memory; read ports: true
	Status    activity.Status      `bits:"3"`
	Asleep    bool                 `sim:"bookkeeping"` // nothing waits and nothing is under way: Sleep can stand for Tick
}

// Entry is a request that waits.
type Entry struct {
	Addr  uint32
	Row   uint32
	Bank  uint8
	Tag   activity.Tag
	Held  bool              // a read: writes to its address were pending when it came
	After [numWrites]uint32 // ... it waits until Popped of all write ports has come this far
}

// FIFO holds the requests of a port.
type FIFO struct {
	E    [maxDepth]Entry `mem:"XFIFO"`
	Head uint8           `bits:"place"`
	N    uint8           `bits:"fill"`
}

// Bank is the state of a bank of the memory. Times are cycle numbers here, down-counters in hardware.
type Bank struct {
	Open bool   `bits:"1"`
	Row  uint32 `bits:"row" clk:"bank"`
	Col  uint64 `bits:"col"` // first slot of an open row
	Pre  uint64 `bits:"pre"` // first cycle in which the open row may be closed
	Act  uint64 `bits:"act"` // first cycle in which a closed bank may be opened
}

// Ahead is the row that the youngest requests need: opened when no head needs the command slot.
type Ahead struct {
	Valid bool         `bits:"1" clk:""`
	Bank  uint8        `bits:"index"`
	Tag   activity.Tag `sim:"bookkeeping"`
	Row   uint32       `bits:"row"`
}

// Flight is a burst on its way from the memory. The burst itself lies in the PHY, whose energy is the transfer's.
type Flight struct {
	Valid bool         `bits:"1"`
	Port  port.XPort   `bits:"3"`
	Tag   activity.Tag `sim:"bookkeeping"`
	Data  port.Burst   `mem:"PHY"`
}

// State is everything that the controller remembers. The FIFOs' entries are written once a request: their energy is part of the transfer's.
type State struct {
	Now       uint64                          `bits:"refresh" clk:"refresh"` // cycle; in hardware the counter to the next refresh
	RefreshAt uint64                          `sim:"bookkeeping"`
	Q         [port.NumXPorts]FIFO            //
	WData     [numWrites][maxDepth]port.Burst `mem:"XFIFO"`
	Match     [matchSlots]uint8               `sim:"bookkeeping"` // pending writes by address, for a fast "no match"; hardware compares all addresses
	Popped    [numWrites]uint32               `bits:"fill"`       // writes transferred, modulo 2^32 here
	Banks     []Bank                          `each:"1"`
	ActTimes  [4]uint64                       `bits:"faw"` // the last four activates, for tFAW
	ActSlot   uint8                           `bits:"2"`
	ActOK     uint64                          `bits:"rrd"`  // tRRD
	BusFree   uint64                          `bits:"slot"` // end of the last slot, 1/SlotUnit cycles
	SlotOK    [2]uint64                       `bits:"turn"` // first slot for reads, for writes
	Ahead     Ahead                           `clk:"ahead"`
	Writing   bool                            `bits:"1"`    // direction of the data bus
	Held      bool                            `bits:"1"`    // a read waits for a pending write
	Batch     uint8                           `bits:"fill"` // bursts moved since the bus turned to writing
	Still     uint8                           `bits:"8"`    // cycles since the last write came
	Next      [2]port.XPort                   `bits:"4"`    // first port to look at: reads, writes
	Pipe      []Flight                        // by cycle of arrival
	At        uint8                           `bits:"pipe"` // the present cycle in Pipe
	InFlight  uint8                           `bits:"flight"`
	Waiting   uint16                          `bits:"waiting"`    // requests in all FIFOs
	Writes    uint8                           `bits:"writes"`     // ... in those of write ports
	Ports     uint16                          `sim:"bookkeeping"` // bit p: FIFO p holds a request; hardware has it from N
	Hits      uint16                          `sim:"bookkeeping"` // of those ports, the ones whose head finds its row open
	LastTag   activity.Tag                    `sim:"bookkeeping"` // of the youngest request or transfer: pays for the clock
	Bursts    uint64                          `sim:"bookkeeping"` // statistics: bursts moved
}

const (
	numReads   = int(port.NumXReads)
	numWrites  = int(port.NumXPorts) - numReads
	matchSlots = 256

	readPorts  = 1<<numReads - 1 // as bits of Ports
	writePorts = 1<<port.NumXPorts - 1 - readPorts
)

// Groups of registers beside the unit's own.
const (
	clockRefresh = activity.ClockXMem + iota
	clockBank
	clockAhead
	clockResp
)

// Unit is the external memory with its controller.
type Unit struct {
	State
	cfg   machine.XMem
	t     Cycles
	pairs int // bursts that may move in a cycle
	mem   []byte
	act   *activity.Counts
}

// New returns a controller of the memory mem, which the chip owns and which has c.XMem.Bytes bytes. It panics on a config
// that does not validate or a memory of another size.
func New(c *machine.Config, mem []byte, act *activity.Counts) *Unit {
	if err := Validate(c); err != nil {
		panic(err)
	}
	if len(mem) != c.XMem.Bytes {
		panic("xmem: memory and config differ in size")
	}
	u := &Unit{cfg: c.XMem, t: CyclesOf(c), mem: mem, act: act}
	u.pairs = u.t.perCycle()
	u.Banks, u.Pipe = make([]Bank, c.XMem.Banks), make([]Flight, (u.t.ReadLatency+1)*u.pairs)
	u.RefreshAt = uint64(u.t.TREFI)
	u.Next = [2]port.XPort{0, port.NumXReads}
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	sum := port.Clocked(activity.XMem, u.t.widths(&u.cfg), &u.State, &Out{})
	resp := sum[clockResp]
	resp.Copies = u.pairs
	sum[clockResp] = resp
	return sum
}
