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
func newSource(folder string, bytes int) (s *source, err error) {
	s = &source{unread: map[string]int64{}, numbers: 1<<20 + 4*int64(bytes)}
	if folder != "" {
		s.folder, err = os.OpenRoot(folder)
	}
	return s, err
}

// take counts numbers that are used.
func (s *source) take(n int) error {
	if s.numbers -= int64(n); s.numbers < 0 {
		return errors.New("got many times as many uses of numbers as the file has numbers, want fewer")
	}
	return nil
}

// elementBytes is the size of an element outside of the file.
var elementBytes = map[int64]int64{
	typeFloat: 4, typeInt32: 4, typeInt64: 8, typeFloat16: 2, typeDouble: 8,
}

// load gets a tensor's numbers into the reach of decode, and returns how many they are.
func (t *tensor) load() (int, error) {
	n, err := t.elements()
	if err != nil || t.from == nil {
		return n, err
	}
	if t.Outside != 0 && t.Raw.data == nil {
		t.Raw.data, err = t.from.read(t, int64(n)*elementBytes[t.Kind])
	}
	if err == nil {
		err = t.from.take(n)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", t.where, err)
	}
	return n, nil
}

// read reads size bytes from the file that a tensor names.
func (s *source) read(t *tensor, size int64) ([]byte, error) {
	said := map[string]string{"offset": "0"}
	for _, e := range t.External {
		said[e.Key] = e.Value
	}
	name := filepath.Clean(said["location"])
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("external data %q: %w", name, fmt.Errorf(format, args...))
	}
	if s.folder == nil || !filepath.IsLocal(name) {
		return nil, wrong("got a file that is not in the folder of the model, want one that is")
	}
	info, err := s.folder.Stat(name)
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return nil, wrong("%w", path.Err)
	case err != nil:
		return nil, wrong("%w", err)
	case !info.Mode().IsRegular(): // a pipe would be waited for
		return nil, wrong("got %s, want a file", info.Mode().Type())
	}
	if _, ok := s.unread[name]; !ok {
		s.unread[name] = info.Size()
		s.numbers += 4 * info.Size()
	}
	offset, err := strconv.ParseInt(said["offset"], 10, 64)
	length := info.Size() - offset
	if text, ok := said["length"]; ok && err == nil {
		length, err = strconv.ParseInt(text, 10, 64)
	}
	if err != nil || offset < 0 || length != size || offset > info.Size()-size {
		return nil, wrong("got %q bytes from %q on of %d, want %d of dims %v",
			said["length"], said["offset"], info.Size(), size, t.Dims)
	}
	if s.unread[name] -= size; s.unread[name] < 0 {
		return nil, wrong("got tensors that overlap, want each byte used once")
	}
	f, err := s.folder.Open(name)
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
