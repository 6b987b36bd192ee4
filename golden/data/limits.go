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

// What files may claim. A claim is checked before memory is taken for it. What is packed may claim
// more than it holds, so its limits grow with the bytes that it really has: a file of 4 MB that is
// a bomb is refused within seconds and some hundred MB, and no real set is.
const (
	maxItems   = 1 << 21 // images of a set; of EMNIST by class there are 814,255
	maxPixels  = 1 << 20 // of an image of a set: far above an input of the chip
	maxClasses = 1 << 8  // labels are bytes
	maxBytes   = 1 << 30 // of a file, and of a set: external memory has at most twice as many

	smallBytes = 64 << 20 // that any packed file may unpack to: all of MNIST
	ratio      = 64       // or else times its size; MNIST has 5, drawings 45, black images 1000

	maxPicture = 1 << 24 // pixels of a picture file; decoders take up to 24 bytes for one
	maxScans   = 64      // of a JPEG file, each with the time of a picture; encoders make 10
)

// unpacked checks what packed files of some bytes claim to hold.
func unpacked(name string, claim int64, bytes int) error {
	if most := min(maxBytes, max(smallBytes, ratio*int64(bytes))); claim > most {
		return fmt.Errorf("data: %s: size: got %d bytes unpacked, want at most %d for %d packed",
			name, claim, most, bytes)
	}
	return nil
}

// holds checks the size of a set of images.
func holds(name string, n int, s Shape) error {
	if n < 1 || n > maxItems || s.Rows < 1 || s.Cols < 1 || s.Cols > maxPixels/s.Rows ||
		int64(n)*int64(s.Size()) > maxBytes {
		return fmt.Errorf("data: %s: size: got %d images of %s, want 1..%d of 1..%d pixels, "+
			"in all %d bytes", name, n, s, maxItems, maxPixels, maxBytes)
	}
	return nil
}

// readFile reads a regular file. dir appears in errors; of no file they are fs.ErrNotExist.
func readFile(files fs.FS, dir, name string) (b []byte, err error) {
	info, err := fs.Stat(files, name)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxBytes) {
		err = fmt.Errorf("got %v of %d bytes, want a regular file of at most %d",
			info.Mode(), info.Size(), maxBytes)
	}
	if err == nil {
		b, err = fs.ReadFile(files, name)
	}
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", filepath.Join(dir, name), reason(err))
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
