// Package depc is the direct error propagation core. It computes the errors of a hidden layer from
// the output error and binary feedback, with adder trees and no multiplier, while the DNNC works.
// Package errors has all but the signs.
//
//	                LFSR register --\
//	DMA -> SIGN memory -> Next ------> Sign (16 x 16 bit) --> trees
//
// A tile takes its signs in blocks of 16 neurons by 16 classes: fills of the LFSR, or entries of
// the sign memory (flag sram). A machine of 32 inputs takes two blocks for a tile, of one group;
// one of 32 neurons those of two groups, whose bits the generator makes one after the other only
// when a pass holds all classes, so that it is refused with more than 16.
//
// Ports beside those of package errors:
//
//	In.Sign                  an entry of the sign memory from the DMA; in any cycle, but not while a
//	                         run reads the entry
//	In.RNGFull, In.RNGReg    a fill of the LFSR, bit i of the fill is bit i%64 of word i/64
//	Out.RNGTake              the fill was copied; RNGFull is ignored in the next cycle
//	Out.RNGStart             a run starts: with RNGSeed, RNGPasses fills per group, of RNGBits bits
//	                         (RNGLast for a group's last, 16 or more), RNGFills in all, counted under
//	                         RNGTag
//
// The sign memory has one port: no entry is read in a cycle in which one is written.
//
// Timing at 16 trees of 16, G = ceil(neurons/16):
//
//	depc.load   3 + nb*P                              P = ceil(n/16) passes
//	depc.run    7 + G*P*nb                            signs from the sign memory
//	depc.run    8 + 2n + nb + (G-1)*max(nb, 2n)       LFSR of 8 bits a cycle, n <= 16, nb > 1
//
// In general item i (a group and pass of C_i classes) is first issued in cycle t_i = max(t_{i-1} +
// nb, m_i + 1). Its fill is complete in m_i = max(m_{i-1} + 2*C_i, t_{i-1} + 1), with m = 2 before
// the first. The next entry of the sign memory is read while the present one is in use, and never
// stalls. Other machines take nb times the parts for an item; an entry beyond a tile's first one
// takes a cycle, a fill two or until it is complete; and with 32 trees a last pass of two groups
// takes nb cycles more. The formulas also hold for flag x when external memory stores a burst at
// once; otherwise the time until the writes settle (package xmem) comes on top.
//
// Status is WaitOperand, too, when the signs of a tile are missing, and while all but its last block
// come. A fill that was taken is ignored for one cycle, whether or not the pipeline stands still.
//
// Sums are exact, in at most 27 bits for 1,024 classes (4,096: 29), and counters have the bits that
// those need. The shift is 14 + s - Fe.
//
// Machine: depc.classes, what the error buffer holds; depc.sign_entries; depc.neurons and
// depc.inputs, N and I.
//
// Events, under the command's tag: EBufRead, one per 16 errors of a sample, pass and tile;
// EBufWrite, one per group loaded; with more than a pass DEPCPRead and DEPCPWrite, one each per N
// partial sums (32 bit). DEPCAdd is 16*C per sample, group and pass: a tree has an adder less than
// errors and one at its root, which adds the partial sum. The carry inputs complete the negation of
// the inverted errors, so a sign costs an inverter and no adder. SignRead, one per entry;
// SignWrite, one per entry stored (under the DMA command's tag); MaskRead, one per group without
// all. Groups of registers beside those of package errors: sign with a block, next with an entry or
// a run.
//
// With Config.Toggles the bits that change are counted as well. DEPCToggleIn, when a part is
// issued, counts those of each of its errors at each tree, after the inverter, so that a changed
// sign counts too (at most 16 per addition). DEPCToggleOut counts those after each adder: 18 bits
// at the leaves, one more at each level, and the sum at the root. Initially everything holds 0 and
// every sign is clear.
//
// Faults beside those of package errors: FaultParam, entry, when the DMA writes past the sign
// memory, which a unit that is not built does not have. The unit stops in that cycle, before it goes
// on with a command; entries that come later are stored all the same.
//
// Paper: section 5.2, direct error propagation core; section 3.2 for the rule.
//
// # Not modelled
//
// What package errors names; and the fan-out of a sign to the multiplexers of its tree.
package depc
