# A tile of the MAC array. Registers as in main.s: r3 = flag of the WMEM buffer that is loaded next, r4 = first neuron of the
# tile.

# ---- r5 = lanes of the tile at lane0 of r5 neurons; tells loader and MAC array; r15 returns -----------------------
set_lanes:
        sub     r5, r5, r4
        mini    r5, r5, TILE
        addi    r6, r5, 15
        shri    r6, r6, 4
        set     wld.groups, r6
        set     dnnc.groups, r6
        jr      r15

# ---- stream all blocks of one tile of lanes through the MAC array into a fresh bank; r15 returns ----------------------
#   r6 rows, r7 address of the first weight block, r8 its step, r9 source of sample 0's first block, r10 its step,
#   r11 = 0: compressed source, weights as they lie; F_RAW: raw source, transposed weights
.macro tile_body rows
        ori     r11, r11, F_FIRST
1:      mini    r12, r6, \rows
        set     wld.rows, r12
        set     dnnc.rows, r12
        set     wld.xaddr, r7
        set     dnnc.src, r9
        bgt     r6, r12, 2f
        ori     r11, r11, F_LAST
2:      andi    r12, r11, F_RAW
        shli    r12, r12, RAW_TO_T
        or      r12, r12, r3
        wld.w   r12
        bnez    r4, 3f
        wait    drain, 0                # the source is complete; asked after the load, which need not wait for it, and
                                        # for the first tile only: the others would wait for their own layer
3:      or      r12, r11, r3
        dnnc.mac free, r12
        xori    r3, r3, F_B1
        andi    r11, r11, F_RAW
        add     r7, r7, r8
        add     r9, r9, r10
        addi    r6, r6, -\rows
        bgt     r6, zero, 1b
        jr      r15
.endm
tile_mac:
        tile_body BLOCK
.ifdef FUSED
tile_half:                              # the same with blocks of 32 rows
        tile_body HALF_BLOCK
.endif
