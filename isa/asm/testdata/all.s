// Every instruction of the table, with the word it must give.

_start: nop                        // 0x02000000_00000000
        halt                       // 0x01000000_00000000
        trap 7                     // 0x03000000_00000007
        trap -1                    // 0x03000000_ffffffff

        li r1, 5                   // 0x10100000_00000005
        li r15, -2                 // 0x10f00000_fffffffe
        LI_LABEL = 0xffffffff
        li R2, LI_LABEL            // 0x10200000_ffffffff
        mov r3, r14                // 0x113e0000_00000000
        mov lr, ZERO               // 0x11f00000_00000000

        add r1, r2, r3             // 0x20123000_00000000
        sub r4, r5, r6             // 0x21456000_00000000
        mul r7, r8, r9             // 0x22789000_00000000
        and r10, r11, r12          // 0x23abc000_00000000
        or r13, r14, r15           // 0x24def000_00000000
        xor r1, r1, r1             // 0x25111000_00000000
        shl r1, r2, r3             // 0x26123000_00000000
        shr r1, r2, r3             // 0x27123000_00000000
        sar r1, r2, r3             // 0x28123000_00000000
        min r1, r2, r3             // 0x29123000_00000000

        addi r1, r2, 3             // 0x30120000_00000003
        muli r1, r2, -3            // 0x31120000_fffffffd
        andi r1, r2, 0xff          // 0x32120000_000000ff
        ori r1, r2, 'a'            // 0x33120000_00000061
        xori r1, r2, ~0            // 0x34120000_ffffffff
        shli r1, r2, 31            // 0x35120000_0000001f
        shri r1, r2, 1 << 2        // 0x36120000_00000004
        sari r1, r2, 10 % 4        // 0x37120000_00000002
        mini r1, r2, 32            // 0x38120000_00000020

        lw r1, 4(r2)               // 0x40120000_00000004
        lw r1, -4(r2)              // 0x40120000_fffffffc
        lhu r3, (r4)               // 0x41340000_00000000
        lbu r5, (1+2)*3(r6)        // 0x42560000_00000009
        sw r1, 8(r2)               // 0x43021000_00000008
        sh r3, 0(r0)               // 0x44003000_00000000

        beq r1, r2, _start         // 0x50012000_00000000
        bne r1, r2, 8              // 0x51012000_00000008
        blt r1, r2, .              // 0x52012000_00000120
        bge r1, r2, .+8            // 0x53012000_00000130
        bltu r1, r2, 0x3ff8        // 0x54012000_00003ff8
        bgeu r1, r2, 1f            // 0x55012000_00000148
        jal r15, 1f                // 0x56f00000_00000148
1:      jr r15                     // 0x570f0000_00000000
        loop r4, 1b + 16           // 0x58040000_00000158
        nop                        // 0x02000000_00000000

        set dma.xaddr, r3          // 0x60030100_00000000
        set drain.shift, r3        // 0x60030404_00000000
        seti mom.seed, 12345       // 0x6100070e_00003039
        get r1, drain.max          // 0x62100401_00000000
        get r2, mom.maxw           // 0x62200703_00000000
        wait dma, 0                // 0x63000100_00000000
        wait mom, 3                // 0x63000700_00000003
        set dma.chan, r3           // 0x60030108_00000000
        set wld.pitch, r3          // 0x60030207_00000000
        set dnnc.nstep, r3         // 0x6003030e_00000000
        set drain.cstep, r3        // 0x6003040c_00000000
        set norm.src, r3           // 0x60030800_00000000
        seti norm.tshift, -9       // 0x6100080f_fffffff7
        seti epc.jstep, 8192       // 0x6100090c_00002000
        get r3, norm.sat           // 0x62300800_00000000
        get r4, epc.max            // 0x62400901_00000000
        wait norm, 1               // 0x63000800_00000001
        wait epc, 0                // 0x63000900_00000000
        mark ff, r5                // 0x64050001_00000000
        mark misc, r0              // 0x64000007_00000000

        dma.map                    // 0x80000000_00000000
        dma.map new, i16           // 0x800000a0_00000000
        dma.scr                    // 0x81000000_00000000
        dma.store                  // 0x82000000_00000000
        dma.bias b1                // 0x83000001_00000000
        dma.sign                   // 0x84000000_00000000
        dma.copy                   // 0x85000000_00000000
        dma.save                   // 0x86000000_00000000
        wld.w b1 t                 // 0x90000041_00000000
        wld.e                      // 0x91000000_00000000
        wld.e b1                   // 0x91000001_00000000
        dnnc.mac b1, first, last   // 0xa0000007_00000000
        dnnc.mac raw free          // 0xa0000018_00000000
        dnnc.mac free, r5          // 0xa0050008_00000000
        dnnc.mac upd               // 0xa0000080_00000000
        dnnc.mac b1 first last free upd // 0xa000008f_00000000
        depc.run r3                // 0xd1030000_00000000
        dnnc.grad free             // 0xa1000008_00000000
        dnnc.grad b1 first last    // 0xa1000007_00000000
        dnnc.ones b1               // 0xa2000001_00000000
        dnnc.ones first, last, free // 0xa200000e_00000000
        drain.act new, b1          // 0xb0000021_00000000
        drain.act drop             // 0xb0000400_00000000
        drain.logit                // 0xb1000000_00000000
        drain.logit b1, x          // 0xb1000201_00000000
        drain.err                  // 0xb2000000_00000000
        drain.err x, all, r7       // 0xb2070a00_00000000
        loss.ce                    // 0xc0000000_00000000
        loss.eval                  // 0xc1000000_00000000
        depc.load                  // 0xd0000000_00000000
        depc.run sram              // 0xd1000100_00000000
        depc.run sram x all        // 0xd1000b00_00000000
        epc.load                   // 0xd8000000_00000000
        epc.run                    // 0xd9000000_00000000
        epc.run all, x             // 0xd9000a00_00000000
        mom.w                      // 0xe0000000_00000000
        mom.w upd                  // 0xe0000080_00000000
        mom.w b1, upd              // 0xe0000081_00000000
        mom.b                      // 0xe1000000_00000000
        norm.load                  // 0xf0000000_00000000
        norm.store                 // 0xf1000000_00000000
        norm.stat                  // 0xf2000000_00000000
        norm.fin                   // 0xf3000000_00000000
        norm.fin eval              // 0xf3000020_00000000
        norm.fwd                   // 0xf4000000_00000000
        norm.fwd bn, r9            // 0xf4090010_00000000
        norm.back                  // 0xf5000000_00000000
        norm.back bn               // 0xf5000010_00000000
        norm.grad                  // 0xf6000000_00000000
        norm.update                // 0xf7000000_00000000
