package main

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"bdfasim/firmware/yamlfile"
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

// inRange holds the flags that were given against their tags, want:"[1,32]", as those of files.
func inRange(k *kong.Context) error {
	for _, f := range k.Flags() {
		want, v := f.Tag.Get("want"), f.Target
		if want == "" || !f.Set {
			continue
		}
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if missed := yamlfile.Misses(v, want); missed != "" {
			return usagef("--%s: got %v, want %s", f.Name, v, missed)
		}
	}
	return nil
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
