package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOutputsAreTried: what cannot be written, or would be written twice, is known before the work.
func TestOutputsAreTried(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.Symlink("a.txt", file("link.txt")))
	source := write(t, "x.s", " halt\n")
	require.NoError(t, os.WriteFile(file("file"), nil, 0o666))
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"train --save " + dir, exitFailure, "--save: " + dir + ": is a directory"},
		{"train --image " + file("no/x"), exitFailure, "--image: " + file("no/x") + ": no such file"},
		{"train --plot " + file("no/x.png"), exitFailure, "--plot: " + file("no/x.png")},
		{"run x.img --dump scratch=" + file("no/x"), exitFailure, "--dump: " + file("no/x")},
		{"run x.img --record dnnc=" + file("no/x"), exitFailure, "--record: " + file("no/x")},
		{"run x.img --trace=" + file("no/x"), exitFailure, "--trace: " + file("no/x")},
		{"power run x.img --csv " + file("no/x"), exitFailure, "--csv: " + file("no/x")},
		{"power area --out " + file("file/no"), exitFailure, "not a directory"},
		{"train --save " + file("a") + " --curve " + file("a"), exitUsage, "want another file than that of --curve"},
		{"train --save " + file("a") + " --curve " + dir + "/./a", exitUsage, "want another file than that of --curve"},
		{"run x.img --trace=" + file("a") + " --vcd " + file("a"), exitUsage, "want another file than that of --trace"},
		{"asm " + source + " -o " + source, exitUsage, "want another file than that which is read"},
		{"run x.img -o x.csv", exitUsage, "-o: got x.csv for several tables, want --out DIR: a CSV file holds one"},
		{"run x.img -o x --format csv", exitUsage, "want --out DIR"},
		{"power area -o x.csv --format json", exitUsage, "--format: got json for x.csv, want csv or another name"},
	} {
		r := bdfasim(t, "", strings.Fields(c.args)...)
		require.Equal(t, c.code, r.code, "%s: %s", c.args, r.stderr)
		require.Contains(t, r.stderr, c.want, c.args)
		require.Empty(t, r.out)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 2, "nothing is left behind")
}

// TestForms: the ending of a file says how tables are written.
func TestForms(t *testing.T) {
	dir := t.TempDir()
	area := func(name string, more ...string) string {
		file := filepath.Join(dir, name)
		require.Empty(t, ok(t, append([]string{"power", "area", "-o", file}, more...)...))
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		return string(b)
	}
	require.Equal(t, ok(t, "power", "area"), area("x.txt"))
	require.Equal(t, ok(t, "power", "area"), area("x"))
	require.Equal(t, ok(t, "power", "area", "--format", "csv"), area("x.csv"))
	require.Equal(t, area("x.csv"), area("y", "--format", "csv"))
	require.Equal(t, "area", tables(t, area("x.json"))[0].Name)
	require.Contains(t, area("x.md"), "\n| --- | --- | ---: |")
	require.Contains(t, area("x.csv"), "unit,what,um2,low_um2,high_um2,made_of,source\n")
}

// TestNothingIsLost: a report that cannot be written goes to standard output, and a recording of a run
// that failed is kept.
func TestNothingIsLost(t *testing.T) {
	img := layer(t)
	r := bdfasim(t, "", "run", img, "-o", "/dev/full")
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "no space left on device")
	require.Equal(t, ok(t, "run", img), r.out)

	dir := t.TempDir()
	file := filepath.Join(dir, "t.txt")
	r = bdfasim(t, "", "run", img, "--limit", "100", "--trace="+file)
	require.Equal(t, exitFailure, r.code)
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(b), "wld.w")
	ok(t, "run", img, "--vcd", os.DevNull, "--to", "9", "--record", "dnnc="+os.DevNull)
}

// TestFolder: each table is a file that encoding/csv reads, all are in results.json, with what they are
// of, and two runs differ only in host.json.
func TestFolder(t *testing.T) {
	net, data, img := write(t, "conv.yaml", convNet), images(t), filepath.Join(t.TempDir(), "x.img")
	folder := func(args ...string) map[string]string {
		dir := filepath.Join(t.TempDir(), "out")
		ok(t, append(args, "--out", dir)...)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		files := map[string]string{}
		for _, f := range entries {
			b, err := os.ReadFile(filepath.Join(dir, f.Name()))
			require.NoError(t, err)
			files[f.Name()] = string(b)
		}
		require.Contains(t, files["host.json"], `"command_line"`)
		delete(files, "host.json")
		return files
	}
	compiled := folder("compile", net, "--data", data, "--epochs", "1", "-o", img)
	runs := folder("run", img)
	require.Equal(t, runs, folder("run", img))
	all := []map[string]string{compiled, runs, folder("verify", img), folder("power", "run", img),
		folder("power", "prices"), folder("power", "area", "--norm"),
		folder("train", net, "--data", data, "--epochs", "1", "--rule", "bp,cbdfa", "--seeds", "2", "--power"),
		folder("demo", "--data", data, "--layers", "64-16-10", "--epochs", "1", "--seeds", "2")}
	for _, files := range all {
		list := tables(t, files["results.json"])
		require.Len(t, files, len(list)+1)
		for _, x := range list {
			rows, err := csv.NewReader(strings.NewReader(files[x.Name+".csv"])).ReadAll()
			require.NoError(t, err, x.Name)
			require.Equal(t, x.Columns, rows[0])
			require.Len(t, rows, len(x.Rows)+1)
			for _, row := range x.Rows {
				for k, cell := range row {
					text, _ := cell.(string)
					require.NotContains(t, text, " +- ", x.Columns[k])
				}
			}
		}
	}
	names := func(csv string, column int) (names []string) {
		for line := range strings.Lines(csv) {
			names = append(names, strings.Split(line, ",")[column])
		}
		return names
	}
	require.Subset(t, names(runs["by_layer_and_phase.csv"], 1), names(compiled["layers.csv"], 0))

	var d struct {
		About struct {
			Command   string
			Arguments map[string]any
			Images    map[string]struct {
				SHA256   string
				Compiled struct {
					Rule string
					Seed int
				}
			}
			Machine    map[string]any
			Technology map[string]any
		}
	}
	require.NoError(t, json.Unmarshal([]byte(runs["results.json"]), &d))
	require.Equal(t, "bdfasim run", d.About.Command)
	require.Equal(t, map[string]any{"image": img}, d.About.Arguments)
	require.Len(t, d.About.Images["x.img"].SHA256, 64)
	require.Equal(t, "bp", d.About.Images["x.img"].Compiled.Rule)
	require.Equal(t, 1, d.About.Images["x.img"].Compiled.Seed)
	require.Equal(t, 256.0, d.About.Machine["dnnc.lanes"])
}
