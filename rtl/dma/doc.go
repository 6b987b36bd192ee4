// Package dma is the general DMA channel: it brings inputs, biases, feedback signs and scratch data from external memory to
// where they belong, and scratch data back.
//
//	external memory --burst--> Land (8 bursts) --+--> EncReq, 16 lanes    dma.map (pixels: two groups a burst)
//	     ^                         ^             +--> ScratchReq write    dma.scr
//	     |                         |             +--> BiasWrite, 8        dma.bias
//	     |                         |             +--> SignWrite, 1 entry  dma.sign
//	     +-------- W --------------|-----------------------------------   dma.store
//	                               +------ ScratchData <-- ScratchReq read
//
//	dma.map    n elements, unsigned bytes or (flag i16) int16, as blocks of 64 whose pointers start at dst; the last block is
//	           shorter, in steps of 16 elements, and padded with zeros
//	dma.scr    n bytes to scratch address dst
//	dma.store  n bytes, a multiple of 32, from scratch address dst
//	dma.bias   n biases of 32 bits to lanes 0..n-1 of the bias buffer (flag b1); the last burst may overwrite up to 7 more
//	dma.sign   n entries of 256 bits to entries dst and up
//
// # Ports
//
// Every In is another unit's register of the cycle before; every Out is a register.
//
//	In.Bus                    command bus of SEQ
//	Out.X, In.XRoom           a burst is asked for, only in a cycle in which XRoom was seen and a place in Land is free
//	In.Resp                   a burst that was read, in order; taken always
//	Out.W, In.WRoom           a burst to write, sent only in a cycle in which WRoom was seen
//	In.WIdle                  all bursts that were seen are in external memory
//	Out.Enc, In.EncRoom       a group to the encoder, likewise; In.EncIdle: all that was seen is in OMEM
//	Out.Scratch, In.Scratch   SEQ's scratch memory: a write of up to 32 bytes or a read of 32, answered in order
//	Out.Bias, Out.Sign        to the drain and the DEPC, taken always
//	Out.Done, Out.Fault       a command retired; the first fault, for ever
//
// # Timing
//
// Counted from the tick that sees the command on the bus to the one that sets Done, both included, when the unit was idle,
// nothing stalls, a burst lands L ticks after the one that asked for it, and encoder and memory store an entry at once:
//
//	scr, bias, sign, map i16   n + L + 5      n bursts, L up to 15
//	map                        2n + L + 5     n bursts of 32 pixels
//	store                      n + 6
//
// The first tick checks the parameters. Up to 16 bursts are under way or landed: with a longer latency the channel moves 16
// bursts in L + 1 cycles. The last three ticks wait until what was sent shows in the idle wires.
//
// Status: Busy when a burst or group moved, WaitDrain without room in the encoder or until all is stored, else WaitMemory.
//
// # Arithmetic
//
// None: pixels are widened to 16 bits without sign; numbers are little-endian.
//
// # Events
//
// ActiveDMA one a Busy cycle, under the command's tag. The memories count the accesses, under the tag that they are sent.
//
// # Faults
//
// At the start of a command, in this order. FaultXAddr: xaddr no multiple of 32, or a burst past the end of external memory.
// FaultParam: n of 0, above 2^20, above 256 (bias) or no multiple of 32 (store). FaultScratch: dst no multiple of 4, or bytes
// past the end. FaultParam: entries past the sign memory. OMEM checks pointers and the region of the encoder.
//
// Paper: not described there; this channel is a choice.
//
// # Not modelled
//
// 2-D strides: firmware issues one command a row.
package dma
