package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/seq"
	"bdfasim/sim"
	"bdfasim/sim/inspect"
)

// dump is a memory or a tensor to be printed at some time: WHAT[/hex][@WHEN][=FILE].
type dump struct {
	text string // as it was given
	what string
	hex  bool
	when moment
	file string // "": standard output
}

// moment is when a dump is made.
type moment struct {
	kind  momentKind
	cycle uint64
	phase isa.Phase
	layer int // -1: any
	nth   int // how many such marks are still to be done, this one included
}

type momentKind int

const (
	atEnd momentKind = iota // however the run ends
	atFault
	atCycle
	atMark
	dumped // the dump has been made
)

// UnmarshalText is called by kong.
func (d *dump) UnmarshalText(text []byte) (err error) {
	d.text = string(text)
	rest, when, what := "", "", false
	rest, d.file, _ = strings.Cut(d.text, "=")
	rest, when, what = strings.Cut(rest, "@")
	d.what, d.hex = strings.CutSuffix(rest, "/hex")
	if !what {
		when = "end"
	}
	if d.when, err = parseMoment(when); err != nil {
		return fmt.Errorf("%s: %w", d.text, err)
	}
	return nil
}

// parseMoment reads WHEN.
func parseMoment(text string) (moment, error) {
	parts := strings.Split(text, ".")
	m := moment{layer: -1, nth: 1}
	bad := fmt.Errorf("got time %q, want end, fault, a cycle, or a mark, PHASE.LAYER.N", text)
	if n, err := strconv.ParseUint(text, 10, 64); err == nil && n > 0 {
		m.kind, m.cycle = atCycle, n
		return m, nil
	}
	switch phase, ok := isa.PhaseByName(parts[0]); {
	case text == "end":
		return m, nil
	case text == "fault":
		m.kind = atFault
		return m, nil
	case !ok || len(parts) > 3:
		return m, bad
	default:
		m.kind, m.phase = atMark, phase
	}
	for i, n := range []*int{&m.layer, &m.nth} {
		if i+1 < len(parts) {
			var err error
			if *n, err = strconv.Atoi(parts[i+1]); err != nil || *n < i { // layers from 0, times from 1 on
				return m, bad
			}
		}
	}
	return m, nil
}

// dumps makes dumps while a program runs.
type dumps struct {
	list []dump
	img  *image.Image
	chip *rtl.Chip
	out  bytes.Buffer // of those to standard output, written at the end
}

// observe follows marks and cycles if dumps need them. It refuses what cannot be read.
func (d *dumps) observe(opt *sim.Options) error {
	for i := range d.list {
		x := &d.list[i]
		if _, err := inspect.Read(d.chip, d.img, x.what); err != nil {
			return usagef("dump: %w", err)
		}
		switch x.when.kind {
		case atMark:
			opt.OnTagDone = d.mark
		case atCycle:
			opt.OnWindow = d.window
		}
	}
	opt.Window = d.next()
	return nil
}

// mark is called when the commands of a mark are done.
func (d *dumps) mark(t seq.TagDone) error {
	phase, layer := isa.Phase(t.Tag.Phase()), int(t.Tag.Layer())
	return d.make(fmt.Sprintf(", %s of layer %d done", phase, layer), func(m *moment) bool {
		if m.kind != atMark || m.phase != phase || m.layer >= 0 && m.layer != layer {
			return false
		}
		m.nth--
		return m.nth == 0
	})
}

// window is called in the cycle of a dump and returns the next such cycle.
func (d *dumps) window(cycle uint64) (uint64, error) {
	err := d.make("", func(m *moment) bool { return m.kind == atCycle && m.cycle == cycle })
	return d.next(), err
}

// next is the first cycle of a dump that is still to be made; 0: none.
func (d *dumps) next() (cycle uint64) {
	for i := range d.list {
		if m := &d.list[i].when; m.kind == atCycle && (cycle == 0 || m.cycle < cycle) {
			cycle = m.cycle
		}
	}
	return cycle
}

// end makes the dumps of the end of a run, which may have failed, and prints all. It returns
// what could not be made: a time that a run which did not fail never came to.
func (d *dumps) end(w io.Writer, failed bool) error {
	title := ", end"
	if failed {
		title = ", stopped"
	}
	err := d.make(title, func(m *moment) bool {
		return m.kind == atEnd || failed && m.kind == atFault
	})
	if _, werr := w.Write(d.out.Bytes()); err == nil {
		err = werr
	}
	for _, x := range d.list {
		if k := x.when.kind; err == nil && !failed && (k == atCycle || k == atMark) {
			err = fmt.Errorf("dump %s: the program ended before", x.text)
		}
	}
	return err
}

// make makes the dumps whose time has come.
func (d *dumps) make(when string, now func(*moment) bool) error {
	for i := range d.list {
		x := &d.list[i]
		if !now(&x.when) {
			continue
		}
		x.when.kind = dumped
		a, err := inspect.Read(d.chip, d.img, x.what)
		if err != nil {
			return fmt.Errorf("dump %s: %w", x.text, err)
		}
		title := fmt.Sprintf("cycle %d%s", d.chip.Cycle(), when)
		write := func(w io.Writer) error { return a.Text(w, title, x.hex) }
		if filepath.Ext(x.file) == ".npy" {
			write = a.NPY
		}
		if x.file == "" {
			err = write(&d.out)
		} else {
			err = createFile(x.file, write)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
