package rtl

import (
	"fmt"
	"reflect"

	"bdfasim/rtl/port"
)

// CopyFrom makes a chip go on where another one of the same machine stands. All that a later cycle
// depends on is in the units' States, the wires, the inputs of units that sleep, the counts and the
// memories; TestStateIsComplete proves it.
func (c *Chip) CopyFrom(o *Chip) error {
	if c.cfg != o.cfg {
		return fmt.Errorf("rtl: got a chip of another machine to copy from")
	}
	o.DNNC.Flush()
	for u, unit := range c.units() {
		from := reflect.ValueOf(o.units()[u]).Elem().FieldByName("State")
		assign(reflect.ValueOf(unit).Elem().FieldByName("State"), from)
	}
	assign(reflect.ValueOf(&c.ins).Elem(), reflect.ValueOf(&o.ins).Elem())
	c.wires, c.bus, c.resp, *c.act = o.wires, o.bus, o.resp, *o.act
	for p := range port.NumXReads { // each listens where the other chip's does
		i := 0
		if *o.listener(p) == &o.resp[1] {
			i = 1
		}
		*c.listener(p) = &c.resp[i]
	}
	c.cycle, c.ticking, c.awake = o.cycle, o.ticking, o.awake
	c.status, c.since, c.charged, c.busy = o.status, o.since, o.charged, o.busy
	copy(c.xmemory, o.xmemory)
	copy(c.mask, o.mask)
	return nil
}

// assign copies a value field by field: slices by their elements, since the copy has memories of its
// own, no pointers, which lead to neighbours, and no unexported fields, which last for a tick.
func assign(to, from reflect.Value) {
	switch to.Kind() {
	case reflect.Pointer:
	case reflect.Struct:
		for i := range to.NumField() {
			if f := to.Type().Field(i); f.IsExported() || f.Anonymous {
				assign(to.Field(i), from.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		if to.Type().Elem().Kind() != reflect.Struct {
			reflect.Copy(to, from)
			return
		}
		for i := range to.Len() {
			assign(to.Index(i), from.Index(i))
		}
	default:
		to.Set(from)
	}
}
