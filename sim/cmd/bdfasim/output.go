package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"

	"bdfasim/isa/image"
	"bdfasim/power/table"
	"bdfasim/sim/output"
	"bdfasim/sim/powertrace"
)

// formatFlag says how tables are written.
type formatFlag struct {
	Format string `enum:",text,csv,json,md" default:"" placeholder:"FORM" help:"${format}"`
	Wide   bool   `help:"Show all columns of a table side by side, however wide it is."`
	Out    folder `placeholder:"DIR" help:"${tables_out}"`

	shorten func([]*table.Table) []*table.Table // leaves out what says nothing to people
}

// tableFlags say how and where tables are written.
type tableFlags struct {
	formatFlag
	Output target `short:"o" placeholder:"FILE" help:"${table_output}"`
}

// forms are the forms of tables by the endings of files.
var forms = map[string]string{".txt": "text", ".csv": "csv", ".json": "json", ".md": "md"}

// fits refuses, before anything is done, a form that contradicts the name of the file or that
// cannot hold what the command writes; one: it makes a single table.
func (f *tableFlags) fits(one bool) error {
	by := forms[filepath.Ext(string(f.Output))]
	switch {
	case f.Format != "" && by != "" && f.Format != by:
		return usagef("--format: got %s for %s, want %s or another name", f.Format, f.Output, by)
	case len(f.Output.files()) > 0 && f.form(f.Output) == "csv" && !one:
		return usagef("-o: got %s for several tables, want --out DIR: a CSV file holds one", f.Output)
	}
	return nil
}

// form is the form of tables in a file.
func (f *formatFlag) form(name target) string {
	return cmp.Or(f.Format, forms[filepath.Ext(string(name))], "text")
}

// one tells that a command makes a single table; most make more.
func (*tableFlags) one() bool { return false }

// write writes tables to the folder, if there is one, and to the file or standard output.
func (f *tableFlags) write(e *env, tables ...*table.Table) error {
	return f.writeTo(e, f.Output, tables...)
}

// writeTo writes tables to the folder and to a file. If that fails they still go to standard
// output.
func (f *formatFlag) writeTo(e *env, name target, tables ...*table.Table) error {
	var failed error
	if f.Out != "" {
		failed = f.Out.write(e, tables)
	}
	err := f.print(e, name, tables)
	if failed = errors.Join(failed, err); err != nil && len(name.files()) > 0 {
		failed = errors.Join(failed, f.print(e, "", tables))
	}
	return failed
}

// print writes tables to a file.
func (f *formatFlag) print(e *env, name target, tables []*table.Table) error {
	form, width := f.form(name), 80
	if form == "text" && f.shorten != nil {
		tables = f.shorten(tables)
	}
	if f.Wide {
		width = 0
	} else if out, ok := e.stdout.(*os.File); ok && len(name.files()) == 0 {
		if columns, _, err := term.GetSize(int(out.Fd())); err == nil && columns > 0 {
			width = columns
		}
	}
	var b bytes.Buffer
	if form == "json" {
		if err := e.about.write(&b, tables); err != nil {
			return err
		}
		tables = nil
	}
	for i, t := range tables {
		if i > 0 {
			b.WriteString("\n")
		}
		if err := t.Write(&b, form, width); err != nil {
			return err
		}
	}
	return writeTo(e, name, b.Bytes())
}

// writeTo writes to a file, or to standard output for "" and "-".
func writeTo(e *env, name target, data []byte) error {
	if len(name.files()) == 0 {
		_, err := e.stdout.Write(data)
		return err
	}
	return output.Bytes(string(name), data)
}

// writeImage writes an image as writeTo does.
func writeImage(e *env, name target, img *image.Image) error {
	b, err := img.Bytes()
	if err != nil {
		return err
	}
	return writeTo(e, name, b)
}

// folder is where a command writes a file a table.
type folder string

// files are those that are tried before the work.
func (f folder) files() []string {
	if f == "" {
		return nil
	}
	return []string{filepath.Join(string(f), "results.json")}
}

// write writes each table as CSV, all of them and what they are of as JSON, and, in a file of its
// own, what differs from one run to the next.
func (f folder) write(e *env, tables []*table.Table) error {
	var all bytes.Buffer
	if err := e.about.write(&all, tables); err != nil {
		return err
	}
	host, err := json.MarshalIndent(e.about.host(), "", " ")
	if err != nil {
		return err
	}
	files := map[string][]byte{"results.json": all.Bytes(), "host.json": append(host, '\n')}
	for _, t := range tables {
		var b bytes.Buffer
		if err := t.CSV(&b); err != nil {
			return err
		}
		if name := t.Name + ".csv"; files[name] == nil {
			files[name] = b.Bytes()
			continue
		}
		return fmt.Errorf("two tables of name %q", t.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		err = errors.Join(err, output.Bytes(filepath.Join(string(f), name), files[name]))
	}
	return err
}

// target is a file that a command writes; "" and "-": standard output.
type target string

func (t target) files() []string {
	if t == "" || t == "-" {
		return nil
	}
	return []string{string(t)}
}

// write writes the file, if there is one.
func (t target) write(write func(io.Writer) error) error {
	if t == "" {
		return nil
	}
	return output.Write(string(t), write)
}

// stream writes a file that is worth having also when writing it ended with an error.
func stream(t target, write func(io.Writer) error) error {
	f, err := output.Create(string(t))
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Commit())
}

// picture is a target that is drawn.
type picture string

// UnmarshalText refuses names of pictures that nothing here can draw.
func (p *picture) UnmarshalText(text []byte) error {
	*p = picture(text)
	if !slices.Contains(powertrace.Formats, strings.TrimPrefix(filepath.Ext(string(text)), ".")) {
		return fmt.Errorf("got %s, want a file that ends in .png, .svg or .pdf", text)
	}
	return nil
}

func (p picture) files() []string { return target(p).files() }

// terminal tells whether a stream is a terminal.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
