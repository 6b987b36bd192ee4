// Package isa is everything that software may know about the chip: the instruction table (op.go),
// the units and their registers (unit.go), the layout of an instruction word (word.go) and the
// results of register instructions (scalar.go). Everything that reads or writes instructions loops
// over these tables; REFERENCE.md is the manual generated from them.
//
//	asm/     text -> image           image/  the loadable file
//	disasm/  image -> text           gen/    the tables -> REFERENCE.md
//	interp/  image -> what SEQ does with it, for tools that follow a program without the chip
//
// format.go defines the operands of each format, the bits of the word that each fills, and hence
// which words are valid instructions (Word.Check). name.go finds registers, units and phases by
// their assembly names.
//
// A new instruction is a row in Table, a line with its expected word at the end of
// asm/testdata/all.s, a case in rtl/seq and one in interp, and its cycles (Word.Cycles) if they are
// not those of the others; go generate prints the manual. A test names the place that was forgotten.
package isa

//go:generate go run ./gen
