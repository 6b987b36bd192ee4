package xmem

import (
	"fmt"
	"math"
	"math/bits"

	"bdfasim/isa/machine"
	"bdfasim/rtl/port"
)

const (
	maxDepth   = 32  // places of a request FIFO at the most
	maxLatency = 127 // cycles of a read
)

// Validate reports the first time that the controller cannot keep.
func Validate(c *machine.Config) error {
	t := CyclesOf(c)
	if t.ReadLatency < 1 || t.ReadLatency > maxLatency {
		return fmt.Errorf("xmem: got a read latency of %d cycles, want 1..%d", t.ReadLatency, maxLatency)
	}
	if t.TRP < 1 { // a row that closes in no time would open again before its burst
		return fmt.Errorf("xmem: got rows that close in %d cycles, want at least 1", t.TRP)
	}
	if busy := t.WriteToPre + t.TRPab + t.TRFC + t.TRCD; t.TREFI <= busy {
		return fmt.Errorf("xmem: got a refresh every %d cycles, want more than the %d that one takes", t.TREFI, busy)
	}
	return nil
}

// Cycles are the constraints in cycles of the chip. A column command and the transfer of its burst count as one point
// in time, the transfer slot: read and write latencies shift all slots alike and appear in ReadLatency and in the
// turnarounds only.
type Cycles struct {
	Slot         int // length of a slot: a burst on the memory's bus or at the chip's port, 1/SlotUnit cycles
	ReadLatency  int // transfer slot of a read to its Resp
	ReadToWrite  int // slot to slot
	WriteToRead  int // slot to slot
	ReadToPre    int // slot to precharge of the bank
	WriteToPre   int // slot to precharge of the bank
	TRCD         int // activate to slot
	TRP          int // precharge of a bank to activate
	TRAS         int // activate to precharge
	TRRD         int // activate to activate
	TFAW         int // activate to the fourth activate after it
	TRPab, TRFC  int // precharge of all banks, refresh
	TREFI        int // refresh to refresh, rounded down
	pageShift    uint
	bankShift    uint // of the bank bits made from page bits
	halfShift    uint // of the address bit that is the top bank bit with SplitBanks; else 32
	bankMask     uint32
	lingerByIdle [2]uint8 // Linger, LingerIdle
}

// SlotUnit divides a cycle, so that bursts of a bus that is not bound to the chip's clock keep its
// rate.
const SlotUnit = 1 << 12

// CyclesOf converts the times, rounding up (the distance of refreshes down). The formulas for
// turnaround and precharge are those of JESD209-3, BL/2 being BurstTCK: read to write RL +
// RU(tDQSCK) + BL/2 + 1 - WL, write to read WL + 1 + BL/2 + RU(tWTR), read to precharge BL/2 +
// RU(tRTP) - 4, write to precharge WL + 1 + BL/2 + RU(tWR), all in tCK, RU rounding up to tCK.
func CyclesOf(m *machine.Config) Cycles {
	c, clock := &m.XMem, m.ClockNS()
	up := func(x float64) int { return int(math.Ceil(float64(x) - 1e-9)) }
	ru := func(ns float64) int { return up(ns / c.TCKNS) }
	ns := func(ns float64) int { return up(ns / clock) }
	tck := func(n int) int { return up(float64(n) * c.TCKNS / clock) }
	bankBits, halfShift := uint(bits.TrailingZeros(uint(c.Banks))), uint(32)
	if c.SplitBanks {
		bankBits--
		halfShift = uint(bits.TrailingZeros(uint(c.Bytes))) - 1
	}
	bus, chip := float64(c.BurstTCK)*c.TCKNS/clock, port.BurstBytes/float64(c.PortBytes)
	return Cycles{
		Slot:         up(max(bus, chip) * SlotUnit),
		ReadLatency:  tck(c.RL+ru(c.TDQSCK)+c.BurstTCK) + ns(c.PHYNS),
		ReadToWrite:  max(1, tck(c.RL+ru(c.TDQSCK)+c.BurstTCK+1-c.WL)),
		WriteToRead:  max(1, tck(c.WL+1+c.BurstTCK+ru(c.TWTR))),
		ReadToPre:    max(1, tck(c.BurstTCK+ru(c.TRTP)-4)),
		WriteToPre:   max(1, tck(c.WL+1+c.BurstTCK+ru(c.TWR))),
		TRCD:         ns(c.TRCD),
		TRP:          ns(c.TRPpb),
		TRAS:         ns(c.TRAS),
		TRRD:         ns(c.TRRD),
		TFAW:         ns(c.TFAW),
		TRPab:        ns(c.TRPab),
		TRFC:         ns(c.TRFC),
		TREFI:        int(c.TREFI / clock),
		pageShift:    uint(bits.TrailingZeros(uint(c.PageBytes))),
		bankShift:    bankBits,
		halfShift:    halfShift,
		bankMask:     1<<bankBits - 1,
		lingerByIdle: [2]uint8{uint8(c.Linger), uint8(c.LingerIdle)},
	}
}

// Map splits a byte address into bank and row: row, bank and column lie in this order from the top, and the bank bits
// are XORed with the next bits of the row, so that streams a power of two apart rarely meet. With SplitBanks the upper
// half of the memory owns the upper half of the banks: what lies in different halves never meets.
func (t *Cycles) Map(addr uint32) (bank uint8, row uint32) {
	shift := t.bankShift & 31 // the masks spare the compiler what it does for longer shifts
	page := addr >> (t.pageShift & 31)
	row = page >> shift
	half := uint32(uint64(addr)>>(t.halfShift&63)) & 1
	return uint8((page^row^row>>shift)&t.bankMask | half<<shift), row
}

// perCycle is the number of bursts that may move in a cycle.
func (t *Cycles) perCycle() int {
	if t.Slot < SlotUnit {
		return 2
	}
	return 1
}

// widths are those of registers that follow the machine: counters of waiting times, which go down in
// hardware, of places and of requests, and rows.
func (t *Cycles) widths(c *machine.XMem) port.Widths {
	up := func(most int) int { return port.Index(most + 1) } // of a counter of 0..most
	depth := max(c.ReadDepth, c.WriteDepth)
	return port.Widths{
		"refresh": up(t.TREFI), "col": up(t.TRCD), "pre": up(max(t.TRAS, t.ReadToPre, t.WriteToPre)),
		"act": up(max(t.TRP, t.TRPab+t.TRFC)), "faw": up(t.TFAW), "rrd": up(t.TRRD),
		"slot": up(t.Slot + SlotUnit), "turn": up(max(t.ReadToWrite, t.WriteToRead)),
		"place": port.Index(depth), "fill": up(depth),
		"writes": up(numWrites * c.WriteDepth), "waiting": up(numReads*c.ReadDepth + numWrites*c.WriteDepth),
		"pipe": up(t.ReadLatency), "flight": up(t.ReadLatency * t.perCycle()),
		"index": port.Index(c.Banks), "row": port.Index(c.Bytes >> t.pageShift >> t.bankShift),
	}
}
