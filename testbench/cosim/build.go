// Package cosim runs the RTL of rtl/ beside the Go units: it builds benches with Verilator, feeds
// them what the Go units see, and compares what they drive, cycle by cycle. docs/cosim.md tells how
// to use it.
package cosim

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bdfasim/rtl/activity"
	"bdfasim/testbench/cosim/sv"
)

//go:generate go run ./gen ../../rtl

//go:embed verilator/tb.cpp
var driver []byte

// Bench is a Verilated model of a unit, or of the chip, with its driver.
type Bench struct {
	Binary string
	Ins    int // words of 32 bits; 0: there are none
	Outs   int // of all parts
	Events int // likewise
	Parts  []Part
}

// Part is a unit in a bench: where its outputs begin in the vector of all, and its events in theirs.
type Part struct {
	Unit    *sv.Unit
	Out, Ev int // words
}

// add gives a unit a place in the bench's vectors.
func (b *Bench) add(u *sv.Unit) {
	b.Parts = append(b.Parts, Part{u, b.Outs, b.Events})
	b.Outs += words(u.Out.Width)
	b.Events += words(len(u.Events) * sv.EventBits)
}

// Source says where benches are built from and where to.
type Source struct {
	Root   string // of the project
	Dir    string // for what is built; kept from run to run
	Mutant *Mutant
	Trace  bool // with waveforms

	Threads int    // of the model; 0: one
	Opt     string // of the C++ compiler; empty: -O1
}

// Missing reports what a unit's bench lacks: its RTL.
func (s *Source) Missing(module string) bool {
	_, err := os.Stat(filepath.Join(s.Root, "rtl", module, module+".sv"))
	return err != nil
}

// Unit builds the bench of a unit of a machine.
func (s *Source) Unit(c *sv.Chip, u activity.Unit) (*Bench, error) {
	unit := &c.Units[u]
	files, err := s.Files(c, u)
	if err != nil {
		return nil, err
	}
	b := &Bench{Ins: words(unit.In.Width)}
	b.add(unit)
	var top bytes.Buffer
	unit.Bench(&top, 32*b.Ins, 32*b.Outs, 32*b.Events)
	files["tb.sv"] = top.Bytes()
	return b, s.build(b, unit.Module, files, "-DINPUTS")
}

// Files are the sources of a unit's RTL, by name.
func (s *Source) Files(c *sv.Chip, u activity.Unit) (map[string][]byte, error) {
	return s.files(c, []string{"port", "errors", c.Units[u].Module})
}

// Chip builds the bench of the whole RTL chip, whose memories it writes to files at the end.
func (s *Source) Chip(c *sv.Chip, memories []Memory) (*Bench, error) {
	dirs := []string{"", "port", "errors"}
	for i := range c.Units {
		dirs = append(dirs, c.Units[i].Module)
	}
	files, err := s.files(c, dirs)
	if err != nil {
		return nil, err
	}
	b := &Bench{}
	for i := range c.Units {
		b.add(&c.Units[i])
	}
	var top bytes.Buffer
	b.chipBench(&top, memories)
	files["tb.sv"] = top.Bytes()
	return b, s.build(b, "chip", files, "-DDUMP")
}

// words are those of 32 bits that Verilator makes an array of.
func words(bits int) int { return max(3, (bits+31)/32) }

// files are the sources that a bench is made of, by name.
func (s *Source) files(c *sv.Chip, dirs []string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, dir := range dirs {
		paths, err := filepath.Glob(filepath.Join(s.Root, "rtl", dir, "*.sv"))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			name, _ := filepath.Rel(s.Root, path)
			if s.Mutant != nil && s.Mutant.File == filepath.ToSlash(name) {
				if text, err = s.Mutant.apply(text); err != nil {
					return nil, err
				}
			}
			files[filepath.Base(path)] = text
		}
	}
	var pkg, limits bytes.Buffer
	c.Package(&pkg)
	c.Limits(&limits)
	files["chip_pkg.sv"], files["limits.sv"] = pkg.Bytes(), limits.Bytes()
	return files, nil
}

// build runs Verilator, unless the same sources have been built before.
func (s *Source) build(b *Bench, name string, files map[string][]byte, defines ...string) error {
	files["tb.cpp"] = driver
	names := make([]string, 0, len(files))
	for file := range files {
		names = append(names, file)
	}
	slices.Sort(names)
	if s.Trace {
		defines = append(defines, "-DTRACE")
	}
	opt := s.Opt
	if opt == "" {
		opt = "-O1"
	}
	sum := sha256.New()
	fmt.Fprint(sum, defines, opt, s.Threads)
	for _, file := range names {
		fmt.Fprint(sum, file, len(files[file]))
		sum.Write(files[file])
	}
	dir := filepath.Join(s.Dir, fmt.Sprintf("%s-%x", name, sum.Sum(nil)[:6]))
	b.Binary = filepath.Join(dir, "obj", "Vtb")
	if _, err := os.Stat(b.Binary); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	args := []string{"--cc", "--exe", "--build", "-O3", "--x-initial", "0", "--x-assign", "0", "-Wno-fatal",
		"-Wno-lint", "-Wno-style", "-Wno-MULTITOP", "--top-module", "tb", "--Mdir", "obj", "-CFLAGS", opt + " " + strings.Join(defines, " "),
		"-MAKEFLAGS", "OPT_FAST=" + opt + " OPT_SLOW=-O0 OPT_GLOBAL=" + opt, "-j", "1", "chip_pkg.sv"}
	if s.Trace {
		args = append(args, "--trace", "--trace-structs")
	}
	if s.Threads > 1 {
		args = append(args, "--threads", strconv.Itoa(s.Threads))
	}
	for _, file := range names {
		if err := os.WriteFile(filepath.Join(dir, file), files[file], 0o644); err != nil {
			return err
		}
		if file != "chip_pkg.sv" {
			args = append(args, file)
		}
	}
	cmd := exec.Command("verilator", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("verilator %s: %w\n%s", name, err, tail(out))
	}
	return nil
}

// tail is the end of a long text.
func tail(text []byte) []byte {
	const most = 8000
	return text[max(0, len(text)-most):]
}
