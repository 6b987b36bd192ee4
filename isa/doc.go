// Package isa is what software may know of the chip: the instruction table (op.go), the units with
// their registers (unit.go), the layout of an instruction word (word.go), what register
// instructions compute (scalar.go) and the contracts of commands. Everything that reads or writes
// instructions loops over these tables; REFERENCE.md is the manual printed from them.
//
//	asm/     text -> image           image/  the loadable file
//	disasm/  image -> text           gen/    the tables -> REFERENCE.md
//	interp/  image -> what SEQ does with it, for tools that follow a program without the chip
//
// contracts.go says what a command may be given, what it reads and writes and which status
// registers it updates, as data (Contract): ranges of parameters with their units of measure, over
// the sizes of a machine (machine.go, expr.go), and footprints (footprint.go). From it come the
// checks of the units (in rtl/port), the footprints of firmware/order, limits in the assembler and
// the compiler, and the manual.
//
// format.go defines the operands of each format, the bits of the word that each fills, and hence
// which words are valid instructions (Word.Check); name.go what they may be, where that is a name.
//
// A new instruction is a row in Table, for a command a contract, a line with its expected word at
// the end of asm/testdata/all.s, a case in rtl/seq and one in interp, and its cycles (Word.Cycles)
// if they are not those of the others; go generate prints the manual. A test names the place that
// was forgotten.
package isa

//go:generate go test ./gen -run TestReferenceIsUpToDate -update
