// Package depc is the direct error propagation core: it computes the errors of a hidden layer from the output error and
// binary feedback, with adder trees and no multiplier, while the DNNC works.
//
//	                    LFSR register --\
//	DMA -> SIGN memory -> Next ----------> Sign (16 x 16 bit) --\
//	                                                             v
//	OMEM -> EBUF --- issue ---> E (16 errors) ---> tree x 16 ---> Tree ---> + ---> Sum ---> shift, round, f', sat -> OMEM or
//	(load)           1                             2                 DEPCP    3            4      ^       external memory (x)
//	                                                                                           MASK memory
//
// depc.load copies nb rows of n output errors, up to 4,096, from OMEM into the error buffer. depc.run works through the
// layer in groups of 16 neurons; for each group it makes a pass for every 16 classes; in each pass it takes the 16 x C signs
// once and then issues one sample a cycle. Classes and samples are those of the latest load; a run ignores parameters n and
// nb. Group g of sample b goes to OMEM word dst + b*dstep + 4g or, with flag x, as a burst of little-endian int16 to byte
// dst + b*dstep + 32g of external memory. With flag all every f' bit is 1. Neurons that do not exist are 0.
//
// A chip may be built without the unit (Config.Classes 0): any command faults.
//
// Ports (every In is another unit's register of the cycle before; every Out is a register):
//
//	In.Bus                 command bus of SEQ
//	In.Read, Out.Req,      stream of e_L out of OMEM; ReadRoom holds all through a load, for a group goes straight into
//	In.ReqRoom, ReadRoom   the error buffer
//	Out.Write, In.WriteRoom   a group of errors to OMEM; sent only in a cycle in which WriteRoom was seen
//	Out.X, In.XRoom        a burst of errors to external memory (flag x), likewise
//	In.WriteIdle, In.XIdle all writes that OMEM, or external memory, has seen are committed
//	In.Sign                an entry of the sign memory from the DMA; any cycle, but not while a run reads the entry
//	In.RNGFull, In.RNGReg  a fill of the LFSR, bit i of the fill is bit i%64 of word i/64
//	Out.RNGTake            the fill was copied; RNGFull is ignored in the next cycle
//	Out.RNGStart           a run begins: with RNGSeed, RNGPasses fills a group, of RNGBits bits (RNGLast the last of a
//	                       group), RNGFills in all, counted under RNGTag
//	Out.Stat               a status register, the cycle after SEQ asked; reading clears it
//	Out.Done, Out.Fault    a command retired; the first fault, for ever
//
// Timing, counted from the cycle that sees the command on the bus to the one that sets Done, both included, when the
// unit was idle and nothing stalls:
//
//	depc.load   2 + nb*P                  P = ceil(n/16) passes; OMEM answers the request in its next cycle
//	depc.run    6 + G*P*nb                signs from the sign memory, G = ceil(neurons/16)
//	depc.run    7 + 2n + nb + (G-1)*max(nb, 2n)         LFSR, n <= 16, nb > 1
//
// One sample is issued a cycle; a group issued in cycle t is on Out.Write in cycle t+3 (seen by OMEM in t+4): error buffer
// 1, trees 2, partial sums 3, rounding 4. The LFSR makes 8 bits a cycle, so the C signs of 16 neurons take 2C cycles: a
// batch of 32 hides them, a smaller one stalls. In general item i (a group and pass of C_i classes) is first issued in
// cycle t_i = max(t_{i-1} + nb, m_i + 1), where its fill is complete in m_i = max(m_{i-1} + 2*C_i, t_{i-1} + 1), m = 1
// before the first, and the command takes 6 cycles more than the last issue. The next entry of the sign memory is read
// while the present one is used, and never stalls.
//
// The formulas hold for flag x too, when external memory stores a burst at once; the time that it takes to settle is longer
// (it collects writes, package xmem) and comes on top.
//
// Status is that of the issue: Busy when a sample is issued (or the pipeline empties behind the last), WaitOperand when
// the signs or the stream are missing, WaitDrain when OMEM or external memory takes no write (the whole pipeline stands
// still) or has not committed the last one.
//
// Arithmetic: docs/arithmetic.md section 4. Sums are exact, in 29 bits at the most. Shift, -15..47, is 14 + s - Fe; ties
// round away from zero. Saturations and the maximum count where the f' mask is 1.
//
// Events, under the command's tag: EBufRead one a sample and pass, EBufWrite one a group loaded; with more than 16 classes
// DEPCPRead and DEPCPWrite one each for 16 partial sums (32 bit, a memory of 2 KB). DEPCAdd is 16*C a
// sample and pass, 16*n in all passes: a tree has C-1 two-input adders and one at its root, which adds the partial sum; the
// C carry inputs complete the negation of the inverted errors, so a sign costs an inverter and no adder of its own.
// SignRead one an entry, SignWrite one an entry stored (under the DMA command's tag), MaskRead one a group written
// without all.
// ActiveDEPC counts cycles in which a pipeline register was clocked; the unit is gated while it waits. Counters of classes,
// passes and entries and the sums have the bits that 1,024 classes need (sums: 27), or as many as are built beyond (4,096: 29).
//
// With Config.Toggles the bits that change are counted, too: DEPCToggleIn, when a sample is issued, those of each of its
// errors at each of the 16 trees, behind the inverter, so that a sign that changes does it, too (16 an addition at the most);
// DEPCToggleOut those behind each adder: 18 bits at the leaves to 21 at the top of a tree, and the sum at its root. At the
// start everything holds 0 and every sign is clear.
//
// Faults: the limits of isa/REFERENCE.md; FaultParam: n with value 0 when a run finds nothing
// loaded, entry when the DMA writes past the sign memory; FaultXAddr: dst or dstep, or the last
// burst. OMEM checks the addresses of the stream and of the writes.
//
// Paper: section 5.2, direct error propagation core; section 3.2 for the rule.
//
// Not modelled: the register cut inside a tree (the trees are one stage, as is the final addition); the time to write the
// sign memory beyond one entry a cycle.
package depc
