package testbench

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// promise is a phrase of README and the tests that hold it, as package and name.
type promise struct {
	phrase string
	tests  [][2]string
}

// promises reads the list in doc.go.
func promises(t *testing.T) (list []promise) {
	page, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, rows, found := strings.Cut(string(page), "//\tphrase ")
	require.True(t, found, "doc.go has no list of promises")
	row := regexp.MustCompile(`^//\t(.*?) {2,}(\S+) +((?:\w+ ?)+)$`)
	for _, line := range strings.Split(rows, "\n")[1:] {
		m := row.FindStringSubmatch(line)
		if m == nil {
			require.False(t, strings.HasPrefix(line, "//\t"), "doc.go: %q has no phrase, package and test", line)
			return list
		}
		if m[1] != "" {
			list = append(list, promise{phrase: m[1]})
		}
		last := &list[len(list)-1]
		for _, name := range strings.Fields(m[3]) {
			last.tests = append(last.tests, [2]string{m[2], name})
		}
	}
	return list
}

// Every promise of README is held by a test that exists.
func TestPromises(t *testing.T) {
	list := promises(t)
	page, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	words := func(s string) string {
		return strings.Join(strings.Fields(strings.NewReplacer("`", "", "*", "").Replace(s)), " ")
	}
	readme := words(string(page))
	for _, p := range list {
		assert.Contains(t, readme, p.phrase, "doc.go: README does not say so")
		for _, test := range p.tests {
			assert.True(t, hasTest(t, test[0], test[1]), "doc.go: no %s in %s", test[1], test[0])
		}
	}
	_, trust, found := strings.Cut(string(page), "## How far it can be trusted")
	require.True(t, found)
	trust, _, _ = strings.Cut(strings.TrimSpace(trust), "\n\n")
	for _, text := range strings.Split("\n"+trust, "\n- ")[1:] {
		held := false
		for _, p := range list {
			held = held || strings.Contains(words(text), p.phrase)
		}
		assert.True(t, held, "doc.go: no test holds what README promises:\n%s", text)
	}
}

// hasTest tells whether a package has a test of this name.
func hasTest(t *testing.T, pkg, name string) bool {
	files, err := filepath.Glob(filepath.Join("..", pkg, "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}
