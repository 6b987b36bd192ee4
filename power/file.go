package power

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
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

// The fields of a file, in the order in which they are written.
var (
	techFields     = []string{"extends", "name", "process", "volt", "mhz", "cell", "dram", "drams", "constants"}
	constantFields = []string{"name", "value", "low", "high", "unit", "distribution", "rule", "source"}
	dramFields     = constantFields[1:] // the kind is the name
	ruleKeys       = [NumRules]string{"dynamic", "leakage", "supply", "fixed"}
)

const dramBitName = "external memory bit"

// ParseTech reads a technology file; name appears in errors alone, as name:line:column. A file says every field and every
// constant, or it extends one of BuiltIns and says what differs; a constant with a new value must say a new source.
func ParseTech(data []byte, name string) (*Tech, error) {
	r := &techReader{file: name}
	root, err := r.root(data)
	if err != nil {
		return nil, err
	}
	return r.tech(root)
}

// techReader turns a syntax tree into a Tech. extends: what the file does not say is known already.
type techReader struct {
	file    string
	extends bool
}

func (r *techReader) errorf(at *token.Token, format string, args ...any) error {
	line, column := 1, 1
	if at != nil && at.Position != nil {
		line, column = at.Position.Line, at.Position.Column
	}
	return fmt.Errorf("%s:%d:%d: %s", r.file, line, column, fmt.Sprintf(format, args...))
}

// root parses the YAML and returns its only document.
func (r *techReader) root(data []byte) (node ast.Node, err error) {
	// A file is a user's: whatever malformed text does to the YAML library, it has to end in an ordinary error.
	defer func() {
		if p := recover(); p != nil {
			node, err = nil, r.errorf(nil, "yaml: got text that no parser understands (%v), want a mapping", p)
		}
	}()
	f, err := parser.ParseBytes(data, 0)
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) {
			return nil, r.errorf(syntax.Token, "yaml: %s", syntax.Message)
		}
		return nil, r.errorf(nil, "yaml: %v", err)
	}
	if len(f.Docs) != 1 || f.Docs[0].Body == nil {
		return nil, r.errorf(nil, "got %d documents, want one mapping", len(f.Docs))
	}
	return f.Docs[0].Body, nil
}

func (r *techReader) tech(root ast.Node) (*Tech, error) {
	m, err := r.fields(root, "", techFields)
	if err != nil {
		return nil, err
	}
	t := &Tech{}
	if m.has("extends") {
		var from string
		if err := m.text("extends", &from); err != nil {
			return nil, err
		}
		if t, err = BuiltIn(from); err != nil {
			return nil, r.errorf(m.at("extends"), "extends: got %q, want one of %s", from, strings.Join(BuiltIns, ", "))
		}
		r.extends = true
	}
	for _, err := range []error{
		m.text("name", &t.Name), m.text("process", &t.Process), m.number("volt", &t.Volt), m.number("mhz", &t.FreqMHz),
		m.text("cell", (*string)(&t.Cell)), m.text("dram", &t.DRAM), r.drams(m, t), r.constants(m, t),
	} {
		if err != nil {
			return nil, err
		}
	}
	switch {
	case !(t.Volt >= minVolt && t.Volt <= refVolt):
		return nil, r.errorf(m.at("volt"), "volt: got %v, want %v to %v", t.Volt, minVolt, refVolt)
	case !(t.FreqMHz > 0):
		return nil, r.errorf(m.at("mhz"), "mhz: got %v, want more than 0", t.FreqMHz)
	case t.Cell != CellLSTP && t.Cell != CellHP:
		return nil, r.errorf(m.at("cell"), "cell: got %q, want %s or %s", t.Cell, CellLSTP, CellHP)
	}
	chosen, err := t.WithDRAM(t.DRAM)
	if err != nil {
		return nil, r.errorf(m.at("dram"), "dram: got %q, want %s", t.DRAM, t.dramNames())
	}
	return chosen, nil
}

// drams reads the kinds of external memory, in the order of the file, behind those that are known already.
func (r *techReader) drams(m *fieldMap, t *Tech) error {
	if !m.has("drams") {
		return m.missing("drams")
	}
	list, err := r.fields(m.value("drams"), "drams", nil)
	if err != nil {
		return err
	}
	kinds := append([]DRAMKind(nil), t.DRAMs...)
	for _, name := range list.keys {
		i := 0
		for i < len(kinds) && kinds[i].Name != name {
			i++
		}
		if i == len(kinds) {
			kinds = append(kinds, DRAMKind{Name: name})
		}
		known := i < len(t.DRAMs)
		k := kinds[i].Bit
		k.Name, k.Unit = dramBitName, bases[DRAMBit].unit
		if err := r.constant(list.value(name), "drams."+name, dramFields, &k, r.extends && known); err != nil {
			return err
		}
		kinds[i].Bit = k
	}
	t.DRAMs = kinds
	return nil
}

// constants reads all constants but that of external memory.
func (r *techReader) constants(m *fieldMap, t *Tech) error {
	if !m.has("constants") {
		return m.missing("constants")
	}
	keys := make([]string, 0, NumBase)
	for b, def := range bases {
		if Base(b) != DRAMBit {
			keys = append(keys, def.key)
		}
	}
	list, err := r.fields(m.value("constants"), "constants", keys)
	if err != nil {
		return err
	}
	for b, def := range bases {
		if Base(b) == DRAMBit {
			continue
		}
		if !list.has(def.key) {
			if err := list.missing(def.key); err != nil {
				return err
			}
			continue
		}
		c := &t.Base[b]
		c.Unit = def.unit
		if err := r.constant(list.value(def.key), "constants."+def.key, constantFields, c, r.extends); err != nil {
			return err
		}
	}
	return nil
}

// constant reads one constant over c; partial: fields may be missing. c.Unit is the unit that it must have.
func (r *techReader) constant(node ast.Node, where string, allowed []string, c *Constant, partial bool) error {
	m, err := r.fields(node, where, allowed)
	if err != nil {
		return err
	}
	m.partial = partial
	unit, rule, dist := c.Unit, ruleKeys[c.Rule], DistributionNames[c.Distribution]
	for _, err := range []error{
		m.number("value", &c.Value), m.number("low", &c.Low), m.number("high", &c.High),
		m.text("unit", &unit), m.text("distribution", &dist), m.text("rule", &rule), m.text("source", &c.Source),
	} {
		if err != nil {
			return err
		}
	}
	if len(allowed) == len(constantFields) {
		if err := m.text("name", &c.Name); err != nil {
			return err
		}
	}
	if unit != c.Unit {
		return r.errorf(m.at("unit"), "%s.unit: got %q, want %s", where, unit, c.Unit)
	}
	i, err := m.oneOf("rule", rule, ruleKeys[:])
	if err != nil {
		return err
	}
	j, err := m.oneOf("distribution", dist, DistributionNames[:])
	if err != nil {
		return err
	}
	c.Rule, c.Distribution = Rule(i), Distribution(j)
	return m.range_(c)
}

// range_ refuses a range without an order and a value without a source.
func (m *fieldMap) range_(c *Constant) error {
	for _, f := range []struct {
		key string
		v   float64
	}{{"value", c.Value}, {"low", c.Low}, {"high", c.High}} {
		if f.v < 0 {
			return m.r.errorf(m.at(f.key), "%s.%s: got %v, want 0 or more", m.where, f.key, f.v)
		}
	}
	switch {
	case c.Low > c.Value:
		return m.r.errorf(m.at("low"), "%s.low: got %v, want at most the value, %v", m.where, c.Low, c.Value)
	case c.High < c.Value:
		return m.r.errorf(m.at("high"), "%s.high: got %v, want at least the value, %v", m.where, c.High, c.Value)
	case strings.TrimSpace(c.Source) == "" || m.has("value") && !m.has("source"):
		return m.r.errorf(m.at("source"), "%s.source: got nothing, want where the value comes from", m.where)
	case strings.TrimSpace(c.Name) == "":
		return m.r.errorf(m.at("name"), "%s.name: got nothing, want a name", m.where)
	case c.Distribution == LogUniform && c.Low == 0:
		return m.r.errorf(m.at("distribution"), "%s.distribution: got %s with a low end of 0, want another or more than 0", m.where, c.Distribution)
	}
	return nil
}

// Marshal writes a file that ParseTech reads back as the same technology. It extends nothing.
func (t *Tech) Marshal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "name: %s\nprocess: %s\nvolt: %s\nmhz: %s\ncell: %s\ndram: %s\n\ndrams:\n",
		strconv.Quote(t.Name), strconv.Quote(t.Process), number(t.Volt), number(t.FreqMHz), t.Cell, strconv.Quote(t.DRAM))
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
	fmt.Fprintf(b, "    value: %s\n    low: %s\n    high: %s\n    unit: %s\n    distribution: %s\n    rule: %s\n    source: %s\n",
		number(c.Value), number(c.Low), number(c.High), c.Unit, c.Distribution, ruleKeys[c.Rule], strconv.Quote(c.Source))
}

// number writes v so that YAML takes it for a number and it comes back unrounded.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		s = strconv.FormatFloat(v, 'f', -1, 64)
	} else if strings.Contains(s, "e") && !strings.Contains(s, ".") {
		s = strings.Replace(s, "e", ".0e", 1)
	}
	return s
}
