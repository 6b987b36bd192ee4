# Training by binary direct feedback alignment: the DEPC makes the error of every hidden layer from e_L and the signs of
# that layer. It needs neither weights nor the layer above, so it works on layer i-1 while the MAC array makes the
# gradient of layer i. Everything else is in layers.s, with the register conventions.

.equ RULE, 1
.include "layers.s"

# Give e_L to the DEPC, which keeps it for all layers of the step, and start the topmost hidden layer.
error_start:
        addi    r4, r1, -1
        beqz    r4, 1f                  # no hidden layer
        mark    ep, r4
        param   depc.src, D_ERR
        param   depc.sstep, D_ERR_STEP
        param   depc.n, D_N_OUT
        set     depc.nb, r2
        depc.load
        call    run_low
1:      jr      r14

# e_L is there and the layer below it under way; for a hidden layer wait for e_i and start e_{i-1}.
error_step:
        lw      r4, H_LAYERS(zero)
        beq     r1, r4, 1f
        wait    depc, 0
        addi    r4, r1, -1
        beqz    r4, 1f                  # nobody asks for the error of the input
        mark    ep, r4
        call    run_low
1:      jr      r14

# Start the DEPC on the layer below the one whose descriptor is loaded; r15 returns.
run_low:
        param   depc.neurons, D_N_IN
        param   depc.shift, D_LOW_SHIFT
        param   depc.dst, D_LOW_ERR
        param   depc.dstep, D_LOW_ERR_STEP
        param   depc.mask, D_LOW_MASK
        param   depc.mstep, D_LOW_MASK_STEP
        param   depc.seed, D_LOW_SEED
        param   depc.entry, D_LOW_ENTRY
        lw      r6, H_SRAM(zero)
        shli    r6, r6, SRAM_SHIFT
        depc.run r6
        jr      r15
