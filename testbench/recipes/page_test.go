package recipes

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// recipe is a section of the page that has steps.
type recipe struct {
	name  string
	steps []step
}

// step changes files or runs commands, and says what fails if it is left out.
type step struct {
	name     string // the heading
	edits    []edit
	commands [][]string // arguments of go
	test     string     // the test that fails without the step; "": a package does not compile ...
	broken   string     // ... and the compiler says this
	pkg      string     // where; "" for a step that has only tests, which is never left out
}

// edit changes a file or, without hunks, makes it.
type edit struct {
	file  string
	whole string
	hunks []hunk
}

// hunk is lines that are there once, and what takes their place.
type hunk struct{ old, new string }

var (
	fenceLine   = regexp.MustCompile("^```(\\w*) ?(\\S*)$")
	commandLine = regexp.MustCompile("(?m)^    go (.+)$")
	failsLine   = regexp.MustCompile("Without it, `(\\w+)` of `(\\./\\S+)` fails")
	brokenLine  = regexp.MustCompile("Without it, `(\\./\\S+)` does not compile: `([^`]+)`")
)

// parse reads the recipes of a page.
func parse(t *testing.T, page string) (all []recipe) {
	var prose []string // lines of the present step outside of blocks
	present := func() *step {
		if len(all) == 0 || len(all[len(all)-1].steps) == 0 {
			return nil
		}
		steps := all[len(all)-1].steps
		return &steps[len(steps)-1]
	}
	finish := func() {
		if s := present(); s != nil {
			s.finish(t, prose)
		}
		prose = nil
	}
	lines := strings.Split(page, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		fence := fenceLine.FindStringSubmatch(line)
		switch {
		case strings.HasPrefix(line, "## "):
			finish()
			all = append(all, recipe{name: line[3:]})
		case strings.HasPrefix(line, "### "):
			finish()
			r := &all[len(all)-1]
			r.steps = append(r.steps, step{name: line[4:]})
		case fence != nil:
			n := slices.Index(lines[i+1:], "```")
			require.GreaterOrEqual(t, n, 0, "line %d: the block has no end", i+1)
			if fence[2] != "" {
				s := present()
				require.NotNil(t, s, "line %d: a file outside of a step", i+1)
				s.edits = append(s.edits, parseEdit(t, fence[1], fence[2], lines[i+1:i+1+n]))
			}
			i += n + 1
		default:
			prose = append(prose, line)
		}
	}
	finish()
	return slices.DeleteFunc(all, func(r recipe) bool { return len(r.steps) == 0 })
}

// finish reads what the text of a step says.
func (s *step) finish(t *testing.T, prose []string) {
	for _, m := range commandLine.FindAllStringSubmatch(strings.Join(prose, "\n"), -1) {
		s.commands = append(s.commands, strings.Fields(m[1]))
	}
	text := strings.Join(prose, " ")
	if m := failsLine.FindStringSubmatch(text); m != nil {
		s.test, s.pkg = m[1], m[2]
	} else if m := brokenLine.FindStringSubmatch(text); m != nil {
		s.pkg, s.broken = m[1], m[2]
	}
	other := func(e edit) bool { return !strings.HasSuffix(e.file, "_test.go") }
	require.True(t, len(s.edits) > 0 || len(s.commands) > 0, "%s: no change", s.name)
	require.True(t, s.pkg != "" || len(s.commands) == 0 && !slices.ContainsFunc(s.edits, other),
		"%s: it does not say what fails without it", s.name)
}

// parseEdit reads a block: a whole file or, of kind diff, hunks that begin with @@.
func parseEdit(t *testing.T, kind, file string, lines []string) edit {
	e := edit{file: file}
	if kind != "diff" {
		e.whole = strings.Join(lines, "\n") + "\n"
		return e
	}
	for _, line := range lines {
		if line == "@@" {
			e.hunks = append(e.hunks, hunk{})
			continue
		}
		require.NotEmpty(t, e.hunks, "%s: a hunk begins with @@", file)
		h := &e.hunks[len(e.hunks)-1]
		sign, text := byte(' '), ""
		if line != "" {
			sign, text = line[0], line[1:]
		}
		require.Contains(t, " +-", string(sign), "%s: %s", file, line)
		if sign != '+' {
			h.old += text + "\n"
		}
		if sign != '-' {
			h.new += text + "\n"
		}
	}
	return e
}
