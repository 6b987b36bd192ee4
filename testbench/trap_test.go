package testbench

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// A program stops with a trap of its own on an external memory that does not begin with a header, or with the header of
// another rule.
func TestForeignHeaderTraps(t *testing.T) {
	s, err := job{net: mlp(t, 20, 10), rule: compile.BDFA, samples: 4, batch: 4, epochs: 1}.spec(1)
	require.NoError(t, err)
	for trap, spoil := range map[uint64]int{1: 0, 2: 8} { // bytes of the magic and of the rule
		img, _, err := compile.Build(s)
		require.NoError(t, err)
		img.Segments[0].Data[spoil] ^= 1
		chip := withImage(t, img, rtl.DefaultConfig())
		for !chip.Faulted() {
			chip.Step()
			require.Less(t, chip.Cycle(), uint64(10_000))
		}
		unit, fault := chip.Fault()
		require.Equal(t, []any{activity.Seq, port.FaultTrap, trap}, []any{unit, fault.Code, fault.Arg})
	}
}
