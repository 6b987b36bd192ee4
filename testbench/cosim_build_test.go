package testbench

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bdfasim/rtl/activity"
	"bdfasim/testbench/cosim"
	"bdfasim/testbench/cosim/sv"
)

// cosimBench is a Verilated model of a unit, or of the chip, with its driver.
type cosimBench struct {
	Binary string
	Ins    int // words of 32 bits; 0: there are none
	Outs   int // of all parts
	Events int // likewise
	Parts  []cosimPart
}

// cosimPart is a unit in a bench: where its outputs begin in the vector of all, and its events in
// theirs.
type cosimPart struct {
	Unit    *sv.Unit
	Out, Ev int // words
}

// add gives a unit a place in the bench's vectors.
func (b *cosimBench) add(u *sv.Unit) {
	b.Parts = append(b.Parts, cosimPart{u, b.Outs, b.Events})
	b.Outs += vectorWords(u.Out.Width)
	b.Events += vectorWords(len(u.Events) * sv.EventBits)
}

// verilator builds benches of the RTL.
type verilator struct {
	cosim.Source
	Dir   string // for what is built; kept from run to run
	Trace bool   // with waveforms

	Threads int    // of the model; 0: one
	Opt     string // of the C++ compiler; empty: -O1
}

// Unit builds the bench of a unit of a machine.
func (s *verilator) Unit(c *sv.Chip, u activity.Unit) (*cosimBench, error) {
	unit := &c.Units[u]
	files, err := s.Files(c, u)
	if err != nil {
		return nil, err
	}
	b := &cosimBench{Ins: vectorWords(unit.In.Width)}
	b.add(unit)
	var top bytes.Buffer
	b.unitBench(&top)
	files["tb.sv"] = top.Bytes()
	return b, s.build(b, unit.Module, files, "-DINPUTS")
}

// Chip builds the bench of the whole RTL chip, whose memories it writes to files at the end.
func (s *verilator) Chip(c *sv.Chip, memories []rtlMemory) (*cosimBench, error) {
	files, err := s.ChipFiles(c)
	if err != nil {
		return nil, err
	}
	b := &cosimBench{}
	for i := range c.Units {
		b.add(&c.Units[i])
	}
	var top bytes.Buffer
	b.chipBench(&top, memories)
	files["tb.sv"] = top.Bytes()
	return b, s.build(b, "chip", files, "-DDUMP")
}

// vectorWords are the words of 32 bits of a vector: from three on, Verilator has arrays.
func vectorWords(bits int) int { return max(3, (bits+31)/32) }

// build runs Verilator, unless the same sources have been built before.
func (s *verilator) build(b *cosimBench, name string, files map[string][]byte, defines ...string) error {
	driver, err := os.ReadFile("cosim/verilator/tb.cpp")
	if err != nil {
		return err
	}
	files["tb.cpp"] = driver
	names := slices.Sorted(maps.Keys(files))
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
