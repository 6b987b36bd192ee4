package testbench

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/firmware/order"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/sim/race"
)

// watched runs a program with a detector of races.
func watched(t testing.TB, img *image.Image, cfg rtl.Config) (ending, *order.Report) {
	chip := withImage(t, img, cfg)
	d := race.New(chip, 0)
	end := conclude(chip, func() {
		chip.Step()
		require.NoError(t, d.Cycle(chip.Cycle()))
	})
	return end, d.Report()
}

// raceJobs are small trainings of all rules, arms and schedules.
func raceJobs(t testing.TB) map[string]job {
	small, err := net.Parse([]byte(smallNet), "small.yaml")
	require.NoError(t, err)
	jobs := map[string]job{}
	for _, n := range []*net.Net{mlp(t, 70, 40, 20, 18), small} {
		for i, a := range arms {
			for _, fused := range []bool{false, true} {
				if a.rule == compile.ConvOnly && (fused || n != small) {
					continue
				}
				name := fmt.Sprintf("%s-%s-%v-%d-fused=%v", n.Name, a.rule, a.kind, i, fused)
				jobs[name] = job{
					net: n, rule: a.rule, arm: a.arm, kind: a.kind, stored: a.stored, fused: fused, samples: 5, batch: 3, epochs: 1, test: 2,
				}
			}
		}
	}
	return jobs
}

// compiled is a job's program and chip.
func (j job) compiled(t testing.TB) (*image.Image, rtl.Config) {
	spec, err := j.spec(5)
	require.NoError(t, err)
	cfg := j.config()
	cfg.XMem.Bytes = 16 << 20
	spec.Machine = cfg
	img, _, err := compile.Build(spec)
	require.NoError(t, err)
	return img, cfg
}

// TestNoRaces: compiled programs of all rules, arms and schedules have none.
func TestNoRaces(t *testing.T) {
	jobs := raceJobs(t)
	require.Greater(t, len(jobs), 40)
	for name, j := range jobs {
		img, cfg := j.compiled(t)
		end, r := watched(t, img, cfg)
		require.Equal(t, halts, end, name)
		require.Empty(t, r.Findings, name)
		want, err := order.Check(img, order.Options{})
		require.NoError(t, err)
		require.Equal(t, want.Commands, r.Commands, name)
	}
}

// overlapping is an update whose velocities lie among its weights.
func overlapping() *image.Image {
	w := &writer{choices: seeded(1), used: map[isa.Unit]bool{}}
	w.do(isa.OpWLDErrors, 0, map[int]int{isa.WLDRows: 31, isa.WLDGroups: 5})
	w.do(isa.OpDNNCGrad, isa.FlagFirst|isa.FlagLast|isa.FlagFree, map[int]int{isa.DNNCNB: 31, isa.DNNCRows: 16, isa.DNNCGroups: 5})
	w.do(isa.OpMomW, 0, map[int]int{isa.MomRows: 16, isa.MomLanes: 80})
	return w.image()
}

// TestRaceOfOneCommand: both tools find it, name the memory, and the memories really depend on timing.
func TestRaceOfOneCommand(t *testing.T) {
	img := overlapping()
	static, err := order.Check(img, order.Options{})
	require.NoError(t, err)
	end, r := watched(t, img, drawnMachine())
	require.Equal(t, halts, end)
	for _, found := range [][]order.Finding{static.Findings, r.Findings} {
		require.Len(t, found, 1)
		require.Equal(t, order.Overlaps, found[0].Hazard)
		require.Equal(t, isa.OpMomW, found[0].Command.Op)
		require.Equal(t, found[0].Command, found[0].Other)
		require.Contains(t, found[0].What(), "external memory 0x0 to 0x")
	}
	_, differ := sound(t, img, drawnMachine(), seeded(3), 10)
	require.Contains(t, differ, "other external memory")
}

// TestRacesOfMutants takes waits out of compiled programs: whenever the chip shows a race, order finds one, too, and it
// shows ten or more.
func TestRacesOfMutants(t *testing.T) {
	jobs := raceJobs(t)
	raced, silent, missed := 0, 0, 0
	for _, name := range slices.Sorted(maps.Keys(jobs)) {
		if testing.Short() && raced > 10 {
			break
		}
		img, cfg := jobs[name].compiled(t)
		whole, err := order.Check(img, order.Options{})
		require.NoError(t, err)
		for i, w := range whole.Waits {
			if i%7 != len(name)%7 {
				continue
			}
			m := *img
			m.Code = slices.Clone(img.Code)
			m.Code[w.PC/isa.WordBytes] = isa.Pack(isa.OpNop, 0, 0, 0, 0, 0)
			end, r := watched(t, &m, cfg)
			static, err := order.Check(&m, order.Options{})
			switch found := err != nil || len(static.Findings) > 0; {
			case end == halts && len(r.Findings) > 0:
				raced++
				require.True(t, found, "%s without the wait at pc %#x: %v", name, w.PC, r.Findings)
			case found:
				missed++
			default:
				silent++
			}
		}
	}
	t.Logf("waits taken out: %d race on the chip; %d are found by order alone; %d tell nothing", raced, missed, silent)
	require.Greater(t, raced, 10)
}

// raceFound demands of a program that order finds what races on the chip: the two commands, or one of the two units in the same
// memory; who comes to words through pointers may be found there. Of three that meet order compares neighbours in the program, and
// the detector neighbours in time.
func raceFound(t testing.TB, img *image.Image, m rtl.Config) (ending, bool) {
	end, r := watched(t, img, m)
	static, err := order.Check(img, order.Options{Findings: 10_000})
	for _, f := range r.Findings {
		known := slices.ContainsFunc(static.Findings, func(s order.Finding) bool {
			a, b, c, d := s.Command, s.Other, f.Command, f.Other
			same := a.PC == c.PC && b.PC == d.PC || a.PC == d.PC && b.PC == c.PC
			units := a.Unit == c.Unit || b.Unit == d.Unit || a.Unit == d.Unit || b.Unit == c.Unit
			pointers := s.Memory == isa.Spaces[isa.PtrMem].Name && f.Memory == isa.Spaces[isa.OMEM].Name
			return same || units && (s.Memory == f.Memory || pointers)
		})
		if err == nil && !known {
			require.Fail(t, "order does not find a race", "%+v\n%+v\n%s", f, static.Findings, listing(img))
		}
	}
	return end, len(r.Findings) > 0
}

// TestRaces: order finds something in every random program that races.
func TestRaces(t *testing.T) {
	n, raced := *soundPrograms, 0
	ends := map[ending]int{}
	for seed := range n {
		c := seeded(uint64(seed))
		img := drawCommands(c)
		end, found := raceFound(t, img, otherTiming(c, drawnMachine()))
		ends[end]++
		if found {
			raced++
		}
	}
	t.Logf("%d programs, ends: %v; %d raced", n, ends, raced)
	require.Greater(t, raced, n/8)
}

// FuzzRace: whatever races on the chip, order finds something in it.
func FuzzRace(f *testing.F) {
	for seed := range byte(20) {
		f.Add(bytes.Repeat([]byte{seed, 3 * seed, 7 * seed}, 100))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := choose(data)
		img := drawCommands(c)
		raceFound(t, img, otherTiming(c, drawnMachine()))
	})
}

// given is a command as SEQ has sent it, and what its contract allows.
type given struct {
	op            isa.Op
	reads, writes [isa.NumSpaces][]piece
	follows       bool // it reads words through pointers
	at            int  // piece of the last access
}

// piece are addresses from one to before another.
type piece struct{ from, to uint64 }

// contractOf spells out what a command may access. A map that goes on may lie anywhere: order knows where it began.
func contractOf(contract isa.Contract, op isa.Op, e *isa.Env) *given {
	g := &given{op: op}
	for i := range contract {
		c := &contract[i]
		a := &c.Access
		if a.Act <= isa.Nothing || !c.Holds(e) {
			continue
		}
		if a.Act == isa.Region {
			from := uint64(c.First(e))
			if e.Flags&isa.FlagNew == 0 {
				from = 0
			}
			g.writes[a.Space] = append(g.writes[a.Space], piece{from, uint64(a.Len.Eval(e))})
			continue
		}
		g.follows = g.follows || a.Act == isa.Follow
		c.Spans(e, func(from uint32, n uint64) {
			p := piece{uint64(from), uint64(from) + n}
			if a.Space == isa.External {
				p.to = (p.to + isa.BurstBytes - 1) / isa.BurstBytes * isa.BurstBytes
			}
			if a.Act != isa.Write {
				g.reads[a.Space] = append(g.reads[a.Space], p)
			}
			if a.Act == isa.Write || a.Act == isa.Update {
				g.writes[a.Space] = append(g.writes[a.Space], p)
			}
		})
	}
	return g
}

// allows reports whether a contract covers an access.
func (g *given) allows(act isa.Act, in isa.Space, addr, n uint64) bool {
	list := g.reads[in]
	if act == isa.Write {
		list = g.writes[in]
	} else if in == isa.OMEM && g.follows {
		return true
	}
	for tried := 0; n > 0 && len(list) > 0; { // commands go on about where they were
		p := list[g.at%len(list)]
		if p.from <= addr && addr < p.to {
			k := min(n, p.to-addr)
			addr, n, tried = addr+k, n-k, 0
			continue
		}
		g.at++
		if tried++; tried > len(list) {
			return false
		}
	}
	return n == 0
}

// access is what a kind of command does with a memory.
type access struct {
	op    isa.Op
	in    isa.Space
	write bool
}

// seen is how many addresses of a memory were read or written.
type seen map[access]uint64

// all demands that the detector has seen all accesses that the chip has counted.
func (s seen) all(t testing.TB, chip *rtl.Chip) {
	act := chip.Activity()
	total := func(events ...activity.Event) (n uint64) {
		for _, e := range events {
			n += act.Total(e)
		}
		return n
	}
	for _, c := range []struct {
		in    isa.Space
		write bool
		want  uint64
	}{
		{isa.External, false, isa.BurstBytes * total(activity.XReadWLD, activity.XReadDMA, activity.XReadMom, activity.XReadNorm, activity.XReadEPC)},
		{isa.External, true, isa.BurstBytes * total(activity.XWriteMom, activity.XWriteDMA, activity.XWriteDrain, activity.XWriteDEPC, activity.XWriteNorm)},
		{isa.OMEM, false, total(activity.OMEMRead)}, {isa.OMEM, true, total(activity.OMEMWrite)},
		{isa.PtrMem, false, total(activity.PtrRead)}, {isa.SignMem, false, total(activity.SignRead)},
	} {
		require.Equal(t, c.want, s[access{in: c.in, write: c.write}], "%s, write: %v", isa.Spaces[c.in].Name, c.write)
	}
}

// covered runs a program and demands that contracts cover all that its commands access.
func covered(t testing.TB, img *image.Image, cfg rtl.Config, met map[access]int) {
	chip := withImage(t, img, cfg)
	d := race.New(chip, 0)
	config := chip.Config()
	sizes := isa.Of(&config)
	var commands [isa.NumUnits][]*given
	sums := seen{}
	var params, loaded [isa.NumUnits][isa.NumParams]uint32
	d.Seen = func(u isa.Unit, number int, act isa.Act, in isa.Space, addr, n uint32) {
		g := commands[u][number]
		met[access{g.op, in, act == isa.Write}]++
		sums[access{in: in, write: act == isa.Write}] += uint64(n)
		if !g.allows(act, in, uint64(addr), uint64(n)) {
			require.Fail(t, "an access that the contract does not name", "%s: %s %#x, %d, write: %v\n%s",
				isa.Lookup(g.op).Name, isa.Spaces[in].Name, addr, n, act == isa.Write, listing(img))
		}
	}
	end := conclude(chip, func() {
		chip.Step()
		require.NoError(t, d.Cycle(chip.Cycle()))
		switch b := &chip.Wires().Seq.Bus; b.Kind {
		case port.BusParam:
			params[b.Unit][b.Index] = b.Val
		case port.BusCmd:
			e := &isa.Env{P: &params[b.Unit], Loaded: &loaded[b.Unit], Flags: b.Flags}
			commands[b.Unit] = append(commands[b.Unit], contractOf(b.Op.Contract().Bind(&sizes), b.Op, e))
			if b.Op == isa.OpDEPCLoad || b.Op == isa.OpEPCLoad {
				loaded[b.Unit] = params[b.Unit]
			}
		}
	})
	if end == halts {
		sums.all(t, chip)
	}
}

// TestContractsCoverAccesses: the chip accesses nothing that the contract of the command does not name. All accesses of all
// contracts are met.
func TestContractsCoverAccesses(t *testing.T) {
	met := map[access]int{}
	for seed := range *soundPrograms {
		covered(t, drawCommands(seeded(uint64(seed))), drawnMachine(), met)
	}
	for _, j := range raceJobs(t) {
		if img, cfg := j.compiled(t); j.rule == compile.BP {
			covered(t, img, cfg, met)
		}
	}
	for _, info := range isa.Table {
		for _, c := range info.Op.Contract() {
			if c.Access.Act <= isa.Nothing {
				continue
			}
			act := c.Access.Act
			write := act == isa.Write || act == isa.Region || act == isa.Update
			require.NotZero(t, met[access{info.Op, c.Access.Space, write}], "%s: %s", info.Name, isa.Spaces[c.Access.Space].Name)
		}
	}
}
