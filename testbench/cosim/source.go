// Package cosim is the RTL of rtl/ as tests read it: the sources of a machine, also with a mistake in
// them, and the machines that it is built for. docs/cosim.md tells how the RTL is compared.
package cosim

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"bdfasim/rtl/activity"
	"bdfasim/testbench/cosim/sv"
)

//go:generate go test . -run TestGenerated -update

// Source says where the RTL is.
type Source struct {
	Root   string // of the project
	Mutant *Mutant
}

// Missing reports what a unit's bench lacks: its RTL.
func (s *Source) Missing(module string) bool {
	_, err := os.Stat(filepath.Join(s.Root, "rtl", module, module+".sv"))
	return err != nil
}

// Files are the sources of a unit's RTL, by name.
func (s *Source) Files(c *sv.Chip, u activity.Unit) (map[string][]byte, error) {
	return s.files(c, []string{"port", "errors", c.Units[u].Module})
}

// ChipFiles are the sources of the whole chip.
func (s *Source) ChipFiles(c *sv.Chip) (map[string][]byte, error) {
	dirs := []string{"", "port", "errors"}
	for i := range c.Units {
		dirs = append(dirs, c.Units[i].Module)
	}
	return s.files(c, dirs)
}

// files are the sources that a bench is made of, by name.
func (s *Source) files(c *sv.Chip, dirs []string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, dir := range dirs {
		paths, err := filepath.Glob(filepath.Join(s.Root, "rtl", dir, "*.sv"))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			name, _ := filepath.Rel(s.Root, path)
			if s.Mutant != nil && s.Mutant.File == filepath.ToSlash(name) {
				if text, err = s.Mutant.apply(text); err != nil {
					return nil, err
				}
			}
			files[filepath.Base(path)] = text
		}
	}
	var pkg, limits bytes.Buffer
	c.Package(&pkg)
	c.Limits(&limits)
	files["chip_pkg.sv"], files["limits.sv"] = pkg.Bytes(), limits.Bytes()
	return files, nil
}

// Mutant is a small change of the RTL that a comparison must notice.
type Mutant struct {
	What string `yaml:"what"`
	File string `yaml:"file"`
	From string `yaml:"from"` // stands in the file once
	To   string `yaml:"to"`
}

func (m *Mutant) apply(text []byte) ([]byte, error) {
	if n := bytes.Count(text, []byte(m.From)); n != 1 {
		return nil, fmt.Errorf("mutant %q: %s: got %d places with %q, want 1", m.What, m.File, n, m.From)
	}
	return bytes.Replace(text, []byte(m.From), []byte(m.To), 1), nil
}
