package activity

import "strings"

// Event is something that a unit did and that costs energy.
type Event uint16

// The events. A memory event is one access of one macro at its full width.
const (
	SeqInstr     Event = iota // an instruction executed
	IMemRead                  // 64-bit instruction fetch
	ScratchRead               // 32-bit access, or one of the 256-bit accesses of the DMA counted as eight
	ScratchWrite              //
	XReadDMA                  // 32-byte burst read from external memory for the DMA
	XReadWLD                  // ... for the weight loader
	XReadMom                  // ... for the momentum unit
	XWriteDMA                 // 32-byte burst written for the DMA
	XWriteMom                 // ... for the momentum unit
	XReadNorm                 // 32-byte burst read for the normalisation unit
	XReadEPC                  // ... for the EPC
	XWriteDrain               // ... written for the drain
	XWriteDEPC                // ... for the DEPC or the EPC
	XWriteNorm                // ... for the normalisation unit
	XActivate                 // a row opened in external memory
	XRefresh                  // an all-bank refresh
	OMEMRead                  // 64-bit word read
	OMEMWrite                 // 64-bit word written
	PtrRead                   // block pointer read
	PtrWrite                  // block pointer written
	MaskRead                  // 16 f' bits read
	MaskWrite                 // 16 f' bits written
	RLCEncode                 // an element through an RLC encoder
	RLCDecode                 // a non-zero out of an iRLC decoder
	TRLCWrite                 // a non-zero written to a corner-turn buffer
	TRLCRead                  // a non-zero read from a corner-turn buffer
	WMEMWrite                 // 16 lanes (256 bit) written to a WMEM macro
	WMEMRead                  // 16 lanes (256 bit) read from a WMEM macro
	CornerTurn                // 16 elements through the corner-turn registers of the loader
	MAC                       // one lane: multiply and accumulate
	AccRead                   // 16 lanes of an accumulator row read
	AccWrite                  // 16 lanes of an accumulator row written
	BiasRead                  // 16 biases (512 bit) read
	BiasWrite                 // 8 biases (256 bit) written
	DrainLane                 // one lane: bias add, shift, round, saturate
	DropRand                  // dropout bits of 16 lanes: two 32-bit multiplications
	LogitRead                 // four logits (64 bit) read from the row buffer
	LogitWrite                // four logits written
	ExpTab                    // a look-up in the exponential table
	LossMul                   // a multiplication in the loss unit
	LossDiv                   // one step of the restoring divider
	DEPCAdd                   // one signed addition in an adder tree
	EBufRead                  // 16 errors (256 bit) read
	EBufWrite                 // 16 errors written
	DEPCPRead                 // 16 partial sums (512 bit) read in the DEPC
	DEPCPWrite                // ... written
	SignRead                  // 256 stored signs read
	SignWrite                 // 256 stored signs written
	LFSRStep                  // a leap of the feedback LFSR
	MomLane                   // one lane: three multiplications, additions, rounding
	MomRand                   // one lane's LFSR leapt by 16 bits
	ChunkRead                 // 32-byte read of a chunk memory
	ChunkWrite                // 32-byte write of a chunk memory
	NormStat                  // one element summed: a 16 x 16 bit square, two wide additions
	NormLane                  // one element normalised: a 24 x 17 and a 24 x 16 bit multiplication, three additions
	NormPool                  // one element compared with the maximum of its window
	NormBack                  // one error summed: a 16 x 16 bit product, two wide additions
	NormGrad                  // one error brought before the normalisation: 16 x 32 and 26 x 26 bit products, three additions
	NormStep                  // one step of a channel's divider, square root or update
	NormRead                  // 256 bits of channel records read
	NormWrite                 // 256 bits of channel records written
	NormSumRead               // the sums of 16 channels read
	NormSumWrite              // the sums of 16 channels written
	LineRead                  // running maxima and positions of 16 channels read
	LineWrite                 // ... written
	EPCMul                    // one multiplication and its addition in a tree or lane of the EPC
	EPCWRead                  // 16 weights (256 bit) read in the EPC
	EPCWWrite                 // ... written
	EPCERead                  // 16 errors (256 bit) read in the EPC
	EPCEWrite                 // ... written
	EPCPRead                  // 16 partial sums read in the EPC
	EPCPWrite                 // ... written

	// Bits that change, counted on request only (rtl.Config.Toggles).

	ToggleX       // of an operand, at a MAC lane
	ToggleW       // of a MAC lane's weight register
	ToggleAcc     // of a MAC lane's accumulator, by a MAC
	DEPCToggleIn  // of an error or its inverse, at an adder tree of the DEPC
	DEPCToggleOut // behind an adder of a tree, the one at its root included
	EPCToggleIn   // of an error, at a multiplier of the EPC
	EPCToggleW    // of a weight, at a multiplier of the EPC
	EPCToggleOut  // behind an adder of a tree of the EPC, or of a lane's sum

	ActiveSeq   // cycles in which the unit's registers are clocked
	ActiveDMA   //
	ActiveWLD   //
	ActiveDNNC  //
	ActiveDrain //
	ActiveLoss  //
	ActiveDEPC  //
	ActiveMom   //
	ActiveNorm  //
	ActiveEPC   //
	ActiveLFSR  //
	ActiveOMEM  //
	ActiveXMem  //

	// Registers of the units with commands: a parameter register, an entry of the queue.

	ClockParam // of the DMA; the others follow in the order of their units
	ClockCmd   = ClockParam + queues
)

// The units with commands are those from the DMA up to lastQueue.
const (
	lastQueue = EPC
	queues    = Event(lastQueue-DMA) + 1
)

// Registers of the DNNC and the drain.
const (
	ClockDNNCWork    = ClockCmd + queues + Event(iota) // where a command is: a cycle that takes products, swaps or ends
	ClockDNNCItem                                      // a place of a FIFO
	ClockDNNCTouched                                   // rows that hold something, of a bank and a stream
	ClockDNNCFreed                                     // releases of a weight buffer
	ClockDNNCStream                                    // request of a stream
	ClockDNNCOperand                                   // a stream's operand on its way to the multipliers
	ClockDNNCProduct                                   // a product
	ClockDrainRead                                     // request of a group
	ClockDrainMask                                     // request of a mask word
	ClockDrainSums                                     // a group behind the biases
	ClockDrainPipe                                     // a group behind shift and clip
	ClockDrainSend                                     // where the next group goes
	ClockDrainCount                                    // clips and maximum
	ClockDrainStat                                     // status that SEQ gets
	ClockDrainEnc                                      // a group for the encoder
	ClockDrainWrite                                    // ... for OMEM
	ClockDrainX                                        // ... for external memory
)

// Groups of registers of SEQ, DMA, WLD, OMEM and XMEM; init names them in order.
const (
	ClockSeq  = ClockDrainX + 1
	ClockDMA  = ClockSeq + 6
	ClockWLD  = ClockDMA + 12
	ClockOMEM = ClockWLD + 5
	ClockXMem = ClockOMEM + 16
)

// Groups of registers of the DEPC, the EPC and the LFSR; init names them in order.
const (
	ClockDEPC = ClockXMem + 4
	ClockEPC  = ClockDEPC + 10
	ClockLFSR = ClockEPC + 14
)

// Registers of the momentum, loss and normalisation units: payload of wires, stages, and what is
// written now and then.
const (
	ClockMomAsk    = ClockLFSR + 3 + Event(iota) // place of the operands that are read
	ClockMomChunk                                // a chunk's addresses and place, in the ring
	ClockMomSeeder                               // between its two multiplications
	ClockMomSeed                                 // the start of an LFSR
	ClockMomLFSR                                 // an LFSR
	ClockMomStats                                // status registers
	ClockMomRead                                 // address of a burst to read
	ClockMomWrite                                // a burst to write
	ClockMomUpd                                  // weights for WMEM
	ClockMomLanes                                // all registers that cut the lanes, each in its cycle

	ClockLossLabel     // a label
	ClockLossFIFO      // a group of logits that arrives
	ClockLossRow       // the largest logit and its class
	ClockLossSum       // sum of the exponentials
	ClockLossDivide    // remainder and quotient
	ClockLossLogits    // four logits, and what follows from them stage by stage
	ClockLossExponents //
	ClockLossPowers    //
	ClockLossProducts  //
	ClockLossErrors    // four of the errors of a group that is being assembled
	ClockLossStats     // status registers
	ClockLossRequest   // a stream asked for
	ClockLossWrite     // a group of errors

	ClockNormShape     // what the walks know of a command
	ClockNormAsk       // place of the burst to ask for
	ClockNormUse       // place of the step that goes to the lanes next
	ClockNormLand      // a burst that has landed
	ClockNormLanes     // all registers that a step passes in the lanes, each in its cycle
	ClockNormResult    // a burst to write
	ClockNormErrors    // errors of the group whose elements come next
	ClockNormPositions // positions of a block
	ClockNormDivide    // a divider
	ClockNormChannel   // mean and variance of the channel at work
	ClockNormStats     // status registers
	ClockNormRead      // address of a burst to read
	ClockNormWrite     // a burst that leaves
	NumEvents
)

// Info describes an event.
type Info struct {
	Name string
	Unit Unit
}

// Events is the table of events, by Event. Clocks are named after their units, see init.
var Events = byUnit(map[Unit]map[Event]string{
	Seq: {
		SeqInstr: "instruction", IMemRead: "imem_read", ScratchRead: "scratch_read",
		ScratchWrite: "scratch_write",
	},
	WLD: {
		WMEMWrite: "wmem_write", CornerTurn: "corner_turn",
	},
	DNNC: {
		WMEMRead: "wmem_read", MAC: "mac", AccRead: "acc_read", AccWrite: "acc_write",
		ToggleX: "toggle_operand", ToggleW: "toggle_weight", ToggleAcc: "toggle_accumulator",
	},
	Drain: {
		BiasRead: "bias_read", BiasWrite: "bias_write", DrainLane: "drain_lane",
		DropRand: "dropout_random",
	},
	Loss: {
		LogitRead: "logit_read", LogitWrite: "logit_write", ExpTab: "exp_lookup",
		LossMul: "loss_multiply", LossDiv: "loss_divide_step",
	},
	DEPC: {
		DEPCAdd: "depc_add", EBufRead: "ebuf_read", EBufWrite: "ebuf_write",
		DEPCPRead: "depc_partial_read", DEPCPWrite: "depc_partial_write", SignRead: "sign_read",
		SignWrite: "sign_write", DEPCToggleIn: "depc_toggle_in",
		DEPCToggleOut: "depc_toggle_out",
	},
	Mom: {
		MomLane: "momentum_lane", MomRand: "momentum_random", ChunkRead: "chunk_read",
		ChunkWrite: "chunk_write",
	},
	Norm: {
		NormStat: "norm_stat", NormLane: "norm_lane", NormPool: "norm_pool",
		NormBack: "norm_back", NormGrad: "norm_grad", NormStep: "norm_step",
		NormRead: "norm_read", NormWrite: "norm_write", NormSumRead: "norm_sum_read",
		NormSumWrite: "norm_sum_write", LineRead: "line_read", LineWrite: "line_write",
	},
	EPC: {
		EPCMul: "epc_multiply", EPCWRead: "epc_weight_read", EPCWWrite: "epc_weight_write",
		EPCERead: "epc_error_read", EPCEWrite: "epc_error_write", EPCPRead: "epc_partial_read",
		EPCPWrite: "epc_partial_write", EPCToggleIn: "epc_toggle_in",
		EPCToggleW: "epc_toggle_weight", EPCToggleOut: "epc_toggle_out",
	},
	LFSR: {
		LFSRStep: "lfsr_step",
	},
	OMEM: {
		OMEMRead: "omem_read", OMEMWrite: "omem_write", PtrRead: "ptr_read",
		PtrWrite: "ptr_write", MaskRead: "mask_read", MaskWrite: "mask_write",
		RLCEncode: "rlc_encode", RLCDecode: "rlc_decode", TRLCWrite: "trlc_write",
		TRLCRead: "trlc_read",
	},
	XMem: {
		XReadDMA: "xmem_read_dma", XReadWLD: "xmem_read_weights", XReadMom: "xmem_read_update",
		XWriteDMA: "xmem_write_dma", XWriteMom: "xmem_write_update", XActivate: "xmem_activate",
		XRefresh: "xmem_refresh", XReadNorm: "xmem_read_norm", XReadEPC: "xmem_read_epc",
		XWriteDrain: "xmem_write_drain", XWriteDEPC: "xmem_write_errors",
		XWriteNorm: "xmem_write_norm",
	},
})

func byUnit(names map[Unit]map[Event]string) (table [NumEvents]Info) {
	for unit, events := range names {
		for e, name := range events {
			table[e] = Info{name, unit}
		}
	}
	return table
}

func init() {
	for u := range NumUnits {
		Events[Active(u)] = Info{"clock_" + strings.ToLower(u.String()), u}
	}
	for u := DMA; u <= lastQueue; u++ {
		groups(Param(u), u, "param")
		groups(Command(u), u, "cmd")
	}
	groups(ClockDNNCWork, DNNC, "work item touched freed stream operand product")
	groups(ClockDrainRead, Drain, "read mask sums pipe send count stat enc write x")
	groups(ClockSeq, Seq, "reg loop count slot bus scratch")
	groups(ClockDMA, DMA, "begin ask use map land x w enc scratch bias sign req")
	groups(ClockWLD, WLD, "ask land turn req tile")
	groups(ClockOMEM, OMEM, "request fetch walk block word extract x has enc encoder collect coded reader read write data")
	groups(ClockXMem, XMem, "refresh bank ahead resp")
	errors := "begin mask sum round write burst stat tree "
	groups(ClockDEPC, DEPC, errors+"sign next")
	groups(ClockEPC, EPC, errors+"product fetch lane row ahead flags")
	groups(ClockLFSR, LFSR, "begin fill reg")
	groups(ClockMomAsk, Mom, "ask chunk seeder seed lfsr stats read write upd lanes")
	groups(ClockLossLabel, Loss, "label fifo row sum divide logits exponents powers products errors stats request write")
	groups(ClockNormShape, Norm, "shape ask use land lanes result errors positions divide channel stats read write")
}

// groups names the groups of registers of a unit, by events from first on.
func groups(first Event, u Unit, names string) {
	for i, name := range strings.Fields(names) {
		Events[first+Event(i)] = Info{Active(u).String() + "_" + name, u}
	}
}

// Param is the event that clocks a parameter register of a unit.
func Param(u Unit) Event { return ClockParam + Event(u-DMA) }

// Command is the event that clocks an entry of a unit's queue.
func Command(u Unit) Event { return ClockCmd + Event(u-DMA) }

// IsClock reports whether an event is a cycle in which registers are clocked.
func (e Event) IsClock() bool { return strings.HasPrefix(Events[e].Name, "clock_") }

func (e Event) String() string { return Events[e].Name }

// Active returns the clock event of a unit.
func Active(u Unit) Event { return ActiveSeq + Event(u) }
