package isa

import (
	"slices"
	"strings"
)

// Op is an instruction's operation code, bits 63..56 of its word.
type Op uint8

// The operation codes. Code 0 is no instruction, so that cleared memory faults when executed.
const (
	OpIllegal Op = iota
	OpHalt
	OpNop
	OpTrap
)
const (
	OpLi Op = 0x10 + iota
	OpMov
)
const (
	OpAdd Op = 0x20 + iota
	OpSub
	OpMul
	OpAnd
	OpOr
	OpXor
	OpShl
	OpShr
	OpSar
	OpMin
)
const (
	OpAddi Op = 0x30 + iota
	OpMuli
	OpAndi
	OpOri
	OpXori
	OpShli
	OpShri
	OpSari
	OpMini
)
const (
	OpLw Op = 0x40 + iota
	OpLhu
	OpLbu
	OpSw
	OpSh
)
const (
	OpBeq Op = 0x50 + iota
	OpBne
	OpBlt
	OpBge
	OpBltu
	OpBgeu
	OpJal
	OpJr
	OpLoop
)
const (
	OpSet Op = 0x60 + iota
	OpSeti
	OpGet
	OpWait
	OpMark
)
const (
	OpDMAMap Op = 0x80 + iota
	OpDMAScr
	OpDMAStore
	OpDMABias
	OpDMASign
	OpDMACopy
	OpDMASave
)
const (
	OpWLDWeights Op = 0x90 + iota
	OpWLDErrors
)
const (
	OpDNNCMac Op = 0xa0 + iota
	OpDNNCGrad
	OpDNNCOnes
)
const (
	OpDrainAct Op = 0xb0 + iota
	OpDrainLogit
	OpDrainErr
)
const (
	OpLossCE Op = 0xc0 + iota
	OpLossEval
)
const (
	OpDEPCLoad Op = 0xd0 + iota
	OpDEPCRun
)
const (
	OpEPCLoad Op = 0xd8 + iota
	OpEPCRun
)
const (
	OpMomW Op = 0xe0 + iota
	OpMomB
)
const (
	OpNormLoad Op = 0xf0 + iota
	OpNormStore
	OpNormStat
	OpNormFin
	OpNormFwd
	OpNormBack
	OpNormGrad
	OpNormUpdate
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
	flagRaw   = Flag{"raw", 4,
		"the source is a raw map (src is a word address), not a compressed one (src is a pointer " +
			"index)"}
	flagNew = Flag{"new", 5,
		"restart the encoder's allocation at register alloc; otherwise it goes on where it stands"}
	flagT    = Flag{"t", 6, "load through the corner-turn, so that the tile arrives transposed"}
	flagI16  = Flag{"i16", 7, "external elements are int16; otherwise unsigned bytes"}
	flagSRAM = Flag{"sram", 8,
		"take the feedback signs from the sign memory; otherwise from the LFSR"}
	flagX    = Flag{"x", 9, "write raw to external memory: dst and dstep are byte addresses"}
	flagDrop = Flag{"drop", 10, "dropout of one half: an element stays where its random bit is 1"}
	flagAll  = Flag{"all", 11, "every f' bit counts as 1: the mask memory is not read"}
	flagBN   = Flag{"bn", 4, "with batch normalisation; otherwise the ReLU and the pooling alone"}
	flagUpd  = Flag{"upd", 7,
		"the updated weights lie, or are put, in a half of WMEM buffer 1: rows 0..31, or with b1 " +
			"32..63"}
	flagEval = Flag{"eval", 5,
		"from the running statistics, which stay as they are; otherwise from the sums, and the " +
			"running ones follow"}
)

// Table is THE instruction table: every tool is a loop over it.
var Table = []Info{
	seq(OpHalt, "halt", FmtNone, "Stop; the run ends when every unit has finished its commands."),
	seq(OpNop, "nop", FmtNone, "Do nothing for one cycle."),
	seq(OpTrap, "trap", FmtImm, "Raise a program fault with code imm."),

	seq(OpLi, "li", FmtRdImm, "rd = imm."),
	seq(OpMov, "mov", FmtRdRa, "rd = ra."),

	seq(OpAdd, "add", FmtRdRaRb, "rd = ra + rb, modulo 2^32."),
	seq(OpSub, "sub", FmtRdRaRb, "rd = ra - rb, modulo 2^32."),
	seq(OpMul, "mul", FmtRdRaRb, "rd = ra * rb, modulo 2^32."),
	seq(OpAnd, "and", FmtRdRaRb, "rd = ra & rb."),
	seq(OpOr, "or", FmtRdRaRb, "rd = ra | rb."),
	seq(OpXor, "xor", FmtRdRaRb, "rd = ra ^ rb."),
	seq(OpShl, "shl", FmtRdRaRb, "rd = ra << (rb & 31)."),
	seq(OpShr, "shr", FmtRdRaRb, "rd = ra >> (rb & 31), zeros from the left."),
	seq(OpSar, "sar", FmtRdRaRb, "rd = ra >> (rb & 31), signs from the left."),
	seq(OpMin, "min", FmtRdRaRb, "rd = the smaller of ra and rb, signed."),

	seq(OpAddi, "addi", FmtRdRaImm, "rd = ra + imm, modulo 2^32."),
	seq(OpMuli, "muli", FmtRdRaImm, "rd = ra * imm, modulo 2^32."),
	seq(OpAndi, "andi", FmtRdRaImm, "rd = ra & imm."),
	seq(OpOri, "ori", FmtRdRaImm, "rd = ra | imm."),
	seq(OpXori, "xori", FmtRdRaImm, "rd = ra ^ imm."),
	seq(OpShli, "shli", FmtRdRaImm, "rd = ra << (imm & 31)."),
	seq(OpShri, "shri", FmtRdRaImm, "rd = ra >> (imm & 31), zeros from the left."),
	seq(OpSari, "sari", FmtRdRaImm, "rd = ra >> (imm & 31), signs from the left."),
	seq(OpMini, "mini", FmtRdRaImm, "rd = the smaller of ra and imm, signed."),

	seq(OpLw, "lw", FmtLoad, "rd = the scratch word at ra + imm."),
	seq(OpLhu, "lhu", FmtLoad, "rd = the scratch half word at ra + imm, zero-extended."),
	seq(OpLbu, "lbu", FmtLoad, "rd = the scratch byte at ra + imm, zero-extended."),
	seq(OpSw, "sw", FmtStore, "The scratch word at ra + imm = rb."),
	seq(OpSh, "sh", FmtStore, "The scratch half word at ra + imm = the low half of rb."),

	seq(OpBeq, "beq", FmtBranch, "Branch if ra == rb."),
	seq(OpBne, "bne", FmtBranch, "Branch if ra != rb."),
	seq(OpBlt, "blt", FmtBranch, "Branch if ra < rb, signed."),
	seq(OpBge, "bge", FmtBranch, "Branch if ra >= rb, signed."),
	seq(OpBltu, "bltu", FmtBranch, "Branch if ra < rb, unsigned."),
	seq(OpBgeu, "bgeu", FmtBranch, "Branch if ra >= rb, unsigned."),
	seq(OpJal, "jal", FmtJal, "rd = the address of the next instruction; jump to the target."),
	seq(OpJr, "jr", FmtRa, "Jump to the address in ra."),
	seq(OpLoop, "loop", FmtLoop,
		"Repeat the instructions up to (not including) the target ra times, none if ra <= 0; no "+
			"cycle is spent on the jump back. Up to four loops nest."),

	seq(OpSet, "set", FmtSet,
		"Write ra to a parameter register of a unit; the next command of that unit takes a copy "+
			"of all of them."),
	seq(OpSeti, "seti", FmtSetImm, "Write imm to a parameter register of a unit."),
	seq(OpGet, "get", FmtGet,
		"Read a status register of a unit into rd; reading a count or a maximum clears it."),
	seq(OpWait, "wait", FmtWait, "Go on when at most imm commands of the unit are outstanding."),
	seq(OpMark, "mark", FmtMark,
		"Tag what follows with a phase and the layer number in ra (0..31)."),

	command(OpDMAMap, "dma.map",
		"External memory -> RLC encoder -> OMEM: rows of n elements; row r, from xaddr + r*xstep, "+
			"becomes the blocks whose pointers start at dst + r*dstep. Each chan elements (0: n; what "+
			"is left of a row is a shorter pixel) are cut into blocks of 64.", flagNew, flagI16),
	command(OpDMAScr, "dma.scr",
		"External memory -> scratch: n bytes from xaddr to scratch address dst."),
	command(OpDMAStore, "dma.store",
		"Scratch -> external memory: n bytes from scratch address dst to xaddr."),
	command(OpDMABias, "dma.bias",
		"External memory -> bias buffer: n 32-bit biases from xaddr.", flagB1),
	command(OpDMASign, "dma.sign",
		"External memory -> sign memory: n 256-bit entries from xaddr to entry dst."),
	command(OpDMACopy, "dma.copy",
		"External memory -> external memory: n bytes from xaddr to the external address dst; the "+
			"two do not overlap."),
	command(OpDMASave, "dma.save",
		"OMEM -> external memory: rows of n raw int16 elements, row r from word address dst + "+
			"r*dstep to xaddr + r*xstep."),

	command(OpWLDWeights, "wld.w",
		"External memory -> WMEM: rows x 16*groups weights, 64 lanes from xaddr, the next 64 from "+
			"xaddr + xstep, ..., a row pitch bytes behind the other, copied 2^split times across the "+
			"lanes.", flagB1, flagT),
	command(OpWLDErrors, "wld.e",
		"OMEM -> WMEM: rows x 16*groups raw errors, one sample a row, from word address src, rows "+
			"sstep words apart.", flagB1),

	command(OpDNNCMac, "dnnc.mac",
		"Stream the non-zeros of one 64-element block of nb samples, or of a window of taps at nb "+
			"pixels; acc[b / 2^split][lane] += x * w[element][lane]. Sample or pixel b is on stream b "+
			"mod 2^split.", flagB1, flagFirst, flagLast, flagFree, flagRaw, flagUpd),
	command(OpDNNCGrad, "dnnc.grad",
		"Stream the non-zeros of one block column of nb samples or pixels in transposed order; "+
			"acc[element][lane] += x * w[sample][lane]. From first to last the sums go on; with last "+
			"a bank of 32 rows at a time goes to the momentum unit. While the sums of a dnnc.mac are "+
			"open, up to 32 rows, first and last in one command, may take another bank.",
		flagB1, flagFirst, flagLast, flagFree),
	command(OpDNNCOnes, "dnnc.ones",
		"acc[0][lane] += the sum of w[sample][lane] over nb samples, the bias gradient, from "+
			"first to last; then the bank goes to the momentum unit.",
		flagB1, flagFirst, flagLast, flagFree),

	command(OpDrainAct, "drain.act",
		"A bank -> add bias, shift, round, saturate, ReLU -> RLC encoder -> OMEM; writes the f' "+
			"mask.", flagB1, flagNew, flagDrop),
	command(OpDrainLogit, "drain.logit",
		"A bank -> add bias, shift, round, saturate -> OMEM or external memory, raw.", flagB1, flagX),
	command(OpDrainErr, "drain.err",
		"A bank -> shift, round, times f' mask, saturate -> OMEM or external memory, raw.",
		flagX, flagAll),

	command(OpLossCE, "loss.ce",
		"Softmax cross-entropy of nb rows of n logits: writes e_L = p - y, counts correct "+
			"predictions."),
	command(OpLossEval, "loss.eval", "Counts correct predictions only."),

	command(OpDEPCLoad, "depc.load",
		"OMEM -> error buffer of the DEPC: nb rows of n output errors."),
	command(OpDEPCRun, "depc.run",
		"e = (B e_L) * 2^-shift times f' mask for all neurons of a layer and nb samples -> OMEM "+
			"or external memory, raw.", flagSRAM, flagX, flagAll),

	command(OpEPCLoad, "epc.load", "OMEM -> error buffer of the EPC: nb rows of n errors."),
	command(OpEPCRun, "epc.run",
		"e = (M e_above) * 2^-shift times f' mask for all neurons of a layer and nb samples -> "+
			"OMEM or external memory, raw; M, int16, comes from external memory in 64 x 64 blocks, a "+
			"row a neuron.", flagX, flagAll),

	command(OpMomW, "mom.w",
		"Update rows x lanes weights and velocities with the gradients of one or two banks. With "+
			"upd the new weights go to WMEM as well as to external memory, for the next forward pass.",
		flagB1, flagUpd),
	command(OpMomB, "mom.b",
		"Update one row of 32-bit biases and their velocities with row 0 of a bank."),

	command(OpNormLoad, "norm.load",
		"External memory -> channel memory: the records of chan channels from rec."),
	command(OpNormStore, "norm.store",
		"Channel memory -> external memory: the records of chan channels to rec."),
	command(OpNormStat, "norm.stat", "Sum z and z*z of every channel over the maps at src."),
	command(OpNormFin, "norm.fin", "Mean and reciprocal deviation of every channel.", flagEval),
	command(OpNormFwd, "norm.fwd",
		"Normalise, ReLU and pool the maps at src into those at dst; the positions of the maxima "+
			"go to pos.", flagBN),
	command(OpNormBack, "norm.back",
		"Spread the errors at aux over the pooling windows by the positions at pos, into dst; "+
			"with bn, sum them and their products with the normalised maps at src.", flagBN),
	command(OpNormGrad, "norm.grad",
		"Errors behind the normalisation at aux -> errors before it at dst; the maps are at src."),
	command(OpNormUpdate, "norm.update",
		"Update scale and shift of every channel and their velocities with the sums of norm.back."),
}

// seq is the row of an instruction that SEQ executes itself, command that of a unit's command.
func seq(op Op, name string, format Format, doc string) Info {
	return Info{Op: op, Name: name, Format: format, Doc: doc}
}

func command(op Op, name, doc string, flags ...Flag) Info {
	unit, _, _ := strings.Cut(name, ".")
	u := slices.IndexFunc(Units[:], func(u UnitInfo) bool { return u.Name == unit })
	return Info{op, name, FmtCmd, Unit(u), flags, doc}
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
