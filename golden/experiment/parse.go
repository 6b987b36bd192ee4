package experiment

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Parse reads an experiment file, fills in defaults and checks it. Errors are
// "name:line:column: field: got ..., want ...".
func Parse(src []byte, name string) (*Experiment, error) {
	f := file{name: name, src: src}
	e := &Experiment{}
	if err := f.decode(e); err != nil {
		return nil, err
	}
	for i := range e.Networks {
		e.Networks[i].Net = f.inline(path{"networks", i, "net"})
	}
	e.setDefaults()
	if p := e.check(); p != nil {
		return nil, f.errorf(f.at(p.path), "%s: %s", p.path, p.text)
	}
	for _, n := range e.Networks {
		if n.Net != (Inline{}) {
			if _, err := n.Net.parse(); err != nil {
				return nil, err
			}
		}
	}
	return e, nil
}

// file is a source with its syntax tree.
type file struct {
	name string
	src  []byte
	root ast.Node
}

// decode parses the tree and fills e from it. The YAML library panics on some
// malformed input; that too is the file's fault and becomes an error.
func (f *file) decode(e *Experiment) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = f.errorf(nil, "yaml: got a text that cannot be parsed (%v), want a mapping", p)
		}
	}()
	tree, err := parser.ParseBytes(f.src, 0)
	if err != nil {
		return f.explain(err)
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return f.errorf(nil, "yaml: got %d documents, want one mapping", len(tree.Docs))
	}
	f.root = tree.Docs[0].Body
	if err := yaml.NodeToValue(f.root, e, yaml.Strict()); err != nil {
		return f.explain(err)
	}
	return f.whole(f.root, reflect.TypeFor[Experiment](), nil)
}

// whole refuses fractions where a whole number belongs; the YAML library would
// cut them off.
func (f *file) whole(n ast.Node, t reflect.Type, at path) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if n.Type() == ast.FloatType && (t.Kind() == reflect.Int || t.Kind() == reflect.Uint64) {
		return f.errorf(n.GetToken(), "%s: got %s, want a whole number", at, n.GetToken().Value)
	}
	for i, item := range items(n) {
		if err := f.whole(item, t.Elem(), at.of(i)); err != nil {
			return err
		}
	}
	if t == reflect.TypeFor[Inline]() {
		return nil // another language
	}
	for _, pair := range pairs(n) {
		key := pair.Key.GetToken().Value
		if of := typeOf(t, key); of != nil {
			if err := f.whole(pair.Value, of, at.of(key)); err != nil {
				return err
			}
		}
	}
	return nil
}

// typeOf is the type of a field of a struct by its name in a file, or of the
// values of a map; nil if there is none.
func typeOf(t reflect.Type, key string) reflect.Type {
	switch t.Kind() {
	case reflect.Map:
		return t.Elem()
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).Tag.Get("yaml") == key {
				return t.Field(i).Type
			}
		}
	}
	return nil
}

// errorf makes an error at a token, or at the beginning of the file.
func (f *file) errorf(at *token.Token, format string, args ...any) error {
	line, column := 1, 1
	if at != nil && at.Position != nil {
		line, column = at.Position.Line, at.Position.Column
	}
	return fmt.Errorf("%s:%d:%d: %s", f.name, line, column, fmt.Sprintf(format, args...))
}

// explain puts an error of the YAML library into our form.
func (f *file) explain(err error) error {
	var e yaml.Error
	if !errors.As(err, &e) {
		return f.errorf(nil, "yaml: %v", err)
	}
	at := e.GetToken()
	where, _ := find(f.root, at)
	switch e := e.(type) {
	case *yaml.UnknownFieldError:
		return f.errorf(at, "%s: got an unknown field, want one of %s", where, strings.Join(fieldsAt(where), ", "))
	case *yaml.TypeError:
		return f.errorf(at, "%s: got %s, want %s", where, shown(at), words(e.DstType))
	case *yaml.OverflowError:
		return f.errorf(at, "%s: got %s, want %s", where, e.SrcNum, words(e.DstType))
	case *yaml.UnexpectedNodeTypeError:
		return f.errorf(at, "%s: got a %s, want a %s", where, strings.ToLower(e.Actual.String()), strings.ToLower(e.Expected.String()))
	}
	return f.errorf(at, "yaml: %s", e.GetMessage())
}

func shown(t *token.Token) string {
	if t == nil {
		return "another type"
	}
	return fmt.Sprintf("%q", t.Value)
}

// words names a type as a file's author knows it.
func words(t reflect.Type) string {
	switch {
	case t == nil:
		return "another type"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64:
		return "a whole number"
	case t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64:
		return "a whole number of 0 or more"
	case t.Kind() == reflect.Float64:
		return "a number"
	case t.Kind() == reflect.String:
		return "a text"
	case t.Kind() == reflect.Slice:
		return "a list"
	}
	return "a mapping"
}

// fieldsAt lists the fields that stand beside the one at p.
func fieldsAt(p path) []string {
	t := reflect.TypeFor[Experiment]()
	for _, step := range p[:max(0, len(p)-1)] {
		if key, ok := step.(string); ok {
			t = typeOf(t, key)
		} else {
			t = t.Elem()
		}
		if t == nil {
			return nil
		}
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
	}
	var names []string
	for i := range t.NumField() {
		names = append(names, t.Field(i).Tag.Get("yaml"))
	}
	return names
}

// UnmarshalYAML reads a number of images or "all".
func (c *Count) UnmarshalYAML(node ast.Node) error {
	if s, ok := node.(*ast.StringNode); ok && s.Value == "all" {
		*c = 0
		return nil
	}
	var n int
	if err := yaml.NodeToValue(node, &n); err != nil || n < 1 {
		return &yaml.SyntaxError{Token: node.GetToken(), Message: fmt.Sprintf("images: got %q, want all or a number of 1 or more", node.GetToken().Value)}
	}
	*c = Count(n)
	return nil
}

// MarshalYAML is the inverse of UnmarshalYAML.
func (c Count) MarshalYAML() (any, error) {
	if c == 0 {
		return "all", nil
	}
	return int(c), nil
}

// UnmarshalYAML accepts any mapping; Parse takes its text from the source.
func (*Inline) UnmarshalYAML(node ast.Node) error {
	if len(pairs(node)) == 0 {
		return &yaml.SyntaxError{Token: node.GetToken(), Message: fmt.Sprintf("net: got %q, want a network description", node.GetToken().Value)}
	}
	return nil
}
