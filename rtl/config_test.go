package rtl_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bdfasim/rtl"
	"bdfasim/rtl/epc"
	"bdfasim/rtl/norm"
)

// The machine can be built as it comes and with all units, and not with a number of anything that
// is below zero, or larger than any chip.
func TestParametersAreChecked(t *testing.T) {
	cfg := rtl.DefaultConfig()
	require.NoError(t, cfg.Validate())
	cfg.Norm, cfg.EPC.Kind = norm.DefaultConfig(), epc.Tree
	require.NoError(t, cfg.Validate())
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
					assert.Error(t, cfg.Validate(), "%s = %g", name, bad)
					field.SetFloat(old)
				}
			case reflect.Int:
				checked++
				for _, bad := range []int64{-1, math.MaxInt32 << 8} {
					old := field.Int()
					field.SetInt(bad)
					assert.Error(t, cfg.Validate(), "%s = %d", name, bad)
					field.SetInt(old)
				}
			}
		}
	}
	visit(reflect.ValueOf(&cfg).Elem(), "Config")
	require.NotZero(t, checked)
}
