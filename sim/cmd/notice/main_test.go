package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// NOTICE names every module that go.mod has and the binary links, with its version.
func TestNotice(t *testing.T) {
	text, err := os.ReadFile("../../../NOTICE")
	require.NoError(t, err)
	list, err := linked("bdfasim/sim/cmd/bdfasim")
	require.NoError(t, err)
	require.Greater(t, len(list), 20)
	for _, m := range list {
		require.Contains(t, string(text), m.name+": ", "run make gen")
	}
	mod, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Version}}", "all").Output()
	require.NoError(t, err)
	for _, m := range list[1:] {
		require.Contains(t, strings.Split(string(mod), "\n"), m.name)
	}
}

// A module without a licence is refused.
func TestNoLicence(t *testing.T) {
	_, err := licences(t.TempDir())
	require.ErrorContains(t, err, "no licence")
}
