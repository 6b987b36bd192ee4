// Package epc is the error propagation core with multipliers. It computes the errors of a hidden
// layer from those of a layer above and a 16-bit matrix in external memory, as back-propagation and
// direct feedback alignment do. It is the baseline for the adder-only DEPC. Package errors has what
// both do.
//
// Tree, TreeGate:
//
//	XMEM --burst--> EPCW 0/1 (a tile) -- with its first sample --> W --> N trees of I multipliers
//
// LaneMask:
//
//	XMEM --burst--> corner-turn 0-2 (16 x 16) --columns--> EPCW 0/1 (64 errors x N*I neurons)
//	                                                          | row of the error
//	OMEM -> EPCE --> E (16) --> one non-zero error --> x N*I lanes, those with f' = 1 --> + --> Sum
//	(load)                                                           swap | EPCP (32 x N*I)      |
//	                                                                                  write <----/
//
// The matrix lies in blocks of 64 x 64 int16, row-major: neurons 64*kb.. and errors 64*jb.. at
// matrix + kb*kstep + jb*jstep, one row per neuron. The forward weights of the layer whose outputs
// are the errors lie the same way: no transposed copy is needed.
//
// TreeGate holds the operands of a multiplier where the error or the neuron's f' is 0, for which it
// reads f' with every pass; it takes the same cycles, if the mask memory gives a word for each
// group. LaneMask works through tiles of N*I neurons and, within each, tiles of 64 errors. In each
// it streams sample after sample, one non-zero error per cycle. A row of sums is swapped when the
// sample changes. After the last errors the sums of all samples are rounded, one group per cycle.
// None is a chip without the unit. All kinds give the same errors.
//
// Bursts are asked for, and land, tile by tile in the order in which the tiles are used, within a
// tile neuron after neuron. LaneMask fetches blocks of 16 neurons by 16 errors: of a tile of the
// lanes those of the first 16 neurons, error after error, then those of the next. A place that is
// used up in a cycle can be asked for in it; lanes release one with its last column, which they read
// only while one of the two tiles of EPCW was free in the cycle before.
//
// Ports beside those of package errors:
//
//	Out.X, In.XRoom         a request for a burst of weights, only in a cycle that sees XRoom
//	In.Resp                 a burst that was read, in order; always accepted: a tile is requested
//	                        when it has a place to land
//
// Memories, by accesses in a cycle: EPCW one write of 16 weights; a tile's reads at once (it is
// registers, counted as accesses of 16 of a small macro), of the lanes one row. The lanes read and
// write a row of EPCP.
//
// # Timing
//
// As package errors counts it, for 16 trees of 16 or 256 lanes, G = ceil(neurons/16), when a burst
// lands L cycles after its request. The first request is sent in the first cycle after the bus.
//
//	epc.load   3 + nb*P                              P = ceil(n/16) passes
//	epc.run    22 + L + nb + (G*P - 1)*max(nb, 16)   Tree, TreeGate: L up to 16
//	epc.run    21 + L + 16*G*P + C + nb*G            LaneMask: one tile, G up to 16, P up to 4, f'
//	                                                 bits in time
//
// Trees: a tile of max(N, 16) by max(I, 16) takes B bursts, one per 16 weights, and S cycles for
// its samples (nb times the parts; with 32 trees nb more for two groups). Larger S hide the bursts
// of the next tile; otherwise external memory bounds the run. In general, for S alike, tile i is
// requested from a_i = max(a_{i-1} + B, t_{i-2}) on, since it lands where tile i-2 was before it
// was taken. Its first sample is issued in t_i = max(t_{i-1} + S, a_i + B + L). The command takes 6
// cycles more than the last issue, and one more with product registers.
//
// LaneMask: C = Z + S, where Z counts the non-zero errors and S the swaps: one for each sample that
// has any (a sample that stays in the lanes from one tile to the next is not swapped). Weights
// arrive at one burst per cycle (L up to 17), B = 16*g*p for a tile of g groups and p passes. Tile
// i is complete in cycle c_i = max(c_{i-1}, u_{i-2}) + B_i, c_0 = 16 + L, where u_i is the cycle in
// which it is used up: a tile is written when the one two before it is done. It starts in c_i + 1,
// or when the tile before it is used up, and takes C_i cycles (1 if C_i is 0). So a tile is bound
// by external memory when fewer than half of the errors of 32 samples are non-zero. A swap waits
// until the f' bits of its sample are there: g words, one per cycle, and a cycle on the way, from
// the previous swap on (the first from cycle 1 on). A tile of neurons ends with one cycle in which
// the last row goes back (two with product registers) and nb*g cycles in which the sums come out,
// while the lanes stall; the command takes 3 cycles more.
//
// Status, besides: WaitMemory without weights, before WaitOperand without f' bits; lanes are Busy
// when an error is taken, a row swapped, a tile without errors passed or a group of sums read.
//
// Sums are modulo 2^acc_bits. The memories of the simulator hold 64-bit sums, taken modulo that at
// the rounding, which gives the same bits. Lanes whose f' is 0 stay 0.
//
// # Machine
//
// epc.kind; epc.errors, what the error buffer holds; epc.neurons and epc.inputs, N and I;
// epc.product_registers.
//
// # Events
//
// Under the command's tag, for 16 x 16, m = nb*G:
//
//	            Tree           TreeGate               LaneMask
//	EPCMul      16*n*m         errors not 0 x f' = 1  the same as TreeGate
//	EPCWWrite   16*G*P         16*G*P                 16*G*P: a column of 16 weights, one per burst
//	EPCWRead    16*G*P         16*G*P                 g per non-zero error
//	EPCERead    m*P            m*P                    one per 16 errors with a non-zero one, in each
//	                                                  tile of neurons
//	EPCPRead    m*(P-1)        m*(P-1)                g per swap that brings sums; one per group of
//	                                                  sums that is rounded
//	EPCPWrite   m*(P-1)        m*(P-1)                g per row that a swap writes back
//	MaskRead    m              m*P                    g per swap
//	CornerTurn  -              -                      16*G*P
//
// EPCEWrite is nb*P per load. An EPCPRead or EPCPWrite of trees is N sums, an EPCERead 16 errors.
// The lanes' own registers are clocked, and priced, with each product; W is with EPCWRead, the
// corner-turn arrays with CornerTurn. Rows in EPCP whose sample met no error are not read: they
// count as 0. Groups of registers beside those of package errors: fetch with a request; product,
// one register with each product; lane while the lanes move, row with a swap, ahead a word of f'
// bits read for the next one, flags the bits that find errors that are not 0, 8 of a sample at a
// time.
//
// With Config.Toggles the bits that change are counted as well: EPCToggleIn those of the errors and
// EPCToggleW those of the weights, at each multiplier or lane that works (for a product at most 16
// and 16). Trees: a gated multiplier keeps its operands; EPCToggleOut counts after each adder, 33
// bits at the products, one more at each level, and the sum at its root. In TreeGate a tree whose
// neuron's f' is 0 does not toggle. LaneMask: the lanes share one error; a lane keeps its weight
// while its f' is 0; EPCToggleOut counts its sum, changed by a product and not by a swap. Initially
// everything holds 0.
//
// # Gate levels
//
// As package errors counts them: choice of the operands 2, a multiplier of 16 by 16 bits 40, a tree
// of 32 products of 4:2 compressors 24 and its adder 16: 90 with 8 of margin. Product registers
// behind the multipliers (product_registers) cut that into 50 and 48; by themselves they are built
// above 222 MHz, and above 400 MHz no EPC is. Lanes: 2 + 40 + 16 + 8 = 66, likewise. The next
// sample of the lanes and the address of its f' bits: 12 + 25 + 15 + 8 = 60.
//
// Paper: none; the paper's core (section 5.2) has no multiplier. This is the usual alternative:
// section 2.1 for the rule.
//
// # Not modelled
//
// What the registers of a lane hold: they are counted, and take their cycles. That the 16 rows of a
// tile leave EPCW in one cycle; the time to find the next non-zero errors over tiles without any
// (one bit per 16 errors tells); the wires of the corner-turn.
package epc
