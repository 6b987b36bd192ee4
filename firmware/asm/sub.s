# Batches of more than 32 samples. Images of the whole batch lie one behind the other, and convolutions go over all of them.
# Fully connected layers take sub-batches of 32 in turn, forward and errors. What a gradient reads of them goes to external
# memory, where the updates take it for samples of the whole batch. The compiler adds
#   maps    the convolutions' forward pass of r2 samples, the whole batch; r14 returns
#   teach   errors of fully connected layers, into external memory; r13 returns
#   LESS    how much less the gradients' shift is in the last batch of an epoch

# ---- images of the next batch: r6 = the set's first image; sets r2; r14 returns ---------------------------------------
load_batch:
        wait    dnnc, 0                 # nobody reads the last batch any more
        lw      r2, V_LEFT(zero)
        lw      r4, H_BATCH(zero)
        min     r2, r2, r4
        li      r12, 0                  # kind of the batch
        li      r11, 0
        beq     r2, r4, 1f
        lw      r12, V_TESTING(zero)
        addi    r12, r12, 1
        li      r11, LESS
1:      sw      r12, V_KIND(zero)
        sw      r11, V_LESS(zero)
        lw      r4, V_LEFT(zero)
        sub     r4, r4, r2
        sw      r4, V_LEFT(zero)
        sw      r2, V_REST(zero)
        li      r4, -SUB
        sw      r4, V_FIRST(zero)
        lw      r5, V_ORDER(zero)
        shli    r4, r2, 2
        add     r4, r4, r5
        sw      r4, V_ORDER(zero)
        lw      r9, H_IMAGE_STRIDE(zero)
        li      r7, BATCH
        mov     r10, r2                 # samples that are left
2:      call    entries
        mini    r11, r10, SUB
        sub     r10, r10, r11
        set     dma.n, r9
        loop    r11, 3f
        lhu     r4, 0(r8)               # index of the image
        mul     r4, r4, r9
        add     r4, r4, r6
        set     dma.xaddr, r4
        set     dma.dst, r7
        dma.copy
        addi    r8, r8, 4
        add     r7, r7, r9
3:      addi    r5, r5, 4 * SUB
        bnez    r10, 2b
        wait    dma, 0
        jr      r14

# ---- order entries of up to 32 samples from external address r5; r8 = scratch address of the first; r15 returns -------
entries:
        andi    r4, r5, -32             # they may start inside an external burst
        set     dma.xaddr, r4
        seti    dma.n, ORDER_BYTES
        seti    dma.dst, ORDER
        dma.scr
        andi    r8, r5, 31
        addi    r8, r8, ORDER
        wait    dma, 0
        jr      r15

# ---- the next sub-batch: r2 samples and their labels; r14 returns ---------------------------------------------------
sub_batch:
        lw      r4, V_FIRST(zero)
        addi    r4, r4, SUB
        sw      r4, V_FIRST(zero)
        lw      r10, V_REST(zero)
        mini    r2, r10, SUB
        lw      r5, V_ORDER(zero)       # behind the batch
        shli    r4, r10, 2
        sub     r5, r5, r4
        sub     r10, r10, r2
        sw      r10, V_REST(zero)
        call    entries
        set     dnnc.nb, r2
        set     drain.nb, r2
        set     loss.nb, r2
        li      r10, 0
        loop    r2, 1f
        lhu     r11, 2(r8)
        shli    r12, r10, 16
        or      r11, r11, r12
        set     loss.label, r11
        addi    r8, r8, 4
        addi    r10, r10, 1
1:      jr      r14
