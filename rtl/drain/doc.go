// Package drain is the way out of the accumulators. It reduces the rows of a bank to 16 bits, 16
// lanes per cycle, and sends them to the run-length encoder, or raw to OMEM or external memory.
//
//	Acc, Mask (err)       Sums                       Pipe                    Enc, Write, X, Mask
//	   |                   |                          |                             |
//	ask for ->| wrap ----> +-> |  shift, round ------> |  Sat, Max ----------------> | act: EncReq
//	 a group  |   BIAS 0/1 ^   |  saturate; 0 where    |  ReLU, drop (act) --------> | logit, err:
//	          |  (act, logit)  |  the mask is 0 (err)  |  f' to the mask memory      |   WriteReq
//	        mix (drop) --------+-----------------------+       (act)                 | with x: XReq
//
//	drain.act    o = max(z, 0) through the encoder; the mask bit of a lane is o != 0. With flag
//	             drop, o is 0 where the lane's bit of the group's word mix(seed ^ (ctr +
//	             sample*cstep + group)) is 0; the shift doubles the others. Parameter block cuts
//	             each sample into blocks of the compressed map
//	drain.logit  a = z, raw
//	drain.err    e = z without bias where the mask bit is 1, else 0; raw. With flag all every mask
//	             bit is 1
//
// Raw groups go to OMEM or, with flag x, to external memory: one burst each, little-endian.
//
// A command waits for a bank that BankHead assigns to the drain. It reads samples (or pixels)
// 0..nb-1, and of each the groups of 16 of its existing lanes. It frees the bank when the last
// group has come, while the last ones are still in flight. In the last group, lanes that do not exist are
// written as 0, with mask bit 0. Sample b lies in row b >> split of the bank, in lanes (b mod
// 2^split) * (L >> split) and up, where L is the number of lanes of the array. Biases always start
// at lane 0 of the buffer (flag b1).
//
// # Ports
//
//	In.Bus                    command bus of SEQ
//	In.Head, Out.Free         the bank that has waited longest; Free, one cycle, releases it and
//	                          hides the head in the next cycle
//	Out.Acc, In.Acc           a request for a group of the bank, and its accumulators a cycle later
//	Out.Mask, In.Mask         the same for a word of the f' mask memory, read (err) or written
//	                          (act), at mask + sample*mstep + group. The memory has one port,
//	                          where the drain comes first and never waits
//	In.Bias                   eight biases from the DMA, their index a multiple of 8; in any cycle,
//	                          but not into a buffer that a command uses
//	Out.Enc, In.EncRoom       a group to the encoder, sent only in a cycle that sees EncRoom.
//	                          Blocks have k = block/16 groups (block 0: 4); the last one of a
//	                          sample may have fewer. A group is number group mod k of the block
//	                          whose pointer is dst + sample*dstep + group/k. With flag new the
//	                          encoder's allocation restarts with the first block of sample 0: New
//	                          is set in all groups of that block
//	Out.Write, In.WriteRoom   a group to OMEM at word dst + sample*dstep + 4*group, likewise
//	Out.X, In.XRoom           a burst to external memory at byte dst + sample*dstep + 32*group,
//	                          likewise
//	In.EncIdle, In.WriteIdle  everything accepted is in memory; with flag x only In.XIdle counts
//	Out.Stat                  the requested status register, one cycle after SEQ's request; reading
//	                          clears it, and a group sent in the same cycle counts from then on
//	Out.Done, Out.Fault       a command retired; the first fault, sticky
//	Out.Asleep                nothing changes before a bank comes, a bias or something on the bus
//
// # Timing
//
// Counted from the tick that sees the command on the bus to the tick that sets Done, both included,
// when the bank is ready and nothing stalls, with G = nb * ceil(lanes/16):
//
//	drain.logit, drain.err   G + 6
//	drain.act                G + 6 + max(1, ceil(words/4)), with words the length of the last
//	                         coded block
//
// The first formula also holds for flag x when external memory stores a burst at once. Otherwise
// the time until the writes are committed (external memory collects writes, package xmem) comes on
// top.
//
// One group per cycle: asked for in one cycle, behind the bias in the next, rounded in the third,
// on Out in the fourth. When the encoder or OMEM has no room all stages stand still, and the
// memories go on to show what was read. The bank is free G + 1 ticks after the start.
//
// Memories have one port each: accumulators and BIAS are read once per group, a mask word is read
// or written once per group.
//
// Status: WaitOperand without a bank, WaitDrain without room or until the last group is stored,
// else Busy. The cycle after the last group is sent is Busy, too: the idle wires tell of it from the
// next one on. A command that faults is Idle from that cycle on.
//
// # Arithmetic
//
// docs/arithmetic.md sections 2, 4, 7 and (drop) 11. The sum of the bank is taken modulo 2^AccBits,
// and again after adding the bias. The shift is -15..47; ties round away from zero; the result is
// clipped to 16 bits. Status register sat counts the clips and max keeps the largest absolute
// value. Both are taken before ReLU and dropout, over existing lanes, in drain.err only where the
// mask bit is 1. State.Wraps counts the sums that did not fit AccBits: a check of the simulator,
// not a register of the chip.
//
// # Events
//
// Under the command's tag, one per group: AccRead, BiasRead (act, logit), MaskRead (err without
// all), MaskWrite (act), DropRand (act with drop). DrainLane, one per existing lane. BiasWrite, one
// per burst, under its own tag.
//
// Registers are clocked by group:
//
//	ActiveDrain       state: a cycle in which the drain works, is called or changes its status
//	ClockDrainRead    a group is asked for: Out.Acc, what goes with it, and the next one's place
//	ClockDrainMask    Out.Mask
//	ClockDrainSums    a group behind the biases: 16 sums, mask or hash
//	ClockDrainPipe    a group behind shift and clip
//	ClockDrainSend    a group is sent: the next one's address and mask word; the start of a command
//	ClockDrainCount   Sat and Max: a group is sent, or SEQ reads one of them; both at once count two
//	ClockDrainEnc     Out.Enc; ClockDrainWrite, Out.Write; ClockDrainX, Out.X
//	ClockDrainStat    Out.Stat
//	param, cmd        a parameter register, an entry of the queue
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
// A clock above 289 MHz, which would take further cuts: each costs a command a cycle, and nothing
// per group. Gate levels of 50 ps, by hand, with 10 for the register and the clock:
//
//	ask     check of a command: the product of samples and step 22, sums and comparisons 28,
//	        selection 9, and 10: 69 in the cycle of the bus; 38 in others
//	add     memory 20 (1 ns), its choice among 48 groups 16, sum 17, and 10: 63; mix: product 46
//	narrow  half added to the magnitude 18, shift 15, clip 8, sign 10, and 10: 61; mix: product 46
//	send    maximum of 16: four comparisons and one with Max, 50, and 10: 60
package drain
