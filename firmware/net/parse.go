package net

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// fields lists what a layer of each kind may say, in the order of a file.
var fields = map[Kind][]string{
	Conv:    {"out", "kernel", "stride", "pad", "bias"},
	FC:      {"out", "bias"},
	MaxPool: {"kernel", "stride"},
	AvgPool: {"kernel", "stride"},
	Dropout: {"rate"},
	BN:      {}, ReLU: {}, Tanh: {}, Sigmoid: {}, Flatten: {},
}

// kindOrder is fields' keys in the order of doc.go.
var kindOrder = []Kind{Conv, FC, BN, ReLU, Tanh, Sigmoid, MaxPool, AvgPool, Flatten, Dropout}

func kindList() string {
	names := make([]string, len(kindOrder))
	for i, k := range kindOrder {
		names[i] = string(k)
	}
	return "one of " + strings.Join(names, ", ")
}

// Parse reads a description; filename appears in errors alone, as
// filename:line:column. The network it returns has passed Infer.
func Parse(data []byte, filename string) (*Net, error) {
	r := &reader{file: filename, layers: map[int]place{}, fields: map[string]*token.Token{}}
	root, err := r.root(data)
	if err != nil {
		return nil, err
	}
	n, err := r.net(root)
	if err != nil {
		return nil, err
	}
	if err := n.Infer(); err != nil {
		var p *Problem
		errors.As(err, &p)
		return nil, r.locate(p)
	}
	return n, nil
}

// reader turns a syntax tree into a Net and remembers where things stood.
type reader struct {
	file   string
	fields map[string]*token.Token // of the network itself
	layers map[int]place
}

// place is where a layer and its fields stand.
type place struct {
	at     *token.Token
	fields map[string]*token.Token
}

func (r *reader) errorf(at *token.Token, format string, args ...any) error {
	line, column := 1, 1
	if at != nil && at.Position != nil {
		line, column = at.Position.Line, at.Position.Column
	}
	return fmt.Errorf("%s:%d:%d: %s", r.file, line, column, fmt.Sprintf(format, args...))
}

// locate gives a problem of Infer its place: the field's value if it was
// written, else the layer's name.
func (r *reader) locate(p *Problem) error {
	at := r.fields[p.Field]
	if p.Layer >= 0 {
		l := r.layers[p.Layer]
		if at = l.fields[p.Field]; at == nil {
			at = l.at
		}
	}
	return r.errorf(at, "%s", p.Error())
}

// root parses the YAML and returns its only document.
func (r *reader) root(data []byte) (node ast.Node, err error) {
	// A description is a user's file: whatever malformed text does to the YAML
	// library, it has to end in an ordinary error.
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

func (r *reader) net(root ast.Node) (*Net, error) {
	m, err := r.mapping(root, "network", []string{"name", "input", "classes", "layers"})
	if err != nil {
		return nil, err
	}
	for _, key := range []string{"input", "classes", "layers"} {
		if m.value(key) == nil {
			return nil, r.errorf(root.GetToken(), "%s: got nothing, want it", key)
		}
	}
	n := &Net{}
	for key, at := range m.tokens() {
		r.fields[key] = at
	}
	if err := m.text("name", &n.Name); err != nil {
		return nil, err
	}
	if err := m.number("classes", &n.Classes); err != nil {
		return nil, err
	}
	if n.Input, err = r.input(m.value("input")); err != nil {
		return nil, err
	}
	list, ok := m.value("layers").(*ast.SequenceNode)
	if !ok {
		return nil, r.errorf(m.value("layers").GetToken(), "layers: got %s, want a list", describe(m.value("layers")))
	}
	for i, node := range list.Values {
		l, err := r.layer(i, node)
		if err != nil {
			return nil, err
		}
		n.Layers = append(n.Layers, l)
	}
	return n, nil
}

func (r *reader) input(node ast.Node) (s Shape, err error) {
	m, err := r.mapping(node, "input", []string{"channels", "height", "width", "size"})
	if err != nil {
		return s, err
	}
	if size := m.value("size"); size != nil {
		if len(m.entries) > 1 {
			return s, r.errorf(size.GetToken(), "input.size: got other fields beside it, want size alone or channels, height and width")
		}
		return s, m.positive("size", &s.Channels)
	}
	for _, f := range []struct {
		key string
		dst *int
	}{{"channels", &s.Channels}, {"height", &s.Height}, {"width", &s.Width}} {
		if m.value(f.key) == nil {
			return s, r.errorf(node.GetToken(), "input: got no %s, want size alone or channels, height and width", f.key)
		}
		if err := m.positive(f.key, f.dst); err != nil {
			return s, err
		}
	}
	return s, nil
}

// layer reads "kind" or "kind: {field: value, ...}".
func (r *reader) layer(i int, node ast.Node) (Layer, error) {
	where := fmt.Sprintf("layers[%d]", i)
	kind, body := node, ast.Node(nil)
	if e := entriesOf(node); len(e) == 1 {
		kind, body = e[0].Key, e[0].Value
	}
	name, ok := kind.(*ast.StringNode)
	if !ok {
		return Layer{}, r.errorf(node.GetToken(), "%s: got %s, want a kind, alone or with its fields", where, describe(node))
	}
	l := Layer{Kind: Kind(name.Value), Bias: name.Value == string(Conv) || name.Value == string(FC)}
	allowed, ok := fields[l.Kind]
	if !ok {
		return l, r.errorf(name.GetToken(), "%s: got kind %q, want %s", where, name.Value, kindList())
	}
	where += "." + name.Value
	m := &mapping{r: r, where: where, at: name.GetToken()}
	if body != nil {
		var err error
		if m, err = r.mapping(body, where, allowed); err != nil {
			return l, err
		}
		m.at = name.GetToken()
	}
	r.layers[i] = place{at: name.GetToken(), fields: m.tokens()}
	return l, m.fill(&l)
}
