package output_test

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bdfasim/sim/output"
)

func content(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(b)
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestAFailedWriteLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.img")
	require.NoError(t, output.Bytes(name, []byte("old")))
	err := output.Write(name, func(w io.Writer) error {
		_, _ = w.Write([]byte("ne"))
		return syscall.ENOSPC
	})
	require.EqualError(t, err, name+": no space left on device")
	require.Equal(t, "old", content(t, name))
	require.Equal(t, []string{"x.img"}, files(t, dir))
	require.NoError(t, output.Bytes(name, []byte("new")))
	require.Equal(t, "new", content(t, name))
}

func TestModesAreKept(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x")
	require.NoError(t, os.WriteFile(name, nil, 0o640))
	require.NoError(t, output.Bytes(name, []byte("new")))
	info, err := os.Stat(name)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode())
}

func TestLinksStay(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	require.NoError(t, os.Mkdir(sub, 0o777))
	for _, target := range []string{"sub/there", "sub/not-yet"} {
		link := filepath.Join(dir, "link-"+filepath.Base(target))
		require.NoError(t, os.Symlink(target, link))
		if target == "sub/there" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, target), []byte("old"), 0o666))
		}
		require.NoError(t, output.Bytes(link, []byte("new")))
		require.Equal(t, "new", content(t, filepath.Join(dir, target)))
		info, err := os.Lstat(link)
		require.NoError(t, err)
		require.NotZero(t, info.Mode()&os.ModeSymlink)
	}
}

func TestDevicesAndPipesAreWrittenAsTheyAre(t *testing.T) {
	require.NoError(t, output.Try(os.DevNull))
	require.NoError(t, output.Bytes(os.DevNull, []byte("gone")))
	err := output.Bytes("/dev/full", []byte("x"))
	require.ErrorIs(t, err, syscall.ENOSPC)

	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	require.NoError(t, output.Try(pipe))
	done := make(chan string)
	go func() {
		b, _ := os.ReadFile(pipe)
		done <- string(b)
	}()
	require.NoError(t, output.Bytes(pipe, []byte("through")))
	require.Equal(t, "through", <-done)
}

func TestTryRefusesWhatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	require.ErrorContains(t, output.Try(dir), "is a directory")
	require.ErrorContains(t, output.Try(filepath.Join(dir, "none", "x")), "no such file or directory")
	name := filepath.Join(dir, "x")
	require.NoError(t, output.Try(name))
	require.Empty(t, files(t, dir))
	if os.Getuid() != 0 {
		require.NoError(t, os.WriteFile(name, nil, 0o400))
		require.ErrorContains(t, output.Try(name), "permission denied")
	}
}

// TestCommitRefusesWhatWasNotWritten: also when the writer did not look at the error.
func TestCommitRefusesWhatWasNotWritten(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x")
	require.NoError(t, output.Bytes(name, []byte("old")))
	f, err := output.Create(name)
	require.NoError(t, err)
	require.NoError(t, f.File.Close()) // as a disk that is gone
	_, _ = f.Write([]byte("new"))
	require.ErrorContains(t, f.Commit(), name+": ")
	require.Equal(t, "old", content(t, name))
	require.Equal(t, []string{"x"}, files(t, dir))
}

// TestLeftovers: what a killed program has left goes with the next file of that name; what somebody
// may be writing stays, and so do other files.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-time.Hour)
	for name, when := range map[string]time.Time{".x123": old, ".x124": time.Now(), ".x12a": old, ".y123": old, ".x": old} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o666))
		require.NoError(t, os.Chtimes(filepath.Join(dir, name), when, when))
	}
	require.NoError(t, output.Bytes(filepath.Join(dir, "x"), []byte("new")))
	require.Equal(t, []string{".x", ".x124", ".x12a", ".y123", "x"}, files(t, dir))
}
