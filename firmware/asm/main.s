# Around the layers: boot, epochs and training steps, the test set, result records, the shift of the learning rate. A
# compiled program (firmware/compile) includes this file and adds forward, set_loss and backward for its network. It defines
#   RULE    number of its learning rule, which the header must have
#   BATCH   place of a batch's images, if they are copied one behind the other instead of going into OMEM
#   CONVS   if there are convolutions, and with them the normalisation unit
#   EPC     if the errors of hidden layers come from the EPC
#   SUBS    if batches are of more than 32 samples: sub.s
#   RATES   if layers have learning rates of their own
#   FUSED   if updates run inside the next forward pass; COPY_P, COPY_W, COPY_B are pointers, words and external bytes from the
#           first to the second copy of what two batches have
#
# Registers with a fixed meaning
#   r1   layer i, 1..L
#   r2   nb, the samples of the batch
#   r3   flag F_B1 or 0: the WMEM buffer that is loaded next; loads alternate between the two
#   r4   lane0, the first neuron of the tile of lanes at hand (in the loops over tiles)
#   r5   lanes, the existing lanes of that tile
#   r13, r14, r15   return addresses: r15 of subroutines that call none (`call`), r14 of those that call such, r13 of
#                   those that call the latter
#   r6..r12 are free within a subroutine.
#
# Ordering. Units run in parallel; only WMEM buffers and accumulator banks are interlocked. Wherever a command reads
# what another unit wrote (a map, the bias buffer, scratch, external memory), a `wait` stands before it.

# ---- boot -----------------------------------------------------------------------------------------------------
_start:
        mark    misc, zero
        li      r3, 0
        seti    dma.xaddr, 0
        seti    dma.n, HEADER_BYTES
        seti    dma.dst, HEADER
        dma.scr
        wait    dma, 0
        lw      r4, H_MAGIC(zero)
        li      r5, MAGIC
        beq     r4, r5, 1f
        trap    TRAP_MAGIC
1:      lw      r4, H_RULE(zero)
        li      r5, RULE
        beq     r4, r5, 2f
        trap    TRAP_RULE
2:      lw      r4, H_SIGN_ENTRIES(zero)
        beqz    r4, 3f
        set     dma.n, r4
        param   dma.xaddr, H_SIGNS
        seti    dma.dst, 0
        dma.sign
3:      param   mom.mu, H_MU            # parameter registers keep their values
        param   mom.lambda, H_LAMBDA
        param   mom.seed, H_SEED
        sw      zero, V_EPOCH(zero)
        sw      zero, V_STEPS(zero)
        sw      zero, V_COUNTER(zero)
        sw      zero, V_TESTING(zero)
.ifdef FUSED
        sw      zero, V_PENDING(zero)
        sw      zero, V_COPY_P(zero)
        sw      zero, V_COPY_W(zero)
        sw      zero, V_COPY_B(zero)
        seti    dma.chan, HALF_BLOCK
        seti    drain.block, HALF_BLOCK
.endif
        lw      r4, H_EVAL_EVERY(zero)
        sw      r4, V_TO_EVAL(zero)
        lw      r4, H_SHIFT_EVERY(zero)
        sw      r4, V_TO_SHIFT(zero)

# ---- one epoch ------------------------------------------------------------------------------------------------
epoch:
        lw      r4, V_EPOCH(zero)
        lw      r5, H_EPOCHS(zero)
        bge     r4, r5, finish
        lw      r6, H_ORDER_STRIDE(zero)
        mul     r6, r6, r4
        lw      r7, H_TRAIN_ORDER(zero)
        add     r6, r6, r7
        sw      r6, V_ORDER(zero)
        addi    r4, r4, 1
        sw      r4, V_EPOCH(zero)
        li      r6, RECORD_BYTES / 4
        li      r7, RECORD
        loop    r6, 1f
        sw      zero, 0(r7)
        addi    r7, r7, 4
1:      sw      r4, R_EPOCH(zero)
        lw      r4, H_TRAIN_N(zero)
        sw      r4, R_TRAIN_N(zero)
        sw      r4, V_LEFT(zero)
        lw      r4, H_ETA(zero)
        sw      r4, R_ETA(zero)

train_step:
        mark    dma, zero
        lw      r6, H_TRAIN_IMAGES(zero)
        jal     r14, load_batch
        lw      r4, H_ETA(zero)
        lw      r5, H_BATCH(zero)
        beq     r2, r5, 1f
        lw      r4, H_ETA_SHORT(zero)
1:      set     mom.eta, r4
.ifdef RATES
        sw      r4, V_ETA(zero)
.endif
.ifdef CONVS
        set     norm.eta, r4
.endif
.ifdef SUBS
        jal     r14, maps
next_sub:
        mark    dma, zero
        jal     r14, sub_batch
.endif
        jal     r14, forward
        mark    loss, r1
        call    set_loss
        loss.ce
        tally   R_SAT_FF, drain.sat     # the drain rests until the errors: its statistics are those of z
        peak    R_MAX_FF, drain.max
.ifdef CONVS
        tally   R_SAT_FF, norm.sat      # those of u, behind the normalisation
.endif
        wait    loss, 0
.ifdef SUBS
        jal     r13, teach
        tally   R_SAT_ERR, drain.sat    # before the next sub-batch comes through it
        peak    R_MAX_ERR, drain.max
        lw      r4, V_REST(zero)
        bnez    r4, next_sub
.endif
        jal     r13, backward
        tally   R_SAT_ERR, drain.sat    # the MAC array's errors pass the drain,
        peak    R_MAX_ERR, drain.max
        tally   R_SAT_ERR, depc.sat     # BDFA and BFA in the DEPC; a unit that is not used counts nothing
        peak    R_MAX_ERR, depc.max
.ifdef EPC
        tally   R_SAT_ERR, epc.sat      # programs for the EPC make those of hidden layers there
        peak    R_MAX_ERR, epc.max
.endif
.ifdef CONVS
        tally   R_SAT_ERR, norm.sat     # e behind the normalisation, and what norm.update clipped
        peak    R_MAX_ERR, norm.max
.endif
        lw      r4, V_STEPS(zero)
        addi    r4, r4, 1
        sw      r4, V_STEPS(zero)
        lw      r4, V_COUNTER(zero)
        lw      r5, H_COUNTER_STEP(zero)
        add     r4, r4, r5
        sw      r4, V_COUNTER(zero)
        lw      r4, V_LEFT(zero)
        bnez    r4, train_step

        mark    misc, zero
        wait    mom, 0                  # the statistics of the last update
        tally   R_TRAIN_CORRECT, loss.correct
        peak    R_MAX_TOP, loss.max
        tally   R_SAT_V, mom.satv
        tally   R_SAT_W, mom.satw
        peak    R_MAX_V, mom.maxv
        peak    R_MAX_W, mom.maxw
        lw      r4, V_STEPS(zero)
        sw      r4, R_STEPS(zero)

        # The test set, every H_EVAL_EVERY epochs and after the last.
        lw      r4, H_EVAL_EVERY(zero)
        beqz    r4, 3f
        lw      r5, V_TO_EVAL(zero)
        addi    r5, r5, -1
        sw      r5, V_TO_EVAL(zero)
        beqz    r5, 2f
        lw      r5, V_EPOCH(zero)
        lw      r6, H_EPOCHS(zero)
        bne     r5, r6, 3f
2:      sw      r4, V_TO_EVAL(zero)
        jal     r13, evaluate
3:
        mark    misc, zero
        lw      r4, V_EPOCH(zero)
        muli    r4, r4, RECORD_BYTES
        addi    r4, r4, -RECORD_BYTES
        lw      r5, H_RESULTS(zero)
        add     r4, r4, r5
        set     dma.xaddr, r4
        seti    dma.n, RECORD_BYTES
        seti    dma.dst, RECORD
        dma.store

        # The learning rate, every H_SHIFT_EVERY epochs.
        lw      r4, H_SHIFT_EVERY(zero)
        beqz    r4, 4f
        lw      r5, V_TO_SHIFT(zero)
        addi    r5, r5, -1
        sw      r5, V_TO_SHIFT(zero)
        bnez    r5, 4f
        sw      r4, V_TO_SHIFT(zero)
        lw      r5, H_SHIFT_BY(zero)
        lw      r4, H_ETA(zero)
        shr     r4, r4, r5
        sw      r4, H_ETA(zero)
        lw      r4, H_ETA_SHORT(zero)
        shr     r4, r4, r5
        sw      r4, H_ETA_SHORT(zero)
4:      wait    dma, 0                  # the record is stored before scratch changes
        j       epoch

finish:
        halt

# ---- the test set: r13 returns --------------------------------------------------------------------------------
evaluate:
        li      r4, 1
        sw      r4, V_TESTING(zero)
        lw      r4, H_TEST_ORDER(zero)
        sw      r4, V_ORDER(zero)
        lw      r4, H_TEST_N(zero)
        sw      r4, R_TEST_N(zero)
        sw      r4, V_LEFT(zero)
1:      mark    eval, zero
        lw      r6, H_TEST_IMAGES(zero)
        jal     r14, load_batch
.ifdef SUBS
        jal     r14, maps
2:      mark    eval, zero
        jal     r14, sub_batch
.endif
        jal     r14, forward
        call    set_loss
        loss.eval
        wait    loss, 0
.ifdef SUBS
        lw      r4, V_REST(zero)
        bnez    r4, 2b
.endif
        lw      r4, V_LEFT(zero)
        bnez    r4, 1b
        tally   R_TEST_CORRECT, loss.correct
        get     r4, drain.sat           # the record counts training only: drop what the test added
        get     r4, drain.max
        get     r4, loss.max
.ifdef CONVS
        get     r4, norm.sat
.endif
        sw      zero, V_TESTING(zero)
        jr      r13

.ifndef SUBS
# ---- load the next batch: r6 = the set's first image; sets r2; r14 returns -----------------------------------------
load_batch:
        wait    dnnc, 0                 # nobody reads the last batch's o_0 any more
        lw      r2, V_LEFT(zero)
        lw      r4, H_BATCH(zero)
        min     r2, r2, r4
        lw      r4, V_LEFT(zero)
        sub     r4, r4, r2
        sw      r4, V_LEFT(zero)
        lw      r5, V_ORDER(zero)
        shli    r4, r2, 2
        add     r4, r4, r5
        sw      r4, V_ORDER(zero)
        andi    r4, r5, -32             # a batch's entries may start inside an external burst
        set     dma.xaddr, r4
        seti    dma.n, ORDER_BYTES
        seti    dma.dst, ORDER
        dma.scr
        andi    r5, r5, 31
        addi    r5, r5, ORDER           # scratch address of the first entry
        set     dnnc.nb, r2
        set     drain.nb, r2
        set     loss.nb, r2
.ifdef FUSED
        li      r4, COPY_P              # the maps of the last batch stay
        lw      r7, V_COPY_P(zero)
        sub     r4, r4, r7
        sw      r4, V_COPY_P(zero)
        li      r4, COPY_W
        lw      r7, V_COPY_W(zero)
        sub     r4, r4, r7
        sw      r4, V_COPY_W(zero)
        li      r4, COPY_B
        lw      r7, V_COPY_B(zero)
        sub     r4, r4, r7
        sw      r4, V_COPY_B(zero)
.endif
        lw      r7, H_IN_PTR(zero)
        lw      r8, H_IN_BLOCKS(zero)
        lw      r9, H_IMAGE_STRIDE(zero)
        lw      r11, H_INPUTS(zero)
        wait    dma, 0
        set     dma.n, r11
        lw      r11, H_IN_ALLOC(zero)
.ifdef FUSED
        lw      r10, V_COPY_P(zero)
        add     r7, r7, r10
        lw      r10, V_COPY_W(zero)
        add     r11, r11, r10
.endif
        set     dma.alloc, r11
        lw      r11, H_IN_LIMIT(zero)
.ifdef FUSED
        add     r11, r11, r10
.endif
        set     dma.limit, r11
        li      r10, 0                  # sample
.ifdef BATCH
        # The samples of the batch one behind the other, for programs that read them more than once. BATCH is their place.
        lw      r11, H_IMAGE_STRIDE(zero)
        set     dma.n, r11
        li      r7, BATCH
.ifdef FUSED
.ifndef CONVS                           # their input is used up when the next batch comes
        lw      r8, V_COPY_B(zero)
        add     r7, r7, r8
.endif
.endif
        mov     r8, r11
        lw      r11, H_BATCH(zero)
        li      r12, 0                  # kind of the batch
        beq     r2, r11, 4f
        lw      r11, V_TESTING(zero)
        addi    r12, r11, 1
4:      sw      r12, V_KIND(zero)
.endif
        loop    r2, 3f
        lhu     r11, 0(r5)              # index of the image
        mul     r11, r11, r9
        add     r11, r11, r6
        set     dma.xaddr, r11
        set     dma.dst, r7
        lhu     r11, 2(r5)              # its label
        shli    r12, r10, 16
        or      r11, r11, r12
        set     loss.label, r11
.ifdef BATCH
        dma.copy
.else
        bnez    r10, 1f
        dma.map new
        j       2f
1:      dma.map
.endif
2:      addi    r5, r5, 4
        add     r7, r7, r8
        addi    r10, r10, 1
3:      wait    dma, 0
        jr      r14
.endif
