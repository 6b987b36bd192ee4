// Package profile measures a run by layer and phase: cycles, multiplications, waiting, external
// words, and what run-length coding makes of the feature maps. Its tests make the tables and
// pictures of docs/timing.md; package trial makes what they run.
//
//	profile.go  Run: a program, followed cycle by cycle
//	tag.go      Tag: the numbers of one layer in one phase
//
// A program's mark names what follows by phase and layer. Marks overlap: SEQ works ahead, so commands of a mark begin while
// those of older ones are still running. Two measures of time are given. Elapsed goes from the first command of a mark to
// the report that all of them have retired; the elapsed times of marks that overlap count the same cycles twice.
// Exclusive is what a mark adds to the run in program order: from when all older marks had been reported to its own
// report, 0 if it was done before. The exclusive times of all marks add up to the cycles of the run.
package profile
