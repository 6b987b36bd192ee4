package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestConfig: what config prints is a machine that commands take, and what cannot be built is
// refused with its field and what it may be.
func TestConfig(t *testing.T) {
	text := ok(t, "config", "--set", "clock_mhz=100", "--set", "name=slow")
	require.Contains(t, text, "clock_mhz: 100 # clock of the chip")
	require.Contains(t, text, "lanes: 256 # multipliers and accumulators [one of 64, 128, 256, 512, 1024]")
	for mhz, cuts := range map[string]string{"100": "1", "200": "2", "400": "6"} {
		require.Contains(t, ok(t, "config", "--set", "clock_mhz="+mhz), "[a whole number, 0 to 12; here "+cuts+"]")
	}
	require.NotContains(t, ok(t, "config", "--set", "momentum.cuts=5"), "0 to 12; here")
	file := write(t, "slow.yaml", text)
	require.Equal(t, text, ok(t, "config", "--machine", file))
	require.Contains(t, ok(t, "config", "--machine", "small"), "lanes: 64")
	require.True(t, json.Valid([]byte(ok(t, "config", "--schema"))))
	for _, c := range []struct{ args, want string }{
		{"config --set xmem.timing.trefi_ns=10", "xmem: got a refresh every 2 cycles, want more than the 41 that one takes"},
		{"config --set dnnc.lanes=77", "--set: dnnc.lanes: got 77, want one of 64, 128, 256, 512, 1024"},
		{"config --set dnc.lanes=64", `--set: got field "dnc", want name, clock_mhz`},
		{"config --machine none.yaml", "want one of reference, small, wide, or a file"},
		{"train --set xmem.kind=sram", "--set: xmem.kind: got \"sram\", want one of lpddr3-1600"},
		{"train --xmem-mb 4096", "--xmem-mb: got 4096, want a power of two, 1 to 2048"},
	} {
		r := bdfasim(t, "", strings.Fields(c.args)...)
		require.Equal(t, exitUsage, r.code, c.args)
		require.Contains(t, r.stderr, c.want)
	}
}

// TestMachineOfAnImage: an image runs on the machine that it was compiled for; another one is asked
// for by name. The memory keeps its nanoseconds, so a slower chip waits for fewer cycles.
func TestMachineOfAnImage(t *testing.T) {
	img := filepath.Join(t.TempDir(), "x.img")
	ok(t, "train", write(t, "conv.yaml", convNet), "--data", images(t), "--epochs", "1", "--image", img, "--set", "clock_mhz=100")
	slow, fast := ok(t, "run", img), ok(t, "run", img, "--machine", "reference")
	require.Regexp(t, `clock_mhz +\| 100`, slow)
	require.Contains(t, slow, "at 100 MHz")
	require.NotContains(t, fast, "clock_mhz")
	require.NotEqual(t, slow, fast)
	all := filepath.Join(t.TempDir(), "x.json")
	ok(t, "run", img, "--format", "json", "-o", all)
	data, err := os.ReadFile(all)
	require.NoError(t, err)
	require.Contains(t, string(data), "xmem.timing.trcd_ns", "the whole machine")
}
