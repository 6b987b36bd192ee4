// Package norm is the normalisation and pooling unit. It sums, normalises, rectifies and pools
// feature maps in external memory, takes errors back through all of that, and updates scales and
// shifts, 16 channels per cycle.
//
//	walk: cells, pixels, groups             channel memory (NORM)   sums (NORMSUM)
//	  |                                              |                 |  ^
//	  | request ahead                                v                 v  |
//	  v           +---------+                +-------------------------------+
//	xmem Norm --> | landing |-- take -> [A]->| lanes: xhat, u, e, max, sums  |--> [B] --> xmem NormW
//	              | 32      |   same walk    +-------------------------------+
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
//	               may be aux
//	update         sums -> gamma, beta, vg, vb of each channel
//
// stat, and back with bn, clear the sums of their channels. Order of work: image, row and column of
// windows, pixel of the window, group of channels. back treats the pixels outside all windows as
// truncated windows; stat and grad have windows of one pixel. Commands run one after the other;
// nothing is read for a command before the older ones have retired.
//
// # Ports
//
//	In.Bus, In.Resp   command bus; an answer is ours when Resp.Port is port.XPortNorm
//	In.ReadRoom       of port.XPortNorm; In.WriteRoom, In.WriteIdle of port.XPortNormW
//	Out.Read, Write   a burst to read or write; Valid only in a cycle that sees room. At most 32
//	                  bursts are requested and not yet taken by the lanes
//	Out.Done          one cycle: the oldest command has retired, all its writes are in the memory
//	Out.Stat          the status register last requested: sat, max; reading clears
//	Out.Fault         sticky, the unit stops
//	Out.Status        Busy: the command was checked, a stage or the sequencer moved, or a burst was
//	                  written. WaitMemory: a burst has not arrived or was not accepted
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
// Out.Read, a command retires this many cycles after the Tick that took it, the unit being idle:
//
//	load, stat   S + L + 2    fwd, back   S + L + 5              fin      104 * chan, eval 12 * chan
//	store        S + 4        grad        54 * chan + S + L + 5  update   10 * chan
//
// External memory has one data bus: grad, for one, moves three bursts in two steps.
//
// # Arithmetic
//
// docs/arithmetic.md sections 7 and 8, to the bit. The command carries: shift = 26 - Fo (fwd), D -
// Fe + 30 - F (grad; sh/2 of the channel is subtracted here), gshift = D + 17 - Fv and tshift = Fv
// - 4 (update; for beta 12 and 6 less), n = nb * h * w, eps. Before a left shift values are clipped
// far outside the range of the result, so that nothing exceeds 63 bits and every clip of the result
// is seen. A divider computes 48 quotient bits, one per cycle: 2 cycles for reading, 48 for m
// beside S2/n, 2 for V and X, 48 for Vu with rsqrt beside it, 4 for the rest make the 104 of fin.
// Values that no batch can produce give defined results: a quotient of more than 48 bits (sums of
// another n) and an X outside 1..2^62-1 are clipped; records are taken as they are, modulo 2^32 or
// 2^64.
//
// sat counts the clips of u (flag bn; only pixels in windows are normalised), of e, of gamma, beta
// and their velocities, existing channels only; those of xhat do not count. max is the largest
// abs(e) that norm.grad wrote, after the clip; no other command changes it.
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
// and one read per pixel. ActiveNorm: a cycle in which anything moved. Package xmem counts the
// external bursts.
//
// # Faults
//
// The limits of isa/REFERENCE.md; FaultXAddr: the address of a map or of the records, or of its
// last burst if only the end is outside.
//
// # Paper
//
// The public texts do not say where batch normalisation and pooling are computed; the unit is a
// choice.
//
// # Not modelled
//
// The stages of the lanes: two multiplications, shifts and additions in a row are one step from A
// to B, and a sum, maximum or line read right after it was written is seen (in hardware: more
// registers, and forwarding). The layout of the channel memory by which both a record and a field
// of 16 channels are words of 256 bits. Pooling other than the maximum, overlapping windows, layer
// and group normalisation.
package norm
