package machine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/yamlfile"
	"bdfasim/isa/machine"
	"bdfasim/testbench/expect"
)

// Every built-in machine can be built, and what config prints of it is the same machine.
func TestBuiltInsRoundTrip(t *testing.T) {
	for _, name := range machine.BuiltIns {
		c, err := machine.Named(name)
		require.NoError(t, err)
		require.Equal(t, name, c.Name)
		require.NoError(t, c.Validate())
		text, err := c.YAML()
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "m.yaml")
		require.NoError(t, os.WriteFile(file, text, 0o600))
		back, err := machine.Named(file)
		require.NoError(t, err, "%s", text)
		require.Equal(t, c, back)
	}
}

// A file that extends a machine says what differs; what cannot be built is refused with its place.
func TestFiles(t *testing.T) {
	for _, k := range []struct{ text, want string }{
		{"extends: reference\nname: mine\ndnnc: {lanes: 512}\n", ""},
		{"extends: reference\ndnnc:\n  lanes: 77\n", `m.yaml:3:10: dnnc.lanes: got 77, want one of 64, 128, 256, 512, 1024`},
		{"extends: reference\ndnc: {lanes: 64}\n", `m.yaml:2:1: got field "dnc", want extends, name, clock_mhz`},
		{"extends: reference\ndepc: {classes: 20}\n", `m.yaml:2:17: depc.classes: got 20, want a multiple of 16, 0 to 4096`},
		{"extends: reference\nxmem: {bytes: 100000}\n", `m.yaml:2:15: xmem.bytes: got 100000, want a power of two`},
		{"extends: huge\n", `m.yaml:1:10: extends: got "huge", want one of reference, small, wide`},
		{"extends: reference\nepc: {kind: cube}\n", `m.yaml:2:13: epc.kind: got "cube", want one of none, tree, tree-gate, lane-mask`},
		{"name: mine\n", `m.yaml:1:1: clock_mhz: got nothing, want a number, more than 0 and at most 1000`},
	} {
		var c machine.Config
		_, err := yamlfile.Parse([]byte(k.text), "m.yaml", &c)
		if k.want == "" {
			require.NoError(t, err)
			require.Equal(t, 512, c.DNNC.Lanes)
			continue
		}
		require.ErrorContains(t, err, k.want)
	}
}

func TestSet(t *testing.T) {
	c := machine.Reference()
	require.NoError(t, c.Set("--set", "dnnc.lanes=512", "xmem.bytes=33554432", "epc.kind=lane-mask", "clock_mhz=300"))
	require.Equal(t, []any{512, 32 << 20, machine.EPCLaneMask, 300.0},
		[]any{c.DNNC.Lanes, c.XMem.Bytes, c.EPC.Kind, c.ClockMHz})
	for text, want := range map[string]string{
		"dnnc.lanes=77":               `--set: dnnc.lanes: got 77, want one of 64, 128, 256, 512, 1024`,
		"dnc.lanes=64":                `--set: got field "dnc", want name, clock_mhz`,
		"dnnc.lane=64":                `--set: dnnc: got field "lane", want lanes, acc_bits`,
		"dnnc=64":                     `--set: dnnc: got "64", want fields: lanes`,
		"dnnc.lanes":                  `--set: got "dnnc.lanes", want field=value`,
		"xmem.write_high=31":          "",
		"xmem.write_high=32":          `--set: xmem.write_high: got 32, want`,
		"xmem.timing.page_bytes=1000": `--set: xmem.timing.page_bytes: got 1000, want a power of two`,
		"dnnc.lanes=[":                `--set: dnnc.lanes: got "[", want a value`,
	} {
		c := machine.Reference()
		if err := c.Set("--set", text); want == "" {
			require.NoError(t, err, text)
		} else {
			require.ErrorContains(t, err, want, text)
		}
	}
}

// Every number that a program sets is checked as those of a file are.
func TestValidate(t *testing.T) {
	checked := 0
	var visit func(c *machine.Config, v reflect.Value)
	visit = func(c *machine.Config, v reflect.Value) {
		for i := range v.NumField() {
			switch f := v.Field(i); f.Kind() {
			case reflect.Struct:
				visit(c, f)
			case reflect.Int:
				checked++
				for _, bad := range []int64{-1, 1 << 40} {
					old := f.Int()
					f.SetInt(bad)
					require.ErrorContains(t, c.Validate(), v.Type().Field(i).Tag.Get("yaml"))
					f.SetInt(old)
				}
			}
		}
	}
	c := machine.Reference()
	visit(&c, reflect.ValueOf(&c).Elem())
	require.Greater(t, checked, 20)
	require.NoError(t, c.Validate())
}

// The schema knows every field, and what a file may say of it.
func TestSchema(t *testing.T) {
	text, err := machine.Schema()
	require.NoError(t, err)
	var s struct {
		Properties map[string]struct {
			Properties map[string]map[string]any
		}
	}
	require.NoError(t, json.Unmarshal(text, &s))
	require.Equal(t, []any{64., 128., 256., 512., 1024.}, s.Properties["dnnc"].Properties["lanes"]["enum"])
	require.Equal(t, 16., s.Properties["depc"].Properties["classes"]["multipleOf"])
	require.Contains(t, s.Properties["epc"].Properties["kind"]["enum"], "lane-mask")
	expect.File(t, "../../docs/machine.schema.json", string(text)+"\n")
}

// FuzzFile: a file is refused, or is a machine that prints and reads back as itself.
func FuzzFile(f *testing.F) {
	for _, name := range machine.BuiltIns {
		c, err := machine.Named(name)
		require.NoError(f, err)
		text, err := c.YAML()
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte("extends: small\nxmem: {kind: lpddr4-3200, timing: {trefi_ns: 1e3}}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var c, back machine.Config
		if _, err := yamlfile.Parse(text, "m.yaml", &c); err != nil {
			return
		}
		require.NoError(t, c.Validate())
		again, err := c.YAML()
		require.NoError(t, err)
		_, err = yamlfile.Parse(again, "m.yaml", &back)
		require.NoError(t, err, "%s", again)
		require.Equal(t, c, back)
	})
}
