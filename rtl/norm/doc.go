// Package norm is the normalisation and pooling unit. It sums, normalises, rectifies and pools
// feature maps in external memory, takes errors back through all of that, and updates scales and
// shifts, 16 channels per cycle.
//
//	walk: cells, pixels, groups             channel memory (NORM)   sums (NORMSUM)
//	  |                                              |                 |  ^
//	  | request ahead                                v                 v  |
//	  v           +---------+                +-------------------------------+
//	xmem Norm --> | landing |-- take -> [A]->| lanes: xhat, u, e, max, sums  |--> [B] --> xmem NormW
//	              | 32      |   same walk    +-- cut by registers -----------+
//	              +---------+                   ^  v            ^
//	                                        lines (LINE)   [positions], [h]
//
//	per channel: sequencer, two restoring dividers, rsqrt table --> channel memory, sums
//
// # Maps
//
// A map lies in external memory pixel by pixel: image, y, x. Each pixel has its channels rounded up
// to 16, int16, little-endian, so that a group of 16 channels is a burst. Channels that do not
// exist are written as 0 and ignored when read. Positions: one burst per pooled pixel and 64
// channels; channel c of the 64 is in bits 4*(c mod 2)..+3 of byte c/2; nibbles of channels that do
// not exist are 15. A record has 64 bytes: int32 gamma, beta, vg, vb, rm, m, r, sh; int64 rv; 0.
// The pooled map has floor(h / pool) x floor(w / pool) pixels.
//
// # Commands
//
//	load, store    records <-> channel memory
//	stat           src -> sums
//	fin            sums -> m, r, sh, rm, rv of each channel; flag eval: rm, rv -> m, r, sh
//	fwd            src -> dst (pooled), pos; flag bn: normalised
//	back           aux (pooled), pos -> dst (full size, 0 outside the windows); flag bn: with src
//	               -> sums T1, T2
//	grad           sums -> a1, a2, g of each channel, beside the sums; then aux, src -> dst, which
//	               may be aux or src
//	update         sums -> gamma, beta, vg, vb of each channel
//
// stat, and back with bn, clear the sums of their channels. Order of work: image, row and column of
// windows, pixel of the window, group of channels. back treats the pixels outside all windows as
// truncated windows; stat and grad have windows of one pixel. fwd writes positions behind the last
// group of a block, at the last pixel of the window. At the first pixel of a window back reads
// positions before the first group of a block, then each group's errors before it. grad reads a
// group's errors, then its map. Commands run one after the other; nothing is read for a command
// before the older ones have retired.
//
// # Ports
//
//	In.Bus, In.Resp   command bus; an answer is ours when Resp.Port is port.XPortNorm
//	In.ReadRoom       of port.XPortNorm; In.WriteRoom, In.WriteIdle of port.XPortNormW
//	Out.Read, Write   a burst to read or write; Valid only in a cycle that sees room. At most 32
//	                  bursts are requested and not yet taken by the lanes
//	Out.Done          one cycle: the oldest command has retired, all its writes are in the memory.
//	                  WriteIdle counts from the second tick behind that which sends the last burst
//	Out.Stat          the status register last requested: sat, max; reading clears, and what is
//	                  told in the same tick counts from then on
//	Out.Fault         sticky, the unit stops: nothing moves from the next tick on
//	Out.Asleep        it waits, and nothing moves before an input changes
//	Out.Status        Busy: the command was checked, a stage or the sequencer moved, or a burst was
//	                  written. WaitMemory: a burst has not arrived or was not accepted, or the
//	                  command waits for WriteIdle
//
// # Latency and throughput
//
// A step moves at most one burst in and one out, and takes one cycle. With G groups of 16 channels,
// B blocks of 64, n pixels at full size and m pooled pixels, the number of steps S is
//
//	load, store   2 * chan                        stat   n * G
//	fwd           m * (pool^2 * G + B)            back   n * G + m * (G + B), with bn or without
//	grad          2 * n * G
//
// With memory that accepts and delivers one burst per cycle and answers L <= 31 cycles after
// Out.Read, a command retires this many cycles after the Tick that took it, the unit being idle and
// r the number of registers that cut the lanes:
//
//	load, stat   S + L + r + 2   fwd, back   S + L + r + 5              fin     104 * chan
//	store        S + r + 4       grad        54 * chan + S + L + r + 5  update  10 * chan, eval 12 * chan
//
// External memory has one data bus: grad, for one, moves three bursts in two steps.
//
// # The clock
//
// From a memory's output to register B an error goes through 289 gate levels, an activation through
// 238; machine.Config.Norm.Cuts, or else the clock, says how many registers cut that way
// (machine.Config.NormStages has its steps and where registers are fewest): three at 200 MHz. All
// steps move together, unless one stands in the last stage and B is not free, whether it writes or
// not; an empty A takes a step all the same. By hand, in levels: products 40 (16 bits) to 44 (26),
// additions of up to 64 bits 17, shifts 17, a memory's access 28, ten for a register and the clock.
// The status registers learn from register B, a cycle later: the largest of 16 magnitudes is 72
// levels away.
//
// The sequencer: a step of a divider 20 (a difference of 64 bits and its selection), m with V 73, n
// V 82, rsqrt in three cycles of at most 86, a velocity 86, a step of gamma or beta 101 in two
// cycles, running statistics 90 in two. Where a cycle has less than 90 levels besides its register,
// all that is neither reading nor dividing takes as many cycles as it has to for each of these: at
// 400 MHz three (fin 116, eval 36, grad 62, update 30 cycles a channel).
//
// # Memories
//
// A cycle reads at most ten macros of NORM once each: m, r, sh, gamma and beta of 16 channels, two
// macros of 256 bits each. NORMSUM and LINE are read and written once a cycle, with one port for
// each.
//
// # Arithmetic
//
// docs/arithmetic.md sections 7 and 8, to the bit. The command carries: shift = 26 - Fo (fwd), D -
// Fe + 30 - F (grad; sh/2 of the channel is subtracted here), gshift = D + 17 - Fv and tshift = Fv
// - 4 (update; for beta 12 and 6 less), n = nb * h * w, eps. Before a left shift values are clipped
// far outside the range of the result, so that nothing exceeds 63 bits and every clip of the result
// is seen. A divider computes 48 quotient bits, one per cycle: 2 cycles for reading, 48 for m
// beside S2/n, 2 for V and n V, 48 for Vu with rsqrt beside it, 4 for the rest make the 104 of fin.
// Values that no batch can produce give defined results: a quotient of more than 48 bits (sums of
// another n) and an X outside 1..2^62-1 are clipped; records are taken as they are, modulo 2^32 or
// 2^64.
//
// sat counts the clips of u (flag bn; only pixels in windows are normalised), of e, of gamma, beta
// and their velocities, existing channels only; those of xhat do not count. max is the largest
// abs(e) that norm.grad wrote, after the clip; no other command changes it.
//
// # Machine
//
// norm.channels, what the channel memory holds; norm.cuts.
//
// # Events
//
// Under the command's tag. Per existing element: NormStat (stat); NormLane (fwd with bn, and
// wherever xhat is recomputed: back with bn, grad); NormPool (fwd); NormBack (back with bn, in
// windows); NormGrad (grad). NormStep: a cycle of the sequencer. NormRead, NormWrite: 256 bits of
// records, that is, one per half record (load, store, and two or one per channel in fin, grad,
// update), two for a field of 16 channels (fwd 10, back and grad 6 per group). NormSumRead,
// NormSumWrite: a row of 16 channels, per group in stat, back and grad, once per 16 channels in the
// sequencer; the first pixel of stat and back is not read. LineRead, LineWrite: a group of a pixel
// in fwd, except the first read and the last write of a window; in back one write per pooled pixel
// and one read per pixel. Package xmem counts the external bursts.
//
// Registers: ActiveNorm, when anything moves or Status changes; ClockNormShape, per command;
// ClockNormAsk and ClockNormUse, per step of the two walks and one to begin; ClockNormLand, per
// burst that lands; ClockNormLanes, per step, all registers that it passes; ClockNormResult, per
// burst to write; ClockNormErrors, per group of errors read by grad; ClockNormPositions, per group
// of fwd and block of back; ClockNormDivide, per cycle of a divider; ClockNormChannel, once a
// channel in fin; ClockNormStats, per step that may clip, per lesson of the status registers and
// per one read; ClockNormRead and ClockNormWrite, per burst sent.
//
// # Faults
//
// The limits of isa/REFERENCE.md in its order, addresses at last; FaultXAddr: the address of a map
// or of the records, or of its last burst if only the end is outside.
//
// # Paper
//
// The public texts do not say where batch normalisation and pooling are computed; the unit is a
// choice.
//
// # Not modelled
//
// What the registers within the lanes hold: here operands travel, and the last stage does the work
// of all; clocks and bits of the registers are counted as they are. A sum, maximum or line is read,
// changed and written in the last stage, which takes 45 levels; above 363 MHz that needs a stage
// more and the forwarding of a row, 2,048 bits beside 15,500 of the unit. The second port of
// NORMSUM and LINE: their macros are priced as those with one. A record's half is one access of 256
// bits, though its fields lie in different macros. Pooling other than the maximum, overlapping
// windows, layer and group normalisation.
package norm
