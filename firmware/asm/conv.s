# Convolutions, driven by tables that the compiler leaves in external memory. A pass (forward or errors of a layer, or its
# gradients) works strip after strip: a strip is some images, or some rows of one image, of the source map that fit into one
# of two buffers of OMEM. While a strip is worked on, the next one is loaded. A strip has tiles: runs of output pixels that
# fill the rows of an accumulator bank. For each tile and each tile of output channels the jobs are gone through: a job is one
# 64-row block of weights with its place in the window.
#
#   conv_run   z = W * o (forward), d = W^T * e (errors): tiles outside, jobs inside
#   conv_grad  W's gradient and update: jobs outside, tiles inside
#
# Both want r1 = layer and r6 = address of the pass's descriptor, keep r1 and r13, leave r2 = nb, and return by r14.

# ---- scratch: descriptor of a pass at PASS, then two strip records and the jobs --------------------------------------
.equ C_STRIPS,      PASS + 0           # first strip record, for a full batch, the last training batch, the last test batch
.equ C_NSTRIPS,     PASS + 12          # likewise
.equ C_RECORD,      PASS + 24          # bytes of a strip record
.equ C_JOBS,        PASS + 28          # external address of the jobs
.equ C_NJOBS,       PASS + 32
.equ C_LANES,       PASS + 36          # output channels
.equ C_WEIGHTS,     PASS + 40
.equ C_W_STEP,      PASS + 44          # bytes from a weight block to the one for the next 64 lanes
.equ C_W_TILE,      PASS + 48          # ... for the next tile of lanes
.equ C_DST,         PASS + 52          # map that is written (conv_grad: e, which is read)
.equ C_DST_STEP,    PASS + 56          # bytes a pixel of it
.equ C_SHIFT,       PASS + 60
.equ C_SPLIT,       PASS + 64
.equ C_SRC_STEP,    PASS + 68          # pointers a source pixel
.equ C_IMAGE_STEP,  PASS + 72          # pointers an image
.equ C_IN,          PASS + 76          # dnnc.in
.equ C_STEP,        PASS + 80          # dnnc.step
.equ C_MAP_XSTEP,   PASS + 84          # dma.xstep, dstep and chan of a strip's load
.equ C_MAP_DSTEP,   PASS + 88
.equ C_MAP_CHAN,    PASS + 92
.equ C_MAP_FLAGS,   PASS + 96
.equ C_BUF,         PASS + 100         # first pointer of the first buffer, and from there to the second
.equ C_BUF_STEP,    PASS + 104
.equ C_ALLOC,       PASS + 108         # first OMEM word of the first buffer, and likewise
.equ C_ALLOC_STEP,  PASS + 112
.equ C_FEW,         PASS + 116         # 1: a tile has too few commands to fill the MAC array's queue
.equ C_T,           PASS + 120         # F_T: transposed weights, and with them errors
.equ C_BIASES,      PASS + 124
.equ C_HAS_BIAS,    PASS + 128         # conv_grad: the bias is trained
.equ C_PIXELS,      PASS + 132         # conv_grad: pixels of e in the batch, by kind of batch
.equ C_VELOCITIES,  PASS + 144
.equ C_V_STEP,      PASS + 148
.equ C_V_TILE,      PASS + 152
.equ C_BIAS_V,      PASS + 156
.equ C_G_SHIFT,     PASS + 160
.equ C_DECAY_SHIFT, PASS + 164
.equ C_T_SHIFT,     PASS + 168
.equ C_GB_SHIFT,    PASS + 172
.equ C_TB_SHIFT,    PASS + 176
.equ C_COUNTER,     PASS + 180         # base_i
.equ C_COUNTER_STEP, PASS + 184        # counter for the next 64 columns
.equ C_COUNTER_TILE, PASS + 188        # ... for the next tile
.equ C_JOB_BYTES,   PASS + 192

.equ STRIPS,        0x2e0               # two records
.equ STRIP_BYTES,   736                 # at the most: 32 and 44 tiles
.equ JOBS,          STRIPS + 2 * STRIP_BYTES
.equ JOB_BYTES,     24
.equ JOBS_END,      0x1000              # 78 jobs

.equ S_XADDR,       0                   # external address of the strip
.equ S_N,           4                   # dma.n and dma.rows of its load
.equ S_ROWS,        8
.equ S_SRC,         12                  # from the buffer's first pointer to source pixel 0, 0 of image 0, modulo 2^32
.equ S_OFF,         16                  # dnnc.off
.equ S_OUT,         20                  # dnnc.out
.equ S_TILES,       24
.equ S_HEAD,        32
.equ T_AT,          0                   # dnnc.at
.equ T_SRC,         4                   # pointers to the tile's first image
.equ T_DST,         8                   # bytes to the tile's first pixel in the map at C_DST
.equ T_NB,          12
.equ T_BYTES,       16
.equ J_W,           0                   # bytes to the weight block
.equ J_SRC,         4                   # pointers to the block of channels; conv_grad: low seven bits, the others are bytes
.equ J_TAP,         8                   # dnnc.tap
.equ J_ROWS,        12
.equ J_TAPS,        16
.equ J_CHAN,        20
.ifdef SUBS
.equ F_PTR,             63                  # the pointers in conv_grad's J_SRC
.else
.equ F_PTR,             127
.endif

.equ W_LINK,        VARIABLES + 36      # return address
.equ W_NB,          VARIABLES + 40
.equ W_STRIP,       VARIABLES + 44      # external address of the strip at hand
.equ W_STRIPS,      VARIABLES + 48      # strips from it to the end
.equ W_BUF,         VARIABLES + 52      # 0 or 1: its buffer
.equ W_TILES,       VARIABLES + 56      # tiles to the end of the strip
.equ W_FIRST,       VARIABLES + 60      # 1 until the strip's first tile is issued

# ---- descriptor and jobs into scratch: r6 the descriptor's address; r15 returns ------------------------------------
pass_load:
        set     dma.xaddr, r6
        seti    dma.n, PASS_BYTES
        seti    dma.dst, PASS
        dma.scr
        wait    dma, 0
        param   dma.xaddr, C_JOBS
        param   dma.n, C_JOB_BYTES
        seti    dma.dst, JOBS
        dma.scr
        param   dma.xstep, C_MAP_XSTEP
        param   dma.dstep, C_MAP_DSTEP
        param   dma.chan, C_MAP_CHAN
        param   dnnc.sstep, C_SRC_STEP
        param   dnnc.nstep, C_IMAGE_STEP
        param   dnnc.in, C_IN
        param   dnnc.step, C_STEP
        sw      r2, W_NB(zero)
        sw      r14, W_LINK(zero)
        sw      zero, W_BUF(zero)
        lw      r6, V_KIND(zero)
        shli    r6, r6, 2
        lw      r7, C_STRIPS(r6)
        sw      r7, W_STRIP(zero)
        lw      r7, C_NSTRIPS(r6)
        sw      r7, W_STRIPS(zero)
        jr      r15

# ---- load strip record r6 and start the load of its map into buffer r7; r8 = bytes added to the map's address, r15 returns --
strip_fetch:
        muli    r14, r7, STRIP_BYTES
        addi    r14, r14, STRIPS        # the record in scratch
        set     dma.xaddr, r6
        param   dma.n, C_RECORD
        set     dma.dst, r14
        dma.scr
        wait    dma, 0
        lw      r6, S_XADDR(r14)
        add     r6, r6, r8
        set     dma.xaddr, r6
        lw      r6, S_N(r14)
        set     dma.n, r6
        lw      r6, S_ROWS(r14)
        set     dma.rows, r6
        lw      r6, C_BUF(zero)
        lw      r14, C_BUF_STEP(zero)
        mul     r14, r14, r7
        add     r6, r6, r14
        set     dma.dst, r6
        lw      r6, C_ALLOC(zero)
        lw      r14, C_ALLOC_STEP(zero)
        mul     r7, r14, r7
        add     r6, r6, r7
        set     dma.alloc, r6
        add     r6, r6, r14
        set     dma.limit, r6
        lw      r6, C_MAP_FLAGS(zero)
        dma.map r6
        jr      r15

# ---- parameters of the strip at hand: r10 = its record in scratch, r11 = its source base, r12 = its first tile; r15 returns --
strip_begin:
        lw      r6, W_BUF(zero)
        muli    r10, r6, STRIP_BYTES
        addi    r10, r10, STRIPS
        lw      r11, C_BUF_STEP(zero)
        mul     r11, r11, r6
        lw      r6, C_BUF(zero)
        add     r11, r11, r6
        lw      r6, S_SRC(r10)
        add     r11, r11, r6
        lw      r6, S_OFF(r10)
        set     dnnc.off, r6
        lw      r6, S_OUT(r10)
        set     dnnc.out, r6
        lw      r6, S_TILES(r10)
        sw      r6, W_TILES(zero)
        addi    r12, r10, S_HEAD
        li      r6, 1
        sw      r6, W_FIRST(zero)
        jr      r15

# ---- forward or errors -----------------------------------------------------------------------------------------
conv_run:
        call    pass_load
        param   wld.xstep, C_W_STEP
        seti    wld.pitch, 0
        param   drain.dstep, C_DST_STEP
        param   drain.shift, C_SHIFT
        lw      r6, C_SPLIT(zero)
        set     wld.split, r6
        set     dnnc.split, r6
        set     drain.split, r6
        lw      r6, C_T(zero)
        bnez    r6, 1f
        # The biases of up to two tiles of channels: one in each bias buffer.
        wait    drain, 0
        lw      r6, C_BIASES(zero)
        set     dma.xaddr, r6
        lw      r7, C_LANES(zero)
        addi    r7, r7, BLOCK - 1
        andi    r7, r7, -BLOCK
        mini    r8, r7, TILE
        set     dma.n, r8
        dma.bias
        sub     r7, r7, r8
        beqz    r7, 1f
        addi    r6, r6, TILE * 4
        set     dma.xaddr, r6
        set     dma.n, r7
        dma.bias b1
1:      wait    dnnc, 0                 # nobody reads the buffers any more
        lw      r6, W_STRIP(zero)
        li      r7, 0
        li      r8, 0
        call    strip_fetch
run_strip:
        wait    dma, 0                  # the strip, and before the first one the jobs and biases
        call    strip_begin
run_tile:
        lw      r6, T_AT(r12)
        set     dnnc.at, r6
        lw      r6, T_NB(r12)
        set     dnnc.nb, r6
        set     drain.nb, r6
        lw      r9, T_SRC(r12)
        add     r9, r9, r11
        li      r4, 0
run_lanes:
        lw      r5, C_LANES(zero)
        call    set_lanes
        set     drain.lanes, r5
        shri    r2, r4, TILE_SHIFT
        lw      r6, C_W_TILE(zero)
        mul     r2, r2, r6
        lw      r6, C_WEIGHTS(zero)
        add     r2, r2, r6
        lw      r8, C_NJOBS(zero)
        li      r7, JOBS
        li      r6, F_FIRST
run_job:
        lw      r14, J_W(r7)
        add     r14, r14, r2
        set     wld.xaddr, r14
        lw      r14, J_SRC(r7)
        add     r14, r14, r9
        set     dnnc.src, r14
        lw      r14, J_TAP(r7)
        set     dnnc.tap, r14
        lw      r14, J_TAPS(r7)
        set     dnnc.taps, r14
        lw      r14, J_CHAN(r7)
        set     dnnc.chan, r14
        lw      r14, J_ROWS(r7)
        set     wld.rows, r14
        set     dnnc.rows, r14
        lw      r14, C_T(zero)
        or      r14, r14, r3
        wld.w   r14
        addi    r8, r8, -1
        bnez    r8, 1f
        ori     r6, r6, F_LAST
1:      or      r14, r6, r3
        dnnc.mac free, r14
        xori    r3, r3, F_B1
        li      r6, 0
        addi    r7, r7, JOB_BYTES
        bnez    r8, run_job
        lw      r6, T_DST(r12)
        lw      r7, C_DST(zero)
        add     r6, r6, r7
        shli    r7, r4, 1               # two bytes a channel
        add     r6, r6, r7
        set     drain.dst, r6
        lw      r6, C_T(zero)
        bnez    r6, 2f
        shri    r6, r4, TILE_SHIFT      # the bias buffer: flag b1 is bit 0
        drain.logit x, r6
        j       3f
2:      drain.err x, all
3:      addi    r4, r4, TILE
        lw      r5, C_LANES(zero)
        blt     r4, r5, run_lanes
        # After the strip's first tile the commands of the strip before are out of the queue, and its buffer is free.
        lw      r6, W_FIRST(zero)
        beqz    r6, 6f
        sw      zero, W_FIRST(zero)
        lw      r6, W_STRIPS(zero)
        addi    r6, r6, -1
        beqz    r6, 6f
        lw      r6, C_FEW(zero)
        beqz    r6, 5f
        wait    dnnc, 0
5:      lw      r6, W_STRIP(zero)
        lw      r7, C_RECORD(zero)
        add     r6, r6, r7
        lw      r7, W_BUF(zero)
        xori    r7, r7, 1
        li      r8, 0
        call    strip_fetch
6:      addi    r12, r12, T_BYTES
        lw      r6, W_TILES(zero)
        addi    r6, r6, -1
        sw      r6, W_TILES(zero)
        bnez    r6, run_tile
        call    strip_next
        bnez    r7, run_strip
pass_end:
        seti    dma.rows, 0
        seti    dma.chan, 0
        seti    dnnc.taps, 0
        lw      r2, W_NB(zero)
        set     dnnc.nb, r2
        set     drain.nb, r2
        lw      r14, W_LINK(zero)
        jr      r14

# ---- go to the next strip: r7 = strips that are left; r15 returns ---------------------------------------------------
strip_next:
        lw      r6, W_STRIP(zero)
        lw      r7, C_RECORD(zero)
        add     r6, r6, r7
        sw      r6, W_STRIP(zero)
        lw      r6, W_BUF(zero)
        xori    r6, r6, 1
        sw      r6, W_BUF(zero)
        lw      r7, W_STRIPS(zero)
        addi    r7, r7, -1
        sw      r7, W_STRIPS(zero)
        jr      r15

# ---- gradients and updates ------------------------------------------------------------------------------------
# e is read from external memory as rows of a tile of channels, a pixel a row.
conv_grad:
        call    pass_load
        seti    wld.xstep, 128          # the next 64 channels
        param   wld.pitch, C_DST_STEP
        seti    wld.split, 0
        seti    dnnc.split, 0
        param   mom.dshift, C_DECAY_SHIFT
        param   mom.wstep, C_W_STEP
        param   mom.vstep, C_V_STEP
        param   mom.cstep, C_COUNTER_STEP
        wait    dnnc, 0                 # nobody reads the buffers any more
        li      r4, 0
grad_lanes:
        lw      r5, C_LANES(zero)
        call    set_lanes
        set     mom.lanes, r5
        lw      r6, C_HAS_BIAS(zero)
        beqz    r6, 1f
        call    grad_bias
1:      lw      r6, C_G_SHIFT(zero)
.ifdef SUBS
        lw      r7, V_LESS(zero)
        sub     r6, r6, r7
.endif
        set     mom.gshift, r6
        param   mom.tshift, C_T_SHIFT
        li      r9, JOBS                # the job at hand
        lw      r2, C_NJOBS(zero)       # jobs from it to the end
        wait    dma, 0                  # the jobs are in scratch memory
        lw      r6, W_STRIP(zero)
        lw      r7, W_BUF(zero)
        call    grad_fetch
grad_job:
        lw      r6, J_TAP(r9)
        set     dnnc.tap, r6
        lw      r6, J_TAPS(r9)
        set     dnnc.taps, r6
        lw      r6, J_CHAN(r9)
        set     dnnc.chan, r6
        lw      r6, J_ROWS(r9)
        set     dnnc.rows, r6
        li      r8, F_FIRST
grad_strip:
        wait    dma, 0
        call    strip_begin
        lw      r6, J_SRC(r9)           # the block of channels, in a strip that has all of them
        andi    r6, r6, F_PTR
        add     r11, r11, r6
grad_tile:
        lw      r6, T_AT(r12)
        set     dnnc.at, r6
        lw      r6, T_NB(r12)
        set     dnnc.nb, r6
        set     wld.rows, r6
        lw      r6, T_SRC(r12)
        add     r6, r6, r11
        set     dnnc.src, r6
        lw      r6, T_DST(r12)
        lw      r7, C_DST(zero)
        add     r6, r6, r7
        shli    r7, r4, 1
        add     r6, r6, r7
        set     wld.xaddr, r6
        wld.w   r3
        lw      r6, W_TILES(zero)
        addi    r6, r6, -1
        sw      r6, W_TILES(zero)
        bnez    r6, 1f
        lw      r6, W_STRIPS(zero)
        addi    r6, r6, -1
        bnez    r6, 1f
        ori     r8, r8, F_LAST
1:      or      r7, r8, r3
        dnnc.grad free, r7
        xori    r3, r3, F_B1
        li      r8, 0
        lw      r6, W_FIRST(zero)
        beqz    r6, 3f
        sw      zero, W_FIRST(zero)
        wait    dnnc, 1                 # the strip before is used up
        lw      r6, W_STRIPS(zero)
        addi    r6, r6, -1
        beqz    r6, 2f
        lw      r6, W_STRIP(zero)       # the next strip of this job,
        lw      r7, C_RECORD(zero)
        add     r6, r6, r7
        lw      r7, W_BUF(zero)
        xori    r7, r7, 1
        call    grad_fetch
        li      r8, 0
        j       3f
2:      addi    r6, r2, -1              # or the first one of the next job
        beqz    r6, 3f
        addi    r9, r9, JOB_BYTES
        call    first_strip
        lw      r7, W_BUF(zero)
        xori    r7, r7, 1
        call    grad_fetch
        addi    r9, r9, -JOB_BYTES
        li      r8, 0
3:      addi    r12, r12, T_BYTES
        lw      r6, W_TILES(zero)
        bnez    r6, grad_tile
        call    strip_next
        bnez    r7, grad_strip
        # The job's weights: 64 rows.
        lw      r6, J_ROWS(r9)
        set     mom.rows, r6
        lw      r10, J_W(r9)
        shri    r11, r4, TILE_SHIFT
        lw      r7, C_W_TILE(zero)
        mul     r7, r7, r11
        add     r7, r7, r10
        lw      r6, C_WEIGHTS(zero)
        add     r7, r7, r6
        set     mom.waddr, r7
        shri    r10, r10, 13            # number of the block
        lw      r7, C_V_TILE(zero)
        mul     r7, r7, r11
        muli    r6, r10, V_BLOCK
        add     r7, r7, r6
        lw      r6, C_VELOCITIES(zero)
        add     r7, r7, r6
        set     mom.vaddr, r7
        lw      r7, C_COUNTER_TILE(zero)
        mul     r7, r7, r11
        shli    r6, r10, 5              # two half-blocks of 16 lanes
        add     r7, r7, r6
        lw      r6, C_COUNTER(zero)
        add     r7, r7, r6
        lw      r6, V_COUNTER(zero)
        add     r7, r7, r6
        set     mom.ctr, r7
        mom.w
        addi    r9, r9, JOB_BYTES
        addi    r2, r2, -1
        call    first_strip
        sw      r6, W_STRIP(zero)
        sw      r7, W_STRIPS(zero)
        bnez    r2, grad_job
        addi    r4, r4, TILE
        lw      r5, C_LANES(zero)
        wait    dnnc, 0                 # the first strip's buffer is free
        blt     r4, r5, grad_lanes
        j       pass_end

# r6 = the first strip record of the pass, r7 = the number of its strips; r15 returns
first_strip:
        lw      r6, V_KIND(zero)
        shli    r6, r6, 2
        lw      r7, C_NSTRIPS(r6)
        lw      r6, C_STRIPS(r6)
        jr      r15

# strip_fetch of the channels of job r9
grad_fetch:
        lw      r8, J_SRC(r9)
        andi    r8, r8, -F_PTR - 1
        j       strip_fetch

# The bias gradient of the tile of lanes at r4: the sum of e over all pixels of the batch; r15 returns.
grad_bias:
        shli    r6, r4, 2
        lw      r7, C_BIASES(zero)
        add     r6, r6, r7
        set     mom.waddr, r6
        muli    r6, r4, 3
        lw      r7, C_BIAS_V(zero)
        add     r6, r6, r7
        set     mom.vaddr, r6
        lw      r6, C_GB_SHIFT(zero)
.ifdef SUBS
        lw      r7, V_LESS(zero)
        sub     r6, r6, r7
.endif
        set     mom.gshift, r6
        param   mom.tshift, C_TB_SHIFT
        seti    mom.rows, 1
        seti    dnnc.rows, 1
        lw      r6, V_KIND(zero)
        shli    r6, r6, 2
        lw      r7, C_PIXELS(r6)
        lw      r8, C_DST(zero)
        shli    r6, r4, 1
        add     r8, r8, r6
        li      r9, F_FIRST
1:      mini    r10, r7, 32
        set     wld.rows, r10
        set     dnnc.nb, r10
        set     wld.xaddr, r8
        wld.w   r3
        sub     r7, r7, r10
        bnez    r7, 2f
        ori     r9, r9, F_LAST
2:      or      r6, r9, r3
        dnnc.ones free, r6
        xori    r3, r3, F_B1
        li      r9, 0
        lw      r6, C_DST_STEP(zero)
        shli    r6, r6, 5               # 32 pixels
        add     r8, r8, r6
        bnez    r7, 1b
        mom.b
        jr      r15
