// Package epc is the error propagation core with multipliers: it computes the errors of a hidden layer from those of a layer
// above and a 16-bit matrix in external memory, as back-propagation and direct feedback alignment do; it is what the
// adder-only DEPC is compared with.
//
// Tree, TreeGate:
//
//	XMEM --burst--> EPCW 0/1 (16 x 16) --- issue ---> W (16 x 16) --\
//	                                         1                       v
//	OMEM -> EPCE ------------------------- issue ---> E (16) ---> 16 trees of 16 multipliers ---> + ---> Sum ---> write
//	(load)                                   1                       2                          EPCP 3             4 ^
//	                                                                                                        f' -----/
//
// LaneMask:
//
//	XMEM --burst--> corner-turn 0-2 (16 x 16) --columns--> EPCW 0/1 (64 errors x 256 neurons)
//	                                                          | row of the error
//	OMEM -> EPCE ---> E (16) ---> one error that is not 0 ---> x 256 lanes, those with f' = 1 ---> + ---> Sum ---> write
//	(load)                                                                         swap | EPCP (32 x 256)
//
// epc.load copies nb rows of n errors from OMEM into the error buffer. epc.run makes the errors of all neurons of a layer
// from them; errors, up to 4,096, and samples are those of the latest load, and a run ignores parameters n and nb. The
// matrix lies in blocks of 64 x 64 int16, row-major: neurons 64*kb.. and errors 64*jb.. at matrix + kb*kstep + jb*jstep, a
// row a neuron. That is how the forward weights of the layer above lie, whose outputs are the errors: no transposed copy is
// needed.
//
// Tree works as the DEPC does: groups of 16 neurons; for each group a pass for every 16 errors; in each pass it takes the 16
// x 16 weights once and then issues one sample a cycle. TreeGate keeps the operands of a multiplier still where the error
// is 0 or the neuron's f' is; it takes the same cycles. LaneMask works through tiles of 256 neurons; for each through
// tiles of 64 errors; in each it streams sample after sample, an error that is not 0 a cycle. A row of sums is swapped
// when the sample changes. After the last errors the sums of all samples go through the rounding, a group a cycle. None is
// a chip without the unit. All kinds give the same errors.
//
// Ports (every In is another unit's register of the cycle before; every Out is a register):
//
//	In.Bus                 command bus of SEQ
//	In.Read, Out.Req,      stream of errors out of OMEM; ReadRoom holds all through a load, for a group goes straight into
//	In.ReqRoom, ReadRoom   the error buffer
//	Out.X, In.XRoom        a burst of weights is asked for, only in a cycle in which XRoom was seen
//	In.Resp                a burst that was read, in order; taken always: a block is asked for when it has a place to land
//	Out.Write, In.WriteRoom   a group of errors to OMEM; sent only in a cycle in which WriteRoom was seen
//	In.WriteIdle           all writes that OMEM has seen are committed
//	Out.W, In.WRoom, WIdle    the same to external memory, with flag x
//	Out.Stat               a status register, the cycle after SEQ asked; reading clears it
//	Out.Done, Out.Fault    a command retired, all its writes committed; the first fault, for ever
//
// # Timing
//
// Counted from the cycle that sees the command on the bus to the one that sets Done, both included, when the unit was idle,
// nothing stalls and a burst lands L cycles after the one that asked for it. The first is asked for in the first cycle (0).
//
//	epc.load   2 + nb*P                              P = ceil(n/16) passes; OMEM answers the request in its next cycle
//	epc.run    21 + L + nb + (G*P - 1)*max(nb, 16)   Tree, TreeGate: L up to 16, G = ceil(neurons/16)
//	epc.run    20 + L + 16*G*P + C + nb*G            LaneMask: one tile, G up to 16, P up to 4, f' bits in time
//
// Trees: one sample is issued a cycle; a group issued in cycle t is on its way out in t+3. A batch of 16 or more hides the
// bursts of the next block, 16 a block; a smaller one is bound by external memory. In general block i is asked for from
// a_i = max(a_{i-1} + 16, t_{i-2}) on, for it lands where block i-2 left when it was taken; its first sample is issued in
// t_i = max(t_{i-1} + nb, a_i + 16 + L), and the command takes 6 cycles more than the last issue.
//
// LaneMask: C = Z + S; Z counts the errors that are not 0, S the swaps: one for each sample that has any (a sample that
// stays in the lanes from one tile to the next is not swapped). Weights come at a burst a cycle (L up to 17), B = 16*g*p
// for a tile of g groups and p passes. Tile i is complete in cycle c_i = max(c_{i-1}, u_{i-2}) + B_i, c_0 = 15 + L, where
// u_i is the cycle in which it is used up: a tile is written when the one two before is. It is begun in c_i + 1, or when
// the tile before it is used up, and takes C_i cycles (1 if C_i is 0). So a tile is bound by external memory when fewer
// than half of the errors of 32 samples are not 0. A swap waits until the f' bits of its sample are there: g words, one a cycle, from the
// swap before on (the first from cycle 0 on). A tile of neurons ends with a cycle in which the last row goes back and nb*g
// in which the sums come out, while the lanes stand still; the command takes 3 cycles more.
//
// Status is that of the trees or lanes: Busy when a sample is issued, an error taken, a row swapped or a group of sums read
// (or the pipeline empties behind the last); WaitMemory without weights; WaitOperand without the stream or the f' bits;
// WaitDrain when the memory takes no write (trees or lanes stand still as a whole; weights go on landing) or has not
// committed the last one.
//
// # Arithmetic
//
// docs/arithmetic.md sections 4 and 10: e = f' ? sat_16(away(wrap_A(sum of M * e_above), shift)) : 0, A = AccBits. The
// memories of the simulator hold 64-bit sums, taken modulo 2^A at the rounding, which gives the same bits. Saturations and
// the maximum count where f' is 1. With flag all every f' is 1 and the mask memory is not read. Lanes whose f' is 0 stay 0.
//
// # Events
//
// Under the command's tag, m = nb*G:
//
//	            Tree                 TreeGate               LaneMask
//	EPCMul      16*n*m               errors not 0 x f' = 1  the same as TreeGate
//	EPCWWrite   16*G*P               16*G*P                 16*G*P: a column of 16 weights, as many as bursts
//	EPCWRead    16*G*P               16*G*P                 g an error that is not 0
//	EPCERead    m*P                  m*P                    one each 16 errors of which one is not 0, in each tile of neurons
//	EPCPRead    m*(P-1)              m*(P-1)                g a swap that brings sums; one a group of sums that is rounded
//	EPCPWrite   m*(P-1)              m*(P-1)                g a swap's row that leaves
//	MaskRead    m                    m*P                    g a swap
//	CornerTurn  -                    -                      16*G*P
//
// EPCEWrite is nb*P a load. ActiveEPC counts cycles in which a register of the trees or lanes was clocked; they are gated
// while they wait, whatever lands. The lanes' own registers are clocked, and priced, with each product; W is, once a block,
// with EPCWRead. Rows in EPCP whose sample met no error are not read: they count as 0. Counters of errors, passes, tiles
// and blocks are clocked with the bits that 1,024 errors need, or as many as are built beyond.
//
// With Config.Toggles the bits that change are counted, too: EPCToggleIn those of the errors and EPCToggleW those of the
// weights, at each multiplier or lane that works (for a product at most 16 and 16). Trees: a multiplier that is gated keeps
// its operands; EPCToggleOut counts behind each adder, 33 bits at the products to 36 at the top of a tree, and the sum at
// its root, AccBits. A tree whose neuron's f' is 0 stands still in TreeGate. LaneMask: the lanes share one error; a lane
// keeps its weight while its f' is 0; EPCToggleOut counts its sum, by a product and not by a swap. At the start everything
// holds 0.
//
// # Faults
//
// The limits of isa/REFERENCE.md; FaultParam: n with value 0 when a run finds nothing loaded;
// FaultXAddr: what is not aligned, or the last burst or block. OMEM checks the addresses of its
// stream and writes.
//
// Paper: none; the paper's core (section 5.2) has no multiplier. This is the usual alternative: section 2.1 for the rule.
//
// # Not modelled
//
// The register cuts inside a multiplier and a tree (one stage) and between operand and accumulator of a lane; the latency
// of the memories; that the 16 rows of a block leave EPCW in one cycle (it is registers, counted as 16 accesses of a small
// macro); the time to find the next errors that are not 0 (a bit for each 16 errors tells); the wires of the corner-turn.
package epc
