package study

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStored: stored runs are those that the rows of stored networks want, and no others.
func TestStored(t *testing.T) {
	want := map[Key]bool{}
	for _, n := range Nets() {
		if n.Stored {
			for _, r := range chipRows([]Net{n}) {
				want[r.keys[0]], want[r.keys[1]] = true, true
			}
		}
	}
	require.Len(t, want, 3)
	require.Len(t, stored(), len(want))
	for k := range want {
		require.NotNil(t, stored()[k], k)
		require.Positive(t, stored()[k].Cycles.Sum())
	}
	st, err := New(Options{Nets: []string{"vgg16"}, Tables: []string{"d-chip"}})
	require.NoError(t, err)
	runs, err := st.Missing()
	require.NoError(t, err)
	require.Zero(t, runs)
}
