// Package epc is the error propagation core with multipliers. It computes the errors of a hidden
// layer from those of a layer above and a 16-bit matrix in external memory, as back-propagation and
// direct feedback alignment do. It is the baseline for the adder-only DEPC.
//
// Tree, TreeGate:
//
//	XMEM --burst--> EPCW 0/1 (16 x 16) -- issue --> W (16 x 16) --\
//	                                        1                      v
//	OMEM -> EPCE ------------------------ issue --> E (16) -> 16 trees of 16 multipliers -> + -> Sum
//	(load)                                  1                      2                  EPCP  3     |
//	                                                                     write <-- f' <---------- 4
//
// LaneMask:
//
//	XMEM --burst--> corner-turn 0-2 (16 x 16) --columns--> EPCW 0/1 (64 errors x 256 neurons)
//	                                                          | row of the error
//	OMEM -> EPCE --> E (16) --> one non-zero error --> x 256 lanes, those with f' = 1 --> + --> Sum
//	(load)                                                           swap | EPCP (32 x 256)      |
//	                                                                                  write <----/
//
// epc.load copies nb rows of n errors from OMEM into the error buffer. epc.run computes the errors
// of all neurons of a layer from them; errors, up to 4,096, and samples are those of the latest
// load, and a run ignores parameters n and nb. The matrix lies in blocks of 64 x 64 int16,
// row-major: neurons 64*kb.. and errors 64*jb.. at matrix + kb*kstep + jb*jstep, one row per
// neuron. The forward weights of the layer whose outputs are the errors lie the same way: no
// transposed copy is needed.
//
// Tree works like the DEPC: groups of 16 neurons; per group one pass for every 16 errors; each pass
// takes the 16 x 16 weights once and then issues one sample per cycle. TreeGate holds the operands
// of a multiplier where the error or the neuron's f' is 0; it takes the same cycles. LaneMask works
// through tiles of 256 neurons and, within each, tiles of 64 errors. In each it streams sample
// after sample, one non-zero error per cycle. A row of sums is swapped when the sample changes.
// After the last errors the sums of all samples are rounded, one group per cycle. None is a chip
// without the unit. All kinds give the same errors.
//
// Ports (every In is another unit's register, as of the previous cycle; every Out is a register):
//
//	In.Bus                  command bus of SEQ
//	In.Read, Out.Req,       stream of errors out of OMEM; ReadRoom stays set throughout a load,
//	In.ReqRoom, ReadRoom    since a group goes straight into the error buffer
//	Out.X, In.XRoom         a request for a burst of weights, only in a cycle that sees XRoom
//	In.Resp                 a burst that was read, in order; always accepted: a block is requested
//	                        when it has a place to land
//	Out.Write, In.WriteRoom a group of errors to OMEM; sent only in a cycle that sees WriteRoom
//	In.WriteIdle            all writes that OMEM has accepted are committed
//	Out.W, In.WRoom, WIdle  the same to external memory, with flag x
//	Out.Stat                the requested status register, one cycle after SEQ's request; reading
//	                        clears it
//	Out.Done, Out.Fault     a command retired, all its writes committed; the first fault, sticky
//
// # Timing
//
// Counted from the cycle that sees the command on the bus to the one that sets Done, both included,
// when the unit was idle, nothing stalls and a burst lands L cycles after its request. The first
// request is sent in the first cycle (0).
//
//	epc.load   2 + nb*P                              P = ceil(n/16) passes; OMEM answers the request
//	                                                 in its next cycle
//	epc.run    21 + L + nb + (G*P - 1)*max(nb, 16)   Tree, TreeGate: L up to 16,
//	                                                 G = ceil(neurons/16)
//	epc.run    20 + L + 16*G*P + C + nb*G            LaneMask: one tile, G up to 16, P up to 4, f'
//	                                                 bits in time
//
// Trees: one sample is issued per cycle; a group issued in cycle t is on its way out in t+3. A
// batch of 16 or more hides the bursts of the next block, 16 per block; a smaller one is bound by
// external memory. In general block i is requested from a_i = max(a_{i-1} + 16, t_{i-2}) on, since
// it lands where block i-2 was before it was taken. Its first sample is issued in t_i = max(t_{i-1}
// + nb, a_i + 16 + L). The command takes 6 cycles more than the last issue.
//
// LaneMask: C = Z + S, where Z counts the non-zero errors and S the swaps: one for each sample that
// has any (a sample that stays in the lanes from one tile to the next is not swapped). Weights
// arrive at one burst per cycle (L up to 17), B = 16*g*p for a tile of g groups and p passes. Tile
// i is complete in cycle c_i = max(c_{i-1}, u_{i-2}) + B_i, c_0 = 15 + L, where u_i is the cycle in
// which it is used up: a tile is written when the one two before it is done. It starts in c_i + 1,
// or when the tile before it is used up, and takes C_i cycles (1 if C_i is 0). So a tile is bound
// by external memory when fewer than half of the errors of 32 samples are non-zero. A swap waits
// until the f' bits of its sample are there: g words, one per cycle, from the previous swap on (the
// first from cycle 0 on). A tile of neurons ends with one cycle in which the last row goes back and
// nb*g cycles in which the sums come out, while the lanes stall; the command takes 3 cycles more.
//
// Status is that of the trees or lanes: Busy when a sample is issued, an error taken, a row swapped
// or a group of sums read (or the pipeline empties after the last); WaitMemory without weights;
// WaitOperand without the stream or the f' bits; WaitDrain when the memory accepts no write (trees
// or lanes stall as a whole; weights continue to land) or has not committed the last one.
//
// # Arithmetic
//
// docs/arithmetic.md sections 4 and 10: e = f' ? sat_16(away(wrap_A(sum of M * e_above), shift)) :
// 0, A = AccBits. The memories of the simulator hold 64-bit sums, taken modulo 2^A at the rounding,
// which gives the same bits. Saturations and the maximum count where f' is 1. With flag all every
// f' is 1 and the mask memory is not read. Lanes whose f' is 0 stay 0.
//
// # Parameters
//
// Kind, one of the kinds above; Errors, the capacity of the error buffer; AccBits, the width of the
// sums, and Toggles, which the chip fills in.
//
// # Events
//
// Under the command's tag, m = nb*G:
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
// EPCEWrite is nb*P per load. ActiveEPC counts cycles in which a register of the trees or lanes was
// clocked; they are gated while they wait, whatever lands. The lanes' own registers are clocked,
// and priced, with each product; W is, once per block, with EPCWRead. Rows in EPCP whose sample met
// no error are not read: they count as 0. Counters of errors, passes, tiles and blocks are clocked
// with the bits that 1,024 errors need, or as many as a larger chip needs.
//
// With Config.Toggles the bits that change are counted as well: EPCToggleIn those of the errors and
// EPCToggleW those of the weights, at each multiplier or lane that works (for a product at most 16
// and 16). Trees: a gated multiplier keeps its operands; EPCToggleOut counts after each adder, 33
// bits at the products to 36 at the top of a tree, and the sum at its root, AccBits. In TreeGate a
// tree whose neuron's f' is 0 does not toggle. LaneMask: the lanes share one error; a lane keeps
// its weight while its f' is 0; EPCToggleOut counts its sum, changed by a product and not by a
// swap. Initially everything holds 0.
//
// # Faults
//
// The limits of isa/REFERENCE.md; FaultIllegal without a unit (None); FaultParam: n with value 0
// when a run finds nothing loaded; FaultXAddr: what is not aligned, or the last burst or block. OMEM
// checks the addresses of its stream and writes.
//
// Paper: none; the paper's core (section 5.2) has no multiplier. This is the usual alternative:
// section 2.1 for the rule.
//
// # Not modelled
//
// The register cuts inside a multiplier and a tree (one stage) and between operand and accumulator
// of a lane; the latency of the memories; that the 16 rows of a block leave EPCW in one cycle (it
// is registers, counted as 16 accesses of a small macro); the time to find the next non-zero errors
// (one bit per 16 errors tells); the wires of the corner-turn.
package epc
