// Package omem is the feature-map memory: eight single-port banks with the run-length encoders, the
// decoders that feed the MAC array, and plain ports for raw data.
//
//	EncReq --> FIFO --> block buffer --code--> words --\       /--> words --> extract --> X[0..3]
//	(2 ports)            64 elements         pointer    \     /      iRLC, 1 decoder per stream
//	                                                     8 banks --> words --> corner-turn --> X[0]
//	WriteReq --> FIFO ----------------------------------/  PTR \                  0/1      tRLC
//	(4 ports)                                                   \--> ReadData (5 ports)
//
// Word a lies in bank a mod 8. In each cycle every bank is granted by fixed priority: encoders,
// writers, decoders of the oldest stream, corner-turn, readers, and by port number within a kind. A
// requester that loses tries again in the next cycle. A group of 16 lanes is four words and needs
// its four banks in the same cycle; coded words move one by one, up to four per cycle and encoder.
// The pointer memory has four single-port banks, pointer i in bank i mod 4, granted in the same
// order.
//
// # The code
//
// A map is cut into blocks of 64 elements. A pointer of 24 bits (word address of 18, length of 5,
// raw flag) finds each block, so blocks can be accessed in any order. A word of a compressed block
// holds three pairs (5-bit run of zeros, 16-bit level) and the last-bit:
//
//	63   62     42   41     21   20      5 4    0
//	last | pair 2  |  pair 1   | level 0 | run 0 |
//
// A level of 0 stands for one more zero and so extends a run; pairs of run 0 and level 0 pad the
// last word. Zeros after the last non-zero are not stored, and an all-zero block has no word. A
// block that would be longer than its raw form (four elements per word) is stored raw: compression
// never makes a map longer, and a memory plan may rely on the raw size. Blocks of one command are
// contiguous. With flag new they start at the region's first word; without it the encoder continues
// where it stands.
//
// # Windows
//
// A stream brings the blocks of samples or, with port.Window, of the taps of output pixels of a
// convolution: pixel outer, tap inner. Each decoder, and the corner-turn, walks on its own:
//
//	pixel b, b + 2^split, ...  x to OW, then y to OH, then the next image      Y, X, Base += NStep
//	  tap 0 .. Taps-1          kx to KW, then ky                               SY, SX +- 1
//	    SY = Y*Stride +- ky + YOff; y = SY >> Div; x likewise: a remainder, or outside IH x IW
//	    --> all zero; else Base + (y*IW + x)*SStep --> pointer or word --> block
//	    --> element e of tap t is element t*Chan + e
//
// Counters step and wrap by comparison; Stride has 4 bits, and an address takes one multiplication
// for the row and one for the column, modulo 2^32. Elements of a block from Chan on are dropped, as
// are those from Rows on without a window. A raw block has (Chan+3)/4 words. An entry of the
// corner-turn buffer is element t*Chan + e, column b.
//
// # Ports
//
//	In.Stream, Out.StreamRoom   a stream for the DNNC; two are held. Sent in a cycle that sees
//	                            StreamRoom, and not in the one after a request
//	Out.X, In.XRoom             non-zeros and end marks, sent only in a cycle that sees XRoom. The
//	                            rest of an end mark is zero
//	In.Enc, Out.EncRoom         groups to an encoder (drain, DMA), in block order
//	Out.EncIdle                 everything that the encoder has accepted is in memory
//	In.Read, Out.ReqRoom        a stream of groups (WLD, loss unit, DEPC, DMA, EPC), rows of up to
//	                            256; one is held
//	Out.ReadData, In.ReadRoom   its groups, sent only in a cycle that sees ReadRoom
//	In.Write, Out.WriteRoom     a raw group (drain, loss unit, DEPC, EPC)
//	In.Called                   one of Enc, Read and Write is valid
//	Out.WriteIdle               all writes that the port has accepted are in memory
//	Out.Fault                   the first fault, sticky
//	Out.Asleep                  it waits, and nothing moves before an input changes
//
// # Timing
//
// Without bank conflicts and with room everywhere, counted from the tick that sees the request to
// the tick that sends the last end mark, both included, with Z non-zeros in n blocks (nb, or nb *
// taps with a window) of W words together:
//
//	StreamRLC, StreamRaw   4 + Z             no block empty, one stream; Z + 3 if it waited its turn
//	                       2 + n             all blocks empty (at least 3)
//	                       2 + n / 2^split   all taps outside their image
//	StreamGrad             2 + W + Z + 1     no block empty, rows up to 32
//	                       2 + W + Z + 2     no block empty, rows above
//
// The first non-zero is sent three ticks after the request: pointer, word, extract. A decoder
// delivers one non-zero per cycle and zeros take none. With several streams, sample b is on stream
// b mod 2^split, and a block occupies its pointer's bank for one cycle. A tap outside costs its
// decoder the cycle of a pointer but reads none. The corner-turn takes one word per cycle and fills
// its second buffer while the first is read, so that grad streams of dense blocks follow each other
// without a gap.
//
// An encoder takes one group per cycle: n blocks of 64 elements take 4n + 1 + max(1, words of the
// last / 4) ticks from the first group's arrival until EncIdle. A writer stores a group in the tick
// after its arrival; a reader sends one per cycle, from the tick after the request on.
//
// In a tick a word is opened before the next is fetched, words are fetched before pointers are
// looked up, and the corner-turn is filled before it is read: a word is opened and its first non-zero
// sent in one tick, and a buffer is read in the tick in which its last word comes. The end of a
// stream is sent when nothing was left before the fetchers' turn. A stream that ends gives way in the
// next tick.
//
// Status is Busy when anything moved, WaitOperand when something is held and nothing moved, else
// Idle. What moves: a bank or a pointer's bank is granted, a group or a stream taken, a word opened,
// an item sent, a tap passed, a raw block located; not the call of a reader.
//
// # Arithmetic
//
// None: elements pass unchanged.
//
// # Machine
//
// omem.words, the size of the memory, over all banks; omem.pointers, the number of block pointers;
// omem.mask_words, those of the f' mask memory, which the chip has beside it.
//
// # Events
//
// Each under the tag of the command that caused it: OMEMRead and OMEMWrite, one per word; PtrRead
// and PtrWrite, one per pointer (none for a tap outside); RLCEncode, one per element of a group (16
// per group, padding included); RLCDecode, one per non-zero sent; TRLCWrite and TRLCRead, one per
// non-zero into and out of a corner-turn buffer.
//
// Registers are clocked under the same tags; ActiveOMEM under that of the oldest stream, else of an
// encoder, reader or writer, else of whatever finished last:
//
//	ActiveOMEM            in a Busy cycle, when Status changes, a stream begins or a Valid of Out ends
//	clock_omem_request    a stream is taken, or moves up
//	clock_omem_fetch      a fetcher (one a stream, one of the corner-turn) begins or moves: its
//	                      counters
//	clock_omem_walk       a window's tap is passed: its place, 129 bits
//	clock_omem_block      a block is located; clock_omem_word: a word is fetched
//	clock_omem_extract    a word is opened: up to four non-zeros with their places
//	clock_omem_x          an item is sent, or a word is opened: an item, and its place in the word
//	clock_omem_has        which columns of an element are not zero, 32 bits: an element is written,
//	                      read or, as all 64 of a buffer before it is filled, cleared
//	clock_omem_enc        a group comes to an encoder: 356 bits in its FIFO
//	clock_omem_encoder    an encoder takes, codes or stores something: its counters and addresses
//	clock_omem_collect    a group of a block is collected, 256 bits
//	clock_omem_coded      a word is coded, 64 bits
//	clock_omem_read       a reader is called; clock_omem_reader: that, or a group is sent: its place
//	clock_omem_data       a reader sends a group
//	clock_omem_write      a group comes to a writer: 288 bits in its FIFO
//
// Block buffers, coded words, FIFOs and Has are flip-flops; the memory, its pointers and the cells
// of the corner-turn buffers (MemTRLC) are SRAM. Addresses of registers have the bits that the
// sizes of the memories need; requests carry all 32, because OMEM checks them.
//
// # Faults
//
// FaultOMEMFull: a block would pass the limit of its region or the end of memory. FaultOMEMAddr: a
// pointer index, word address or group outside the memory or not aligned, a read of no rows or
// groups or of more than 256 groups per row. FaultRLC: a word that the format does not allow (the
// address of the word). Of several in a tick the first in the order of grants counts; within a
// decoder the word before the block. OMEM goes on, but for what faulted: a decoder or the corner-turn
// stands before the word or the block, an encoder has dropped the block, a port the request.
//
// Paper: section 5.1 (feature maps are run-length compressed, only non-zero data is stored). The
// pairs are those of Eyeriss (ISSCC 2016).
//
// # Levels
//
// Gate levels between registers, of 100 at 200 MHz, by hand: a bank is granted (22 requesters 12),
// addressed (10), read (32 KB in 1.5 ns, 30) and its word brought to who asked (8) in one cycle:
// 60, and compared with what came (fault) 14: 74. Pointers, with the address of a sample (8 x 32
// bits 30, add 14) before: grant 8, read 20, check 14: 86. The coder: numbers of non-zeros before
// each of 64 elements 36, runs 10, each pair to its place 18, words 8: 72. The extractor: three
// runs added 24, compared 14, chosen 6: 44.
//
// # Not modelled
//
// Cuts for a faster clock: from 233 MHz on a pointer and from 270 MHz on banks and coder take a
// tick more, so two cycles a stream and one a map. Products of a window: hardware adds steps (of a
// tap, a row of taps, a pixel, a row of pixels, an image) that one multiplier makes while the
// stream before runs: 160 flip-flops for all fetchers, and up to 20 cycles for a stream that finds
// OMEM idle. Conflicts within the corner-turn buffers: a word's four elements are written in one
// cycle, wherever they lie, at the price of as many accesses of one macro. Four macros by element
// mod 4 would take raw words as they do here, and 0.7 cycles more for a word of three non-zeros at
// random places. What is written in the tick in which it is read passes the macro by. The address of
// a fetched word, which FaultRLC tells. Rows of the corner-turn buffers are not cleared, their valid bits are. Bank
// conflicts do not cost energy, nor do the multipliers of a window, two a tap.
package omem
