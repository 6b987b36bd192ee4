# Load for the speed benchmarks: a tile of 64 x LANES weights, 32 samples of 64 elements, multiplied ROUNDS times.
# The define DENSE says how many elements of a sample are not zero (1..64); 0: the MAC array gets no work at all.

.ifndef ROUNDS
.equ ROUNDS, 1000000
.endif
.ifndef LANES
.equ LANES, 256
.endif

.section .xmem.samples
.org 0
samples:
.ifdef DENSE
.if DENSE > 0
        .fill   DENSE, 1, 3
.endif
        .zero   64 - DENSE
.endif
.section .xmem.weights
.org 0x1000
weights:
        .fill   LANES * 64, 2, 0x0123
.xmem 0x30000

.text
_start:
.if DENSE == 0
idle:   nop
        j       idle
.endif
        mark    ff, zero
        # 32 samples into OMEM
        li      r1, 32
        li      r2, 0
        seti    dma.xaddr, samples
        seti    dma.n, 64
        seti    dma.alloc, 0
        seti    dma.limit, 4096
        seti    dma.dst, 0
        dma.map new
        loop    r1, mapped
        set     dma.dst, r2
        dma.map
        addi    r2, r2, 1
mapped:
        wait    dma, 0
        # the weights
        seti    wld.xaddr, weights
        seti    wld.xstep, 8192
        seti    wld.rows, 64
        seti    wld.groups, LANES / 16
        wld.w
        # multiply
        seti    dnnc.src, 0
        seti    dnnc.sstep, 1
        seti    dnnc.nb, 32
        seti    dnnc.rows, 64
        seti    dnnc.groups, LANES / 16
        dnnc.mac first
        li      r1, ROUNDS
again:  dnnc.mac
        addi    r1, r1, -1
        bnez    r1, again
        dnnc.mac last, free
        seti    drain.dst, 8192
        seti    drain.dstep, 64
        seti    drain.limit, 32768
        seti    drain.shift, 8
        seti    drain.nb, 32
        seti    drain.lanes, LANES
        drain.logit
        halt
