package xmem

import (
	"fmt"
	"math"
	"math/bits"

	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// Limits of the fixed-size arrays in State.
const (
	maxBanks  = 8
	maxDepth  = 32 // places of a request FIFO
	pipeSlots = 32 // cycles of read latency at the most
)

// Config says which memory is attached and how deep the controller's FIFOs are. Times of the memory are kept in the
// units of its data sheet; Cycles converts them.
type Config struct {
	Bytes      int  // size of the memory, a power of two
	Banks      int  // 2, 4 or 8
	PageBytes  int  // row buffer of a bank, a power of two
	SplitBanks bool // the upper half of the memory lies in the upper half of the banks

	ClockNS float64 // cycle of the chip
	TCKNS   float64 // cycle of the memory's clock; a burst takes BurstTCK of them: ClockNS
	RL, WL  int     // read and write latency, tCK
	TDQSCK  float64 // clock to read strobe at the most, ns
	TRCD    float64 // activate to column command, ns
	TRPpb   float64 // precharge of a bank, ns
	TRPab   float64 // precharge of all banks, ns
	TRAS    float64 // activate to precharge, ns
	TWR     float64 // end of written data to precharge, ns
	TWTR    float64 // end of written data to read command, ns
	TRTP    float64 // read command to precharge, ns
	TRRD    float64 // activate to activate of another bank, ns
	TFAW    float64 // window in which at most four activates fall, ns
	TRFC    float64 // all-bank refresh, ns
	TREFI   float64 // mean distance of refreshes, ns

	PHYCycles int // cycles that controller and PHY add to a read, both ways together

	ReadDepth  int // places in the FIFO of a read port
	WriteDepth int // places in the FIFO of a write port; also the longest batch of writes
	WriteHigh  int // writes are drained from this fill on
	Linger     int // ... or when no write has come for this many cycles
	LingerIdle int // ... the same, when no read waits
}

// BurstTCK is the length of a burst of eight words on the double data rate bus, in memory clocks.
const BurstTCK = 4

// DefaultConfig is a 64 MiB part of one LPDDR3-1600 x32 die of 4 Gb (times: JESD209-3, speed bin 1600; the same in Micron's
// data sheet of the EDF8132A1MC die: 16K rows x 1K columns x 32 bit x 8 banks). Depths and PHYCycles are choices.
func DefaultConfig() Config {
	return Config{
		Bytes: isa.Reference()[isa.XMemBytes], Banks: 8, PageBytes: 4096, SplitBanks: true,
		ClockNS: 5, TCKNS: 1.25, RL: 12, WL: 6, TDQSCK: 5.5,
		TRCD: 18, TRPpb: 18, TRPab: 21, TRAS: 42, TWR: 15, TWTR: 7.5, TRTP: 7.5, TRRD: 10, TFAW: 50, TRFC: 130, TREFI: 3900,
		PHYCycles: 4,
		ReadDepth: 8, WriteDepth: 32, WriteHigh: 24, Linger: 16, LingerIdle: 4,
	}
}

// Validate reports the first field that is out of range.
func (c Config) Validate() error {
	pow2 := func(v int) bool { return v > 0 && bits.OnesCount(uint(v)) == 1 }
	switch {
	case !pow2(c.Banks) || c.Banks < 2 || c.Banks > maxBanks:
		return fmt.Errorf("xmem: got %d banks, want a power of two from 2 to %d", c.Banks, maxBanks)
	case !pow2(c.PageBytes) || c.PageBytes < port.BurstBytes:
		return fmt.Errorf("xmem: got pages of %d bytes, want a power of two from %d", c.PageBytes, port.BurstBytes)
	case !pow2(c.Bytes) || c.Bytes < c.PageBytes*c.Banks || c.Bytes > 1<<32:
		return fmt.Errorf("xmem: got %d bytes, want a power of two from %d to 2^32", c.Bytes, c.PageBytes*c.Banks)
	case c.TCKNS <= 0 || math.Abs(c.ClockNS-BurstTCK*c.TCKNS) > 1e-9:
		return fmt.Errorf("xmem: got a cycle of %g ns, want that of a burst, %g ns", c.ClockNS, BurstTCK*c.TCKNS)
	case c.ReadDepth < 2 || c.ReadDepth > maxDepth || c.WriteDepth < 2 || c.WriteDepth > maxDepth:
		return fmt.Errorf("xmem: got FIFOs of %d and %d places, want 2..%d", c.ReadDepth, c.WriteDepth, maxDepth)
	case c.WriteHigh < 1 || c.WriteHigh > c.WriteDepth-1:
		return fmt.Errorf("xmem: got a high mark of %d, want 1..%d", c.WriteHigh, c.WriteDepth-1)
	case c.Linger < 1 || c.Linger > 255 || c.LingerIdle < 1 || c.LingerIdle > 255:
		return fmt.Errorf("xmem: got lingers of %d and %d cycles, want 1..255", c.Linger, c.LingerIdle)
	case c.RL < 1 || c.WL < 1:
		return fmt.Errorf("xmem: got latencies of %d and %d tCK, want 1 or more", c.RL, c.WL)
	case c.PHYCycles < 0:
		return fmt.Errorf("xmem: got %d PHY cycles, want 0 or more", c.PHYCycles)
	}
	for _, ns := range []float64{
		c.TDQSCK, c.TRCD, c.TRPpb, c.TRPab, c.TRAS, c.TWR, c.TWTR, c.TRTP, c.TRRD, c.TFAW, c.TRFC, c.TREFI,
	} {
		if !(ns >= 0 && ns <= 1e15) { // that of the refresh may be for ever
			return fmt.Errorf("xmem: got a time of %g ns, want 0 to 10^15", ns)
		}
	}
	t := c.Cycles()
	if t.ReadLatency < 1 || t.ReadLatency >= pipeSlots {
		return fmt.Errorf("xmem: got a read latency of %d cycles, want 1..%d", t.ReadLatency, pipeSlots-1)
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

// Cycles converts the times, rounding up (the distance of refreshes down). The formulas for turnaround and precharge are those of
// JESD209-3: read to write RL + RU(tDQSCK) + BL/2 + 1 - WL, write to read WL + 1 + BL/2 + RU(tWTR), read to
// precharge BL/2 + RU(tRTP) - 4, write to precharge WL + 1 + BL/2 + RU(tWR), all in tCK, RU rounding up to tCK.
func (c *Config) Cycles() Cycles {
	ru := func(ns float64) int { return int(math.Ceil(ns/c.TCKNS - 1e-9)) }
	ns := func(ns float64) int { return int(math.Ceil(ns/c.ClockNS - 1e-9)) }
	tck := func(n int) int { return (n + BurstTCK - 1) / BurstTCK }
	bankBits, halfShift := uint(bits.TrailingZeros(uint(c.Banks))), uint(32)
	if c.SplitBanks {
		bankBits--
		halfShift = uint(bits.TrailingZeros(uint(c.Bytes))) - 1
	}
	return Cycles{
		ReadLatency:  tck(c.RL+ru(c.TDQSCK)+BurstTCK) + c.PHYCycles,
		ReadToWrite:  max(1, tck(c.RL+ru(c.TDQSCK)+BurstTCK+1-c.WL)),
		WriteToRead:  max(1, tck(c.WL+1+BurstTCK+ru(c.TWTR))),
		ReadToPre:    max(1, tck(BurstTCK+ru(c.TRTP)-4)),
		WriteToPre:   max(1, tck(c.WL+1+BurstTCK+ru(c.TWR))),
		TRCD:         ns(c.TRCD),
		TRP:          ns(c.TRPpb),
		TRAS:         ns(c.TRAS),
		TRRD:         ns(c.TRRD),
		TFAW:         ns(c.TFAW),
		TRPab:        ns(c.TRPab),
		TRFC:         ns(c.TRFC),
		TREFI:        int(c.TREFI / c.ClockNS),
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
	page := addr >> t.pageShift
	hash := page ^ page>>t.bankShift ^ page>>(2*t.bankShift)
	return uint8(hash&t.bankMask | addr>>t.halfShift&1<<t.bankShift), page >> t.bankShift
}
