package yamlfile

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Node is a value in a file.
type Node struct {
	// Partial says that what the struct holds already need not be said: no field is missing, and no
	// default is set. It goes on to the nodes below.
	Partial bool

	path string
	yaml *yaml.Node
	file *file
}

// Decoder is a type with a form of its own in files. Its method may call Fields on itself.
type Decoder interface{ DecodeYAML(*Node) error }

// String says what the node is, for errors: its text, cut to a few words, or what else it is.
func (n *Node) String() string { return describe(n.yaml) }

func describe(y *yaml.Node) string {
	const most = 40
	switch {
	case y.Kind == 0:
		return "an empty file"
	case y.Kind == yaml.MappingNode:
		return "a mapping"
	case y.Kind == yaml.SequenceNode:
		return "a list"
	case y.ShortTag() == "!!null":
		return "nothing"
	case len(y.Value) > most:
		return fmt.Sprintf("%q", strings.ToValidUTF8(y.Value[:most], "")+"...")
	}
	return fmt.Sprintf("%q", y.Value)
}

// Errorf makes an error at a field below the node, as "rates[2]" or "augment.crop", at what is
// around it if the file does not say it, or at the node itself ("").
func (n *Node) Errorf(field, format string, args ...any) error {
	path := join(n.path, field)
	at, found := n.file.places[path]
	for near := path; !found; at, found = n.file.places[near] {
		near = near[:max(0, strings.LastIndexAny(near, ".["))]
	}
	return n.file.errorf(at, path, format, args...)
}

// Get returns the value of a field of the node, nil if the file does not say it.
func (n *Node) Get(field string) *Node {
	for i := 0; n.yaml.Kind == yaml.MappingNode && i < len(n.yaml.Content); i += 2 {
		if n.yaml.Content[i].Value == field {
			return n.below(join(n.path, field), n.yaml.Content[i+1])
		}
	}
	return nil
}

func (n *Node) below(path string, y *yaml.Node) *Node {
	return &Node{n.Partial, path, y, n.file}
}

// Each visits the fields of a mapping in the order of the file. Their names must be among allowed;
// nil allows all.
func (n *Node) Each(allowed []string, visit func(name string, value *Node) error) error {
	want := "names"
	if allowed != nil {
		want = cmp.Or(strings.Join(allowed, ", "), "none")
	}
	if n.yaml.Kind != yaml.MappingNode {
		return n.Errorf("", "got %s, want fields: %s", n, want)
	}
	for i := 0; i < len(n.yaml.Content); i += 2 {
		key := n.yaml.Content[i]
		if allowed != nil && !slices.Contains(allowed, key.Value) {
			at := place{key.Line, key.Column}
			return n.file.errorf(at, n.path, "got field %q, want %s", key.Value, want)
		}
		value := n.below(join(n.path, key.Value), n.yaml.Content[i+1])
		if err := visit(key.Value, value); err != nil {
			return err
		}
	}
	return nil
}

// Choice reads "word" or "word: {field: value}". The fields are those of body, which is an empty
// mapping if nothing follows the word.
func (n *Node) Choice(words []string) (word string, body *Node, err error) {
	key, value := n.yaml, &yaml.Node{Kind: yaml.MappingNode}
	if key.Kind == yaml.MappingNode && len(key.Content) == 2 {
		if after := key.Content[1]; after.ShortTag() != "!!null" {
			value = after
		}
		key = key.Content[0]
	}
	if key.Kind != yaml.ScalarNode || !slices.Contains(words, key.Value) {
		return "", nil, n.Errorf("", "got %s, want %s", describe(key), oneOf(words))
	}
	return key.Value, n.below(join(n.path, key.Value), value), nil
}

// Fields reads a mapping into the struct that v points to: its fields with a yaml tag, or those
// of them that are named.
func (n *Node) Fields(v any, names ...string) error {
	s := reflect.ValueOf(v).Elem()
	fields := map[string]reflect.StructField{}
	var all []string
	for _, f := range reflect.VisibleFields(s.Type()) {
		if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name != "" && name != "-" && !within(s.Type(), f.Index) {
			fields[name] = f
			all = append(all, name)
		}
	}
	if names == nil {
		names = all
	}
	said := map[string]bool{}
	err := n.Each(names, func(name string, value *Node) error {
		said[name] = true
		f := fields[name]
		return value.decode(s.FieldByIndex(f.Index), f.Tag.Get("want"))
	})
	if err != nil || n.Partial {
		return err
	}
	for _, name := range names {
		if !said[name] {
			if err := n.absent(name, fields[name], s.FieldByIndex(fields[name].Index)); err != nil {
				return err
			}
		}
	}
	return nil
}

// within reports whether a field lies in an embedded struct that is a field of its own.
func within(t reflect.Type, index []int) bool {
	for i := 1; i < len(index); i++ {
		if t.FieldByIndex(index[:i]).Tag.Get("yaml") != "" {
			return true
		}
	}
	return false
}

// absent sets a field that the file does not say.
func (n *Node) absent(name string, f reflect.StructField, v reflect.Value) error {
	text, ok := f.Tag.Lookup("default")
	if !ok && strings.HasSuffix(f.Tag.Get("yaml"), ",omitempty") {
		return nil
	}
	want := f.Tag.Get("want")
	if !ok {
		return n.Errorf(name, "got nothing, want %s", expected(v, want))
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		panic(fmt.Sprintf("yamlfile: default of %s: %v", name, err)) // the tag is part of the program
	}
	return n.below(join(n.path, name), doc.Content[0]).decode(v, want)
}
