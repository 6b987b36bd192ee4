# Pseudo instructions, expressions, macros, conditions, repetition, includes.

        .equ LATER, EARLY + 1
        .equ EARLY, 41
        .include "lib/defs.inc"

top:    j top                      // 0x56000000_00000000
        call end                   // 0x56f00000_000001e8
        ret                        // 0x570f0000_00000000
        bgt r1, r2, top            // 0x52021000_00000000
        ble r1, r2, top            // 0x53021000_00000000
        bgtu r1, r2, top           // 0x54021000_00000000
        bleu r1, r2, top           // 0x55021000_00000000
        beqz r3, top               // 0x50030000_00000000
        bnez r3, top               // 0x51030000_00000000
        bltz r3, top               // 0x52030000_00000000
        bgez r3, top               // 0x53030000_00000000
        bgtz r3, top               // 0x52003000_00000000
        blez r3, top               // 0x53003000_00000000
        neg r1, r2                 // 0x21102000_00000000
        not r1, r2                 // 0x34120000_ffffffff

        li r1, LATER               // 0x10100000_0000002a
        li r1, FROM_LIB            // 0x10100000_000003e7
        li r1, 1 + 2 * 3           // 0x10100000_00000007
        li r1, (1 + 2) * 3         // 0x10100000_00000009
        li r1, 7 - 2 - 1           // 0x10100000_00000004
        li r1, 1 << 2 + 1          // 0x10100000_00000008
        li r1, 6 & 3 | 8 ^ 1       // 0x10100000_0000000b
        li r1, -7 / 2              // 0x10100000_fffffffd
        li r1, -7 >> 1             // 0x10100000_fffffffc
        li r1, 3 < 4 == 1          // 0x10100000_00000001
        li r1, 3 >= 4 || 2 > 1     // 0x10100000_00000001
        li r1, 3 != 3 && 1         // 0x10100000_00000000
        li r1, !0 + - -2           // 0x10100000_00000003
        li r1, 0b101 + 010         // 0x10100000_0000000d
        li r1, end - top           // 0x10100000_000001e8
        li r1, '\n' + '\x41' + '#' // 0x10100000_0000006e
        li r1, '/'                 /* not a comment's begin: // */ // 0x10100000_0000002f
        li r1, 1; li r2, 2         // 0x10100000_00000001 0x10200000_00000002
        .set v, 1
        li r1, v                   // 0x10100000_00000001
        v = v + 1
        li r1, v                   // 0x10100000_00000002
        /* a comment
           li r1, 3
        */ li r1, 4                // 0x10100000_00000004

        .macro pair reg, value=9
        li \reg, \value
        b\()eqz \reg, skip\@
skip\@: nop
        .endm
        pair r1                    // 0x10100000_00000009 0x50010000_00000138 0x02000000_00000000
        pair r2, 7 + 1             // 0x10200000_00000008 0x50020000_00000150 0x02000000_00000000
        .macro twice what, arg
        .rept 2
        \what \arg
        .endr
        .endm
        twice trap, 3              // 0x03000000_00000003 0x03000000_00000003
        .irp r, r1, r2
        mov \r, \r                 // 0x11110000_00000000 0x11220000_00000000
        .endr

        .if EARLY == 40
        trap 40
        .elseif EARLY == 41
        trap 41                    // 0x03000000_00000029
        .if 0
        .else
        trap 42                    // 0x03000000_0000002a
        .endif
        .else
        trap 43
        .endif
        .ifdef GIVEN
        trap GIVEN                 // 0x03000000_00000063
        .endif
        .ifndef GIVEN
        .error "not reached"
        .endif
        lib_macro r3               // 0x113f0000_00000000
        lw r1, var + 4(r2)         // 0x40120000_0000000c
        li r1, weights             // 0x10100000_00000400
        li r1, labels              // 0x10100000_00000420
        .quad 0x0123456789abcdef   // 0x01234567_89abcdef
        .align 64
        .org 0x1d8
        nop; nop                   // 0x02000000_00000000 0x02000000_00000000
end:
        .scratch
        .word 1, -1
var:    .byte 1, 2, 255, -128
        .half 0x1234
        .align 4
        .ascii "a\"", "b;#"
        .asciz "c"
        .fill 2, 2, 0x55aa
        .section .xmem.w
        .org 1024
weights: .quad weights, . + 1
        .section .xmem.l
labels: .byte later - labels
        .zero 3
later:
        .xmem 0x10000
        .tensor w, xmem, blocks, weights, 8192, 16, 12, 0, 5, 10
        .note plan, 1 + 1, "a: \"#\"\n", "b"
        .note empty, 0
        .note plan, 2, "; // c\x07"
