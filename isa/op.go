package isa

// Op is an instruction's operation code, bits 63..56 of its word.
type Op uint8

// Format says which operands an instruction has and where they lie in the word; the assembler, the disassembler
// and the manual are loops over it.
type Format uint8

// Operand formats. The comment shows the assembly form.
const (
	FmtNone    Format = iota // halt
	FmtRdImm                 // li rd, imm
	FmtRdRa                  // mov rd, ra
	FmtRdRaRb                // add rd, ra, rb
	FmtRdRaImm               // addi rd, ra, imm
	FmtLoad                  // lw rd, imm(ra)
	FmtStore                 // sw rb, imm(ra)
	FmtBranch                // beq ra, rb, target
	FmtJal                   // jal rd, target
	FmtRa                    // jr ra
	FmtLoop                  // loop ra, end
	FmtSet                   // set unit.reg, ra
	FmtSetImm                // seti unit.reg, imm
	FmtGet                   // get rd, unit.reg
	FmtCmd                   // unit.op flag, ..., ra: flags known when assembled, and those in ra
	FmtWait                  // wait unit, imm
	FmtMark                  // mark phase, ra
	FmtImm                   // trap imm
)

// The operation codes. Code 0 is no instruction, so that cleared memory faults when executed.
const (
	OpIllegal Op = 0x00

	OpHalt Op = 0x01
	OpNop  Op = 0x02
	OpTrap Op = 0x03

	OpLi  Op = 0x10
	OpMov Op = 0x11

	OpAdd Op = 0x20
	OpSub Op = 0x21
	OpMul Op = 0x22
	OpAnd Op = 0x23
	OpOr  Op = 0x24
	OpXor Op = 0x25
	OpShl Op = 0x26
	OpShr Op = 0x27
	OpSar Op = 0x28
	OpMin Op = 0x29

	OpAddi Op = 0x30
	OpMuli Op = 0x31
	OpAndi Op = 0x32
	OpOri  Op = 0x33
	OpXori Op = 0x34
	OpShli Op = 0x35
	OpShri Op = 0x36
	OpSari Op = 0x37
	OpMini Op = 0x38

	OpLw  Op = 0x40
	OpLhu Op = 0x41
	OpLbu Op = 0x42
	OpSw  Op = 0x43
	OpSh  Op = 0x44

	OpBeq  Op = 0x50
	OpBne  Op = 0x51
	OpBlt  Op = 0x52
	OpBge  Op = 0x53
	OpBltu Op = 0x54
	OpBgeu Op = 0x55
	OpJal  Op = 0x56
	OpJr   Op = 0x57
	OpLoop Op = 0x58

	OpSet  Op = 0x60
	OpSeti Op = 0x61
	OpGet  Op = 0x62
	OpWait Op = 0x63
	OpMark Op = 0x64

	OpDMAMap   Op = 0x80
	OpDMAScr   Op = 0x81
	OpDMAStore Op = 0x82
	OpDMABias  Op = 0x83
	OpDMASign  Op = 0x84
	OpDMACopy  Op = 0x85
	OpDMASave  Op = 0x86

	OpWLDWeights Op = 0x90
	OpWLDErrors  Op = 0x91

	OpDNNCMac  Op = 0xa0
	OpDNNCGrad Op = 0xa1
	OpDNNCOnes Op = 0xa2

	OpDrainAct   Op = 0xb0
	OpDrainLogit Op = 0xb1
	OpDrainErr   Op = 0xb2

	OpLossCE   Op = 0xc0
	OpLossEval Op = 0xc1

	OpDEPCLoad Op = 0xd0
	OpDEPCRun  Op = 0xd1

	OpEPCLoad Op = 0xd8
	OpEPCRun  Op = 0xd9

	OpMomW Op = 0xe0
	OpMomB Op = 0xe1

	OpNormLoad   Op = 0xf0
	OpNormStore  Op = 0xf1
	OpNormStat   Op = 0xf2
	OpNormFin    Op = 0xf3
	OpNormFwd    Op = 0xf4
	OpNormBack   Op = 0xf5
	OpNormGrad   Op = 0xf6
	OpNormUpdate Op = 0xf7
)

// Info is one row of the instruction table.
type Info struct {
	Op     Op
	Name   string // assembly mnemonic; a command's is unit.name
	Format Format
	Unit   Unit   // the unit that executes a command; UnitSeq for all others
	Flags  []Flag // flags that a command takes, in bit order
	Doc    string // one sentence for the manual
}

// Flag is a named bit of a command's aux field.
type Flag struct {
	Name string
	Bit  uint8
	Doc  string
}

// Flag bits of the commands.
const (
	FlagB1    = 1 << 0 // buffer 1 instead of buffer 0 (WMEM buffer, bias buffer)
	FlagFirst = 1 << 1
	FlagLast  = 1 << 2
	FlagFree  = 1 << 3
	FlagRaw   = 1 << 4
	FlagNew   = 1 << 5
	FlagT     = 1 << 6
	FlagI16   = 1 << 7
	FlagSRAM  = 1 << 8
	FlagX     = 1 << 9
	FlagDrop  = 1 << 10
	FlagAll   = 1 << 11
	FlagBN    = FlagRaw // norm commands only
	FlagEval  = FlagNew // norm.fin only
	FlagUpd   = FlagI16 // dnnc.mac and mom.w only
)

var (
	flagB1    = Flag{"b1", 0, "use buffer 1 instead of buffer 0"}
	flagFirst = Flag{"first", 1, "take a fresh accumulator bank whose rows start at zero"}
	flagLast  = Flag{"last", 2, "hand the bank over to the drain when the stream ends"}
	flagFree  = Flag{"free", 3, "release the weight buffer when the stream ends"}
	flagRaw   = Flag{"raw", 4, "the source is a raw map (src is a word address), not a compressed one (src is a pointer index)"}
	flagNew   = Flag{"new", 5, "restart the encoder's allocation at register alloc; otherwise it goes on where it stands"}
	flagT     = Flag{"t", 6, "load through the corner-turn, so that the tile arrives transposed"}
	flagI16   = Flag{"i16", 7, "external elements are int16; otherwise unsigned bytes"}
	flagSRAM  = Flag{"sram", 8, "take the feedback signs from the sign memory; otherwise from the LFSR"}
	flagX     = Flag{"x", 9, "write raw to external memory: dst and dstep are byte addresses"}
	flagDrop  = Flag{"drop", 10, "dropout of one half: an element stays where its random bit is 1"}
	flagAll   = Flag{"all", 11, "every f' bit counts as 1: the mask memory is not read"}
	flagBN    = Flag{"bn", 4, "with batch normalisation; otherwise the ReLU and the pooling alone"}
	flagUpd   = Flag{"upd", 7, "the updated weights lie, or are put, in a half of WMEM buffer 1: rows 0..31, or with b1 32..63"}
	flagEval  = Flag{"eval", 5, "from the running statistics, which stay as they are; otherwise from the sums, and the running ones follow"}
)

// Table is THE instruction table: every tool is a loop over it.
var Table = []Info{
	{OpHalt, "halt", FmtNone, UnitSeq, nil, "Stop; the run ends when every unit has finished its commands."},
	{OpNop, "nop", FmtNone, UnitSeq, nil, "Do nothing for one cycle."},
	{OpTrap, "trap", FmtImm, UnitSeq, nil, "Raise a program fault with code imm."},

	{OpLi, "li", FmtRdImm, UnitSeq, nil, "rd = imm."},
	{OpMov, "mov", FmtRdRa, UnitSeq, nil, "rd = ra."},

	{OpAdd, "add", FmtRdRaRb, UnitSeq, nil, "rd = ra + rb, modulo 2^32."},
	{OpSub, "sub", FmtRdRaRb, UnitSeq, nil, "rd = ra - rb, modulo 2^32."},
	{OpMul, "mul", FmtRdRaRb, UnitSeq, nil, "rd = ra * rb, modulo 2^32."},
	{OpAnd, "and", FmtRdRaRb, UnitSeq, nil, "rd = ra & rb."},
	{OpOr, "or", FmtRdRaRb, UnitSeq, nil, "rd = ra | rb."},
	{OpXor, "xor", FmtRdRaRb, UnitSeq, nil, "rd = ra ^ rb."},
	{OpShl, "shl", FmtRdRaRb, UnitSeq, nil, "rd = ra << (rb & 31)."},
	{OpShr, "shr", FmtRdRaRb, UnitSeq, nil, "rd = ra >> (rb & 31), zeros from the left."},
	{OpSar, "sar", FmtRdRaRb, UnitSeq, nil, "rd = ra >> (rb & 31), signs from the left."},
	{OpMin, "min", FmtRdRaRb, UnitSeq, nil, "rd = the smaller of ra and rb, signed."},

	{OpAddi, "addi", FmtRdRaImm, UnitSeq, nil, "rd = ra + imm, modulo 2^32."},
	{OpMuli, "muli", FmtRdRaImm, UnitSeq, nil, "rd = ra * imm, modulo 2^32."},
	{OpAndi, "andi", FmtRdRaImm, UnitSeq, nil, "rd = ra & imm."},
	{OpOri, "ori", FmtRdRaImm, UnitSeq, nil, "rd = ra | imm."},
	{OpXori, "xori", FmtRdRaImm, UnitSeq, nil, "rd = ra ^ imm."},
	{OpShli, "shli", FmtRdRaImm, UnitSeq, nil, "rd = ra << (imm & 31)."},
	{OpShri, "shri", FmtRdRaImm, UnitSeq, nil, "rd = ra >> (imm & 31), zeros from the left."},
	{OpSari, "sari", FmtRdRaImm, UnitSeq, nil, "rd = ra >> (imm & 31), signs from the left."},
	{OpMini, "mini", FmtRdRaImm, UnitSeq, nil, "rd = the smaller of ra and imm, signed."},

	{OpLw, "lw", FmtLoad, UnitSeq, nil, "rd = the scratch word at ra + imm."},
	{OpLhu, "lhu", FmtLoad, UnitSeq, nil, "rd = the scratch half word at ra + imm, zero-extended."},
	{OpLbu, "lbu", FmtLoad, UnitSeq, nil, "rd = the scratch byte at ra + imm, zero-extended."},
	{OpSw, "sw", FmtStore, UnitSeq, nil, "The scratch word at ra + imm = rb."},
	{OpSh, "sh", FmtStore, UnitSeq, nil, "The scratch half word at ra + imm = the low half of rb."},

	{OpBeq, "beq", FmtBranch, UnitSeq, nil, "Branch if ra == rb."},
	{OpBne, "bne", FmtBranch, UnitSeq, nil, "Branch if ra != rb."},
	{OpBlt, "blt", FmtBranch, UnitSeq, nil, "Branch if ra < rb, signed."},
	{OpBge, "bge", FmtBranch, UnitSeq, nil, "Branch if ra >= rb, signed."},
	{OpBltu, "bltu", FmtBranch, UnitSeq, nil, "Branch if ra < rb, unsigned."},
	{OpBgeu, "bgeu", FmtBranch, UnitSeq, nil, "Branch if ra >= rb, unsigned."},
	{OpJal, "jal", FmtJal, UnitSeq, nil, "rd = the address of the next instruction; jump to the target."},
	{OpJr, "jr", FmtRa, UnitSeq, nil, "Jump to the address in ra."},
	{OpLoop, "loop", FmtLoop, UnitSeq, nil, "Repeat the instructions up to (not including) the target ra times, none if ra <= 0; no cycle is spent on the jump back. Up to four loops nest."},

	{OpSet, "set", FmtSet, UnitSeq, nil, "Write ra to a parameter register of a unit; the next command of that unit takes a copy of all of them."},
	{OpSeti, "seti", FmtSetImm, UnitSeq, nil, "Write imm to a parameter register of a unit."},
	{OpGet, "get", FmtGet, UnitSeq, nil, "Read a status register of a unit into rd; reading a count or a maximum clears it."},
	{OpWait, "wait", FmtWait, UnitSeq, nil, "Go on when at most imm commands of the unit are outstanding."},
	{OpMark, "mark", FmtMark, UnitSeq, nil, "Tag what follows with a phase and the layer number in ra (0..31)."},

	{OpDMAMap, "dma.map", FmtCmd, UnitDMA, []Flag{flagNew, flagI16}, "External memory -> RLC encoder -> OMEM: rows of n elements; row r, from xaddr + r*xstep, becomes the blocks whose pointers start at dst + r*dstep. Each chan elements (0: n; what is left of a row is a shorter pixel) are cut into blocks of 64."},
	{OpDMAScr, "dma.scr", FmtCmd, UnitDMA, nil, "External memory -> scratch: n bytes from xaddr to scratch address dst."},
	{OpDMAStore, "dma.store", FmtCmd, UnitDMA, nil, "Scratch -> external memory: n bytes from scratch address dst to xaddr."},
	{OpDMABias, "dma.bias", FmtCmd, UnitDMA, []Flag{flagB1}, "External memory -> bias buffer: n 32-bit biases from xaddr."},
	{OpDMASign, "dma.sign", FmtCmd, UnitDMA, nil, "External memory -> sign memory: n 256-bit entries from xaddr to entry dst."},
	{OpDMACopy, "dma.copy", FmtCmd, UnitDMA, nil, "External memory -> external memory: n bytes from xaddr to the external address dst; the two do not overlap."},
	{OpDMASave, "dma.save", FmtCmd, UnitDMA, nil, "OMEM -> external memory: rows of n raw int16 elements, row r from word address dst + r*dstep to xaddr + r*xstep."},

	{OpWLDWeights, "wld.w", FmtCmd, UnitWLD, []Flag{flagB1, flagT}, "External memory -> WMEM: rows x 16*groups weights, 64 lanes from xaddr, the next 64 from xaddr + xstep, ..., a row pitch bytes behind the other, copied 2^split times across the lanes."},
	{OpWLDErrors, "wld.e", FmtCmd, UnitWLD, []Flag{flagB1}, "OMEM -> WMEM: rows x 16*groups raw errors, one sample a row, from word address src, rows sstep words apart."},

	{OpDNNCMac, "dnnc.mac", FmtCmd, UnitDNNC, []Flag{flagB1, flagFirst, flagLast, flagFree, flagRaw, flagUpd}, "Stream the non-zeros of one 64-element block of nb samples, or of a window of taps at nb pixels; acc[b / 2^split][lane] += x * w[element][lane]. Sample or pixel b is on stream b mod 2^split."},
	{OpDNNCGrad, "dnnc.grad", FmtCmd, UnitDNNC, []Flag{flagB1, flagFirst, flagLast, flagFree}, "Stream the non-zeros of one block column of nb samples or pixels in transposed order; acc[element][lane] += x * w[sample][lane]. From first to last the sums go on; with last a bank of 32 rows at a time goes to the momentum unit. While the sums of a dnnc.mac are open, up to 32 rows, first and last in one command, may take another bank."},
	{OpDNNCOnes, "dnnc.ones", FmtCmd, UnitDNNC, []Flag{flagB1, flagFirst, flagLast, flagFree}, "acc[0][lane] += the sum of w[sample][lane] over nb samples, the bias gradient, from first to last; then the bank goes to the momentum unit."},

	{OpDrainAct, "drain.act", FmtCmd, UnitDrain, []Flag{flagB1, flagNew, flagDrop}, "A bank -> add bias, shift, round, saturate, ReLU -> RLC encoder -> OMEM; writes the f' mask."},
	{OpDrainLogit, "drain.logit", FmtCmd, UnitDrain, []Flag{flagB1, flagX}, "A bank -> add bias, shift, round, saturate -> OMEM or external memory, raw."},
	{OpDrainErr, "drain.err", FmtCmd, UnitDrain, []Flag{flagX, flagAll}, "A bank -> shift, round, times f' mask, saturate -> OMEM or external memory, raw."},

	{OpLossCE, "loss.ce", FmtCmd, UnitLoss, nil, "Softmax cross-entropy of nb rows of n logits: writes e_L = p - y, counts correct predictions."},
	{OpLossEval, "loss.eval", FmtCmd, UnitLoss, nil, "Counts correct predictions only."},

	{OpDEPCLoad, "depc.load", FmtCmd, UnitDEPC, nil, "OMEM -> error buffer of the DEPC: nb rows of n output errors."},
	{OpDEPCRun, "depc.run", FmtCmd, UnitDEPC, []Flag{flagSRAM, flagX, flagAll}, "e = (B e_L) * 2^-shift times f' mask for all neurons of a layer and nb samples -> OMEM or external memory, raw."},

	{OpEPCLoad, "epc.load", FmtCmd, UnitEPC, nil, "OMEM -> error buffer of the EPC: nb rows of n errors."},
	{OpEPCRun, "epc.run", FmtCmd, UnitEPC, []Flag{flagX, flagAll}, "e = (M e_above) * 2^-shift times f' mask for all neurons of a layer and nb samples -> OMEM or external memory, raw; M, int16, comes from external memory in 64 x 64 blocks, a row a neuron."},

	{OpMomW, "mom.w", FmtCmd, UnitMom, []Flag{flagB1, flagUpd}, "Update rows x lanes weights and velocities with the gradients of one or two banks. With upd the new weights go to WMEM as well as to external memory, for the next forward pass."},
	{OpMomB, "mom.b", FmtCmd, UnitMom, nil, "Update one row of 32-bit biases and their velocities with row 0 of a bank."},

	{OpNormLoad, "norm.load", FmtCmd, UnitNorm, nil, "External memory -> channel memory: the records of chan channels from rec."},
	{OpNormStore, "norm.store", FmtCmd, UnitNorm, nil, "Channel memory -> external memory: the records of chan channels to rec."},
	{OpNormStat, "norm.stat", FmtCmd, UnitNorm, nil, "Sum z and z*z of every channel over the maps at src."},
	{OpNormFin, "norm.fin", FmtCmd, UnitNorm, []Flag{flagEval}, "Mean and reciprocal deviation of every channel."},
	{OpNormFwd, "norm.fwd", FmtCmd, UnitNorm, []Flag{flagBN}, "Normalise, ReLU and pool the maps at src into those at dst; the positions of the maxima go to pos."},
	{OpNormBack, "norm.back", FmtCmd, UnitNorm, []Flag{flagBN}, "Spread the errors at aux over the pooling windows by the positions at pos, into dst; with bn, sum them and their products with the normalised maps at src."},
	{OpNormGrad, "norm.grad", FmtCmd, UnitNorm, nil, "Errors behind the normalisation at aux -> errors before it at dst; the maps are at src."},
	{OpNormUpdate, "norm.update", FmtCmd, UnitNorm, nil, "Update scale and shift of every channel and their velocities with the sums of norm.back."},
}

// byOp indexes Table by operation code.
var byOp = func() (t [256]*Info) {
	for i := range Table {
		t[Table[i].Op] = &Table[i]
	}
	return t
}()

// Lookup returns the row of an operation code, or nil for an illegal one.
func Lookup(op Op) *Info { return byOp[op] }
