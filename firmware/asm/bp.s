# Training by back-propagation: the error of a layer is made on the MAC array from the error of the layer above and the
# transposed weights between them. Everything else is in layers.s, with the register conventions.

.equ RULE, 0
.include "layers.s"

# e_L is all that back-propagation starts from.
error_start:
        jr      r14

# e_i is in OMEM; make e_{i-1} = f' * (W_i^T e_i). This comes before the update of layer i, so W_i is the one that the
# forward pass used: the MAC array works in order, and the update needs gradients that it computes later.
error_step:
        wait    drain, 0
        addi    r4, r1, -1
        beqz    r4, 1f                  # nobody asks for the error of the input
        mark    ep, r4
        seti    wld.xstep, W_BLOCK      # lanes are inputs now: the next 64 are the next block of the row
        param   dnnc.sstep, D_ERR_STEP
        param   drain.dstep, D_LOW_ERR_STEP
        param   drain.mstep, D_LOW_MASK_STEP
        param   drain.shift, D_LOW_SHIFT
        lw      r6, D_LOW_SPLIT(zero)
        set     wld.split, r6
        set     dnnc.split, r6
        set     drain.split, r6
        li      r4, 0
ep_tile:
        lw      r5, D_N_IN(zero)
        call    set_lanes
        set     drain.lanes, r5
        shli    r7, r4, 7               # W_BLOCK bytes for each 64 inputs
        lw      r8, D_WEIGHTS(zero)
        add     r7, r7, r8
        lw      r8, D_W_STEP(zero)
        lw      r9, D_ERR(zero)
        li      r10, 16                 # words of 64 errors
        lw      r6, D_N_OUT(zero)
        li      r11, F_RAW
        call    tile_mac
        shri    r6, r4, 2               # an OMEM word is 4 neurons
        lw      r7, D_LOW_ERR(zero)
        add     r6, r6, r7
        set     drain.dst, r6
        shri    r6, r4, 4               # a mask word is 16
        lw      r7, D_LOW_MASK(zero)
        add     r6, r6, r7
        set     drain.mask, r6
        drain.err
        addi    r4, r4, TILE
        lw      r5, D_N_IN(zero)
        blt     r4, r5, ep_tile
1:      jr      r14
