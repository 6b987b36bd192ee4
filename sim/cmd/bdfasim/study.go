package main

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"

	"bdfasim/firmware/yamlfile"
	"bdfasim/isa/machine"
	"bdfasim/power"
	"bdfasim/power/study"
	"bdfasim/rtl"
)

// techFlags choose a technology.
type techFlags struct {
	Tech string  `placeholder:"NAME|FILE" default:"lp65" help:"${tech}"`
	Volt float64 `want:"[0.7,1.1]" placeholder:"V" help:"${volt}"`
	DRAM string  `placeholder:"KIND" help:"${dram}"`
}

// load returns the technology for a machine.
func (f *techFlags) load(m machine.Config) (*power.Tech, error) {
	t, err := f.base()
	if err != nil {
		return nil, err
	}
	if f.Volt != 0 {
		c := *t
		c.Volt, t = f.Volt, &c
	}
	if f.DRAM == "" {
		return t, nil
	}
	c := *t
	if c.DRAM = ""; f.DRAM == power.NoDRAM {
		c.DRAM = f.DRAM
	} else if kind := string(m.XMem.Kind); f.DRAM != kind {
		return nil, usagef("dram: got %q, want %s, which the machine has, or %s", f.DRAM, kind, power.NoDRAM)
	}
	return &c, nil
}

func (f *techFlags) base() (*power.Tech, error) {
	if !strings.ContainsAny(f.Tech, "./") {
		t, err := power.BuiltIn(f.Tech)
		if err != nil {
			err = usageError{err}
		}
		return t, err
	}
	data, err := yamlfile.ReadFile(f.Tech)
	if err != nil {
		return nil, err
	}
	return power.ParseTech(data, f.Tech)
}

// studyCmd runs the power study.
type studyCmd struct {
	Table  []string `placeholder:"NAME" help:"${table}"`
	Nets   []string `placeholder:"NAME" help:"${nets}"`
	Anew   bool     `help:"${anew}"`
	Counts string   `placeholder:"FILE" type:"existingfile" help:"${counts}"`
	techFlags
	tableFlags
}

// Run is called by kong.
func (c *studyCmd) Run(e *env) error {
	tech, err := c.load(machine.Reference())
	if err != nil {
		return err
	}
	if err := c.known(); err != nil {
		return err
	}
	o := study.Options{Tech: tech, Nets: c.Nets, Tables: c.Table, Anew: c.Anew}
	if len(c.Table) == 0 && c.Out == "" {
		o.Tables = []string{"rows"}
	}
	if c.Counts != "" {
		if o.Counts, err = os.ReadFile(c.Counts); err != nil {
			return err
		}
	}
	var bar *progress
	o.Step = func(string) { bar.Add(1) }
	st, err := study.New(o)
	if err != nil {
		return err
	}
	runs, err := st.Missing()
	if err != nil {
		return err
	}
	bar = newProgress(e, int64(runs), "runs")
	r, err := st.Run(e.ctx)
	bar.Finish()
	if err != nil {
		return err
	}
	e.about.machine(machine.Reference())
	e.about.technology(tech)
	delete(e.about.Arguments, "--counts") // runs are the same wherever they come from
	if c.Out == "" {
		return c.print(e, c.Output, r.Tables)
	}
	var about bytes.Buffer
	err = e.about.write(&about, r.Tables)
	if err == nil {
		err = r.Write(string(c.Out), about.Bytes())
	}
	if len(c.Table) == 0 {
		r.Tables = r.Tables[:1]
	}
	return errors.Join(err, c.print(e, c.Output, r.Tables))
}

func (c *studyCmd) one() bool { return len(c.Table) < 2 }

// known refuses names of tables and networks that do not exist, before minutes of work.
func (c *studyCmd) known() error {
	var nets []string
	for _, n := range study.Nets() {
		nets = append(nets, n.Name)
	}
	for _, list := range []struct {
		what         string
		given, known []string
	}{{"table", c.Table, study.SectionNames()}, {"nets", c.Nets, nets}} {
		for _, g := range list.given {
			if !slices.Contains(list.known, g) {
				return usagef("%s: got %q, want %s", list.what, g, strings.Join(list.known, ", "))
			}
		}
	}
	return nil
}

// builtFlags say which units a chip without a program has, and in which technology.
type builtFlags struct {
	machineFlags
	EPC   string `name:"epc" enum:"none,tree,tree-gate,lane-mask" default:"none" help:"${built_epc}"`
	Norm  bool   `help:"Build the unit for normalisation and pooling."`
	Fused bool   `help:"Build the third accumulator bank for fused schedules."`
	techFlags
}

// build makes the reference machine with those units.
func (f *builtFlags) build() (*rtl.Chip, *power.Tech, error) {
	cfg, err := f.machine(machine.Reference())
	if err != nil {
		return nil, nil, err
	}
	if f.EPC != "none" {
		if err := cfg.EPC.Kind.UnmarshalText([]byte(f.EPC)); err != nil {
			return nil, nil, err
		}
		cfg.DEPC.Classes, cfg.DEPC.SignEntries = 0, 0
	}
	if f.Norm {
		cfg.Norm.Channels = machine.BuiltChannels
	}
	cfg.Fused = cfg.Fused || f.Fused
	chip, err := rtl.New(cfg)
	if err != nil {
		return nil, nil, err
	}
	tech, err := f.load(chip.Config())
	return chip, tech, err
}

// areaCmd shows the area of the chip.
type areaCmd struct {
	builtFlags
	tableFlags
}

func (*areaCmd) one() bool { return true }

// Run is called by kong.
func (c *areaCmd) Run(e *env) error {
	chip, tech, err := c.build()
	if err != nil {
		return err
	}
	e.about.machine(chip.Config())
	e.about.technology(tech)
	l, err := tech.Area(chip.Geometry())
	if err != nil {
		return err
	}
	return c.write(e, power.AreaTable(tech, l))
}
