// Package expect compares long texts in tests and shows the lines that differ. It is for tests of
// all packages and imports none.
package expect

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pmezard/go-difflib/difflib"
)

var update = flag.Bool("update", false, "rewrite the files that tests compare with")

// File fails unless the named file holds got. With the flag -update it writes the file instead.
func File(t testing.TB, name, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if lines := diff(string(want), got); lines != "" {
		t.Errorf("%s differs (-update rewrites it):\n%s", name, lines)
	}
}

// diff returns the lines that differ, "" if none do.
func diff(want, got string) string {
	if want != got && !utf8.ValidString(want+got) {
		return "no text\n"
	}
	text, err := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: strings.SplitAfter(want, "\n"), B: strings.SplitAfter(got, "\n"),
		FromFile: "want", ToFile: "got", Context: 1,
	})
	if err != nil {
		panic(err) // a builder of strings takes everything
	}
	return text
}
