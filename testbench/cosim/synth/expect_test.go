package synth

import (
	"fmt"
	"slices"
	"strings"

	"bdfasim/firmware/yamlfile"
	"bdfasim/rtl/activity"
)

// Expected is how the registers of the RTL may differ from those of State and Out.
type Expected struct {
	Names map[string]string       `yaml:"names,omitempty"` // as Compare takes them
	All   []Difference            `yaml:"all"`             // of each unit that says nothing else
	Units map[string]UnitExpected `yaml:"units"`
}

// UnitExpected is the same of a unit.
type UnitExpected struct {
	Names  map[string]string `yaml:"names,omitempty"`
	Groups []Difference      `yaml:"groups,omitempty"`
}

// Difference is what a group has in the RTL.
type Difference struct {
	Group   string `yaml:"group"`
	Bits    int    `yaml:"bits"`
	Free    int    `yaml:"free,omitempty"`
	Enables int    `yaml:"enables,omitempty"`
	Why     string `yaml:"why"`
}

// ReadExpected reads a file of them.
func ReadExpected(file string) (*Expected, error) {
	data, err := yamlfile.ReadFile(file)
	if err != nil {
		return nil, err
	}
	e := &Expected{}
	_, err = yamlfile.Parse(data, file, e)
	return e, err
}

// NamesOf are those of a unit.
func (e *Expected) NamesOf(unit string) map[string]string {
	names := map[string]string{}
	for _, list := range []map[string]string{e.Names, e.Units[unit].Names} {
		for from, to := range list {
			names[from] = to
		}
	}
	return names
}

// Check returns what the file does not expect of a unit's registers, and what it expects in vain.
// Without an entry a group has as many bits as in State, all with an enable: one, or one for each
// copy; that of the unit itself may have several.
func (e *Expected) Check(unit string, r *Registers, copies map[string]int) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, unit+": "+fmt.Sprintf(format, args...)) }
	entries := slices.Clone(e.Units[unit].Groups)
	for _, d := range e.All {
		if !slices.ContainsFunc(entries, func(o Difference) bool { return o.Group == d.Group }) {
			entries = append(entries, d)
		}
	}
	for _, g := range r.Groups {
		if g.Name == Priced || g.Name == Fault {
			continue
		}
		want := Difference{Bits: g.State, Enables: max(1, copies[g.Name])}
		if g.Name == Own {
			want.Enables = g.Enables
		}
		for _, d := range entries {
			if d.Group == g.Name {
				want = d
			}
		}
		if g.RTL != want.Bits || g.Free != want.Free || g.Enables != want.Enables {
			say("group %s: got bits: %d, free: %d, enables: %d; want %d, %d, %d; State has %d bits",
				g.Name, g.RTL, g.Free, g.Enables, want.Bits, want.Free, want.Enables, g.State)
		}
	}
	for _, d := range e.Units[unit].Groups {
		if !slices.ContainsFunc(r.Groups, func(g *Group) bool { return g.Name == d.Group }) {
			say("group %s: there is none", d.Group)
		}
		if d.Why == "" {
			say("group %s: no reason", d.Group)
		}
	}
	for name, bits := range r.Strange {
		say("register %s: %d bits, and no field of State", name, bits)
	}
	slices.Sort(wrong)
	return wrong
}

// Copies are the numbers of equal groups of registers, by name.
func Copies(u activity.Unit, clocked map[activity.Event]activity.Registers) map[string]int {
	copies := map[string]int{}
	for e, r := range clocked {
		copies[groupName(u, e)] = r.Copies
	}
	return copies
}

// groupName is that of an event of clocks.
func groupName(u activity.Unit, e activity.Event) string {
	name := strings.TrimPrefix(e.String(), activity.Active(u).String())
	if name == "" {
		return Own
	}
	return strings.TrimPrefix(name, "_")
}
