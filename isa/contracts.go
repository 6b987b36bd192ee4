package isa

// The shifts that round, negative: to the left; docs/arithmetic.md, section 1.
const (
	MinShift = -15
	MaxShift = 47
)

// What counters hold, and what keeps intermediate values within 63 bits: |gradient| < 2^47,
// lambda * w < 2^31, eta * v < 2^39.
const (
	maxRows    = 1 << 16 // of the DMA
	maxN       = 1 << 20 // likewise
	maxNeurons = 1<<16 - 1
	maxEdge    = 4095 // of a map in NORM
	maxPool    = 3
	maxRight   = 62
	maxRate    = 1<<16 - 1 // Q0.16
	maxWord    = 1<<32 - 1
)

// What contracts count in, and their conditions.
var (
	none     Expr
	one      = k(1)
	lanes    = of(Lanes)
	group    = of(Group)
	block    = of(Block)
	batch    = of(Batch)
	burst    = k(BurstBytes)
	inBlock  = block.div(group) // groups
	row      = block.mul(k(2))  // bytes of a row of a block of weights
	chunk    = group.mul(k(2))  // lanes that the momentum unit reads at once
	third    = of(Banks).more(k(2))
	i16      = flag(FlagI16)
	turned   = flag(FlagT)
	raw      = flag(FlagRaw)
	external = flag(FlagX)
	all      = flag(FlagAll)
	drop     = flag(FlagDrop)
	stored   = flag(FlagSRAM)
	running  = flag(FlagEval)
	bn       = flag(FlagBN)
	upd      = flag(FlagUpd)
	taps     = p(DNNCTaps).more(k(0))
)

var contracts = [256]Contract{
	OpDMAMap: dma(
		within(DMARows, "rows", 0, maxRows),
		read(External, DMAXAddr, p(DMAN).mul(i16.add(one)), dmaRows(DMAXStep)),
		within(DMAN, "elements", 1, maxN),
		free(DMAChan, "elements"),
		free(DMAChan, "elements").multiple(group).when(i16),
		write(PtrMem, DMADst, blocksOf(p(DMAN), p(DMAChan).or(p(DMAN))), dmaRows(DMADStep)),
		region(DMAAlloc, DMALimit)),
	OpDMAScr: dma(
		read(External, DMAXAddr, p(DMAN)).act(Fetch),
		within(DMAN, "bytes", 1, maxN),
		write(ScratchMem, DMADst, p(DMAN))),
	OpDMAStore: dma(
		write(External, DMAXAddr, p(DMAN)),
		within(DMAN, "bytes", 1, maxN).multiple(burst),
		read(ScratchMem, DMADst, p(DMAN))),
	OpDMABias: dma(
		read(External, DMAXAddr, p(DMAN).mul(k(4))),
		upTo(lanes, DMAN, "biases"),
		biases(Write)),
	OpDMASign: dma(
		read(External, DMAXAddr, p(DMAN).mul(burst)),
		within(DMAN, "entries", 1, maxN),
		write(SignMem, DMADst, p(DMAN))),
	OpDMACopy: dma(
		read(External, DMAXAddr, p(DMAN)),
		within(DMAN, "bytes", 1, maxN*BurstBytes).multiple(burst),
		write(External, DMADst, p(DMAN)).apart(p(DMAXAddr))),
	OpDMASave: dma(
		within(DMARows, "rows", 0, maxRows),
		write(External, DMAXAddr, p(DMAN).mul(k(2)), dmaRows(DMAXStep)),
		within(DMAN, "elements", 1, maxN),
		read(OMEM, DMADst, words(p(DMAN)), dmaRows(DMADStep))),

	OpWLDWeights: tile(
		matrix(WLDXAddr, Dim{p(WLDGroups).mul(group), row, block, p(WLDXStep)},
			Dim{p(WLDRows).up(group), burst, inBlock, none}).when(turned),
		matrix(WLDXAddr, Dim{p(WLDRows), row, block, none}, groupsOfTile).
			when(not(turned.or(p(WLDPitch)))),
		read(External, WLDXAddr, burst, rows(p(WLDRows), WLDPitch), groupsOfTile).
			when(p(WLDPitch).mul(not(turned)))),
	OpWLDErrors: tile(
		read(OMEM, WLDSrc, p(WLDGroups).mul(group.div(k(4))), rows(p(WLDRows), WLDSStep)).act(ReadLate)),

	OpDNNCMac: join(Contract{
		needs(third).when(upd),
		upTo(batch.shl(p(DNNCSplit)), DNNCNB, "samples"),
		upTo(block, DNNCRows, "elements"),
		doublings(DNNCSplit),
		upTo(groups(DNNCSplit), DNNCGroups, "groups"),
		upTo(batch, DNNCRows, "elements").when(upd),
	}, window, Contract{
		read(OMEM, DNNCSrc, p(DNNCRows).up(k(4)), samples).when(raw.mul(not(taps))),
		read(PtrMem, DNNCSrc, one, samples).act(Follow).when(not(raw.or(taps))),
		read(OMEM, DNNCSrc, p(DNNCChan).up(k(4))).windowed().when(raw.mul(taps)),
		read(PtrMem, DNNCSrc, one).act(Follow).windowed().when(taps.mul(not(raw))),
	}),
	OpDNNCGrad: join(gradient, window, Contract{
		read(PtrMem, DNNCSrc, one, samples).act(Follow).when(not(taps)),
		read(PtrMem, DNNCSrc, one).act(Follow).windowed().when(taps),
	}),
	OpDNNCOnes: join(gradient, Contract{nothing}),

	OpDrainAct: join(bank, Contract{
		within(DrainBlock, "elements", 0, 0).upTo(block).multiple(group),
		biases(ReadLate),
		write(MaskMem, DrainMask, p(DrainLanes).up(group), rows(p(DrainNB), DrainMStep)).by(ByParam),
		write(PtrMem, DrainDst, p(DrainLanes).up(p(DrainBlock).or(block)), rows(p(DrainNB), DrainDStep)),
		region(DrainAlloc, DrainLimit),
		free(DrainSeed, "bits").when(drop),
		free(DrainCtr, "groups").when(drop),
		free(DrainCStep, "groups").when(drop),
	}),
	OpDrainLogit: join(bank, Contract{biases(ReadLate)}, drained),
	OpDrainErr: join(bank, Contract{
		read(MaskMem, DrainMask, p(DrainLanes).up(group), rows(p(DrainNB), DrainMStep)).act(ReadLate).
			by(ByParam).when(not(all)),
	}, drained),

	OpLossCE: join(logits, Contract{
		write(OMEM, LossDst, words(p(LossN)), rows(p(LossNB), LossDStep)).by(ByAlign).over(),
		within(LossFrac, "bits", -8, MaxShift-8), // the shift of z, frac + 8, is a floor: from 0 on
		counts(LossMax),
	}),
	OpLossEval: logits,

	OpDEPCLoad: errorsIn(DEPCClasses),
	OpDEPCRun: errorsOut(DEPCClasses,
		seed(DEPCSeed).when(not(stored)),
		read(SignMem, DEPCEntry, p(DEPCNeurons).up(group).mul(loaded(DEPCN).up(group))).when(stored),
		counts(DEPCSat, DEPCMax)),
	OpEPCLoad: errorsIn(EPCErrors),
	OpEPCRun: errorsOut(EPCErrors,
		matrix(EPCMatrix, Dim{p(EPCNeurons).up(group).mul(group), row, block, p(EPCKStep)},
			Dim{loaded(EPCN).up(group), burst, inBlock, p(EPCJStep)}),
		counts(EPCSat, EPCMax)),

	OpMomW: momentum(
		upTo(block, MomRows, "rows"),
		within(MomDShift, "bits", -30, maxRight),
		within(MomTShift, "bits", 0, maxRight),
		rate(MomLambda),
		needs(third).when(upd),
		upTo(batch, MomRows, "rows").when(upd),
		doublings(MomSplit).when(upd),
		upTo(lanes.shr(p(MomSplit)), MomLanes, "lanes").when(upd),
		update(MomWAddr, chunk.mul(k(2)), Dim{N: p(MomRows), Step: row}, p(MomWStep)),
		update(MomVAddr, chunk.mul(k(3)), Dim{N: p(MomRows), Step: block.mul(k(3))}, p(MomVStep)),
		free(MomCStep, "words"),
		counts(MomMaxW)),
	OpMomB: momentum(
		within(MomTShift, "bits", -22, maxRight),
		update(MomWAddr, chunk.mul(k(4)), Dim{}, block.mul(k(4))),
		update(MomVAddr, chunk.mul(k(3)), Dim{}, block.mul(k(3)))),

	OpNormLoad:  norm(nil, read(External, NormRec, recordBytes)),
	OpNormStore: norm(nil, write(External, NormRec, recordBytes)),
	OpNormStat:  norm(maps, read(External, NormSrc, mapBytes)),
	OpNormFin: norm(Contract{
		positive(NormEps, "variance"),
		maps[0].when(not(running)), maps[1].when(not(running)), maps[2].when(not(running)),
	}, nothing),
	OpNormFwd: norm(join(maps, Contract{pool, right(NormShift).when(bn)}, pooled),
		read(External, NormSrc, mapBytes),
		write(External, NormDst, pooledBytes),
		write(External, NormPos, posBytes),
		counts(NormSat).when(bn)),
	OpNormBack: norm(join(maps, Contract{pool}, pooled),
		read(External, NormAux, pooledBytes),
		read(External, NormPos, posBytes),
		read(External, NormSrc, mapBytes).when(bn),
		write(External, NormDst, mapBytes)),
	OpNormGrad: norm(join(maps, Contract{right(NormShift)}),
		read(External, NormAux, mapBytes),
		read(External, NormSrc, mapBytes),
		write(External, NormDst, mapBytes).over(),
		counts(NormSat, NormMax)),
	OpNormUpdate: norm(Contract{rate(NormEta), rate(NormMu), right(NormGShift), right(NormTShift)},
		nothing, counts(NormSat)),
}
