// Package disasm turns images back into assembly text. What Write prints assembles to the same
// file, byte for byte: code with labels for its targets, data, symbols, source lines, tensors
// and notes. Words that are no instruction, and instructions with a target outside the code, are
// printed as .quad.
package disasm
