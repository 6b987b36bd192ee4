# One block of a layer: 64 pixels, of which every eighth is not zero, times 64 x 64 weights, for one sample.
.xmem 0x4000
.section .xmem.data
.rept 8
        .byte   9, 0, 0, 0, 0, 0, 0, 0
.endr
.section .xmem.weights
        .org    0x1000
.rept 4096
        .half   3
.endr
.section .xmem.biases
        .org    0x3000
        .fill   64, 4, 1
.text
_start: mark    dma, zero
        seti    dma.n, 64
        seti    dma.limit, 64
        dma.map new
        seti    dma.xaddr, 0x3000
        dma.bias
        li      r1, 1
        mark    ff, r1
        seti    wld.xaddr, 0x1000
        seti    wld.rows, 64
        seti    wld.groups, 4
        wld.w
        seti    dnnc.nb, 1
        seti    dnnc.rows, 64
        seti    dnnc.groups, 4
        wait    dma, 0
        dnnc.mac first, last, free
        seti    drain.nb, 1
        seti    drain.lanes, 64
        seti    drain.dst, 1
        seti    drain.alloc, 64
        seti    drain.limit, 128
        drain.act new
        wait    drain, 0
        halt
