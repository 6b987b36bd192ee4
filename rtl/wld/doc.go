// Package wld is the weight loader. It fills the two WMEM buffers with weights from external
// memory, straight or transposed, or with raw errors from OMEM.
//
//	external memory --burst--> ----------------------------------- straight --\
//	                           \--> corner-turn 0-2 (16 x 16) --> columns -----> TileWrite --> WMEM
//	OMEM ------------group---> ------------------------------------ wld.e ----/
//
// Weights lie in external memory in blocks of 64 x 64 int16, row-major, 8,192 bytes each; block g
// is at xaddr + g*xstep and belongs to lanes 64g..64g+63.
//
//	wld.w     WMEM[row][lane] = block[lane/64][row][lane%64]
//	wld.w t   WMEM[row][lane] = block[lane/64][lane%64][row]
//	wld.e     WMEM[row][lane] = OMEM element lane of the row at word src + row*sstep
//
// for rows rows and 16*groups lanes, written 2^split times across the lanes. Straight: block by
// block, row by row, group by group. Transposed: arrays of 16 x 16, one fetched (16 bursts, also
// for a partial one) while another is written; a column of an array is 16 lanes of a WMEM row.
// Columns past rows are not written.
//
// With parameter pitch, the rows that a straight wld.w treats as blocks lie that many bytes apart
// instead of 128: rows of a wide matrix, or raw errors of feature maps, one pixel per row.
//
// A buffer may be filled when the DNNC has released it as often as it was filled. While the oldest
// command's data arrive, the bursts of the next one are already requested if it is a wld.w too. The
// exception is a straight one after a transposed one: its data would meet the columns of the oldest
// at the single write port of WMEM.
//
// # Ports
//
//	In.Bus                    command bus of SEQ
//	Out.X, In.XRoom           a request for a burst, only in a cycle that sees XRoom
//	In.Resp                   a burst that was read, in order; always accepted
//	In.Freed                  how often the DNNC released each buffer, modulo 256
//	Out.Req, In.ReqRoom       a stream of raw rows from OMEM
//	In.Read, Out.ReadRoom     its groups; ReadRoom is always set
//	Out.Tile                  16 lanes of a WMEM row; Full with the last write of a buffer
//	Out.Done, Out.Fault       a command retired, with its last write; the first fault, sticky
//	Out.Asleep                it waits, and nothing moves before an input changes
//
// # Timing
//
// Counted from the tick that sees the command on the bus to the tick that sets Done, both included,
// when the unit was idle, the buffer is free, nothing stalls, and a burst lands L ticks after its
// request:
//
//	wld.w     rows*groups + L    one burst per cycle; the next wld.w follows without a gap
//	wld.w t   16 + L + rows      one array (groups 1, rows up to 16)
//	wld.w t   16*n + 16 + L      n full arrays, L up to 17: one burst per cycle. An array is
//	                             reserved when its first burst is requested and free when its last
//	                             column has been written
//	wld.e     rows*groups + 2    OMEM answers the request in its next cycle
//
// Status: Busy when something landed or a column was written, WaitWeight while the buffer is in
// use, WaitOperand for OMEM, WaitMemory for external memory. A command that becomes the oldest and
// finds its buffer in use shows WaitWeight in the very tick in which the one before retired.
//
// In the tick in which a command retires, its successors are asked for as if it were gone: its
// places in the queue and in the corner-turn are free already.
//
// # Arithmetic
//
// None: elements pass unchanged, little-endian.
//
// # Events
//
// CornerTurn, one per burst of a transposed load: its price has the registers of the arrays, of
// which it clocks a row. External memory, OMEM and the DNNC (WMEMWrite) count the accesses, under
// the tag that is sent with them. Other registers are clocked, under the command's tag:
//
//	ActiveWLD        in a Busy cycle, when Status changes, when the bus calls, when a load gets its
//	                 buffer, and when a wire is sent or ends
//	clock_wld_ask    a load gets its buffer, or a burst is requested: its place and address
//	clock_wld_land   something lands: its place
//	clock_wld_turn   a corner-turn array is written or read: its counters
//	clock_wld_req    a stream is requested; clock_wld_tile: a WMEM row is written
//
// # Faults
//
// The limits of isa/REFERENCE.md; FaultXAddr: xaddr. OMEM checks src and sstep. The command that is
// fetched ahead is checked, and faults, before the oldest one has ended.
//
// Paper: not described there; the loader is a choice. Transposed tiles are those of
// back-propagation, section 2.1.
//
// # Levels
//
// Gate levels between registers, of 100 at 200 MHz, by hand: a command is checked in the tick of
// its first request: the end of its last block (a product of 5 x 32 bits 30, two additions 28, a
// compare 14), a queue entry's multiplexer 4, and whether a buffer and a place are free 8: 84. An
// address: products of block and row with their steps (7 x 32 bits 32), two additions 28,
// multiplexer 4: 64. A column of an array: a multiplexer of 16, and one of 3: 12.
//
// # Not modelled
//
// A cut for a faster clock: from 238 MHz on the check takes a tick of its own, one cycle a command,
// hidden when it is fetched ahead.
//
// Wires of the corner-turn: an array is written by rows and read by columns in one cycle each.
package wld
