# An update whose velocities lie where its weights lie: what it leaves depends on how fast external
# memory is, and nothing but the command itself is to blame (docs/order.md).
.xmem 0x10000
.text
_start: seti    wld.rows, 31
        seti    wld.groups, 5
        wld.e
        seti    dnnc.nb, 31
        seti    dnnc.rows, 16
        seti    dnnc.groups, 5
        dnnc.grad first, last, free
        seti    mom.rows, 16
        seti    mom.lanes, 80
        mom.w
        halt
