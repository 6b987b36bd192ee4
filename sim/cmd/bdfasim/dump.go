package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/seq"
	"bdfasim/sim"
	"bdfasim/sim/inspect"
	"bdfasim/sim/output"
)

// dump is a memory or a tensor to be printed at some time: WHAT[/hex][@WHEN][=FILE].
type dump struct {
	text string // as it was given
	what string
	hex  bool
	when string // "": it has been made
	file string // "": standard output
}

// dumpList are the dumps of a run.
type dumpList []dump

func (l dumpList) files() (names []string) {
	for _, d := range l {
		names = append(names, target(d.file).files()...)
	}
	return names
}

// moments is the form of WHEN, whose groups are a cycle and a phase.
var moments = regexp.MustCompile(`^(?:end|fault|([1-9]\d*)|([a-z]+)(?:\.\d+(?:\.[1-9]\d*)?)?)$`)

// UnmarshalText is called by kong.
func (d *dump) UnmarshalText(text []byte) error {
	d.text = string(text)
	rest, file, _ := strings.Cut(d.text, "=")
	what, when, timed := strings.Cut(rest, "@")
	if !timed {
		when = "end"
	}
	d.when, d.file = when, file
	d.what, d.hex = strings.CutSuffix(what, "/hex")
	parts := moments.FindStringSubmatch(when)
	if parts != nil && parts[2] != "" {
		if _, ok := isa.OperandPhase.Aux(parts[2]); !ok {
			parts = nil
		}
	}
	if parts == nil {
		return fmt.Errorf("got time %q, want end, fault, a cycle, or a mark, PHASE.LAYER.N", when)
	}
	return nil
}

// dumps makes dumps while a program runs.
type dumps struct {
	list  []dump
	img   *image.Image
	chip  *rtl.Chip
	marks map[string]int // how often a mark, PHASE.LAYER, is done
	out   bytes.Buffer   // what goes to standard output, after the run
}

// observe follows marks and cycles if dumps need them. It refuses what cannot be read.
func (d *dumps) observe(opt *sim.Options) error {
	d.marks = map[string]int{}
	for _, x := range d.list {
		if _, err := inspect.Read(d.chip, d.img, x.what); err != nil {
			return usagef("dump: %w", err)
		}
		switch parts := moments.FindStringSubmatch(x.when); {
		case parts[1] != "":
			opt.OnWindow = d.window
		case parts[2] != "":
			opt.OnTagDone = d.mark
		}
	}
	opt.Window = d.next()
	return nil
}

// mark is called when the commands of a mark have retired.
func (d *dumps) mark(t seq.TagDone) error {
	phase := isa.Phase(t.Tag.Phase()).String()
	at := fmt.Sprintf("%s.%d", phase, t.Tag.Layer())
	d.marks[at]++
	return d.make(", "+at+" done", phase, at, fmt.Sprintf("%s.%d", at, d.marks[at]))
}

// window is called in the cycle of a dump and returns the next such cycle.
func (d *dumps) window(cycle uint64) (uint64, error) {
	err := d.make("", strconv.FormatUint(cycle, 10))
	return d.next(), err
}

// next is the first cycle of a dump that is still to be made; 0: none.
func (d *dumps) next() (next uint64) {
	for _, x := range d.list {
		if cycle, err := strconv.ParseUint(x.when, 10, 64); err == nil && (next == 0 || cycle < next) {
			next = cycle
		}
	}
	return next
}

// end makes the dumps of the end of a run and prints all. A dump whose time never came, in a run
// that did not fail, is an error.
func (d *dumps) end(w io.Writer, failed bool) error {
	title, times := ", end", []string{"end"}
	if failed {
		title, times = ", stopped", []string{"end", "fault"}
	}
	if err := d.make(title, times...); err != nil {
		return err
	}
	if _, err := w.Write(d.out.Bytes()); err != nil {
		return err
	}
	for _, x := range d.list {
		if x.when != "" && x.when != "fault" && !failed {
			return fmt.Errorf("dump %s: the program ended before", x.text)
		}
	}
	return nil
}

// make makes the dumps of some times.
func (d *dumps) make(title string, times ...string) error {
	for i := range d.list {
		x := &d.list[i]
		if !slices.Contains(times, x.when) {
			continue
		}
		x.when = ""
		a, err := inspect.Read(d.chip, d.img, x.what)
		if err != nil {
			return fmt.Errorf("dump: %w", err)
		}
		title := fmt.Sprintf("cycle %d%s", d.chip.Cycle(), title)
		write := func(w io.Writer) error { return a.Text(w, title, x.hex) }
		if filepath.Ext(x.file) == ".npy" {
			write = a.NPY
		}
		if x.file == "" {
			err = write(&d.out)
		} else {
			err = output.Write(x.file, write)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
