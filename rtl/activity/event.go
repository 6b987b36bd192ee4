package activity

import "strings"

// Event is something that a unit did and that costs energy.
type Event uint8

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
	LFSRStep                  // a leap of 8 bits of the feedback LFSR
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

	// Registers of the nine units with commands: a parameter register, an entry of the queue.

	ClockParam // of the DMA; the others follow in the order of their units
	ClockCmd   = ClockParam + 9
)

// Registers of other groups: payload of wires, stages, and what is written now and then.
const (
	ClockMomAsk    = ClockCmd + 9 + Event(iota) // place of the operands that are read
	ClockMomChunk                               // a chunk's addresses and place, in the ring
	ClockMomSeeder                              // between its two multiplications
	ClockMomSeed                                // the start of an LFSR
	ClockMomLFSR                                // an LFSR
	ClockMomStats                               // status registers
	ClockMomRead                                // address of a burst to read
	ClockMomWrite                               // a burst to write
	ClockMomUpd                                 // weights for WMEM
	ClockMomLanes                               // all registers that cut the lanes, each in its cycle

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

// Events is the table of events, by Event.
var Events = [NumEvents]Info{
	SeqInstr: {"instruction", Seq}, IMemRead: {"imem_read", Seq}, ScratchRead: {"scratch_read", Seq}, ScratchWrite: {"scratch_write", Seq},
	XReadDMA: {"xmem_read_dma", XMem}, XReadWLD: {"xmem_read_weights", XMem}, XReadMom: {"xmem_read_update", XMem},
	XWriteDMA: {"xmem_write_dma", XMem}, XWriteMom: {"xmem_write_update", XMem}, XActivate: {"xmem_activate", XMem}, XRefresh: {"xmem_refresh", XMem},
	XReadNorm: {"xmem_read_norm", XMem}, XReadEPC: {"xmem_read_epc", XMem}, XWriteDrain: {"xmem_write_drain", XMem}, XWriteDEPC: {"xmem_write_errors", XMem}, XWriteNorm: {"xmem_write_norm", XMem},
	OMEMRead: {"omem_read", OMEM}, OMEMWrite: {"omem_write", OMEM}, PtrRead: {"ptr_read", OMEM}, PtrWrite: {"ptr_write", OMEM},
	MaskRead: {"mask_read", OMEM}, MaskWrite: {"mask_write", OMEM}, RLCEncode: {"rlc_encode", OMEM}, RLCDecode: {"rlc_decode", OMEM},
	TRLCWrite: {"trlc_write", OMEM}, TRLCRead: {"trlc_read", OMEM},
	WMEMWrite: {"wmem_write", WLD}, WMEMRead: {"wmem_read", DNNC}, CornerTurn: {"corner_turn", WLD},
	MAC: {"mac", DNNC}, AccRead: {"acc_read", DNNC}, AccWrite: {"acc_write", DNNC},
	BiasRead: {"bias_read", Drain}, BiasWrite: {"bias_write", Drain}, DrainLane: {"drain_lane", Drain}, DropRand: {"dropout_random", Drain},
	LogitRead: {"logit_read", Loss}, LogitWrite: {"logit_write", Loss}, ExpTab: {"exp_lookup", Loss}, LossMul: {"loss_multiply", Loss}, LossDiv: {"loss_divide_step", Loss},
	DEPCAdd: {"depc_add", DEPC}, EBufRead: {"ebuf_read", DEPC}, EBufWrite: {"ebuf_write", DEPC}, DEPCPRead: {"depc_partial_read", DEPC}, DEPCPWrite: {"depc_partial_write", DEPC}, SignRead: {"sign_read", DEPC}, SignWrite: {"sign_write", DEPC},
	LFSRStep: {"lfsr_step", LFSR}, MomLane: {"momentum_lane", Mom}, MomRand: {"momentum_random", Mom}, ChunkRead: {"chunk_read", Mom}, ChunkWrite: {"chunk_write", Mom},
	NormStat: {"norm_stat", Norm}, NormLane: {"norm_lane", Norm}, NormPool: {"norm_pool", Norm}, NormBack: {"norm_back", Norm}, NormGrad: {"norm_grad", Norm}, NormStep: {"norm_step", Norm},
	NormRead: {"norm_read", Norm}, NormWrite: {"norm_write", Norm}, NormSumRead: {"norm_sum_read", Norm}, NormSumWrite: {"norm_sum_write", Norm}, LineRead: {"line_read", Norm}, LineWrite: {"line_write", Norm},
	EPCMul: {"epc_multiply", EPC}, EPCWRead: {"epc_weight_read", EPC}, EPCWWrite: {"epc_weight_write", EPC}, EPCERead: {"epc_error_read", EPC}, EPCEWrite: {"epc_error_write", EPC}, EPCPRead: {"epc_partial_read", EPC}, EPCPWrite: {"epc_partial_write", EPC},
	ToggleX: {"toggle_operand", DNNC}, ToggleW: {"toggle_weight", DNNC}, ToggleAcc: {"toggle_accumulator", DNNC},
	DEPCToggleIn: {"depc_toggle_in", DEPC}, DEPCToggleOut: {"depc_toggle_out", DEPC},
	EPCToggleIn: {"epc_toggle_in", EPC}, EPCToggleW: {"epc_toggle_weight", EPC}, EPCToggleOut: {"epc_toggle_out", EPC},
	ClockMomAsk: {"clock_mom_ask", Mom}, ClockMomChunk: {"clock_mom_chunk", Mom}, ClockMomSeeder: {"clock_mom_seeder", Mom}, ClockMomSeed: {"clock_mom_seed", Mom}, ClockMomLFSR: {"clock_mom_lfsr", Mom},
	ClockMomStats: {"clock_mom_stats", Mom}, ClockMomRead: {"clock_mom_read", Mom}, ClockMomWrite: {"clock_mom_write", Mom}, ClockMomUpd: {"clock_mom_upd", Mom}, ClockMomLanes: {"clock_mom_lanes", Mom},
	ClockLossLabel: {"clock_loss_label", Loss}, ClockLossFIFO: {"clock_loss_fifo", Loss}, ClockLossRow: {"clock_loss_row", Loss}, ClockLossSum: {"clock_loss_sum", Loss}, ClockLossDivide: {"clock_loss_divide", Loss},
	ClockLossLogits: {"clock_loss_logits", Loss}, ClockLossExponents: {"clock_loss_exponents", Loss}, ClockLossPowers: {"clock_loss_powers", Loss}, ClockLossProducts: {"clock_loss_products", Loss},
	ClockLossErrors: {"clock_loss_errors", Loss}, ClockLossStats: {"clock_loss_stats", Loss}, ClockLossRequest: {"clock_loss_request", Loss}, ClockLossWrite: {"clock_loss_write", Loss},
	ClockNormShape: {"clock_norm_shape", Norm}, ClockNormAsk: {"clock_norm_ask", Norm}, ClockNormUse: {"clock_norm_use", Norm}, ClockNormLand: {"clock_norm_land", Norm}, ClockNormLanes: {"clock_norm_lanes", Norm},
	ClockNormResult: {"clock_norm_result", Norm}, ClockNormErrors: {"clock_norm_errors", Norm}, ClockNormPositions: {"clock_norm_positions", Norm}, ClockNormDivide: {"clock_norm_divide", Norm},
	ClockNormChannel: {"clock_norm_channel", Norm}, ClockNormStats: {"clock_norm_stats", Norm}, ClockNormRead: {"clock_norm_read", Norm}, ClockNormWrite: {"clock_norm_write", Norm},
	ActiveSeq: {"clock_seq", Seq}, ActiveDMA: {"clock_dma", DMA}, ActiveWLD: {"clock_wld", WLD}, ActiveDNNC: {"clock_dnnc", DNNC}, ActiveDrain: {"clock_drain", Drain},
	ActiveLoss: {"clock_loss", Loss}, ActiveDEPC: {"clock_depc", DEPC}, ActiveMom: {"clock_mom", Mom}, ActiveNorm: {"clock_norm", Norm}, ActiveEPC: {"clock_epc", EPC}, ActiveLFSR: {"clock_lfsr", LFSR}, ActiveOMEM: {"clock_omem", OMEM}, ActiveXMem: {"clock_xmem", XMem},
}

func init() {
	for u := DMA; u <= EPC; u++ {
		clock := Active(u).String()
		Events[Param(u)] = Info{clock + "_param", u}
		Events[Command(u)] = Info{clock + "_cmd", u}
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
