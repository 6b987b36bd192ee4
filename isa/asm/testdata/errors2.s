        seti mom.tshift, 63        // ERROR "mom.tshift: got 63, want -22..62"
        seti wld.rows, above       // ERROR "wld.rows: got 65, want 0..64"
        .equ above, 65
        .include "none.inc"        // ERROR "no file .none.inc."
        .macro bad a
        li r1, \a                  // ERROR "got 4294967296"
        .endm
        bad 1 << 32
        bad                        // ERROR "argument a is missing"
        bad 1, 2                   // ERROR "more arguments"
        bad a=1, a=2               // ERROR "given twice"
        .macro bad b               // ERROR "the name is taken"
        .endm
        .macro li b                // ERROR "the name is taken"
        .endm
        .endm                      // ERROR "must be the first word of its line, and"
        .else                      // ERROR ".else without .if"
        .if 1
        .else
        .elseif 1                  // ERROR ".elseif behind .else"
        .endif
        .if nowhere2               // ERROR "must be known here"
        .error "not reached"
        .endif
        nop; .if 1                 // ERROR "must be the first word"
        .rept -1                   // ERROR "repetitions: got -1"
        .endr
        .section .data             // ERROR "want .text, .scratch or .xmem. and a name"
        .ascii "\q"                // ERROR "unknown escape"
        .align 3                   // ERROR "a power of two"
        .fill 1, 3                 // ERROR "1, 2, 4 or 8"
        .org -8                    // ERROR "only grows"
        .symbol s, moon, 3         // ERROR "want abs, text, scratch or xmem"
        .symbol beyond, xmem, 64   // ERROR "symbol .beyond.: got xmem address 64, want 0..48"
        .equ under, _first - 800   // ERROR "symbol .under.: got text address -"
_first: .entry 3                   // ERROR "target: got 3"
        .entry 8                   // ERROR "given already"
        .tensor t, dram, blocks, 0 // ERROR "tensor space"
        .tensor u, xmem, blocks, 0, 0, 65, 0, 0, 1  // ERROR "bits: got 65, want 1..64"
        .tensor v, xmem, blocks, 0, 0, 16, 0, 0     // ERROR "without a dimension"
        .note n, -1, "a"                            // ERROR "note version: got -1, want 0..4294967295"
        .note n, 1, "a"
        .note n, 2, "a"                             // ERROR "note n: got version 2, want 1 as above"
        .loc -1                    // ERROR "line: got -1"
        .file ""                   // ERROR "file name: got 0 bytes"
        .global 5                  // ERROR "want a name"
        65536: nop                 // ERROR "a local label is"
        ) nop                      // ERROR "want a label, an instruction or a directive"
        .section .xmem.a           // ERROR "section .xmem.a: got address 0x10, want at least 0x11"
        .org 16
        .zero 32
        .section .xmem.b
        .org 0
        .zero 17
        .if 1                      // ERROR ".if without .endif"
        .rept 2                    // ERROR ".rept without .endr"
