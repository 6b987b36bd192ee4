// Package rtl is the chip: thirteen units, the registers between them and one clock.
//
//	 XMEM                                                                OMEM
//	  |                                                                   |
//	  |<-- X, W ------ Resp -->  DMA  <------------ Enc, Req, Read ------>|
//	  |                           |                                       |
//	  |                           +-- Scratch <-> SEQ                     |
//	  |                           +-- Bias --> DRAIN                      |
//	  |                           +-- Sign --> DEPC                       |
//	  |                                                                   |
//	  |<-- X --------- Resp -->  WLD  <------------ Req, Read ----------->|
//	  |                          |  ^                                     |
//	  |                     Tile |  | WFreed                              |
//	  |                          v  |                                     |
//	  |                         DNNC  <------------ Stream, X[0..3] ----->|
//	  |                       || |  ^                                     |
//	  |           ACC 0/1(/2) || |  | Free                                |
//	  |                       || v  |                                     |
//	  |                       || Head   (Upd: MOM -> DNNC, new weights)   |
//	  |                       ||  |                                       |
//	  |<-- X ---------------- ++=====> DRAIN  ----- Enc, Write ---------->|
//	  |                       ||  |     ||                                |
//	  |                       ||  |     ||  MASK                          |
//	  |                       ||  |     ||                                |
//	  |<-- X ---------------- || -|--  DEPC   <---- Req, Read, Write ---->|
//	  |                       ||  |     |  ^ ||                           |
//	  |                       ||  |     v  | || Start, Take; Full, Reg    |
//	  |                       ||  |    LFSR  ||                           |
//	  |                       ||  |          ||                           |
//	  |<-- X, W ------ Resp - || -|-->  EPC  ++ <-- Req, Read, Write ---->|
//	  |                       ||  |                                       |
//	  |                       ||  |    LOSS   <---- Req, Read, Write ---->|
//	  |                       ||  v                                       |
//	  |<-- Read, Write, Resp ->  MOM                                      |
//	  |                                                                   |
//	  |<-- Read, Write, Resp ->  NORM                                     |
//
//	SEQ  --- Bus: parameters, commands, gets --->  DMA, WLD, DNNC, DRAIN, LOSS, DEPC, MOM, NORM, EPC
//	SEQ  <-- Done ---------------------------------  all of these
//	SEQ  <-- Stat ---------------------------------  DRAIN, LOSS, DEPC, MOM, NORM, EPC
//
// Single lines are wires: fields of Wires, each a register, with valid and room as package port tells. Double lines are the
// memories that several units reach: the accumulators, of which a bank belongs to one unit at a time, and the f' mask memory.
//
//	seq       runs the program, issues commands, counts what is outstanding of which mark
//	dma       external memory <-> encoder, raw maps, scratch, biases, feedback signs, external memory
//	wld       external memory or OMEM -> WMEM, straight or transposed
//	dnnc      256 MACs: one non-zero x times a row of weights a cycle
//	drain     accumulators -> bias, shift, round, clip, ReLU or f' -> OMEM or external memory
//	loss      softmax cross-entropy, e_L = p - y
//	depc      errors of hidden layers from e_L and feedback signs, by adder trees
//	epc       errors of hidden layers from those above and a 16-bit matrix, by multipliers
//	lfsr      makes the signs
//	momentum  gradients, velocities and weights: the update
//	norm      maps in external memory: batch normalisation, ReLU, pooling, and their way back
//	omem      feature maps, run-length compressed, and raw errors; finds the taps of windows
//	xmem      LPDDR3 and its controller: ten ports
//
// NORM, EPC, DEPC and what fused schedules need may be left out (Config); DEPC and EPC share a write port, as a chip has one of them at work.
//
// # A cycle
//
// Step first computes the inputs of all units from the wires of the last cycle (connect: the netlist), then ticks the units.
// So the order of the ticks cannot matter and a combinational loop has no place to be written. A unit that idles and that
// nothing reaches is not ticked.
//
// # Pipelines
//
// Units work on different commands at the same time; only WMEM buffers (full, freed) and accumulator banks (Head, Free) are
// interlocked. Whatever else a command reads, the program waits for. Forward, tiles of 64 inputs and 256 outputs:
//
//	WLD    |w tile 0 |w tile 1      |w tile 2      |
//	DNNC             |mac 0, first  |mac 1         |mac 2, last |mac 0 of the next 256 outputs, other bank
//	DRAIN                                                       |act: 32 samples x 16 groups |
//	OMEM    decoders: non-zeros of block 0, 1, 2                 encoder: blocks of the outputs
//
// The errors of back-propagation take the same way with transposed tiles, raw streams and drain.err. Gradient and update,
// tiles of 64 inputs and 256 outputs:
//
//	WLD    |e: 32 samples |                                   |e of the next outputs
//	DNNC                  |grad 0..31  |grad 32..63  |   waits for a bank
//	MOM                                |half 0: rows 0..31           |half 1: rows 32..63          |
//	OMEM    corner-turn: 32 blocks in   element after element out, the next 32 blocks in
//	XMEM    W, V fetched ahead | W, V in and out                                                   |
//
// With Config.Fused the update of a batch may run inside the next one's forward pass. There is a third accumulator bank, so that
// gradients g of 32 inputs come between the forward products p of a tile, and new weights go to halves of WMEM buffer 1:
//
//	WLD    |e: 32 samples, into buffer 0                                |e of the next outputs
//	DNNC                  |g 0 |g 1 |  |p 0, first |g 2 |  |p 1 |g 3 |   ... |p n-1, last
//	MOM                        |rows 0..31     |rows 32..63    |rows 64..95   ...
//	WMEM 1                     | half 0        | half 1        | half 0       ...
//	DRAIN                                                                                |act
//
// A convolution's maps lie in external memory, raw; strips of them (some images, or some rows of one) come through OMEM, the
// next while this one is worked on. A forward tile is 32, 64 or 128 output pixels, as 256, 128 or 64 channels leave room for one, two
// or four streams; a job is 64 rows of weights, a tap's channels or several taps. Here nine taps of 8 channels, two jobs:
//
//	DMA    |strip 0 -> OMEM    |  |strip 1 -> the other buffer              |
//	WLD                  |w 0 |w 1 |w 0             |w 1 |w 0
//	DNNC                      |taps 0..7, first |tap 8, last |taps 0..7 of the next pixels, other bank
//	DRAIN                                                    |logit x: 128 pixels x 1 group -> XMEM |
//	OMEM    encoder           decoders: pixel after pixel, of each its taps; none where the window is outside
//	NORM                                                       when all tiles are out: stat, fin, fwd: XMEM -> XMEM
//
// Errors take the same way with transposed tiles and turned windows. The gradient turns the loops around: for each job all tiles
// of 32 pixels, an accumulation from first to last, and one update:
//
//	DMA    |strip 0         |strip 1                   |strip 0 for the next job
//	WLD                |e: 32 pixels |e    |e    |e    |e of the next job
//	DNNC                       |grad, first |grad |grad |grad, last |grad of the next job, first
//	MOM                                                             |half 0        |half 1        |
//	OMEM    encoder     corner-turn: the taps of 32 pixels in, element after element out
//
// # Cycle budget
//
// docs/pipelines.md has the formulas of all commands, with their tests. For one tile of 64 inputs
// and 256 outputs and 32 samples a load of weights takes 1,024 cycles, of errors 512; a dense
// dnnc.mac 2,087, a dense dnnc.grad 2,114; the drain, once for 256 outputs, 516; the update 5,120 on
// the bus of external memory; depc.run, for 256 neurons and 16 classes, 518; epc.run, for 256 neurons
// and 64 errors, 2,048 in trees and 3,649 in lanes; a norm command 4 to 9 for a pixel of 64 channels.
//
// So a forward tile is bound by the MACs when more than half of the operands are non-zero and by external memory below; a
// gradient tile by external memory, whose bus the update needs for more than twice the cycles of a dense dnnc.grad; and the
// errors of direct feedback take a fourth of the cycles that their 256 neurons would take in one dense tile of
// back-propagation, which needs a tile for every 64 neurons of the layer above. The trees of the EPC take as long as such a
// tile, but beside the DNNC; its lanes have the first load and 512 cycles of rounding on top, once for all blocks of
// errors. The normalisation is bound by external memory: it reads and writes every map several times, 16 channels a burst.
package rtl
