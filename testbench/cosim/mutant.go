package cosim

import (
	"bytes"
	"fmt"
)

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
