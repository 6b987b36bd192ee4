// Package isa is everything that software may know about the chip: the instruction table (op.go),
// the units and their registers (unit.go), the layout of an instruction word (word.go) and the
// results of register instructions (scalar.go). Everything that reads or writes instructions loops
// over these tables; REFERENCE.md is the manual generated from them.
//
//	asm/     text -> image           image/  the loadable file
//	disasm/  image -> text           gen/    the tables -> REFERENCE.md
//
// format.go defines the operands of each format, the bits of the word that each fills, and hence
// which words are valid instructions (Word.Check). name.go finds registers, units and phases by
// their assembly names.
//
// A new instruction is a row in Table and a line with its expected word in a .s file of
// asm/testdata; a test names the place that was forgotten.
package isa

//go:generate go run ./gen
