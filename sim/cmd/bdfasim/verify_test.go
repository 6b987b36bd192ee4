package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"bdfasim/isa/image"
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

// TestVerifyDifference: one bit of the chip's memory is flipped.
func TestVerifyDifference(t *testing.T) {
	name := filepath.Join(t.TempDir(), "tiny.img")
	ok(t, "compile", tinyNet(t), "--synthetic", "20", "--epochs", "1", "-o", name)
	img, err := image.ReadFile(name)
	require.NoError(t, err)
	c := verifyCmd{Target: name}
	parser, err := kong.New(&c, lookHelp, kong.Vars{"rates": "", "presets": ""})
	require.NoError(t, err)
	_, err = parser.Parse([]string{name})
	require.NoError(t, err)
	for tensor, phase := range map[string]string{"conv1.W": "ff", "fc1.V": "wg", "fc2.W": "ff"} {
		l, err := c.load()
		require.NoError(t, err)
		at, found := img.Tensor(tensor)
		require.True(t, found)
		l.Chip.XMemory()[at.Addr+1] ^= 8
		var out bytes.Buffer
		err = c.compare(&env{t.Context(), nil, &out, nil}, l)
		var d *lockstep.Divergence
		require.True(t, errors.As(err, &d), "%v", err)
		require.Equal(t, phase, d.Phase.String(), tensor)
		require.Contains(t, out.String(), "First difference")
		require.NotContains(t, out.String(), "equal, bit for bit")
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
}
