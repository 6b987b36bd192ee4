package machine

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"bdfasim/firmware/yamlfile"
)

// Schema is the JSON Schema of machine files, for editors (draft 2020-12).
func Schema() ([]byte, error) {
	s := schema(reflect.TypeFor[Config]())
	s["$schema"], s["title"] = "https://json-schema.org/draft/2020-12/schema", "A machine of bdfasim"
	s["properties"].(object)["extends"] = object{
		"enum": BuiltIns, "description": "the machine from which the other fields differ",
	}
	s["anyOf"] = []object{{"required": []string{"extends"}}, {"required": s["required"]}}
	delete(s, "required")
	return json.MarshalIndent(s, "", "  ")
}

type object = map[string]any

// schema describes a struct by the tags of its fields.
func schema(t reflect.Type) object {
	properties, required := object{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, optional := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "-" {
			continue
		}
		p := scalar(f.Type, f.Tag.Get("want"))
		if f.Type.Kind() == reflect.Struct {
			p = schema(f.Type)
			delete(p, "required") // a file that extends another need not say all
		}
		p["description"] = f.Tag.Get("doc")
		properties[name] = p
		if !optional {
			required = append(required, name)
		}
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

// scalar describes a number, a word or a flag.
func scalar(t reflect.Type, want string) object {
	if e, ok := reflect.Zero(t).Interface().(yamlfile.Enum); ok {
		return object{"enum": e.Words()}
	}
	p := object{"type": map[reflect.Kind]string{
		reflect.Int: "integer", reflect.Float64: "number", reflect.Bool: "boolean", reflect.String: "string",
	}[t.Kind()]}
	switch {
	case strings.Contains(want, "|"):
		list := []int{}
		for word := range strings.SplitSeq(want, "|") {
			n, _ := strconv.Atoi(word)
			list = append(list, n)
		}
		p["enum"] = list
	case want != "":
		span, step, _ := strings.Cut(want, "/")
		low, high, _ := strings.Cut(span[1:len(span)-1], ",")
		least := "minimum"
		if span[0] == '(' {
			least = "exclusiveMinimum"
		}
		p[least], p["maximum"] = json.Number(low), json.Number(high)
		if step != "" {
			p["multipleOf"] = json.Number(step)
		}
	}
	return p
}

// YAML is the machine as a file that Named reads, each field with what it is, what it may be, and
// what the clock makes of it.
func (c *Config) YAML() ([]byte, error) {
	var doc yaml.Node
	if err := doc.Encode((*fields)(c)); err != nil {
		return nil, err
	}
	products := 0
	if c.EPCProducts() {
		products = 1
	}
	_, cuts := c.MomentumStages()
	comment(&doc, reflect.ValueOf(c).Elem(), "", map[string]int{
		"dnnc.product_registers": c.ProductRegisters(), "epc.product_registers": products,
		"momentum.cuts": cuts, "norm.cuts": len(c.NormStages()),
	})
	return yaml.Marshal(&doc)
}

// comment puts the doc of each field behind it, or above a mapping.
func comment(n *yaml.Node, v reflect.Value, path string, chosen map[string]int) {
	for i, at := 0, 0; i < v.NumField(); i++ {
		f := v.Type().Field(i)
		if f.Tag.Get("yaml") == "-" {
			continue
		}
		key, value := n.Content[at], n.Content[at+1]
		at += 2
		if f.Type.Kind() == reflect.Struct {
			key.HeadComment = f.Tag.Get("doc")
			comment(value, v.Field(i), path+key.Value+".", chosen)
			continue
		}
		allowed := yamlfile.Allowed(v.Field(i), f.Tag.Get("want"))
		if made, ok := chosen[path+key.Value]; ok && v.Field(i).IsZero() {
			allowed += fmt.Sprintf("; here %d", made)
		}
		value.LineComment = fmt.Sprintf("%s [%s]", f.Tag.Get("doc"), allowed)
	}
}

// MarshalText writes a kind as the word that files have for it.
func (k EPCKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads such a word.
func (k *EPCKind) UnmarshalText(text []byte) error { return place((*uint8)(k), text, k.Words()) }

// MarshalText writes a cut as the word that files have for it.
func (k Cut) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads such a word.
func (k *Cut) UnmarshalText(text []byte) error { return place((*uint8)(k), text, k.Words()) }

// place sets k to the place of a word.
func place(k *uint8, text []byte, words []string) error {
	i := slices.Index(words, string(text))
	if i < 0 {
		return fmt.Errorf("got %q, want one of %s", text, strings.Join(words, ", "))
	}
	*k = uint8(i)
	return nil
}
