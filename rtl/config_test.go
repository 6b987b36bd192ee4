package rtl_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// complete is a chip with all units, those that a program with every command needs.
func complete() rtl.Config {
	var code []isa.Word
	for _, row := range isa.Table {
		code = append(code, isa.Pack(row.Op, 0, 0, 0, row.FlagMask(), 0))
	}
	return rtl.For(rtl.DefaultConfig(), code)
}

// The machine can be built as it comes and with all units, and not with a number of anything that
// is below zero, or larger than any chip.
func TestParametersAreChecked(t *testing.T) {
	cfg := rtl.DefaultConfig()
	require.NoError(t, rtl.Validate(&cfg))
	cfg = complete()
	require.NoError(t, rtl.Validate(&cfg))
	checked := 0
	var visit func(v reflect.Value, name string)
	visit = func(v reflect.Value, name string) {
		for i := range v.NumField() {
			field, name := v.Field(i), name+"."+v.Type().Field(i).Name
			switch field.Kind() {
			case reflect.Struct:
				visit(field, name)
			case reflect.Float64:
				for _, bad := range []float64{-1, math.NaN()} {
					old := field.Float()
					field.SetFloat(bad)
					assert.Error(t, rtl.Validate(&cfg), "%s = %g", name, bad)
					field.SetFloat(old)
				}
			case reflect.Int:
				checked++
				for _, bad := range []int64{-1, math.MaxInt32 << 8} {
					old := field.Int()
					field.SetInt(bad)
					assert.Error(t, rtl.Validate(&cfg), "%s = %d", name, bad)
					field.SetInt(old)
				}
			}
		}
	}
	visit(reflect.ValueOf(&cfg).Elem(), "Config")
	require.NotZero(t, checked)
}

// The wires are in the order of the units. A fault of any of them stops the run, and its unit is
// named.
func TestEveryFaultIsSeen(t *testing.T) {
	wires := reflect.TypeFor[rtl.Wires]()
	require.Equal(t, int(activity.NumUnits), wires.NumField())
	for u := range activity.NumUnits {
		chip, err := rtl.New(complete())
		require.NoError(t, err)
		require.False(t, chip.Faulted())
		fault := reflect.ValueOf(chip).Elem().FieldByName(wires.Field(int(u)).Name).Elem().FieldByName("Fault")
		if !fault.IsValid() {
			continue
		}
		want := port.Fault{Code: port.FaultIllegal, PC: 8}
		fault.Set(reflect.ValueOf(want))
		chip.KeepAwake()
		chip.Step()
		assert.True(t, chip.Faulted(), "%v", u)
		unit, got := chip.Fault()
		assert.Equal(t, u, unit)
		assert.Equal(t, want, got, "%v", u)
	}
}

// Every unit that is built has registers, which leak and take room.
func TestEveryUnitHasRegisters(t *testing.T) {
	chip, err := rtl.New(complete())
	require.NoError(t, err)
	all := chip.Geometry()
	for u := range activity.NumUnits {
		assert.NotZero(t, all.RegBits(u), "%v", u)
	}
}
