package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
)

// What files may claim. A claim is checked before memory is taken for it. What is packed may claim more than it
// holds, so its limits grow with the bytes that it really has: a file of 4 MB that is a bomb is refused within
// seconds and a few hundred MB, and no real set is.
const (
	maxItems   = 1 << 21 // images of a set; the largest real one here, EMNIST by class, has 814,255
	maxPixels  = 1 << 20 // of an image of a set: far above an input of the chip
	maxClasses = 1 << 8  // labels are bytes
	maxBytes   = 1 << 30 // of a file, and of the pixels of a set: external memory has at most twice as many

	smallBytes = 64 << 20 // that any packed file may unpack to: all of MNIST
	ratio      = 64       // or else this many times its own size; MNIST takes 5, line drawings 45, black images 1000
	maxHeader  = 1 << 16  // of an array of an .npz file

	maxPicture = 1 << 24 // pixels of a picture file; decoders take up to 24 bytes for one
	maxScans   = 64      // of a JPEG file, each of which costs the time of a picture; encoders make 10
)

// unpacked checks what packed files of some bytes claim to hold.
func unpacked(name string, claim int64, bytes int) error {
	if most := min(maxBytes, max(smallBytes, ratio*int64(bytes))); claim > most {
		return fmt.Errorf("data: %s: size: got %d bytes unpacked, want at most %d for %d packed", name, claim, most, bytes)
	}
	return nil
}

// holds checks the size of a set of images.
func holds(name string, n int, s Shape) error {
	for _, f := range []struct {
		field     string
		got, most int
	}{{"images", n, maxItems}, {"rows", s.Rows, maxPixels}, {"columns", s.Cols, maxPixels / max(1, min(s.Rows, maxPixels))}} {
		if f.got < 1 || f.got > f.most {
			return fmt.Errorf("data: %s: %s: got %d, want 1..%d", name, f.field, f.got, f.most)
		}
	}
	if size := uint64(n) * uint64(s.Size()); size > maxBytes {
		return fmt.Errorf("data: %s: size: got %d bytes (%d images of %s), want at most %d", name, size, n, s, maxBytes)
	}
	return nil
}

// readFile reads a regular file. dir appears in errors. Errors of a file that is not there are fs.ErrNotExist.
func readFile(files fs.FS, dir, name string) ([]byte, error) {
	full := filepath.Join(dir, name)
	info, err := fs.Stat(files, name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("data: %s: %w", full, reason(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("data: %s: got no regular file, want one", full)
	case info.Size() > maxBytes:
		return nil, fmt.Errorf("data: %s: got %d bytes, want at most %d", full, info.Size(), maxBytes)
	}
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", full, reason(err))
	}
	return b, nil
}

// reason is an error of a file without the file's name.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// unzip returns what a file holds that may be gzip, which its first bytes tell.
func unzip(name string, raw []byte) (io.Reader, error) {
	if !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		return bytes.NewReader(raw), nil
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("data: %s: gzip: %w", name, err)
	}
	return bufio.NewReader(z), nil
}
