package testbench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/yamlfile"
	"bdfasim/isa/image"
	"bdfasim/rtl/activity"
	"bdfasim/testbench/cosim"
)

// Each unit's RTL with a small mistake differs from the Go unit: a comparison that finds nothing
// would have found it.
func TestCosimMutants(t *testing.T) {
	source := cosimSource(t)
	files, err := filepath.Glob("cosim/mutants/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		module := strings.TrimSuffix(filepath.Base(file), ".yaml")
		if !cosim.Selected(*cosimUnits, module) {
			continue
		}
		mutants := readMutants(t, file)
		require.GreaterOrEqual(t, len(mutants), 3, file)
		for i := range mutants {
			m := &mutants[i]
			t.Run(module+"/"+strings.ReplaceAll(m.What, " ", "_"), func(t *testing.T) {
				require.True(t, caught(t, source, module, m), "%s: the RTL equals the unit still", m.What)
			})
		}
	}
}

func readMutants(t *testing.T, file string) []cosim.Mutant {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var list struct {
		Mutants []cosim.Mutant `yaml:"mutants"`
	}
	_, err = yamlfile.Parse(append([]byte("mutants:\n"), text...), file, &list)
	require.NoError(t, err)
	return list.Mutants
}

// caught reports whether a mutant differs alone, or in the small trainings, kernel.s, or some
// mistakes, on one of the machines.
func caught(t *testing.T, source *verilator, module string, m *cosim.Mutant) bool {
	mutated := *source
	mutated.Mutant = m
	if differsAlone(t, &mutated, module) {
		return true
	}
	for _, c := range twinMachines(t) {
		if !cosim.Selected(*cosimMachines, c.Name) {
			continue
		}
		tw := newTwin(t, &mutated, c, module)
		for _, p := range tw.smallPrograms(t) {
			if tw.differs(t, p.img, 0) {
				return true
			}
		}
		for seed := uint64(1); seed <= 40; seed++ {
			if img := tw.mistake(t, seed); img != nil && tw.differs(t, img, seed) {
				return true
			}
		}
	}
	return false
}

// differs reports whether the RTL of the units differs in a program.
func (tw *twin) differs(t *testing.T, img *image.Image, stalls uint64) bool {
	args, err := writeMemories(img, t.TempDir())
	require.NoError(t, err)
	benches := map[activity.Unit]*cosimBench{}
	for u, b := range tw.benches {
		benches[u] = b
	}
	return tw.replay(t, img, stalls, benches, args) != nil
}
