package yamlfile

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// thing has every type that a file can fill.
type thing struct {
	Name   string           `yaml:"name"`
	About  string           `yaml:"about,omitempty"`
	Lanes  int8             `yaml:"lanes" default:"16" want:"[1,64]"`
	Seed   uint64           `yaml:"seed,omitempty"`
	MHz    float64          `yaml:"mhz,omitempty" want:"(0,]"`
	Part   float64          `yaml:"part,omitempty" want:"[0,1)"`
	Cold   float64          `yaml:"cold,omitempty" want:"[,0)"`
	Memory string           `yaml:"memory" default:"ddr3" want:"lpddr3|ddr3"`
	Fast   bool             `yaml:"fast,omitempty"`
	Banks  []int            `yaml:"banks" default:"[2, 4]" want:"[1,]"`
	Cell   *cell            `yaml:"cell,omitempty"`
	Size   cell             `yaml:"size" default:"{}"`
	By     map[string]*cell `yaml:"by,omitempty"`
	Kind   kind             `yaml:"kind,omitempty"`
	Level  level            `yaml:"level,omitempty"`
	Layers []layer          `yaml:"layers,omitempty"`
	ours   int
}

type cell struct {
	Rows int `yaml:"rows" default:"3"`
}

type kind string

func (kind) Words() []string { return []string{"small", "large"} }

type level uint8

func (level) Words() []string { return []string{"low", "high"} }

// layer is "wait" or "run: {rows: 2}".
type layer struct {
	Kind string
	Rows int `yaml:"rows"`
	Cols int `yaml:"cols"`
}

func (l *layer) DecodeYAML(n *Node) error {
	kind, body, err := n.Choice([]string{"wait", "run"})
	if err != nil {
		return err
	}
	l.Kind = kind
	return body.Fields(l, map[string][]string{"wait": {}, "run": {"rows"}}[kind]...)
}

func TestEveryType(t *testing.T) {
	got := thing{ours: 7}
	_, err := Parse([]byte("\ufeff"+`# a byte-order mark is no text
name: 2020-01-01
about: |
  two
  lines
lanes: 64
seed: 18446744073709551615
mhz: 2e2
part: 0
cold: -1
memory: lpddr3
fast: true
banks: [1, 010]
cell: {rows: 5}
by: {a.b: {rows: 1}, c: {}}
kind: large
level: high
layers:
  - wait
  - wait:
  - run: {rows: 2}
`), "f.yaml", &got)
	require.NoError(t, err)
	require.Equal(t, thing{
		Name: "2020-01-01", About: "two\nlines\n", Lanes: 64, Seed: 1<<64 - 1, MHz: 200, Cold: -1,
		Memory: "lpddr3", Fast: true, Banks: []int{1, 10}, Cell: &cell{5},
		Size: cell{3}, By: map[string]*cell{"a.b": {1}, "c": {3}},
		Kind: "large", Level: 1, ours: 7,
		Layers: []layer{{Kind: "wait"}, {Kind: "wait"}, {Kind: "run", Rows: 2}},
	}, got)

	got = thing{}
	_, err = Parse([]byte("name: n"), "f.yaml", &got)
	require.NoError(t, err)
	want := thing{Name: "n", Lanes: 16, Memory: "ddr3", Banks: []int{2, 4}, Size: cell{3}}
	require.Equal(t, want, got)
}

func TestRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "f.yaml:1:1: got an empty file, want fields: name, about",
		"# nothing\n":                      "f.yaml:1:1: got an empty file, want fields: name, about",
		"---\n":                            "f.yaml:2:1: got nothing, want fields: name, about",
		"- 1":                              "f.yaml:1:1: got a list, want fields: name, about",
		"\n\nfast: true":                   "f.yaml:3:1: name: got nothing, want text",
		"name:":                            "f.yaml:1:6: name: got nothing, want text",
		"name: 3":                          `f.yaml:1:7: name: got "3", want text`,
		"name: !!int n":                    `f.yaml:1:7: name: got "n", want text`,
		"lanes: many":                      `f.yaml:1:8: lanes: got "many", want a whole number, 1 to 64`,
		"lanes: 0x10":                      `f.yaml:1:8: lanes: got "0x10", want a whole number`,
		"lanes: 300":                       `f.yaml:1:8: lanes: got "300", want a whole number`,
		"lanes: 65":                        "f.yaml:1:8: lanes: got 65, want 1 to 64",
		"seed: -1":                         `f.yaml:1:7: seed: got "-1", want a whole number, 0 or more`,
		"mhz: 0.0":                         "f.yaml:1:6: mhz: got 0.0, want more than 0",
		"mhz: .inf":                        `f.yaml:1:6: mhz: got ".inf", want a number, more than 0`,
		"mhz: !!float inf":                 `f.yaml:1:6: mhz: got "inf", want a number, more than 0`,
		"mhz: .nan":                        `f.yaml:1:6: mhz: got ".nan", want a number`,
		"mhz: 1e999":                       `f.yaml:1:6: mhz: got "1e999", want a number`,
		"mhz: '1'":                         `f.yaml:1:6: mhz: got "1", want a number`,
		"part: 1":                          "f.yaml:1:7: part: got 1, want 0 or more and less than 1",
		"cold: 0":                          "f.yaml:1:7: cold: got 0, want less than 0",
		"memory: sram":                     `f.yaml:1:9: memory: got "sram", want one of lpddr3, ddr3`,
		"fast: yes":                        `f.yaml:1:7: fast: got "yes", want true or false`,
		"banks: 3":                         `f.yaml:1:8: banks: got "3", want a list`,
		"banks:\n  - 2\n  - -2":            "f.yaml:3:5: banks[1]: got -2, want 1 or more",
		"cell:\n  rows: two":               `f.yaml:2:9: cell.rows: got "two", want a whole number`,
		"cell:\n  cols: 2":                 `f.yaml:2:3: cell: got field "cols", want rows`,
		"by: {a: {}, b: 3}":                `f.yaml:1:16: by.b: got "3", want fields: rows`,
		"kind: huge":                       `f.yaml:1:7: kind: got "huge", want one of small, large`,
		"level: [low]":                     "f.yaml:1:1: level: got a list, want one of low, high",
		"layers:\n- walk":                  `f.yaml:2:3: layers[0]: got "walk", want one of wait, run`,
		"layers:\n- {run: , wait: }":       "f.yaml:2:3: layers[0]: got a mapping, want one of wait, run",
		"layers:\n- wait: {rows: 2}":       `f.yaml:2:10: layers[0].wait: got field "rows", want none`,
		"layers:\n- run":                   "f.yaml:2:3: layers[0].run.rows: got nothing, want a whole number",
		"layers:\n- run: 3":                `f.yaml:2:8: layers[0].run: got "3", want fields: rows`,
		"name: n\nours: 3":                 `f.yaml:2:1: got field "ours", want name, about`,
		"name: n\nname: m":                 `f.yaml:2:1: got field "name" twice, want it once`,
		"cell: {rows: 1, rows: 1}":         `f.yaml:1:17: cell: got field "rows" twice, want it once`,
		"[a, b]: 3":                        "f.yaml:1:1: got a list as a field, want a word",
		"name: &n [*n]":                    "f.yaml:1:11: name[0]: got alias *n, want it written out",
		"a: &a {rows: 2}\ncell:\n  <<: *a": "f.yaml:3:7: cell.<<: got alias *a, want it written out",
		"fast: true\nname: *m":             "f.yaml:2: yaml: unknown anchor 'm' referenced",
		"name: n\n---\nname: m":            "f.yaml:2:1: got a second document, want one",
		"name: n\n---\nname: [":            "f.yaml:3: yaml: did not find expected node content",
		"name: n\n\tfast: 1":               "f.yaml:2: yaml: found a tab character",
		"name: n\nby: {a: {}\nc: 1":        "f.yaml:2: yaml: did not find expected ',' or '}'",
		"name: a: b":                       "f.yaml:1: yaml: mapping values are not allowed",
		"name: n\n\"a\\nb\": 1":            `f.yaml:2:1: got "a\nb" as a field, want a word`,
		"\ufeffname: n\nlanes: x":          `f.yaml:2:8: lanes: got "x", want`,
		"name: n\n\nabout: \"x":            "f.yaml:3: yaml: found unexpected end of stream",
		"name: n\nabout: \xff":             "f.yaml:2: got a byte that is no text, want UTF-8",
		"name: n\nabout: \x00":             "f.yaml:2: got a byte that is no text, want UTF-8",
		"name: " + strings.Repeat("x", 99): `f.yaml:1:7: name: got "xxx`,
		"about: " + strings.Repeat("[", 33) + strings.Repeat("]", 33): "got more than 32 levels, want fewer",
		strings.Repeat("#", MaxSize+1):                                "f.yaml:1:1: got more than 262144 bytes, want fewer",
	} {
		if strings.Contains(want, `got "xxx`) {
			text = strings.Replace(text, "name", "lanes", 1)
			want = `f.yaml:1:8: lanes: got "` + strings.Repeat("x", 40) + `...", want`
		}
		_, err := Parse([]byte(text), "f.yaml", &thing{Name: "held", Banks: []int{1}})
		require.ErrorContains(t, err, want, "%.100q", text)
	}
}

// What a field's place is, said or not.
func TestErrorfAndHas(t *testing.T) {
	var got thing
	root, err := Parse([]byte("name: n\nbanks:\n  - 1\n  - 2\nsize:\n  rows: 3\n"), "f.yaml", &got)
	require.NoError(t, err)
	for field, want := range map[string]string{
		"":               "f.yaml:1:1: got 1",
		"name":           "f.yaml:1:7: name: got 1",
		"banks":          "f.yaml:2:1: banks: got 1",
		"banks[1]":       "f.yaml:4:5: banks[1]: got 1",
		"banks[2]":       "f.yaml:2:1: banks[2]: got 1",
		"size.rows.x[3]": "f.yaml:6:9: size.rows.x[3]: got 1",
		"cell.rows":      "f.yaml:1:1: cell.rows: got 1",
	} {
		require.EqualError(t, root.Errorf(field, "got %d", 1), want)
	}
	require.NotNil(t, root.Get("size").Get("rows"))
	require.Nil(t, root.Get("cell"))
	require.Nil(t, root.Get("name").Get("name"))
}

// over holds a thing that a file changes in part.
type over thing

func (o *over) DecodeYAML(n *Node) error {
	n.Partial = true
	return n.Fields((*thing)(o))
}

func TestPartialLeavesTheRest(t *testing.T) {
	held := over{Name: "held", Lanes: 3, Size: cell{9}}
	_, err := Parse([]byte("mhz: 5\nsize: {}\n"), "f.yaml", &held)
	require.NoError(t, err)
	require.Equal(t, over{Name: "held", Lanes: 3, MHz: 5, Size: cell{9}}, held)
}

func TestWrongTagsPanic(t *testing.T) {
	require.Panics(t, func() {
		_, _ = Parse([]byte("{a: 1}"), "f", &struct {
			A int `yaml:"a" want:"1..2"`
		}{})
	})
	require.Panics(t, func() {
		_, _ = Parse([]byte("{}"), "f", &struct {
			A int `yaml:"a" default:"["`
		}{})
	})
}

// Whatever is in a file of the largest size, it is read or refused without taking much memory.
func TestLargeFiles(t *testing.T) {
	for _, s := range []string{
		"[", "{", "- ", "? ", "a: ", "&a ", "[a,", "'", "a,", "#\n", "- a\n", "? a\n", "-\n", "[{",
		"\"\\x41", "--- a\n", "a: |\n", "- &a [a]\n", "{a: [", "a:\n ",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse([]byte(strings.Repeat(s, MaxSize/len(s))), "f.yaml", &thing{})
		runtime.ReadMemStats(&after)
		require.Error(t, err, "%q", s)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(200<<20), "%q: bytes", s)
	}
}

func TestReadFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "large")
	require.NoError(t, os.WriteFile(name, make([]byte, 3*MaxSize), 0o600))
	data, err := ReadFile(name)
	require.NoError(t, err)
	require.Len(t, data, MaxSize+1)
	_, err = ReadFile(name + "r")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("name: n\nlanes: 3\nbanks: [1]\nby: {a: {rows: 2}}\nlayers: [wait, run: {rows: 1}]"))
	f.Add([]byte("name: &n [*n]"))
	f.Add([]byte("name: n\n---\n"))
	f.Add([]byte("# c\nname: 'x'\nabout: |\n y\nkind: large\nlevel: low\nmhz: 1e3\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got thing
		if _, err := Parse(data, "f.yaml", &got); err != nil {
			require.Regexp(t, `^f\.yaml:\d+(:\d+)?: `, err.Error())
			return
		}
		require.NotContains(t, fmt.Sprint(got.MHz), "n") // finite
		require.True(t, got.Lanes >= 1 && got.Lanes <= 64)
		for _, b := range got.Banks {
			require.Positive(t, b)
		}
	})
}
