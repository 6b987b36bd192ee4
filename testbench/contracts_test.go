package testbench

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl"
	"bdfasim/rtl/port"
)

// probe is a command with parameters, on a chip that has every unit.
type probe struct {
	info  *isa.Info
	flags uint16
	p     [isa.NumParams]uint32
	env   isa.Env
}

// before are the commands that one waits for, with their parameters: a load, weights, a bank.
var before = map[isa.Op][]probe{
	isa.OpDEPCRun: {loadOf(isa.OpDEPCLoad)}, isa.OpEPCRun: {loadOf(isa.OpEPCLoad)},
	isa.OpDNNCOnes: {someWeights}, isa.OpDrainAct: {someWeights, product},
	isa.OpDrainLogit: {someWeights, product}, isa.OpDrainErr: {someWeights, product},
}

var (
	someWeights = probe{
		info: isa.Lookup(isa.OpWLDErrors),
		p:    [isa.NumParams]uint32{isa.WLDRows: 1, isa.WLDGroups: 1},
	}
	product = probe{
		info:  isa.Lookup(isa.OpDNNCMac),
		flags: isa.FlagFirst | isa.FlagLast | isa.FlagFree | isa.FlagRaw,
		p:     [isa.NumParams]uint32{isa.DNNCNB: 1, isa.DNNCRows: 1, isa.DNNCGroups: 1},
	}
)

func loadOf(op isa.Op) probe {
	return probe{info: isa.Lookup(op), p: [isa.NumParams]uint32{isa.DEPCN: 20, isa.DEPCNB: 3}}
}

// contractsConfig is a chip for a program with every command and every flag.
func contractsConfig() rtl.Config {
	var code []isa.Word
	for _, row := range isa.Table {
		code = append(code, isa.Pack(row.Op, 0, 0, 0, row.FlagMask(), 0))
	}
	return rtl.For(rtl.DefaultConfig(), code)
}

// run gives a chip the command, and returns the first fault within the time in which any command is
// checked.
func (b *probe) run(t *testing.T) port.Fault {
	var code []isa.Word
	for _, c := range append(before[b.info.Op], *b) {
		for i := range isa.Units[c.info.Unit].Params {
			aux := uint16(c.info.Unit)<<8 | uint16(i)
			code = append(code, isa.Pack(isa.OpSeti, 0, 0, 0, aux, int32(c.p[i])))
		}
		code = append(code, isa.Pack(c.info.Op, 0, 0, 0, c.flags, 0))
	}
	chip, err := rtl.New(contractsConfig())
	require.NoError(t, err)
	require.NoError(t, chip.Load(append(code, isa.Pack(isa.OpHalt, 0, 0, 0, 0, 0)), 0, nil))
	for range 300 {
		if chip.Step(); chip.Faulted() {
			break
		}
	}
	_, fault := chip.Fault()
	return fault
}

// good brings a probe to parameters and flags that keep to its contract and under which a clause
// holds.
func (b *probe) good(t *testing.T, contract isa.Contract, c *isa.Clause) {
	b.env = isa.Env{P: &b.p, Loaded: &[isa.NumParams]uint32{isa.DEPCN: 20, isa.DEPCNB: 3}}
	for _, b.flags = range subsets(b.info.FlagMask()) {
		if b.info.Unit == isa.UnitDNNC && ^b.flags&(isa.FlagFirst|isa.FlagLast) != 0 {
			continue
		}
		for _, first := range []uint32{0, 1, 32} { // of taps, of pitch
			b.env.Flags, b.p = b.flags, [isa.NumParams]uint32{}
			if b.info.Unit == isa.UnitDNNC {
				b.p[isa.DNNCTaps] = first
			} else if b.info.Unit == isa.UnitWLD {
				b.p[isa.WLDPitch] = first &^ 31
			} else if b.info.Op == isa.OpDMACopy {
				b.p[isa.DMADst] = 1024
			}
			for range 2 { // parameters that depend on others
				for i := range contract {
					b.repair(&contract[i])
				}
			}
			if c.Holds(&b.env) {
				return
			}
		}
	}
	t.Fatalf("%s: a clause that never holds: %+v", b.info.Name, *c)
}

func subsets(mask uint16) (list []uint16) {
	for s := uint32(0); s <= uint32(mask); s++ {
		if uint16(s)&^mask == 0 {
			list = append(list, uint16(s))
		}
	}
	return list
}

// repair gives the parameter of a range a value that is good.
func (b *probe) repair(c *isa.Clause) {
	if !c.Checked() || !c.Holds(&b.env) {
		return
	}
	for _, v := range []uint32{0, 1, 16, 32, 1 << 16} {
		if _, ok := c.Check(&b.env); ok {
			return
		}
		if c.Range.Value.IsZero() {
			b.p[c.Param] = 0
		}
		b.p[c.Param] |= v
	}
}

// put gives the parameter of a range the value, in its own bits; false: there are none for it.
func (b *probe) put(c *isa.Clause, v int64) bool {
	if c.Range.Value.IsZero() {
		b.p[c.Param] = uint32(v)
		return true
	}
	if c.Range.Value.Eval(&b.env) == v {
		return true
	}
	before := b.p[c.Param]
	for _, shift := range []int{0, 4, 8, 16} {
		for _, mask := range []uint32{15, 1<<16 - 1, 1<<32 - 1} {
			b.p[c.Param] = before&^(mask<<shift) | uint32(v)<<shift
			if v == v&int64(mask) && c.Range.Value.Eval(&b.env) == v {
				return true
			}
		}
	}
	b.p[c.Param] = before
	return false
}

// For each command and each of its parameters: the chip faults just outside the range that the
// contract tells, and not just inside.
func TestChipKeepsToRanges(t *testing.T) {
	eachClause(t, func(b *probe, c *isa.Clause) int {
		if !c.Checked() || c.Range.Hi.IsZero() {
			return 0
		}
		lo, hi, step, n := c.Range.Lo.Eval(&b.env), c.Range.Hi.Eval(&b.env), int64(1), 0
		if !c.Range.Multiple.IsZero() {
			step = c.Range.Multiple.Eval(&b.env)
			lo, hi = (lo+step-1)/step*step, hi/step*step
		}
		for _, x := range []struct {
			v    int64
			good bool
		}{{lo, true}, {hi, true}, {lo - 1, false}, {hi + 1, false}} {
			if !b.put(c, x.v) {
				continue
			}
			b.checkRange(t, c, x.v, x.good)
			n++
		}
		return n
	})
}

func (b *probe) checkRange(t *testing.T, c *isa.Clause, v int64, good bool) {
	param := isa.Units[b.info.Unit].Params[c.Param].Name
	name := fmt.Sprintf("%s: %s for %d of %d with flags %x", b.info.Name, param, v, b.p, b.flags)
	got := b.run(t)
	arg := uint64(c.Param)<<32 | uint64(b.p[c.Param])
	want := port.Fault{Code: port.FaultParam, PC: got.PC, Arg: arg}
	if c.Range.Seed {
		want.Code, want.Arg = port.FaultSeed, 0
	}
	if !good {
		require.Equal(t, want, got, name)
		return
	}
	require.NotEqual(t, port.FaultSeed, got.Code, name)
	require.False(t, got.Code == port.FaultParam && int(got.Arg>>32) == c.Param, "%s: %+v", name, got)
}

// For each access whose memory the unit looks after: the chip faults just behind its end, and not
// where it just fits.
func TestChipKeepsToMemories(t *testing.T) {
	cfg := contractsConfig()
	m := isa.Of(&cfg)
	codes := map[isa.Space]port.FaultCode{
		isa.External: port.FaultXAddr, isa.OMEM: port.FaultOMEMAddr, isa.MaskMem: port.FaultOMEMAddr,
		isa.ScratchMem: port.FaultScratch,
	}
	eachClause(t, func(b *probe, c *isa.Clause) int {
		if c.Access.Check == isa.Unchecked {
			return 0
		}
		b.p[c.Param] = 0
		end, _ := c.End(&b.env)
		space := isa.Spaces[c.Access.Space]
		size, align := uint64(m[space.Size]), uint32(space.Align)
		fits := uint32(size-end) / align * align
		beyond := fits + align
		want := codes[c.Access.Space]
		switch c.Access.Check {
		case isa.ByAlign:
			beyond = fits + 1
		case isa.ByParam:
			want = port.FaultParam
		}
		b.p[c.Param] = fits
		require.Equal(t, port.Fault{}, b.run(t), "%s %d %x", b.info.Name, b.p, b.flags)
		b.p[c.Param] = beyond
		require.Equal(t, want, b.run(t).Code, "%s %d %x", b.info.Name, b.p, b.flags)
		return 2
	})
}

// eachClause calls f for the clauses of all commands, with a good command under which each holds.
// What f returns is counted.
func eachClause(t *testing.T, f func(b *probe, c *isa.Clause) int) {
	cfg := contractsConfig()
	m := isa.Of(&cfg)
	probed := 0
	for i := range isa.Table {
		info := &isa.Table[i]
		contract := info.Op.Contract().Bind(&m)
		for k := range contract {
			b := &probe{info: info}
			b.good(t, contract, &contract[k])
			probed += f(b, &contract[k])
		}
	}
	require.Greater(t, probed, 50)
	t.Logf("%d probes", probed)
}

// The reference machine of package isa is the one that package rtl builds, and so is the largest
// one: with any size beyond, it cannot be built.
func TestMachines(t *testing.T) {
	largest := func() rtl.Config {
		cfg, m := contractsConfig(), isa.Largest()
		cfg.DNNC.AccBits, cfg.DNNC.Lanes = m[isa.AccBits], m[isa.Lanes]
		cfg.XMem.Bytes = m[isa.XMemBytes]
		cfg.Seq.ScratchBytes, cfg.OMEM.MaskWords = m[isa.ScratchBytes], m[isa.MaskWords]
		cfg.OMEM.Words, cfg.OMEM.Pointers = m[isa.OMEMWords], m[isa.Pointers]
		cfg.DEPC.Classes, cfg.DEPC.SignEntries = m[isa.DEPCClasses], m[isa.SignEntries]
		cfg.Loss.Classes, cfg.Norm.Channels = m[isa.LossClasses], m[isa.Channels]
		cfg.EPC.Errors = m[isa.EPCErrors]
		return cfg
	}
	cfg := largest()
	require.NoError(t, rtl.Validate(&cfg))
	require.Equal(t, isa.Largest(), isa.Of(&cfg))
	for i, more := range []func(c *rtl.Config){
		func(c *rtl.Config) { c.DNNC.AccBits++ }, func(c *rtl.Config) { c.XMem.Bytes *= 2 },
		func(c *rtl.Config) { c.Seq.ScratchBytes += 32 }, func(c *rtl.Config) { c.OMEM.Words += 8 },
		func(c *rtl.Config) { c.OMEM.Pointers++ }, func(c *rtl.Config) { c.OMEM.MaskWords++ },
		func(c *rtl.Config) { c.Loss.Classes += 16 }, func(c *rtl.Config) { c.DEPC.Classes += 16 },
		func(c *rtl.Config) { c.DEPC.SignEntries++ }, func(c *rtl.Config) { c.Norm.Channels += 16 },
		func(c *rtl.Config) { c.EPC.Errors += 16 },
	} {
		cfg := largest()
		more(&cfg)
		require.Error(t, cfg.Validate(), i)
	}
}
