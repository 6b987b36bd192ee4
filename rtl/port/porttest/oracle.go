package porttest

import (
	"fmt"
	"reflect"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Oracle checks that registers change only in cycles in which their group is clocked.
type Oracle struct {
	fields []field
	groups map[activity.Event]bool // of the fields
	before [activity.NumEvents]uint64
	ports  []ports
	Moved  map[activity.Event]bool // groups that had a register change
}

// ports is a memory's: the most accesses of a cycle, and the events that count them.
type ports struct {
	most   uint64
	events []activity.Event
}

// Ports adds a check: the events happen so often in a cycle at the most, all together.
func (o *Oracle) Ports(most int, events ...activity.Event) {
	o.ports = append(o.ports, ports{uint64(most), events})
}

// field is a register or an array of them, and what it held after the last tick.
type field struct {
	port.Register
	held reflect.Value
}

// NewOracle watches a unit's State and Out, given as pointers.
func NewOracle(u activity.Unit, parts ...any) *Oracle {
	o := &Oracle{groups: map[activity.Event]bool{}, Moved: map[activity.Event]bool{}}
	for _, r := range port.Registers(u, parts...) {
		o.fields = append(o.fields, field{Register: r, held: copied(r.Value)})
		o.groups[r.Group] = true
	}
	return o
}

// Groups are those of the registers: an event without one of them in Moved was not put to the test.
func (o *Oracle) Groups() map[activity.Event]bool { return o.groups }

// same compares two values of a type.
func same(a, b reflect.Value) bool {
	if a.Kind() == reflect.Slice {
		return reflect.DeepEqual(a.Interface(), b.Interface())
	}
	return a.Equal(b)
}

// copied is a copy of a value that shares nothing with it.
func copied(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Slice {
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		return c
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// Check compares with the last call, a tick ago, and returns what changed without a clock, and what
// was accessed too often.
func (o *Oracle) Check(act *activity.Counts) (errs []error) {
	now := o.before
	for e := range o.groups {
		now[e] = act.Total(e)
	}
	for _, p := range o.ports {
		for _, e := range p.events {
			now[e] = act.Total(e)
		}
	}
	for i := range o.fields {
		f := &o.fields[i]
		if n := now[f.Group] - o.before[f.Group]; n > 1 && !f.Each {
			errs = append(errs, fmt.Errorf("%s: got %v %d times in a cycle", f.Path, f.Group, n))
		}
		if same(f.Value, f.held) {
			continue
		}
		o.Moved[f.Group] = true
		if now[f.Group] == o.before[f.Group] {
			errs = append(errs, fmt.Errorf("%s: went from %v to %v in a cycle without %v", f.Path, f.held, f.Value, f.Group))
		}
		f.held = copied(f.Value)
	}
	for _, p := range o.ports {
		n := uint64(0)
		for _, e := range p.events {
			n += now[e] - o.before[e]
		}
		if n > p.most {
			errs = append(errs, fmt.Errorf("%v: got %d accesses in a cycle, want %d at most", p.events, n, p.most))
		}
	}
	o.before = now
	return errs
}
