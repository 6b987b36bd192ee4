// Package race watches a chip run and finds accesses to memory whose order timing decides.
//
//	chip: requests on wires, streams and blocks of OMEM ----> units.go, omem.go
//	                                                               | accesses of commands
//	      SEQ's bus: commands, parameters, waits ---> race.go      v
//	                                                     |    order.Monitor ---> Findings
//	                                                     +------> clocks
//
// It keeps for each piece of memory who wrote and who read last, and for each command what was
// known to be complete at its stages: vector clocks, one number a unit, by the rules of package
// firmware/order. An access that meets another one which may not be complete is a Finding, whatever
// order the two have had in this run.
//
// What commands access is taken from the chip and not from their contracts, so a contract that
// forgets something is found by a program that order certifies and that races here. Requests to
// external memory count when they are sent, streams out of OMEM when they are requested, blocks of
// a compressed map when a decoder has found them, and a coded block when it is complete.
//
// # One command, and one unit
//
// A unit's commands come after each other, which is checked: a command that accesses what a younger
// one of its unit has accessed is a Finding. A command writes a place once, and where it has read
// only if that was for the same element: the n-th burst that it writes lies where the n-th one was
// read, or for norm.grad, which reads two for one, one of that pair. Any other is a Finding with
// itself, in external memory and in OMEM.
//
// # Not modelled
//
// A run shows the path that it took. WMEM and accumulators are interlocked; that the loader and the
// momentum unit do not have buffer 1 at a time is told by order's rule and by a fault.
package race
