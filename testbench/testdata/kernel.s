# What no training program gives: raw maps out of OMEM and back, drains from the second bias buffer, and both encoders at work.

.section .xmem.pixels
.org 0
pixels:
        .rept 64
        .half 300, 0, -7, 0
        .endr
.section .xmem.weights
.org 0x1000
weights:
        .fill 64 * 64, 2, 0x0123
.section .xmem.biases
.org 0x4000
biases:
        .fill 64, 4, 1000
.xmem 0x10000

.equ RAW, 4096                  # OMEM word of the raw map
.equ SAVED, 0x6000              # external address of what is saved
.equ COPIED, 0x7000

.text
_start: mark    dma, zero
        # Two rows of two pixels of 64 channels, then a third row behind them.
        seti    dma.xaddr, pixels
        seti    dma.n, 128
        seti    dma.chan, 64
        seti    dma.rows, 2
        seti    dma.xstep, 256
        seti    dma.dstep, 2
        seti    dma.dst, 0
        seti    dma.alloc, 0
        seti    dma.limit, 1024
        dma.map new, i16
        seti    dma.rows, 0
        seti    dma.dst, 4
        dma.map i16
        seti    dma.xaddr, biases
        seti    dma.n, 64
        dma.bias b1
        # 64 inputs of 4 samples times 64 x 64 weights, with the biases of buffer 1.
        li      r1, 1
        mark    ff, r1
        seti    wld.xaddr, weights
        seti    wld.rows, 64
        seti    wld.groups, 4
        wld.w   b1
        wait    dma, 0
        seti    dnnc.sstep, 1
        seti    dnnc.nb, 4
        seti    dnnc.rows, 64
        seti    dnnc.groups, 4
        dnnc.mac b1, first, last
        seti    drain.nb, 4
        seti    drain.lanes, 64
        seti    drain.shift, 9
        seti    drain.dst, RAW
        seti    drain.dstep, 16
        drain.logit b1
        dnnc.mac b1, first, last, free
        seti    drain.dst, 64
        seti    drain.dstep, 1
        seti    drain.alloc, 1024
        seti    drain.limit, 2048
        drain.act b1, new
        wait    drain, 0
        # The raw map to external memory, four rows of three bursts and a half, and a copy of it.
        mark    dma, r1
        seti    dma.dst, RAW
        seti    dma.dstep, 16
        seti    dma.n, 56
        seti    dma.rows, 4
        seti    dma.xaddr, SAVED
        seti    dma.xstep, 128
        dma.save
        wait    dma, 0
        seti    dma.rows, 0
        seti    dma.n, 512
        seti    dma.dst, COPIED
        dma.copy
        wait    dma, 0
        # Both encoders and a raw writer at once, on dense maps: 256 lanes of 32 samples, twice, and 64 blocks of the weights.
        mark    ff, r1
        seti    dma.rows, 32
        seti    dma.xaddr, pixels
        seti    dma.n, 64
        seti    dma.xstep, 0
        seti    dma.dst, 0
        seti    dma.dstep, 1
        dma.map new, i16
        seti    wld.groups, 16
        wld.w
        wait    dma, 0
        seti    dnnc.nb, 32
        seti    dnnc.groups, 16
        dnnc.mac first, last
        dnnc.mac first, last
        dnnc.mac first, last, free
        seti    drain.nb, 32
        seti    drain.lanes, 256
        seti    drain.dst, 128
        seti    drain.dstep, 4
        seti    drain.alloc, 8192
        seti    drain.limit, 12288
        seti    drain.shift, 4
        drain.act b1, new
        seti    drain.dst, 256
        drain.act b1
        seti    drain.dst, 16384
        seti    drain.dstep, 64
        drain.logit b1
        wait    drain, 2                # the first map is on its way
        seti    dma.xaddr, weights
        seti    dma.n, 4096
        seti    dma.rows, 0
        seti    dma.dst, 512
        seti    dma.alloc, 20480
        seti    dma.limit, 24576
        dma.map new, i16
        dma.map new, i16
        wait    drain, 0
        halt
