// Package dnnc is the DNN core: 4 cores of lanes, 64 each in the reference machine, that multiply
// one non-zero operand by a row of weights in every cycle. The weight memory (WMEM) and the
// accumulators are inside. L is the number of lanes, machine.DNNC.Lanes.
//
//	            +-- FIFO 0 --> x, wrow, arow --\    WMEM 0/1 (64 rows x L lanes) <-- TileWrite
//	X[0..3] --> +-- FIFO 1 -->                  \      | row wrow
//	            +-- FIFO 2 -->                   > x * w[wrow][lane] --> + --> row register
//	            +-- FIFO 3 -->                  /                        ^        |   |
//	                                                                     +--------+  swap
//	StreamReq --> OMEM                                                                |
//	              drain or momentum unit <-- BankHead -- ACC bank 0/1(/2) (32 rows x L)
//
// In each cycle a stream either does acc[arow][lane] += x * w[wrow][lane] in all its active lanes
// or swaps its accumulator row:
//
//	dnnc.mac    arow = b >> split, wrow = element; 2^split streams of L >> split lanes,
//	            sample b on stream b mod 2^split
//	dnnc.grad   arow = element mod 32, wrow = sample; one bank for each half of a block of more
//	            than 32 elements
//	dnnc.ones   arow = 0, wrow = 0..nb-1, x = 1: the sum of the errors over the samples; reads
//	            nothing from OMEM
//
// With parameter taps a sample b of mac and grad is an output pixel of a convolution. Its block
// concatenates taps source pixels of chan channels each: element t*chan + e is channel e of tap t.
// OMEM finds them (port.Window):
//
//	            tap 0          tap 1              tap taps-1
//	element   0 .. chan-1 | chan .. 2chan-1 | ... | .. rows-1     rows = taps * chan
//
// An accumulation runs from flag first to flag last and may span many commands of one kind: mac
// with the same split, grad with rows up to 32, grad with more rows, or ones. A newly opened bank
// is zero. A closed bank is handed to the consumer named in BankHead, which reads it in place and
// frees it; meanwhile another bank accumulates. A gradient of two halves holds two banks, each from
// the point where its first command reaches that half to the point where its last command has
// finished it:
//
//	            grad first           grad                 grad last
//	elements    | 0..31  | 32..63 |  | 0..31  | 32..63 |  | 0..31  | 32..63 |
//	bank A      open ------------------------------------------> hand
//	bank B               open --------------------------------------------> hand
//
// The weight buffer (flag b1) must be full before a command starts; flag free releases it at the
// end.
//
// # Fused schedules
//
// With Config.Fused there is a third bank, and a path for updated weights from the momentum unit.
//
// While the sums of a dnnc.mac are open, other commands may be nested: a dnnc.grad of up to 32 rows
// or a dnnc.ones, with flags first and last in one command. A nested command runs between two
// commands of the accumulation, uses another bank and hands it over. Then the accumulation resumes.
// Any number of them may follow each other:
//
//	            mac first   grad         ones         mac last
//	bank A      open -----| set aside               |---------> hand
//	bank B                  open -> hand
//	bank C                               open -> hand
//
// A nested command first writes back the accumulator rows of all streams, in the cycle in which it
// begins; its first swap, which reads from another bank, may come in the same. The next dnnc.mac swaps its rows back in. Banks are used in
// turn, except for one that is set aside, and are handed over in the order in which they were
// closed: here B, C, A.
//
// With flag upd a dnnc.mac of up to 32 rows takes its weights from one half of WMEM buffer 1: rows
// 0..31, or with b1 rows 32..63. Each half is a weight buffer in its own right, filled through
// In.Upd instead of by the loader:
//
//	WMEM 0      buffer 0, from the loader
//	WMEM 1      buffer 1, from the loader, or half 0 in rows 0..31 and half 1 in rows 32..63,
//	            from the momentum unit
//
// # Ports
//
//	In.Bus                     command bus of SEQ
//	Out.Stream, In.StreamRoom  a stream request to OMEM, sent as early as there is room, in command
//	                           order; never in the cycle after a request
//	In.X, Out.XRoom            non-zeros and end marks, one end per stream (grad: one for every 32
//	                           elements)
//	In.Tile                    16 lanes of a WMEM row from the loader, repeated 2^split times; Full
//	                           with the last one
//	In.Upd                     the same from the momentum unit: Buf is the half of buffer 1, Row
//	                           counts from its first row
//	Out.WFreed                 how often each buffer was released, modulo 256: 0 and 1 for the
//	                           loader; 2 and 3, the halves, for the momentum unit. Either may fill
//	                           a buffer that was released as often as it was filled
//	Out.Head                   the bank that has waited longest, for the drain or the momentum unit
//	In.FreeDrain, In.FreeMom   that bank is free: one cycle
//	Read                       16 lanes of a row for the consumer of the bank, in the cycle after
//	                           its port.AccReq
//	Out.Done, Out.Fault        a command retired; the first fault, sticky
//	Out.Asleep                 it waits, and nothing moves before an input changes
//
// # Timing
//
// Counted from the tick that sees the command on the bus to the tick that sets Done, both included,
// when the unit was idle, the weights are there, a bank is free and the first item arrives in tick
// D (5 with OMEM's decoders):
//
//	dnnc.mac, dnnc.grad   D + 1 + Z + S + E + P   of the longest stream: Z non-zeros, S swaps, E
//	                                              ends (1; grad with rows above 32: 2)
//	dnnc.ones             nb + 3 + P, with flag first; nb + 2 + P without
//
// P is the way from a FIFO to the accumulators, 2 cycles, or 3 with product registers: non-zeros,
// swaps and ends take it one behind the other, so the next command may follow at once.
//
//	t      head of the FIFO: a product, a swap or an end; address to WMEM
//	t+1    WMEM, to the lanes' weight registers; address of a swap to the accumulators
//	t+2    product and sum, to the row register; the other row comes from and goes to its memory
//
// With product registers t+2 is the product, t+3 the rest. A weight buffer is released when its
// last row was asked for, a bank stands at the head when its last row is in place.
//
// A stream swaps when the accumulator row changes: once per sample with non-zeros (mac), once per
// element with non-zeros (grad). With a window that is once per pixel with non-zeros, and Z counts
// the non-zeros of all taps. A swap takes one cycle. Zeros take no cycles here. A tap outside its
// image costs OMEM's decoder one cycle (package omem), which shows only when non-zeros are few.
// Later commands find their stream waiting in the FIFO. One that continues with the row in the
// registers saves its first swap, unless commands were nested before it.
//
// All memories are macros of 16 lanes with one port. Of the accumulators, a bank has its own. A
// swap reads a cycle before it writes, and a product lies between two swaps of a stream. Of WMEM,
// a buffer has its own, which the loader fills while nobody reads it. But both halves of buffer 1
// lie in the same ones: in a cycle in which In.Upd delivers weights, a running dnnc.mac with upd
// stalls, whichever half the weights are for. That costs one cycle per write, or nothing when there was no
// operand anyway. Other commands continue.
//
// A tick takes the wires first: a bank that comes back, then In.Tile, then In.Upd, which a fault of
// In.Tile leaves out. Next ends arrive, the oldest command begins and works, and at last comes the
// request of the next stream. So in one tick a buffer may become full, its command begin, take a bank
// that has just come back, and take its first operands. Items come behind all that and are seen in
// the next tick; a FIFO has room while it then holds six of eight or fewer. dnnc.ones asks for
// nothing, but has its turn among the requests.
//
// Status, in this order: WaitOperand until the stream is requested; WaitWeight without weights; Idle
// if the command must not begin; WaitDrain without a free bank; WaitWeight while In.Upd has the port;
// Busy when a stream took something, else WaitOperand. While ends are under way an array without
// command is Busy. After a fault no command works; ends arrive, and items and weights are taken
// still.
//
// Gate levels of 50 ps, by hand (package machine): product 40, sum 17, selection 2, and 10 for the
// register and the clock: 69, met up to 289 MHz. With product registers 50, met up to 400 MHz.
// The stages before have some 35 each: an access to a memory 20 (1 ns), the head of a FIFO, its row
// compared with that in the registers, and the choice of a buffer 15. Product registers are a
// setting, dnnc.product_registers; without it, the clock decides.
//
// # Arithmetic
//
// docs/arithmetic.md sections 2, 4, 5 and 7. Products of 16 x 16 bits are summed modulo 2^AccBits.
// The accumulator memory of the model holds 64-bit sums. Whoever reads a bank takes them modulo
// 2^AccBits, which gives the same bits, and can report sums that did not fit.
//
// Operands are deferred (State.Pairs) and applied by package lanes up to 64 at a time. Flush
// applies them: after it the accumulators, and the counts of MAC and WMEMRead, are those of all
// operands that have left a FIFO. Whoever copies State calls it first.
//
// # Machine
//
// dnnc.lanes, L; dnnc.acc_bits, dnnc.product_registers, and fused.
//
// # Events
//
// Under the command's tag: MAC, 16 per group and operand; WMEMRead, one per group and operand;
// AccRead and AccWrite, one per group of a swap (a row is read only if it holds something and
// written only if one was in the registers). AccWrite also counts the last row at the end of an
// accumulation and of each half of a gradient and, when a command is nested, the last row of each
// stream, under the tag of the preceding dnnc.mac. WMEMWrite, 2^split per TileWrite or UpdWrite,
// under its tag.
//
// Registers are clocked by group, under the tag of the command that is worked on, or of the next:
//
//	ActiveDNNC         state, counters, FIFO pointers, ends: a cycle in which the array works, a
//	                   wire comes or a status changes
//	ClockDNNCWork      ends, samples, half: a cycle in which products, swaps or ends are taken
//	ClockDNNCItem      a place of a FIFO that is written, 30 bits
//	ClockDNNCOperand   a non-zero, swap or end of a stream on its way: two operands of 16 bits, and
//	                   8 bits of control in each stage
//	ClockDNNCProduct   a product, with product registers only: one per MAC, 32 bits
//	ClockDNNCTouched   rows of a bank that hold something, 32 bits for each stream
//	ClockDNNCFreed     releases of a buffer, 8 bits
//	ClockDNNCStream    Out.Stream
//	param, cmd         a parameter register, an entry of the queue
//
// The registers of a lane's weight and sum are priced with MAC.
//
// With Config.Toggles the bits that change with a MAC are counted as well. ToggleX counts those of
// the stream's operand bus, once for each working lane, since each has a multiplier there. ToggleW
// counts those of the working lanes' weight registers, which hold their values while a lane is
// idle. ToggleAcc counts those of their accumulators, AccBits wide. So a MAC counts at most 16, 16
// and AccBits. Buses and weight registers start at 0. A swap brings another row into the
// accumulators without being counted: its cost is that of the memory.
//
// # Faults
//
// The limits of isa/REFERENCE.md; FaultParam: also another split than that of the open
// accumulation. FaultBank: flag first while an accumulation is open, none while none is, or a
// command of another kind than the accumulation's, unless it is nested. Limits are checked with the
// request; FaultBank, then the split, then the limits of dnnc.ones when a command begins. FaultWMEM: the loader
// writes to buffer 1 while a half is in use, or the momentum unit to a half while buffer 1 is; a
// buffer is in use from the first write to its release. The PC is that of the last command that
// wrote to a half, or should have.
//
// Paper: section 5.1 (the DNN core fetches feature maps from OMEM and multiplies matrices on MACs;
// batch of 32).
//
// # Not modelled
//
// The clock of a row register that a swap loads: one for the MACs of each row, in a dense tile one
// in 64. The clearing of rows that met no operand and of idle lanes: they read as zero, by the valid
// bits of rows and by split and groups of their bank, 9 bits each that State does not have. What
// accompanies operands beside their own bits: bank, split and groups once a stage; the address of
// the weights, in the latch of the macro; the row in the registers, 5 bits a stream, behind the last
// stage, with its bank, split and groups; the groups of the command that was begun last. Hardware
// takes the groups of a bank from the first command of its accumulation: with others in the next ones
// the model keeps sums that hardware does not. In the tick of the last In.Tile the command may begin
// and ask for another row of that macro: two accesses.
package dnnc
