package data

import (
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The first word of a file: element type 8 (unsigned byte) and the number of
// dimensions.
const (
	magicLabels = 0x0801
	magicImages = 0x0803
)

// idxName is the name of a file of MNIST, Fashion-MNIST, EMNIST or KMNIST.
var idxName = regexp.MustCompile(
	`^(?:(.*)-)?(train|t10k|test)-(images|labels)[-.]idx[13]-ubyte(\.gz)?$`)

// idxFiles are the names of the files of one set by part and content, as in "train images".
type idxFiles map[string]string

// findIDX finds the files of a set. Of a packed and a plain file it takes the packed one.
func findIDX(files fs.FS, dir string) (idxFiles, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", dir, reason(err))
	}
	found, sets := idxFiles{}, []string{}
	for _, e := range entries { // by name, so that x.gz comes after x
		m := idxName.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		part := "test"
		if m[2] == "train" {
			part = "train"
		}
		found[part+" "+m[3]] = e.Name()
		sets = append(sets, m[1])
	}
	if sets = slices.Compact(sets); len(sets) > 1 {
		return nil, fmt.Errorf("data: %s: got files of %d sets (%s), want those of one",
			dir, len(sets), strings.Join(sets, ", "))
	}
	return found, nil
}

// load reads both parts; there may be no test part.
func (f idxFiles) load(files fs.FS, dir, name string) (Found, error) {
	train, err := f.part(files, dir, "train")
	if err != nil {
		return Found{}, err
	}
	test := Set{}
	if f["test images"] != "" || f["test labels"] != "" {
		if test, err = f.part(files, dir, "test"); err != nil {
			return Found{}, err
		}
	}
	return join(name, train, test)
}

// part reads the images and labels of a part.
func (f idxFiles) part(files fs.FS, dir, part string) (s Set, err error) {
	var raw [2][]byte
	var names [2]string
	for i, what := range []string{"images", "labels"} {
		base := f[part+" "+what]
		if base == "" {
			return s, fmt.Errorf("data: %s: got no file of the %s %s, want %s-%s-idx%d-ubyte, plain or .gz",
				dir, part, what, part, what, 3-2*i)
		}
		names[i] = filepath.Join(dir, base)
		if raw[i], err = readFile(files, dir, base); err != nil {
			return s, err
		}
	}
	s.Channels = 1
	if s.Images, s.N, s.Rows, s.Cols, err = ReadImages(names[0], raw[0]); err != nil {
		return s, err
	}
	if s.Labels, err = ReadLabels(names[1], raw[1]); err == nil && len(s.Labels) != s.N {
		err = fmt.Errorf("data: %s: labels: got %d, want %d as there are images", names[1], len(s.Labels), s.N)
	}
	return s, err
}

// ReadImages reads an IDX image file, plain or gzip (told by its first bytes).
// It returns n images of rows x cols bytes, one after the other. name appears
// in errors.
func ReadImages(name string, raw []byte) (pixels []byte, n, rows, cols int, err error) {
	dims, pixels, err := read(name, raw, magicImages, "pixels", "images", "rows", "columns")
	if err != nil {
		return nil, 0, 0, 0, err
	}
	return pixels, dims[0], dims[1], dims[2], nil
}

// ReadLabels reads an IDX label file, plain or gzip.
func ReadLabels(name string, raw []byte) ([]uint8, error) {
	_, labels, err := read(name, raw, magicLabels, "labels", "labels")
	return labels, err
}

// read reads a whole file: the magic word, each dimension and the bytes, of
// which what is their name.
func read(name string, raw []byte, magic uint32, what string, fields ...string) (
	dims []int, body []byte, err error) {
	src, err := unzip(name, raw)
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
	for _, field := range fields {
		v, err := word(name, src, field)
		if err != nil {
			return nil, nil, err
		}
		dims = append(dims, int(v))
	}
	d := append(slices.Clone(dims), 1, 1)
	if err := holds(name, d[0], Shape{1, d[1], d[2]}); err != nil {
		return nil, nil, err
	}
	body, err = payload(name, src, what, d[0]*d[1]*d[2], len(raw))
	return dims, body, err
}

func word(name string, r io.Reader, field string) (uint32, error) {
	var b [4]byte
	if n, err := io.ReadFull(r, b[:]); err != nil {
		return 0, fmt.Errorf("data: %s: %s: got %d bytes, want 4: %w", name, field, n, err)
	}
	return binary.BigEndian.Uint32(b[:]), nil
}

// payload reads exactly want bytes and the end of a file of some bytes.
func payload(name string, r io.Reader, field string, want, size int) ([]byte, error) {
	if err := unpacked(name, int64(want), size); err != nil {
		return nil, err
	}
	b := make([]byte, want)
	if got, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("data: %s: %s: got %d bytes, want %d: %w", name, field, got, want, err)
	}
	if n, err := io.CopyN(io.Discard, r, 1); n > 0 || err != io.EOF { // a wrong checksum
		return nil, fmt.Errorf("data: %s: %s: got more bytes than the header's %d (%v)",
			name, field, want, err)
	}
	return b, nil
}
