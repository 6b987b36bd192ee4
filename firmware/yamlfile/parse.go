package yamlfile

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// MaxSize is the largest file in bytes: many times what anybody writes, and read in a moment
// whatever is in it.
const MaxSize = 1 << 18

// maxDepth is how many lists and mappings may stand in each other.
const maxDepth = 32

// Names lists the files of a folder that is part of the program, sorted and without their ending.
func Names(files embed.FS, folder string) (names []string) {
	entries, err := files.ReadDir(folder)
	if err != nil {
		panic(err) // the folder is embedded
	}
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(names)
	return names
}

// ReadFile returns what is in a file, and no more of it than Parse needs to refuse it.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxSize+1))
}

// Parse reads the only document of a file into v, a pointer; name appears in errors alone. The
// root that it returns knows the places of all fields.
func Parse(data []byte, name string, v any) (root *Node, err error) {
	f := &file{name: name, places: map[string]place{}}
	if root, err = f.parse(data); err != nil {
		return nil, err
	}
	return root, root.Decode(v)
}

// Set sets fields of v, a pointer to a struct that Parse could fill, from texts such as
// "dnnc.lanes=512"; name appears in errors alone.
func Set(v any, name string, texts ...string) error {
	root := &Node{Partial: true, yaml: &yaml.Node{Kind: yaml.MappingNode}, file: &file{name, map[string]place{"": {}}}}
	for _, text := range texts {
		path, value, ok := strings.Cut(text, "=")
		if !ok {
			return fmt.Errorf("%s: got %q, want field=value", name, text)
		}
		at := root.yaml
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(value), &doc); err != nil || len(doc.Content) != 1 {
			return fmt.Errorf("%s: %s: got %q, want a value", name, path, value)
		}
		fields := strings.Split(path, ".")
		for i, field := range fields {
			next := &yaml.Node{Kind: yaml.MappingNode}
			if i == len(fields)-1 {
				next = doc.Content[0]
			} else if k := slices.IndexFunc(at.Content, func(n *yaml.Node) bool { return n.Value == field }); k >= 0 {
				at = at.Content[k+1]
				continue
			}
			at.Content = append(at.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: field}, next)
			at = next
		}
	}
	return root.decode(reflect.ValueOf(v).Elem(), "")
}

// file knows where everything stands, by path.
type file struct {
	name   string
	places map[string]place
}

type place struct{ line, column int }

// errorf makes an error at a place; column 0: not known.
func (f *file) errorf(at place, path, format string, args ...any) error {
	where := f.name
	if at.line > 0 {
		where += fmt.Sprint(":", at.line)
	}
	if at.column > 0 {
		where += fmt.Sprint(":", at.column)
	}
	if path != "" {
		where += ": " + path
	}
	return fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...))
}

// parse returns the root of the only document.
func (f *file) parse(data []byte) (*Node, error) {
	if len(data) > MaxSize {
		return nil, f.errorf(place{1, 1}, "", "got more than %d bytes, want fewer", MaxSize)
	}
	if at := bytes.IndexFunc(data, unreadable); at >= 0 {
		line := 1 + bytes.Count(data[:at], []byte("\n"))
		return nil, f.errorf(place{line, 0}, "", "got a byte that is no text, want UTF-8")
	}
	var doc, second yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&doc); err == io.EOF {
		doc.Content = []*yaml.Node{{Line: 1, Column: 1}} // of no kind: an empty file
	} else if err != nil {
		return nil, f.syntax(data, err)
	} else if err := d.Decode(&second); err == nil {
		at := place{second.Line, second.Column}
		return nil, f.errorf(at, "", "got a second document, want one")
	} else if !errors.Is(err, io.EOF) {
		return nil, f.syntax(data, err)
	}
	root := &Node{yaml: doc.Content[0], file: f}
	f.places[""] = place{root.yaml.Line, root.yaml.Column}
	return root, f.index(root.yaml, "", maxDepth)
}

func unreadable(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\u0085", r)
}

var (
	syntaxError   = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)
	parserError   = regexp.MustCompile(`^did not find expected (<|node|key|'[-,])`)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)
)

// syntax gives an error of the YAML library its line. The library counts lines from 0 where its
// parser complains and from 1 where its scanner does, leaves the first one out, goes beyond the
// last one, and has none for an anchor.
func (f *file) syntax(data []byte, err error) error {
	found := syntaxError.FindStringSubmatch(err.Error())
	line, _ := strconv.Atoi(found[1])
	if parserError.MatchString(found[2]) {
		line++
	}
	if anchor := unknownAnchor.FindStringSubmatch(found[2]); anchor != nil {
		before, _, _ := strings.Cut(string(data), "*"+anchor[1])
		line = 1 + strings.Count(before, "\n")
	}
	last := 1 + bytes.Count(bytes.TrimRight(data, "\n"), []byte("\n"))
	return f.errorf(place{min(max(line, 1), last), 0}, "", "yaml: %s", found[2])
}

// index notes the places of all that is below y, and refuses what no file may have.
func (f *file) index(y *yaml.Node, path string, depth int) error {
	at := place{y.Line, y.Column}
	if depth < 0 {
		return f.errorf(at, path, "got more than %d levels, want fewer", maxDepth)
	}
	switch y.Kind {
	case yaml.AliasNode:
		return f.errorf(at, path, "got alias *%s, want it written out", y.Value)
	case yaml.SequenceNode:
		for i, element := range y.Content {
			inner := fmt.Sprintf("%s[%d]", path, i)
			f.places[inner] = place{element.Line, element.Column}
			if err := f.index(element, inner, depth-1); err != nil {
				return err
			}
		}
	case yaml.MappingNode:
		seen := map[string]bool{}
		for i := 0; i < len(y.Content); i += 2 {
			key, value := y.Content[i], y.Content[i+1]
			at := place{key.Line, key.Column}
			if key.Kind != yaml.ScalarNode || key.Value == "" ||
				strings.ContainsFunc(key.Value, unicode.IsControl) {
				return f.errorf(at, path, "got %s as a field, want a word", describe(key))
			} else if seen[key.Value] {
				return f.errorf(at, path, "got field %q twice, want it once", key.Value)
			}
			seen[key.Value] = true
			if value.Kind == yaml.ScalarNode {
				at = place{value.Line, value.Column}
			}
			inner := join(path, key.Value)
			f.places[inner] = at
			if err := f.index(value, inner, depth-1); err != nil {
				return err
			}
		}
	}
	return nil
}

func join(path, field string) string {
	if path == "" || field == "" {
		return path + field
	}
	return path + "." + field
}
