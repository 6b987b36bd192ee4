package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"bdfasim/power/table"
)

// formatFlag says how tables are written.
type formatFlag struct {
	Format string `enum:"text,csv,json" default:"text" help:"${format}"`
}

// tableFlags say how and where tables are written.
type tableFlags struct {
	formatFlag
	Output string `short:"o" placeholder:"FILE" help:"${table_output}"`
}

// write writes tables. Nothing is left in the file if that fails.
func (f *tableFlags) write(e *env, tables ...*table.Table) error {
	return f.writeTo(e, f.Output, tables...)
}

// writeTo writes tables to a file, or to standard output for "" and "-".
func (f *formatFlag) writeTo(e *env, name string, tables ...*table.Table) error {
	var b bytes.Buffer
	if f.Format == "json" {
		b.WriteString("[\n")
	}
	for i, t := range tables {
		if i > 0 {
			b.WriteString(map[bool]string{true: ",\n", false: "\n"}[f.Format == "json"])
		}
		if err := t.Write(&b, f.Format); err != nil {
			return err
		}
	}
	if f.Format == "json" {
		b.WriteString("]\n")
	}
	return writeTo(e, name, b.Bytes())
}

// writeTo writes to a file, or to standard output for "" and "-".
func writeTo(e *env, name string, data []byte) error {
	if name == "" || name == "-" {
		_, err := e.stdout.Write(data)
		return err
	}
	return os.WriteFile(name, data, 0o666)
}

// hasFolder refuses a file whose folder does not exist, so that this is known before a long run and not after.
func hasFolder(name string) error {
	if _, err := os.Stat(filepath.Dir(name)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// createFile calls write on a new file and closes it.
func createFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = write(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// terminal tells whether a stream is a terminal. The null device, a character device as well, is none.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
