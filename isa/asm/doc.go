// Package asm turns assembly text into an image. This page is the assembler's manual; the
// instructions themselves are in isa/REFERENCE.md.
//
// # Lines
//
// A line holds statements separated by ';'. A statement is any number of labels, each followed by
// ':', and then an instruction, a directive, a macro or nothing. '#' and '//' start a comment that
// ends with the line; /* */ comments may span lines, and must end. A byte-order mark of UTF-8 in
// front of a file is passed over. Names consist of letters, digits, '_', '.' and
// '$' and do not start with a digit. Registers are r0 to r15, in either case, zero (r0) and lr
// (r15); these cannot be symbol names.
//
//	start:  li    r1, BATCH*4
//	        set   dnnc.nb, r1
//	        dnnc.mac b1, first, last    // flags: separated by commas or blanks
//	        lw    r2, table+4(r3)       // the offset may be absent: lw r2, (r3)
//	        loop  r4, 1f
//	        addi  r5, r5, 1
//	1:      wait  dnnc, 0
//
// # Symbols
//
// A label is the current address in its section. Names that start with .L are not put into the
// image. A number as a label may be defined again and again: 1b is the last 1: before, 1f the next
// one after. A symbol may be used before its definition wherever the layout does not depend on it.
//
// # Expressions
//
// 64-bit two's complement numbers with C's operators and precedence:
//
//	( )   - + ~ !   * / %   + -   << >>   < <= > >=   == !=   &   ^   |   &&   ||
//
// >> copies the sign; comparisons give 1 or 0. Operands are numbers (0x hexadecimal, 0b binary, a
// leading 0 octal), character constants ('a', '\n', '\x41'), symbols and '.', the current address.
// The value of a symbol is an address of the chip itself: each memory starts at 0. An address plus
// or minus a number is an address in the same memory; everything else is a plain number. Data and
// immediates accept a value that fits as either signed or unsigned.
//
// # Sections
//
//	.text                    instruction memory (where assembly starts); instructions must be 8-byte
//	                         aligned
//	.scratch                 initial scratch memory
//	.section .xmem.NAME      a segment of initial external memory; .section .text and .scratch work
//	                         too
//	.org ADDRESS             at the start of a .xmem section: its external address (default: the
//	                         first multiple of 32 after the sections opened before it); elsewhere:
//	                         zeros up to the address
//	.align N [, BYTE]        go to a multiple of N bytes, a power of two; .balign is the same
//	.xmem BYTES              external memory that the program needs, from address 0; the sections
//	                         are counted anyway
//	.entry ADDRESS           the first instruction; default: the label _start, else 0
//
// # Data
//
//	.byte .half .word .quad  numbers of 1, 2, 4, 8 bytes, little-endian, separated by commas
//	.ascii .asciz .string    "text", ...; the last two end each with a zero; escapes \n \t \r \0 \\
//	                         \" \' \x41
//	.zero N                  N zero bytes
//	.fill COUNT, SIZE, VALUE COUNT numbers of SIZE bytes (default 1) and a value (default 0)
//
// # Constants and symbols
//
//	.equ NAME, VALUE         a constant
//	.set NAME, VALUE         a constant that may be set again; NAME = VALUE is the same. A use takes
//	                         the latest value set before it
//	.symbol NAME, SPACE, N   a symbol in abs, text, scratch or xmem without data; the address must
//	                         exist (for xmem, .xmem declares it)
//	.global NAME, ...        accepted: all symbols are global
//
// # Conditions, repetition, macros
//
// These directives stand at the start of their line and end in the same file or macro.
//
//	.if VALUE  .ifdef NAME  .ifndef NAME  .elseif VALUE  .else  .endif
//	.rept COUNT ... .endr                the lines COUNT times
//	.irp NAME, a, b, ... ... .endr       the lines once per argument, which replaces \NAME
//	.macro NAME a, b=default ... .endm   then: NAME 1, 2 or NAME 1, b=2
//	.include "FILE"                      FILE beside the source, then in the include directories
//	.error "text"                        an error with this text
//
// In a macro, \a is argument a, \@ the number of macros used so far (for labels) and \() nothing
// (to end a name). A parameter without default must be given. The line table holds the line that
// uses a macro, not the lines within it.
//
// # For tools
//
//	.tensor NAME, SPACE, LAYOUT, ADDR, STRIDE, BITS, FRAC, LAYER, DIM, ...
//	                see image.Tensor; names may be strings
//	.note NAME, VERSION, "text", ...
//	                adds to a note, see image.Note
//	.file "NAME"    the file in the line table, from here on
//	.loc LINE       the line in the line table for all that follows, until the next .loc; 0: no line
//
// Each instruction, and each .quad in .text, has an entry in the line table.
//
// # Errors
//
// All errors are reported at once, by place, with the line and a caret; see List.
package asm
