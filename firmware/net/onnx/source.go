package onnx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// source is where the numbers of a model come from: its file, and files in the folder of that file
// and below it, which no path and no link leaves. A number may be used again, as equal ones are
// shared, but a small file must not become a large model: there is an end to that.
type source struct {
	folder  *os.Root         // nil: no other files are read
	unread  map[string]int64 // bytes that tensors have not taken yet, by file
	numbers int64            // that may yet be taken
}

// newSource is the source of a model of so many bytes.
func newSource(folder string, bytes int) (*source, error) {
	s := &source{unread: map[string]int64{}, numbers: 1<<20 + 4*int64(bytes)}
	if folder == "" {
		return s, nil
	}
	var err error
	s.folder, err = os.OpenRoot(folder)
	return s, err
}

func (s *source) close() error {
	if s.folder == nil {
		return nil
	}
	return s.folder.Close()
}

// outside says where a tensor's numbers lie outside of the model's file. A length
// below 0 is that of what follows the offset.
func (t *tensor) outside() (location string, offset, length int64, err error) {
	length = -1
	for _, e := range t.External {
		switch e.Key {
		case "location":
			location = filepath.Clean(e.Value)
		case "offset", "length":
			v, bad := strconv.ParseInt(e.Value, 10, 64)
			if bad != nil || v < 0 {
				return "", 0, 0, fmt.Errorf("external data: %s: got %q, want a number of bytes", e.Key, e.Value)
			}
			if e.Key == "offset" {
				offset = v
			} else {
				length = v
			}
		}
	}
	return location, offset, length, nil
}

// elementBytes is the size of an element outside of the file.
var elementBytes = map[int64]int64{typeFloat: 4, typeInt32: 4, typeInt64: 8, typeFloat16: 2, typeDouble: 8}

// load gets a tensor's numbers into the reach of decode, and returns how many they are.
func (t *tensor) load() (int, error) {
	n, err := t.elements()
	if err != nil {
		return 0, err
	}
	if t.from == nil {
		return n, nil
	}
	if t.Outside != 0 && t.Raw.data == nil {
		if t.Raw.data, err = t.from.read(t, int64(n)*elementBytes[t.Kind]); err != nil {
			return 0, fmt.Errorf("%s: %w", t.where, err)
		}
	}
	if err := t.from.take(n); err != nil {
		return 0, fmt.Errorf("%s: %w", t.where, err)
	}
	return n, nil
}

// take counts numbers that are used.
func (s *source) take(n int) error {
	if s.numbers -= int64(n); s.numbers < 0 {
		return errors.New("got many times as many uses of numbers as the file has numbers, want fewer")
	}
	return nil
}

// read reads size bytes from the file that a tensor names.
func (s *source) read(t *tensor, size int64) ([]byte, error) {
	location, offset, length, err := t.outside()
	if err != nil {
		return nil, err
	}
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("external data %q: %w", location, fmt.Errorf(format, args...))
	}
	if s.folder == nil || !filepath.IsLocal(location) {
		return nil, wrong("got a file that is not in the folder of the model, want one that is")
	}
	info, err := s.folder.Stat(location)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, wrong("%w", err)
	}
	if !info.Mode().IsRegular() { // a pipe would be waited for
		return nil, wrong("got %s, want a file", info.Mode().Type())
	}
	if _, ok := s.unread[location]; !ok {
		s.unread[location] = info.Size()
		s.numbers += 4 * info.Size()
	}
	if length < 0 {
		length = info.Size() - offset
	}
	if length != size || offset > info.Size()-size {
		return nil, wrong("got %d bytes from %d on of %d, want %d of dims %v", length, offset, info.Size(), size, t.Dims)
	}
	if s.unread[location] -= size; s.unread[location] < 0 {
		return nil, wrong("got tensors that overlap, want each byte used once")
	}
	f, err := s.folder.Open(location)
	if err != nil {
		return nil, wrong("%w", err)
	}
	defer f.Close()
	data := make([]byte, size)
	if _, err := f.ReadAt(data, offset); err != nil {
		return nil, wrong("%w", err)
	}
	return data, nil
}
