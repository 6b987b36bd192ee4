package power

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/template"

	"bdfasim/firmware/yamlfile"
)

// The technologies that are built in.
const (
	LP65 = "lp65" // 65 nm, low power: the default
	GP65 = "gp65" // 65 nm, general purpose: the memories and the leakage of high-performance transistors
)

// BuiltIns are the names that BuiltIn knows.
var BuiltIns = []string{LP65, GP65}

//go:embed tech rtl-ratios.yaml
var files embed.FS

var builtInTechs sync.Map // name -> Tech, parsed once

// BuiltIn returns one of BuiltIns.
func BuiltIn(name string) (*Tech, error) {
	if t, ok := builtInTechs.Load(name); ok {
		c := t.(Tech)
		return &c, nil
	}
	file := "tech/" + name + ".yaml"
	data, err := files.ReadFile(file)
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

// RTLRatios returns lp65 with operators by ratios that gates of the RTL have: docs/power.md, "Ratios from the RTL".
func RTLRatios() *Tech {
	data, err := files.ReadFile("rtl-ratios.yaml")
	if err == nil {
		var t *Tech
		if t, err = ParseTech(data, "rtl-ratios.yaml"); err == nil {
			return t
		}
	}
	panic(err) // the file is part of the program
}

// Default65 returns the constants for 65 nm, low-power cells and 1.1 V: the file tech/lp65.yaml.
func Default65() *Tech {
	t, err := BuiltIn(LP65)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return t
}

// ParseTech reads a technology file; name appears in errors alone, as name:line:column. A file says
// every field and every constant, or it extends one of BuiltIns and says what differs; a constant
// with a new value must say a new source.
func ParseTech(data []byte, name string) (*Tech, error) {
	t := &Tech{}
	_, err := yamlfile.Parse(data, name, t)
	return t, err
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
	if mhz := n.Get("mhz"); mhz != nil {
		return n.Errorf("mhz", "got %s, want no clock: it belongs to the machine, as in --set clock_mhz=400", mhz)
	}
	if err := n.Fields(&file); err != nil {
		return err
	}
	if t.DRAM != "" && t.DRAM != NoDRAM {
		return n.Errorf("dram", "got %q, want %s or nothing: the kind belongs to the machine, "+
			"as in --set xmem.kind=lpddr4-3200", t.DRAM, NoDRAM)
	}
	return nil
}

// DecodeYAML reads all constants.
func (c *Constants) DecodeYAML(n *yamlfile.Node) error {
	var keys []string
	for _, def := range bases {
		keys = append(keys, def.key)
	}
	err := n.Each(keys, func(key string, value *yamlfile.Node) error {
		b := slices.Index(keys, key)
		return c[b].read(value, Base(b))
	})
	for _, key := range keys {
		if err == nil && !n.Partial && n.Get(key) == nil {
			return n.Errorf(key, "got nothing, want it")
		}
	}
	return err
}

// read reads a constant over c. A new value takes along what the file does not say of its range, by
// the same factor. It refuses what check refuses, and a value without a source.
func (c *Constant) read(n *yamlfile.Node, b Base) error {
	old := c.Value
	if err := n.Fields(c); err != nil {
		return err
	}
	if n.Get("value") != nil && n.Get("source") == nil {
		c.Source = "" // it is that of another value
	}
	for field, end := range map[string]*float64{"low": &c.Low, "high": &c.High} {
		if n.Get(field) == nil && old > 0 {
			*end = *end / old * c.Value // in this order: an end at the value stays there
		}
	}
	if field, wrong := c.check(b); field != "" {
		return n.Errorf(field, "%s", wrong)
	}
	return nil
}

var fileTemplate = template.Must(template.New("tech.tmpl").Funcs(template.FuncMap{
	"key": func(i int) string { return bases[i].key },
}).ParseFS(files, "tech/tech.tmpl"))

// Marshal writes a file that ParseTech reads back as the same technology. It extends nothing.
func (t *Tech) Marshal() []byte {
	var b bytes.Buffer
	if err := fileTemplate.Execute(&b, t); err != nil {
		panic(err) // the template is part of the program
	}
	return b.Bytes()
}
