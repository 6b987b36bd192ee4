package testbench

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/epc"
	"bdfasim/testbench/cosim"
	"bdfasim/testbench/cosim/sv"
)

var (
	cosimRun      = flag.Bool("cosim", false, "compare the RTL in SystemVerilog with the units (needs Verilator)")
	cosimUnits    = flag.String("units", "", "only these units' RTL, by commas")
	cosimMachines = flag.String("machines", "", "only these machines, by commas")
	cosimImages   = flag.String("images", "", "only these images on the whole chip, by commas")
	cosimCycles   = flag.Uint64("cycles", 100_000, "cycles of each kind of program that a unit is compared in, at least")
)

// twinMachines are the machines that the RTL is built for.
func twinMachines(t testing.TB) []machine.Config {
	list, err := cosim.Machines()
	require.NoError(t, err)
	for i := range list {
		require.NoError(t, rtl.Validate(&list[i]))
	}
	return list
}

// TestCosim compares the units with their RTL on every cycle: on programs that use everything, on
// random networks with stalls at random, and on programs with random mistakes.
func TestCosim(t *testing.T) {
	source := cosimSource(t)
	for _, m := range twinMachines(t) {
		if !cosim.Selected(*cosimMachines, m.Name) {
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			tw := newTwin(t, source, m, *cosimUnits)
			tw.programs(t)
			tw.random(t)
			tw.mistakes(t)
			tw.report(t)
		})
	}
}

// cosimSource is where benches come from, if they are wanted and can be built.
func cosimSource(t *testing.T) *verilator {
	if !*cosimRun {
		t.Skip("without -cosim")
	}
	if _, err := exec.LookPath("verilator"); err != nil {
		t.Skip("no verilator: make cosim installs it, or says how")
	}
	return &verilator{Source: cosim.Source{Root: ".."}, Dir: filepath.Join("..", "build", "cosim")}
}

// twin is the RTL of some units of a machine.
type twin struct {
	source  *verilator
	machine machine.Config
	chip    *sv.Chip
	benches map[activity.Unit]*cosimBench
	shared  map[activity.Event]bool
	rows    map[activity.Unit]*twinRow
	kind    int // of the programs that run: an index of cycles
}

// twinRow is a unit's row of the report.
type twinRow struct {
	cycles   [3]uint64 // of programs, random networks, mistakes
	compared uint64
}

// newTwin builds the benches of some units, by commas.
func newTwin(t *testing.T, source *verilator, m machine.Config, only string) *twin {
	tw := &twin{source: source, machine: m, chip: sv.New(m), benches: map[activity.Unit]*cosimBench{},
		shared: map[activity.Event]bool{}, rows: map[activity.Unit]*twinRow{}}
	seen := map[activity.Event]bool{}
	for u := range tw.chip.Units {
		unit := &tw.chip.Units[u]
		for _, e := range unit.Events {
			tw.shared[e], seen[e] = seen[e], true
		}
		if !cosim.Selected(only, unit.Module) {
			continue
		}
		if source.Missing(unit.Module) {
			t.Logf("%s: no RTL", unit.Module)
			continue
		}
		b, err := source.Unit(tw.chip, unit.Unit)
		require.NoError(t, err)
		tw.benches[unit.Unit], tw.rows[unit.Unit] = b, &twinRow{}
	}
	require.NotEmpty(t, tw.benches)
	return tw
}

// enough reports whether all units have been compared for so many cycles of a kind.
func (tw *twin) enough() bool {
	for _, row := range tw.rows {
		if row.cycles[tw.kind] < *cosimCycles {
			return false
		}
	}
	return true
}

// compile makes a program of a job for the machine; nil: it does not fit.
func (tw *twin) compile(t *testing.T, j job, seed uint64) *image.Image {
	s, err := j.spec(seed)
	require.NoError(t, err)
	s.Machine = tw.machine
	img, _, err := compile.Build(s)
	if err != nil {
		require.NotEmpty(t, reasonOf(err), "%v", err)
		return nil
	}
	return img
}

// twinProgram is an image with a name.
type twinProgram struct {
	name string
	img  *image.Image
}

// smallPrograms are small trainings that use every unit, and kernel.s with the other commands.
func (tw *twin) smallPrograms(t *testing.T) (list []twinProgram) {
	for _, j := range twinJobs(t, tw.machine.Fused) {
		if img := tw.compile(t, j, 5); img != nil {
			list = append(list, twinProgram{j.String(), img})
		}
	}
	img, err := asm.Assemble(os.DirFS("testdata"), "kernel.s", asm.Options{})
	require.NoError(t, err)
	return append(list, twinProgram{"kernel.s", img})
}

func (tw *twin) programs(t *testing.T) {
	tw.kind = 0
	for _, p := range tw.smallPrograms(t) {
		tw.run(t, p.name, p.img, 0)
	}
}

// twinJobs are the trainings of kernelJobs, for any kind of EPC.
func twinJobs(t testing.TB, fused bool) []job {
	small, err := net.Parse([]byte(smallNet), "small.yaml")
	require.NoError(t, err)
	hidden := mlp(t, 70, 40, 20, 18)
	jobs := []job{
		{net: hidden, samples: 20, batch: 8, rule: compile.BP},
		{net: hidden, samples: 20, batch: 8, rule: compile.BDFA},
		{net: hidden, samples: 20, batch: 8, rule: compile.BDFA, stored: true},
		{net: small, samples: 5, batch: 3, rule: compile.BP},
		{net: small, samples: 5, batch: 3, rule: compile.BDFA},
		{net: small, samples: 5, batch: 3, rule: compile.BDFA, fused: fused},
		{net: small, samples: 5, batch: 3, rule: compile.DFA, arm: compile.ArmEPC, kind: epc.Tree},
		{net: small, samples: 5, batch: 3, rule: compile.BP, arm: compile.ArmEPC, kind: epc.Tree},
	}
	for i := range jobs {
		jobs[i].epochs, jobs[i].test = 1, 2
	}
	return jobs
}

// random runs random networks on a chip whose units see rooms closed at random.
func (tw *twin) random(t *testing.T) {
	tw.kind = 1
	for seed := uint64(0); !tw.enough(); seed++ {
		j, _ := draw(seed)
		if j.net.MACs()*j.samples*j.epochs > 1_000_000 {
			continue
		}
		if img := tw.compile(t, j, seed); img != nil {
			tw.run(t, j.String(), img, seed+1)
		}
	}
}

// closeRooms closes each room of all units in some cycles; how often changes now and then.
func closeRooms(rng *rand.Rand) func(*rtl.Inputs) {
	var rooms []*bool
	often, left := 0, 0
	return func(in *rtl.Inputs) {
		if rooms == nil {
			rooms = roomsOf(reflect.ValueOf(in).Elem())
		}
		if left == 0 {
			often, left = pick(rng, 0, 1, 4, 12), 1+rng.IntN(2000)
		}
		left--
		bits := uint64(0)
		for i, room := range rooms {
			if i%16 == 0 {
				bits = rng.Uint64()
			}
			if int(bits&15) < often {
				*room = false
			}
			bits >>= 4
		}
	}
}

// roomsOf finds the rooms among inputs.
func roomsOf(v reflect.Value) (list []*bool) {
	for i := range v.NumField() {
		f := v.Field(i)
		room := strings.HasSuffix(v.Type().Field(i).Name, "Room")
		switch {
		case f.Kind() == reflect.Struct:
			list = append(list, roomsOf(f)...)
		case room && f.Kind() == reflect.Bool:
			list = append(list, f.Addr().Interface().(*bool))
		case room && f.Kind() == reflect.Array:
			for k := range f.Len() {
				list = append(list, f.Index(k).Addr().Interface().(*bool))
			}
		}
	}
	return list
}

// mistakes runs programs in which a few bits of parameters and flags are turned.
func (tw *twin) mistakes(t *testing.T) {
	tw.kind = 2
	for seed := uint64(1); !tw.enough(); seed++ {
		if img := tw.mistake(t, seed); img != nil {
			tw.run(t, fmt.Sprintf("mistake %d", seed), img, seed)
		}
	}
}

// mistake makes such a program; nil: it does not fit.
func (tw *twin) mistake(t *testing.T, seed uint64) *image.Image {
	rng := rand.New(rand.NewPCG(seed, 17))
	jobs := twinJobs(t, tw.machine.Fused)
	img := tw.compile(t, jobs[rng.IntN(len(jobs))], 5)
	if img != nil {
		turn(rng, img)
	}
	return img
}

// turn turns some bits of a program.
func turn(rng *rand.Rand, img *image.Image) {
	img.Code = append([]isa.Word{}, img.Code...)
	for n := 1 + rng.IntN(3); n > 0; {
		w := &img.Code[rng.IntN(len(img.Code))]
		info := isa.Lookup(w.Op())
		switch {
		case info == nil:
			continue
		case info.Format == isa.FmtCmd:
			*w ^= 1 << (32 + rng.IntN(12))
		case info.Op == isa.OpSeti || info.Op == isa.OpLi:
			*w ^= 1 << rng.IntN(pick(rng, 8, 16, 32))
		default:
			continue
		}
		n--
	}
}

// afterFault is how long a run goes on when a unit has stopped.
const afterFault = 1000

// run compares all units in a program, with rooms closed by a seed; 0: none.
func (tw *twin) run(t *testing.T, name string, img *image.Image, stalls uint64) {
	dir := t.TempDir()
	args, err := writeMemories(img, dir)
	require.NoError(t, err)
	err = tw.replay(t, img, stalls, tw.benches, args)
	if d := (*cosimDifference)(nil); errors.As(err, &d) {
		tw.wave(t, d, img, stalls, args)
	}
	require.NoError(t, err, "%s on %s", name, tw.machine.Name)
}

// replay runs a program and some units' benches beside it, and returns the first difference.
func (tw *twin) replay(t *testing.T, img *image.Image, stalls uint64, benches map[activity.Unit]*cosimBench,
	args []string) (err error) {
	chip := withImage(t, img, tw.machine)
	chip.KeepAwake()
	ins, wires := reflect.ValueOf(chip.Inputs()).Elem(), reflect.ValueOf(chip.Wires()).Elem()
	type port struct {
		*cosimReplay
		*twinRow
		in, out unsafe.Pointer
	}
	var ports []port
	for u, b := range benches {
		in, out := ins.Field(int(u)), wires.Field(int(u))
		r, err := startReplay(b, in.Interface(), []any{out.Interface()}, args...)
		require.NoError(t, err)
		ports = append(ports, port{r, tw.rows[u], in.Addr().UnsafePointer(), out.Addr().UnsafePointer()})
	}
	step := chip.Step
	if stalls > 0 {
		change := closeRooms(rand.New(rand.NewPCG(stalls, 31)))
		step = func() { chip.StepWith(change) }
	}
	for left := 40_000 + 4*int(*cosimCycles); left > 0 && !chip.Wires().Seq.Finished; left-- {
		if step(); chip.Faulted() {
			left = min(left, afterFault)
		}
		for _, p := range ports {
			p.Cycle(p.in, p.out)
		}
	}
	for _, p := range ports {
		found := p.Close()
		p.cycles[tw.kind] += p.Cycles
		p.compared += p.Compared
		if found == nil {
			found = p.Check(chip.Activity(), tw.shared)
		}
		if err == nil {
			err = found
		}
	}
	return err
}

// wave writes the waveforms of a unit's RTL around a difference.
func (tw *twin) wave(t *testing.T, d *cosimDifference, img *image.Image, stalls uint64, args []string) {
	traced := *tw.source
	traced.Trace = true
	for u, b := range tw.benches {
		if b.Parts[0].Unit.Module != d.Unit {
			continue
		}
		bench, err := traced.Unit(tw.chip, u)
		require.NoError(t, err)
		file := filepath.Join(tw.source.Dir, d.Unit+".vcd")
		args = append(args, "+vcd="+file, fmt.Sprintf("+from=%d", max(50, d.Cycle)-50), fmt.Sprintf("+to=%d", d.Cycle+50))
		_ = tw.replay(t, img, stalls, map[activity.Unit]*cosimBench{u: bench}, args) // the same difference
		t.Logf("%v\n100 cycles around it, ten units of time each: %s", d, file)
	}
}

// report prints the table of a machine.
func (tw *twin) report(t *testing.T) {
	t.Logf("%-10s %10s %10s %10s %14s", tw.machine.Name, "recorded", "random", "faults", "values equal")
	for u := range activity.NumUnits {
		if row := tw.rows[u]; row != nil {
			t.Logf("%-10s %10d %10d %10d %14d", tw.chip.Units[u].Module, row.cycles[0], row.cycles[1], row.cycles[2], row.compared)
		}
	}
}
