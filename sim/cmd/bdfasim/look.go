package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/alecthomas/kong"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/sim"
	"bdfasim/sim/output"
	"bdfasim/sim/race"
	"bdfasim/sim/trace"
	"bdfasim/sim/wave"
)

// lookFlags say what is to be seen of a run besides its report.
type lookFlags struct {
	Trace  optionalFile `help:"${look_trace}"`
	Unit   string       `placeholder:"UNIT" help:"${look_unit}"`
	Label  string       `placeholder:"LABEL" help:"${look_label}"`
	Dump   dumpList     `sep:"none" placeholder:"WHAT" help:"${look_dump}"`
	Record recordings   `mapsep:"none" placeholder:"UNIT=FILE" help:"${look_record}"`
	VCD    target       `name:"vcd" placeholder:"FILE" help:"${look_vcd}"`
	From   uint64       `placeholder:"CYCLE" help:"First cycle of --trace and --vcd."`
	To     *uint64      `placeholder:"CYCLE" help:"${look_to}"`
	Race   bool         `help:"${look_race}"`
}

// optionalFile is a flag with or without a file: --trace is standard output.
type optionalFile string

func (f optionalFile) files() []string { return target(f).files() }

// recordings are files by unit.
type recordings map[string]string

func (r recordings) files() (names []string) {
	for _, file := range r {
		names = append(names, target(file).files()...)
	}
	return names
}

// IsBool tells kong that the flag needs no value.
func (*optionalFile) IsBool() bool { return true }

// Decode implements kong.MapperValue.
func (f *optionalFile) Decode(ctx *kong.DecodeContext) error {
	*f = "-"
	if token := ctx.Scan.Peek(); token.Type == kong.FlagValueToken {
		*f = optionalFile(ctx.Scan.Pop().String())
	}
	return nil
}

// lastVCD is the last cycle of a waveform that does not say.
const lastVCD = 9999

// Validate is called by kong.
func (f *lookFlags) Validate() error {
	if f.To != nil && f.From > *f.To {
		return fmt.Errorf("from and to: got cycles %d to %d, want the first not after the last",
			f.From, *f.To)
	}
	if f.Trace == "" && f.VCD == "" && (f.From > 0 || f.To != nil) {
		return errors.New("from and to: cycles of a trace or a waveform, want --trace or --vcd as well")
	}
	if f.Trace == "" && f.Unit+f.Label != "" {
		return errors.New("unit and label: choose from a trace, want --trace as well")
	}
	for name := range f.Record {
		if _, ok := trace.UnitByName(name); !ok {
			return fmt.Errorf("record: got unit %q, want one of the report's table of units", name)
		}
	}
	return nil
}

// observer follows a run and writes to a file.
type observer interface {
	Cycle(cycle uint64) error // called after every cycle
	Close() error
}

// observers follow a run.
type observers struct {
	opt   sim.Options
	list  []observer
	files []*output.File
	dumps *dumps
	races *race.Detector // nil: not asked for

	failed error // of those that are not in the list any more
}

// observe makes observers of a run. What was not asked for costs nothing.
func (f *lookFlags) observe(e *env, img *image.Image, chip *rtl.Chip) (*observers, error) {
	o := &observers{dumps: &dumps{list: f.Dump, img: img, chip: chip}}
	err := o.dumps.observe(&o.opt)
	if err == nil {
		err = o.add(e, string(f.Trace), func(w io.Writer) (observer, error) {
			filter := trace.Filter{From: f.From, Unit: f.Unit, Label: f.Label}
			if f.To != nil {
				filter.To = *f.To
			}
			t, err := trace.New(w, img, chip, filter)
			if err != nil {
				err = usageError{err}
			}
			return t, err
		})
	}
	for name, file := range f.Record {
		err = cmp.Or(err, o.add(e, file, func(w io.Writer) (observer, error) {
			unit, _ := trace.UnitByName(name) // Validate
			return trace.NewRecorder(w, chip, unit), nil
		}))
	}
	err = cmp.Or(err, o.add(e, string(f.VCD), func(w io.Writer) (observer, error) {
		v, err := wave.NewVCD(w, "chip", chip.Wires(), cyclePS(chip), programWaves(img, chip))
		x := &waves{VCD: v, from: f.From, to: lastVCD, name: string(f.VCD), notes: e.stderr}
		if f.To != nil {
			x.to = *f.To
		}
		return x, err
	}))
	if err != nil {
		return nil, errors.Join(err, o.close((*output.File).Abort))
	}
	if f.Race {
		o.races = race.New(chip, 0)
		o.races.Unwritten(img)
		o.list = append(o.list, o.races)
	}
	if len(o.list) > 0 {
		o.opt.OnCycle = o.cycle
	}
	return o, nil
}

// add makes an observer of a file; "": none, "-": of standard output.
func (o *observers) add(e *env, file string, make func(io.Writer) (observer, error)) error {
	w := e.stdout
	switch file {
	case "":
		return nil
	case "-":
	default:
		f, err := output.Create(file)
		if err != nil {
			return err
		}
		o.files, w = append(o.files, f), f
	}
	x, err := make(w)
	if err == nil {
		o.list = append(o.list, x)
	}
	return err
}

// cycle is called after every cycle. One that fails does not cost the run, nor the others.
func (o *observers) cycle(cycle uint64) error {
	o.list = slices.DeleteFunc(o.list, func(x observer) bool {
		err := x.Cycle(cycle)
		if err != nil {
			o.failed = errors.Join(o.failed, err, x.Close())
		}
		return err != nil
	})
	return nil
}

// finish ends all observers after a run, which may have failed.
func (o *observers) finish(e *env, failed bool) error {
	// What was seen of a run that failed is what one looks for.
	return errors.Join(o.failed, o.close((*output.File).Commit), o.dumps.end(e.stdout, failed))
}

// close writes what observers hold and ends the files.
func (o *observers) close(end func(*output.File) error) (err error) {
	for _, x := range o.list {
		err = errors.Join(err, x.Close())
	}
	for _, f := range o.files {
		err = errors.Join(err, end(f))
	}
	return err
}

// waves is a waveform of some cycles.
type waves struct {
	*wave.VCD
	from, to uint64
	name     string
	notes    io.Writer
}

// programWaves shows in a waveform what SEQ is at.
func programWaves(img *image.Image, chip *rtl.Chip) wave.Group {
	w := chip.Wires()
	return wave.Group{Scope: "program", Vars: []wave.Var{
		{Name: "phase", Text: func() string { return isa.Phase(w.Seq.Tag.Phase()).String() }},
		{Name: "layer", Text: func() string { return fmt.Sprint(w.Seq.Tag.Layer()) }},
		{Name: "instruction", Text: func() string { return sim.SiteAt(img, chip.Seq.State.PC).Text }},
	}}
}

// Cycle implements observer.
func (w *waves) Cycle(cycle uint64) error {
	if cycle == w.to+1 {
		fmt.Fprintf(w.notes, "%s has cycles %d to %d; the run goes on to its end or --limit\n", w.name, w.from, w.to)
	}
	if cycle < w.from || cycle > w.to {
		return nil
	}
	return w.Sample(cycle)
}
