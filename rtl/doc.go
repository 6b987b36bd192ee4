// Package rtl is the chip: eleven units, the registers between them and one clock.
//
//	 XMEM                                                                OMEM
//	  |                                                                   |
//	  |<-- X, W ------ Resp -->  DMA  ------------- Enc ----------------->|
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
//	  |              ACC 0/1  || |  | Free                                |
//	  |                       || v  |                                     |
//	  |                       || Head                                     |
//	  |                       ||  |                                       |
//	  |                       ++=====> DRAIN  ----- Enc, Write ---------->|
//	  |                       ||  |     ||                                |
//	  |                       ||  |     ||  MASK                          |
//	  |                       ||  |     ||                                |
//	  |                       ||  |    DEPC   <---- Req, Read, Write ---->|
//	  |                       ||  |     |  ^                              |
//	  |                       ||  |     v  | Start, Take; Full, Reg       |
//	  |                       ||  |    LFSR                               |
//	  |                       ||  |                                       |
//	  |                       ||  |    LOSS   <---- Req, Read, Write ---->|
//	  |                       ||  v                                       |
//	  |<-- Read, Write, Resp ->  MOM                                      |
//
//	SEQ  --- Bus: parameters, commands, gets --->  DMA, WLD, DNNC, DRAIN, LOSS, DEPC, MOM
//	SEQ  <-- Done ---------------------------------  all of these
//	SEQ  <-- Stat ---------------------------------  DRAIN, LOSS, DEPC, MOM
//
// Single lines are wires: fields of Wires, each a register, with valid and room as package port tells. Double lines are the
// memories that two units reach: the accumulators, of which a bank belongs to one unit at a time, and the f' mask memory.
//
//	seq       runs the program, issues commands, counts what is outstanding of which mark
//	dma       external memory <-> encoder, scratch, biases, feedback signs
//	wld       external memory or OMEM -> WMEM, straight or transposed
//	dnnc      256 MACs: one non-zero x times a row of weights a cycle
//	drain     accumulators -> bias, shift, round, clip, ReLU or f' -> OMEM
//	loss      softmax cross-entropy, e_L = p - y
//	depc      errors of hidden layers from e_L and feedback signs, by adder trees
//	lfsr      makes the signs
//	momentum  gradients, velocities and weights: the update
//	omem      feature maps, run-length compressed, and raw errors
//	xmem      LPDDR3 and its controller
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
// # Cycle budget
//
// For one tile of 64 inputs x 256 outputs and 32 samples, Z non-zeros among the 2,048 operands, without stalls by others. The
// formulas are those of the units' packages; a burst lands L = 13 ticks after its request (open page, nobody else).
//
//	wld.w                        1,024 + L                 64 rows x 16 groups, a burst a cycle
//	wld.w t                      31*(31 + L) + 48 + L      64 corner-turn arrays
//	wld.e                        512 + 2
//	dnnc.mac                     Z + 39                    dense 2,087: 32 swaps, an end, 6 for the start
//	dnnc.grad                    Z + 66                    dense 2,114: 64 swaps, 2 ends, its operands waiting already
//	drain (once 256 outputs)     512 + 4, or up to 4 more  32 samples x 16 groups
//	mom.w                        5,120 bus cycles          512 chunks, 5 bursts in and 5 out
//	depc.run (256 neurons)       16*32 + 6                 up to 16 classes, stored signs; 32 samples
//
// So a forward tile is bound by the MACs when more than half of the operands are non-zero and by external memory below; a
// gradient tile by external memory, whose bus the update needs for more than twice the cycles of a dense dnnc.grad; and the
// errors of direct feedback take a fourth of the cycles that their 256 neurons would take in one dense tile of
// back-propagation, which needs a tile for every 64 neurons of the layer above.
package rtl
