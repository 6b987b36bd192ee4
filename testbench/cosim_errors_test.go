package testbench

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/depc"
	"bdfasim/rtl/epc"
	rtlerrors "bdfasim/rtl/errors"
	"bdfasim/rtl/lfsr"
	"bdfasim/rtl/port"
	"bdfasim/testbench/cosim/sv"
)

var cosimShapes = flag.String("shapes", "", "only shapes of DEPC and EPC whose name has this")

// errorShapes are machines whose DEPC and EPC are of every shape.
func errorShapes(t testing.TB) (list []machine.Config) {
	add := func(name string, set ...string) {
		c := machine.Reference()
		require.NoError(t, c.Set(name, append(set, "xmem.bytes=16777216")...))
		require.NoError(t, rtl.Validate(&c))
		c.Name = name
		list = append(list, c)
	}
	lfsrBits := []int{8, 16, 32, 4, 8, 32, 16, 8, 4}
	for i, n := range []int{8, 16, 32} {
		for j, in := range []int{8, 16, 32} {
			classes, clock := 128, "200"
			if n == 32 {
				classes = 16
			}
			if i == j {
				clock = "400"
			}
			add(fmt.Sprintf("depc-%dx%d", n, in), fmt.Sprint("depc.neurons=", n), fmt.Sprint("depc.inputs=", in),
				fmt.Sprint("lfsr.bits=", lfsrBits[3*i+j]), fmt.Sprint("depc.classes=", classes), "clock_mhz="+clock)
			for _, kind := range []string{"tree", "tree-gate", "lane-mask"} {
				products := "0"
				if (i+j)%2 == 1 || kind == "tree-gate" && i == 1 {
					products = "1"
				}
				capacity := 512
				if n == 8 && in == 32 {
					capacity = 2048
				}
				add(fmt.Sprintf("epc-%s-%dx%d", kind, n, in), "epc.kind="+kind, fmt.Sprint("epc.neurons=", n), fmt.Sprint("epc.inputs=", in),
					"epc.product_registers="+products, fmt.Sprint("epc.errors=", capacity))
			}
		}
	}
	add("depc-none", "depc.classes=0")
	add("depc-no-signs", "depc.sign_entries=0")
	add("depc-many", "depc.classes=2048", "depc.sign_entries=1024", "depc.inputs=32")
	add("epc-none")
	add("epc-tree-16x16-acc32", "epc.kind=tree", "dnnc.acc_bits=32")
	return list
}

// TestCosimErrors compares DEPC with its generator, and EPC, of every shape, each on commands at
// random that come as close together as its queue allows.
func TestCosimErrors(t *testing.T) {
	source := cosimSource(t)
	for _, c := range errorShapes(t) {
		if !strings.Contains(c.Name, *cosimShapes) {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			chip := sv.New(c)
			isEPC := strings.HasPrefix(c.Name, "epc")
			units := []activity.Unit{activity.DEPC, activity.LFSR}
			if isEPC {
				units = []activity.Unit{activity.EPC}
			}
			var benches []*cosimBench
			for _, u := range units {
				b, err := source.Unit(chip, u)
				require.NoError(t, err)
				benches = append(benches, b)
			}
			cycles, faults, done := uint64(0), 0, 0
			for seed := uint64(1); cycles < *cosimCycles; seed++ {
				d := newErrorsDriver(&c, seed, isEPC)
				err := d.run(benches, nil)
				if diff := (*cosimDifference)(nil); errors.As(err, &diff) {
					d.wave(t, source, chip, units, diff, &c, seed, isEPC)
				}
				require.NoError(t, err, "seed %d", seed)
				cycles += d.cycles
				done += d.done
				if d.fault.Code != 0 {
					faults++
				}
			}
			t.Logf("%d cycles, %d commands, %d faults", cycles, done, faults)
		})
	}
}

// errorsDriver gives a unit commands and operands at random.
type errorsDriver struct {
	c      *machine.Config
	rng    *rand.Rand
	isEPC  bool
	act    activity.Counts
	bus    port.Bus
	resp   port.XResp
	din    depc.In
	dout   depc.Out
	depc   *depc.Unit
	lin    lfsr.In
	lout   lfsr.Out
	lfsr   *lfsr.Unit
	ein    epc.In
	eout   epc.Out
	epc    *epc.Unit
	common *rtlerrors.In
	out    *rtlerrors.Out

	cycles  uint64
	done    int
	sent    int
	fault   port.Fault
	want    []port.Bus // bus cycles to come
	groups  int        // that a load still waits for
	loaded  [2]int     // errors, batch
	zeros   int        // of 16 errors
	room    int        // of 16 cycles
	answer  int
	bursts  []uint64 // cycles in which those asked for may come
	latency int
}

func newErrorsDriver(c *machine.Config, seed uint64, isEPC bool) *errorsDriver {
	d := &errorsDriver{c: c, rng: rand.New(rand.NewPCG(seed, 5)), isEPC: isEPC}
	d.room, d.answer, d.latency = pick(d.rng, 16, 16, 15, 8, 3), pick(d.rng, 16, 16, 12, 4), pick(d.rng, 1, 1, 10, 40)
	if isEPC {
		d.epc = epc.New(c, &d.act)
		d.ein.Bus, d.ein.Resp = &d.bus, &d.resp
		d.common, d.out = &d.ein.In, &d.eout.Out
	} else {
		d.depc, d.lfsr = depc.New(c, &d.act), lfsr.New(c, &d.act)
		d.din.Bus = &d.bus
		d.common, d.out = &d.din.In, &d.dout.Out
	}
	return d
}

func (d *errorsDriver) below(n int) bool { return d.rng.IntN(16) < n }

func (d *errorsDriver) run(benches []*cosimBench, args []string) (err error) {
	var replays []*cosimReplay
	ins, outs := []any{d.din, d.lin}, []any{d.dout, d.lout}
	inAt := []unsafe.Pointer{unsafe.Pointer(&d.din), unsafe.Pointer(&d.lin)}
	outAt := []unsafe.Pointer{unsafe.Pointer(&d.dout), unsafe.Pointer(&d.lout)}
	if d.isEPC {
		ins, outs = []any{d.ein}, []any{d.eout}
		inAt, outAt = []unsafe.Pointer{unsafe.Pointer(&d.ein)}, []unsafe.Pointer{unsafe.Pointer(&d.eout)}
	}
	for i, b := range benches {
		if b == nil {
			replays = append(replays, nil)
			continue
		}
		r, err := startReplay(b, ins[i], []any{outs[i]}, args...)
		if err != nil {
			return err
		}
		replays = append(replays, r)
	}
	for left := 30_000; left > 0; left-- {
		d.step()
		for i, r := range replays {
			if r != nil {
				r.Cycle(inAt[i], outAt[i])
			}
		}
		d.cycles++
		if d.fault = d.out.Fault; d.fault.Code != 0 {
			left = min(left, 300)
		}
	}
	for _, r := range replays {
		if r == nil {
			continue
		}
		found := r.Close()
		if found == nil {
			found = r.Check(&d.act, nil)
		}
		if err == nil {
			err = found
		}
	}
	return err
}

// step is a cycle.
func (d *errorsDriver) step() {
	in, out := d.common, d.out
	if out.Done.Valid {
		d.done++
	}
	if out.Req.Valid {
		d.groups += int(out.Req.Groups) * int(out.Req.Rows)
	}
	d.nextBus()
	in.ReqRoom, in.WriteRoom, in.WRoom = d.below(d.room), d.below(d.room), d.below(d.room)
	in.WriteIdle, in.WIdle = d.below(d.room), d.below(d.room)
	in.Mask = port.MaskData{Valid: out.Mask.Valid && d.below(d.answer), Data: d.word(4)}
	in.Read.Valid = d.groups > 0 && out.ReadRoom && d.below(d.answer)
	if in.Read.Valid {
		d.groups--
		for i := range in.Read.Data {
			in.Read.Data[i] = int16(d.word(d.zeros))
		}
		if d.below(d.zeros) {
			in.Read.Data = port.Group{}
		}
	}
	if d.isEPC {
		d.stepEPC()
		d.epc.Tick(&d.ein, &d.eout)
		return
	}
	d.din.RNGFull, d.din.RNGReg = d.lout.Full, d.lout.Reg
	d.lin = lfsr.In{Start: d.dout.RNGStart, Seed: d.dout.RNGSeed, Passes: d.dout.RNGPasses, Bits: d.dout.RNGBits,
		Last: d.dout.RNGLast, Fills: d.dout.RNGFills, Take: d.dout.RNGTake}
	d.din.Sign = port.SignWrite{}
	if d.below(2) {
		d.din.Sign.Valid = true
		d.din.Sign.Entry = uint16(d.rng.IntN(max(1, d.c.DEPC.SignEntries)))
		if d.rng.IntN(3000) == 0 {
			d.din.Sign.Entry = uint16(d.rng.IntN(65536))
		}
		for i := range d.din.Sign.Data {
			d.din.Sign.Data[i] = byte(d.rng.Uint32())
		}
	}
	d.depc.Tick(&d.din, &d.dout)
	d.lfsr.Tick(&d.lin, &d.lout)
}

func (d *errorsDriver) stepEPC() {
	if d.eout.X.Valid {
		d.bursts = append(d.bursts, d.cycles+uint64(d.rng.IntN(d.latency)))
	}
	d.ein.XRoom = d.below(d.room) && len(d.bursts) < 64
	d.resp = port.XResp{Valid: d.below(8), Port: port.XPort(d.rng.IntN(4))}
	if len(d.bursts) > 0 && d.bursts[0] <= d.cycles && d.below(d.answer) {
		d.bursts = d.bursts[1:]
		d.resp.Valid, d.resp.Port = true, port.XPortEPC
	}
	for i := 0; i < len(d.resp.Data); i += 2 {
		v := d.word(2)
		d.resp.Data[i], d.resp.Data[i+1] = byte(v), byte(v>>8)
	}
}

// word is zero in so many of 16 cases, and often extreme.
func (d *errorsDriver) word(zeros int) uint16 {
	if d.below(zeros) {
		return 0
	}
	random := d.rng.IntN(1 << 16)
	return uint16(pick(d.rng, 1, 0x7fff, 0x8000, 0xffff, random, random, random))
}

// nextBus puts the next cycle on the bus.
func (d *errorsDriver) nextBus() {
	unit := isa.UnitDEPC
	if d.isEPC {
		unit = isa.UnitEPC
	}
	d.bus = port.Bus{}
	if d.rng.IntN(40) == 0 {
		d.bus = port.Bus{Kind: port.BusGet, Unit: unit, Index: uint8(d.rng.IntN(4))}
		return
	}
	if d.rng.IntN(60) == 0 {
		d.bus = port.Bus{Kind: port.BusKind(d.rng.IntN(4)), Unit: isa.UnitDMA, Val: d.rng.Uint32()}
		return
	}
	if len(d.want) == 0 {
		d.want = d.command(unit)
	}
	b := d.want[0]
	if b.Kind == port.BusCmd && d.sent-d.done >= port.QueueDepth {
		return
	}
	d.want = d.want[1:]
	if b.Kind == port.BusCmd {
		d.sent++
	}
	d.bus = b
}

func (d *errorsDriver) size(most int) int {
	return 1 + d.rng.IntN(min(most, pick(d.rng, 1, 4, 16, 17, 33, 80, 200)))
}

// command is what the bus brings for a command, mostly a legal one.
func (d *errorsDriver) command(unit isa.Unit) (list []port.Bus) {
	capacity, matrix := d.c.DEPC.Classes, false
	load, run := isa.OpDEPCLoad, isa.OpDEPCRun
	if d.isEPC {
		capacity, load, run, matrix = d.c.EPC.Errors, isa.OpEPCLoad, isa.OpEPCRun, true
	}
	u32 := d.rng.Uint32
	p := map[int]uint32{}
	op, flags := load, uint16(0)
	if d.loaded[0] == 0 || d.rng.IntN(4) == 0 {
		n, nb := d.size(max(1, capacity)), 1+d.rng.IntN(pick(d.rng, 1, 2, 4, 32))
		p[isa.DEPCN], p[isa.DEPCNB], p[isa.DEPCSrc], p[isa.DEPCSStep] = uint32(n), uint32(nb), u32(), u32()
		d.loaded = [2]int{n, nb}
		d.zeros = pick(d.rng, 0, 2, 12, 15, 16)
	} else {
		op = run
		neurons := d.size(200)
		flags = uint16(d.rng.Uint32()) & (isa.FlagX | isa.FlagAll)
		if !d.isEPC && d.rng.IntN(2) == 0 && (neurons+15)/16*((d.loaded[0]+15)/16) <= d.c.DEPC.SignEntries {
			flags |= isa.FlagSRAM
		}
		p[isa.DEPCNeurons] = uint32(neurons)
		p[isa.DEPCShift] = uint32(int32(d.rng.IntN(63) - 15))
		if d.below(12) {
			p[isa.DEPCShift] = uint32(d.rng.IntN(24))
		}
		p[isa.DEPCDst], p[isa.DEPCDStep] = u32()&^3, u32()&^3
		if flags&isa.FlagX != 0 {
			p[isa.DEPCDst], p[isa.DEPCDStep] = u32()&0x3fffe0, u32()&0x1ffe0
		}
		p[isa.DEPCMask], p[isa.DEPCMStep] = u32()&0x7ff, u32()&0x7f
		if matrix {
			p[isa.EPCMatrix], p[isa.EPCKStep], p[isa.EPCJStep] = u32()&0xfffe0, u32()&0xfffe0, u32()&0x3ffe0
		} else {
			p[isa.DEPCSeed], p[isa.DEPCEntry] = 1+u32()>>1, 0
			if room := d.c.DEPC.SignEntries - (neurons+15)/16*((d.loaded[0]+15)/16); room > 0 {
				p[isa.DEPCEntry] = uint32(d.rng.IntN(room + 1))
			}
		}
	}
	mistake := d.rng.IntN(150) == 0
	for i := range isa.NumParams {
		v, ok := p[i]
		if !ok {
			continue
		}
		if mistake && d.rng.IntN(4) == 0 {
			v ^= 1 << d.rng.IntN(32)
		}
		list = append(list, port.Bus{Kind: port.BusParam, Unit: unit, Index: uint8(i), Val: v})
	}
	d.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if mistake && d.rng.IntN(3) == 0 {
		op ^= 1 << d.rng.IntN(5)
	}
	return append(list, port.Bus{Kind: port.BusCmd, Unit: unit, Op: op, Flags: flags, Inst: uint8(d.rng.IntN(16))})
}

// wave writes waveforms around a difference.
func (d *errorsDriver) wave(t *testing.T, source *verilator, chip *sv.Chip, units []activity.Unit, diff *cosimDifference,
	c *machine.Config, seed uint64, isEPC bool) {
	traced := *source
	traced.Trace = true
	benches := make([]*cosimBench, len(units))
	for i, u := range units {
		if chip.Units[u].Module != diff.Unit {
			continue
		}
		b, err := traced.Unit(chip, u)
		require.NoError(t, err)
		benches[i] = b
	}
	file := filepath.Join(source.Dir, diff.Unit+".vcd")
	_ = newErrorsDriver(c, seed, isEPC).run(benches, []string{"+vcd=" + file,
		fmt.Sprintf("+from=%d", max(50, diff.Cycle)-50), fmt.Sprintf("+to=%d", diff.Cycle+50)})
	t.Logf("%v: %s", diff, file)
}
