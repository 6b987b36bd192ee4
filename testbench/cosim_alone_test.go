package testbench

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/drain"
	"bdfasim/rtl/loss"
	"bdfasim/rtl/port"
	"bdfasim/testbench/cosim"
	"bdfasim/testbench/cosim/sv"
)

// aloneMachines have sizes that no program needs.
func aloneMachines(t testing.TB) (list []machine.Config) {
	for _, sets := range [][]string{
		{"norm.channels=80"},
		{"dnnc.acc_bits=32", "dnnc.lanes=64", "loss.classes=16", "momentum.lanes=8", "norm.channels=16", "norm.cuts=9"},
		{"dnnc.acc_bits=62", "dnnc.lanes=512", "loss.classes=48", "momentum.chunks=2", "norm.channels=512", "clock_mhz=20"},
		{"dnnc.acc_bits=47", "dnnc.lanes=1024", "loss.classes=512", "omem.mask_words=1024", "momentum.lanes=32", "momentum.cuts=7"},
		{"dnnc.acc_bits=37", "dnnc.lanes=128", "loss.classes=32", "fused=true", "momentum.lanes=32", "momentum.chunks=3",
			"norm.channels=256", "clock_mhz=300"},
		{"fused=true", "momentum.lanes=8", "momentum.chunks=16"},
		{"fused=true", "momentum.chunks=5"},
		{"xmem.kind=lpddr4-3200", "seq.scratch_bytes=96"},
		{"xmem.kind=ideal", "xmem.split_banks=false", "xmem.read_depth=2", "xmem.write_depth=5",
			"xmem.write_high=3"},
		{"xmem.kind=ddr4-2400", "xmem.timing.banks=4", "xmem.timing.page_bytes=256",
			"xmem.port_bytes=16", "clock_mhz=400"},
		{"xmem.timing.banks=2", "xmem.timing.page_bytes=32", "xmem.port_bytes=64", "clock_mhz=50",
			"xmem.linger_cycles=255"},
	} {
		c := machine.Reference()
		require.NoError(t, c.Set("twin", append(sets, "xmem.bytes=1048576")...))
		list = append(list, c)
	}
	return list
}

// single is a unit that nobody stands around: its inputs are drawn.
type single struct {
	in, out any // pointers to its ports
	act     *activity.Counts
	tick    func(*rand.Rand) // draws the inputs of a cycle and advances the unit
	fault   *port.Fault
	img     *image.Image // what its memories hold; nil: nothing
}

// standalone makes units that can stand alone, by module.
var standalone = map[string]func(*machine.Config, *rand.Rand) *single{
	"drain": drainAlone, "loss": lossAlone,
	"seq": seqAlone, "wld": wldAlone, "dma": dmaAlone, "xmem": xmemAlone,
}

// TestCosimAlone compares units with their RTL on inputs that are drawn: extreme numbers, every
// shift and size, commands beyond their limits.
func TestCosimAlone(t *testing.T) {
	source := cosimSource(t)
	for i, m := range aloneMachines(t) {
		c := sv.New(m)
		for _, unit := range c.Units {
			if standalone[unit.Module] == nil || !cosim.Selected(*cosimUnits, unit.Module) {
				continue
			}
			b, err := source.Unit(c, unit.Unit)
			require.NoError(t, err)
			cycles, compared := uint64(0), uint64(0)
			for seed := uint64(1); cycles < *cosimCycles; seed++ {
				r, err := replayAlone(t, b, &m, seed)
				require.NoError(t, err, "%s, machine %d, seed %d", unit.Module, i, seed)
				cycles += r.Cycles
				compared += r.Compared
			}
			t.Logf("machine %d, %s: %d cycles, %d values equal", i, unit.Module, cycles, compared)
		}
	}
}

// replayAlone runs a unit's bench beside the unit, until some cycles after a fault at the most.
func replayAlone(t *testing.T, b *cosimBench, m *machine.Config, seed uint64) (*cosimReplay, error) {
	rng := rand.New(rand.NewPCG(seed, 41))
	a := standalone[b.Parts[0].Unit.Module](m, rng)
	in, out := reflect.ValueOf(a.in), reflect.ValueOf(a.out)
	var args []string
	if a.img != nil {
		var err error
		args, err = writeMemories(a.img, t.TempDir())
		require.NoError(t, err)
	}
	r, err := startReplay(b, in.Elem().Interface(), []any{out.Elem().Interface()}, args...)
	require.NoError(t, err)
	for left := 20_000; left > 0; left-- {
		if a.tick(rng); a.fault.Code != port.FaultNone {
			left = min(left, 30)
		}
		r.Cycle(in.UnsafePointer(), out.UnsafePointer())
	}
	if err := r.Close(); err != nil {
		return r, err
	}
	return r, r.Check(a.act, nil)
}

// differsAlone reports whether the RTL of a unit differs on inputs that are drawn.
func differsAlone(t *testing.T, source *verilator, module string) bool {
	if standalone[module] == nil {
		return false
	}
	m := aloneMachines(t)[0]
	c := sv.New(m)
	for _, unit := range c.Units {
		if unit.Module != module {
			continue
		}
		b, err := source.Unit(c, unit.Unit)
		require.NoError(t, err)
		for seed := uint64(1); seed <= 20; seed++ {
			if _, err := replayAlone(t, b, &m, seed); err != nil {
				return true
			}
		}
	}
	return false
}

func oneIn(rng *rand.Rand, n int) bool { return rng.IntN(n) == 0 }

// wild is a number of any size.
func wild(rng *rand.Rand) uint32 { return rng.Uint32() >> rng.IntN(32) }

// caller is SEQ as a unit alone sees it: it sets parameters, calls, and asks for status registers.
type caller struct {
	unit    isa.Unit
	ops     []isa.Op
	script  []uint8 // parameters that are to be set before the next call
	value   func(rng *rand.Rand, param uint8) uint32
	prepare func(rng *rand.Rand) []uint8 // which parameters a next call sets
	waiting int                          // commands
}

// drive puts something on the bus.
func (c *caller) drive(rng *rand.Rand, b *port.Bus) {
	*b = port.Bus{Unit: c.unit, Inst: uint8(rng.IntN(16)), Val: rng.Uint32()}
	switch {
	case oneIn(rng, 50):
		b.Kind, b.Index = port.BusGet, uint8(rng.IntN(3))
	case oneIn(rng, 80): // to somebody else
		b.Kind, b.Index, b.Unit = port.BusKind(rng.IntN(4)), uint8(rng.IntN(16)), isa.UnitWLD
	case oneIn(rng, 3):
	case len(c.script) > 0:
		b.Kind, b.Index = port.BusParam, c.script[0]
		b.Val = c.value(rng, b.Index)
		c.script = c.script[1:]
	case c.waiting < port.QueueDepth:
		b.Kind, b.Op, b.Flags = port.BusCmd, c.ops[rng.IntN(len(c.ops))], uint16(rng.Uint32())
		if oneIn(rng, 500) {
			b.Op += 3
		}
		c.waiting++
		c.script = c.prepare(rng)
	}
}

// drainAlone is a drain. Biases come while no command runs.
func drainAlone(m *machine.Config, _ *rand.Rand) *single {
	act := new(activity.Counts)
	u := drain.New(m, act)
	in, out := &drain.In{Bus: &port.Bus{}}, &drain.Out{}
	u.Tick(in, out)
	all := []uint8{isa.DrainSplit, isa.DrainDst, isa.DrainDStep, isa.DrainAlloc, isa.DrainLimit, isa.DrainShift,
		isa.DrainNB, isa.DrainLanes, isa.DrainMask, isa.DrainMStep, isa.DrainSeed, isa.DrainCtr, isa.DrainCStep, isa.DrainBlock}
	split := uint32(0)
	c := &caller{unit: isa.UnitDrain, ops: []isa.Op{isa.OpDrainAct, isa.OpDrainLogit, isa.OpDrainErr}}
	c.prepare = func(rng *rand.Rand) []uint8 { return all[:pick(rng, 0, len(all))] }
	c.script = all
	c.value = func(rng *rand.Rand, p uint8) uint32 {
		v := drainParam(rng, m, split, p)
		if p == isa.DrainSplit {
			split = v & 3 % 3
		}
		return v
	}
	a := &single{in: in, out: out, act: act, fault: &u.Fault}
	a.tick = func(rng *rand.Rand) {
		if out.Done.Valid {
			c.waiting--
		}
		c.drive(rng, in.Bus)
		in.Head = port.BankHead{Valid: !oneIn(rng, 3), ToMom: oneIn(rng, 8), Bank: uint8(rng.IntN(2))}
		for i := range in.Acc {
			in.Acc[i] = sum(rng, m.DNNC.AccBits)
		}
		in.Mask = port.MaskData{Valid: !oneIn(rng, 5), Data: uint16(rng.Uint32())}
		in.Bias.Valid = !u.Running && oneIn(rng, 2)
		in.Bias.Buf, in.Bias.Index = uint8(rng.IntN(2)), uint16(8*rng.IntN(m.DNNC.Lanes/8))
		for i := range in.Bias.Data {
			in.Bias.Data[i] = byte(rng.Uint32())
		}
		for _, flag := range []*bool{&in.EncRoom, &in.EncIdle, &in.WriteRoom, &in.WriteIdle, &in.XRoom, &in.XIdle} {
			*flag = !oneIn(rng, 4)
		}
		u.Tick(in, out)
	}
	return a
}

// sum is an accumulator of any size, often near a power of two.
func sum(rng *rand.Rand, bits int) int64 {
	v := int64(rng.Uint64()) >> rng.IntN(64)
	if oneIn(rng, 3) {
		v = int64(1)<<rng.IntN(62) - int64(rng.IntN(3))
		if oneIn(rng, 2) {
			v = -v
		}
	}
	return v << (64 - bits) >> (64 - bits)
}

func drainParam(rng *rand.Rand, m *machine.Config, split uint32, p uint8) uint32 {
	if oneIn(rng, 300) {
		return wild(rng)
	}
	switch p {
	case isa.DrainSplit:
		return uint32(rng.IntN(3))
	case isa.DrainDst, isa.DrainDStep:
		return uint32(32 * rng.IntN(40))
	case isa.DrainShift:
		return uint32(pick(rng, rng.IntN(20), rng.IntN(48), -rng.IntN(16), 0))
	case isa.DrainNB:
		return uint32(1 + rng.IntN(pick(rng, 3, 10, 32<<split)))
	case isa.DrainLanes:
		return uint32(1 + rng.IntN(min(pick(rng, 16, 40, 1024), m.DNNC.Lanes>>split)))
	case isa.DrainMask, isa.DrainMStep:
		return uint32(rng.IntN(20))
	case isa.DrainBlock:
		return uint32(16 * rng.IntN(5))
	}
	return wild(rng)
}

// lossAlone is a loss unit with its stream of logits. Labels are written while no command waits.
func lossAlone(m *machine.Config, rng *rand.Rand) *single {
	act := new(activity.Counts)
	u := loss.New(m, act)
	in, out := &loss.In{Bus: &port.Bus{}}, &loss.Out{}
	u.Tick(in, out)
	classes, sample := uint32(1), uint32(0)
	rest := []uint8{isa.LossNB, isa.LossFrac, isa.LossDst, isa.LossDStep, isa.LossSrc, isa.LossSStep}
	all := []uint8{isa.LossN}
	for range 32 {
		all = append(all, isa.LossLabel)
	}
	all = append(all, rest...)
	c := &caller{unit: isa.UnitLoss, ops: []isa.Op{isa.OpLossCE, isa.OpLossCE, isa.OpLossEval}, script: all}
	c.prepare = func(rng *rand.Rand) []uint8 { return [][]uint8{all, rest, nil}[rng.IntN(3)] }
	c.value = func(rng *rand.Rand, p uint8) uint32 {
		v := lossParam(rng, m, p)
		switch p {
		case isa.LossN:
			classes = max(1, v&0xffff)
		case isa.LossLabel:
			sample = (sample + 1) % 32
			if v = v%classes | sample<<16; oneIn(rng, 800) {
				v = uint32(pick(rng, 32, 63, rng.IntN(1<<16))) << 16
			}
		}
		return v
	}
	speed, rough, spread := pick(rng, 1, 1, 2, 5), pick(rng, 2, 30), pick(rng, 4, 300, 65536)
	groups := []int{} // left of the streams that were asked for
	a := &single{in: in, out: out, act: act, fault: &u.Fault}
	a.tick = func(rng *rand.Rand) {
		if out.Done.Valid {
			c.waiting--
		}
		if in.Bus.Kind = port.BusNone; len(c.script) <= len(rest) || c.waiting == 0 {
			c.drive(rng, in.Bus)
		}
		if out.Req.Valid {
			groups = append(groups, int(out.Req.Groups)*int(out.Req.Rows))
		}
		if in.Read.Valid = out.ReadRoom && len(groups) > 0 && oneIn(rng, speed); in.Read.Valid {
			for i := range in.Read.Data {
				in.Read.Data[i] = int16(rng.IntN(spread) - spread/2)
			}
			if groups[0]--; groups[0] == 0 {
				groups = groups[1:]
			}
		}
		in.ReqRoom, in.WriteRoom, in.WriteIdle = !oneIn(rng, rough), !oneIn(rng, rough), !oneIn(rng, rough)
		u.Tick(in, out)
	}
	return a
}

func lossParam(rng *rand.Rand, m *machine.Config, p uint8) uint32 {
	if p != isa.LossLabel && oneIn(rng, 300) {
		return wild(rng)
	}
	switch p {
	case isa.LossN:
		return uint32(1 + rng.IntN(min(pick(rng, 4, 40, 1024), m.Loss.Classes)))
	case isa.LossNB:
		return uint32(1 + rng.IntN(pick(rng, 2, 6, 32)))
	case isa.LossFrac:
		return uint32(pick(rng, rng.IntN(15), rng.IntN(15), rng.IntN(48)-8))
	case isa.LossDst, isa.LossDStep:
		return wild(rng) &^ 3
	}
	return rng.Uint32()
}
