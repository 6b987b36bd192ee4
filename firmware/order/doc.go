// Package order checks that no two units of the chip meet in memory in an order that timing
// decides.
//
// A program that forgets a wait may still give the right results, as long as the command that it
// should have waited for happens to be fast. A run cannot show that; this package does, for any
// image (docs/order.md). A command that meets one of another unit in memory that may not be
// complete is a Finding.
//
//	isa/interp ---- commands (seq.go) ----> clocks (clock.go, interlock.go): what is complete
//	                                   |        ^
//	                                   v        | commands of a chip, and what it accesses
//	                footprint.go ----> spaces <-+-- monitor.go <---- sim/race
//	                                   |  (uses.go, space.go): last write, reads since
//	                                   v
//	                                   Findings
//
// # What is known to be complete
//
// A clock holds for each unit how many of its commands are complete. Units take their commands in
// order, so a number is enough.
//
//   - wait u, n: all but the last n commands of u, and all that these came after.
//   - A command that goes to a unit with port.QueueDepth commands outstanding: the oldest of
//     them.
//   - A unit's earlier commands, when a later one writes.
//   - A weight buffer: the load that filled it when the MAC array uses it, and the command with
//     flag free that released it when the next load fills it. A half of buffer 1 that mom.w fills
//     (flag upd) is full before that command is complete: it tells nothing about what mom.w
//     writes. That the loader and mom.w do not have buffer 1 at a time is not interlocked: the
//     program must see to it.
//   - An accumulator bank: the command with flag last that handed it over, for the drain or the
//     momentum unit. Of a gradient of more than 32 rows the first bank is handed over before the
//     command is complete.
//
// # When a command reads
//
// What commands read and write is in their contracts in package isa. A unit may read as soon as a
// command stands in its queue: only what SEQ knew then counts (isa.ReadEarly). The two that wait
// for a buffer or a bank before they read, wld.e and the drain, know of what these came after,
// too (isa.ReadLate). So does dma.scr of what its unit did before (isa.Fetch).
//
// # A port for two
//
// DEPC and EPC have one port to external memory, and what one of them sends beside the other is
// lost. So a run with flag x waits for those of the other unit.
//
// # Pieces of memory
//
// External memory in bursts, OMEM in words, pointers, mask words, sign entries, bytes of scratch
// memory, and the two bias buffers as a whole. SEQ's loads and stores count, its `get` of a
// status register while the unit has commands left, and its writes to the loss unit's labels.
//
// The words of a compressed map lie where its data bring them. So its writer counts as writing
// all of the region from alloc to limit, and who reads its pointers as reading that region; a
// command that goes on with a region (without flag new) writes behind the words that are there.
// Windows count as whole rows of the source map.
//
// Values that the program looks at come from the image and from what it has stored itself.
// dma.scr may bring bytes that a unit has computed; a program that looks at them cannot be
// followed. Nor can one in which a status register matters for what units do: isa/interp keeps what
// depends on one, through registers, scratch and external memory, and a branch on it may only skip
// instructions that compute or keep something.
//
// # Two commands of one unit, and one alone
//
// Units work on their commands in turn; mom.w reads ahead, but not what an older command touches.
// So two commands of one unit never conflict. A command that reads and writes the same memory
// does so element by element where its contract says so (isa.Update, and isa.Access.Over for the
// same addresses): it reads all of an element before it writes it, and others meanwhile. Any
// other overlap of what it reads and writes is a Finding with itself, and so is what it writes
// twice: which comes last is not the same on all machines.
//
// # Not modelled
//
// Two things that a program could count on: that a mark stalls for the one 16 marks before, and
// that a free accumulator bank tells that an older one was read. A wait that only they make
// superfluous is asked for. Nor what units fault on: sizes of a certain chip, if the image does
// not tell what it was compiled for (external memory ends where the image says), flags first and
// last that do not pair.
package order
