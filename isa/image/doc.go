// Package image is the loadable program file: code, initial memories, symbols, source lines and
// tensors of one firmware, in an ELF32 little-endian file of the private machine 0xBDFA that
// readelf, nm and objdump -s can read.
//
// # Address map
//
// The chip's memories are separate and each starts at address 0. ELF has one address space, so the
// file shifts them; Image speaks of the chip's own addresses only.
//
//	ELF address   section          content
//	0x0000_0000   .text            instruction memory, from byte 0, 8 bytes per instruction,
//	                               little-endian
//	0x0010_0000   .data.scratch    scratch memory, from byte 0
//	0x8000_0000   .xmem            external memory that the program needs (NOBITS: the size is
//	                               XMemBytes)
//	0x8000_0000+  .xmem.<name>     initial contents of external memory, one section per segment
//
// A symbol's section gives its space: .text, .data.scratch, any .xmem section, or SHN_ABS for a
// constant. For external memory it is the segment that contains the value, else .xmem.
//
// # Own sections
//
// Integers are LEB128 as in encoding/binary (u: Uvarint, s: Varint); str is u length and bytes.
//
//	.note.bdfasim      a note of name "bdfasim", type 1: ISA version (4 bytes), SHA-256 of the
//	                   whole file with these 32 bytes zeroed. It always lies at file offset 52, so
//	                   a damaged header cannot hide it.
//	.bdfasim.lines     u files, str each; u lines, each: u address step / 8 from the previous line
//	                   (the first: from 0), u file index, s line number step from the previous line
//	                   (the first: from 0)
//	.bdfasim.tensors   u tensors, each: str name, str space, str layout, u addr, u stride, s bits,
//	                   s frac, s layer, u dimensions, u each
//	.bdfasim.note.<name>  version (4 bytes) and bytes of a tool's own
//
// Writing the same Image gives the same bytes. Read refuses anything that is not an intact file of
// this ISA version.
package image
