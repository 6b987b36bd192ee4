package isa

import "slices"

func join(parts ...Contract) Contract { return slices.Concat(parts...) }

// within bounds a parameter by constants, upTo by 1 and an expression; free lets it be anything.
func within(param int, unit string, lo, hi int64) Clause {
	return Clause{Param: param, Range: Range{Of: unit, Lo: k(lo), Hi: k(hi)}}
}

func upTo(hi Expr, param int, unit string) Clause { return within(param, unit, 1, 0).upTo(hi) }

func free(param int, unit string) Clause { return Clause{Param: param, Range: Range{Of: unit}} }

// positive lets an unsigned parameter be anything but 0.
func positive(param int, unit string) Clause { return field(param, unit, 0, maxWord, 1, maxWord) }

// field bounds some bits of a parameter.
func field(param int, unit string, shift, mask, lo, hi int64) Clause {
	c, bits := within(param, unit, lo, hi), p(param)
	if shift > 0 {
		bits = bits.shr(k(shift))
	}
	if mask < maxWord {
		bits = bits.and(k(mask))
	}
	c.Range.Value = bits
	return c
}

// Some parameters that several commands have: a rate, a shift with few bits to the left, the log2
// of a number of streams, a start of the LFSR.
func rate(param int) Clause      { return within(param, "Q0.16", 0, maxRate) }
func right(param int) Clause     { return within(param, "bits", MinShift, maxRight) }
func doublings(param int) Clause { return within(param, "doublings", 0, 0).upTo(log2(of(Streams))) }

func seed(param int) Clause {
	c := positive(param, "bits")
	c.Range.Seed = true
	return c
}

// read and write are accesses of n addresses from a parameter on, for each element of dims. Units
// look after external memory, masks and signs; whoever does otherwise says so.
func read(in Space, param int, n Expr, dims ...Dim) Clause {
	c := Clause{Param: param, Access: Access{Act: ReadEarly, Space: in, Len: n}}
	copy(c.Access.Dims[:], dims)
	switch in {
	case External, MaskMem:
		c.Access.Check = ByLast
	case ScratchMem:
		c.Access.Check = ByBase
	case SignMem:
		c.Access.Check = ByParam
	}
	return c
}

func write(in Space, param int, n Expr, dims ...Dim) Clause {
	return read(in, param, n, dims...).act(Write)
}

// region is where an encoder puts the words of a compressed map.
func region(alloc, limit int) Clause { return read(OMEM, alloc, p(limit)).act(Region) }

// biases is the access to the bias buffer, which goes by the flag.
func biases(act Act) Clause {
	return Clause{Access: Access{Act: act, Space: BiasMem, At: flag(FlagB1), Len: one}}
}

// nothing says that a command touches no memory that others see.
var nothing = Clause{Access: Access{Act: Nothing}}

// needs demands hardware, counts names the status registers that a command updates.
func needs(x Expr) Clause         { return Clause{Needs: x} }
func counts(status ...int) Clause { return Clause{Status: status} }

// when makes a clause hold under a condition only. The other methods set what their names say.
func (c Clause) when(cond Expr) Clause  { c.If = cond; return c }
func (c Clause) upTo(hi Expr) Clause    { c.Range.Hi = hi; return c }
func (c Clause) multiple(m Expr) Clause { c.Range.Multiple = m; return c }
func (c Clause) act(act Act) Clause     { c.Access.Act = act; return c }
func (c Clause) by(check Check) Clause  { c.Access.Check = check; return c }
func (c Clause) apart(from Expr) Clause { c.Access.Apart = from; return c }
func (c Clause) windowed() Clause       { c.Access.Window = true; return c }
func (c Clause) over() Clause           { c.Access.Over = true; return c }

// by sets how the unit looks after external memory.
func (c Contract) by(check Check) Contract {
	for i := range c {
		if a := &c[i].Access; a.Act > Nothing && a.Space == External {
			a.Check = check
		}
	}
	return c
}

// rows is a dimension of n rows, a parameter apart.
func rows(n Expr, step int) Dim { return Dim{N: n, Step: p(step)} }

// words are those of n elements in OMEM, as whole groups.
func words(n Expr) Expr { return n.up(group).mul(group.div(k(4))) }

// matrix reads blocks of a matrix, which must lie in external memory as a whole.
func matrix(param int, rows, cols Dim) Clause {
	c := read(External, param, burst, rows, cols)
	c.Access.Whole = true
	return c
}

func dma(c ...Clause) Contract { return Contract(c).by(ByBase) }

// dmaRows is the rows of a DMA command; the step of a single one does not count.
func dmaRows(step int) Dim {
	return Dim{N: p(DMARows).or(one), Step: p(step).mul(p(DMARows).more(one))}
}

// blocksOf is how many blocks of a compressed map n elements are, of which each pixel begins one.
func blocksOf(n, pixel Expr) Expr {
	return n.div(pixel).mul(pixel.up(block)).add(n.do(opMod, pixel).up(block))
}

// groups is how many groups a stream has.
func groups(split int) Expr { return lanes.div(group).shr(p(split)) }

// tile is a load of the WMEM.
func tile(c ...Clause) Contract {
	return join(Contract{upTo(block, WLDRows, "rows"), doublings(WLDSplit),
		upTo(groups(WLDSplit), WLDGroups, "groups")}, c).by(ByBase)
}

var groupsOfTile = Dim{p(WLDGroups), burst, inBlock, p(WLDXStep)}

// gradient is what a gradient is given, which has no streams; window what a window is, of samples
// or of their sources.
var gradient = Contract{
	upTo(batch, DNNCNB, "samples"), upTo(block, DNNCRows, "elements"),
	within(DNNCSplit, "doublings", 0, 0), upTo(lanes.div(group), DNNCGroups, "groups"),
}

var samples = rows(p(DNNCNB), DNNCSStep)

var window = func() Contract {
	const half = 1<<16 - 1
	area := p(DNNCTaps).mul(p(DNNCChan))
	c := Contract{
		free(DNNCTaps, "taps"),
		upTo(block, DNNCChan, "elements"),
		{Param: DNNCRows, Range: Range{Of: "elements", Lo: area, Hi: area}},
		field(DNNCOut, "pixels", 16, half, 1, half), field(DNNCOut, "pixels", 0, half, 1, half),
		field(DNNCIn, "pixels", 16, half, 1, half), field(DNNCIn, "pixels", 0, half, 1, half),
		field(DNNCTap, "taps", 16, half, 1, 255),
		field(DNNCStep, "pixels", 0, 15, 1, 15), field(DNNCStep, "halvings", 4, 15, 0, 2),
		field(DNNCStep, "flip", 8, maxWord, 0, 1),
		free(DNNCAt, "pixels"), free(DNNCOff, "pixels"), free(DNNCNStep, "addresses"),
	}
	for i := range c[1:] {
		c[1+i].If = taps
	}
	return c
}()

// bank is what the drain is given, drained what it writes raw.
var (
	bank = Contract{
		doublings(DrainSplit), upTo(lanes.shr(p(DrainSplit)), DrainLanes, "lanes"),
		upTo(batch.shl(p(DrainSplit)), DrainNB, "samples"),
		within(DrainShift, "bits", MinShift, MaxShift), counts(DrainSat, DrainMax),
	}
	drained = rawRows(DrainDst, p(DrainLanes), p(DrainNB), DrainDStep)
)

// rawRows writes rows of n elements, as groups, to external memory or to OMEM.
func rawRows(dst int, n, samples Expr, step int) Contract {
	return Contract{
		write(External, dst, n.up(group).mul(burst), rows(samples, step)).when(external),
		write(OMEM, dst, words(n), rows(samples, step)).when(not(external)),
	}
}

var logits = Contract{
	upTo(of(LossClasses), LossN, "classes"), upTo(batch, LossNB, "samples"),
	read(OMEM, LossSrc, words(p(LossN)), rows(p(LossNB), LossSStep)),
	field(LossLabel, "sample << 16 | class", 16, maxWord, 0, 0).upTo(batch.add(k(-1))),
	counts(LossCorrect),
}

// errorsIn is a load of the DEPC or the EPC, of at most so many errors a sample, and errorsOut a
// run, of what the last load brought. The two units have the same parameters, up to mstep.
func errorsIn(most Size) Contract {
	return Contract{
		needs(of(most)), upTo(of(most), DEPCN, "errors"), upTo(batch, DEPCNB, "samples"),
		read(OMEM, DEPCSrc, words(p(DEPCN)), rows(p(DEPCNB), DEPCSStep)),
	}
}

func errorsOut(most Size, c ...Clause) Contract {
	some := upTo(of(most), DEPCN, "errors")
	some.Range.Value = loaded(DEPCN)
	to := rawRows(DEPCDst, p(DEPCNeurons), loaded(DEPCNB), DEPCDStep)
	to[1] = to[1].by(ByAlign)
	return join(Contract{
		needs(of(most)), some, within(DEPCNeurons, "neurons", 1, maxNeurons),
		within(DEPCShift, "bits", MinShift, MaxShift),
	}, to, Contract{
		read(MaskMem, DEPCMask, p(DEPCNeurons).up(group), rows(loaded(DEPCNB), DEPCMStep)).when(not(all)),
	}, c)
}

// momentum is an update of weights or biases, update that of a tensor: n bytes a chunk of lanes.
func momentum(c ...Clause) Contract {
	return join(Contract{
		upTo(lanes, MomLanes, "lanes"), within(MomGShift, "bits", MinShift+1, maxRight),
		rate(MomEta), rate(MomMu), free(MomCtr, "words"), free(MomSeed, "bits"),
		counts(MomSatV, MomSatW, MomMaxV),
	}, c).by(ByBlock)
}

func update(param int, n Expr, rows Dim, jump Expr) Clause {
	lanes := Dim{p(MomLanes).up(chunk), n, block.div(chunk), jump}
	return read(External, param, n, rows, lanes).act(Update)
}

// norm is a command of NORM: what it is given beside its channels, and what else it does.
func norm(given Contract, c ...Clause) Contract {
	channels := of(Channels)
	return join(Contract{needs(channels), upTo(channels, NormChan, "channels")}, given, c).by(ByBlock)
}

// The shape of maps, and of pooled ones.
var (
	maps = Contract{
		upTo(batch, NormNB, "images"),
		within(NormH, "pixels", 1, maxEdge), within(NormW, "pixels", 1, maxEdge),
	}
	pool   = within(NormPool, "pixels", 1, maxPool)
	pooled = Contract{fits(NormH), fits(NormW)}
)

func fits(param int) Clause {
	c := within(param, "pixels", 0, maxEdge)
	c.Range.Lo = p(NormPool)
	return c
}

// Sizes of what NORM reads and writes: channel records of 64 bytes; maps; pooled ones, and the
// positions of their maxima, four bits a channel in bursts of 64 channels.
var (
	mapGroups   = p(NormChan).up(group)
	recordBytes = p(NormChan).mul(k(2 * BurstBytes))
	mapBytes    = p(NormNB).mul(p(NormH)).mul(p(NormW)).mul(mapGroups).mul(burst)
	cells       = p(NormNB).mul(p(NormH).div(p(NormPool))).mul(p(NormW).div(p(NormPool)))
	pooledBytes = cells.mul(mapGroups).mul(burst)
	posBytes    = cells.mul(mapGroups.up(inBlock)).mul(burst)
)
