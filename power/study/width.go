package study

import (
	"bdfasim/firmware/compile"
	"bdfasim/isa/machine"
	"bdfasim/power/table"
)

// treeInputs are the widths of trees that are compared.
var treeInputs = []int{8, 16, 32}

// ownInputs is that of the reference machine.
func ownInputs() int { return machine.Reference().DEPC.Inputs }

// coreRun is a core that is simulated.
type coreRun struct {
	Variant
	fanIn, inputs int
}

// coreRuns lists the cores of the reference machine, and the headline's two with trees of other
// widths. The MAC array is no core, and that of bfa is the headline's.
func (s *scope) coreRuns() (out []coreRun) {
	for _, f := range s.fanIns {
		for _, a := range variants {
			if a.Unit == compile.ArmDNNC || a.Name == "bfa" {
				continue
			}
			for _, n := range treeInputs {
				if n == ownInputs() || a.Name == Headline || a.Name == baselines[0] {
					out = append(out, coreRun{a, f, n})
				}
			}
		}
	}
	return out
}

// widthTable is the energy of the cores and the saving against the width of their trees.
func (st *Study) widthTable() (*table.Table, error) {
	t := newTable("width", nil)
	for _, f := range st.scope.fanIns {
		for _, inputs := range treeInputs {
			a, b := st.wideCore(baselines[0], f, inputs), st.wideCore(Headline, f, inputs)
			period := max(a.Cycles, b.Cycles)
			var each [2]float64 // pJ an operation
			for k, c := range []*Core{a, b} {
				cost, err := st.cost(c.work(period))
				if err != nil {
					return nil, err
				}
				each[k] = cost.OnDie() / operations(f)
			}
			t.Row(product(f), inputs, int(a.Cycles), int(b.Cycles), each[0], each[1],
				round1(saving(each[0], each[1])))
		}
	}
	return t, nil
}
