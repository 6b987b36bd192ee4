package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/yamlfile"
)

// Each text of help.yaml is shown by its command, or by a flag: a name that nothing has any more
// would keep its text out of sight.
func TestHelpTextsAreShown(t *testing.T) {
	var texts map[string]map[string]string
	_, err := yamlfile.Parse(helpFile, "help.yaml", &texts)
	require.NoError(t, err)
	for name, text := range texts["commands"] {
		shown := ok(t, append(strings.Fields(name)[1:], "--help")...)
		require.Contains(t, strings.Join(strings.Fields(shown), " "),
			strings.Join(strings.Fields(text), " "), name)
	}
	code := ""
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".go") {
			data, err := os.ReadFile(f.Name())
			require.NoError(t, err)
			code += string(data)
		}
	}
	for name := range texts["flags"] {
		require.Contains(t, code, "help:\"${"+name+"}\"")
	}
}

// Scripts go by these numbers: they stay, and --help shows them all.
func TestExitCodes(t *testing.T) {
	require.Contains(t, strings.Join(strings.Fields(ok(t, "--help")), " "), "Exit codes: 0 done; "+
		"1 failed, or what was compared differs; 2 wrong usage; 70 internal error; 130 interrupted.")
	page, err := os.ReadFile("../../../docs/results.md")
	require.NoError(t, err)
	for _, c := range exitCodes {
		require.Contains(t, string(page), fmt.Sprintf("| %d | %s |\n", c.code, c.means))
	}
}
