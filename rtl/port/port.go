// Package port holds the types of the wires that more than one unit sees: SEQ's command bus, command queues, the
// requests to external memory and OMEM, and faults.
//
// Handshake, the same everywhere: every Out is a register and every In another unit's Out of the
// cycle before, so what a unit writes in cycle t is seen in t+1. A producer sends a word by Valid in
// any cycle in which it saw Room. A consumer publishes Room when, after this cycle's pushes and pops,
// at least two places are free: one for the word that may already be under way, one for the word that
// the producer sends when it sees Room.
package port

import (
	"encoding/binary"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
)

// BusKind says what SEQ puts on the command bus in a cycle.
type BusKind uint8

// The kinds of bus cycles.
const (
	BusNone  BusKind = iota
	BusParam         // write Val to parameter register Index of Unit
	BusCmd           // queue command Op of Unit
	BusGet           // Unit puts status register Index on its Stat wire in the next cycle, and clears it
)

// Bus is the command bus: SEQ drives it, every unit listens.
type Bus struct {
	Kind  BusKind      `bits:"2" clk:""`
	Unit  isa.Unit     `bits:"4" valid:"Kind"`
	Index uint8        `bits:"4" valid:"Kind"`
	Op    isa.Op       `bits:"8" valid:"Kind"`
	Flags uint16       `bits:"16" valid:"Kind"`
	Tag   activity.Tag `sim:"bookkeeping"`     // phase and layer of the last mark
	Inst  uint8        `bits:"4" valid:"Kind"` // which mark: index of the last mark modulo MarkSlots
	Val   uint32       `bits:"32" valid:"Kind"`
	PC    uint32       `sim:"bookkeeping"` // byte address of the instruction
}

// Calls reports whether the bus brings something for a unit.
func (b *Bus) Calls(u isa.Unit) bool { return b.Kind != BusNone && b.Unit == u }

// MarkSlots is the number of marks whose commands may be outstanding at a time; SEQ stalls a further one.
const MarkSlots = 16

// NumParams is the number of parameter registers a unit has at the most.
const NumParams = isa.NumParams

// QueueDepth is the number of commands that a unit holds, the executing one included.
const QueueDepth = 4

// Cmd is a queued command with its copy of the parameter registers.
type Cmd struct {
	Op    isa.Op            `bits:"8"`
	Flags uint16            `bits:"16"`
	Tag   activity.Tag      `sim:"bookkeeping"`
	Inst  uint8             `bits:"4"`
	PC    uint32            `sim:"bookkeeping"`
	P     [NumParams]uint32 `bits:"32"`
}

// Is reports whether a flag is set.
func (c *Cmd) Is(flag uint16) bool { return c.Flags&flag != 0 }

// Int returns a parameter as a signed number.
func (c *Cmd) Int(p int) int { return int(int32(c.P[p])) }

// Queue is a unit's command queue with its parameter registers. SEQ never has more than QueueDepth
// commands outstanding, so the queue cannot overflow.
type Queue struct {
	Params [NumParams]uint32 `bits:"32" each:"1" clk:"param"`
	Cmds   [QueueDepth]Cmd   `each:"1" clk:"cmd"`
	Head   uint8             `bits:"2"`
	N      uint8             `bits:"3"`
}

// At returns the i-th queued command (0: the oldest), or nil.
func (q *Queue) At(i uint8) *Cmd {
	if i >= q.N {
		return nil
	}
	return &q.Cmds[(q.Head+i)%QueueDepth]
}

// Pop removes the oldest command.
func (q *Queue) Pop() {
	q.Head = (q.Head + 1) % QueueDepth
	q.N--
}

// Done tells SEQ that a command of mark Inst has finished: every result is where the next command may read it.
type Done struct {
	Valid bool  `bits:"1" clk:""`
	Inst  uint8 `bits:"4" valid:"Valid"`
}

// FaultCode says what went wrong.
type FaultCode uint8

// The faults. Arg of the Fault is given in parentheses.
const (
	FaultNone     FaultCode = iota
	FaultIllegal            // illegal instruction (the word), or a command that the chip has no hardware for (its operation code)
	FaultPC                 // pc outside the program (pc)
	FaultScratch            // scratch access outside or unaligned (address)
	FaultTrap               // trap instruction (code)
	FaultLoop               // loops nested too deep (depth)
	FaultXAddr              // external address outside the memory or unaligned (address)
	FaultOMEMFull           // encoder or writer past the limit of its region or of OMEM (word address)
	FaultOMEMAddr           // OMEM, pointer or mask address outside (address)
	FaultRLC                // malformed run-length word (word address)
	FaultParam              // parameter out of range (index << 32 | value)
	FaultSeed               // LFSR seeded with zero
	FaultBank               // flags first and last of the MAC commands do not pair (flags)
	FaultWMEM               // weight buffer 1 filled by the loader and the momentum unit at once (buffer)
	NumFaults
)

// FaultTexts describe the faults.
var FaultTexts = [NumFaults]string{
	"none", "illegal instruction", "pc outside the program", "scratch access outside the memory or not aligned", "trap",
	"hardware loops nested too deep", "external memory address outside the memory or not aligned", "OMEM overflow",
	"OMEM address outside the memory", "malformed run-length word", "command parameter out of range", "LFSR seeded with zero",
	"accumulation begun twice or never begun: flags first and last do not pair",
	"weight buffer filled by the loader and by the momentum unit at once",
}

// Fault is raised by a unit instead of doing something undefined. The first one stops the run.
type Fault struct {
	Code FaultCode
	PC   uint32 // of the instruction or command that caused it
	Arg  uint64
}

// XPort numbers the ports of external memory.
type XPort uint8

// The ports: five read, then five write. DEPC and EPC share a write port: a chip has one of them.
const (
	XPortWLD XPort = iota
	XPortDMA
	XPortMom
	XPortNorm
	XPortEPC
	XPortMomW
	XPortDMAW
	XPortDrainW
	XPortDEPCW
	XPortNormW
	NumXPorts
	NumXReads = XPortMomW // the ports before are read
)

// BurstBytes is the size of an external access: LPDDR3 x32, burst length 8.
const BurstBytes = isa.BurstBytes

// Burst is the data of one external access.
type Burst = [BurstBytes]byte

// XReq asks external memory for one burst. Addr is a multiple of BurstBytes and inside the memory: the requester has
// checked. Reads are answered in order per port; a requester asks only for what it has room for.
type XReq struct {
	Valid bool         `bits:"1" clk:""`
	Addr  uint32       `bits:"32" valid:"Valid"`
	Tag   activity.Tag `sim:"bookkeeping"`
	Data  Burst        `bits:"8" valid:"Valid"` // write ports only
}

// XRead is a request of a read port, which has no data.
type XRead struct {
	Valid bool         `bits:"1" clk:""`
	Addr  uint32       `bits:"32" valid:"Valid"`
	Tag   activity.Tag `sim:"bookkeeping"`
}

// XResp is a burst that was read.
type XResp struct {
	Valid bool  `bits:"1" clk:""`
	Port  XPort `bits:"4" valid:"Valid"`
	Data  Burst `bits:"8" valid:"Valid"`
}

// Group is sixteen 16-bit lanes: what moves between OMEM and the other units in a cycle.
type Group = [16]int16

// PutGroup writes a group into a burst, little-endian.
func PutGroup(b *Burst, g *Group) {
	for i, v := range g {
		binary.LittleEndian.PutUint16(b[2*i:], uint16(v))
	}
}

// GetGroup reads a group out of a burst.
func GetGroup(b *Burst, g *Group) {
	for i := 0; i < len(g); i += 4 { // four at a time: the compiler joins their stores
		w := binary.LittleEndian.Uint64(b[2*i:])
		e := g[i : i+4 : i+4]
		e[0], e[1], e[2], e[3] = int16(w), int16(w>>16), int16(w>>32), int16(w>>48)
	}
}

// MaxGroups is the longest row of a stream out of OMEM, in groups: 4,096 elements.
const MaxGroups = 256

// ReadReq starts a stream out of OMEM: Rows rows of Groups groups, 1..MaxGroups, from word address Addr, rows Stride words
// apart. A port takes a new request when it published ReqRoom (one place).
type ReadReq struct {
	Valid  bool         `bits:"1" clk:""`
	Addr   uint32       `bits:"32" valid:"Valid"`
	Groups uint16       `bits:"9" valid:"Valid"`
	Rows   uint8        `bits:"8" valid:"Valid"`
	Stride uint32       `bits:"32" valid:"Valid"`
	Tag    activity.Tag `sim:"bookkeeping"`
	PC     uint32       `sim:"bookkeeping"`
}

// ReadData is one group of a stream.
type ReadData struct {
	Valid bool  `bits:"1" clk:""`
	Data  Group `bits:"16" valid:"Valid"`
}

// WriteReq writes one group (four words) to OMEM at word address Addr, a multiple of 4.
type WriteReq struct {
	Valid bool         `bits:"1" clk:""`
	Addr  uint32       `bits:"32" valid:"Valid"`
	Tag   activity.Tag `sim:"bookkeeping"`
	PC    uint32       `sim:"bookkeeping"`
	Data  Group        `bits:"16" valid:"Valid"`
}

// RPort numbers the streaming read ports of OMEM.
type RPort uint8

// The read ports.
const (
	RPortWLD RPort = iota
	RPortLoss
	RPortDEPC
	RPortDMA
	RPortEPC
	NumRPorts
)

// WPort numbers the raw write ports of OMEM.
type WPort uint8

// The write ports.
const (
	WPortDrain WPort = iota
	WPortLoss
	WPortDEPC
	WPortEPC
	NumWPorts
)

// BankHead is the accumulator bank that waits longest for being emptied. A bank belongs to the DNNC until it stands
// here, and to the consumer named here until that frees it. In the cycle after a consumer's Free the netlist
// hides it: the DNNC's register still shows the bank that was just freed.
type BankHead struct {
	Valid bool  `bits:"1" clk:""`
	ToMom bool  `bits:"1" valid:"Valid"`    // for the momentum unit; otherwise for the drain
	Bank  uint8 `bits:"bank" valid:"Valid"` // 0, 1, or in a chip for fused schedules 2
}

// Raise sets a fault unless there is one already: the first counts, and the unit stops.
func (f *Fault) Raise(code FaultCode, pc uint32, arg uint64) {
	if f.Code == FaultNone {
		*f = Fault{Code: code, PC: pc, Arg: arg}
	}
}

// BadParam raises FaultParam for parameter p of a command.
func (f *Fault) BadParam(c *Cmd, p int) { f.Raise(FaultParam, c.PC, uint64(p)<<32|uint64(c.P[p])) }
