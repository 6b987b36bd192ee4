package experiment

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"bdfasim/firmware/yamlfile"
)

//go:embed files/*.yaml
var files embed.FS

// Names lists the ready-made experiments, sorted.
func Names() []string { return yamlfile.Names(files, "files") }

// Source returns the text of a ready-made experiment: something to read, run
// or copy and change.
func Source(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("experiment: got %q, want one of %s", name, strings.Join(Names(), ", "))
	}
	return files.ReadFile("files/" + name + ".yaml")
}

// Open parses a ready-made experiment.
func Open(name string) (*Experiment, error) {
	src, err := Source(name)
	if err != nil {
		return nil, err
	}
	return Parse(src, name+".yaml")
}
