// Package output writes files so that each is there whole or not at all: a temporary file beside
// it, synced, then renamed. Devices and pipes are written as they are. A symbolic link stays one;
// what it points to is replaced.
//
//	Try (before long work) ... Create --> Write ... --> Commit, or Abort
package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/renameio/v2"
)

// File is a file that is being written.
type File struct {
	name    string
	pending *renameio.PendingFile // nil: of a device or a pipe
	err     error                 // the first that writing met
	*os.File
}

// Write implements io.Writer.
func (f *File) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	if f.err == nil {
		f.err = err
	}
	return n, err
}

// Create begins to write a file. Its folder must exist. What is there under this name stays until
// Commit.
func Create(name string) (*File, error) {
	target, direct, err := resolve(name)
	if err != nil {
		return nil, err
	}
	if direct {
		f, err := os.OpenFile(target, os.O_WRONLY, 0)
		return &File{name: name, File: f}, err
	}
	clear(target)
	p, err := renameio.NewPendingFile(target, renameio.WithTempDir(filepath.Dir(target)),
		renameio.WithPermissions(0o666), renameio.WithExistingPermissions())
	if err != nil {
		return nil, cause(name, err)
	}
	return &File{name: name, pending: p, File: p.File}, nil
}

// clear removes the temporary files that killed programs have left beside a file, but none that
// somebody may be writing now.
func clear(target string) {
	entries, _ := os.ReadDir(filepath.Dir(target)) // Create says what is wrong with it
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), "."+filepath.Base(target))
		_, err := strconv.ParseUint(digits, 10, 64)
		if !ok || err != nil {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > time.Minute {
			_ = os.Remove(filepath.Join(filepath.Dir(target), e.Name()))
		}
	}
}

// resolve follows links to the file that is to be replaced, and tells whether it is a device or a
// pipe. It refuses a directory, and a file that may not be written.
func resolve(name string) (target string, direct bool, err error) {
	target = name
	if t, err := filepath.EvalSymlinks(name); err == nil {
		target = t
	} else if t, err := os.Readlink(name); err == nil { // to a file that is not there yet
		if target = t; !filepath.IsAbs(t) {
			target = filepath.Join(filepath.Dir(name), t)
		}
	}
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return target, false, nil
	case err != nil:
		return "", false, cause(name, err)
	case info.IsDir():
		return "", false, fmt.Errorf("%s: is a directory", name)
	case !info.Mode().IsRegular():
		return target, true, nil
	}
	f, err := os.OpenFile(target, os.O_WRONLY, 0)
	if err != nil {
		return "", false, cause(name, err)
	}
	return target, false, f.Close()
}

// cause names the file that was asked for, not a temporary one.
func cause(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// Commit puts the file in place, unless a part of it could not be written.
func (f *File) Commit() error {
	if f.err != nil {
		return cause(f.name, errors.Join(f.err, f.Abort()))
	}
	if f.pending == nil {
		return f.Close()
	}
	if err := f.pending.CloseAtomicallyReplace(); err != nil {
		return cause(f.name, errors.Join(err, f.pending.Cleanup()))
	}
	return nil
}

// Abort leaves what was there before. After Commit it does nothing.
func (f *File) Abort() error {
	if f.pending == nil {
		return f.Close()
	}
	return f.pending.Cleanup()
}

// Write writes a whole file.
func Write(name string, write func(io.Writer) error) error {
	f, err := Create(name)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return cause(name, errors.Join(err, f.Abort()))
	}
	return f.Commit()
}

// Bytes writes a whole file that is in memory.
func Bytes(name string, data []byte) error {
	return Write(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Try tells what Create would say, and leaves nothing behind. Opening a pipe would wait for its
// reader, so only its name is looked at.
func Try(name string) error {
	if _, direct, err := resolve(name); direct || err != nil {
		return err
	}
	f, err := Create(name)
	if err != nil {
		return err
	}
	return f.Abort()
}
