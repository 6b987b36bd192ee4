package compile

import (
	"fmt"
	"strings"
)

// text collects assembly.
type text struct {
	strings.Builder
	labels int
}

// op writes an instruction: mnemonic and operands.
func (t *text) op(mnemonic, format string, args ...any) {
	line := fmt.Sprintf("        %-7s %s", mnemonic, fmt.Sprintf(format, args...))
	t.WriteString(strings.TrimRight(line, " ") + "\n")
}

// seti sets parameter registers of a unit: name, value, name, value, ...
func (t *text) seti(unit string, pairs ...any) {
	for i := 0; i < len(pairs); i += 2 {
		t.op("seti", "%s.%s, %v", unit, pairs[i], pairs[i+1])
	}
}

// label writes a label.
func (t *text) label(format string, args ...any) {
	fmt.Fprintf(t, "%s:\n", fmt.Sprintf(format, args...))
}

// fresh returns a label that is used nowhere else.
func (t *text) fresh(what string) string {
	t.labels++
	return fmt.Sprintf("%s%d", what, t.labels)
}

// comment writes a line of its own.
func (t *text) comment(format string, args ...any) {
	fmt.Fprintf(t, "        # %s\n", fmt.Sprintf(format, args...))
}

// head begins a section.
func (t *text) head(format string, args ...any) {
	line := "# ---- " + fmt.Sprintf(format, args...) + " "
	fmt.Fprintf(t, "\n%s%s\n", line, strings.Repeat("-", max(4, 116-len(line))))
}

// split sets the split of all units that a tile passes through.
func (t *text) split(s uint32) {
	t.seti("wld", "split", s)
	t.seti("dnnc", "split", s)
	t.seti("drain", "split", s)
}
