package power

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// fieldMap is a YAML mapping whose keys have been checked; where is its path in errors.
type fieldMap struct {
	r       *techReader
	where   string
	self    *token.Token // what an error about a missing field points at
	keys    []string
	values  []ast.Node
	partial bool // fields may be missing
}

// fields demands that node is a mapping with keys among allowed (any text if nil). The YAML parser refuses a key said twice.
func (r *techReader) fields(node ast.Node, where string, allowed []string) (*fieldMap, error) {
	named := func(format string, args ...any) string {
		text := fmt.Sprintf(format, args...)
		if where != "" {
			text = where + ": " + text
		}
		return text
	}
	want := "names"
	if allowed != nil {
		want = strings.Join(allowed, ", ")
	}
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		return nil, r.errorf(node.GetToken(), "%s", named("got %s, want fields: %s", describe(node), want))
	}
	m := &fieldMap{r: r, where: where, self: node.GetToken(), partial: r.extends}
	for _, e := range mapping.Values {
		key, ok := e.Key.(*ast.StringNode)
		if !ok || key.Value == "" || allowed != nil && !slices.Contains(allowed, key.Value) {
			return nil, r.errorf(e.Key.GetToken(), "%s", named("got field %q, want %s", e.Key.String(), want))
		}
		m.keys, m.values = append(m.keys, key.Value), append(m.values, e.Value)
	}
	return m, nil
}

func (m *fieldMap) has(key string) bool { return slices.Contains(m.keys, key) }

// value returns the node of a key, nil if the file does not say it.
func (m *fieldMap) value(key string) ast.Node {
	if i := slices.Index(m.keys, key); i >= 0 {
		return m.values[i]
	}
	return nil
}

// at returns where a value stands, or the mapping if the file does not say it.
func (m *fieldMap) at(key string) *token.Token {
	if v := m.value(key); v != nil {
		return v.GetToken()
	}
	return m.self
}

func (m *fieldMap) path(key string) string {
	if m.where == "" {
		return key
	}
	return m.where + "." + key
}

// missing is the error of a field that the file does not say, nil where it need not.
func (m *fieldMap) missing(key string) error {
	if m.partial || m.r.extends && m.where == "" {
		return nil
	}
	return m.r.errorf(m.self, "%s: got nothing, want it", m.path(key))
}

// number and text leave dst alone if the file does not say the key.
func (m *fieldMap) number(key string, dst *float64) error {
	switch node := m.value(key).(type) {
	case nil:
		return m.missing(key)
	case *ast.FloatNode:
		if !math.IsInf(node.Value, 0) && !math.IsNaN(node.Value) {
			*dst = node.Value
			return nil
		}
	case *ast.IntegerNode:
		switch v := node.Value.(type) {
		case uint64:
			*dst = float64(v)
			return nil
		case int64:
			*dst = float64(v)
			return nil
		}
	}
	return m.r.errorf(m.at(key), "%s: got %s, want a number", m.path(key), describe(m.value(key)))
}

func (m *fieldMap) text(key string, dst *string) error {
	switch node := m.value(key).(type) {
	case nil:
		return m.missing(key)
	case *ast.StringNode:
		*dst = node.Value
		return nil
	case *ast.LiteralNode:
		*dst = node.Value.Value
		return nil
	}
	return m.r.errorf(m.at(key), "%s: got %s, want text", m.path(key), describe(m.value(key)))
}

// oneOf returns the place of a word in a list.
func (m *fieldMap) oneOf(key, word string, list []string) (int, error) {
	i := slices.Index(list, word)
	if i < 0 {
		return 0, m.r.errorf(m.at(key), "%s: got %q, want one of %s", m.path(key), word, strings.Join(list, ", "))
	}
	return i, nil
}

// describe names a node for an error, its text cut to a few words.
func describe(node ast.Node) string {
	const most = 40
	switch node.(type) {
	case *ast.MappingNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case nil, *ast.NullNode:
		return "nothing"
	}
	text := node.String()
	if len(text) > most {
		text = text[:most] + "..."
	}
	return fmt.Sprintf("%q", text)
}
