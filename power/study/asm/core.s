# The program of a core alone: errors into its buffer, then the product of 32 x FANIN by FANIN x NEURONS. UNIT is depc or
# epc; with STORED the signs of a DEPC come from its memory.

        .equ ERRORS, 0          # OMEM words
        .equ OUT, 20480         # likewise
        .equ MATRIX, 0          # external bytes
        .equ BLOCK, 8192        # bytes of a block of 64 x 64 weights

        .macro core unit, flags=
        seti \unit\().src, ERRORS
        seti \unit\().sstep, (FANIN + 63) / 64 * 16
        seti \unit\().nb, 32
        seti \unit\().n, FANIN
        \unit\().load
        seti \unit\().neurons, NEURONS
        seti \unit\().shift, 4
        seti \unit\().dst, OUT
        seti \unit\().dstep, NEURONS / 4
        seti \unit\().mask, 0
        seti \unit\().mstep, NEURONS / 16
        .if EPC
        seti epc.matrix, MATRIX
        seti epc.kstep, BLOCK
        seti epc.jstep, NEURONS / 64 * BLOCK
        .else
        seti depc.seed, 0x1234567
        seti depc.entry, 0
        .endif
        \unit\().run \flags
        wait \unit, 0
        .endm

_start: mark ep, zero
        .if EPC
        core epc
        .elseif STORED
        core depc, sram
        .else
        core depc
        .endif
        mark misc, zero
        halt
