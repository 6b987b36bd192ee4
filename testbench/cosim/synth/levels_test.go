package synth

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa/machine"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
	"bdfasim/testbench/cosim"
	"bdfasim/testbench/cosim/sv"
)

// stages are pieces of the RTL whose gate levels chose where registers cut, with the levels that
// were counted by hand, without a register's margin and a memory's access.
var stages = []struct {
	name        string
	unit        activity.Unit
	top, expose string
	hand        int
	where       string
}{
	{"product of a MAC", activity.DNNC, "dnnc_slice", "product[31:0]", machine.MulLevels, "isa/machine"},
	{"product and sum of a MAC", activity.DNNC, "dnnc_slice", "next[47:0]",
		machine.MulLevels + machine.SumLevels + machine.SelectLevels, "isa/machine"},
	{"tree of signs, 16 errors", activity.DEPC, "depc_trees", "tree[20:0]", 2 + 24 + 12, "rtl/errors, for 32"},
	{"products and tree, 16 errors", activity.EPC, "epc_trees", "sums_next[35:0]", 2 + 40 + 24 + 16, "rtl/epc, for 32"},
	{"sums of the drain", activity.Drain, "drain_add", "sum[47:0]", 17, "rtl/drain"},
	{"narrowing of the drain", activity.Drain, "drain_narrow", "data[15:0]", 18 + 15 + 8 + 10, "rtl/drain"},
	{"dropout words of the drain", activity.Drain, "drain_narrow", "mixed", 46, "rtl/drain"},
	{"leap of the LFSR", activity.LFSR, "lfsr", "jumped", 4 + 8 + 3, "rtl/lfsr, for 16"},
	{"momentum lane, all stages", activity.Mom, "mom_lane", "w_new[31:0]", 205, "isa/machine"},
	{"normalisation lane, all stages", activity.Norm, "norm_lane", "y[15:0]", 261, "isa/machine"},
}

// TestSynthLevels counts gates in a row, beside the counts by hand. It judges nothing: abc is no
// synthesis for speed, and a gate of two inputs is no unit of time.
func TestSynthLevels(t *testing.T) {
	yosys(t)
	config := twins(t)[0]
	chip := sv.New(config)
	source := &cosim.Source{Root: root}
	tab := table.New("Gate levels of stages", "stage", "by hand", "levels", "gates", "counted in")
	for _, s := range stages {
		module := chip.Units[s.unit].Module
		if source.Missing(module) || !cosim.Selected(*synthUnits, module) {
			continue
		}
		files, err := source.Files(chip, s.unit)
		require.NoError(t, err)
		dir := filepath.Join(synthDir, "levels-"+s.top+"-"+s.expose)
		levels, gates, err := Levels(dir, &Leaf{Top: s.top, Expose: s.expose, Sources: files})
		require.NoError(t, err, s.name)
		require.NotZero(t, levels, s.name)
		tab.Row(s.name, s.hand, levels, gates, s.where)
	}
	writeTable(t, "levels", tab)
}
