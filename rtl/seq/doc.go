// Package seq is the sequencer: a scalar processor that issues commands to the units, waits for
// them, and tracks which commands of which mark are outstanding.
//
//	IMEM --> PC, decode --> R0..R15, ALU -----> write back
//	           |   ^   \--> scratch memory <--> ScratchReq, ScratchData (DMA)
//	           |   +------- loop stack (4)
//	           +----------> Bus: parameter, command or get --> units
//	Done[unit] ------------> Outstanding[unit], Slots[mark] --> TagDone
//	Stat[unit] ------------> get
//
// Package isa has the instruction table and the word format.
//
// A mark tags what follows with phase and layer. Each command carries the tag, the slot of its mark
// (16 slots in a ring) and its pc; Done brings the slot back. A mark is done when a later one has
// been set and all its commands have retired. Done marks are reported one per cycle, the oldest
// first, as TagDone. The run is finished when the program has halted, all commands have retired and
// the last mark has been reported.
//
// A loop ends when the next pc, however it is reached, is its end; the jump back takes no cycle.
// Loops that end at the same place unwind together. A loop without instructions is skipped. A
// branch out of a loop leaves the loop on the stack.
//
// # Ports
//
//	Out.Bus                  one parameter write, command or get per cycle; other fields are 0
//	In.Done                  a unit retired a command; any number of units in a cycle
//	In.Stat                  status registers; a get sees what the unit drives in the cycle in which
//	                         it sees the bus
//	In.Scratch, Out.Scratch  the DMA's port: 1..32 bytes written or 32 read per cycle, answered in
//	                         the next one; always accepted. Of the same cycle, a program that reads
//	                         sees the write, one that writes wins, and the DMA reads what was there
//	Out.TagDone              all commands of a mark have retired
//	Out.Retire, Out.Tag      the instruction executed in this tick and its tag, for traces
//	Out.WaitUnit             with a waiting Status: the unit whose queue is full or not yet empty;
//	                         seq itself for a mark slot
//	Out.Asleep               nothing changes before a command retires or the DMA calls
//	Out.Finished, Out.Fault  the run is over; the first fault, sticky, a cycle after its instruction
//
// # Timing
//
// One instruction per cycle, plus
//
//	taken branch, jal, jr, loop that is skipped   1     the fetched successor is dropped
//	lw, lhu, lbu                                  1     left for scratch memory; what is loaded is
//	                                                    what stands there in the first cycle
//	get                                           2     bus out, status back
//	command                                       while 4 commands of that unit are outstanding
//	wait u, n                                     while more than n commands of u are outstanding
//	mark                                          while the mark 16 marks ago is not yet reported
//
// A Done counts in the tick that sees it: a command may go out, a wait end, and a mark be reported.
// At the end of the run the last mark is reported in a cycle in which no other is.
//
// Status: Busy, in the cycle of a fault too; WaitOperand in a stall for other units; Idle when
// halted or faulted.
//
// A chip begins at the program's entry, with the first mark's slot in use and nothing outstanding.
//
// # Arithmetic
//
// 32-bit registers, modulo 2^32; r0 reads as zero. Scratch memory is little-endian.
//
// # Machine
//
// seq.imem_bytes and seq.scratch_bytes, the sizes of the two memories.
//
// # Events
//
// Under the tag of the last mark: SeqInstr and IMemRead, one per executed instruction; ScratchRead
// and ScratchWrite, one per load or store. Of the DMA's accesses, under its tag: ScratchWrite, one
// per 4 bytes or part of them; ScratchRead, 8.
//
// Registers are clocked, under the tag of the last mark:
//
//	ActiveSeq           in a Busy cycle, when Status changes, a command retires, the DMA calls or a
//	                    mark is reported
//	clock_seq_reg       a scalar register is written; r0 counts as one in the area
//	clock_seq_loop      a loop begins; _count: it begins or goes round
//	clock_seq_slot      a command is issued or retires, a mark is set or reported
//	clock_seq_bus       something is on the bus
//	clock_seq_scratch   the DMA reads
//
// # Faults
//
// FaultIllegal: an operation code that the table does not have; a register, unit, phase, count or
// flag that does not exist; a loop that ends before it starts. FaultPC: pc past the program or no
// multiple of 8. FaultScratch: an access outside the memory or not aligned to its size. FaultLoop:
// a fifth loop in four. FaultTrap: instruction trap. Unused bits of a word are ignored.
//
// Checks go in this order. The pc. A command: its code, the wait for a place in the queue, then the
// flags. A mark: its operands, then the wait for its slot. A loop: its end, whether it is skipped,
// then the depth. A load or store: its code, then the address.
//
// The registers of pc and of the ends of loops hold addresses up to the first behind the memory,
// and one value for all beyond; a pc beyond goes to the argument of the fault that follows. A loop
// whose end lies there never ends.
//
// Paper: not described there; the sequencer is a choice.
//
// # Levels
//
// Gate levels between registers, of 100 at 200 MHz, by hand: a multiplexer of two is 2, an adder of
// 32 bits 14, a product of 32 bits modulo 2^32 48, and the instruction memory answers in 24 (1.2
// ns). The longest path is mul: memory 24, operands of 16 registers 8, product 48, result 4: 84. A
// branch unwinds four loops: memory 24, operands 8, compare 12, then four times compare and choose
// 9: 80.
//
// # Not modelled
//
// Cuts for a faster clock: from 237 MHz on mul takes a cycle more, which programs rarely use, and
// from 250 MHz on the memory is read in a cycle of its own, so a taken branch drops one more
// successor: one cycle a taken branch. The DMA's 32 bytes of scratch memory in one cycle: eight
// macros of 32 bits, priced as eight accesses of one and as the area of one.
//
// The stages behind the latencies above, and conflicts of program and DMA on the scratch memory: it
// has two ports.
//
// Where the program ends within the instruction memory: there FaultPC is raised, while hardware
// finds words of zeros, which are FaultIllegal.
package seq
