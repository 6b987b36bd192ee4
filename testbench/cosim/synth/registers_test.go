package synth

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/testbench/cosim/sv"
)

// Names of groups that no tag has.
const (
	Own    = "own"   // the unit's
	Priced = "-"     // in no group of clocks: another event prices them
	Fault  = "fault" // written once, and never priced
)

// Group is what an enable clocks: by a unit's State and Out, and in its RTL.
type Group struct {
	Name    string // Own, Priced, or as the tags of State say
	State   int    // bits; of Priced unknown
	RTL     int
	Free    int            // of these, bits that no enable clocks
	Enables int            // different ones
	Fields  map[string]int // bits in the RTL, by the field of State that they were found to be
	keys    map[string]bool
}

// Registers are those of a unit's RTL beside those of its State and Out.
type Registers struct {
	Groups  []*Group
	Strange map[string]int // bits of the RTL that are in no State, by name
	Missing []string       // of State or Out, without any bit in the RTL
	found   map[string]bool
	fields  []field
}

// field is a register of State or Out: its path in snake case, and its group.
type field struct{ path, group string }

// fields lists the registers below a struct.
func fields(v reflect.Value, path, group string, list []field) []field {
	for v.Kind() == reflect.Slice || v.Kind() == reflect.Array {
		if v.Len() == 0 {
			return list
		}
		v = v.Index(0)
	}
	if v.Kind() == reflect.Pointer {
		return fields(v.Elem(), path, group, list)
	}
	switch {
	case v.Kind() != reflect.Struct:
		return append(list, field{path, group})
	case v.Type() == reflect.TypeFor[port.Fault]():
		return append(list, field{path + "_code", Fault}, field{path + "_arg", Fault})
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Tag.Get("mem") != "" || f.Tag.Get("sim") != "" {
			continue
		}
		at, to := path, group
		if !f.Anonymous || f.Tag.Get("bits") != "" {
			at = strings.TrimPrefix(path+"_"+strings.TrimSuffix(sv.Name(f.Name), "_"), "_")
		}
		if name, ok := f.Tag.Lookup("clk"); ok && to != Priced {
			to = name
		}
		list = fields(v.Field(i), at, to, list)
	}
	return list
}

// Compare counts the registers of a unit's RTL by the groups of its State and Out, given as
// structs. names are parts of the RTL's names that State calls otherwise: how it calls them, Priced,
// or "group g" for what State does not have.
func Compare(u *sv.Unit, m *Module, clocked map[activity.Event]activity.Registers, names map[string]string,
	state reflect.Value, out any) *Registers {
	r := &Registers{Strange: map[string]int{}, found: map[string]bool{}}
	for e, reg := range clocked {
		r.group(groupName(u.Unit, e)).State += reg.Bits * reg.Copies
	}
	r.fields = fields(state, "", "", r.fields)
	r.fields = fields(reflect.ValueOf(out), "out", "", r.fields)
	r.fields = append(r.fields, field{Priced, Priced})
	for _, to := range names {
		if group, ok := strings.CutPrefix(to, "group "); ok {
			r.fields = append(r.fields, field{to, group})
		}
	}
	at := map[Bit][]string{} // names of nets
	for i := range m.Nets {
		for _, b := range m.Nets[i].Bits {
			at[b] = append(at[b], m.Nets[i].Name)
		}
	}
	outs := map[Bit]string{}
	for i := range u.Out.Fields {
		f := &u.Out.Fields[i]
		if p := m.port("out_" + f.Name); p != nil {
			for k, path := range spread(f, "out_"+f.Name, nil) {
				outs[p.Bits[k]] = path
			}
		}
	}
	rst := m.port("rst")
	muxes := m.muxes()
	for i := range m.Cells {
		switch c := &m.Cells[i]; {
		case c.isRegister():
			key := enable(c, rst)
			for k, q := range c.Pins["Q"] {
				key := key + m.holds(muxes, c.Pins["D"][k], q)
				f := r.find(outs[q], nil, names)
				if f == nil {
					f = r.find("", at[q], names)
				}
				r.count(f, at[q], key, 1)
			}
		case c.Type == "$mem_v2":
			r.memory(c, names)
		}
	}
	for _, f := range r.fields {
		if !r.found[f.path] && !strings.Contains(f.path, " ") && f.group != Fault && f.group != Priced {
			r.Missing = append(r.Missing, f.path)
		}
	}
	slices.SortFunc(r.Groups, func(a, b *Group) int { return strings.Compare(a.Name, b.Name) })
	return r
}

// spread lists the paths of the bits of a port, from the lowest one on.
func spread(f *sv.Field, path string, list []string) []string {
	for range max(1, f.Count) {
		if f.Type == nil {
			for range f.Width {
				list = append(list, path)
			}
			continue
		}
		for i := range f.Type.Fields {
			inner := &f.Type.Fields[len(f.Type.Fields)-1-i]
			list = spread(inner, path+"_"+strings.TrimSuffix(inner.Name, "_"), list)
		}
	}
	return list
}

// group finds or makes one.
func (r *Registers) group(name string) *Group {
	for _, g := range r.Groups {
		if g.Name == name {
			return g
		}
	}
	g := &Group{Name: name, Fields: map[string]int{}, keys: map[string]bool{}}
	r.Groups = append(r.Groups, g)
	return g
}

// enable tells enables apart; "" is none. A reset by something else than rst enables, too.
func enable(c *Cell, rst *Port) string {
	key := ""
	if en := c.Pins["EN"]; len(en) == 1 {
		key = fmt.Sprintf("%d/%s", en[0], c.Parameters["EN_POLARITY"])
	}
	if key == "" || !strings.HasPrefix(c.Type, "$sdffe") {
		return key // of sdffce the reset is enabled, too
	}
	if s := c.Pins["SRST"]; len(s) == 1 && (rst == nil || s[0] != rst.Bits[0]) {
		key += fmt.Sprintf("|%d", s[0])
	}
	return key
}

// muxes are the multiplexers of one bit by their output.
func (m *Module) muxes() map[Bit]*Cell {
	list := map[Bit]*Cell{}
	for i := range m.Cells {
		if c := &m.Cells[i]; c.Type == "$_MUX_" {
			list[c.Pins["Y"][0]] = c
		}
	}
	return list
}

// holds tells when a flip-flop takes its own value again through the multiplexers at its input:
// what Yosys has not made an enable of, for instance because another register shares them. "" is
// never.
func (m *Module) holds(muxes map[Bit]*Cell, d, q Bit) string {
	const deepest = 24
	var ways []string
	seen := map[Bit]bool{}
	var visit func(b Bit, way string, depth int)
	visit = func(b Bit, way string, depth int) {
		if b == q {
			ways = append(ways, way)
			return
		}
		c := muxes[b]
		if c == nil || depth == deepest || seen[b] {
			return
		}
		seen[b] = true
		visit(c.Pins["A"][0], fmt.Sprintf("%s !%d", way, c.Pins["S"][0]), depth+1)
		visit(c.Pins["B"][0], fmt.Sprintf("%s %d", way, c.Pins["S"][0]), depth+1)
	}
	visit(d, "", 0)
	return strings.Join(ways, ";")
}

// find is the register of State or Out with a path, or which the most of some names of the RTL
// stands for.
func (r *Registers) find(path string, of []string, names map[string]string) (best *field) {
	score := 0
	for i := range r.fields {
		f := &r.fields[i]
		if f.path == path {
			return f
		}
		for _, name := range of {
			list, named := aliases(name, names)
			for _, alias := range list {
				s := alike(alias, f.path)
				if named && s > 0 {
					s += 1 << 20 // whatever else the net is called
				}
				if s > score {
					best, score = f, s
				}
				if s%4 == prefix { // a vector of a struct
					r.found[f.path] = true
				}
			}
		}
	}
	return best
}

var indices = regexp.MustCompile(`\[\d+\]`)

// aliases are what a name of the RTL, with its instances, may be in State; named: it is one of names.
func aliases(name string, names map[string]string) (list []string, named bool) {
	name = indices.ReplaceAllString(name, "")
	parts := strings.Split(name, ".")
	for i := range parts {
		if other, ok := names[strings.Join(parts[i:], ".")]; ok {
			return []string{other}, true
		}
	}
	for i, part := range parts {
		if other, ok := names[part]; ok {
			parts[i] = other
		}
	}
	for i := range parts {
		list = append(list, strings.TrimSuffix(strings.Join(parts[i:], "_"), "_"))
	}
	return list, false
}

// Kinds of likeness.
const (
	suffix = 1 + iota
	prefix
	whole
)

// alike says how much a name of the RTL is a path of State: all of it, its beginning (a vector of a
// struct), or its end.
func alike(name, path string) int {
	switch {
	case name == path:
		return 4*len(name) + whole
	case strings.HasPrefix(path, name+"_"):
		return 4*len(name) + prefix
	case strings.HasSuffix(path, "_"+name):
		return 4*len(name) + suffix
	}
	return 0
}

// count adds bits to the group of a register.
func (r *Registers) count(f *field, of []string, enable string, bits int) {
	if f == nil {
		name := "without a name"
		if len(of) > 0 {
			name = slices.MinFunc(of, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
			name = indices.ReplaceAllString(name, "")
		}
		r.Strange[name] += bits
		return
	}
	r.found[f.path] = true
	g := r.group(cmp.Or(f.group, Own))
	g.RTL += bits
	g.Fields[f.path] += bits
	if enable == "" {
		g.Free += bits
	} else if !g.keys[enable] {
		g.keys[enable] = true
		g.Enables++
	}
}

// memory counts an array of the RTL if State has registers for it.
func (r *Registers) memory(c *Cell, names map[string]string) {
	name := strings.TrimPrefix(c.Parameters["MEMID"], `\`)
	f := r.find("", []string{name}, names)
	if f == nil {
		return
	}
	list, _ := aliases(name, names)
	for _, alias := range list {
		if alike(alias, f.path)%4 == suffix {
			return
		}
	}
	for word := range c.Number("SIZE") {
		r.count(f, nil, fmt.Sprintf("%s[%d]", name, word), c.Number("WIDTH"))
	}
}
