package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/seq"
	"bdfasim/testbench/lockstep"
)

// tinyNet is a network with a convolution that trains in an instant.
func tinyNet(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "tiny.yaml")
	require.NoError(t, os.WriteFile(name, []byte(`
name: tiny
input: {channels: 2, height: 6, width: 6}
classes: 6
layers:
  - conv: {out: 20, kernel: 3, pad: 1}
  - bn
  - relu
  - maxpool: {kernel: 2}
  - flatten
  - fc: {out: 40}
  - relu
  - fc: {out: 6}
`), 0o666))
	return name
}

// TestVerify: images of all rules, arms and schedules, each equal to its model.
func TestVerify(t *testing.T) {
	net, img := tinyNet(t), filepath.Join(t.TempDir(), "tiny.img")
	for _, flags := range []string{
		"--rule bp", "--rule bp --arm epc", "--rule bp --schedule fused", "--rule dfa",
		"--rule dfa --arm epc", "--rule cdfa", "--rule bdfa", "--rule cbdfa --schedule fused",
		"--rule cbdfa --feedback eq9", "--rule conv-only",
	} {
		args := strings.Fields(net + " --synthetic 20 --batch 8 --epochs 1 " + flags)
		ok(t, append([]string{"compile", "-o", img}, args...)...)
		out := ok(t, "verify", img)
		require.Contains(t, out, "equal, bit for bit", flags)
		require.Contains(t, out, "training steps |      3", flags)
		require.Equal(t, out, ok(t, append([]string{"verify"}, args...)...), flags)
	}
}

// TestMain is the command itself, for tests that start it as a process, if FLIP names a byte of
// external memory, a phase and a layer: at their first mark a bit of the byte is flipped.
func TestMain(m *testing.M) {
	var at uint32
	var phase, layer uint8
	if _, err := fmt.Sscan(os.Getenv("FLIP"), &at, &phase, &layer); err == nil {
		flipped := false
		tamper = func(l *lockstep.Lockstep, t seq.TagDone) {
			if !flipped && t.Tag == activity.MakeTag(phase, layer) {
				l.Chip.XMemory()[at] ^= 8
				flipped = true
			}
		}
		main()
	}
	m.Run()
}

// TestVerifyDifference starts verify as a process, in which one bit of a chip flips behind an update.
func TestVerifyDifference(t *testing.T) {
	name := filepath.Join(t.TempDir(), "tiny.img")
	ok(t, "compile", tinyNet(t), "--synthetic", "20", "--epochs", "1", "-o", name)
	img, err := image.ReadFile(name)
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	verify := func(at uint64, phase isa.Phase, layer int) (code int, out []byte, stderr string) {
		c := exec.Command(self, "verify", name, "--format", "json")
		c.Env = append(os.Environ(), fmt.Sprintf("FLIP=%d %d %d", at, phase, layer))
		var errs strings.Builder
		c.Stderr = &errs
		out, _ = c.Output()
		return c.ProcessState.ExitCode(), out, errs.String()
	}
	code, out, _ := verify(0, isa.PhaseWG, 15)
	require.Zero(t, code, "there is no layer 15")
	require.Contains(t, string(out), "equal, bit for bit")
	for _, c := range []struct {
		tensor string // of the image
		layer  int
		name   string // of the difference
		index  int
	}{{"fc1.W", 2, "W2", 5}, {"fc2.V", 3, "V3", 3}, {"conv1.W", 1, "W1", 70}} {
		tensor, found := img.Tensor(c.tensor)
		require.True(t, found)
		bit, found := tensor.Bit(c.index)
		require.True(t, found)
		code, out, stderr := verify(bit/8, isa.PhaseWG, c.layer)
		require.Equal(t, exitFailure, code, "%s", stderr)
		tables := tables(t, string(out))
		require.Len(t, tables, 2)
		require.Equal(t, "First difference", tables[1].Title)
		require.NotContains(t, string(out), "equal, bit for bit")
		got := map[string]any{}
		for k, column := range tables[1].Columns {
			got[column] = tables[1].Rows[0][k]
		}
		want := map[string]any{
			"phase": "wg", "layer": float64(c.layer), "step": 0.0, "tensor": c.name,
			"index": float64(c.index), "elements": 1.0,
			"cycle": got["cycle"], "chip": got["chip"], "model": got["model"],
		}
		require.Equal(t, want, got)
		require.Positive(t, got["cycle"])
		chip, model := int(got["chip"].(float64)), int(got["model"].(float64))
		require.Equal(t, 8, chip^model)
		require.Contains(t, stderr, fmt.Sprintf("cycle %v, step 0, phase wg, layer %d: %s[%d]: "+
			"chip has %d, fixed-point model %d", got["cycle"], c.layer, c.name, c.index, chip, model))
	}
}

// TestVerifyRefuses: an image that does not tell its network is wrong usage; a limit is a failure.
func TestVerifyRefuses(t *testing.T) {
	r := bdfasim(t, "", "verify", layer(t))
	require.Equal(t, exitUsage, r.code)
	require.Contains(t, r.stderr, "does not tell its network")
	require.Empty(t, r.out)
	require.Equal(t, exitFailure, bdfasim(t, "", "verify", "none.yaml").code)
	r = bdfasim(t, "", "verify", tinyNet(t), "--synthetic", "20", "--epochs", "1", "--limit", "1000")
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "has not ended after 1000 cycles")
	require.Regexp(t, `cycles +\| +1000\b`, r.out)
	require.Contains(t, r.out, "equal, bit for bit, as far as it ran")
}
