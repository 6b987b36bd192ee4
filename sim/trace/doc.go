// Package trace writes down what happens cycle by cycle: what a program does, as text for
// people, and what a unit sees and drives, as a table for programs.
//
//	trace.go   Tracer: a line for each instruction and for each command that has finished
//	record.go  Recorder: In and Out of a unit in every cycle
//	read.go    Reader: a recording, cycle by cycle
//
// # Recordings
//
// A recording is a CSV file without quotes. The first line names the columns, each further line
// is a cycle, from cycle 1 on without a gap. The first column is the cycle; every other one is
// a field of the unit's In or Out by its path in Go, then a colon and the type: u8 is an
// unsigned number of 8 bits, i16 a signed one of 16, u1 a bool. Elements of arrays have their
// index for a name. Numbers are decimal.
//
//	cycle,In.Bus.Kind:u8,...,In.Read.Data.15:i16,Out.Status:u8,...
//	1,0,...,0,0,...
//
// Every field is there in every cycle, with the value that the simulator holds. Payload means
// something only with its Valid: without it, it is what was there before.
//
// To replay a unit alone, make a new one, tick it once with an In of zeros (that is the chip's
// reset; SEQ and XMEM have none), then tick it with the In of each line: it drives the Out of
// that line. SEQ needs its program and XMEM its contents before. The drain, DEPC, EPC and MOM
// also reach memories that the chip owns (accumulators, f' masks), which are no part of In and
// Out: such a unit can be replayed alone only where its commands do not read them.
package trace
