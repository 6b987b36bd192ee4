// Package synth reads the RTL of rtl/ with Yosys: what is wrong with it as hardware, how many
// flip-flops each enable clocks, how many gates lie in a row, and what gates of an open library
// switch in windows of a real run.
package synth

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Sources are the files of a module, by name.
type Sources map[string][]byte

// run gives Yosys a script in a folder with the sources. It returns what Yosys says, or said of the same before.
func run(dir string, src Sources, script ...string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	names := []string{"chip_pkg.sv"}
	for name, text := range src {
		if !strings.HasSuffix(name, ".sv") {
			continue
		}
		if name != names[0] {
			names = append(names, name)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return "", err
		}
	}
	slices.Sort(names[1:])
	read := "read_verilog -sv -DSYNTHESIS " + strings.Join(names, " ")
	commands := strings.Join(append([]string{read}, script...), "\n") + "\n"
	sum := sha256.New()
	for _, name := range names {
		fmt.Fprint(sum, name, len(src[name]), string(src[name]))
	}
	fmt.Fprint(sum, commands)
	stamp, answer := filepath.Join(dir, "stamp"), filepath.Join(dir, "answer")
	sources := fmt.Sprintf("%x", sum.Sum(nil))
	if last, err := os.ReadFile(stamp); err == nil && string(last) == sources {
		said, err := os.ReadFile(answer)
		return string(said), err
	}
	if err := os.WriteFile(filepath.Join(dir, "script.ys"), []byte(commands), 0o644); err != nil {
		return "", err
	}
	cmd := exec.Command("yosys", "-q", "-s", "script.ys")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("yosys in %s: %w\n%s", dir, err, tail(out))
	}
	if err := os.WriteFile(answer, out, 0o644); err != nil {
		return "", err
	}
	return string(out), os.WriteFile(stamp, []byte(sources), 0o644)
}

// tail is the end of a long text.
func tail(text []byte) []byte {
	const most = 4000
	return text[max(0, len(text)-most):]
}

// harmless are warnings of Yosys that say nothing against the RTL.
var harmless = regexp.MustCompile(`^Warning: (Replacing memory|Resizing cell port)`)

// warnings are those of Yosys' answer that speak against the RTL.
func warnings(answer string) (list []string) {
	lines := strings.Split(answer, "\n")
	for i, line := range lines {
		at := strings.Index(line, "Warning: ")
		if at < 0 || harmless.MatchString(line[at:]) {
			continue
		}
		text := line[at+len("Warning: "):]
		for _, more := range lines[i+1:] { // a loop's or a net's cells stand below it
			if !strings.HasPrefix(more, "    ") {
				break
			}
			text += "; " + strings.TrimSpace(more)
		}
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

// refusal is Yosys' last word about RTL that it does not read.
var refusal = regexp.MustCompile(`(?m)^.*ERROR: .*`)

// Unit is a unit's RTL as Yosys sees it.
type Unit struct {
	Module   *Module  // nil: Yosys refuses the RTL
	Problems []string // latches, loops, nets driven twice or not at all, and names that do not exist
}

// ReadUnit reads a unit. Memories stay cells.
func ReadUnit(dir, top string, src Sources) (*Unit, error) {
	answer, err := run(dir, src,
		"hierarchy -check -top "+top, "proc", "check", "flatten", "opt -fast", "memory_collect",
		// enables bit by bit: of a vector, each part may have its own
		"pmuxtree", "simplemap t:$mux", "opt_expr", "opt_merge", "opt_dff", "opt_merge", "opt_clean",
		"check", "write_json netlist.json")
	if refused := refusal.FindString(answer); err != nil && refused != "" {
		return &Unit{Problems: []string{refused}}, nil
	}
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, "netlist.json"))
	if err != nil {
		return nil, err
	}
	u := &Unit{Problems: warnings(answer)}
	if u.Module, err = readModule(data, top); err != nil {
		return nil, err
	}
	for i := range u.Module.Cells {
		if c := &u.Module.Cells[i]; c.isLatch() {
			u.Problems = append(u.Problems, fmt.Sprintf("latch: %s at %s", c.Name, c.Attributes["src"]))
		}
	}
	return u, nil
}
