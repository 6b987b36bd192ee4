// Package momentum is the momentum unit. It updates weights, velocities and biases in external
// memory with the gradients in an accumulator bank, 16 lanes per cycle, with stochastic rounding of
// the weights.
//
//	xmem Mom --> receive --> +--------------+ --> operands --> [A] -> V' --> [B] -> W' --+--> Upd
//	  ^                      | chunk buffer |      ^    ^       g, d, mu V    eta V' + R |
//	  | fetch ahead          |   8 chunks   |      |    |                                |
//	  +-- queue walk         +--------------+ <----|----|--------------------------------+
//	                              |            accumulators  16 LFSRs <-- seeder (2 stages)
//	                              v            (bank, row)
//	                            write --> xmem MomW
//
// A chunk is 32 lanes of a row: two bursts of weights (four of biases), then three of velocities.
// Order of work: half (a bank of 32 rows), block of 64 lanes, row, chunk. Chunks whose lanes all
// lie beyond `lanes` are skipped; lanes beyond `lanes` in a chunk are written back as read.
//
// # Weights for WMEM
//
// With Config.Fused there is hardware for fused schedules: flag upd of mom.w. Its tile has up to 32
// rows, and the new weights also go to a half of WMEM buffer 1, where a forward pass finds them
// without a load:
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
//	Out.Free          one cycle: every gradient of the bank in Head has been read
//	Out.Upd           16 new weights to WMEM, always accepted: Buf is the half, Row counts from its
//	                  first row; Full with the last group of the command
//	Out.Done          one cycle: the oldest command has retired, all its writes are in the memory
//	Out.Stat          the status register last requested: satv, satw, maxv, maxw; reading clears
//	Out.Fault         sticky, the unit stops
//	Out.Status        Busy: a stage of the lanes moved, a burst was written, or the seeder is not
//	                  ready. WaitOperand: no bank. WaitMemory: a burst has not arrived or was not
//	                  accepted. WaitWeight: only the half of WMEM is not free
//
// # Memory
//
// Weights: blocks of 64 x 64 int16 (8,192 bytes), row = input k, column = output j, row-major,
// little-endian. Velocities: blocks of 64 x 64 three-byte two's complement (12,288 bytes), same
// order. Block c of a command lies at waddr + c * wstep and vaddr + c * vstep. Biases: contiguous
// int32 from waddr, their velocities three bytes each from vaddr, both padded to a multiple of 32
// lanes; mom.b ignores wstep and vstep. Every burst must be aligned and inside the memory.
//
// # Latency and throughput
//
// With memory that accepts and delivers one burst per cycle and answers L cycles after Out.Read, a
// command of n chunks of b bursts (mom.w: 5, mom.b: 7) retires b*n + b + L + 6 cycles after the
// Tick that took it, if its banks are ready, L >= 11 and each half-block has four chunks or more. A
// half-block with fewer takes the 17 cycles that the seeder needs for the next one. External memory
// has one data bus: at best 2*b cycles per chunk; with package xmem's default 11.5 cycles per chunk
// of weights were measured (64 x 256, weights and velocities in different halves of the memory).
//
// Reads are sent ahead as far as the ring of chunks has places, also for queued commands, without
// waiting for a bank. So a command reads from the moment it is queued: software must not queue it
// before other units' writes to its tensors are done. A command that touches a block of an older
// mom command in the queue is not read ahead before that one retires. Writes of the next command
// wait until the oldest has retired.
//
// Flag upd takes no cycles: a command whose half is free when its first operands could be read
// takes as long as the same command without upd. One that waited reads them in the tick that sees
// the release. A group leaves on Out.Upd in the weight stage, two ticks after its operands were
// read.
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
// words of a chunk are drawn even if its second group does not exist. The seeder computes mix(seed
// ^ (ctr + c*cstep + 16*half + lane)) for the half-block after the present one; two cycles per
// lane, pipelined.
//
// # Events
//
// Under the command's tag: MomLane, per existing lane; MomRand, per LFSR leap (lanes that exist in
// the block); AccRead, per group of 16 lanes; ChunkWrite, per burst received, and ChunkRead, per
// burst sent; ChunkRead and ChunkWrite, 3 each per group processed (one access of weights, two of
// velocities; biases 4), as the velocities of 16 lanes straddle a burst. ActiveMom, under the
// oldest command's tag, when anything moves. Out.Upd adds none here: the DNNC counts WMEMWrite,
// under the tag that is sent.
//
// # Faults
//
// The limits of isa/REFERENCE.md; FaultXAddr: the block's address, or that of its last burst if
// only the end is outside. A command is checked when the read-ahead reaches it, which may be before
// an older one retires.
//
// # Paper
//
// The dedicated momentum optimizer that updates the weights; its internals are a choice.
//
// # Not modelled
//
// Bank conflicts between receive, work and write in the chunk buffer (its bursts lie in seven
// 256-bit macros; each stage has its own cycle slot), and Nesterov or adaptive steps.
package momentum
