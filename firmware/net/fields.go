package net

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// mapping is a YAML mapping whose keys have been checked; where is its path
// in errors.
type mapping struct {
	r       *reader
	where   string
	at      *token.Token // what an error about a missing field points at
	entries []*ast.MappingValueNode
}

// entriesOf returns the pairs of a mapping, none if node is another thing.
func entriesOf(node ast.Node) []*ast.MappingValueNode {
	if m, ok := node.(*ast.MappingNode); ok {
		return m.Values
	}
	return nil
}

// mapping demands that node is a mapping with keys among allowed, each once.
func (r *reader) mapping(node ast.Node, where string, allowed []string) (*mapping, error) {
	if _, ok := node.(*ast.MappingNode); !ok {
		return nil, r.errorf(node.GetToken(), "%s: got %s, want fields: %s", where, describe(node), orNone(allowed))
	}
	m := &mapping{r: r, where: where, at: node.GetToken(), entries: entriesOf(node)}
	seen := map[string]bool{}
	for _, e := range m.entries {
		key, ok := e.Key.(*ast.StringNode)
		if !ok || !slices.Contains(allowed, key.Value) {
			return nil, r.errorf(e.Key.GetToken(), "%s: got field %q, want %s", where, e.Key.String(), orNone(allowed))
		}
		if seen[key.Value] {
			return nil, r.errorf(key.GetToken(), "%s: got field %q twice, want it once", where, key.Value)
		}
		seen[key.Value] = true
	}
	return m, nil
}

func orNone(allowed []string) string {
	if len(allowed) == 0 {
		return "none"
	}
	return strings.Join(allowed, ", ")
}

// value returns the node of a key, nil if the file does not say it.
func (m *mapping) value(key string) ast.Node {
	for _, e := range m.entries {
		if e.Key.(*ast.StringNode).Value == key {
			return e.Value
		}
	}
	return nil
}

// tokens returns where each value stands.
func (m *mapping) tokens() map[string]*token.Token {
	t := map[string]*token.Token{}
	for _, e := range m.entries {
		t[e.Key.(*ast.StringNode).Value] = e.Value.GetToken()
	}
	return t
}

// fill sets the fields of a layer: defaults, then what the file says.
func (m *mapping) fill(l *Layer) error {
	has := fields[l.Kind]
	for _, f := range []struct {
		name    string
		dst     *int
		missing string // "" if there is a default
	}{
		{"out", &l.Out, "a number of outputs"}, {"kernel", &l.Kernel, "an edge of the window"},
		{"stride", &l.Stride, ""}, {"pad", &l.Pad, ""},
	} {
		if !slices.Contains(has, f.name) {
			continue
		}
		if f.name == "stride" { // kernel is known by now
			l.Stride = l.defaultStride()
		}
		if m.value(f.name) == nil {
			if f.missing != "" {
				return m.missing(f.name, f.missing)
			}
			continue
		}
		if err := m.number(f.name, f.dst); err != nil {
			return err
		}
	}
	if err := m.boolean("bias", &l.Bias); err != nil {
		return err
	}
	if l.Kind == Dropout && m.value("rate") == nil {
		return m.missing("rate", "0 <= rate < 1")
	}
	return m.fraction("rate", &l.Rate)
}

func (m *mapping) missing(field, want string) error {
	return m.r.errorf(m.at, "%s.%s: got nothing, want %s", m.where, field, want)
}

// positive is number for values that Infer cannot place, because 0 has a
// meaning of its own in a Shape.
func (m *mapping) positive(key string, dst *int) error {
	if err := m.number(key, dst); err != nil {
		return err
	}
	if *dst < 1 || *dst > maxSize {
		return m.r.errorf(m.value(key).GetToken(), "%s.%s: got %d, want 1 to %d", m.where, key, *dst, maxSize)
	}
	return nil
}

// The readers below leave dst alone if the file does not say the key.

func (m *mapping) number(key string, dst *int) error {
	node := m.value(key)
	if node == nil {
		return nil
	}
	if i, ok := node.(*ast.IntegerNode); ok {
		switch v := i.Value.(type) {
		case uint64:
			if v <= maxSize {
				*dst = int(v)
				return nil
			}
		case int64:
			if v >= -maxSize && v <= maxSize {
				*dst = int(v)
				return nil
			}
		}
	}
	return m.bad(key, node, fmt.Sprintf("a whole number of at most %d", maxSize))
}

func (m *mapping) fraction(key string, dst *float64) error {
	switch node := m.value(key).(type) {
	case nil:
		return nil
	case *ast.FloatNode:
		*dst = node.Value
		return nil
	case *ast.IntegerNode:
		var whole int
		err := m.number(key, &whole)
		*dst = float64(whole)
		return err
	default:
		return m.bad(key, node, "a number")
	}
}

func (m *mapping) boolean(key string, dst *bool) error {
	switch node := m.value(key).(type) {
	case nil:
		return nil
	case *ast.BoolNode:
		*dst = node.Value
		return nil
	default:
		return m.bad(key, node, "true or false")
	}
}

func (m *mapping) text(key string, dst *string) error {
	switch node := m.value(key).(type) {
	case nil:
		return nil
	case *ast.StringNode:
		*dst = node.Value
		return nil
	default:
		return m.bad(key, node, "text")
	}
}

func (m *mapping) bad(key string, node ast.Node, want string) error {
	where := key
	if m.where != "network" {
		where = m.where + "." + key
	}
	return m.r.errorf(node.GetToken(), "%s: got %s, want %s", where, describe(node), want)
}

// describe names a node for an error, its text cut to a few words.
func describe(node ast.Node) string {
	const most = 40
	switch node.(type) {
	case *ast.MappingNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	}
	text := node.String()
	if len(text) > most {
		text = text[:most] + "..."
	}
	return fmt.Sprintf("%q", text)
}
