// Package xmem is the external memory and its controller: ten ports and one data bus that moves
// bursts of 32 bytes. In the reference machine it is LPDDR3-1600 x32, 6.4 GB/s: a burst per cycle.
//
//	          +--------+
//	WLD    -->| 8      |--+
//	DMA    -->| 8      |--+                   +------+  open row,    +-----------+ Resp after
//	Mom    -->| 8      |--+-------- reads --->|      |  tRCD passed  | transfer  | ReadLatency
//	Norm   -->| 8      |--+  round robin      |      |               | one burst |----> all readers
//	EPC    -->| 8      |--+                   | turn |-------------->| per cycle |
//	          +--------+                      |      |               +-----------+--> 8 banks,
//	MomW   -->| 32     |--+                   |      |                                open pages
//	DMAW   -->| 32     |--+                   |      |
//	DrainW -->| 32     |--+-------- writes -->|      |
//	DEPCW  -->| 32     |--+  round robin      +------+
//	NormW  -->| 32     |--+      heads and the youngest miss --> 1 activate, 1 precharge per cycle
//	          +--------+
//
// # Ports
//
//	In.Req[p]        a request; Valid only in a cycle in which the requester saw Room[p]; aligned
//	                 and inside the memory
//	In.Called        the ports with a request, as bits
//	Out.Resp         bursts that were read, with their ports; Valid for one cycle, in order of
//	                 request at each port. Two in a cycle, for different ports, only where a burst
//	                 takes less than a cycle
//	Out.Room[p]      at least two places are free after this cycle
//	Out.WriteIdle[p] all writes accepted from p are in the memory; a word sent in cycle t shows from
//	                 the t+1 Tick on
//	Out.Status       Busy: a burst moved. WaitMemory: requests wait for a bank, the bus turning or a
//	                 refresh. Idle: none
//	Out.Asleep       nothing waits and nothing is under way
//
// # Timing
//
// The description has the times of the memory in ns and in its own clock; CyclesOf converts them to
// cycles of the chip, rounding up. So a faster chip waits for more cycles and no longer. A transfer
// slot is the longer of a burst's time on the memory's bus and its 32 bytes at the chip's port, in
// 1/4096 cycles; a burst moves in a cycle before whose end the last slot has ended. At the
// reference machine a cycle, 5 ns, is four memory clocks (tCK = 1.25 ns), a burst of eight, a slot:
//
//	                      data sheet                              cycles
//	tRCD                  18 ns                                    4   activate to transfer slot
//	tRPpb, tRPab          18, 21 ns                                4, 5
//	tRAS                  42 ns                                    9
//	tRRD, tFAW            10, 50 ns                                2, 10
//	tRFCab, tREFI         130 ns, 3.9 us                           26, 780
//	read to write         RL + tDQSCK + BL/2 + 1 - WL = 16 tCK     4   RL 12, WL 6, tDQSCK 5.5 ns,
//	                                                                   tWTR 7.5 ns, tWR 15 ns,
//	write to read         WL + 1 + BL/2 + tWTR = 17 tCK            5   tRTP 7.5 ns, BL/2 = 4 tCK
//	read to precharge     BL/2 + tRTP - 4 = 6 tCK                  2
//	write to precharge    WL + 1 + BL/2 + tWR = 23 tCK             6
//	ReadLatency           RL + tDQSCK + BL/2 = 21 tCK, + PHY       6 + 4 = 10
//
// A lone read answers 1 + ReadLatency = 11 cycles after the Tick that accepted it when its row is
// open, 15 when the bank is closed (+ tRCD), 19 when another row is open (+ tRP + tRCD). Peak: one
// burst per cycle less refresh ((tRFC + tRPab + tRCD + wait) / tREFI, about 5 %): 0.95 measured for
// a sequential stream, 0.86 for reads and writes of two streams in batches of 20.
//
// # A cycle
//
// Bursts that were read arrive. A refresh that is due takes place when every bank may be closed. If
// requests waited before this cycle and no refresh is due: the bus turns; a burst moves, or two;
// then, of the heads that are left, one row is opened and one closed. At last come the requests of
// this cycle, reads before writes.
//
// # Addresses
//
// Row, bank, column from the top; a page has 4,096 bytes (1K columns x 32 bit). The bank bits are
// XORed with the next bits of the row. With Config.SplitBanks (the default) the upper half of the
// memory owns banks 4..7 and the lower half banks 0..3: tensors that are streamed together, such as
// weights and velocities, lie in different halves and never close each other's rows. An update of
// 64 x 256 weights takes 11.5 to 11.7 cycles per chunk wherever the two lie in their halves, and
// 11.5 to 27.7 without the split (package momentum measures both). Whatever lies in one half has
// four banks.
//
// # Order
//
// Ports are independent FIFOs. A read that arrives while a write to its address is pending waits
// for that write (and makes the bus turn to writing), so it sees every write accepted in an earlier
// cycle, from any port. Nothing else is ordered: a write may overtake an older read of another
// port, and writes of different ports to one address land in any order. Requesters that depend on
// each other wait for the answer, or for WriteIdle.
//
// The bus turns to writing when a write FIFO holds WriteHigh = 24, when no write came for Linger =
// 16 cycles (4, if no read waits), or when a read waits for a write. It turns back when the writes
// are out or, with reads waiting, after WriteDepth = 32 of them. A head whose row is closed waits
// for heads of the same direction that hit another row of the same bank: at most one page per port.
// When no head needs the activate command, the row of the youngest request that missed is opened
// ahead, so a sequential stream crosses pages without a gap. A request that goes to the head of its
// FIFO is none of them; of one cycle that of the last port counts; the row is forgotten when it is
// open. The cycles since the last write count while requests wait, up to 255, the writes since the
// bus turned modulo 256. That a read waits for a write is noticed when it is passed over. Refresh
// of all banks falls due every tREFI and is not postponed: transfers stop, the banks close, tRFC
// passes.
//
// # Machine
//
// xmem.kind, xmem.bytes and xmem.split_banks; xmem.port_bytes and xmem.phy_ns; xmem.read_depth,
// xmem.write_depth, xmem.write_high, xmem.linger_cycles and xmem.linger_idle_cycles (see Order);
// and xmem.timing, the memory's own times, as in its data sheet.
//
// # Events
//
// XReadWLD, XReadDMA, XReadMom, XReadNorm, XReadEPC, XWriteMom, XWriteDMA, XWriteDrain, XWriteDEPC,
// XWriteNorm: a burst of that port, under the tag of its request. XActivate: under the tag of the
// request that needed the row. XRefresh: under tag 0. The energy of FIFOs and PHY is part of a
// burst's price. State counts Bursts.
//
// Registers are clocked, under the tags of their requests:
//
//	ActiveXMem           a request comes or waits, a burst is under way or on its wire, or the banks
//	                     refresh; under the tag of the youngest request or burst
//	clock_xmem_refresh   always, under tag 0: the counter to the next refresh
//	clock_xmem_bank      a row is opened: its number
//	clock_xmem_ahead     a request misses the open row: the row to look ahead for
//	clock_xmem_resp      a burst is answered
//
// # Paper
//
// The paper names external memory only as the place that the feedback weights are not loaded from;
// part and controller are choices.
//
// # Levels
//
// Gate levels between registers, of 100 at 200 MHz, by hand: a head's row compared with its bank's
// (8 banks 6, 12 bits 6), first of ten in a ring (14), its address and data from the FIFO (12): 38;
// rows to open and close 50. A read's address compared with 160 writes: 27 bits 8, the youngest of
// a port 16: 24.
//
// # Not modelled
//
// Counters of banks and bus that still run down when no request waits: at most tRFC + tRPab cycles
// of 100 bits after the last burst. Comparators of a read's address with all pending writes, whose
// addresses are priced as words of a FIFO; they would be flip-flops, 160 of 27 bits, clocked when
// written, and compared only when a read comes.
//
// Command bus conflicts (four commands fit a cycle; three are used), per-bank and postponed
// refresh, bank groups (DDR4: bursts of one group follow each other as those of two do), power-down
// and self refresh, temperature derating, data errors, ZQ calibration.
package xmem
