// Package rtl is the chip: thirteen units, the registers between them, and one clock.
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
//	SEQ  -- Bus: parameters, commands, gets -->  DMA, WLD, DNNC, DRAIN, LOSS, DEPC, MOM, NORM, EPC
//	SEQ  <-- Done -----------------------------  all of these
//	SEQ  <-- Stat -----------------------------  DRAIN, LOSS, DEPC, MOM, NORM, EPC
//
// Single lines are wires: fields of Wires, each a register, with the valid and room convention of
// package port. Double lines are memories that several units reach over ports: the accumulators,
// where each bank belongs to one unit at a time, and the f' mask memory, which has an arbiter.
//
//	seq       runs the program, issues commands, counts the outstanding commands of each mark
//	dma       external memory to encoder, raw maps, scratch, biases, feedback signs, and copies
//	wld       external memory or OMEM to WMEM, straight or transposed
//	dnnc      MACs, 256 of them: one non-zero x times one row of weights per cycle
//	drain     accumulators: bias, shift, round, clip, ReLU or f'; to OMEM or external memory
//	loss      softmax cross-entropy, e_L = p - y
//	errors    what depc and epc share
//	depc      errors of hidden layers from e_L and feedback signs, with adder trees
//	epc       errors of hidden layers from those above and a 16-bit matrix, with multipliers
//	lfsr      generates the signs
//	momentum  gradients, velocities and weights: the update
//	norm      maps in external memory: batch normalisation, ReLU, pooling, and their backward passes
//	omem      feature maps, run-length compressed, and raw errors; finds the taps of windows
//	xmem      LPDDR3 and its controller: ten ports
//
// NORM, EPC, DEPC and the hardware for fused schedules are optional (Config). DEPC and EPC share
// one write port, because only one of them works at a time.
//
// # A cycle
//
// Step first computes the inputs of all units from the wires of the previous cycle (connect: the
// netlist), then ticks the units. So the order of the ticks cannot matter, and a combinational loop
// cannot be written at all. A unit that is idle and that no input reaches is not ticked, nor is one
// that waits and in whose last tick nothing moved (Out.Asleep) before one of its inputs changes.
//
// # Pipelines
//
// Units work on different commands at the same time. The hardware interlocks only the WMEM buffers
// (full, freed) and the accumulator banks (Head, Free). For everything else that a command reads,
// the program waits. Forward, tiles of 64 inputs and 256 outputs:
//
//	WLD    |w tile 0 |w tile 1      |w tile 2      |
//	DNNC             |mac 0, first  |mac 1         |mac 2, last |mac 0, next outputs, other bank
//	DRAIN                                                       |act: 32 samples x 16 groups |
//	OMEM    decoders: non-zeros of block 0, 1, 2                 encoder: blocks of the outputs
//
// The errors of back-propagation go the same way with transposed tiles, raw streams and drain.err.
// Gradient and update, tiles of 64 inputs and 256 outputs:
//
//	WLD    |e: 32 samples |                                   |e of the next outputs
//	DNNC                  |grad 0..31  |grad 32..63  |   waits for a bank
//	MOM                                |half 0: rows 0..31         |half 1: rows 32..63        |
//	OMEM    corner-turn: 32 blocks in   element after element out, the next 32 blocks in
//	XMEM    W, V fetched ahead | W, V in and out                                               |
//
// With Config.Fused the update of one batch may run inside the forward pass of the next. A third
// accumulator bank lets the gradients g of 32 inputs run between the forward products p of a tile,
// and new weights go to the halves of WMEM buffer 1:
//
//	WLD    |e: 32 samples, into buffer 0                                |e of the next outputs
//	DNNC                  |g 0 |g 1 |  |p 0, first |g 2 |  |p 1 |g 3 |   ... |p n-1, last
//	MOM                        |rows 0..31     |rows 32..63    |rows 64..95   ...
//	WMEM 1                     | half 0        | half 1        | half 0       ...
//	DRAIN                                                                                |act
//
// The maps of a convolution lie raw in external memory. Strips of them (a few images, or a few rows
// of one) pass through OMEM, the next one being loaded while the current one is in use. A forward
// tile is 32, 64 or 128 output pixels, depending on whether 256, 128 or 64 channels leave room for
// one, two or four streams. A job is 64 rows of weights: the channels of one tap, or several taps.
// Here nine taps of 8 channels make two jobs:
//
//	DMA    |strip 0 -> OMEM    |  |strip 1 -> the other buffer              |
//	WLD                  |w 0 |w 1 |w 0             |w 1 |w 0
//	DNNC                      |taps 0..7, first |tap 8, last |taps 0..7, next pixels, other bank
//	DRAIN                                                    |logit x: 128 pixels x 1 group -> XMEM
//	OMEM    encoder           decoders: pixel by pixel, each with its taps; none outside the map
//	NORM                                       after all tiles are out: stat, fin, fwd: XMEM -> XMEM
//
// Errors go the same way with transposed tiles and flipped windows. The gradient swaps the loops:
// for each job it runs over all tiles of 32 pixels, one accumulation from first to last, then one
// update:
//
//	DMA    |strip 0         |strip 1                   |strip 0 for the next job
//	WLD                |e: 32 pixels |e    |e    |e    |e of the next job
//	DNNC                       |grad, first |grad |grad |grad, last |grad of the next job, first
//	MOM                                                             |half 0       |half 1       |
//	OMEM    encoder     corner-turn: the taps of 32 pixels in, element after element out
//
// # Cycle budget
//
// For one tile of 64 inputs x 256 outputs and 32 samples, with Z non-zeros among the 2,048 operands
// and no stalls caused by others. The formulas are those of the unit pages; a burst lands L = 13
// ticks after its request (open page, no contention).
//
//	wld.w                        1,024 + L                 64 rows x 16 groups, one burst per cycle
//	wld.w t                      31*(31 + L) + 48 + L      64 corner-turn arrays
//	wld.e                        512 + 2
//	dnnc.mac                     Z + 41                    dense 2,089: 32 swaps, an end, 8 to begin
//	                                                       and to the accumulators
//	dnnc.grad                    Z + 68                    dense 2,116: 64 swaps, 2 ends, 2; data ready
//	drain (once 256 outputs)     512 + 6, or up to 4 more  32 samples x 16 groups
//	dnnc.mac, 128 pixels         Z/4 + 41                  a window of 64 elements on four streams,
//	                                                       zeros evenly spread: dense 2,089;
//	                                                       pointers: a cycle per tap, pixel, shared
//	drain x (64 outputs)         512 + 6 + a write's time  128 pixels x 4 groups
//	dma.map (a strip)            a group of 16 + L + 5     one group per cycle
//	mom.w                        5,120 bus cycles          512 chunks, 5 bursts in and 5 out
//	depc.run (256 neurons)       16*32 + 7                 up to 16 classes, stored signs
//	epc.run (256 x 64), trees    64*32 + L + 22            64 blocks of 16 x 16 weights, 32 samples
//	epc.run (256 x 64), lanes    1,024 + Z + S + 512 + L + 21   Z non-zero errors in S samples that
//	                                                       have any: 3,650 dense
//	norm (64 channels, n pixels) 4n, 5n, 9n, 8n            stat; fwd and back without pooling; grad.
//	                                                       And 104, 54, 10 cycles per channel in
//	                                                       fin, grad, update
//
// So a forward tile is bound by the MACs when more than half of the operands are non-zero, and by
// external memory otherwise. A gradient tile is bound by external memory: the update occupies its
// bus for more than twice the cycles of a dense dnnc.grad. Direct feedback computes the errors of
// 256 neurons in a quarter of the cycles of one dense tile of back-propagation, which needs one
// tile for every 64 neurons of the layer above. The trees of the EPC take as long as such a tile,
// but run beside the DNNC. Its lanes take the first load and 512 cycles of rounding on top, once
// for all blocks of errors. The normalisation is bound by external memory: it reads and writes
// every map several times, 16 channels per burst.
package rtl
