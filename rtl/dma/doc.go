// Package dma is the general DMA channel. It brings inputs, feature maps, biases, feedback signs
// and scratch data from external memory to their destinations, and raw maps and scratch data back.
//
//	external memory --burst--> Land (16 bursts) -+--> EncReq, 16 lanes    dma.map
//	     ^                         ^             +--> ScratchReq write    dma.scr
//	     |                         |             +--> BiasWrite, 8        dma.bias
//	     |                         |             +--> SignWrite, 1 entry  dma.sign
//	     |                         |             +--> W                   dma.copy
//	     +-------- W --------------|-----------------------------------   dma.store, dma.save
//	                               +------ ScratchData <-- ScratchReq read
//	                               +------ Read, 16 lanes <-- Req
//
//	dma.map    rows (0: one) of n elements, unsigned bytes or (flag i16) int16, row r from
//	           xaddr + r*xstep. Each chan of them (0: n) form a pixel; the rest of a row forms a
//	           shorter one. A pixel is cut into blocks of 64; its last block is shorter, in steps of
//	           16 elements, and padded with zeros. Block c of pixel p has pointer
//	           dst + r*dstep + p*ceil(chan/64) + c. With flag new the encoder's allocation restarts
//	           with the first block of the first row
//	dma.save   rows (0: one) of n raw int16 from OMEM word dst + r*dstep to xaddr + r*xstep; the
//	           last burst of a row is filled up with zeros
//	dma.copy   n bytes, a multiple of 32, to external address dst
//	dma.scr    n bytes to scratch address dst
//	dma.store  n bytes, a multiple of 32, from scratch address dst
//	dma.bias   n biases of 32 bits to lanes 0..n-1 of the bias buffer (flag b1); the last burst may
//	           overwrite up to 7 more
//	dma.sign   n entries of 256 bits to entries dst and up
//
// A row of a map is a stream of elements without gaps: where a pixel of bytes ends within a burst,
// the next one starts. A group whose bytes lie in two bursts is sent when both have landed.
//
// # Ports
//
//	In.Bus                   command bus of SEQ
//	Out.X, In.XRoom          a request for a burst, only in a cycle that sees XRoom and with a free
//	                         place in Land
//	In.Resp                  a burst that was read, in order; always accepted
//	Out.W, In.WRoom          a burst to write, sent only in a cycle that sees WRoom
//	In.WIdle                 all accepted bursts are in external memory
//	Out.Enc, In.EncRoom      a group to the encoder, likewise; In.EncIdle: all of them are in OMEM
//	Out.Scratch, In.Scratch  SEQ's scratch memory: a write of up to 32 bytes or a read of 32,
//	                         answered in order
//	Out.Bias, Out.Sign       to the drain and the DEPC, always accepted
//	Out.Req, In.ReqRoom      a stream of up to 255 raw groups from OMEM; the next one is requested
//	                         when all groups of the last have arrived
//	In.Read, Out.ReadRoom    its groups; ReadRoom means two free places in Land, during a save only
//	Out.Done, Out.Fault      a command retired; the first fault, sticky
//	Out.Asleep               it waits, and nothing moves before an input changes
//
// # Timing
//
// Counted from the tick that sees the command on the bus to the tick that sets Done, both included,
// when the unit was idle, nothing stalls, a burst lands L ticks after its request, and encoder and
// memory store an entry at once:
//
//	scr, bias, sign, copy      n + L + 5      n bursts, L up to 15
//	map                        g + L + 5      g groups in all rows: one per cycle, L up to 15. A row
//	                                          has floor(n/chan) * ceil(chan/16) +
//	                                          ceil((n mod chan)/16) groups
//	store                      n + 6          n bursts
//	save                       r*(g + s) + 5  r rows of g groups, s = ceil(g/255) streams each; OMEM
//	                                          answers a request in its next cycle
//
// The first tick checks the parameters. Up to 16 bursts are outstanding or landed: with a longer
// latency the channel moves 16 bursts in L + 1 cycles. The last three ticks wait until the data
// sent show in the idle wires. Reads and writes of a copy share the bus of external memory, which
// turns between them.
//
// A store has up to 8 bursts requested or landed. It and a save pass on a burst in the tick in
// which it lands, if none is older; other commands from the next tick on.
//
// Status: Busy when a command begins or settles, faults included; when a burst or group is passed
// on or lands (but not what lands for a store); when a stream or, for a store, a burst is
// requested. WaitDrain without room in the encoder or (copy, save) the write port, and until all is
// stored; WaitOperand for groups from OMEM; else WaitMemory.
//
// # Arithmetic
//
// None: bytes are zero-extended to 16 bits; numbers are little-endian.
//
// # Events
//
// The memories count the accesses, under the tag that is sent with them. Registers are clocked,
// under the command's tag:
//
//	ActiveDMA         in a Busy cycle, when Status changes, when the bus calls or scratch memory
//	                  answers, and when a wire is sent or ends
//	clock_dma_begin   a command begins: its rows and bursts
//	clock_dma_ask     a command begins, or a burst, a stream or a piece of scratch memory is
//	                  requested; _use: it begins, or what has landed is passed on
//	clock_dma_land    a burst or group lands: one of the 16 places, 256 flip-flops each
//	clock_dma_map     a row of a map begins, or a group of it is sent
//	clock_dma_...     the payload of a wire is sent: x, w, enc, scratch, bias, sign, req
//
// # Faults
//
// At the start of a command: the limits of isa/REFERENCE.md. FaultXAddr, FaultScratch: the first
// address. OMEM checks pointers, the region of the encoder and the words of a save.
//
// Paper: not described there; this channel is a choice.
//
// # Levels
//
// Gate levels between registers, of 100 at 200 MHz, by hand: the check of a command, which has its
// first tick, multiplies rows and step (17 x 32 bits, 45), adds twice (28) and compares (14): 87,
// and a queue entry's multiplexer 4: 91. A group of a map: what is left of the pixel (add, compare,
// choose, subtract: 45), which burst it ends in (8), bytes behind multiplexers (12), their choice
// (4): 69.
//
// # Not modelled
//
// Cuts for a faster clock: from 220 MHz on the check takes a tick more, one cycle a command.
// Addresses are products of row and step here; hardware keeps running sums: one each for Ask, Use
// and the pointer, 96 flip-flops clocked with a row.
//
// Two-dimensional steps within a row: its elements are contiguous.
package dma
