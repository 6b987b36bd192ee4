package main

import (
	"encoding/csv"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSave: a trained network goes to a file, which trains on, with what it had learnt.
func TestSave(t *testing.T) {
	name, data, file := write(t, "conv.yaml", convNet), images(t), filepath.Join(t.TempDir(), "t.onnx")
	out := ok(t, "train", name, "--data", data, "--epochs", "6", "--save", file, "--format", "csv")
	again := ok(t, "train", file, "--data", data, "--epochs", "1", "--lr", "2^-16", "--format", "csv")
	last := func(out string) float64 {
		rows, err := csv.NewReader(strings.NewReader(strings.SplitN(out, "\n\n", 2)[0])).ReadAll()
		require.NoError(t, err)
		v, err := strconv.ParseFloat(rows[len(rows)-1][slices.Index(rows[0], "chip_percent")], 64)
		require.NoError(t, err)
		return v
	}
	require.Greater(t, last(out), 50.0)
	require.InDelta(t, last(out), last(again), 5, "two of 40 images")
}
