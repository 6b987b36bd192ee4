package expect

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// recorder notes how a test would have failed.
type recorder struct {
	testing.TB
	text string
}

func (r *recorder) Errorf(format string, args ...any) { r.text = fmt.Sprintf(format, args...) }

func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "new", "file")
	*update = true
	File(t, name, "a\nb\nc\nd\n")
	*update = false
	File(t, name, "a\nb\nc\nd\n")

	r := &recorder{TB: t}
	File(r, name, "a\nb\nc\nx\n")
	require.Equal(t, name+` differs (-update rewrites it):
--- want
+++ got
@@ -3,3 +3,3 @@
 c
-d
+x
 `, r.text)
	File(r, name, "\xff")
	require.Equal(t, name+" differs (-update rewrites it):\nno text\n", r.text)
	held, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "a\nb\nc\nd\n", string(held))
}
