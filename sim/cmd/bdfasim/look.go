package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/sim"
	"bdfasim/sim/trace"
	"bdfasim/sim/wave"
)

// lookFlags say what is to be seen of a run besides its report.
type lookFlags struct {
	Trace  optionalFile      `help:"${look_trace}"`
	Unit   string            `placeholder:"UNIT" help:"${look_unit}"`
	Label  string            `placeholder:"LABEL" help:"${look_label}"`
	Dump   []dump            `sep:"none" placeholder:"WHAT" help:"${look_dump}"`
	Record map[string]string `mapsep:"none" placeholder:"UNIT=FILE" help:"${look_record}"`
	VCD    string            `name:"vcd" type:"path" placeholder:"FILE" help:"${look_vcd}"`
	From   uint64            `placeholder:"CYCLE" help:"First cycle of --trace and --vcd."`
	To     *uint64           `placeholder:"CYCLE" help:"${look_to}"`
}

// lookHelp are the long texts of the help of run and verify.
var lookHelp = kong.Vars{
	"look_trace": "Print each instruction with what it did, and each command that has finished; " +
		"--trace=FILE: into FILE.",
	"look_unit":  "Trace only instructions for UNIT: dma, wld, dnnc ...; seq: all others.",
	"look_label": "Trace only instructions from LABEL to the next label.",
	"look_dump": "Print a memory or a tensor: WHAT[/hex][@WHEN][=FILE]. WHAT: a tensor's name " +
		"(see bdfasim info), or scratch, regs, xmem, omem, ptr, mask, sign or bias; of either " +
		"elements 0 to 15 by :0:16. WHEN: end (default), fault, a cycle, or PHASE.LAYER.N, when " +
		"the commands of the Nth such mark have finished. FILE.npy: a NumPy array. Repeatable.",
	"look_record": "Write all that UNIT sees and drives in every cycle to FILE, as CSV; no unit " +
		"sleeps, so the run takes longer. Repeatable.",
	"look_vcd":      "Write all wires between the units as a Value Change Dump.",
	"verify_target": "An image, or a network: a YAML or .onnx file, or one of ${presets}.",
	"look_to":       "Last cycle of --trace (default: the end) and --vcd (default: 9999).",
}

// optionalFile is a flag with or without a file: --trace is standard output.
type optionalFile string

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

// observers follow a run.
type observers struct {
	opt   sim.Options
	cycle []func(cycle uint64) error // called after every cycle
	end   []func() error             // called at the end, the last one first
	dumps *dumps
}

// observe opens files and makes observers of a run. What was not asked for costs nothing.
func (f *lookFlags) observe(e *env, img *image.Image, chip *rtl.Chip) (*observers, error) {
	o := &observers{dumps: &dumps{list: f.Dump, img: img, chip: chip}}
	err := cmp.Or(o.dumps.observe(&o.opt), f.trace(e, o, img, chip), f.record(e, o, chip),
		f.waves(e, o, chip))
	if err != nil {
		return nil, errors.Join(err, o.close())
	}
	if len(o.cycle) > 0 {
		o.opt.OnCycle = func(cycle uint64) error {
			for _, call := range o.cycle {
				if err := call(cycle); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return o, nil
}

// finish ends all observers after a run, which may have failed.
func (o *observers) finish(e *env, failed bool) error {
	return errors.Join(o.close(), o.dumps.end(e.stdout, failed))
}

// close closes all files.
func (o *observers) close() error {
	var errs []error
	for i := len(o.end) - 1; i >= 0; i-- {
		errs = append(errs, o.end[i]())
	}
	return errors.Join(errs...)
}

// file creates a file, closed at the end; "-" is standard output.
func (o *observers) file(e *env, name string) (io.Writer, error) {
	if name == "-" {
		return e.stdout, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	o.end = append(o.end, f.Close)
	return f, nil
}

func (f *lookFlags) trace(e *env, o *observers, img *image.Image, chip *rtl.Chip) error {
	if f.Trace == "" {
		return nil
	}
	w, err := o.file(e, string(f.Trace))
	if err != nil {
		return err
	}
	filter := trace.Filter{From: f.From, Unit: f.Unit, Label: f.Label}
	if f.To != nil {
		filter.To = *f.To
	}
	t, err := trace.New(w, img, chip, filter)
	if err != nil {
		return usageError{err}
	}
	o.cycle, o.end = append(o.cycle, t.Cycle), append(o.end, t.Close)
	return nil
}

func (f *lookFlags) record(e *env, o *observers, chip *rtl.Chip) error {
	for name, file := range f.Record {
		w, err := o.file(e, file)
		if err != nil {
			return err
		}
		unit, _ := trace.UnitByName(name) // Validate
		r := trace.NewRecorder(w, chip, unit)
		o.cycle, o.end = append(o.cycle, r.Cycle), append(o.end, r.Close)
	}
	return nil
}

func (f *lookFlags) waves(e *env, o *observers, chip *rtl.Chip) error {
	const period = 1e6 / rtlMHz // ps
	if f.VCD == "" {
		return nil
	}
	w, err := o.file(e, f.VCD)
	if err != nil {
		return err
	}
	v, err := wave.NewVCD(w, "chip", chip.Wires(), period)
	if err != nil {
		return err
	}
	to := uint64(lastVCD)
	if f.To != nil {
		to = *f.To
	}
	o.end = append(o.end, v.Close)
	o.cycle = append(o.cycle, func(cycle uint64) error {
		if cycle < f.From || cycle > to {
			return nil
		}
		return v.Sample(cycle)
	})
	return nil
}
