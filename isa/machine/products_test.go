package machine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa/machine"
)

// The clock chooses whether products have registers, and refuses a cut that does not meet it.
func TestProductRegistersFollowTheClock(t *testing.T) {
	for _, c := range []struct {
		mhz       float64
		cut       machine.Cut
		registers int
		err       string
	}{
		{100, machine.CutAuto, 0, ""},
		{200, machine.CutAuto, 0, ""},
		{200, machine.CutNo, 0, ""},
		{200, machine.CutYes, 1, ""},
		{289, machine.CutNo, 0, ""},
		{290, machine.CutAuto, 1, ""},
		{400, machine.CutAuto, 1, ""},
		{290, machine.CutNo, 0, "dnnc.product_registers: got 0, want 1: a product and its sum take 69 gate levels of 50 ps, and a cycle has 68"},
		{401, machine.CutAuto, 1, "clock_mhz: got 401, want at most 400: a product takes 50 gate levels of 50 ps"},
		{200, 3, 0, "dnnc.product_registers: got 3, want one of auto, 0, 1"},
	} {
		m := machine.Reference()
		m.ClockMHz, m.DNNC.ProductRegisters = c.mhz, c.cut
		err := m.Validate()
		if c.err == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, c.err)
		}
		require.Equal(t, c.registers, m.ProductRegisters(), "%v MHz, %v", c.mhz, c.cut)
	}
}
