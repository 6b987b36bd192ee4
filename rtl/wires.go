package rtl

import (
	"bdfasim/rtl/depc"
	"bdfasim/rtl/dma"
	"bdfasim/rtl/dnnc"
	"bdfasim/rtl/drain"
	"bdfasim/rtl/epc"
	"bdfasim/rtl/lfsr"
	"bdfasim/rtl/loss"
	"bdfasim/rtl/momentum"
	"bdfasim/rtl/norm"
	"bdfasim/rtl/omem"
	"bdfasim/rtl/seq"
	"bdfasim/rtl/wld"
	"bdfasim/rtl/xmem"
)

// Wires are all registers between the units: what each unit drove at the end of the last cycle.
type Wires struct {
	Seq   seq.Out
	DMA   dma.Out
	WLD   wld.Out
	DNNC  dnnc.Out
	Drain drain.Out
	Loss  loss.Out
	DEPC  depc.Out
	Mom   momentum.Out
	Norm  norm.Out
	EPC   epc.Out
	LFSR  lfsr.Out
	OMEM  omem.Out
	XMem  xmem.Out
}

// Inputs are what the units see in a cycle; connect computes them from the Wires.
type Inputs struct {
	Seq   seq.In
	DMA   dma.In
	WLD   wld.In
	DNNC  dnnc.In
	Drain drain.In
	Loss  loss.In
	DEPC  depc.In
	Mom   momentum.In
	Norm  norm.In
	EPC   epc.In
	LFSR  lfsr.In
	OMEM  omem.In
	XMem  xmem.In
}
