package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"bdfasim/firmware/yamlfile"
	"bdfasim/sim/output"
)

// negative is a number that kong would take for a short flag.
var negative = regexp.MustCompile(`^-[.\d]`)

// joined writes --flag -1 as --flag=-1.
func joined(args []string) []string {
	var out []string
	for _, arg := range args {
		last := len(out) - 1
		if last >= 0 && negative.MatchString(arg) && strings.HasPrefix(out[last], "--") &&
			!strings.Contains(out[last], "=") {
			out[last] += "=" + arg
		} else {
			out = append(out, arg)
		}
	}
	return out
}

// arguments are the flags and arguments that were given, by name.
func arguments(k *kong.Context) map[string]*kong.Value {
	out := map[string]*kong.Value{}
	for _, f := range k.Flags() {
		if f.Set {
			out["--"+f.Name] = f.Value
		}
	}
	for _, v := range k.Selected().Positional {
		if v.Set {
			out[v.Name] = v
		}
	}
	return out
}

// inRange holds what was given against its tag, want:"[1,32]", as those of files.
func inRange(given map[string]*kong.Value) error {
	for _, name := range slices.Sorted(maps.Keys(given)) { // the same error every time
		f := given[name]
		if want := f.Tag.Get("want"); want != "" {
			if missed := yamlfile.Misses(f.Target, want); missed != "" {
				return usagef("%s: got %v, want %s", name, f.Target, missed)
			}
		}
	}
	return nil
}

// writes is a flag or argument that names files which the command writes.
type writes interface{ files() []string }

// written is such a file.
type written struct{ flag, path string }

// is tells whether a path is the same file. Devices and pipes may be written twice.
func (w written) is(path string) bool {
	a, _ := filepath.Abs(w.path)
	b, _ := filepath.Abs(path)
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	if err1 != nil || err2 != nil {
		return a == b
	}
	return os.SameFile(x, y) && x.Mode().IsRegular()
}

// writable refuses, before anything is done, files that cannot be written, and those that something
// else writes or reads. Folders are made.
func writable(given map[string]*kong.Value) error {
	var all []written
	for _, flag := range slices.Sorted(maps.Keys(given)) {
		w, ok := given[flag].Target.Interface().(writes)
		if !ok {
			continue
		}
		if f, ok := w.(folder); ok {
			if err := os.MkdirAll(string(f), 0o777); err != nil {
				return err
			}
		}
		for _, path := range w.files() {
			for _, other := range all {
				if other.is(path) {
					return usagef("%s: got %s, want another file than that of %s", flag, path, other.flag)
				}
			}
			all = append(all, written{flag, path})
			if err := output.Try(path); err != nil {
				return fmt.Errorf("%s: %w", flag, err)
			}
		}
	}
	for name, v := range given {
		for _, w := range all {
			if !strings.HasPrefix(name, "--") && w.is(fmt.Sprint(v.Target)) {
				return usagef("%s: got %s, want another file than that which is read", w.flag, w.path)
			}
		}
	}
	return nil
}

// checked refuses what kong cannot know to be wrong.
func checked(k *kong.Context) error {
	given := arguments(k)
	if err := inRange(given); err != nil {
		return err
	}
	command, ok := k.Selected().Target.Addr().Interface().(interface {
		fits(one bool) error
		one() bool
	})
	if ok {
		if err := command.fits(command.one()); err != nil {
			return err
		}
	}
	return writable(given)
}

// sink remembers that standard output could not be written: kong does not always say so.
type sink struct {
	write func([]byte) (int, error)
	err   error
}

// Write is an io.Writer.
func (s *sink) Write(p []byte) (n int, err error) {
	if n, err = s.write(p); err != nil {
		s.err = fmt.Errorf("standard output: %w", err)
	}
	return n, err
}
