package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/power/study"
)

// TestStudyRefusesBeforeItWorks: a wrong name or technology ends at once, not behind minutes of simulation, and the line
// says what would do.
func TestStudyRefusesBeforeItWorks(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		want []string
	}{
		{"power study --table verdikt", exitUsage, []string{`table: got "verdikt"`, "d-core", "conjecture", "claims", "matching"}},
		{"power study --table nets,x", exitUsage, []string{`table: got "x"`}},
		{"power study --nets lenet", exitUsage, []string{`nets: got "lenet"`, "mlp", "mdnet-head", "vgg-head-512", "vgg-head-4096"}},
		{"power study --tech xx65", exitUsage, []string{`got "xx65"`, "lp65", "gp65"}},
		{"power study --dram sram", exitUsage, []string{`dram: got "sram", want lpddr3-1600, which the machine has, or none`}},
		{"power study --dram lpddr4-3200", exitUsage, []string{`dram: got "lpddr4-3200", want lpddr3-1600`}},
		{"power study extra", exitUsage, []string{"extra"}},
	} {
		r := bdfasim(t, "", strings.Fields(c.args)...)
		require.Equal(t, c.code, r.code, "%s: %s", c.args, r.stderr)
		require.Empty(t, r.out)
		require.Equal(t, 1, strings.Count(r.stderr, "\n"), r.stderr)
		for _, w := range c.want {
			require.Contains(t, r.stderr, w, c.args)
		}
	}
}

// TestStudyHelpNamesEverything: all tables and networks stand in the help.
func TestStudyHelpNamesEverything(t *testing.T) {
	help := strings.Join(strings.Fields(ok(t, "power", "study", "--help")), " ")
	require.Contains(t, help, strings.Join(study.SectionNames(), ", "))
	for _, n := range study.Nets() {
		require.Contains(t, help, n.Name)
	}
}

// TestStudyOfCores: a table of cores simulates cores alone; its folder says what it is the result of; from its counts the same table
// comes without a run, and another under other prices.
func TestStudyOfCores(t *testing.T) {
	dir := t.TempDir()
	first := ok(t, "power", "study", "--table", "d-core", "--format", "csv", "--out", dir)
	require.Len(t, rows(t, first), 1+3*3)
	data, err := os.ReadFile(filepath.Join(dir, "results.json"))
	require.NoError(t, err)
	var results struct {
		About struct {
			Program, Command    string
			Machine, Technology map[string]any
		}
		Tables []struct{ Name string }
	}
	require.NoError(t, json.Unmarshal(data, &results))
	require.Equal(t, "bdfasim power study", results.About.Command)
	require.NotEmpty(t, results.About.Program)
	require.Equal(t, 200.0, results.About.Machine["clock_mhz"])
	require.Equal(t, "lp65", results.About.Technology["name"])
	require.Equal(t, "d-core", results.Tables[0].Name)
	require.NoFileExists(t, filepath.Join(dir, "REPORT.md"), "a part of the tables makes no page")

	counts := filepath.Join(dir, "tables", "counts.json")
	again := bdfasim(t, "", "power", "study", "--table", "d-core", "--format", "csv", "--counts", counts)
	require.Equal(t, first, again.out)
	require.NotEqual(t, first, ok(t, "power", "study", "--table", "d-core", "--format", "csv", "--counts", counts, "--tech", "gp65"))
	require.NoError(t, os.WriteFile(counts, []byte("{"), 0o666))
	require.Contains(t, bdfasim(t, "", "power", "study", "--counts", counts).stderr, "study: counts: ")
}

// rows reads a table that was written as CSV and is the only one.
func rows(t *testing.T, text string) [][]string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	out, err := r.ReadAll()
	require.NoError(t, err)
	require.NotEmpty(t, out)
	return out
}

// TestArea: parts add up to the die, and units stand there when they are built.
func TestArea(t *testing.T) {
	for _, c := range []struct{ args, has, hasNot string }{
		{"", "DEPC", "EPC"}, {"--epc tree", "EPC", "DEPC"}, {"--epc lane-mask --norm", "NORM", "DEPC"}, {"--tech gp65 --volt 0.7", "DEPC", "NORM"},
	} {
		out := rows(t, ok(t, append([]string{"power", "area", "--format", "csv"}, strings.Fields(c.args)...)...))
		units := map[string]bool{}
		sum := 0.0
		for _, r := range out[1 : len(out)-1] {
			units[r[0]] = true
			if r[0] != "XMEM" {
				sum += float(t, r[2])
			}
			require.LessOrEqual(t, float(t, r[3]), float(t, r[2]))
			require.LessOrEqual(t, float(t, r[2]), float(t, r[4]))
			require.NotEmpty(t, r[len(r)-1], "a source")
		}
		require.True(t, units[c.has], c.args)
		require.False(t, units[c.hasNot], c.args)
		last := out[len(out)-1]
		require.Equal(t, "on-die", last[0])
		require.InEpsilon(t, float(t, last[2]), sum, 1e-9)
	}
	r := bdfasim(t, "", "power", "area", "--volt", "1.3")
	require.Equal(t, exitUsage, r.code)
	require.Contains(t, r.stderr, "--volt: got 1.3, want 0.7 to 1.1")
}
