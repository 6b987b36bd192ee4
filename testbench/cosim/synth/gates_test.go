package synth

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Leaf is a module whose gates are replayed.
type Leaf struct {
	Top        string
	Parameters map[string]int
	Expose     string // a net that becomes the output, or its bits [n:0] as `exposed`; "": outputs stay
	Sources    Sources
}

// Gates are the gates of a library between a leaf's inputs and registers and its outputs. Registers
// and memories are left out, and what goes into them alone: clocks are gated.
type Gates struct {
	*Module
	lib   *Library
	order []*Cell // a cell behind those that drive it
	load  []float64
	free  []Bit // nets of registers that are left out
	bits  int
	nets  []trace // of the last window
}

// Map makes a leaf's gates.
func Map(dir string, leaf *Leaf, lib *Library) (*Gates, error) {
	m, err := leaf.netlist(dir, "abc -liberty "+lib.File+" -script +strash;balance;dc2;map;topo")
	if err != nil {
		return nil, err
	}
	g := &Gates{Module: m, lib: lib}
	return g, g.sort()
}

// netlist makes a leaf's netlist with a command of Yosys for abc.
func (leaf *Leaf) netlist(dir, abc string) (*Module, error) {
	top := "hierarchy -check -top " + leaf.Top
	for name, value := range leaf.Parameters {
		top += fmt.Sprintf(" -chparam %s %d", name, value)
	}
	script := []string{top, "rename -top " + leaf.Top, "proc", "flatten"}
	if leaf.Expose != "" {
		net, bits, part := strings.Cut(strings.TrimSuffix(leaf.Expose, ":0]"), "[")
		expose := []string{"expose w:" + net}
		if top, err := strconv.Atoi(bits); part && err == nil {
			expose = []string{fmt.Sprintf("add -output exposed %d", top+1), "connect -set exposed " + leaf.Expose}
		}
		script = append(append(script, "delete -port o:*"), expose...)
	}
	script = append(script, "delete t:*dff*", "delete t:$mem*", "opt_clean",
		"setundef -undriven -anyseq", // not zeros
		"opt", "wreduce", "peepopt", "opt_clean", "alumacc", "share", "opt", "techmap", "opt -fast", abc, "opt_clean",
		"write_json netlist.json")
	if _, err := run(dir, leaf.Sources, script...); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, "netlist.json"))
	if err != nil {
		return nil, err
	}
	return readModule(data, leaf.Top)
}

// Levels is the length of the longest way through a leaf, in gates of two inputs; inverters are
// free, and a multiplexer is three gates in two levels.
func Levels(dir string, leaf *Leaf) (levels, gates int, err error) {
	m, err := leaf.netlist(dir, "abc -g AND,OR,XOR,NAND,NOR,XNOR,ANDNOT,ORNOT -script +strash;balance;map;topo")
	if err != nil {
		return 0, 0, err
	}
	drivers := map[Bit]*Cell{}
	for i := range m.Cells {
		if y := m.Cells[i].Pins["Y"]; m.Cells[i].Type != "$anyseq" && len(y) == 1 {
			drivers[y[0]] = &m.Cells[i]
			if m.Cells[i].Type != "$_NOT_" {
				gates++
			}
		}
	}
	depth := map[*Cell]int{}
	var visit func(b Bit) int
	visit = func(b Bit) int {
		c := drivers[b]
		if c == nil {
			return 0
		}
		if d, ok := depth[c]; ok {
			return d
		}
		d := 0
		for _, pin := range []string{"A", "B"} {
			if bits := c.Pins[pin]; len(bits) == 1 {
				d = max(d, visit(bits[0]))
			}
		}
		if c.Type != "$_NOT_" {
			d++
		}
		depth[c] = d
		return d
	}
	for i := range m.Ports {
		if m.Ports[i].Direction == "output" {
			for _, b := range m.Ports[i].Bits {
				levels = max(levels, visit(b))
			}
		}
	}
	return levels, gates, nil
}

// Gates is the number of gates.
func (g *Gates) Gates() int { return len(g.order) }

// sort orders the gates and adds up the loads of nets.
func (g *Gates) sort() error {
	for i := range g.Cells {
		for _, pins := range g.Cells[i].Pins {
			for _, b := range pins {
				g.bits = max(g.bits, int(b)+1)
			}
		}
	}
	for i := range g.Ports {
		for _, b := range g.Ports[i].Bits {
			g.bits = max(g.bits, int(b)+1)
		}
	}
	g.load = make([]float64, g.bits)
	drivers := make([]*Cell, g.bits)
	var gates []*Cell
	for i := range g.Cells {
		c := &g.Cells[i]
		cell := g.lib.Cells[c.Type]
		if cell != nil {
			gates = append(gates, c)
		} else if c.Type == "$anyseq" {
			g.free = append(g.free, c.Pins["Y"]...)
			continue
		} else {
			return fmt.Errorf("synth: cell %s: got type %s, want one of %s", c.Name, c.Type, g.lib.File)
		}
		for pin, bits := range c.Pins {
			for _, b := range bits {
				switch {
				case b < 0:
				case cell.Functions[pin] != nil:
					drivers[b] = c
				default:
					g.load[b] += cell.Caps[pin]
				}
			}
		}
	}
	for i := range g.Ports { // results go to registers
		for _, b := range g.Ports[i].Bits {
			if g.Ports[i].Direction == "output" && b >= 0 {
				g.load[b] += g.lib.DPin
			}
		}
	}
	return g.follow(gates, drivers)
}

// follow orders the gates, which are no loop.
func (g *Gates) follow(gates []*Cell, drivers []*Cell) error {
	state := map[*Cell]int{} // 1: its drivers are visited; 2: done
	var visit func(c *Cell) error
	visit = func(c *Cell) error {
		switch state[c] {
		case 1:
			return fmt.Errorf("synth: cell %s: it is in a loop", c.Name)
		case 2:
			return nil
		}
		state[c] = 1
		for pin, bits := range c.Pins {
			if g.lib.Cells[c.Type].Functions[pin] != nil {
				continue
			}
			for _, b := range bits {
				if b >= 0 && drivers[b] != nil {
					if err := visit(drivers[b]); err != nil {
						return err
					}
				}
			}
		}
		state[c] = 2
		g.order = append(g.order, c)
		return nil
	}
	for _, c := range gates {
		if err := visit(c); err != nil {
			return err
		}
	}
	return nil
}

// Replay computes all nets of a window from its inputs and registers, without delays. It returns
// the capacitance, in pF, that changes from cycle to cycle.
func (g *Gates) Replay(w *Window) (float64, error) {
	if err := g.drive(w); err != nil {
		return 0, err
	}
	sum := 0.0
	for b, load := range g.load {
		if load > 0 {
			sum += float64(load * float64(g.nets[b].changes(w.Cycles)))
		}
	}
	return sum, nil
}

// drive computes all nets.
func (g *Gates) drive(w *Window) error {
	g.nets = make([]trace, g.bits)
	for i := range g.Ports {
		p := &g.Ports[i]
		if p.Direction != "input" || p.Name == "clk" || p.Name == "rst" {
			continue
		}
		for k, b := range p.Bits {
			t, err := w.bit(p.Name, k)
			if err != nil && g.load[b] > 0 {
				return err
			}
			g.nets[b] = t
		}
	}
	for _, b := range g.free {
		if err := g.register(w, b); err != nil {
			return err
		}
	}
	for _, c := range g.order {
		pin := func(name string) *trace {
			switch b := c.Pins[name][0]; {
			case b >= 0:
				return &g.nets[b]
			case b == One:
				return &ones
			}
			return &trace{}
		}
		for out, f := range g.lib.Cells[c.Type].Functions {
			if bits := c.Pins[out]; len(bits) > 0 && bits[0] >= 0 {
				g.nets[bits[0]] = f.eval(pin)
			}
		}
	}
	return nil
}

// register sets a net that no gate drives to the signal of one of its names.
func (g *Gates) register(w *Window, b Bit) error {
	if g.load[b] == 0 {
		return nil
	}
	var names []string
	for i := range g.Nets {
		n := &g.Nets[i]
		k := slices.Index(n.Bits, b)
		if k < 0 {
			continue
		}
		if t, err := w.bit(n.Name, k); err == nil {
			g.nets[b] = t
			return nil
		}
		names = append(names, n.Name)
	}
	if len(names) == 0 { // what is behind the end of a vector
		return nil
	}
	return fmt.Errorf("synth: net %d, %s: got no signal", b, strings.Join(names, ", "))
}

// Differs looks for a cycle of the last window in which an output is not what a signal says, among
// those that a signal of one bit marks. It returns how many bits were compared.
func (g *Gates) Differs(w *Window, output, signal, mark string) (compared int, err error) {
	p := g.port(output)
	if p == nil {
		return 0, fmt.Errorf("synth: got no output %s", output)
	}
	when, err := w.bit(mark, 0)
	if err != nil {
		return 0, err
	}
	for k, b := range p.Bits {
		want, err := w.bit(signal, k)
		if err != nil {
			return 0, err
		}
		for cycle := range w.Cycles {
			if !when.bit(cycle) {
				continue
			}
			compared++
			if got := b == One || b >= 0 && g.nets[b].bit(cycle); got != want.bit(cycle) {
				return compared, fmt.Errorf("synth: %s, bit %d, cycle %d: got %v, want %v",
					output, k, w.First+cycle, got, want.bit(cycle))
			}
		}
	}
	return compared, nil
}
