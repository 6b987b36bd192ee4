# The part of the training programs that both learning rules share: forward, gradient and update of all layers here, and
# what goes on around them (boot, epochs, batches, the test set, result records) in main.s, a tile of the MAC array in mac.s.
# bp.s and bdfa.s set RULE, include this file and add their error phase as two subroutines:
#
#   error_start   called once a step, when e_L is in OMEM and the descriptor of layer L is loaded
#   error_step    called for i = L..1 with the descriptor of layer i loaded: returns when e_i is in OMEM, and has
#                 started (BDFA) or issued (BP) what makes e_{i-1}
#
# The program knows no network: it runs over the layer descriptors that the planner left in external memory.
#
# Registers with a fixed meaning
#   r1   layer i, 1..L
#   r2   nb, the samples of the batch
#   r3   flag F_B1 or 0: the WMEM buffer that is loaded next; loads alternate between the two
#   r4   lane0, the first neuron of the tile of 256 lanes at hand (in the loops over tiles)
#   r5   lanes, the existing lanes of that tile
#   r13, r14, r15   return addresses: r15 of subroutines that call none (`call`), r14 of those that call such, r13 of
#                   those that call the latter
#   r6..r12 are free within a subroutine.
#
# Ordering. Units run in parallel; only WMEM buffers and accumulator banks are interlocked. Wherever a command reads
# what another unit wrote (a map, the bias buffer, scratch, external memory), a `wait` stands before it.

.include "memory.s"

.include "macros.s"

.text
.include "main.s"

# ---- copy the descriptor of layer r1 to scratch; r15 returns ----------------------------------------------------
load_layer:
        muli    r6, r1, LAYER_BYTES
        addi    r6, r6, -LAYER_BYTES
        lw      r7, H_LAYER_TABLE(zero)
        add     r6, r6, r7
        set     dma.xaddr, r6
        seti    dma.n, LAYER_BYTES
        seti    dma.dst, LAYER
        dma.scr
        wait    dma, 0
        jr      r15

.include "mac.s"

# ---- forward through all layers; leaves r1 = L and its descriptor; r14 returns -------------------------------------
forward:
        wait    mom, 0                  # the weights of the last step are in external memory
        li      r1, 1
ff_layer:
        lw      r4, V_TESTING(zero)
        bnez    r4, 1f
        mark    ff, r1
        j       2f
1:      mark    eval, r1
2:      call    load_layer
        param   wld.xstep, D_W_STEP
        param   dnnc.sstep, D_IN_BLOCKS
        param   drain.dstep, D_OUT_STEP
        param   drain.alloc, D_OUT_ALLOC
        param   drain.limit, D_OUT_LIMIT
        param   drain.mstep, D_MASK_STEP
        param   drain.shift, D_FF_SHIFT
        lw      r6, D_SPLIT(zero)
        set     wld.split, r6
        set     dnnc.split, r6
        set     drain.split, r6
        li      r4, 0
ff_tile:
        lw      r5, D_N_OUT(zero)
        call    set_lanes
        set     drain.lanes, r5
        shri    r7, r4, 6
        lw      r8, D_W_STEP(zero)
        mul     r7, r7, r8
        lw      r8, D_WEIGHTS(zero)
        add     r7, r7, r8
        li      r8, W_BLOCK
        lw      r9, D_IN_PTR(zero)
        li      r10, 1
        lw      r6, D_N_IN(zero)
        li      r11, 0
        call    tile_mac
        # The biases come last: the drain of the tile before, which used the same buffer, is long done by now.
        wait    drain, 0
        shli    r6, r4, 2
        lw      r7, D_BIASES(zero)
        add     r6, r6, r7
        set     dma.xaddr, r6
        addi    r6, r5, BLOCK - 1       # whole blocks of 64: whole bursts, and the padding exists
        andi    r6, r6, -BLOCK
        set     dma.n, r6
        dma.bias
        lw      r6, D_HIDDEN(zero)
        lw      r7, D_OUT(zero)
        beqz    r6, ff_logits
        shri    r6, r4, 6               # a pointer is 64 neurons
        add     r6, r6, r7
        set     drain.dst, r6
        shri    r6, r4, 4               # a mask word is 16
        lw      r7, D_MASK(zero)
        add     r6, r6, r7
        set     drain.mask, r6
        wait    dma, 0
        li      r6, F_NEW               # the first tile starts the map
        beqz    r4, 3f
        li      r6, 0
3:      drain.act r6
        j       ff_next
ff_logits:
        shri    r6, r4, 2               # an OMEM word is 4
        add     r6, r6, r7
        set     drain.dst, r6
        wait    dma, 0
        drain.logit
ff_next:
        addi    r4, r4, TILE
        lw      r5, D_N_OUT(zero)
        blt     r4, r5, ff_tile
        addi    r1, r1, 1
        lw      r5, H_LAYERS(zero)
        ble     r1, r5, ff_layer
        mov     r1, r5
        wait    drain, 0
        jr      r14

# ---- parameters of the loss unit; r15 returns -----------------------------------------------------------------
set_loss:
        param   loss.src, D_OUT
        param   loss.sstep, D_OUT_STEP
        param   loss.dst, D_ERR
        param   loss.dstep, D_ERR_STEP
        param   loss.n, D_N_OUT
        param   loss.frac, D_FO
        jr      r15

# ---- errors, gradients and updates of all layers, from the top; r13 returns ---------------------------------------
backward:
        lw      r1, H_LAYERS(zero)      # its descriptor is still there
        jal     r14, error_start
1:      jal     r14, error_step
        jal     r14, update
        addi    r1, r1, -1
        beqz    r1, 2f
        call    load_layer              # under the mark of the layer above: a mark of its own would close too early
        j       1b
2:      jr      r13

# ---- gradient and update of layer r1 from e_i and o_{i-1}; r14 returns ------------------------------------------
update:
        mark    wg, r1
        seti    wld.split, 0
        seti    dnnc.split, 0
        set     wld.rows, r2
        param   wld.sstep, D_ERR_STEP
        param   dnnc.sstep, D_IN_BLOCKS
        param   mom.wstep, D_W_STEP
        param   mom.vstep, D_V_STEP
        param   mom.dshift, D_DECAY_SHIFT
        param   mom.cstep, D_COUNTER_STEP
        li      r4, 0
wg_tile:
        lw      r5, D_N_OUT(zero)
        call    set_lanes
        set     mom.lanes, r5
        shri    r6, r4, 2               # an OMEM word is 4 neurons
        lw      r7, D_ERR(zero)
        add     r6, r6, r7
        set     wld.src, r6
        wld.e   r3

        # The biases: their gradient is the sum of the errors.
        shli    r6, r4, 2               # 4 bytes each
        lw      r7, D_BIASES(zero)
        add     r6, r6, r7
        set     mom.waddr, r6
        muli    r6, r4, 3               # 3 bytes each
        lw      r7, D_BIAS_VELOCITIES(zero)
        add     r6, r6, r7
        set     mom.vaddr, r6
        param   mom.gshift, D_GB_SHIFT
        param   mom.tshift, D_TB_SHIFT
        seti    mom.rows, 1
        seti    dnnc.rows, 1
        dnnc.ones first, last, r3
        mom.b

        # The weights, 64 inputs at a time.
        param   mom.gshift, D_G_SHIFT
        param   mom.tshift, D_T_SHIFT
        shri    r11, r4, 6
        lw      r12, D_W_STEP(zero)
        mul     r12, r12, r11
        lw      r7, D_WEIGHTS(zero)
        add     r7, r7, r12             # address of the weight block
        lw      r12, D_V_STEP(zero)
        mul     r12, r12, r11
        lw      r8, D_VELOCITIES(zero)
        add     r8, r8, r12             # of the velocity block
        lw      r12, D_COUNTER_STEP(zero)
        mul     r12, r12, r11
        lw      r9, D_COUNTER(zero)
        add     r9, r9, r12
        lw      r12, V_COUNTER(zero)
        add     r9, r9, r12             # random counter of the block
        lw      r10, D_IN_PTR(zero)     # pointer of sample 0's block
        lw      r6, D_N_IN(zero)        # rows left
wg_block:
        mini    r12, r6, BLOCK
        set     dnnc.rows, r12
        set     mom.rows, r12
        set     dnnc.src, r10
        set     mom.waddr, r7
        set     mom.vaddr, r8
        set     mom.ctr, r9
        addi    r6, r6, -BLOCK
        mov     r12, r3
        bgt     r6, zero, 1f
        ori     r12, r3, F_FREE         # the last block of inputs: the errors are used up
1:      dnnc.grad first, last, r12
        mom.w
        addi    r7, r7, W_BLOCK
        addi    r8, r8, V_BLOCK
        addi    r9, r9, 32              # two half-blocks of 16 lanes each
        addi    r10, r10, 1
        bgt     r6, zero, wg_block
        xori    r3, r3, F_B1
        addi    r4, r4, TILE
        lw      r5, D_N_OUT(zero)
        blt     r4, r5, wg_tile
        jr      r14
