package testbench

import (
	"math/rand/v2"
	"slices"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/momentum"
	"bdfasim/rtl/norm"
	"bdfasim/rtl/port"
)

func init() {
	standalone["momentum"], standalone["norm"] = momentumAlone, normAlone
}

// updater is what stands around the momentum unit or NORM: SEQ, whose commands come whole, and an
// external memory without contents, which refuses and delays at random.
type updater struct {
	command        func() (isa.Op, uint16, []uint32)
	bus            port.Bus
	queue          []port.Bus
	open           int // commands
	stall, latency int
	now, writes    int
	reads          []uint32
	due            []int
	resp           port.XResp
}

func newUpdater(rng *rand.Rand, command func() (isa.Op, uint16, []uint32)) *updater {
	return &updater{command: command, stall: pick(rng, 0, 10, 50), latency: pick(rng, 1, 13, 40)}
}

// drive puts the next piece of a command on the bus.
func (x *updater) drive(rng *rand.Rand) {
	x.bus = port.Bus{}
	switch {
	case oneIn(rng, 50):
		x.bus = port.Bus{Kind: port.BusGet, Unit: isa.UnitMom, Index: uint8(rng.IntN(4))}
		if oneIn(rng, 2) {
			x.bus.Unit = isa.UnitNorm
		}
	case len(x.queue) > 0:
		x.bus, x.queue = x.queue[0], x.queue[1:]
	case x.open < port.QueueDepth && !oneIn(rng, 8):
		op, flags, p := x.command()
		if oneIn(rng, 150) { // a mistake
			p[rng.IntN(len(p))] ^= 1 << rng.IntN(32)
		}
		unit := isa.Lookup(op).Unit
		for i, v := range p {
			x.queue = append(x.queue, port.Bus{Kind: port.BusParam, Unit: unit, Index: uint8(i), Val: v})
		}
		x.queue = append(x.queue, port.Bus{Kind: port.BusCmd, Unit: unit, Op: op, Flags: flags, Inst: uint8(rng.IntN(16))})
		x.open++
	}
}

// answer brings a port what `data` makes of an address.
func (x *updater) answer(rng *rand.Rand, p port.XPort, data func(addr uint32) port.Burst) (readRoom, writeRoom, idle bool) {
	ok := func() bool { return rng.IntN(100) >= x.stall }
	x.now++
	x.resp = port.XResp{}
	if len(x.reads) > 0 && x.due[0] <= x.now && ok() {
		x.resp = port.XResp{Valid: true, Port: p, Data: data(x.reads[0])}
		x.reads, x.due = x.reads[1:], x.due[1:]
	} else if oneIn(rng, 4) {
		x.resp = port.XResp{Valid: true, Port: port.XPortDMA} // another unit's
	}
	idle = x.writes == 0
	if x.writes > 0 && ok() {
		x.writes--
	}
	return ok(), ok(), idle
}

// step takes what a unit asks for.
func (x *updater) step(read *port.XRead, write *port.XReq, done bool) {
	if read.Valid {
		x.reads, x.due = append(x.reads, read.Addr), append(x.due, x.now+x.latency)
	}
	if write.Valid {
		x.writes++
	}
	if done {
		x.open--
	}
}

// edge is a random number of some bits, often near the ends of its range or near zero.
func edge(rng *rand.Rand, bits int) int64 {
	v := int64(rng.Uint64()) >> (64 - bits)
	switch rng.IntN(4) {
	case 0:
		v = int64(1)<<(bits-1) - 1 - int64(rng.IntN(3))
	case 1:
		v >>= rng.IntN(bits)
	}
	if oneIn(rng, 2) {
		return ^v
	}
	return v
}

// edgeShift is a shift between two, often at the ends, most often where numbers keep some bits.
func edgeShift(rng *rand.Rand, lo, hi int) uint32 {
	switch rng.IntN(8) {
	case 0:
		return uint32(pick(rng, lo, hi, 0, 1, 16))
	case 1, 2:
		return uint32(lo + rng.IntN(hi-lo+1))
	}
	return uint32(8 + rng.IntN(16))
}

// bursts is a number of bursts, in bytes.
func bursts(rng *rand.Rand, most int) uint32 { return port.BurstBytes * uint32(rng.IntN(most)) }

// momentumAlone is the momentum unit; its commands meet in a memory that is small for them.
func momentumAlone(m *machine.Config, rng *rand.Rand) *single {
	in, out, act := &momentum.In{}, &momentum.Out{}, &activity.Counts{}
	u := momentum.New(m, act)
	x := newUpdater(rng, func() (isa.Op, uint16, []uint32) { return momentumCommand(rng, m) })
	in.Bus, in.Resp = &x.bus, &x.resp
	burst := func(uint32) (b port.Burst) {
		for i := range b {
			b[i] = uint8(rng.Uint32())
		}
		return b
	}
	tick := func(rng *rand.Rand) {
		x.drive(rng)
		in.ReadRoom, in.WriteRoom, in.WriteIdle = x.answer(rng, port.XPortMom, burst)
		if in.Head = (port.BankHead{}); !out.Free && !oneIn(rng, 10) {
			in.Head = port.BankHead{Valid: true, ToMom: !oneIn(rng, 20), Bank: uint8(rng.IntN(2))}
		}
		for half := range u.Filled {
			if u.Filled[half] != in.Freed[half] && oneIn(rng, 100) {
				in.Freed[half]++
			}
		}
		for g := range in.Acc {
			for i := range in.Acc[g] {
				in.Acc[g][i] = edge(rng, m.DNNC.AccBits)
			}
		}
		u.Tick(in, out)
		x.step(&out.Read, &out.Write, out.Done.Valid)
	}
	return &single{in: in, out: out, act: act, tick: tick, fault: &out.Fault}
}

func momentumCommand(rng *rand.Rand, m *machine.Config) (isa.Op, uint16, []uint32) {
	p := make([]uint32, isa.NumMomParams)
	op, flags := isa.OpMomW, uint16(0)
	p[isa.MomTShift] = edgeShift(rng, 0, 62)
	if oneIn(rng, 3) {
		op, p[isa.MomTShift] = isa.OpMomB, edgeShift(rng, -22, 62)
	}
	p[isa.MomLanes] = uint32(1 + rng.IntN(min(m.DNNC.Lanes, pick(rng, 16, 40, 150, 1024))))
	p[isa.MomRows] = uint32(1 + rng.IntN(pick(rng, 2, 64)))
	if op == isa.OpMomW && m.Fused && oneIn(rng, 2) {
		flags = isa.FlagUpd | uint16(rng.IntN(2))*isa.FlagB1
		p[isa.MomRows], p[isa.MomSplit] = uint32(1+rng.IntN(8)), uint32(rng.IntN(3))
		p[isa.MomLanes] = min(p[isa.MomLanes], uint32(m.DNNC.Lanes)>>p[isa.MomSplit])
	}
	for _, i := range []int{isa.MomWAddr, isa.MomVAddr} {
		p[i] = bursts(rng, 1<<pick(rng, 9, 14))
	}
	for _, i := range []int{isa.MomWStep, isa.MomVStep} {
		p[i] = bursts(rng, 1<<pick(rng, 3, 9))
	}
	p[isa.MomGShift], p[isa.MomDShift] = edgeShift(rng, -14, 62), edgeShift(rng, -30, 62)
	for _, i := range []int{isa.MomEta, isa.MomMu, isa.MomLambda} {
		p[i] = uint32(uint16(edge(rng, 16)))
	}
	p[isa.MomCtr], p[isa.MomCStep], p[isa.MomSeed] = rng.Uint32(), rng.Uint32(), rng.Uint32()
	return op, flags, p
}

// normAlone is NORM. Records lie in the upper half of the memory.
func normAlone(m *machine.Config, rng *rand.Rand) *single {
	in, out, act := &norm.In{}, &norm.Out{}, &activity.Counts{}
	u := norm.New(m, act)
	records := uint32(m.XMem.Bytes / 2)
	x := newUpdater(rng, func() (isa.Op, uint16, []uint32) { return normCommand(rng, m, records) })
	in.Bus, in.Resp = &x.bus, &x.resp
	tick := func(rng *rand.Rand) {
		x.drive(rng)
		in.ReadRoom, in.WriteRoom, in.WriteIdle = x.answer(rng, port.XPortNorm, func(addr uint32) port.Burst {
			if addr < records {
				return mapBurst(rng)
			}
			return recordBurst(rng, addr)
		})
		u.Tick(in, out)
		x.step(&out.Read, &out.Write, out.Done.Valid)
	}
	return &single{in: in, out: out, act: act, tick: tick, fault: &out.Fault}
}

// putNumber writes a number, little-endian.
func putNumber(b []byte, v int64) {
	for i := range b {
		b[i] = uint8(v >> (8 * i))
	}
}

// mapBurst has large numbers, or small ones, which may also be positions in windows.
func mapBurst(rng *rand.Rand) (b port.Burst) {
	most := pick(rng, 16, 12)
	for i := 0; i < len(b); i += 2 {
		putNumber(b[i:i+2], edge(rng, 1+rng.IntN(most)))
	}
	return b
}

// recordBurst is half a record of a channel, most often with numbers that a batch could give.
func recordBurst(rng *rand.Rand, addr uint32) (b port.Burst) {
	if addr%64 != 0 {
		putNumber(b[:8], edge(rng, pick(rng, 40, 62, 64)))
		return b
	}
	for i, bits := range []int{30, 32, 24, 24, 24, 24, 32, 6} {
		if oneIn(rng, 30) {
			bits = 32
		}
		putNumber(b[4*i:4*i+4], edge(rng, bits))
	}
	return b
}

func normCommand(rng *rand.Rand, m *machine.Config, records uint32) (isa.Op, uint16, []uint32) {
	ops := []isa.Op{isa.OpNormLoad, isa.OpNormStore, isa.OpNormStat, isa.OpNormFin, isa.OpNormFwd,
		isa.OpNormBack, isa.OpNormGrad, isa.OpNormUpdate}
	op, flags := ops[rng.IntN(len(ops))], uint16(0)
	if slices.Contains(ops[3:6], op) && oneIn(rng, 2) {
		flags = isa.FlagBN
		if op == isa.OpNormFin {
			flags = isa.FlagEval
		}
	}
	p := make([]uint32, isa.NumNormParams)
	for _, i := range []int{isa.NormSrc, isa.NormDst, isa.NormPos, isa.NormAux} {
		p[i] = bursts(rng, int(records/64))
	}
	p[isa.NormRec] = records + 2*bursts(rng, int(records/256))
	p[isa.NormNB] = uint32(1 + rng.IntN(2))
	p[isa.NormPool] = uint32(1 + rng.IntN(3))
	p[isa.NormH] = p[isa.NormPool] + uint32(rng.IntN(6))
	p[isa.NormW] = p[isa.NormPool] + uint32(rng.IntN(6))
	p[isa.NormChan] = uint32(1 + rng.IntN(min(max(1, m.Norm.Channels), pick(rng, 16, 20, 100))))
	p[isa.NormShift] = edgeShift(rng, -15, 62)
	p[isa.NormEps] = uint32(1 + rng.Uint32()>>rng.IntN(32))
	p[isa.NormEta], p[isa.NormMu] = uint32(uint16(edge(rng, 16))), uint32(uint16(edge(rng, 16)))
	p[isa.NormGShift], p[isa.NormTShift] = edgeShift(rng, -15, 62), edgeShift(rng, -15, 62)
	return op, flags, p
}
