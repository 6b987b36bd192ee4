package synth

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Bit is a net of a netlist, or one of the constants below 0.
type Bit int

// The constants.
const (
	Zero    Bit = -1
	One     Bit = -2
	Unknown Bit = -3
)

// UnmarshalJSON reads a number or a constant in quotes.
func (b *Bit) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"0"`:
		*b = Zero
	case `"1"`:
		*b = One
	case `"x"`, `"z"`:
		*b = Unknown
	default:
		n, err := strconv.Atoi(string(text))
		if err != nil {
			return fmt.Errorf("synth: got bit %s, want a number", text)
		}
		*b = Bit(n)
	}
	return nil
}

// Cell is one of a netlist.
type Cell struct {
	Name       string            `json:"-"`
	Type       string            `json:"type"`
	Parameters map[string]string `json:"parameters"`
	Attributes map[string]string `json:"attributes"`
	Pins       map[string][]Bit  `json:"connections"`
}

// Number is a parameter in binary digits as a number.
func (c *Cell) Number(parameter string) int {
	n, _ := strconv.ParseInt(c.Parameters[parameter], 2, 64)
	return int(n)
}

// Port is one of a module.
type Port struct {
	Name      string `json:"-"`
	Direction string `json:"direction"`
	Bits      []Bit  `json:"bits"`
}

// Net is a name for some bits.
type Net struct {
	Name   string `json:"-"`
	Hidden int    `json:"hide_name"`
	Bits   []Bit  `json:"bits"`
	Offset int    `json:"offset"`
}

// Module is a netlist without hierarchy. Its parts are in the order of their names.
type Module struct {
	Ports []Port
	Cells []Cell
	Nets  []Net // with names from the source
}

// readModule reads one of Yosys' write_json.
func readModule(data []byte, top string) (*Module, error) {
	var file struct {
		Modules map[string]struct {
			Ports map[string]*Port `json:"ports"`
			Cells map[string]*Cell `json:"cells"`
			Nets  map[string]*Net  `json:"netnames"`
		} `json:"modules"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("synth: %s: %w", top, err)
	}
	from, ok := file.Modules[top]
	if !ok {
		return nil, fmt.Errorf("synth: got no module %s", top)
	}
	m := &Module{}
	for name, p := range from.Ports {
		p.Name = name
		m.Ports = append(m.Ports, *p)
	}
	for name, c := range from.Cells {
		c.Name = name
		m.Cells = append(m.Cells, *c)
	}
	for name, n := range from.Nets {
		if n.Hidden == 0 {
			n.Name = name
			m.Nets = append(m.Nets, *n)
		}
	}
	slices.SortFunc(m.Ports, func(a, b Port) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(m.Cells, func(a, b Cell) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(m.Nets, func(a, b Net) int { return strings.Compare(a.Name, b.Name) })
	return m, nil
}

// isRegister reports whether a cell is a row of flip-flops.
func (c *Cell) isRegister() bool {
	return strings.Contains(c.Type, "dff") || strings.Contains(c.Type, "DFF")
}

// isLatch reports whether a cell is a row of latches.
func (c *Cell) isLatch() bool {
	return strings.Contains(c.Type, "latch") || strings.Contains(c.Type, "LATCH") || c.Type == "$sr"
}

// port finds one.
func (m *Module) port(name string) *Port {
	for i := range m.Ports {
		if m.Ports[i].Name == name {
			return &m.Ports[i]
		}
	}
	return nil
}
