# mlp-784-128-64-10, rule bp, errors of the fully connected layers by dnnc: compiled.
# Registers: r1 layer, r2 samples of the batch, r3 flag of the weight buffer that is loaded next; see main.s.

.equ RULE, 0
.equ TILE, 256               # lanes of the MAC array, and log2 of them
.equ TILE_SHIFT, 8
# ==== memory.s ====================================================================================================
# Where things lie: the program's scratch memory, and in it the copies of the header and of the order entries
# of a batch. H_ and R_ names are scratch addresses, so `lw r4, H_LAYERS(zero)` reads a field.
# The planner writes the same structures; docs/firmware.md explains every field.

.equ MAGIC,             0xBDFA0002      # of the header; the low half counts changes of these structures
.equ TRAP_MAGIC,        1               # external memory does not start with a header
.equ TRAP_RULE,         2               # the header is for a program of another learning rule

# ---- flags of commands, for those that are known at run time only ------------------------------------------------
.equ F_B1,              1 << 0          # buffer 1
.equ F_FIRST,           1 << 1          # a fresh accumulator bank
.equ F_LAST,            1 << 2          # the bank goes to the drain
.equ F_FREE,            1 << 3          # the weight buffer is used up
.equ F_RAW,             1 << 4          # raw source
.equ F_NEW,             1 << 5          # the encoder starts its region
.equ F_T,               1 << 6          # transposed load
.equ F_DROP,            1 << 10         # dropout
.equ RAW_TO_T,          2               # F_RAW << 2 is F_T: raw sources meet transposed weights
.if F_RAW << RAW_TO_T != F_T
.error "RAW_TO_T does not turn F_RAW into F_T"
.endif

# ---- scratch memory -------------------------------------------------------------------------------------------
.equ HEADER,            0x000           # 160 bytes, read once
.equ PASS,              0x0a0           # 256 bytes, read when a pass over a convolution starts
.equ ORDER,             0x1a0           # 160 bytes: the entries of a batch, which may start inside 32 bytes
.equ RECORD,            0x240           # 64 bytes, written once an epoch
.equ VARIABLES,         0x280
.ifndef SCRATCH_END                     # programs with convolutions have tables behind the variables
.equ SCRATCH_END,       0x2e0
.endif

.equ HEADER_BYTES,      160
.equ PASS_BYTES,        256
.equ ORDER_BYTES,       160
.equ RECORD_BYTES,      64

# ---- header, at external address 0 ------------------------------------------------------------------------------
.equ H_MAGIC,           HEADER + 0
.equ H_LAYERS,          HEADER + 4      # L
.equ H_RULE,            HEADER + 8      # as RULE of the program
.equ H_EPOCHS,          HEADER + 12
.equ H_BATCH,           HEADER + 16     # samples of a full batch
.equ H_TRAIN_N,         HEADER + 20     # training samples of an epoch
.equ H_TEST_N,          HEADER + 24
.equ H_TRAIN_IMAGES,    HEADER + 28
.equ H_TEST_IMAGES,     HEADER + 32
.equ H_IMAGE_STRIDE,    HEADER + 36     # bytes from one image to the next
.equ H_TRAIN_ORDER,     HEADER + 40     # the order of the first epoch
.equ H_ORDER_STRIDE,    HEADER + 44     # bytes from one epoch's order to the next
.equ H_TEST_ORDER,      HEADER + 48
.equ H_RESULTS,         HEADER + 52     # the record of the first epoch
.equ H_EVAL_EVERY,      HEADER + 56     # epochs from one test to the next, 0: no test
.equ H_ETA,             HEADER + 60     # for a full batch
.equ H_ETA_SHORT,       HEADER + 64     # for the batch that is left over at the end of an epoch
.equ H_SHIFT_EVERY,     HEADER + 68     # epochs from one shift of eta to the next, 0: none
.equ H_SHIFT_BY,        HEADER + 72
.equ H_MU,              HEADER + 76
.equ H_LAMBDA,          HEADER + 80
.equ H_SEED,            HEADER + 84     # of the rounding of W
.equ H_COUNTER_STEP,    HEADER + 88     # C, the random counter's step from one training step to the next
.equ H_INPUTS,          HEADER + 92     # N_0
.equ H_IN_PTR,          HEADER + 96     # first pointer of o_0
.equ H_IN_BLOCKS,       HEADER + 100    # pointers a sample
.equ H_IN_ALLOC,        HEADER + 104    # OMEM words of o_0: from
.equ H_IN_LIMIT,        HEADER + 108    # to
.equ H_SIGNS,           HEADER + 112    # external address of the stored feedback signs
.equ H_SIGN_ENTRIES,    HEADER + 116    # 0: none
.equ H_XMEM_BYTES,      HEADER + 120    # not read by the program

# ---- record of an epoch ---------------------------------------------------------------------------------------
.equ R_EPOCH,           RECORD + 0      # from 1; 0 in a record that is not written yet
.equ R_TRAIN_N,         RECORD + 4
.equ R_TRAIN_CORRECT,   RECORD + 8
.equ R_TEST_N,          RECORD + 12     # 0: not tested
.equ R_TEST_CORRECT,    RECORD + 16
.equ R_STEPS,           RECORD + 20     # training steps since the start
.equ R_ETA,             RECORD + 24     # for full batches in this epoch
.equ R_SAT_FF,          RECORD + 28     # saturations of z in training
.equ R_MAX_FF,          RECORD + 32
.equ R_SAT_ERR,         RECORD + 36     # of the hidden errors
.equ R_MAX_ERR,         RECORD + 40
.equ R_MAX_TOP,         RECORD + 44     # largest abs(e_L)
.equ R_SAT_V,           RECORD + 48
.equ R_SAT_W,           RECORD + 52
.equ R_MAX_V,           RECORD + 56
.equ R_MAX_W,           RECORD + 60

# ---- variables --------------------------------------------------------------------------------------------------
.equ V_EPOCH,           VARIABLES + 0   # from 1
.equ V_STEPS,           VARIABLES + 4   # training steps done
.equ V_COUNTER,         VARIABLES + 8   # steps * C, modulo 2^32
.equ V_ORDER,           VARIABLES + 12  # external address of the next batch's first order entry
.equ V_LEFT,            VARIABLES + 16  # samples left in this pass over a set
.equ V_TESTING,         VARIABLES + 20  # 1 while the test set runs
.equ V_TO_EVAL,         VARIABLES + 24  # epochs until the next test
.equ V_TO_SHIFT,        VARIABLES + 28  # epochs until the next shift of eta
.equ V_KIND,            VARIABLES + 32  # of the batch: 0 full, 1 the last of an epoch, 2 the last of the test set
.equ V_PENDING,         VARIABLES + 68  # 1: the last batch's update waits for the forward pass of the next one (fused schedules)
.equ V_COPY_P,          VARIABLES + 72  # fused schedules have maps twice: pointers, and words of OMEM, from the first copy to
.equ V_COPY_W,          VARIABLES + 76  # that of the batch at hand
.equ V_COPY_B,          VARIABLES + 80  # the same of what layers stream from external memory, in bytes
.equ V_REST,            VARIABLES + 68  # batches over 32, in their place: samples that no sub-batch has taken yet
.equ V_FIRST,           VARIABLES + 72  # first sample of the sub-batch at hand
.equ V_FOLD,            VARIABLES + 76  # images for the normalisation unit; how many lie below each other in one << 8
.equ V_LESS,            VARIABLES + 80  # what the shift of gradients is less than a full batch's by
.equ V_ETA,             VARIABLES + 92  # of the batch at hand

# ---- blocks ---------------------------------------------------------------------------------------------------
.equ BLOCK,             64              # weights lie in blocks of 64 x 64
.equ W_BLOCK,           8192            # bytes of a block of weights
.equ V_BLOCK,           12288           # bytes of a block of velocities
.equ HALF_BLOCK,        32              # rows of a block that fused schedules work on at a time
.equ SUB,               32              # samples that the chip holds at a time
# ==== end of memory.s
.equ LINK, VARIABLES + 64       # return address of forward
# ==== macros.s ====================================================================================================
# ---- macros ---------------------------------------------------------------------------------------------------

# Add a counter of a unit to a field of the record. Reading clears the counter.
.macro tally field, status
        get     r6, \status
        lw      r7, \field(zero)
        add     r7, r7, r6
        sw      r7, \field(zero)
.endm

# Raise a field of the record to a unit's largest absolute value.
.macro peak field, status
        get     r6, \status
        lw      r7, \field(zero)
        bgeu    r7, r6, 9f
        sw      r6, \field(zero)
9:
.endm

# Copy a scratch word into a parameter register.
.macro param register, field
        lw      r6, \field(zero)
        set     \register, r6
.endm
# ==== end of macros.s

# Tag what follows with the layer in r1: forward, or eval while the test set runs.
.macro forward_mark
        lw      r4, V_TESTING(zero)
        bnez    r4, 8f
        mark    ff, r1
        j       9f
8:      mark    eval, r1
9:
.endm

.text
# ==== main.s ======================================================================================================
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
# ==== end of main.s
# ==== mac.s =======================================================================================================
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
# ==== end of mac.s

# ---- parameters of the loss unit; r15 returns --------------------------------------------------------------------
set_loss:
        seti    loss.src, 3072
        seti    loss.sstep, 16
        seti    loss.dst, 3584
        seti    loss.dstep, 16
        seti    loss.n, 10
        seti    loss.frac, 8
        jr      r15

# ---- forward through all layers; leaves r1 = 3; r14 returns ------------------------------------------------------
forward:
        sw      r14, LINK(zero)
        wait    mom, 0

# ---- fc1, forward: 784 -> 128, 1 tiles of 256 neurons, 13 blocks of 64 inputs ------------------------------------
        li      r1, 1
        forward_mark
        seti    wld.xstep, 106496
        seti    wld.pitch, 0
        seti    dnnc.sstep, 13
        seti    drain.dstep, 2
        seti    wld.split, 1
        seti    dnnc.split, 1
        seti    drain.split, 1
        seti    drain.mstep, 8
        seti    drain.alloc, 0
        seti    drain.limit, 1024
        seti    drain.shift, 12
        li      r4, 0
fc1_forward:
        li      r5, 128
        call    set_lanes
        set     drain.lanes, r5
        shri    r7, r4, 6
        muli    r7, r7, 106496
        addi    r7, r7, 0x15b80
        li      r6, 784
        li      r8, 8192
        li      r9, 96
        li      r10, 1
        li      r11, 0
        call    tile_mac
        wait    drain, 0
        shli    r6, r4, 2
        addi    r6, r6, 0x4bb80
        set     dma.xaddr, r6
        addi    r6, r5, BLOCK - 1
        andi    r6, r6, -BLOCK
        set     dma.n, r6
        dma.bias
        shri    r6, r4, 6
        addi    r6, r6, 0
        set     drain.dst, r6
        shri    r6, r4, 4
        addi    r7, r6, 0
        set     drain.mask, r7
        wait    dma, 0
        li      r6, F_NEW
        beqz    r4, tile1
        li      r6, 0
tile1:
        drain.act r6
        addi    r4, r4, TILE
        li      r5, 128
        blt     r4, r5, fc1_forward

# ---- fc2, forward: 128 -> 64, 1 tiles of 256 neurons, 2 blocks of 64 inputs --------------------------------------
        li      r1, 2
        forward_mark
        seti    wld.xstep, 16384
        seti    wld.pitch, 0
        seti    dnnc.sstep, 2
        seti    drain.dstep, 1
        seti    wld.split, 2
        seti    dnnc.split, 2
        seti    drain.split, 2
        seti    drain.mstep, 4
        seti    drain.alloc, 2048
        seti    drain.limit, 2560
        seti    drain.shift, 12
        li      r4, 0
fc2_forward:
        li      r5, 64
        call    set_lanes
        set     drain.lanes, r5
        shri    r7, r4, 6
        muli    r7, r7, 16384
        addi    r7, r7, 0x4bd80
        li      r6, 128
        li      r8, 8192
        li      r9, 0
        li      r10, 1
        li      r11, 0
        call    tile_mac
        wait    drain, 0
        shli    r6, r4, 2
        addi    r6, r6, 0x51d80
        set     dma.xaddr, r6
        addi    r6, r5, BLOCK - 1
        andi    r6, r6, -BLOCK
        set     dma.n, r6
        dma.bias
        shri    r6, r4, 6
        addi    r6, r6, 64
        set     drain.dst, r6
        shri    r6, r4, 4
        addi    r7, r6, 256
        set     drain.mask, r7
        wait    dma, 0
        li      r6, F_NEW
        beqz    r4, tile3
        li      r6, 0
tile3:
        drain.act r6
        addi    r4, r4, TILE
        li      r5, 64
        blt     r4, r5, fc2_forward

# ---- fc3, forward: 64 -> 10, 1 tiles of 256 neurons, 1 blocks of 64 inputs ---------------------------------------
        li      r1, 3
        forward_mark
        seti    wld.xstep, 8192
        seti    wld.pitch, 0
        seti    dnnc.sstep, 1
        seti    drain.dstep, 16
        seti    wld.split, 2
        seti    dnnc.split, 2
        seti    drain.split, 2
        seti    drain.shift, 12
        li      r4, 0
fc3_forward:
        li      r5, 10
        call    set_lanes
        set     drain.lanes, r5
        shri    r7, r4, 6
        muli    r7, r7, 8192
        addi    r7, r7, 0x51e80
        li      r6, 64
        li      r8, 8192
        li      r9, 64
        li      r10, 1
        li      r11, 0
        call    tile_mac
        wait    drain, 0
        shli    r6, r4, 2
        addi    r6, r6, 0x55e80
        set     dma.xaddr, r6
        addi    r6, r5, BLOCK - 1
        andi    r6, r6, -BLOCK
        set     dma.n, r6
        dma.bias
        shri    r6, r4, 2
        addi    r6, r6, 3072
        set     drain.dst, r6
        wait    dma, 0
        drain.logit
        addi    r4, r4, TILE
        li      r5, 10
        blt     r4, r5, fc3_forward
        li      r1, 3
        wait    drain, 0
        lw      r14, LINK(zero)
        jr      r14

# ---- errors, gradients and updates from the top; r13 returns -----------------------------------------------------
backward:

# ---- fc2, errors: e_2 of 64 from e_3 of 10, by dnnc --------------------------------------------------------------
        wait    drain, 0
        li      r1, 2
        mark    ep, r1
        seti    wld.xstep, W_BLOCK
        seti    wld.pitch, 0
        seti    dnnc.sstep, 16
        seti    drain.shift, 13
        seti    drain.dstep, 16
        seti    drain.mstep, 4
        seti    wld.split, 2
        seti    dnnc.split, 2
        seti    drain.split, 2
        li      r4, 0
fc2_errors:
        li      r5, 64
        call    set_lanes
        set     drain.lanes, r5
        shli    r7, r4, 7
        addi    r7, r7, 0x51e80
        li      r8, 8192
        li      r9, 3584
        li      r10, 16
        li      r6, 10
        li      r11, F_RAW
        call    tile_mac
        shri    r6, r4, 2
        addi    r6, r6, 2560
        set     drain.dst, r6
        shri    r6, r4, 4
        addi    r6, r6, 256
        set     drain.mask, r6
        drain.err
        addi    r4, r4, TILE
        li      r5, 64
        blt     r4, r5, fc2_errors

# ---- fc3, gradient and update: 1 tiles of 256 neurons, 1 blocks of 64 inputs -------------------------------------
        li      r1, 3
        mark    wg, r1
        seti    wld.split, 0
        seti    wld.pitch, 0
        seti    wld.sstep, 16
        seti    dnnc.split, 0
        seti    dnnc.sstep, 1
        set     wld.rows, r2
        seti    mom.wstep, 8192
        seti    mom.vstep, 12288
        seti    mom.dshift, 8
        seti    mom.cstep, 32
        li      r4, 0
fc3_update:
        li      r5, 10
        call    set_lanes
        set     mom.lanes, r5
        shri    r6, r4, 2
        addi    r6, r6, 3584
        set     wld.src, r6
        wld.e   r3
        shli    r6, r4, 2
        addi    r6, r6, 0x55e80
        set     mom.waddr, r6
        muli    r6, r4, 3
        li      r7, 0x2057240
        add     r6, r6, r7
        set     mom.vaddr, r6
        seti    mom.gshift, -1
        seti    mom.tshift, 16
        seti    mom.rows, 1
        seti    dnnc.rows, 1
        dnnc.ones first, last, r3
        mom.b
        seti    mom.gshift, 7
        seti    mom.tshift, 24
        shri    r11, r4, 6
        muli    r7, r11, 8192
        addi    r7, r7, 0x51e80
        muli    r8, r11, 12288
        li      r12, 0x2054240
        add     r8, r8, r12
        muli    r9, r11, 32
        addi    r9, r9, 896
        lw      r12, V_COUNTER(zero)
        add     r9, r9, r12
        li      r10, 64
        li      r6, 64
fc3_block:
        mini    r12, r6, 64
        set     dnnc.rows, r12
        set     mom.rows, r12
        set     dnnc.src, r10
        set     mom.waddr, r7
        set     mom.vaddr, r8
        set     mom.ctr, r9
        addi    r6, r6, -64
        mov     r12, r3
        bgt     r6, zero, last5
        ori     r12, r3, F_FREE
last5:
        dnnc.grad first, last, r12
        mom.w
        addi    r7, r7, 8192
        addi    r8, r8, 12288
        addi    r9, r9, 32
        addi    r10, r10, 1
        bgt     r6, zero, fc3_block
        xori    r3, r3, F_B1
        addi    r4, r4, TILE
        li      r5, 10
        blt     r4, r5, fc3_update

# ---- fc1, errors: e_1 of 128 from e_2 of 64, by dnnc -------------------------------------------------------------
        wait    drain, 0
        li      r1, 1
        mark    ep, r1
        seti    wld.xstep, W_BLOCK
        seti    wld.pitch, 0
        seti    dnnc.sstep, 16
        seti    drain.shift, 12
        seti    drain.dstep, 32
        seti    drain.mstep, 8
        seti    wld.split, 1
        seti    dnnc.split, 1
        seti    drain.split, 1
        li      r4, 0
fc1_errors:
        li      r5, 128
        call    set_lanes
        set     drain.lanes, r5
        shli    r7, r4, 7
        addi    r7, r7, 0x4bd80
        li      r8, 16384
        li      r9, 2560
        li      r10, 16
        li      r6, 64
        li      r11, F_RAW
        call    tile_mac
        shri    r6, r4, 2
        addi    r6, r6, 1024
        set     drain.dst, r6
        shri    r6, r4, 4
        addi    r6, r6, 0
        set     drain.mask, r6
        drain.err
        addi    r4, r4, TILE
        li      r5, 128
        blt     r4, r5, fc1_errors

# ---- fc2, gradient and update: 1 tiles of 256 neurons, 2 blocks of 64 inputs -------------------------------------
        li      r1, 2
        mark    wg, r1
        seti    wld.split, 0
        seti    wld.pitch, 0
        seti    wld.sstep, 16
        seti    dnnc.split, 0
        seti    dnnc.sstep, 2
        set     wld.rows, r2
        seti    mom.wstep, 16384
        seti    mom.vstep, 24576
        seti    mom.dshift, 8
        seti    mom.cstep, 64
        li      r4, 0
fc2_update:
        li      r5, 64
        call    set_lanes
        set     mom.lanes, r5
        shri    r6, r4, 2
        addi    r6, r6, 2560
        set     wld.src, r6
        wld.e   r3
        shli    r6, r4, 2
        addi    r6, r6, 0x51d80
        set     mom.waddr, r6
        muli    r6, r4, 3
        li      r7, 0x2054180
        add     r6, r6, r7
        set     mom.vaddr, r6
        seti    mom.gshift, -2
        seti    mom.tshift, 16
        seti    mom.rows, 1
        seti    dnnc.rows, 1
        dnnc.ones first, last, r3
        mom.b
        seti    mom.gshift, 6
        seti    mom.tshift, 24
        shri    r11, r4, 6
        muli    r7, r11, 16384
        addi    r7, r7, 0x4bd80
        muli    r8, r11, 24576
        li      r12, 0x204e180
        add     r8, r8, r12
        muli    r9, r11, 64
        addi    r9, r9, 832
        lw      r12, V_COUNTER(zero)
        add     r9, r9, r12
        li      r10, 0
        li      r6, 128
fc2_block:
        mini    r12, r6, 64
        set     dnnc.rows, r12
        set     mom.rows, r12
        set     dnnc.src, r10
        set     mom.waddr, r7
        set     mom.vaddr, r8
        set     mom.ctr, r9
        addi    r6, r6, -64
        mov     r12, r3
        bgt     r6, zero, last6
        ori     r12, r3, F_FREE
last6:
        dnnc.grad first, last, r12
        mom.w
        addi    r7, r7, 8192
        addi    r8, r8, 12288
        addi    r9, r9, 32
        addi    r10, r10, 1
        bgt     r6, zero, fc2_block
        xori    r3, r3, F_B1
        addi    r4, r4, TILE
        li      r5, 64
        blt     r4, r5, fc2_update
        wait    drain, 0  # e_i

# ---- fc1, gradient and update: 1 tiles of 256 neurons, 13 blocks of 64 inputs ------------------------------------
        li      r1, 1
        mark    wg, r1
        seti    wld.split, 0
        seti    wld.pitch, 0
        seti    wld.sstep, 32
        seti    dnnc.split, 0
        seti    dnnc.sstep, 13
        set     wld.rows, r2
        seti    mom.wstep, 106496
        seti    mom.vstep, 159744
        seti    mom.dshift, 8
        seti    mom.cstep, 416
        li      r4, 0
fc1_update:
        li      r5, 128
        call    set_lanes
        set     mom.lanes, r5
        shri    r6, r4, 2
        addi    r6, r6, 1024
        set     wld.src, r6
        wld.e   r3
        shli    r6, r4, 2
        addi    r6, r6, 0x4bb80
        set     mom.waddr, r6
        muli    r6, r4, 3
        li      r7, 0x204e000
        add     r6, r6, r7
        set     mom.vaddr, r6
        seti    mom.gshift, -2
        seti    mom.tshift, 16
        seti    mom.rows, 1
        seti    dnnc.rows, 1
        dnnc.ones first, last, r3
        mom.b
        seti    mom.gshift, 6
        seti    mom.tshift, 24
        shri    r11, r4, 6
        muli    r7, r11, 106496
        addi    r7, r7, 0x15b80
        muli    r8, r11, 159744
        li      r12, 0x2000000
        add     r8, r8, r12
        muli    r9, r11, 416
        addi    r9, r9, 0
        lw      r12, V_COUNTER(zero)
        add     r9, r9, r12
        li      r10, 96
        li      r6, 784
fc1_block:
        mini    r12, r6, 64
        set     dnnc.rows, r12
        set     mom.rows, r12
        set     dnnc.src, r10
        set     mom.waddr, r7
        set     mom.vaddr, r8
        set     mom.ctr, r9
        addi    r6, r6, -64
        mov     r12, r3
        bgt     r6, zero, last7
        ori     r12, r3, F_FREE
last7:
        dnnc.grad first, last, r12
        mom.w
        addi    r7, r7, 8192
        addi    r8, r8, 12288
        addi    r9, r9, 32
        addi    r10, r10, 1
        bgt     r6, zero, fc1_block
        xori    r3, r3, F_B1
        addi    r4, r4, TILE
        li      r5, 128
        blt     r4, r5, fc1_update
        jr      r13
