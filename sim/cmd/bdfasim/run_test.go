package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLayerEnergyAddsUp: the rows of the table by layer and phase are the energy of the run, leakage included.
func TestLayerEnergyAddsUp(t *testing.T) {
	tables := tables(t, ok(t, "run", layer(t), "--format", "json"))
	find := func(title string) shown {
		i := slices.IndexFunc(tables, func(x shown) bool { return x.Title == title })
		require.NotEqual(t, -1, i, title)
		return tables[i]
	}
	layers, phases := find("By layer and phase"), find("Energy by phase (uJ)")
	total := phases.Rows[len(phases.Rows)-1]
	for k, name := range []string{"on_die_uj", "external_uj"} {
		at, sum := slices.Index(layers.Columns, name), 0.0
		for _, row := range layers.Rows {
			sum += row[at].(float64)
		}
		require.InEpsilon(t, total[k+1].(float64), sum, 1e-9, name)
	}
}

// TestSizeOfExternalMemory: what cannot be built is refused; an image runs with what it was compiled
// for, and with more it is said that velocities no longer lie in the upper half.
func TestSizeOfExternalMemory(t *testing.T) {
	img := filepath.Join(t.TempDir(), "net.img")
	for _, mb := range []string{"4096", "0", "-1", "48", "x"} {
		for _, command := range []string{"run " + img, "train", "compile lenet", "power run " + img} {
			r := bdfasim(t, "", strings.Fields(command+" --xmem-mb="+mb)...)
			require.Equal(t, exitUsage, r.code, command)
			require.Contains(t, r.stderr, "--xmem-mb: got "+mb+", want a power of two, 1 to 2048")
		}
	}
	ok(t, "compile", "mlp-784-128-64-10", "--samples", "32", "--test-samples", "32", "--epochs", "1", "--xmem-mb", "4", "-o", img)
	for _, c := range []struct {
		args string
		note bool
	}{
		{"run", false}, {"run --xmem-mb 8", true}, {"run --xmem-mb 4", false}, {"power run", false},
		{"power run --xmem-mb 16", true},
	} {
		r := bdfasim(t, "", append(strings.Fields(c.args), img)...)
		require.Equal(t, exitOK, r.code, r.stderr)
		require.Equal(t, c.note, strings.Contains(r.stderr, "note: compiled for 4 MiB of external memory, running with "), r.stderr)
		require.Equal(t, c.note, strings.Contains(r.stderr, "--xmem-mb 4 avoids it"))
	}
	require.NotContains(t, bdfasim(t, "", "run", layer(t)).stderr, "note:", "assembled: nothing is known")
}

// TestRefreshesOfTraining: those that fall into tests are not told as the training's.
func TestRefreshesOfTraining(t *testing.T) {
	out := ok(t, "train", "--layers", "784-16-10", "--samples", "64", "--epochs", "2", "--no-compare")
	number := func(expression string) (n int) {
		found := regexp.MustCompile(expression).FindStringSubmatch(out)
		require.Len(t, found, 2, out)
		_, err := fmt.Sscan(found[1], &n)
		require.NoError(t, err)
		return n
	}
	const interval = 780 // cycles: 3,900 ns
	require.InDelta(t, number(`cycles +\| +(\d+)`)/interval, number(`(\d+) refreshes`), 2)
}
