# Where things lie: the program's scratch memory, and in it the copies of the header, of one layer descriptor and of
# the order entries of a batch. H_, D_ and R_ names are scratch addresses, so `lw r4, H_LAYERS(zero)` reads a field.
# The planner writes the same structures; docs/firmware.md explains every field.

.equ MAGIC,             0xBDFA0001      # of the header; the low half counts changes of these structures
.equ TRAP_MAGIC,        1               # external memory does not start with a header
.equ TRAP_RULE,         2               # the header is for the program of the other learning rule

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
.equ SRAM_SHIFT,        8               # flag sram is bit 8

# ---- scratch memory -------------------------------------------------------------------------------------------
.equ HEADER,            0x000           # 160 bytes, read once
.equ LAYER,             0x0a0           # 256 bytes, read when a layer starts
.equ ORDER,             0x1a0           # 160 bytes: the entries of a batch, which may start inside 32 bytes
.equ RECORD,            0x240           # 64 bytes, written once an epoch
.equ VARIABLES,         0x280
.ifndef SCRATCH_END                     # compiled programs have tables behind the variables
.equ SCRATCH_END,       0x2e0
.endif

.equ HEADER_BYTES,      160
.equ LAYER_BYTES,       256
.equ ORDER_BYTES,       160
.equ RECORD_BYTES,      64

# ---- header, at external address 0 ------------------------------------------------------------------------------
.equ H_MAGIC,           HEADER + 0
.equ H_LAYERS,          HEADER + 4      # L
.equ H_LAYER_TABLE,     HEADER + 8      # external address of the descriptor of layer 1
.equ H_RULE,            HEADER + 12     # 0 BP, 1 BDFA
.equ H_SRAM,            HEADER + 16     # 1: feedback signs from the sign memory, 0: from the LFSR
.equ H_EPOCHS,          HEADER + 20
.equ H_BATCH,           HEADER + 24     # samples of a full batch
.equ H_TRAIN_N,         HEADER + 28     # training samples of an epoch
.equ H_TEST_N,          HEADER + 32
.equ H_TRAIN_IMAGES,    HEADER + 36
.equ H_TEST_IMAGES,     HEADER + 40
.equ H_IMAGE_STRIDE,    HEADER + 44     # bytes from one image to the next
.equ H_TRAIN_ORDER,     HEADER + 48     # the order of the first epoch
.equ H_ORDER_STRIDE,    HEADER + 52     # bytes from one epoch's order to the next
.equ H_TEST_ORDER,      HEADER + 56
.equ H_RESULTS,         HEADER + 60     # the record of the first epoch
.equ H_EVAL_EVERY,      HEADER + 64     # epochs from one test to the next, 0: no test
.equ H_ETA,             HEADER + 68     # for a full batch
.equ H_ETA_SHORT,       HEADER + 72     # for the batch that is left over at the end of an epoch
.equ H_SHIFT_EVERY,     HEADER + 76     # epochs from one shift of eta to the next, 0: none
.equ H_SHIFT_BY,        HEADER + 80
.equ H_MU,              HEADER + 84
.equ H_LAMBDA,          HEADER + 88
.equ H_SEED,            HEADER + 92     # of the rounding of W
.equ H_COUNTER_STEP,    HEADER + 96     # C, the random counter's step from one training step to the next
.equ H_INPUTS,          HEADER + 100    # N_0
.equ H_IN_PTR,          HEADER + 104    # first pointer of o_0
.equ H_IN_BLOCKS,       HEADER + 108    # pointers a sample
.equ H_IN_ALLOC,        HEADER + 112    # OMEM words of o_0: from
.equ H_IN_LIMIT,        HEADER + 116    # to
.equ H_SIGNS,           HEADER + 120    # external address of the stored feedback signs
.equ H_SIGN_ENTRIES,    HEADER + 124    # 0: none
.equ H_XMEM_BYTES,      HEADER + 128    # not read by the program

# ---- descriptor of layer i ------------------------------------------------------------------------------------
.equ D_N_IN,            LAYER + 0       # N_{i-1}
.equ D_N_OUT,           LAYER + 4       # N_i
.equ D_HIDDEN,          LAYER + 8       # 1: ReLU and a compressed map; 0: the top layer, raw logits
.equ D_SPLIT,           LAYER + 12      # of the lanes of N_i
.equ D_WEIGHTS,         LAYER + 16
.equ D_W_STEP,          LAYER + 20      # bytes from a weight block to the one for the next 64 outputs
.equ D_VELOCITIES,      LAYER + 24
.equ D_V_STEP,          LAYER + 28
.equ D_BIASES,          LAYER + 32
.equ D_BIAS_VELOCITIES, LAYER + 36
.equ D_IN_PTR,          LAYER + 40      # first pointer of o_{i-1}
.equ D_IN_BLOCKS,       LAYER + 44      # pointers a sample
.equ D_OUT,             LAYER + 48      # first pointer of o_i, or word address of the logits
.equ D_OUT_STEP,        LAYER + 52      # pointers or words a sample
.equ D_OUT_ALLOC,       LAYER + 56      # OMEM words of o_i: from
.equ D_OUT_LIMIT,       LAYER + 60      # to
.equ D_MASK,            LAYER + 64      # first f' word of layer i
.equ D_MASK_STEP,       LAYER + 68      # f' words a sample
.equ D_FF_SHIFT,        LAYER + 72
.equ D_FO,              LAYER + 76      # fraction bits of o_i or of the logits
.equ D_ERR,             LAYER + 80      # word address of e_i
.equ D_ERR_STEP,        LAYER + 84      # words a sample
.equ D_LOW_ERR,         LAYER + 88      # the same of e_{i-1}
.equ D_LOW_ERR_STEP,    LAYER + 92
.equ D_LOW_MASK,        LAYER + 96      # f' of layer i-1
.equ D_LOW_MASK_STEP,   LAYER + 100
.equ D_LOW_SHIFT,       LAYER + 104     # into e_{i-1}, by the rule of the header
.equ D_LOW_SPLIT,       LAYER + 108     # of the lanes of N_{i-1} (BP)
.equ D_LOW_SEED,        LAYER + 112     # fbseed of layer i-1 (BDFA, LFSR)
.equ D_LOW_ENTRY,       LAYER + 116     # its first entry in the sign memory (BDFA, stored)
.equ D_G_SHIFT,         LAYER + 120     # gradient into velocity
.equ D_DECAY_SHIFT,     LAYER + 124
.equ D_T_SHIFT,         LAYER + 128     # eta * velocity into weight
.equ D_GB_SHIFT,        LAYER + 132     # the same of the biases
.equ D_TB_SHIFT,        LAYER + 136
.equ D_COUNTER,         LAYER + 140     # base_i of the random counter
.equ D_COUNTER_STEP,    LAYER + 144     # counter from a block to the one for the next 64 outputs
.equ D_FO_IN,           LAYER + 148     # from here on not read by the program: formats,
.equ D_FW,              LAYER + 152
.equ D_FE,              LAYER + 156
.equ D_FV,              LAYER + 160
.equ D_SAT_W,           LAYER + 164     # and initial values that had to be clipped
.equ D_SAT_B,           LAYER + 168

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
.equ V_KIND,            VARIABLES + 32  # of the batch: 0 full, 1 the last of an epoch, 2 the last of the test set (compiled programs)
.equ V_PENDING,         VARIABLES + 68  # 1: the last batch's update waits for the forward pass of the next one (fused schedules)
.equ V_COPY_P,          VARIABLES + 72  # fused schedules have maps twice: pointers, and words of OMEM, from the first copy to
.equ V_COPY_W,          VARIABLES + 76  # that of the batch at hand
.equ V_COPY_B,          VARIABLES + 80  # the same of what layers stream from external memory, in bytes

# ---- blocks ---------------------------------------------------------------------------------------------------
.equ TILE,              256             # lanes of the MAC array
.equ BLOCK,             64              # weights lie in blocks of 64 x 64
.equ W_BLOCK,           8192            # bytes of a block of weights
.equ V_BLOCK,           12288           # bytes of a block of velocities
.equ HALF_BLOCK,        32              # rows of a block that fused schedules work on at a time
