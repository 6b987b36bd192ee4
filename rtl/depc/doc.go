// Package depc is the direct error propagation core. It computes the errors of a hidden layer from
// the output error and binary feedback, with adder trees and no multiplier, while the DNNC works.
//
//	                LFSR register --\
//	DMA -> SIGN memory -> Next ------> Sign (16 x 16 bit)
//	                                         |
//	                                         v
//	OMEM -> EBUF --- issue --> E (16) -> tree x 16 -> Tree -> + -> Sum -> shift, round, f', sat
//	(load)           1                   2             DEPCP  3           4   ^         |
//	                                                                MASK memory         v
//	                                               OMEM, or with flag x external memory
//
// depc.load copies nb rows of n output errors, up to 4,096, from OMEM into the error buffer.
// depc.run works through the layer in groups of 16 neurons. Each group makes one pass for every 16
// classes. Each pass takes the 16 x C signs once and then issues one sample per cycle. Classes and
// samples are those of the latest load; a run ignores parameters n and nb. Group g of sample b goes
// to OMEM word dst + b*dstep + 4g or, with flag x, as a burst of little-endian int16 to byte dst +
// b*dstep + 32g of external memory. With flag all every f' bit is 1. Neurons that do not exist are
// 0.
//
// A chip may be built without the unit (Config.Classes 0): any command faults.
//
// Ports (every In is another unit's register, as of the previous cycle; every Out is a register):
//
//	In.Bus                   command bus of SEQ
//	In.Read, Out.Req,        stream of e_L out of OMEM; ReadRoom stays set throughout a load,
//	In.ReqRoom, ReadRoom     since a group goes straight into the error buffer
//	Out.Write, In.WriteRoom  a group of errors to OMEM; sent only in a cycle that sees WriteRoom
//	Out.X, In.XRoom          a burst of errors to external memory (flag x), likewise
//	In.WriteIdle, In.XIdle   all writes that OMEM, or external memory, has accepted are committed
//	In.Sign                  an entry of the sign memory from the DMA; in any cycle, but not while a
//	                         run reads the entry
//	In.RNGFull, In.RNGReg    a fill of the LFSR, bit i of the fill is bit i%64 of word i/64
//	Out.RNGTake              the fill was copied; RNGFull is ignored in the next cycle
//	Out.RNGStart             a run starts: with RNGSeed, RNGPasses fills per group, of RNGBits bits
//	                         (RNGLast for a group's last), RNGFills in all, counted under RNGTag
//	Out.Stat                 the requested status register, one cycle after SEQ's request; reading
//	                         clears it
//	Out.Done, Out.Fault      a command retired; the first fault, sticky
//
// Timing, counted from the cycle that sees the command on the bus to the one that sets Done, both
// included, when the unit was idle and nothing stalls:
//
//	depc.load   2 + nb*P                P = ceil(n/16) passes; OMEM answers the request in its next
//	                                    cycle
//	depc.run    6 + G*P*nb              signs from the sign memory, G = ceil(neurons/16)
//	depc.run    7 + 2n + nb + (G-1)*max(nb, 2n)       LFSR, n <= 16, nb > 1
//
// One sample is issued per cycle. A group issued in cycle t is on Out.Write in cycle t+3 (OMEM sees
// it in t+4): error buffer 1, trees 2, partial sums 3, rounding 4. The LFSR generates 8 bits per
// cycle, so the C signs of 16 neurons take 2C cycles: a batch of 32 hides them, a smaller one
// stalls. In general item i (a group and pass of C_i classes) is first issued in cycle t_i =
// max(t_{i-1} + nb, m_i + 1). Its fill is complete in m_i = max(m_{i-1} + 2*C_i, t_{i-1} + 1), with
// m = 1 before the first. The command takes 6 cycles more than the last issue. The next entry of
// the sign memory is read while the present one is in use, and never stalls.
//
// The formulas also hold for flag x when external memory stores a burst at once. Otherwise the time
// until the writes settle (it collects writes, package xmem) comes on top.
//
// Status is that of the issue stage: Busy when a sample is issued (or the pipeline empties after
// the last), WaitOperand when the signs or the stream are missing, WaitDrain when OMEM or external
// memory accepts no write (the whole pipeline stalls) or has not committed the last one.
//
// Arithmetic: docs/arithmetic.md section 4. Sums are exact, in at most 29 bits. The shift, -15..47,
// is 14 + s - Fe; ties round away from zero. Saturations and the maximum count where the f' mask is
// 1.
//
// Parameters: Classes, the capacity of the error buffer; SignEntries, that of the sign memory;
// Toggles, which the chip fills in.
//
// Events, under the command's tag: EBufRead, one per sample and pass; EBufWrite, one per group
// loaded; with more than 16 classes DEPCPRead and DEPCPWrite, one each per 16 partial sums (32 bit,
// a memory of 2 KB). DEPCAdd is 16*C per sample and pass, 16*n in all passes: a tree has C-1
// two-input adders and one at its root, which adds the partial sum. The C carry inputs complete the
// negation of the inverted errors, so a sign costs an inverter and no adder. SignRead, one per
// entry; SignWrite, one per entry stored (under the DMA command's tag); MaskRead, one per group
// written without all. ActiveDEPC counts cycles in which a pipeline register was clocked; the unit
// is gated while it waits. Counters of classes, passes and entries, and the sums, have the bits
// that 1,024 classes need (sums: 27), or as many as a larger chip needs (4,096: 29).
//
// With Config.Toggles the bits that change are counted as well. DEPCToggleIn, when a sample is
// issued, counts those of each of its errors at each of the 16 trees, after the inverter, so that a
// changed sign counts too (at most 16 per addition). DEPCToggleOut counts those after each adder:
// 18 bits at the leaves to 21 at the top of a tree, and the sum at its root. Initially everything
// holds 0 and every sign is clear.
//
// Faults: the limits of isa/REFERENCE.md; FaultParam: n with value 0 when a run finds nothing
// loaded, entry when the DMA writes past the sign memory; FaultXAddr: dst or dstep, or the last
// burst. OMEM checks the addresses of the stream and of the writes.
//
// Paper: section 5.2, direct error propagation core; section 3.2 for the rule.
//
// Not modelled: the register cut inside a tree (the trees are one stage, as is the final addition);
// the time to write the sign memory beyond one entry per cycle.
package depc
