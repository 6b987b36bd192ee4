package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/golden/experiment"
)

// tinyRuns is an experiment of two runs that takes a moment.
const tinyRuns = `name: tiny
data: [{set: embedded, validation: 50, test: 50}]
networks: [{name: MLP, preset: mlp, hidden: [8]}]
rules: [{name: BP, rule: bp}]
samples: [100]
seeds: [1, 2]
rates: [0.01]
epochs: 1
batch: 25
metrics: {top: 5}
`

func TestGolden(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "tiny.yaml")
	require.NoError(t, os.WriteFile(file, []byte(tinyRuns), 0o666))
	out := filepath.Join(dir, "out")

	first := bdfasim(t, "", "golden", file, "--out", out)
	require.Equal(t, exitOK, first.code, first.stderr)
	require.Contains(t, first.out, "tiny: MLP on embedded, 100 training images")
	require.Contains(t, first.stderr, "written: 4 files in "+out)
	for _, name := range []string{"table.txt", "epochs.csv", "results.json"} {
		require.FileExists(t, filepath.Join(out, name))
	}
	runs, err := filepath.Glob(filepath.Join(out, "runs", "*.json"))
	require.NoError(t, err)
	require.Len(t, runs, 2)

	// Finished runs are found again, and a lost one is made again with the same result.
	require.NoError(t, os.Remove(runs[1]))
	stamp, err := os.Stat(runs[0])
	require.NoError(t, err)
	require.Equal(t, first.out, ok(t, "golden", file, "--out", out, "--workers", "1"))
	again, err := os.Stat(runs[0])
	require.NoError(t, err)
	require.Equal(t, stamp.ModTime(), again.ModTime(), "a finished run was made anew")
}

func TestGoldenListsAndShows(t *testing.T) {
	list := ok(t, "golden", "--list")
	for _, name := range experiment.Names() {
		require.Contains(t, list, name)
		require.Contains(t, ok(t, "golden", name, "--show"), "name: "+name)
	}
}

func TestGoldenRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
		return file
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "got no experiment"},
		{[]string{"table9"}, exitFailure, "table1"},
		{[]string{filepath.Join(dir, "none.yaml")}, exitFailure, "none.yaml"},
		{[]string{write("rule.yaml", strings.Replace(tinyRuns, "rule: bp", "rule: magic", 1))}, exitFailure, "rule.yaml:4:"},
		{[]string{write("key.yaml", tinyRuns+"colour: red\n")}, exitFailure, "key.yaml:11:1"},
		{[]string{write("size.yaml", strings.Replace(tinyRuns, "hidden: [8]", "hidden: [0]", 1))}, exitFailure, "size.yaml:3:"},
		{[]string{"table1", "--out", dir}, exitFailure, "cifar-10"},
		{[]string{"table1", "--out", dir, "--data", "cifar-10=" + dir}, exitFailure, "or those of CIFAR"},
	} {
		r := bdfasim(t, "", append([]string{"golden"}, c.args...)...)
		require.Equal(t, c.code, r.code, "%v: %s", c.args, r.stderr)
		require.Contains(t, r.stderr, c.want, "%v", c.args)
		require.Empty(t, r.out, "%v", c.args)
	}
}

// The images of an experiment's only set need no name.
func TestGoldenData(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.yaml")
	own := strings.Replace(tinyRuns, "set: embedded, validation: 50, test: 50", "set: own, validation: 2, test: 2", 1)
	require.NoError(t, os.WriteFile(file, []byte(own), 0o666))
	folder := filepath.Join(t.TempDir(), "a=b")
	require.NoError(t, os.Mkdir(folder, 0o777))
	for _, data := range []string{folder, "own=" + folder} {
		r := bdfasim(t, "", "golden", file, "--data", data)
		require.Equal(t, exitFailure, r.code)
		require.Contains(t, r.stderr, folder+": got 0 folders")
	}
	r := bdfasim(t, "", "golden", file, "--data", "a", "--data", "own=b")
	require.Equal(t, exitUsage, r.code)
	require.Contains(t, r.stderr, "got own twice")
	r = bdfasim(t, "", "golden", "table1", "--data", "a")
	require.Equal(t, exitUsage, r.code)
	require.Contains(t, r.stderr, "want SET=PATH")
}
