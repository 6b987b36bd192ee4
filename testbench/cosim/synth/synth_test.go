package synth

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa/machine"
	"bdfasim/power/table"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/testbench/cosim"
	"bdfasim/testbench/cosim/sv"
)

var (
	synthRun      = flag.Bool("synth", false, "read the RTL in SystemVerilog with Yosys")
	synthUnits    = flag.String("units", "", "only these units' RTL, by commas")
	synthMachines = flag.String("machines", "", "these machines by commas, not the reference machine")
)

// root is that of the project.
var root = filepath.Join("..", "..", "..")

// synthDir is where Yosys works and tables go.
var synthDir = filepath.Join(root, "build", "synth")

// twins are the machines that the RTL is built for, the reference machine first.
func twins(t *testing.T) []machine.Config {
	list, err := cosim.Machines()
	require.NoError(t, err)
	return list
}

// yosys skips a test that is not wanted or cannot run.
func yosys(t *testing.T) {
	if !*synthRun {
		t.Skip("without -synth")
	}
	if _, err := exec.LookPath("yosys"); err != nil {
		t.Skip("no Yosys: apt-get install yosys")
	}
}

// TestSynth reads the units' RTL as hardware: no latch, no loop, no net driven twice or not at all,
// and the flip-flops of State and Out by the enables that clock them. It does so for the reference
// machine, or for those of -machines, where only the former is asked for flip-flops.
func TestSynth(t *testing.T) {
	yosys(t)
	for _, m := range twins(t) {
		if cosim.Selected(*synthMachines, m.Name) && (*synthMachines != "" || m.Name == "reference") {
			s := newSynthesis(t, m)
			for u := range activity.NumUnits {
				t.Run(m.Name+"/"+s.chip.Units[u].Module, func(t *testing.T) { s.unit(t, u) })
			}
			s.report(t)
		}
	}
}

// synthesis is that of a machine's units.
type synthesis struct {
	machine  machine.Config
	twin     *rtl.Chip
	chip     *sv.Chip
	source   cosim.Source
	expected *Expected
	groups   *table.Table
}

func newSynthesis(t *testing.T, m machine.Config) *synthesis {
	twin, err := rtl.New(m)
	require.NoError(t, err)
	expected, err := ReadExpected("registers.yaml")
	require.NoError(t, err)
	return &synthesis{machine: m, twin: twin, chip: sv.New(m), source: cosim.Source{Root: root}, expected: expected,
		groups: table.New("Flip-flops by enable", "unit", "group", "bits in State", "in the RTL", "no enable", "enables")}
}

// unit reads one.
func (s *synthesis) unit(t *testing.T, u activity.Unit) {
	unit := &s.chip.Units[u]
	switch {
	case !cosim.Selected(*synthUnits, unit.Module):
		t.Skip("not asked for")
	case s.source.Missing(unit.Module):
		t.Skip("no RTL")
	}
	problems, r := s.read(t, u)
	for _, p := range problems {
		t.Errorf("%s: %s", unit.Module, p)
	}
	if r == nil {
		return
	}
	for _, g := range r.Groups {
		if g.State != g.RTL {
			t.Logf("%s, group %s: %v", unit.Module, g.Name, g.Fields)
		}
		s.groups.Row(unit.Module, g.Name, g.State, g.RTL, g.Free, g.Enables)
	}
	t.Logf("%s: fields of State without a register of that name: %s", unit.Module, strings.Join(r.Missing, " "))
}

// read returns what is wrong with a unit, and its registers, of which nil: Yosys does not read it.
func (s *synthesis) read(t *testing.T, u activity.Unit) ([]string, *Registers) {
	unit := &s.chip.Units[u]
	files, err := s.source.Files(s.chip, u)
	require.NoError(t, err)
	dir := filepath.Join(synthDir, s.machine.Name, unit.Module)
	if s.source.Mutant != nil {
		dir = filepath.Join(t.TempDir(), unit.Module)
	}
	got, err := ReadUnit(dir, unit.Module, files)
	require.NoError(t, err)
	if got.Module == nil {
		return got.Problems, nil
	}
	name := reflect.TypeFor[rtl.Wires]().Field(int(u)).Name
	twin := reflect.ValueOf(s.twin).Elem().FieldByName(name)
	clocked := twin.Interface().(interface {
		Clocked() map[activity.Event]activity.Registers
	}).Clocked()
	out := reflect.ValueOf(s.twin.Wires()).Elem().Field(int(u)).Interface()
	r := Compare(unit, got.Module, clocked, s.expected.NamesOf(unit.Module), twin.Elem().FieldByName("State"), out)
	if s.machine.Name != "reference" {
		return got.Problems, r
	}
	return append(got.Problems, s.expected.Check(unit.Module, r, Copies(u, clocked))...), r
}

func (s *synthesis) report(t *testing.T) {
	units := map[string][2]int{}
	for _, row := range s.groups.Rows {
		sum := units[row[0].(string)]
		if group := row[1]; group != Priced && group != Fault {
			sum[0], sum[1] = sum[0]+row[2].(int), sum[1]+row[3].(int)
		}
		units[row[0].(string)] = sum
	}
	sums := table.New("Flip-flops of groups", "unit", "bits in State", "in the RTL")
	for _, unit := range slices.Sorted(maps.Keys(units)) {
		sums.Row(unit, units[unit][0], units[unit][1])
	}
	writeTable(t, "registers-"+s.machine.Name, s.groups)
	writeTable(t, "flip-flops-"+s.machine.Name, sums)
}

// writeTable prints a table, and writes it as CSV and JSON.
func writeTable(t *testing.T, name string, tab *table.Table) {
	require.NoError(t, os.MkdirAll(synthDir, 0o755))
	for _, format := range table.Formats[1:] {
		f, err := os.Create(filepath.Join(synthDir, name+"."+format))
		require.NoError(t, err)
		require.NoError(t, tab.Write(f, format, 0))
		require.NoError(t, f.Close())
	}
	var text strings.Builder
	require.NoError(t, tab.Text(&text, 0))
	t.Log("\n" + text.String())
}

// Mistakes of hardware in a copy of a unit are found.
func TestSynthMutants(t *testing.T) {
	yosys(t)
	for _, m := range []struct{ what, from, to, finds string }{
		{"latch", "endmodule", "(* keep *) logic held; always_latch if (in_take) held = in_start; endmodule", "latch"},
		{"latch in always_comb", "endmodule", "(* keep *) logic held; always_comb if (in_take) held = in_start; endmodule", "Latch inferred"},
		{"loop", "endmodule", "(* keep *) logic a, b; assign a = b ^ in_take; assign b = a | in_start; endmodule", "loop"},
		{"driven twice", "endmodule", "assign working = in_take; endmodule", "multiple conflicting drivers"},
		{"register driven twice", "endmodule", "always_ff @(posedge clk) if (in_take) pos <= 9'd1; endmodule", "multiple conflicting drivers"},
		{"not driven", "assign once = leap(s);", "", "has no driver"},
		{"unknown name", "s <= 32'd0;", "s <= chip_pkg::NOTHING;", "implicitly declared"},
		{"no enable", "out_status <= status;", "out_status <= status; bits <= in_bits;", "group begin: got bits: 26, free: 9, enables: 1"},
		{"a bit more", "endmodule", "(* keep *) logic more; always_ff @(posedge clk) more <= in_take; endmodule", "register more: 1 bits"},
	} {
		t.Run(strings.ReplaceAll(m.what, " ", "_"), func(t *testing.T) {
			s := newSynthesis(t, twins(t)[0])
			if s.source.Missing("lfsr") {
				t.Skip("no RTL")
			}
			s.source.Mutant = &cosim.Mutant{What: m.what, File: "rtl/lfsr/lfsr.sv", From: m.from, To: m.to}
			problems, _ := s.read(t, activity.LFSR)
			require.Contains(t, strings.Join(problems, "\n"), m.finds)
		})
	}
}
