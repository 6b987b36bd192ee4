// Package drain is the way out of the accumulators: it brings the rows of a bank to 16 bits, 16 lanes a cycle, and sends
// them to the run-length encoder, or raw to OMEM or external memory.
//
//	                BIAS 0/1 --\        (act, logit)                          mix (drop)
//	                            v                                             v
//	ACC bank --> wrap ---> + --> wrap --> shift, round --> saturate --> ReLU, drop (act) --> Pipe --> EncReq (act)
//	  row, 16 lanes                                            ^          |                       \-> WriteReq (logit, err)
//	                                                 MASK memory (err)    v                       \-> XReq (logit, err; x)
//	                                                                  MASK memory (act)
//
//	drain.act    o = max(z, 0) through the encoder; the mask bit of a lane is o != 0. With flag drop, o is 0 where the lane's
//	             bit of the group's word mix(seed ^ (ctr + sample*cstep + group)) is 0; that the others count twice is a
//	             matter of shift. Parameter block cuts what a sample has into blocks of the compressed map
//	drain.logit  a = z, raw
//	drain.err    e = z without bias where the mask bit is 1, else 0; raw. With flag all every mask bit is 1
//
// Raw groups go to OMEM or, with flag x, to external memory: a burst each, little-endian.
//
// A command waits for a bank that BankHead names for the drain, reads samples (or pixels) 0..nb-1, of each the groups of 16
// of its existing lanes, and frees the bank after the last read, while the last groups are still on their way. Of the
// last group, lanes that do not exist are written as 0, with mask bit 0. Sample b lies in row b >> split of the bank, in lanes
// (b mod 2^split) * (256 >> split) and up; biases always start at lane 0 of the buffer (flag b1).
//
// # Ports
//
// Every In is another unit's register of the cycle before; every Out is a register.
//
//	In.Bus                    command bus of SEQ
//	In.Head, Out.Free         the bank that waits longest; Free, one cycle, releases it, and hides the head in the next one
//	In.Bias                   eight biases from the DMA; any cycle, but not into a buffer that a command uses
//	Out.Enc, In.EncRoom       a group to the encoder, sent only in a cycle in which EncRoom was seen. Blocks have k = block/16
//	                          groups (block 0: 4), the last one of a sample may have fewer: a group is number group mod k
//	                          of the block whose pointer is dst + sample*dstep + group/k. With flag new the encoder's
//	                          allocation restarts with the first block of sample 0
//	Out.Write, In.WriteRoom   a group to OMEM at word dst + sample*dstep + 4*group, likewise
//	Out.X, In.XRoom           a burst to external memory at byte dst + sample*dstep + 32*group, likewise
//	In.EncIdle, In.WriteIdle  everything that was seen is in memory; with flag x only In.XIdle is looked at
//	Out.Stat                  a status register, the cycle after SEQ asked; reading clears it
//	Out.Done, Out.Fault       a command retired; the first fault, for ever
//
// The mask memory has its own port for the drain: one 16-bit word a cycle, at mask + sample*mstep + group.
//
// # Timing
//
// Counted from the tick that sees the command on the bus to the one that sets Done, both included, when the bank is ready and
// nothing stalls, with G = nb * ceil(lanes/16):
//
//	drain.logit, drain.err   G + 4
//	drain.act                G + 4 + max(1, ceil(words/4)), words being the length of the last coded block
//
// The first is also that of flag x, when external memory stores a burst at once; the time that it takes is longer (it collects
// writes, package xmem) and comes on top.
//
// A group a cycle: computed in one cycle, on Out in the next. When the encoder or OMEM has no room, the pipeline stands. The
// bank is free G ticks after the start.
//
// Status: WaitOperand without a bank, WaitDrain without room or until the last group is stored, else Busy.
//
// # Arithmetic
//
// docs/arithmetic.md sections 2, 4, 7 and (drop) 11. The sum of the bank is taken modulo 2^AccBits, and again after adding the bias. Shift
// is -15..47; ties round away from zero; the result is clipped to 16 bits. Status register sat counts the clips and max
// keeps the largest absolute value, both before the ReLU and the dropout, of existing lanes, in drain.err only where the mask
// bit is 1. State.Wraps counts the sums that did not fit AccBits: the checking mode, not a register of the chip.
//
// # Events
//
// Under the command's tag, one a group: AccRead, BiasRead (act, logit), MaskRead (err without all), MaskWrite (act), DropRand
// (act with drop); DrainLane one an existing lane; ActiveDrain one a Busy cycle. BiasWrite one a burst, under its own tag.
//
// # Faults
//
// When the bank is taken: the limits of isa/REFERENCE.md. FaultXAddr: dst or dstep, or the last
// burst if that is outside. OMEM checks the addresses of blocks and groups.
//
// Paper: section 5.1 (feature maps go back to OMEM run-length compressed; batch of 32).
//
// # Not modelled
//
// The register stages between adder, shifter and clip: the arithmetic is one stage. Conflicts of drain and DEPC on the mask
// memory: each has a port.
package drain
