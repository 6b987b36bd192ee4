package machine

import (
	"embed"
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"sync"

	"bdfasim/firmware/yamlfile"
)

// BuiltIns are the names that Named knows without a file.
var BuiltIns = []string{"reference", "small", "wide"}

//go:embed *.yaml
var files embed.FS

// builtIn parses a built-in machine once.
func builtIn(name string) Config {
	c, ok := parsed.Load(name)
	if !ok {
		data, err := files.ReadFile(name + ".yaml")
		if err != nil {
			panic(err) // the file is part of the program
		}
		var m Config
		if _, err = yamlfile.Parse(data, name+".yaml", &m); err != nil {
			panic(err)
		}
		c, _ = parsed.LoadOrStore(name, m)
	}
	return c.(Config)
}

var parsed sync.Map // name -> Config

// Reference is the reference machine.
func Reference() Config { return builtIn("reference") }

// Named returns a built-in machine, or that of a file.
func Named(name string) (Config, error) {
	for _, b := range BuiltIns {
		if name == b {
			return builtIn(b), nil
		}
	}
	data, err := yamlfile.ReadFile(name)
	if err != nil {
		return Config{}, fmt.Errorf("machine: want one of %s, or a file: %w", strings.Join(BuiltIns, ", "), err)
	}
	var c Config
	_, err = yamlfile.Parse(data, name, &c)
	return c, err
}

// Set changes fields, as in "dnnc.lanes=512". Errors name source, where the texts come from.
func (c *Config) Set(source string, texts ...string) error {
	fields := (*fields)(c)
	if err := yamlfile.Set(fields, source, texts...); err != nil {
		return err
	}
	if err := c.Validate(); err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	return nil
}

// fields is a Config without its methods.
type fields Config

// DecodeYAML reads a machine, over the one that it extends.
func (c *Config) DecodeYAML(n *yamlfile.Node) error {
	file := struct {
		Extends string `yaml:"extends,omitempty"`
		*fields
	}{fields: (*fields)(c)}
	if extends := n.Get("extends"); extends != nil {
		if err := extends.Decode(&file.Extends); err != nil {
			return err
		}
		for _, b := range BuiltIns {
			if b == file.Extends {
				*c, n.Partial = builtIn(b), true
			}
		}
		if !n.Partial {
			return n.Errorf("extends", "got %q, want one of %s", file.Extends, strings.Join(BuiltIns, ", "))
		}
	}
	if err := n.Fields(&file); err != nil {
		return err
	}
	for _, p := range c.problems() {
		return n.Errorf(p.field, "got %v, want %s", p.got, p.want)
	}
	return nil
}

// kinds are the timings of memories.yaml.
var kinds = sync.OnceValue(func() map[string]dramFields {
	data, err := files.ReadFile("memories.yaml")
	if err == nil {
		var m map[string]dramFields
		if _, err = yamlfile.Parse(data, "memories.yaml", &m); err == nil {
			return m
		}
	}
	panic(err) // the file is part of the program
})

// DecodeYAML reads an external memory, over the kind that it names.
func (x *XMem) DecodeYAML(n *yamlfile.Node) error {
	type fields XMem
	if kind := n.Get("kind"); kind != nil {
		if err := kind.Decode(&x.Kind); err != nil {
			return err
		}
		x.DRAM = DRAM(kinds()[string(x.Kind)])
	}
	return n.Fields((*fields)(x))
}

// dramFields is a DRAM without its methods.
type dramFields DRAM

// DecodeYAML reads what differs from the kind.
func (d *DRAM) DecodeYAML(n *yamlfile.Node) error {
	n.Partial = true
	return n.Fields((*dramFields)(d))
}

// problem is a field that cannot be built.
type problem struct {
	field string
	got   any
	want  string
}

// problems are what the ranges of single fields cannot say.
func (c *Config) problems() (list []problem) {
	add := func(bad bool, field string, got any, format string, args ...any) {
		if bad {
			list = append(list, problem{field, got, fmt.Sprintf(format, args...)})
		}
	}
	x := &c.XMem
	pow2 := func(v int) bool { return v > 0 && bits.OnesCount(uint(v)) == 1 }
	add(!pow2(x.Bytes), "xmem.bytes", x.Bytes, "a power of two")
	add(!pow2(x.PageBytes), "xmem.timing.page_bytes", x.PageBytes, "a power of two")
	add(x.Bytes < x.PageBytes*x.Banks, "xmem.bytes", x.Bytes, "a page in each bank, %d, or more", x.PageBytes*x.Banks)
	add(x.WriteHigh >= x.WriteDepth, "xmem.write_high", x.WriteHigh, "less than xmem.write_depth, %d", x.WriteDepth)
	d := &c.DEPC
	add(d.Neurons > 16 && d.Classes > 16, "depc.neurons", d.Neurons,
		"16 at most with more than 16 classes: signs are generated for 16 neurons at a time")
	if levels := c.Levels(); c.EPC.Kind != EPCNone {
		add(levels < epcProduct, "clock_mhz", c.ClockMHz, "%d at most with an EPC: a multiplier takes %d gate levels",
			int(1e6/LevelPS)/epcProduct, epcProduct)
		add(levels >= epcProduct && levels < epcWhole && c.EPC.Products == CutNo, "epc.product_registers", c.EPC.Products,
			"auto or 1 above %d MHz", int(1e6/LevelPS)/epcWhole)
	}
	if field, got, want := c.tooSlow(); field != "" {
		list = append(list, problem{field, got, want})
	}
	return append(list, c.slowUnits()...)
}

// Each visits all fields, in the order of files: "dnnc.lanes" and 256.
func (c *Config) Each(visit func(field string, value any)) { yamlfile.Each(c, visit) }

// Validate reports everything that cannot be built: "dnnc.lanes: got 77, want one of 64, 128, 256,
// 512, 1024".
func (c *Config) Validate() error {
	var errs []error
	yamlfile.Check(c, func(path string, got any, want string) {
		errs = append(errs, fmt.Errorf("%s: got %v, want %s", path, got, want))
	})
	for _, p := range c.problems() {
		errs = append(errs, fmt.Errorf("%s: got %v, want %s", p.field, p.got, p.want))
	}
	return errors.Join(errs...)
}
