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
	before [activity.NumEvents]uint64
}

// field is a register or an array of them, and what it held after the last tick.
type field struct {
	port.Register
	held reflect.Value
}

// NewOracle watches a unit's State and Out, given as pointers.
func NewOracle(u activity.Unit, parts ...any) *Oracle {
	o := &Oracle{}
	for _, r := range port.Registers(u, parts...) {
		o.fields = append(o.fields, field{Register: r, held: copied(r.Value)})
	}
	return o
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

// Check compares with the last call, a tick ago, and returns what changed without a clock.
func (o *Oracle) Check(act *activity.Counts) (errs []error) {
	var now [activity.NumEvents]uint64
	for tag := range act.Rows {
		for e, n := range act.Rows[tag] {
			now[e] += n
		}
	}
	for i := range o.fields {
		f := &o.fields[i]
		if reflect.DeepEqual(f.Value.Interface(), f.held.Interface()) {
			continue
		}
		if now[f.Group] == o.before[f.Group] {
			errs = append(errs, fmt.Errorf("%s: went from %v to %v in a cycle without %v", f.Path, f.held, f.Value, f.Group))
		}
		f.held = copied(f.Value)
	}
	o.before = now
	return errs
}
