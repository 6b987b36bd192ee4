package port

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every fault has a text of its own.
func TestFaultTexts(t *testing.T) {
	codes := map[string]int{}
	for code, text := range FaultTexts {
		require.NotEmpty(t, text, code)
		require.NotContains(t, codes, text)
		codes[text] = code
	}
}

// The first fault stays.
func TestRaise(t *testing.T) {
	var f Fault
	f.Raise(FaultWMEM, 8, 1)
	f.Raise(FaultBank, 16, 2)
	require.Equal(t, Fault{Code: FaultWMEM, PC: 8, Arg: 1}, f)
}
