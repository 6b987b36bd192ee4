package trace

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/sim"
)

// TestUnitsAreFields: the fields of Inputs and Wires are the units, in their order.
func TestUnitsAreFields(t *testing.T) {
	for _, all := range []reflect.Type{reflect.TypeFor[rtl.Inputs](), reflect.TypeFor[rtl.Wires]()} {
		require.Equal(t, int(activity.NumUnits), all.NumField())
		for u := range activity.NumUnits {
			got, ok := UnitByName(all.Field(int(u)).Name)
			require.True(t, ok)
			require.Equal(t, u, got)
		}
	}
	_, ok := UnitByName("none")
	require.False(t, ok)
}

// wires are of all kinds that a wire can have.
type wires struct {
	Bus  *struct{ Kind uint8 }
	On   bool
	Rows [2]struct{ Lane [2]int16 }
	Wide uint64
}

const header = "cycle,In.Bus.Kind:u8,In.On:u1,In.Rows.0.Lane.0:i16,In.Rows.0.Lane.1:i16," +
	"In.Rows.1.Lane.0:i16,In.Rows.1.Lane.1:i16,In.Wide:u64,Out.Valid:u1,Out.Inst:u8"

// TestFormat reads what the package's documentation promises.
func TestFormat(t *testing.T) {
	var in wires
	var out port.Done
	const lines = "\n1,7,1,-32768,2,3,4,18446744073709551615,0,5\n2,0,0,0,0,0,0,0,1,6\n"
	r, err := NewReader(strings.NewReader(header+lines), &in, &out)
	require.NoError(t, err)
	require.NoError(t, r.Next())
	require.EqualValues(t, 7, in.Bus.Kind)
	require.True(t, in.On)
	require.Equal(t, [2]int16{-32768, 2}, in.Rows[0].Lane)
	require.Equal(t, [2]int16{3, 4}, in.Rows[1].Lane)
	require.EqualValues(t, uint64(1<<64-1), in.Wide)
	require.Equal(t, port.Done{Inst: 5}, out)
	require.NoError(t, r.Next())
	require.False(t, in.On)
	require.Equal(t, port.Done{Valid: true, Inst: 6}, out)
	require.Equal(t, io.EOF, r.Next())
}

func TestBadRecordings(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "recording: EOF",
		"cycle,In.On:u1,Out.Valid:u1\n":        "the columns are not those of *trace.wires and *port.Done",
		header + "\n2,7,1,0,0,0,0,0,0,5\n":     "recording: got cycle 2, want 1",
		header + "\n1,256,1,0,0,0,0,0,0,5\n":   `recording: cycle 1, In.Bus.Kind:u8: `,
		header + "\n1,7,2,0,0,0,0,0,0,5\n":     `recording: cycle 1, In.On:u1: `,
		header + "\n1,7,1,40000,0,0,0,0,0,5\n": `cycle 1, In.Rows.0.Lane.0:i16: `,
		header + "\n1,7,1,x,0,0,0,0,0,5\n":     `parsing "x": invalid syntax`,
		header + "\n1,7,1,0,0,0,0,0,0\n":       "record on line 2: wrong number of fields",
	} {
		var in wires
		r, err := NewReader(strings.NewReader(text), &in, new(port.Done))
		if err == nil {
			err = r.Next()
		}
		require.ErrorContains(t, err, want)
	}
}

// TestRecorder records every unit and reads it back, cycle by cycle, beside the chip: no field
// is missing.
func TestRecorder(t *testing.T) {
	img := file(t, "../testdata/layer.s")
	for u := range activity.NumUnits {
		e := load(t, img)
		var b bytes.Buffer
		r := NewRecorder(&b, e.Chip(), u)
		field := func(all any) reflect.Value { return reflect.ValueOf(all).Elem().Field(int(u)) }
		ports := func() (in, out reflect.Value) { return field(e.Chip().Inputs()), field(e.Chip().Wires()) }
		var ins, outs []any
		_, err := e.Run(context.Background(), 0, sim.Options{OnCycle: func(cycle uint64) error {
			in, out := ports()
			ins, outs = append(ins, deep(in)), append(outs, out.Interface())
			return r.Cycle(cycle)
		}})
		require.NoError(t, err)
		require.NoError(t, r.Close())
		in, out := ports()
		in, out = reflect.New(in.Type()), reflect.New(out.Type())
		rd, err := NewReader(&b, in.Interface(), out.Interface())
		require.NoError(t, err)
		for c := range ins {
			require.NoError(t, rd.Next())
			require.Equal(t, ins[c], in.Elem().Interface(), "%s, cycle %d", u, c+1)
			require.Equal(t, outs[c], out.Elem().Interface(), "%s, cycle %d", u, c+1)
		}
		require.Equal(t, io.EOF, rd.Next())
	}
}

// deep copies a struct and what its pointers point to.
func deep(v reflect.Value) any {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	for i := range c.NumField() {
		switch f := c.Field(i); {
		case f.Kind() == reflect.Pointer:
			p := reflect.New(f.Type().Elem())
			p.Elem().Set(f.Elem())
			f.Set(p)
		case c.Type().Field(i).Anonymous:
			f.Set(reflect.ValueOf(deep(f)))
		}
	}
	return c.Interface()
}
