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
