package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFusedSchedule: the compiler says what it builds, and the training that follows has the accuracies of a plain one, in fewer cycles.
func TestFusedSchedule(t *testing.T) {
	name, data := write(t, "conv.yaml", convNet), images(t)
	out := ok(t, "compile", name, "--rule", "cbdfa", "--data", data, "--epochs", "1", "--schedule", "fused", "--wide")
	for _, want := range []string{`errors of fully connected layers by depc, fused schedule`, `fused +\| true`, `a step within an epoch`} {
		require.Regexp(t, want, out)
	}
	accuracy := func(schedule string) string {
		out := ok(t, "train", name, "--rule", "bp,cbdfa", "--data", data, "--epochs", "2", "--batch", "4", "--schedule", schedule, "--format", "csv")
		table, _, found := strings.Cut(out[strings.Index(out, "rule,"):], "\n\n")
		require.True(t, found)
		return table
	}
	require.Equal(t, accuracy("plain"), accuracy("fused"))
}

// TestOMEM: a program that was compiled for a larger OMEM runs on that machine, and on one with the reference machine's it stops where
// that ends.
func TestOMEM(t *testing.T) {
	img := filepath.Join(t.TempDir(), "x.img")
	require.Contains(t, ok(t, "compile", "vgg-head-4096", "--synthetic", "2", "--batch", "2", "--epochs", "1", "--eval-every", "0", "--omem-kb", "512", "-o", img), "65536")
	ok(t, "info", img)
	small := filepath.Join(t.TempDir(), "y.img")
	ok(t, "compile", write(t, "conv.yaml", convNet), "--data", images(t), "--epochs", "1", "--omem-kb", "512", "-o", small)
	ok(t, "run", small)
	r := bdfasim(t, "", "run", small, "--omem-kb", "256")
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "OMEM")
	r = bdfasim(t, "", "compile", "lenet", "--omem-kb", "300")
	require.Equal(t, exitUsage, r.code)
}
