// Package errors is what the two units that compute errors of hidden layers share: packages depc
// (from signs, with adder trees) and epc (from weights, with multipliers). They differ in what
// stands at the trees, and in where it comes from.
//
//	OMEM -> EBUF --- issue --> E --> trees --> Sums --> + --> Sum --> shift, round, f', sat
//	(load)             1               2           P    3              4     ^         |
//	                                                            MASK memory -/         v
//	                                                   OMEM, or with flag x external memory
//
// A load copies nb rows of n errors from OMEM into the error buffer; what pads a row is 0 there. A
// run computes the errors of all neurons of a layer from them; errors and samples are those of the
// latest load, and a run ignores parameters n and nb. Group g, 16 neurons, of sample b goes to OMEM
// word dst + b*dstep + 4g or, with flag x, as a burst of little-endian int16 to byte dst + b*dstep
// + 32g of external memory. With flag all every f' bit is 1, and none is read. Neurons that do not
// exist are 0.
//
// There are N trees that add I errors a cycle, 8, 16 or 32 of each (Neurons and Inputs of the
// machine). A run works through tiles of max(N, 16) neurons. Each makes a pass for every max(I, 16)
// errors; each pass takes the signs or weights of the tile once and then issues sample after
// sample, each in max(1, 16/N) * max(1, 16/I) parts of a cycle, inputs innermost. So signs are used
// 16 x 16 at a time, in the order of docs/arithmetic.md, and bits do not depend on N and I. Parts
// of the same neurons add up in Sum; a part of 8 neurons waits in the output register for the other
// one; 32 neurons leave in two cycles, in the first of which all stages stand still.
//
// # Ports
//
// Every In is another unit's register, as of the previous cycle; every Out is a register.
//
//	In.Bus                   command bus of SEQ
//	In.Read, Out.Req,        stream of errors out of OMEM; ReadRoom stays set throughout a load, since
//	In.ReqRoom, ReadRoom     a group goes straight into the error buffer
//	Out.Write, In.WriteRoom  a group of errors to OMEM; sent only in a cycle that sees WriteRoom
//	Out.W, In.WRoom          a burst of errors to external memory (flag x), likewise
//	In.WriteIdle, In.WIdle   all writes that OMEM, or external memory, has accepted are committed
//	Out.Mask, In.Mask        f' bits, read ahead in order; a request stands until it is answered,
//	                         for ever if a fault stops the unit meanwhile
//	Out.Stat                 the requested status register, one cycle after SEQ's request, 0 for one
//	                         that does not exist; reading clears it; what is rounded in that cycle,
//	                         or was in the one before, counts for the next reading
//	Out.Done, Out.Fault      a command retired, all its writes committed; the first fault, sticky
//
// Memories, by accesses in a cycle: EBUF one (a word of max(I, 16) errors; E is its output latch; a
// load writes 16 of them, and with a row's last group what pads the word, too); partial sums one
// read, whose output latch is Prev, and one write; MASK one read.
//
// # Timing
//
// Counted from the cycle that sees the command on the bus to the one that sets Done, both included,
// when the unit was idle and nothing stalls; a command that waits in the queue starts in the cycle
// after Done and takes one cycle less.
//
//	load   3 + nb*P                          P = ceil(n/16); OMEM answers the request in its next cycle
//	run    6 + the cycle of the last issue   which the leaves tell; the bus is cycle 0, cycle 2 the first
//	                                         in which a sample can be issued
//
// The command is checked in the cycle after the bus (in more where the clock is faster than 266
// MHz: the registers stand still meanwhile). A group issued in cycle t is on Out.Write in cycle
// t+3: error buffer 1, trees 2, partial sums 3, rounding 4. Partial sums are read while the trees
// add and written while the next ones round: what is written in the same cycle, or not yet, is
// taken on its way.
//
// Status is that of the issue stage: Busy in the cycle of the bus, in the check, also when it finds
// a fault, when a sample is issued, while the pipeline empties, and in the cycle that sets Done;
// WaitOperand when f' bits or the stream are missing, or when the stream cannot be requested;
// WaitDrain when OMEM or external memory accepts no write (the whole pipeline stalls) or has not
// committed the last one. Room is looked at before f' bits.
//
// # Arithmetic
//
// docs/arithmetic.md sections 4 and 10. The shift, -15..47, rounds ties away from zero. Saturations
// and the maximum count where f' is 1.
//
// # Registers
//
// Groups are clocked: begin with a command, mask when f' bits are asked for, come or are used, sum
// and tree with what they hold, write and burst with what leaves, round with it and one cycle
// later, when the maximum of 16 is reduced to one, stat with a reading; the rest in every cycle
// with a command and in the next one. E and Prev are latches of memories, priced with their reads.
//
// # Gate levels
//
// Estimates, of 50 ps, with 8 of margin for registers and clock; a 2:1 choice takes 2, an adder of
// 32 bits 14, of 48 bits 16, a 4:2 compressor 6. Check: choice of the command 4, product of 12 by
// 32 bits with what it is added to 40, limits and fault 23: 75. Trees of signs, of 32: 2 + 24 + 12
// + 8 = 46. Partial sums: 2 + 2 + 16 + 8 = 28. Rounding: shift 12, half 16, saturation 8, f' 2: 46.
// Maximum: two cycles of two comparisons, 11 each: 30. Addresses are sums of two: 22.
//
// # Faults
//
// The limits of isa/REFERENCE.md, and every command of a unit that is not built. FaultParam: n with
// value 0 when a run finds nothing loaded; FaultXAddr: what is not aligned, or the last burst or
// block. OMEM checks the addresses of its stream and writes.
//
// # Not modelled
//
// The register cut inside a tree; bursts of glitches; the latency of the memories beyond a cycle.
package errors
