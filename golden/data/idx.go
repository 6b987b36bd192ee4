package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
)

// The first word of a file: element type 8 (unsigned byte) and the number of
// dimensions.
const (
	magicLabels = 0x0801
	magicImages = 0x0803
)

// What a header may claim. The largest real files (EMNIST) hold 814,255
// images of 28 x 28.
const (
	maxItems = 1 << 21
	maxSide  = 1 << 10
	maxBytes = 1 << 31
)

// dimension is a field of a header and what it may be at most.
type dimension struct {
	name  string
	limit uint32
}

// ReadImages reads an IDX image file, plain or gzip (told by its first bytes).
// It returns n images of rows x cols bytes, one after the other. name appears
// in errors.
func ReadImages(name string, r io.Reader) (pixels []byte, n, rows, cols int, err error) {
	dims, pixels, err := read(name, r, magicImages, "pixels", dimension{"images", maxItems}, dimension{"rows", maxSide}, dimension{"columns", maxSide})
	if err != nil {
		return nil, 0, 0, 0, err
	}
	return pixels, dims[0], dims[1], dims[2], nil
}

// ReadLabels reads an IDX label file, plain or gzip.
func ReadLabels(name string, r io.Reader) ([]uint8, error) {
	_, labels, err := read(name, r, magicLabels, "labels", dimension{"labels", maxItems})
	return labels, err
}

func unzip(name string, r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	first, err := b.Peek(2)
	if err != nil || first[0] != 0x1f || first[1] != 0x8b {
		return b, nil // not gzip; a file too short fails at its header
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, fmt.Errorf("data: %s: gzip: %w", name, err)
	}
	return z, nil
}

// read reads a whole file: the magic word, each dimension and the bytes, of
// which what is their name.
func read(name string, r io.Reader, magic uint32, what string, fields ...dimension) (dims []int, body []byte, err error) {
	src, err := unzip(name, r)
	if err != nil {
		return nil, nil, err
	}
	got, err := word(name, src, "magic")
	if err != nil {
		return nil, nil, err
	}
	if got != magic {
		return nil, nil, fmt.Errorf("data: %s: magic: got 0x%08x, want 0x%08x", name, got, magic)
	}
	size := 1
	for _, f := range fields {
		v, err := word(name, src, f.name)
		if err != nil {
			return nil, nil, err
		}
		if v == 0 || v > f.limit {
			return nil, nil, fmt.Errorf("data: %s: %s: got %d, want 1..%d", name, f.name, v, f.limit)
		}
		dims = append(dims, int(v))
		size *= int(v)
	}
	if size > maxBytes {
		return nil, nil, fmt.Errorf("data: %s: size: got %d %s (%d), want at most %d", name, size, what, dims, maxBytes)
	}
	body, err = payload(name, src, what, size)
	return dims, body, err
}

func word(name string, r io.Reader, field string) (uint32, error) {
	var b [4]byte
	if n, err := io.ReadFull(r, b[:]); err != nil {
		return 0, fmt.Errorf("data: %s: %s: got %d bytes, want 4: %w", name, field, n, err)
	}
	return binary.BigEndian.Uint32(b[:]), nil
}

// payload reads exactly want bytes and the end of the file. The buffer grows
// with what arrives, so a false header costs no memory.
func payload(name string, r io.Reader, field string, want int) ([]byte, error) {
	var buf bytes.Buffer
	got, err := io.Copy(&buf, io.LimitReader(r, int64(want)+1))
	if err != nil {
		return nil, fmt.Errorf("data: %s: %s: got %d bytes, want %d: %w", name, field, got, want, err)
	}
	if got > int64(want) {
		return nil, fmt.Errorf("data: %s: %s: got more bytes than the header's %d", name, field, want)
	}
	if got < int64(want) {
		return nil, fmt.Errorf("data: %s: %s: got %d bytes, want %d (truncated)", name, field, got, want)
	}
	return buf.Bytes(), nil
}

// WriteImages writes n images of rows x cols bytes as gzip IDX. The same
// images give the same bytes.
func WriteImages(w io.Writer, pixels []byte, n, rows, cols int) error {
	if len(pixels) != n*rows*cols {
		return fmt.Errorf("data: write images: got %d bytes, want %d (%d x %d x %d)", len(pixels), n*rows*cols, n, rows, cols)
	}
	return write(w, []uint32{magicImages, uint32(n), uint32(rows), uint32(cols)}, pixels)
}

// WriteLabels writes labels as gzip IDX.
func WriteLabels(w io.Writer, labels []uint8) error {
	return write(w, []uint32{magicLabels, uint32(len(labels))}, labels)
}

func write(w io.Writer, head []uint32, body []byte) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, v := range head {
		if err := binary.Write(z, binary.BigEndian, v); err != nil {
			return err
		}
	}
	if _, err := z.Write(body); err != nil {
		return err
	}
	return z.Close()
}
