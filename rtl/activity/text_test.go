package activity

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNames: every event and unit has a name of its own, which reads back.
func TestNames(t *testing.T) {
	for e := range NumEvents {
		text, err := e.MarshalText()
		require.NoError(t, err)
		var got Event
		require.NoError(t, got.UnmarshalText(text))
		require.Equal(t, e, got)
	}
	for u := range NumUnits {
		text, err := u.MarshalText()
		require.NoError(t, err)
		var got Unit
		require.NoError(t, got.UnmarshalText(text))
		require.Equal(t, u, got)
	}
	require.EqualError(t, new(Event).UnmarshalText([]byte("x")), `event: got "x", want one that a unit counts`)
	require.EqualError(t, new(Unit).UnmarshalText([]byte("x")), `unit: got "x", want one of the chip's`)
}
