package order

import "bdfasim/isa"

// Tensors in external memory.
const (
	blockEdge   = 64             // blocks of weights have 64 x 64 elements
	weightRow   = 2 * blockEdge  // bytes of a row of them
	velRow      = 3 * blockEdge  // of velocities
	biasBlock   = 4 * blockEdge  // of 64 biases
	chunkLanes  = 32             // the momentum unit works by
	recordBytes = 64             // of a channel of NORM
	blockGroups = blockEdge / 16 // groups of 16 lanes of a block
)

// loader: package rtl/wld. It could ask for weights only when the buffer is free, but a program should not count on that; errors
// come from OMEM when it is.
func loader(c *command, f *footprint) {
	p := c.p
	groups, rows := p[isa.WLDGroups], p[isa.WLDRows]
	if c.info.Op == isa.OpWLDErrors {
		f.rows(readLate, wordSpace, p[isa.WLDSrc], p[isa.WLDSStep], groupWords*uint64(groups), rows)
		return
	}
	for first := uint32(0); first < groups; first += blockGroups {
		x, n := p[isa.WLDXAddr]+first/blockGroups*p[isa.WLDXStep], min(groups-first, blockGroups)
		switch pitch := p[isa.WLDPitch]; {
		case c.is(isa.FlagT): // lanes are rows there
			f.rows(readEarly, externalSpace, x, weightRow, burstBytes*up(uint64(rows), groupLanes), groupLanes*n)
		case pitch == 0:
			f.rows(readEarly, externalSpace, x, weightRow, burstBytes*uint64(n), rows)
		default:
			f.rows(readEarly, externalSpace, x, pitch, burstBytes*uint64(n), rows)
		}
	}
}

// matrix: package rtl/epc. Blocks of 64 x 64, a row a neuron, a column an error.
func matrix(c *command, f *footprint, groups, passes uint64) {
	p := c.p
	for k := uint64(0); k < groups; k += blockGroups {
		for j := uint64(0); j < passes; j += blockGroups {
			x := p[isa.EPCMatrix] + uint32(k/blockGroups)*p[isa.EPCKStep] + uint32(j/blockGroups)*p[isa.EPCJStep]
			f.rows(readEarly, externalSpace, x, weightRow, burstBytes*min(passes-j, blockGroups), groupLanes*uint32(min(groups-k, blockGroups)))
		}
	}
}

// momentum: package rtl/momentum. It reads ahead for queued commands; one that touches what an older one updates reads behind that one,
// which is of the same unit.
func momentum(c *command, f *footprint) {
	for _, act := range []action{readEarly, write} {
		for lane := uint32(0); lane < c.p[isa.MomLanes]; lane += blockEdge {
			updated(c, f, act, lane/blockEdge, up(uint64(min(c.p[isa.MomLanes]-lane, blockEdge)), chunkLanes))
		}
	}
}

// updated adds the weights and velocities, or biases and theirs, of a block of lanes, in chunks of 32 lanes.
func updated(c *command, f *footprint, act action, block uint32, chunks uint64) {
	p := c.p
	w, v, lanes := p[isa.MomWAddr], p[isa.MomVAddr], chunks*chunkLanes
	if c.info.Op == isa.OpMomB {
		f.add(act, externalSpace, w+block*biasBlock, 4*lanes)
		f.add(act, externalSpace, v+block*velRow, 3*lanes)
		return
	}
	f.rows(act, externalSpace, w+block*p[isa.MomWStep], weightRow, 2*lanes, p[isa.MomRows])
	f.rows(act, externalSpace, v+block*p[isa.MomVStep], velRow, 3*lanes, p[isa.MomRows])
}

// norm: package rtl/norm. Nothing is read for a command before the older ones are complete.
func norm(c *command, f *footprint) {
	p := c.p
	records := recordBytes * uint64(p[isa.NormChan])
	groups := up(uint64(p[isa.NormChan]), groupLanes)
	pixels := uint64(p[isa.NormNB]) * uint64(p[isa.NormH]) * uint64(p[isa.NormW])
	full := burstBytes * pixels * groups
	read := func(at int, n uint64) { f.add(readEarly, externalSpace, p[at], n) }
	put := func(at int, n uint64) { f.add(write, externalSpace, p[at], n) }
	switch c.info.Op {
	case isa.OpNormLoad:
		read(isa.NormRec, records)
	case isa.OpNormStore:
		put(isa.NormRec, records)
	case isa.OpNormStat:
		read(isa.NormSrc, full)
	case isa.OpNormFwd:
		pooled, pos := pooledBytes(c, groups)
		read(isa.NormSrc, full)
		put(isa.NormDst, pooled)
		put(isa.NormPos, pos)
	case isa.OpNormBack:
		pooled, pos := pooledBytes(c, groups)
		read(isa.NormAux, pooled)
		read(isa.NormPos, pos)
		if c.is(isa.FlagBN) {
			read(isa.NormSrc, full)
		}
		put(isa.NormDst, full)
	case isa.OpNormGrad:
		read(isa.NormAux, full)
		read(isa.NormSrc, full)
		put(isa.NormDst, full)
	}
}

// pooledBytes is the size of a pooled map and of its positions.
func pooledBytes(c *command, groups uint64) (pooled, pos uint64) {
	p := c.p
	pool := uint64(p[isa.NormPool])
	pixels := uint64(p[isa.NormNB]) * (uint64(p[isa.NormH]) / pool) * (uint64(p[isa.NormW]) / pool)
	return burstBytes * pixels * groups, burstBytes * pixels * up(groups, blockGroups)
}
