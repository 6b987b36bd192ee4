package cosim

import (
	"strings"
	"testing"

	"bdfasim/isa/machine"
	"bdfasim/testbench/cosim/sv"
	"bdfasim/testbench/expect"
)

// What the RTL is built on is that of today's reference machine. Benches of other machines make
// their own.
func TestGenerated(t *testing.T) {
	c := sv.New(machine.Reference())
	var pkg, limits strings.Builder
	c.Package(&pkg)
	c.Limits(&limits)
	expect.File(t, "../../rtl/chip_pkg.sv", pkg.String())
	expect.File(t, "../../rtl/limits.sv", limits.String())
}
