package yamlfile

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Enum is a type whose values are words: a string that is one of Words, or a number that is the
// place of one.
type Enum interface{ Words() []string }

// Decode reads the node into v, a pointer.
func (n *Node) Decode(v any) error { return n.decode(reflect.ValueOf(v).Elem(), "") }

// decode reads the node into v; want is the tag of the field.
func (n *Node) decode(v reflect.Value, want string) error {
	if d, ok := v.Addr().Interface().(Decoder); ok {
		return d.DecodeYAML(n)
	}
	if e, ok := v.Interface().(Enum); ok {
		return n.enum(v, e.Words())
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return n.decode(v.Elem(), want)
	case reflect.Struct:
		return n.Fields(v.Addr().Interface())
	case reflect.Slice:
		return n.list(v, want)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		return n.Each(nil, func(name string, value *Node) error {
			element := reflect.New(v.Type().Elem()).Elem()
			err := value.decode(element, want)
			v.SetMapIndex(reflect.ValueOf(name), element)
			return err
		})
	}
	if !n.scalar(v) {
		return n.Errorf("", "got %s, want %s", n, expected(v, want))
	}
	return n.check(v, want)
}

func (n *Node) list(v reflect.Value, want string) error {
	if n.yaml.Kind != yaml.SequenceNode {
		return n.Errorf("", "got %s, want %s", n, expected(v, want))
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.yaml.Content), len(n.yaml.Content)))
	for i, y := range n.yaml.Content {
		element := n.below(fmt.Sprintf("%s[%d]", n.path, i), y)
		if err := element.decode(v.Index(i), want); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) enum(v reflect.Value, words []string) error {
	i := slices.Index(words, n.yaml.Value)
	if n.yaml.Kind != yaml.ScalarNode || i < 0 {
		return n.Errorf("", "got %s, want %s", n, oneOf(words))
	}
	if v.Kind() == reflect.String {
		v.SetString(words[i])
	} else {
		v.Set(reflect.ValueOf(i).Convert(v.Type()))
	}
	return nil
}

// scalar sets v if the node is of its type. Numbers are decimal and finite; a date is text.
func (n *Node) scalar(v reflect.Value) bool {
	if n.yaml.Kind != yaml.ScalarNode {
		return false
	}
	text, tag, err := n.yaml.Value, n.yaml.ShortTag(), error(nil)
	whole := tag == "!!int"
	switch {
	case v.Kind() == reflect.String && (tag == "!!str" || tag == "!!timestamp"):
		v.SetString(text)
	case v.Kind() == reflect.Bool && tag == "!!bool":
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case v.CanInt() && whole:
		var i int64
		i, err = strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(i)
	case v.CanUint() && whole:
		var u uint64
		u, err = strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(u)
	case v.CanFloat() && (whole || tag == "!!float"):
		var x float64
		x, err = strconv.ParseFloat(text, 64)
		v.SetFloat(x)
		return err == nil && !math.IsInf(x, 0) && !math.IsNaN(x)
	default:
		return false
	}
	return err == nil
}

// check holds a scalar against the tag of its field.
func (n *Node) check(v reflect.Value, want string) error {
	if missed := Misses(v, want); missed != "" {
		got := n.yaml.Value
		if v.Kind() == reflect.String {
			got = n.String()
		}
		return n.Errorf("", "got %s, want %s", got, missed)
	}
	return nil
}

// Misses says what a scalar has to be if it is not what the tag of its field wants: words, numbers,
// or a range.
func Misses(v reflect.Value, want string) string {
	switch list := strings.Split(want, "|"); {
	case want == "":
	case v.Kind() == reflect.String || len(list) > 1:
		if text := fmt.Sprint(v); !slices.Contains(list, text) {
			return oneOf(list)
		}
	case !parseRange(want).holds(v.Convert(reflect.TypeFor[float64]()).Float()):
		return parseRange(want).String()
	}
	return ""
}

func ranged(want string) bool { return strings.ContainsAny(want[:1], "[(") }

// Check holds all scalars of a struct against the tags of their fields, as Parse does for a file,
// and calls missed with those that do not keep to them: their path, and what they have to be.
func Check(v any, missed func(path string, got any, want string)) {
	each(reflect.ValueOf(v).Elem(), "", func(path string, field reflect.Value, want string) {
		if e, ok := field.Interface().(Enum); ok {
			if words := e.Words(); field.CanUint() && field.Uint() >= uint64(len(words)) {
				missed(path, field.Uint(), oneOf(words))
			}
		} else if want := Misses(field, want); want != "" {
			missed(path, field.Interface(), want)
		}
	})
}

// Each visits all scalars of a struct by their paths.
func Each(v any, visit func(path string, value any)) {
	each(reflect.ValueOf(v).Elem(), "", func(path string, field reflect.Value, _ string) {
		visit(path, field.Interface())
	})
}

func each(v reflect.Value, path string, visit func(path string, field reflect.Value, want string)) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		if name = join(path, name); f.Type.Kind() == reflect.Struct {
			each(v.Field(i), name, visit)
		} else {
			visit(name, v.Field(i), f.Tag.Get("want"))
		}
	}
}

func oneOf(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return "one of " + strings.Join(words, ", ")
}

// Allowed says what a field may be, as errors do, by its tag `want`.
func Allowed(v reflect.Value, want string) string {
	if e, ok := v.Interface().(Enum); ok {
		return oneOf(e.Words())
	}
	return expected(v, want)
}

// expected says what a value has to be.
func expected(v reflect.Value, want string) string {
	text := "fields"
	switch _, form := v.Addr().Interface().(Decoder); {
	case form:
		return "it"
	case v.Kind() == reflect.String:
		return "text"
	case v.Kind() == reflect.Bool:
		return "true or false"
	case v.Kind() == reflect.Slice:
		return "a list"
	case v.CanInt() || v.CanUint():
		text = "a whole number"
	case v.CanFloat():
		text = "a number"
	}
	if want != "" && !ranged(want) {
		return oneOf(strings.Split(want, "|"))
	} else if want != "" {
		text += ", " + parseRange(want).String()
	} else if v.CanUint() {
		text += ", 0 or more"
	}
	return text
}

// bounds is a range as mathematics writes it: "[0,1)" holds 0 and not 1, "(0,]" has no upper end;
// "[16,64]/16" holds multiples of 16.
type bounds struct {
	low, high         string // "" is none
	lowOpen, highOpen bool   // the end itself lies outside
	step              string // "" is none
}

func parseRange(text string) bounds {
	whole := text
	text, step, _ := strings.Cut(text, "/")
	last := len(text) - 1
	low, high, ok := strings.Cut(text[1:last], ",")
	if !ok || !strings.Contains("[(", text[:1]) || !strings.Contains("])", text[last:]) {
		panic(fmt.Sprintf("yamlfile: got range %q, want one as [0,1)", whole)) // a tag of the program
	}
	return bounds{low, high, text[0] == '(', text[last] == ')', step}
}

func (b bounds) holds(x float64) bool {
	end := func(text string, none float64) float64 {
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			return v
		}
		return none
	}
	low, high := end(b.low, math.Inf(-1)), end(b.high, math.Inf(1))
	return (x > low || x == low && !b.lowOpen) && (x < high || x == high && !b.highOpen) &&
		(b.step == "" || math.Mod(x, end(b.step, 1)) == 0)
}

// String is the range in words.
func (b bounds) String() string {
	if b.step != "" {
		whole := b
		whole.step = ""
		return "a multiple of " + b.step + ", " + whole.String()
	}
	low, high := b.low+" or more", "at most "+b.high
	if b.lowOpen {
		low = "more than " + b.low
	}
	if b.highOpen {
		high = "less than " + b.high
	}
	switch {
	case b.high == "":
		return low
	case b.low == "":
		return high
	case !b.lowOpen && !b.highOpen:
		return b.low + " to " + b.high
	}
	return low + " and " + high
}
