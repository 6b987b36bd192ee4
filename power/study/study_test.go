package study

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFull writes the report of the whole study; it takes minutes.
func TestFull(t *testing.T) {
	dir := os.Getenv("STUDY_DIR")
	if dir == "" {
		t.Skip("STUDY_DIR is not set: no folder to write the report to")
	}
	st, err := Run(context.Background(), Options{Step: func(s string) { t.Log(s) }})
	require.NoError(t, err)
	r, err := st.Results()
	require.NoError(t, err)
	require.NoError(t, r.Write(dir))
	t.Log(r.Verdict)
}
