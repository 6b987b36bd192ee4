// Package momentum is the momentum unit. It updates weights, velocities and biases in external
// memory with the gradients in an accumulator bank, 8, 16 or 32 lanes per cycle, with stochastic
// rounding of the weights.
//
//	xmem Mom --> receive --> [fetched] --> operands --> | lanes, cut by registers | --+--> Upd
//	  ^                          chunks       ^    ^      V', then W'                 |
//	  | fetch ahead                           |    |               [results] <--------+
//	  +-- check <-- queue                     |    |                chunks   show --> xmem MomW
//	                             accumulators |  16 LFSRs <-- seeder (2 stages)
//	                             (Acc)
//
// A chunk is 32 lanes of a row: two bursts of weights (four of biases), then three of velocities.
// Order of work: half (a bank of 32 rows), block of 64 lanes, row, chunk. Chunks whose lanes all
// lie beyond `lanes` are skipped; lanes beyond `lanes` in a chunk are written back as read.
//
// # Weights for WMEM
//
// With machine.Config.Fused there is hardware for fused schedules: flag upd of mom.w. Its tile has
// up to 32 rows, and the new weights also go to a half of WMEM buffer 1, where a forward pass finds
// them without a load:
//
//	half 0 (without b1)   rows 0..31
//	half 1 (b1)           rows 32..63
//
// Group g of a row lies in lanes 16g and up, 2^split times, 256 >> split lanes apart.
//
// A half may be filled when the DNNC has released it as often as it was filled (State.Filled,
// modulo 256). The command reads ahead all the same, but its first operands wait for that and for
// the bank; then it counts the half as filled. Each existing group of 16 lanes of each row is sent
// once, in the order of work. Lanes that do not exist in the last group of a row are sent as read.
// Commands without upd neither wait nor count.
//
// A block of 64 rows takes two such commands. With waddr 4,096 bytes, vaddr 6,144 bytes and ctr 16
// further on for the second, they produce the weights and velocities of one command without upd,
// bit for bit.
//
// # Ports
//
//	In.Bus, In.Resp   command bus; an answer is ours when Resp.Port is port.XPortMom
//	In.ReadRoom       of port.XPortMom; In.WriteRoom, In.WriteIdle of port.XPortMomW
//	In.Head           the bank that has waited longest; taken when ToMom is set; not valid in the
//	                  cycle after Free
//	In.Freed          releases of each half of WMEM buffer 1 by the DNNC, modulo 256; only for upd
//	Out.Read, Write   a burst to read or write; Valid only in a cycle that sees room
//	In.Acc            the group of accumulators asked for in the cycle before; with 32 lanes also
//	                  the one behind it
//	Out.Free          one cycle: every gradient of the bank in Head has been asked for
//	Out.Acc           asks for a group of the bank in Head; with 32 lanes of two, the first one even
//	Out.Upd           16 new weights to WMEM, always accepted: Buf is the half, Row counts from its
//	                  first row; Full with the last group of the command
//	Out.Done          one cycle: the oldest command has retired, all its writes are in the memory.
//	                  WriteIdle counts from the second tick behind that which sends the last burst
//	Out.Stat          the status register last requested: satv, satw, maxv, maxw; reading clears,
//	                  and a part that is told in the same tick counts from then on
//	Out.Fault         sticky, the unit stops: nothing moves from the next tick on
//	Out.Asleep        it waits, and nothing moves before an input changes
//	Out.Status        Busy: a part of a chunk was asked for or moved on, up to the status registers,
//	                  a burst was written, or the seeder is not ready. WaitOperand: a chunk has been
//	                  opened, but there is no bank, whatever else is missing. WaitMemory: no chunk
//	                  is open, a burst has not arrived, was not accepted, or arrives where the next
//	                  part would be read. WaitWeight: only the half of WMEM is not free. Checks,
//	                  reads ahead and the wait for WriteIdle alone do not make it Busy
//
// # Memory
//
// Weights: blocks of 64 x 64 int16 (8,192 bytes), row = input k, column = output j, row-major,
// little-endian. Velocities: blocks of 64 x 64 three-byte two's complement (12,288 bytes), same
// order. Block c of a command lies at waddr + c * wstep and vaddr + c * vstep. Biases: contiguous
// int32 from waddr, their velocities three bytes each from vaddr, both padded to a multiple of 32
// lanes; mom.b ignores wstep and vstep. Every burst must be aligned and inside the memory.
//
// # Chunk memories
//
// Two memories, `fetched` and `results`, hold Chunks chunks each, at the same places of a ring.
// Each has seven macros of 256 bits, one for each burst of a chunk: four of weights or biases,
// three of velocities. A macro has one port. In a cycle a burst lands in one macro of `fetched`,
// and one part of a chunk is read from those that it touches (with 16 lanes one of weights or two
// of biases, and two of velocities): not in a cycle in which one of them takes a burst. In
// `results` a part is written, and any other macro whose burst has been sent is read: the next one
// to send stands at its output until then. Those are the bursts that are left of the chunk that is
// sent, and in the other macros those of the next one, if all parts of it were written in earlier
// ticks. So five or six accesses a cycle meet nowhere, and nothing written ever waits.
//
// A place of the ring is taken in the tick that asks for a chunk's first burst, and is free again
// in the tick that sends its last one.
//
// The accumulators are read through Acc: one access a cycle, of 16 lanes; with 8 lanes twice the
// same one, with 32 lanes two macros at once.
//
// # Latency and throughput
//
// With memory that accepts and delivers one burst per cycle and answers L cycles after Out.Read, a
// command of n chunks of b bursts (mom.w: 5, mom.b: 7) retires b*n + b + L + e cycles after the
// Tick that took it, if its banks are ready, L >= 12 and each half-block has four chunks or more.
// With 16 lanes and two registers that cut them e is 8 for one chunk, and for more 9 (mom.w) or 11
// (mom.b): the first time that accesses meet. A half-block with fewer chunks takes the 17 cycles
// that the seeder needs for the next one. External memory has one data bus: at best 2*b cycles per
// chunk; with package xmem's default 11.5 cycles per chunk of weights were measured (64 x 256,
// weights and velocities in different halves of the memory), with any number of lanes.
//
// Commands are checked as they come, one after another, from the tick that takes them on: a cycle
// for the parameters, then one for each pair of a block of 64 lanes of the command and one of an
// older command in the queue, the oldest first. If that retires meanwhile, the comparison begins
// again with the next one. Commands are read ahead from the tick behind the check's last one. Reads
// of checked commands are sent ahead as far as the ring of chunks has places, without waiting for a
// bank. So a command reads from the moment it is queued: software must not queue it before other
// units' writes to its tensors are done. A command that touches a block of an older one is not read
// ahead before that one retires. Writes of the next command wait until the oldest has retired.
//
// Flag upd takes no cycles: a command whose half is free when its first operands could be read
// takes as long as the same command without upd; with 32 lanes its parts are two cycles apart, as
// WMEM takes 16 weights a cycle. One that waited asks for them in the tick that sees the release. A
// group leaves on Out.Upd when its results are written: with two registers three ticks after its
// operands were asked for.
//
// # The clock
//
// A part stands at the outputs of the memories in the cycle after it was asked for, and is worked
// on until its results are written, 231 gate levels later; machine.Config.Momentum.Cuts, or else
// the clock, says how many registers cut that way (machine.Config.MomentumStages has its steps and
// where registers are fewest): two at 200 MHz, behind the products mu V and lambda W and within the
// product eta V'. A register with new weights follows, from which the status registers learn the
// largest magnitude in one more cycle, or as many as it takes. By hand, in levels: a product of 16
// bits 40, 62-bit additions 17, shifts of up to 62 places 17, a memory's access with the selection
// behind it 28, ten for a register and the clock.
//
// The other paths, without cuts: a pair of blocks 66 (the address of a block two additions, its end
// one, a comparison, 14 each, and 10), the check of a command 76 (all blocks at once), the seeder
// 85 (a counter of two additions, then a product by a constant), and a walk's address 45.
//
// # Arithmetic
//
// docs/arithmetic.md section 5, to the bit:
//
//	g  = away(G, gshift)     d = away(lambda * W, dshift)
//	V' = sat24(trunc0(mu * V, 16) + g + d)
//	W' = sat16(W - ((eta * V' + R) >> tshift))              R: the word r aligned under the shift
//	b' = sat32(b - away(eta * vb', tshift))                 biases: no d, no random word
//
// Shifts: gshift -14..62, dshift -30..62, tshift 0..62 (mom.b -22..62), so that no value needs more
// than 63 bits if accumulators have at most 48. A word is the low half of its lane's LFSR, which
// then leaps by 16 bits; where a block has one chunk only, the second group leaps by 48. The two
// words of a chunk are drawn even if its second group does not exist. There are 16 LFSRs whatever
// the number of lanes: lane t of a group has the t-th; with 32 lanes each gives two words. The
// seeder computes mix(seed ^ (ctr + c*cstep + 16*half + lane)) for the half-block after the present
// one; two cycles per lane, pipelined. It works on commands that were checked; mom.b costs it a
// cycle. The LFSRs take their starts with the first operands of a half-block, in the tick behind
// the one that asks for them; the seeder goes on in that tick.
//
// # Machine
//
// momentum.lanes, momentum.chunks, momentum.cuts, and fused.
//
// # Events
//
// Under the command's tag: MomLane, per existing lane; MomRand, per LFSR leap (lanes that exist in
// the block); AccRead, per group of 16 lanes; ChunkWrite, per burst received, and ChunkRead, per
// burst shown; ChunkRead and ChunkWrite, one for each macro that a part touches (16 lanes: 3 with
// weights, 4 with biases), also for parts without existing lanes, which are copied. Out.Upd adds
// none here: the DNNC counts WMEMWrite, under the tag that is sent.
//
// Registers: ActiveMom, when anything moves or Status changes; ClockMomAsk, per part asked for;
// ClockMomChunk, per chunk begun; ClockMomSeeder and ClockMomSeed, per lane of the seeder's first
// and second stage; ClockMomLFSR, per LFSR that gets a seed or leaps; ClockMomLanes, per part, all
// registers that it passes; ClockMomStats, per part told and per status register read;
// ClockMomRead, ClockMomWrite and ClockMomUpd, per burst or group that leaves.
//
// # Faults
//
// The limits of isa/REFERENCE.md in its order, block by block at last, weights before velocities;
// FaultXAddr: the block's address, or that of its last burst if only the end is outside. A command
// may be checked, and raise its fault, before an older one retires.
//
// # Paper
//
// The dedicated momentum optimizer that updates the weights; its internals are a choice.
//
// # Not modelled
//
// What the registers within the lanes hold: here operands travel, and the work is done where
// results are written; clocks and bits of the registers are counted as they are. Cuts of the seeder
// and of the checks above 200 MHz: some cycles per half-block of the former, hidden but where one
// has less than four chunks; some per command of the latter. Nesterov or adaptive steps.
package momentum
