package testbench

import (
	"math/rand/v2"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/dma"
	"bdfasim/rtl/port"
	"bdfasim/rtl/seq"
	"bdfasim/rtl/wld"
	"bdfasim/rtl/xmem"
)

// anyOf draws from a list.
func anyOf[T any](rng *rand.Rand, list ...T) T { return list[rng.IntN(len(list))] }

// dice draws with odds that change now and then, so that rooms are open, closed or in between.
type dice struct {
	*rand.Rand
	odds [16]int
	left int
}

// roll draws new odds from time to time: once a cycle.
func (d *dice) roll() {
	if d.left == 0 {
		for i := range d.odds {
			d.odds[i] = anyOf(d.Rand, 0, 1, 4, 12, 15, 16, 16)
		}
		d.left = 1 + d.IntN(500)
	}
	d.left--
}

// yes draws with the odds of a certain wire.
func (d *dice) yes(wire int) bool { return d.IntN(16) < d.odds[wire] }

func (d *dice) burst() (b port.Burst) {
	for i := range b {
		b[i] = uint8(d.Uint32())
	}
	return b
}

func (d *dice) group() (g port.Group) {
	for i := range g {
		g[i] = int16(d.Uint32())
	}
	return g
}

// bursts is a number of addresses of external memory, in bytes.
func (d *dice) bursts(most int) uint32 { return port.BurstBytes * uint32(d.IntN(most)) }

// commander is SEQ: it sets parameters and gives commands while the unit's queue has room.
type commander struct {
	dice
	unit  isa.Unit
	queue []port.Bus // to go out
	out   int        // commands outstanding
}

// bus is what goes out next; draw makes a command with all its parameters.
func (c *commander) bus(done bool, draw func() (isa.Op, uint16, []uint32)) port.Bus {
	if done {
		c.out--
	}
	if len(c.queue) == 0 {
		op, flags, params := draw()
		for i, v := range params {
			c.queue = append(c.queue, port.Bus{Kind: port.BusParam, Unit: c.unit, Index: uint8(i), Val: v})
		}
		c.queue = append(c.queue, port.Bus{Kind: port.BusCmd, Unit: c.unit, Op: op, Flags: flags, Inst: uint8(c.IntN(16))})
	}
	if c.IntN(40) == 0 { // what is not for this queue
		return port.Bus{Kind: port.BusGet, Unit: isa.Unit(c.IntN(int(isa.NumUnits)))}
	}
	b := c.queue[0]
	if !c.yes(0) || b.Kind == port.BusCmd && c.out == port.QueueDepth {
		return port.Bus{Unit: c.unit}
	}
	if c.queue = c.queue[1:]; b.Kind == port.BusCmd {
		c.out++
	}
	return b
}

// wldAlone is a weight loader within the handshakes.
func wldAlone(m *machine.Config, rng *rand.Rand) *single {
	act := new(activity.Counts)
	u, in, out := wld.New(m, act), &wld.In{Bus: &port.Bus{}, Resp: &port.XResp{}}, &wld.Out{}
	seq := &commander{dice: dice{Rand: rng}, unit: isa.UnitWLD}
	bursts, groups, full := 0, 0, [2]uint8{}
	return &single{in: in, out: out, act: act, fault: &out.Fault, tick: func(*rand.Rand) {
		seq.roll()
		if out.X.Valid {
			bursts++
		}
		if out.Req.Valid {
			groups += int(out.Req.Groups) * int(out.Req.Rows)
		}
		if out.Tile.Valid && out.Tile.Full {
			full[out.Tile.Buf]++
		}
		*in.Bus = seq.bus(out.Done.Valid, func() (isa.Op, uint16, []uint32) { return loadOfWLD(m, rng) })
		in.XRoom, in.ReqRoom = seq.yes(1), seq.yes(2)
		*in.Resp = port.XResp{Valid: seq.yes(3), Port: port.XPortWLD, Data: seq.burst()}
		switch {
		case !in.Resp.Valid:
		case bursts == 0 || rng.IntN(8) == 0: // another port's
			in.Resp.Port = port.XPortDMA
		default:
			bursts--
		}
		if in.Read = (port.ReadData{Valid: groups > 0 && seq.yes(4), Data: seq.group()}); in.Read.Valid {
			groups--
		}
		for b := range in.Freed {
			if in.Freed[b] != full[b] && seq.yes(5) {
				in.Freed[b]++
			}
		}
		u.Tick(in, out)
	}}
}

// loadOfWLD draws a command of the loader, of which few are bad.
func loadOfWLD(m *machine.Config, rng *rand.Rand) (isa.Op, uint16, []uint32) {
	p := make([]uint32, isa.NumWLDParams)
	split := rng.IntN(3)
	p[isa.WLDRows], p[isa.WLDSplit] = uint32(1+rng.IntN(anyOf(rng, 4, 20, 64))), uint32(split)
	p[isa.WLDGroups] = uint32(1 + rng.IntN(m.DNNC.Lanes/16>>split))
	p[isa.WLDXAddr], p[isa.WLDXStep] = port.BurstBytes*rng.Uint32N(1000), 8192*rng.Uint32N(3)
	p[isa.WLDPitch] = anyOf(rng, 0, 0, port.BurstBytes*rng.Uint32N(100))
	p[isa.WLDSrc], p[isa.WLDSStep] = rng.Uint32(), rng.Uint32()
	if rng.IntN(40) == 0 {
		p[rng.IntN(len(p))] ^= 1 << rng.IntN(32)
	}
	flags := uint16(rng.IntN(2)*isa.FlagB1 | rng.IntN(2)*isa.FlagT)
	if rng.IntN(4) == 0 {
		return isa.OpWLDErrors, flags & isa.FlagB1, p
	}
	return isa.OpWLDWeights, flags, p
}

// dmaAlone is a DMA within the handshakes.
func dmaAlone(m *machine.Config, rng *rand.Rand) *single {
	act := new(activity.Counts)
	u, in, out := dma.New(m, act), &dma.In{Bus: &port.Bus{}, Resp: &port.XResp{}}, &dma.Out{}
	seq := &commander{dice: dice{Rand: rng}, unit: isa.UnitDMA}
	bursts, groups, pieces := 0, 0, 0
	return &single{in: in, out: out, act: act, fault: &out.Fault, tick: func(*rand.Rand) {
		seq.roll()
		if out.X.Valid {
			bursts++
		}
		if out.Req.Valid {
			groups += int(out.Req.Groups)
		}
		*in.Bus = seq.bus(out.Done.Valid, func() (isa.Op, uint16, []uint32) { return moveOfDMA(m, rng) })
		in.XRoom, in.WRoom, in.EncRoom, in.ReqRoom = seq.yes(1), seq.yes(2), seq.yes(3), seq.yes(4)
		in.WIdle, in.EncIdle = seq.yes(5), seq.yes(6)
		*in.Resp = port.XResp{Valid: bursts > 0 && seq.yes(7), Port: port.XPortDMA, Data: seq.burst()}
		if in.Resp.Valid {
			bursts--
		}
		if in.Read = (port.ReadData{Valid: groups > 0 && out.ReadRoom && seq.yes(8), Data: seq.group()}); in.Read.Valid {
			groups--
		}
		if in.Scratch = (port.ScratchData{Valid: pieces > 0, Data: seq.burst()}); in.Scratch.Valid {
			pieces--
		}
		if out.Scratch.Valid && !out.Scratch.Write {
			pieces++
		}
		u.Tick(in, out)
	}}
}

// moveOfDMA draws a command of the DMA, of which few are bad.
func moveOfDMA(m *machine.Config, rng *rand.Rand) (isa.Op, uint16, []uint32) {
	p := make([]uint32, isa.NumDMAParams)
	for i := range p {
		p[i] = rng.Uint32N(1000)
	}
	op := isa.OpDMAMap + isa.Op(max(0, rng.IntN(10)-3))
	flags := uint16(0)
	p[isa.DMAXAddr], p[isa.DMAXStep] = port.BurstBytes*rng.Uint32N(1000), port.BurstBytes*rng.Uint32N(100)
	p[isa.DMAN] = 1 + rng.Uint32N(anyOf(rng, uint32(40), 300))
	switch op {
	case isa.OpDMAMap, isa.OpDMASave:
		p[isa.DMARows] = rng.Uint32N(5)
		p[isa.DMAChan] = anyOf(rng, 0, rng.Uint32N(100))
		p[isa.DMADst], p[isa.DMADStep] = 4*rng.Uint32N(50), 4*rng.Uint32N(500)
		if op == isa.OpDMAMap {
			flags = uint16(rng.IntN(2)*isa.FlagNew | rng.IntN(2)*isa.FlagI16)
		} else if rng.IntN(4) == 0 {
			p[isa.DMAN] += 4000 // more than a stream of OMEM
		}
		if flags&isa.FlagI16 != 0 {
			p[isa.DMAChan] &^= 15
		}
	case isa.OpDMAScr:
		p[isa.DMADst] &^= 3
	case isa.OpDMAStore:
		p[isa.DMAN], p[isa.DMADst] = port.BurstBytes*(1+rng.Uint32N(20)), p[isa.DMADst]&^3
	case isa.OpDMABias:
		p[isa.DMAN], flags = 1+rng.Uint32N(uint32(m.DNNC.Lanes)), uint16(rng.IntN(2)*isa.FlagB1)
	case isa.OpDMASign:
		p[isa.DMAN], p[isa.DMADst] = 1+rng.Uint32N(10), rng.Uint32N(uint32(max(1, m.DEPC.SignEntries-10)))
	case isa.OpDMACopy:
		p[isa.DMAN], p[isa.DMADst] = port.BurstBytes*(1+rng.Uint32N(60)), 1<<19+port.BurstBytes*rng.Uint32N(1000)
	}
	if rng.IntN(40) == 0 {
		p[rng.IntN(len(p))] ^= 1 << rng.IntN(32)
	}
	return op, flags, p
}

// xmemAlone is an external memory within the handshakes.
func xmemAlone(m *machine.Config, rng *rand.Rand) *single {
	act := new(activity.Counts)
	u, in, out := xmem.New(m, make([]byte, m.XMem.Bytes), act), &xmem.In{}, &xmem.Out{}
	d := &dice{Rand: rng}
	var at [port.NumXPorts]uint32
	return &single{in: in, out: out, act: act, fault: new(port.Fault), tick: func(*rand.Rand) {
		d.roll()
		in.Called = 0
		for p := range in.Req {
			r := &in.Req[p]
			r.Valid = out.Room[p] && d.IntN(5) == 0 && d.yes(p)
			if !r.Valid {
				continue
			}
			in.Called |= 1 << p
			switch at[p] += port.BurstBytes; d.IntN(12) { // a stream goes on, or jumps
			case 0:
				at[p] = uint32(d.IntN(m.XMem.Bytes))
			case 1:
				at[p] = d.bursts(64) // where all meet
			case 2:
				at[p] = at[d.IntN(len(at))]
			}
			at[p] = at[p] % uint32(m.XMem.Bytes) &^ (port.BurstBytes - 1)
			r.Addr = at[p]
			if port.XPort(p) >= port.NumXReads {
				r.Data = d.burst()
			}
		}
		u.Tick(in, out)
	}}
}

// seqAlone is a sequencer with a program that is drawn, within the handshakes.
func seqAlone(m *machine.Config, rng *rand.Rand) *single {
	act := new(activity.Counts)
	u, in, out := seq.New(m, act), &seq.In{}, &seq.Out{}
	d := &dice{Rand: rng}
	img := &image.Image{Code: words(rng, m), Scratch: make([]byte, m.Seq.ScratchBytes)}
	for i := range img.Scratch {
		img.Scratch[i] = uint8(rng.Uint32())
	}
	img.Entry = isa.WordBytes * rng.Uint32N(uint32(len(img.Code)))
	if err := u.Load(img.Code, img.Entry); err != nil {
		panic(err)
	}
	copy(u.State.Scratch, img.Scratch)
	var given [isa.NumUnits][]uint8 // marks of commands that are outstanding
	return &single{in: in, out: out, act: act, fault: &out.Fault, img: img, tick: func(*rand.Rand) {
		d.roll()
		if b := &out.Bus; b.Kind == port.BusCmd {
			given[b.Unit] = append(given[b.Unit], b.Inst)
		}
		for i := range given {
			in.Done[i] = port.Done{}
			if len(given[i]) > 0 && d.IntN(3) == 0 && d.yes(i) {
				in.Done[i] = port.Done{Valid: true, Inst: given[i][0]}
				given[i] = given[i][1:]
			}
			in.Stat[i] = d.Uint32()
		}
		in.Scratch = port.ScratchReq{Valid: d.yes(10), Write: d.IntN(2) == 0,
			N: uint8(1 + d.IntN(port.BurstBytes)), Data: d.burst()}
		in.Scratch.Addr = 4 * uint32(d.IntN(anyOf(rng, 8, (m.Seq.ScratchBytes-port.BurstBytes)/4+1)))
		u.Tick(in, out)
	}}
}

// words draws a program that runs on and on, with few mistakes.
func words(rng *rand.Rand, m *machine.Config) []isa.Word {
	code := make([]isa.Word, 8+rng.IntN(anyOf(rng, 20, 400, m.Seq.IMemBytes/isa.WordBytes-8)))
	for i := range code {
		info := &isa.Table[rng.IntN(len(isa.Table))]
		if info.Format == isa.FmtCmd && rng.IntN(3) > 0 { // rather show a register
			info = isa.Lookup(isa.OpSet)
		}
		rd, ra, rb := uint8(rng.IntN(16)), uint8(rng.IntN(16)), uint8(rng.IntN(16))
		aux, imm := uint16(0), int32(rng.Uint32())
		unit := isa.Unit(1 + rng.IntN(int(isa.NumUnits)-1))
		target := int32(isa.WordBytes * rng.IntN(len(code)))
		ahead := int32(isa.WordBytes * min(len(code)-1, i+1+rng.IntN(4))) // or it would go in circles
		switch op := info.Op; {
		case op == isa.OpHalt || op == isa.OpTrap:
			if rng.IntN(50) > 0 {
				info = isa.Lookup(isa.OpLi)
				imm = int32(rng.IntN(20))
			}
		case op == isa.OpLi:
			imm = anyOf(rng, imm, imm, imm, int32(rng.IntN(20)), target)
		case op >= isa.OpLw && op < isa.OpBeq:
			ra, imm = 0, int32(4*rng.IntN(anyOf(rng, 8, m.Seq.ScratchBytes/4)))
			if op != isa.OpLw && op != isa.OpSw {
				imm += anyOf(rng, int32(0), 2)
			}
		case op == isa.OpLoop:
			if i > 0 { // go round a few times
				code[i-1] = isa.Pack(isa.OpLi, ra, 0, 0, 0, int32(rng.IntN(6)))
			}
			imm = int32(isa.WordBytes * (i + 1 + rng.IntN(6)))
		case op == isa.OpJr:
			code[max(0, i-1)] = isa.Pack(isa.OpLi, ra, 0, 0, 0, ahead)
		case op == isa.OpJal:
			imm = ahead
		case op >= isa.OpBeq && op < isa.OpSet:
			imm = target
		case op == isa.OpSet || op == isa.OpSeti:
			aux = uint16(unit)<<8 | uint16(rng.IntN(len(isa.Units[unit].Params)))
			if i > 0 && op == isa.OpSet { // show what was just written
				ra = code[i-1].Rd()
			}
		case op == isa.OpGet:
			unit = anyOf(rng, isa.UnitDrain, isa.UnitMom)
			aux = uint16(unit)<<8 | uint16(rng.IntN(2))
		case op == isa.OpWait:
			aux, imm = uint16(unit)<<8, int32(rng.IntN(5))
		case op == isa.OpMark:
			aux, ra = uint16(rng.IntN(int(isa.NumPhases))), 0
		case info.Format == isa.FmtCmd:
			aux, ra = uint16(rng.Uint32())&info.FlagMask(), 0
		}
		code[i] = isa.Pack(info.Op, rd, ra, rb, aux, imm)
		if rng.IntN(2000) == 0 {
			code[i] ^= 1 << rng.IntN(64)
		}
	}
	code[len(code)-1] = isa.Pack(isa.OpJal, 0, 0, 0, 0, 0) // and again
	return code
}
