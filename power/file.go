package power

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"bdfasim/firmware/yamlfile"
)

// The technologies that are built in.
const (
	LP65 = "lp65" // 65 nm, low power: the default
	GP65 = "gp65" // 65 nm, general purpose: the memories and the leakage of high-performance transistors
)

// BuiltIns are the names that BuiltIn knows.
var BuiltIns = []string{LP65, GP65}

//go:embed tech/lp65.yaml tech/gp65.yaml
var builtInFiles embed.FS

var builtInTechs sync.Map // name -> Tech, parsed once

// BuiltIn returns one of BuiltIns.
func BuiltIn(name string) (*Tech, error) {
	if t, ok := builtInTechs.Load(name); ok {
		c := t.(Tech)
		return &c, nil
	}
	file := "tech/" + name + ".yaml"
	data, err := builtInFiles.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("power: technology: got %q, want one of %s", name, strings.Join(BuiltIns, ", "))
	}
	t, err := ParseTech(data, file)
	if err != nil {
		return nil, err
	}
	builtInTechs.Store(name, *t)
	return t, nil
}

// Default65 returns the constants for 65 nm, low-power cells, LPDDR3, 1.1 V and 200 MHz: the file tech/lp65.yaml.
func Default65() *Tech {
	t, err := BuiltIn(LP65)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return t
}

const dramBitName = "external memory bit"

// ParseTech reads a technology file; name appears in errors alone, as name:line:column. A file says
// every field and every constant, or it extends one of BuiltIns and says what differs; a constant
// with a new value must say a new source.
func ParseTech(data []byte, name string) (*Tech, error) {
	t := &Tech{}
	if _, err := yamlfile.Parse(data, name, t); err != nil {
		return nil, err
	}
	return t.WithDRAM(t.DRAM)
}

// DecodeYAML reads a technology, over the one that it extends.
func (t *Tech) DecodeYAML(n *yamlfile.Node) error {
	file := struct {
		Extends string `yaml:"extends,omitempty"`
		*Tech
	}{Tech: t}
	if extends := n.Get("extends"); extends != nil {
		if err := extends.Decode(&file.Extends); err != nil {
			return err
		}
		from, err := BuiltIn(file.Extends)
		if err != nil {
			return n.Errorf("extends", "got %q, want one of %s",
				file.Extends, strings.Join(BuiltIns, ", "))
		}
		*t, n.Partial = *from, true
	}
	if err := n.Fields(&file); err != nil {
		return err
	}
	if !(t.Volt >= minVolt && t.Volt <= refVolt) {
		return n.Errorf("volt", "got %v, want %v to %v", t.Volt, minVolt, refVolt)
	}
	if _, err := t.WithDRAM(t.DRAM); err != nil {
		return n.Errorf("dram", "got %q, want %s", t.DRAM, t.dramNames())
	}
	return nil
}

// DecodeYAML reads the kinds, in the order of the file, behind those that are known already.
func (k *DRAMKinds) DecodeYAML(n *yamlfile.Node) error {
	kinds := slices.Clone(*k)
	err := n.Each(nil, func(name string, value *yamlfile.Node) error {
		i := slices.IndexFunc(kinds, func(k DRAMKind) bool { return k.Name == name })
		if i < 0 {
			i, value.Partial = len(kinds), false
			kinds = append(kinds, DRAMKind{name, Constant{Name: dramBitName}})
		}
		return kinds[i].Bit.read(value, DRAMBit, constantFields[1:]...) // the kind is the name
	})
	*k = kinds
	return err
}

// DecodeYAML reads all constants but that of external memory.
func (c *Constants) DecodeYAML(n *yamlfile.Node) error {
	var keys []string
	for b, def := range bases {
		if Base(b) != DRAMBit {
			keys = append(keys, def.key)
		}
	}
	err := n.Each(keys, func(key string, value *yamlfile.Node) error {
		b := slices.IndexFunc(bases[:], func(def baseDef) bool { return def.key == key })
		return c[b].read(value, Base(b), constantFields...)
	})
	for _, key := range keys {
		if err == nil && !n.Partial && n.Get(key) == nil {
			return n.Errorf(key, "got nothing, want it")
		}
	}
	return err
}

// constantFields are in the order in which they are written.
var constantFields = []string{"name", "value", "low", "high", "unit", "distribution", "rule", "source"}

// read reads a constant over c. It refuses another unit than that of b, a range without an order
// and a value without a source.
func (c *Constant) read(n *yamlfile.Node, b Base, fields ...string) error {
	if err := n.Fields(c, fields...); err != nil {
		return err
	}
	switch {
	case c.Unit != bases[b].unit:
		return n.Errorf("unit", "got %q, want %s", c.Unit, bases[b].unit)
	case c.Low > c.Value:
		return n.Errorf("low", "got %v, want at most the value, %v", c.Low, c.Value)
	case c.High < c.Value:
		return n.Errorf("high", "got %v, want at least the value, %v", c.High, c.Value)
	case strings.TrimSpace(c.Source) == "" || n.Get("value") != nil && n.Get("source") == nil:
		return n.Errorf("source", "got nothing, want where the value comes from")
	case strings.TrimSpace(c.Name) == "":
		return n.Errorf("name", "got nothing, want a name")
	case c.Distribution == LogUniform && c.Low == 0:
		return n.Errorf("distribution", "got %s with a low end of 0, want another or more than 0",
			c.Distribution)
	}
	return nil
}

// Marshal writes a file that ParseTech reads back as the same technology. It extends nothing.
func (t *Tech) Marshal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "name: %s\nprocess: %s\nvolt: %v\nmhz: %v\ncell: %s\ndram: %s\n\ndrams:\n",
		strconv.Quote(t.Name), strconv.Quote(t.Process), t.Volt, t.FreqMHz, t.Cell, strconv.Quote(t.DRAM))
	for _, k := range t.DRAMs {
		if k.Name == t.DRAM {
			k.Bit = t.Base[DRAMBit] // a study may have moved it
		}
		fmt.Fprintf(&b, "  %s:\n", strconv.Quote(k.Name))
		k.Bit.marshal(&b, "")
	}
	b.WriteString("\nconstants:\n")
	for i := range t.Base {
		if Base(i) != DRAMBit {
			fmt.Fprintf(&b, "  %s:\n", bases[i].key)
			t.Base[i].marshal(&b, t.Base[i].Name)
		}
	}
	return b.Bytes()
}

func (c *Constant) marshal(b *bytes.Buffer, name string) {
	if name != "" {
		fmt.Fprintf(b, "    name: %s\n", strconv.Quote(name))
	}
	fmt.Fprintf(b, "    value: %v\n    low: %v\n    high: %v\n    unit: %s\n    distribution: %s\n    rule: %s\n    source: %s\n",
		c.Value, c.Low, c.High, c.Unit, c.Distribution, c.Rule.Words()[c.Rule], strconv.Quote(c.Source))
}
