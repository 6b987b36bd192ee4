package testbench

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bdfasim/testbench/expect"
)

// Pages hold what commands print. A comment before such a block has the command:
//
//	<!-- generated: bdfasim power area | table Area 1,3 -->
//	<!-- generated (40s): table Roofline <vgg.txt -->
//	<!-- run (40s): timing vgg >vgg.txt -->
//
// The block goes on to <!-- end -->; a run has none and is for the commands after it, or holds a
// number of the prose: says 'ff 3 .* 12,938' <mlp.txt. The commands of a page are bash, run one
// after another in one empty folder, with bdfasim and timing (the tests of sim/profile) in the path.
// $ROOT is the project, $IMG takes pictures for docs/img. In brackets stands how long it may take
// on a busy machine, up to 5 s if nothing does. "<!-- measured: make bench -->" says where numbers
// come from that other machines do not have; nothing runs it.
//
// This test compares the quick blocks; make docs-check compares all up to five minutes, make docs
// writes them.
var docsLimit = flag.Duration("docs", 5*time.Second, "run blocks of pages that take so long")

var (
	blockStart = regexp.MustCompile(`(?s)<!-- (generated|run)(?: \((\w+)\))?:\s+(.*?) -->\n`)
	anyMark    = regexp.MustCompile(`(?m)^<!-- (.*?)[ :]`)
)

// maxColumns are 100, and the widest drawing.
const maxColumns = 106

const blockEnd = "<!-- end -->\n"

// prelude is what the commands of pages have besides the programs.
const prelude = `set -euo pipefail
# table TITLE [COLUMNS [ROWS]] is the table of that title, of text or Markdown on standard input, as
# Markdown: its columns by number, its rows by a pattern for their first cells. Columns in percent
# have one digit after the point.
table() {
	awk -v title="$1" -v columns="${2:-}" -v rows="${3:-}" '
	function trim(s) { gsub(/^ +| +$/, "", s); return s }
	function shown(s,  head) {
		if (s !~ /^[0-9]+$/ || length(s) < 4) return s
		head = substr(s, 1, length(s) - 3)
		return shown(head) "," substr(s, length(s) - 2)
	}
	{ sub(/^#+ /, "") }
	ended { next } # to the end: the command would fail at a closed pipe
	!on { on = index($0, title) == 1; next }
	/^[-+:| ]+$/ { next }
	!/\|/ { ended = n > 0; next }
	{
		sub(/^\|/, ""); sub(/\|$/, "")
		split($0, cell, "|")
		if (n > 0 && rows != "" && trim(cell[1]) !~ rows) next
		if (n++ == 0) {
			if (columns == "") for (i = 1; i in cell; i++) columns = columns (i > 1 ? "," : "") i
			k = split(columns, column, ",")
		}
		for (j = 1; j <= k; j++) {
			text[n, j] = shown(trim(cell[column[j]]))
			if (text[1, j] ~ /%/ && text[n, j] ~ /[.]/) text[n, j] = sprintf("%.1f", text[n, j])
			if (n > 1 && text[n, j] ~ /^[-+]?[0-9][0-9.,]*$/) right[j] = 1
		}
	}
	END {
		if (n < 2) { print "no table " title > "/dev/stderr"; exit 1 }
		for (i = 1; i <= n; i++) {
			line = "|"; rule = "|"
			for (j = 1; j <= k; j++) {
				line = line " " text[i, j] " |"
				rule = rule (right[j] ? " ---: |" : " --- |")
			}
			print line
			if (i == 1) print rule
		}
	}'
}
# example NAME FILE is the output of an example, which go test compares with what it prints.
example() {
	awk -v name="func $1()" '
	index($0, name) == 1 { on = 1 }
	/^}/ { on = 0 }
	on && out { sub(/^\t\/\/ ?/, ""); print }
	on && /\/\/ Output:/ { out = 1 }' "$ROOT/$2"
}
# show COMMAND is the command, as one types it, and what it prints.
show() {
	local out
	printf '$ %s\n\n' "$*"
	out=$(eval "$*")
	[ -z "$out" ] || printf '%s\n\n' "$out"
}
# only TITLE is the table of that title, as text, after a command that is shown.
only() {
	awk -v title="$1" '
	/^\$ / { command = 1 }
	command { print; command = $0 != ""; next }
	on && $0 == "" { blank = 1; next }
	blank { blank = 0; on = /^ /; if (on) print "" } # a wide table goes on in further blocks
	index($0, title) == 1 { on = found = 1 }
	on { print }
	END { if (!found) { print "no table " title > "/dev/stderr"; exit 1 } }'
}
# says PATTERN fails unless a line of standard input has it.
says() { grep -E -- "$1" >/dev/null || { echo "no line has: $1" >&2; return 1; }; }
`

func TestDocs(t *testing.T) {
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	bin := t.TempDir()
	for _, args := range []string{"build -o " + bin + "/ ./sim/cmd/bdfasim",
		"test -c -o " + bin + "/timing ./sim/profile"} {
		build := exec.Command("go", strings.Fields(args)...)
		build.Dir = root
		out, err := build.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	pages, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	examples, err := filepath.Glob("../examples/*/README.md")
	require.NoError(t, err)
	require.NotEmpty(t, examples)
	for _, page := range slices.Concat(pages, examples, []string{"../README.md", "../RATIONALE.md"}) {
		t.Run(strings.TrimPrefix(page, "../"), func(t *testing.T) {
			t.Parallel()
			old, err := os.ReadFile(page)
			require.NoError(t, err)
			s := session{root: root, bin: bin, dir: t.TempDir(), limit: *docsLimit}
			require.NoError(t, os.Mkdir(s.images(), 0o777))
			text, err := s.page(string(old))
			require.NoError(t, err, page)
			expect.File(t, page, text)
			images, err := os.ReadDir(s.images())
			require.NoError(t, err)
			for _, image := range images {
				drawn, err := os.ReadFile(filepath.Join(s.images(), image.Name()))
				require.NoError(t, err)
				expect.File(t, filepath.Join("../docs/img", image.Name()), string(drawn))
			}
		})
	}
}

// session runs the commands of one page.
type session struct {
	root, bin, dir string
	limit          time.Duration
}

func (s session) images() string { return filepath.Join(s.dir, "img") }

// page returns a page with its blocks made anew, those beyond the limit as they were.
func (s session) page(text string) (string, error) {
	var out strings.Builder
	for line := 1; ; {
		at := blockStart.FindStringSubmatchIndex(text)
		if at == nil {
			return out.String() + text, nil
		}
		kind, takes, command := text[at[2]:at[3]], "5s", text[at[6]:at[7]]
		if at[4] >= 0 {
			takes = text[at[4]:at[5]]
		}
		line += strings.Count(text[:at[0]], "\n")
		start := line
		fail := func(format string, args ...any) (string, error) {
			return "", fmt.Errorf("line %d: %s: %s", start, command, fmt.Sprintf(format, args...))
		}
		out.WriteString(text[:at[1]])
		line += strings.Count(text[at[0]:at[1]], "\n")
		text = text[at[1]:]
		block := ""
		if kind == "generated" {
			end := strings.Index(text, blockEnd)
			if end < 0 {
				return fail("got no %q after it, want one", strings.TrimSpace(blockEnd))
			}
			block = text[:end]
			if mark := anyMark.FindString(block); mark != "" {
				return fail("got %s before its end, want none", mark)
			}
			text = text[end:]
			line += strings.Count(block, "\n")
		}
		limit, err := time.ParseDuration(takes)
		if err != nil {
			return fail("got (%s), want a time as 40s", takes)
		}
		if limit > s.limit {
			out.WriteString(block)
			continue
		}
		made, err := s.run(command)
		if err != nil {
			return fail("%v", err)
		}
		if kind == "generated" {
			if made, err = formatted(made); err != nil {
				return fail("%v", err)
			}
			out.WriteString(made)
		}
	}
}

// run returns what a command prints.
func (s session) run(command string) (string, error) {
	c := exec.Command("bash", "-c", prelude+command)
	c.Dir = s.dir
	c.Env = append(os.Environ(), "ROOT="+s.root, "IMG="+s.images(), "LC_ALL=C",
		"PATH="+s.bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, stderr.Bytes())
	}
	return stdout.String(), nil
}

// formatted makes a block of what a command printed: a table is Markdown, all else is shown as it
// is. Lines have up to maxColumns.
func formatted(text string) (string, error) {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	indent := "    "
	if strings.HasPrefix(lines[0], "|") {
		indent = ""
	}
	var out strings.Builder
	out.WriteString("\n")
	for _, line := range lines {
		line = strings.TrimRight(indent+line, " ")
		if len(line) > maxColumns {
			return "", fmt.Errorf("got a line of %d columns, want up to %d: %s", len(line), maxColumns, line)
		}
		out.WriteString(line + "\n")
	}
	return out.String() + "\n", nil
}

func TestPagesAreRewrittenBlockByBlock(t *testing.T) {
	s := session{root: "/root", bin: t.TempDir(), dir: t.TempDir(), limit: 2 * time.Second}
	const page = `Text.

<!-- run (1s): printf 'Big\n a | b | c %%\n---+---\n x | 1234567 | 0.26 \n z | -1 | 0.5 \n\n' >f -->
<!-- generated (2s): table Big 1,3,2 '^x' <f -->
old
<!-- end -->
<!-- generated (3s): exit 1 -->
kept
<!-- end -->
<!-- measured: false -->
<!-- generated (1s): says 'z .* 0.5' <f
  echo "$ROOT" -->
<!-- end -->
Rest.
`
	got, err := s.page(page)
	require.NoError(t, err)
	require.Equal(t, strings.NewReplacer("old\n", `
| a | c % | b |
| --- | ---: | ---: |
| x | 0.3 | 1,234,567 |

`, `echo "$ROOT" -->
`, `echo "$ROOT" -->

    /root

`).Replace(page), got)
	for text, want := range map[string]string{
		"\n<!-- run (1s): false -->\n":                        "line 2: false: exit status 1",
		"<!-- run (1s): says a </dev/null -->\n":              "no line has: a",
		"<!-- run (1s): table a </dev/null -->\n":             "no table a",
		"<!-- run (soon): true -->\n":                         "got (soon), want a time as 40s",
		"<!-- generated: a -->\n":                             `got no "<!-- end -->" after it`,
		"<!-- generated: a -->\n<!-- run: b -->\n" + blockEnd: "got <!-- run: before its end",
		"<!-- generated (1s): seed=; printf '%0103d' -->\n" + blockEnd: "got a line of 107 columns, " +
			"want up to 106",
	} {
		_, err := s.page(text)
		require.ErrorContains(t, err, want)
	}
}
