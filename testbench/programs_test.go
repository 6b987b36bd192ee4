package testbench

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/rtl/epc"
)

// choices draws numbers from bytes, so that a fuzzer changes one of them, and goes on at random behind their end.
type choices struct {
	data []byte
	rng  *rand.Rand
}

func choose(data []byte) *choices {
	h := fnv.New64a()
	h.Write(data)
	return &choices{data, rand.New(rand.NewPCG(h.Sum64(), 7))}
}

func seeded(seed uint64) *choices { return &choices{rng: rand.New(rand.NewPCG(seed, 13))} }

// n draws 0..below-1.
func (c *choices) n(below int) int {
	if len(c.data) < 2 {
		return c.rng.IntN(below)
	}
	v := int(binary.LittleEndian.Uint16(c.data))
	c.data = c.data[2:]
	return v % below
}

func (c *choices) one(of int) bool { return c.n(of) == 0 }

func (c *choices) of(list ...int) int { return list[c.n(len(list))] }

// Sizes of the memories of random programs.
const (
	drawnXMem, drawnWords, drawnPtrs, drawnMasks = 1 << 16, 4096, 512, 512
)

// drawnMachine runs every command of random programs.
func drawnMachine() machine.Config {
	m := machine.Reference()
	m.Fused, m.Norm.Channels, m.EPC.Kind = true, 64, epc.Tree
	m.XMem.Bytes, m.OMEM.Words, m.OMEM.Pointers, m.OMEM.MaskWords = drawnXMem, drawnWords, drawnPtrs, drawnMasks
	return m
}

// writer writes a random program: actions of some commands each, on pieces of memory that often overlap.
type writer struct {
	*choices
	code []isa.Word
	used map[isa.Unit]bool // since the last waits
	care int               // how likely waits are, of 8
	maps [][2]int          // compressed maps: pointer, blocks
}

// drawCommands draws a program of commands.
func drawCommands(c *choices) *image.Image {
	w := &writer{choices: c, used: map[isa.Unit]bool{}, care: c.of(8, 8, 7, 7, 6, 4, 0)}
	actions := []func(){
		w.mapIn, w.scratch, w.constants, w.copies, w.product, w.product, w.gradient, w.gradient, w.biases, w.loss, w.depc,
		w.epc, w.norm, w.norm, w.look, w.fused,
	}
	for range 2 + w.n(9) {
		actions[w.n(len(actions))]()
		w.waits()
	}
	return w.image()
}

// image is the program, with external memory at random.
func (w *writer) image() *image.Image {
	w.code = append(w.code, isa.Pack(isa.OpHalt, 0, 0, 0, 0, 0))
	data := make([]byte, drawnXMem)
	for i := 0; i < len(data); i += 8 {
		binary.LittleEndian.PutUint64(data[i:], w.rng.Uint64()&w.rng.Uint64())
	}
	return &image.Image{Code: w.code, XMemBytes: drawnXMem, Segments: []image.Segment{{Name: "random", Data: data}}}
}

// waits waits for what was used, or not.
func (w *writer) waits() {
	for u := isa.UnitDMA; u < isa.NumUnits; u++ {
		if !w.used[u] || w.n(8) >= w.care {
			continue
		}
		n := 0
		if w.one(12) {
			n = 1
		} else {
			delete(w.used, u)
		}
		w.code = append(w.code, isa.Pack(isa.OpWait, 0, 0, 0, uint16(u)<<8, int32(n)))
	}
}

// do issues a command, with parameters in the order of their registers.
func (w *writer) do(op isa.Op, flags uint16, params map[int]int) {
	info := isa.Lookup(op)
	for reg := range isa.Units[info.Unit].Params {
		if v, ok := params[reg]; ok {
			w.code = append(w.code, isa.Pack(isa.OpSeti, 0, 0, 0, uint16(info.Unit)<<8|uint16(reg), int32(v)))
		}
	}
	w.code = append(w.code, isa.Pack(op, 0, 0, 0, flags, 0))
	w.used[info.Unit] = true
	if w.one(5) {
		w.waits()
	}
}

// flags are some of those.
func (w *writer) flags(list ...uint16) (f uint16) {
	for _, x := range list {
		if w.one(2) {
			f |= x
		}
	}
	return f
}

// x is an address in external memory, word one in OMEM: of a few places, or a little behind.
func (w *writer) x() int { return 0x1000*w.n(12) + w.of(0, 0, 0, 32*w.n(64)) }

func (w *writer) word() int { return 256*w.n(12) + w.of(0, 0, 0, 4*w.n(64)) }

func (w *writer) ptr() int { return 32*w.n(8) + w.of(0, 0, w.n(32)) }

func (w *writer) maskWord() int { return 32*w.n(4) + w.of(0, 0, w.n(32)) }

// step is a distance of rows of so many addresses, which may overlap.
func (w *writer) step(n int) int { return w.of(n, n, n, 2*n, 32, 0) }

func (w *writer) mapIn() {
	n, rows, at := 1+w.n(100), 1+w.n(4), w.ptr()
	wide := w.flags(isa.FlagI16)
	alloc := w.word()
	flags := wide
	if !w.one(3) {
		flags |= isa.FlagNew
	}
	w.do(isa.OpDMAMap, flags, map[int]int{
		isa.DMAXAddr: w.x(), isa.DMAN: n, isa.DMADst: at, isa.DMAAlloc: alloc, isa.DMALimit: alloc + 160,
		isa.DMARows: rows, isa.DMAXStep: w.step(256), isa.DMADStep: w.of(7, 2, 1), isa.DMAChan: w.of(0, 0, 0, 16, 48),
	})
	w.maps = append(w.maps, [2]int{at, rows})
}

func (w *writer) scratch() {
	p := map[int]int{isa.DMAXAddr: w.x(), isa.DMAN: 32 * (1 + w.n(3)), isa.DMADst: 32 * w.n(16)}
	if w.one(2) {
		p[isa.DMAN] -= w.n(32)
		w.do(isa.OpDMAScr, 0, p)
	} else {
		w.do(isa.OpDMAStore, 0, p)
	}
}

func (w *writer) constants() {
	if w.one(2) {
		w.do(isa.OpDMABias, w.flags(isa.FlagB1), map[int]int{isa.DMAXAddr: w.x(), isa.DMAN: 1 + w.n(64)})
	} else {
		w.do(isa.OpDMASign, 0, map[int]int{isa.DMAXAddr: w.x(), isa.DMAN: 1 + w.n(4), isa.DMADst: w.n(8)})
	}
}

func (w *writer) copies() {
	if w.one(2) {
		w.do(isa.OpDMACopy, 0, map[int]int{isa.DMAXAddr: w.x(), isa.DMAN: 32 * (1 + w.n(20)), isa.DMADst: w.x()})
		return
	}
	w.do(isa.OpDMASave, 0, map[int]int{
		isa.DMAXAddr: w.x(), isa.DMAN: 1 + w.n(60), isa.DMADst: w.word(), isa.DMARows: 1 + w.n(4),
		isa.DMAXStep: w.step(128), isa.DMADStep: 4 * w.n(8),
	})
}

// source is where a command of the MAC array reads.
func (w *writer) source(raw bool) (src, step, rows int) {
	switch {
	case raw:
		return w.word(), w.of(16, 16, 4), 1 + w.n(64)
	case len(w.maps) > 0 && !w.one(6):
		m := w.maps[w.n(len(w.maps))]
		return m[0], w.of(7, 2, 1), 1 + w.n(64)
	}
	return w.ptr(), w.of(2, 1), 1 + w.n(64)
}

// window makes taps of a map of 4 x 3 pixels of the parameters of the MAC array.
func (w *writer) window(p map[int]int) {
	if p[isa.DNNCTaps] = 0; !w.one(3) {
		return
	}
	taps, chans := 1+w.n(4), 1+w.n(16)
	p[isa.DNNCTaps], p[isa.DNNCChan], p[isa.DNNCRows] = taps, chans, taps*chans
	p[isa.DNNCOut], p[isa.DNNCIn] = (1+w.n(4))<<16|1+w.n(4), 4<<16|3
	p[isa.DNNCAt], p[isa.DNNCTap] = w.n(2)<<16|w.n(2), (1+w.n(3))<<16|w.n(2)<<8|w.n(2)
	p[isa.DNNCStep] = 1 + w.n(2) | w.n(2)<<4 | w.n(2)<<8
	p[isa.DNNCOff], p[isa.DNNCNStep] = int(int32(-w.n(2)<<16|w.n(2))), w.of(0, 16)
}

// weights fills a buffer.
func (w *writer) weights(buf uint16, groups, split int) {
	p := map[int]int{isa.WLDXAddr: w.x() & 0x7fff, isa.WLDRows: 1 + w.n(64), isa.WLDGroups: groups, isa.WLDSplit: split, isa.WLDPitch: 0}
	flags := buf
	switch w.n(4) {
	case 0:
		flags |= isa.FlagT
	case 1:
		p[isa.WLDPitch] = 32 * (1 + w.n(8))
	}
	w.do(isa.OpWLDWeights, flags, p)
}

func (w *writer) product() {
	groups, nb, split := 1+w.n(4), 1+w.n(6), w.of(0, 0, 1, 2)
	first := uint16(isa.FlagFirst)
	for n := w.of(1, 1, 2, 3); n > 0; n-- {
		buf := w.flags(isa.FlagB1)
		w.weights(buf, groups, split)
		flags := buf | isa.FlagFree | w.flags(isa.FlagRaw) | first
		if n == 1 {
			flags |= isa.FlagLast
		}
		src, step, rows := w.source(flags&isa.FlagRaw != 0)
		p := map[int]int{
			isa.DNNCSrc: src, isa.DNNCSStep: step, isa.DNNCNB: nb, isa.DNNCRows: rows, isa.DNNCGroups: groups, isa.DNNCSplit: split,
		}
		w.window(p)
		w.do(isa.OpDNNCMac, flags, p)
		if n > 1 && w.one(4) { // a gradient inside of the product
			w.gradient()
		}
		first = 0
	}
	w.drained(groups, nb, split)
}

// drained takes the bank of a product.
func (w *writer) drained(groups, nb, split int) {
	p := map[int]int{
		isa.DrainShift: w.n(20), isa.DrainNB: nb, isa.DrainLanes: 16*groups - w.n(16), isa.DrainMask: w.maskWord(),
		isa.DrainMStep: w.of(groups, groups, 1), isa.DrainSplit: split, isa.DrainBlock: w.of(0, 16),
	}
	b1 := w.flags(isa.FlagB1)
	if w.one(3) {
		at, alloc := w.ptr(), w.word()
		p[isa.DrainDst], p[isa.DrainDStep], p[isa.DrainAlloc], p[isa.DrainLimit] = at, w.of(4, 2, 1), alloc, alloc+200
		w.do(isa.OpDrainAct, b1|isa.FlagNew&^w.flags(isa.FlagNew), p)
		w.maps = append(w.maps, [2]int{at, nb})
		return
	}
	op, flags := isa.OpDrainLogit, b1
	if w.one(2) {
		op, flags = isa.OpDrainErr, w.flags(isa.FlagAll)
	}
	if w.one(2) {
		p[isa.DrainDst], p[isa.DrainDStep] = w.x(), w.step(32*groups)
		flags |= isa.FlagX
	} else {
		p[isa.DrainDst], p[isa.DrainDStep] = w.word(), w.of(4*groups, 4*groups, 4, 0)
	}
	w.do(op, flags, p)
}

// errors fills a buffer from OMEM.
func (w *writer) errors(groups, rows int, buf uint16) {
	w.do(isa.OpWLDErrors, buf, map[int]int{
		isa.WLDSrc: w.word(), isa.WLDSStep: w.of(4*groups, 4, 0), isa.WLDRows: rows, isa.WLDGroups: groups, isa.WLDSplit: 0,
	})
}

// updated are the parameters of an update.
func (w *writer) updated(rows, lanes int) map[int]int {
	return map[int]int{
		isa.MomWAddr: w.x() & 0x7fff, isa.MomVAddr: w.x() & 0x7fff, isa.MomWStep: w.of(0x2000, 0x1000, 0x40, 0),
		isa.MomVStep: w.of(0x3000, 0x1800, 0), isa.MomRows: rows, isa.MomLanes: lanes, isa.MomGShift: w.n(10), isa.MomDShift: w.n(20),
		isa.MomTShift: w.n(20), isa.MomEta: w.n(1 << 16), isa.MomMu: w.n(1 << 16), isa.MomLambda: w.n(1 << 16), isa.MomSplit: 0,
		isa.MomSeed: w.n(100), isa.MomCtr: w.n(100), isa.MomCStep: w.n(100),
	}
}

func (w *writer) gradient() {
	groups, nb := 1+w.n(5), 1+w.n(31)
	buf := w.flags(isa.FlagB1)
	w.errors(groups, nb, buf)
	src, step, rows := w.source(false)
	p := map[int]int{
		isa.DNNCSrc: src, isa.DNNCSStep: step, isa.DNNCNB: nb, isa.DNNCRows: rows, isa.DNNCGroups: groups, isa.DNNCSplit: 0,
	}
	w.window(p)
	w.do(isa.OpDNNCGrad, buf|isa.FlagFirst|isa.FlagLast|isa.FlagFree, p)
	w.do(isa.OpMomW, 0, w.updated(p[isa.DNNCRows], 16*groups-w.n(16)))
}

func (w *writer) biases() {
	groups, nb := 1+w.n(5), 1+w.n(31)
	w.errors(groups, nb, 0)
	w.do(isa.OpDNNCOnes, isa.FlagFirst|isa.FlagLast|isa.FlagFree, map[int]int{isa.DNNCNB: nb, isa.DNNCRows: 1, isa.DNNCGroups: groups, isa.DNNCSplit: 0})
	w.do(isa.OpMomB, 0, w.updated(1, 16*groups-w.n(16)))
}

// fused updates weights that a product takes at once.
func (w *writer) fused() {
	groups, nb := 1+w.n(4), 1+w.n(6)
	w.errors(groups, nb, 0)
	src, step, _ := w.source(false)
	p := map[int]int{
		isa.DNNCSrc: src, isa.DNNCSStep: step, isa.DNNCNB: nb, isa.DNNCRows: 1 + w.n(32), isa.DNNCGroups: groups, isa.DNNCSplit: 0, isa.DNNCTaps: 0,
	}
	w.do(isa.OpDNNCGrad, isa.FlagFirst|isa.FlagLast|isa.FlagFree, p)
	half := w.flags(isa.FlagB1)
	w.do(isa.OpMomW, isa.FlagUpd|half, w.updated(p[isa.DNNCRows], 16*groups))
	w.do(isa.OpDNNCMac, isa.FlagFirst|isa.FlagLast|isa.FlagFree|isa.FlagUpd|half, p)
	w.drained(groups, nb, 0)
}

func (w *writer) loss() {
	n, nb := 1+w.n(20), 1+w.n(4)
	op := isa.OpLossCE
	if w.one(4) {
		op = isa.OpLossEval
	}
	p := map[int]int{
		isa.LossSrc: w.word(), isa.LossSStep: 4 * (1 + w.n(3)), isa.LossDst: w.word(), isa.LossDStep: 4 * (1 + w.n(3)),
		isa.LossN: n, isa.LossNB: nb, isa.LossFrac: w.n(12),
	}
	if w.one(4) {
		p[isa.LossDst], p[isa.LossDStep] = p[isa.LossSrc], p[isa.LossSStep]
	}
	if w.one(3) {
		p[isa.LossLabel] = w.n(nb) << 16
	}
	w.do(op, 0, p)
}

// propagated are the parameters of a run of DEPC or EPC, with flag x or not.
func (w *writer) propagated(flags uint16) map[int]int {
	neurons := 1 + w.n(48)
	p := map[int]int{
		isa.DEPCNeurons: neurons, isa.DEPCShift: w.n(16), isa.DEPCDst: w.word(), isa.DEPCDStep: 4 * w.of(4, 4, 1, 0),
		isa.DEPCMask: w.maskWord(), isa.DEPCMStep: w.of(4, 1),
	}
	if flags&isa.FlagX != 0 {
		p[isa.DEPCDst], p[isa.DEPCDStep] = w.x(), w.step(128)
	}
	return p
}

func (w *writer) loaded() map[int]int {
	return map[int]int{isa.DEPCSrc: w.word(), isa.DEPCSStep: 4 * (1 + w.n(3)), isa.DEPCNB: 1 + w.n(6), isa.DEPCN: 1 + w.n(20)}
}

func (w *writer) depc() {
	w.do(isa.OpDEPCLoad, 0, w.loaded())
	flags := w.flags(isa.FlagX, isa.FlagAll, isa.FlagSRAM)
	p := w.propagated(flags)
	p[isa.DEPCSeed], p[isa.DEPCEntry] = 1+w.n(1000), w.n(8)
	w.do(isa.OpDEPCRun, flags, p)
}

func (w *writer) epc() {
	w.do(isa.OpEPCLoad, 0, w.loaded())
	flags := w.flags(isa.FlagX, isa.FlagAll)
	p := w.propagated(flags)
	p[isa.EPCMatrix], p[isa.EPCKStep], p[isa.EPCJStep] = w.x()&0x7fff, 0, 0
	w.do(isa.OpEPCRun, flags, p)
}

func (w *writer) norm() {
	pool := 1 + w.n(2)
	p := map[int]int{
		isa.NormNB: 1 + w.n(2), isa.NormH: pool + w.n(3), isa.NormW: pool + w.n(3), isa.NormChan: w.of(16, 16, 5, 20), isa.NormPool: pool,
		isa.NormSrc: w.x(), isa.NormDst: w.x(), isa.NormPos: w.x(), isa.NormAux: w.x(), isa.NormRec: w.x(), isa.NormShift: w.n(20), isa.NormEps: 1 + w.n(1000),
		isa.NormEta: w.n(1 << 16), isa.NormMu: w.n(1 << 16), isa.NormGShift: w.n(20), isa.NormTShift: w.n(20),
	}
	if w.one(3) {
		p[isa.NormDst] = p[isa.NormAux]
	}
	for range 1 + w.n(3) {
		op := isa.Op(w.of(int(isa.OpNormLoad), int(isa.OpNormStore), int(isa.OpNormStat), int(isa.OpNormFin), int(isa.OpNormFwd), int(isa.OpNormFwd),
			int(isa.OpNormBack), int(isa.OpNormBack), int(isa.OpNormGrad), int(isa.OpNormGrad), int(isa.OpNormUpdate)))
		w.do(op, isa.Lookup(op).FlagMask()&w.flags(isa.FlagBN, isa.FlagEval), p)
	}
}

// look is what SEQ does: loads and stores of scratch memory, and status registers that it keeps there.
func (w *writer) look() {
	at := int32(4 * w.n(100))
	switch w.n(3) {
	case 0:
		w.code = append(w.code, isa.Pack(isa.OpLw, 1, 0, 0, 0, at))
	case 1:
		w.code = append(w.code, isa.Pack(isa.OpSw, 0, 0, 1, 0, at))
	default:
		u := isa.Unit(w.of(int(isa.UnitDrain), int(isa.UnitLoss), int(isa.UnitDEPC), int(isa.UnitMom), int(isa.UnitNorm), int(isa.UnitEPC)))
		w.code = append(w.code, isa.Pack(isa.OpGet, 2, 0, 0, uint16(u)<<8|uint16(w.n(2)), 0))
		if w.one(3) { // keep it if it is larger than what was there
			w.code = append(w.code, isa.Pack(isa.OpLw, 3, 0, 0, 0, at), isa.Pack(isa.OpBgeu, 0, 3, 2, 0, int32(8*len(w.code)+24)))
		}
		w.code = append(w.code, isa.Pack(isa.OpSw, 0, 0, 2, 0, at))
	}
}

// mutate changes some instructions of a program: a wait less, another wait, other numbers, another order, another instruction.
func (c *choices) mutate(img *image.Image) {
	for n := c.of(0, 1, 1, 2, 5); n > 0; n-- {
		i := c.n(len(img.Code) - 1)
		switch w := &img.Code[i]; c.n(5) {
		case 0:
			*w = isa.Pack(isa.OpNop, 0, 0, 0, 0, 0)
		case 1:
			*w, img.Code[i+1] = img.Code[i+1], *w
		case 2:
			*w ^= isa.Word(1) << c.n(64)
		default:
			by := int32(c.of(1, -1, 4, 16, 32, -32, 64, 128))
			*w = isa.Pack(w.Op(), w.Rd(), w.Ra(), w.Rb(), w.Aux(), w.Imm()+by)
		}
	}
}
