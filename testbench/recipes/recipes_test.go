// Package recipes holds docs/change.md to its word: the recipes for changing the chip are executed
// on a copy of the project, whole and with each step left out in turn.
package recipes

import (
	"flag"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bdfasim/power/table"
)

var all = flag.Bool("recipes", false, "execute the recipes")

// recipes reads the page.
func recipes(t *testing.T) []recipe {
	page, err := os.ReadFile(filepath.Join(root, "docs/change.md"))
	require.NoError(t, err)
	return parse(t, string(page))
}

// The steps of each recipe fit the files as they are, and the tests that they name exist.
func TestRecipesApply(t *testing.T) {
	p := copyProject(t)
	for _, r := range recipes(t) {
		for i := range r.steps {
			p.apply(t, &r.steps[i])
		}
		for _, s := range r.steps {
			if s.test != "" {
				require.True(t, p.hasTest(t, s.pkg, s.test),
					"%s: %s: no test %s in %s", r.name, s.name, s.test, s.pkg)
			}
		}
		p.restore(t)
	}
}

// Each recipe works, and whichever of its steps is left out, the test that the step names fails.
// This takes minutes, so it needs -recipes.
func TestRecipes(t *testing.T) {
	if !*all {
		t.Skip("without -recipes")
	}
	result := table.New("Recipes of docs/change.md", "recipe", "left out", "noticed by", "seconds")
	for _, r := range recipes(t) {
		t.Run(r.name, func(t *testing.T) {
			p := copyProject(t)
			begin := time.Now()
			r.works(t, p)
			result.Row(r.name, "nothing", "", int(time.Since(begin).Seconds()))
			for i, s := range r.steps {
				if s.pkg == "" {
					continue
				}
				begin := time.Now()
				noticed := r.noticed(t, p, i)
				result.Row(r.name, s.name, noticed, int(time.Since(begin).Seconds()))
			}
		})
	}
	require.NoError(t, result.Text(os.Stdout, 0))
}

// works demands that with all steps everything compiles and the named tests pass.
func (r *recipe) works(t *testing.T, p *project) {
	defer p.restore(t)
	for i := range r.steps {
		p.apply(t, &r.steps[i])
	}
	for _, s := range r.steps {
		for _, args := range s.commands {
			out, err := p.command(t, args)
			require.NoError(t, err, "%s: go %s: %s", s.name, strings.Join(args, " "), out)
		}
	}
	out, err := p.run("vet", "./...")
	require.NoError(t, err, out)
	tests := r.tests()
	for _, pkg := range slices.Sorted(maps.Keys(tests)) {
		names := "^(" + strings.Join(tests[pkg], "|") + ")$"
		out, err := p.run("test", "-vet=off", "-short", "-run", names, pkg)
		require.NoError(t, err, out)
		require.NotContains(t, out, "no tests to run", pkg)
	}
}

// tests are the tests that the steps name or bring along, by package; of a package whose tests a
// step of tests changes, all.
func (r *recipe) tests() map[string][]string {
	tests := map[string][]string{}
	for _, s := range r.steps {
		if s.test != "" {
			tests[s.pkg] = append(tests[s.pkg], s.test)
		}
		for _, e := range s.edits {
			if !strings.HasSuffix(e.file, "_test.go") {
				continue
			}
			pkg := "./" + path.Dir(e.file)
			if e.hunks != nil && s.pkg == "" {
				tests[pkg] = append(tests[pkg], ".*")
			}
			for _, m := range testFunc.FindAllStringSubmatch(e.whole, -1) {
				tests[pkg] = append(tests[pkg], m[1])
			}
		}
	}
	return tests
}

var testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Example)\w*)\(`)

// noticed demands that without a step its test fails, or its package does not compile.
func (r *recipe) noticed(t *testing.T, p *project, without int) string {
	defer p.restore(t)
	for i := range r.steps {
		if i != without {
			p.apply(t, &r.steps[i])
		}
	}
	for i, s := range r.steps {
		for _, args := range s.commands {
			if i != without {
				_, _ = p.command(t, args) // if it fails, the test will tell
			}
		}
	}
	s := &r.steps[without]
	if s.test == "" {
		out, err := p.run("vet", s.pkg)
		require.Error(t, err, "%s: it compiles without it", s.name)
		require.Contains(t, out, s.broken, s.name)
		return "compiler: " + s.broken
	}
	out, err := p.run("test", "-vet=off", "-run", "^"+s.test+"$", s.pkg)
	require.Error(t, err, "%s: %s passes without it", s.name, s.test)
	require.Contains(t, out, "--- FAIL: "+s.test, s.name)
	return s.pkg + " " + s.test
}
