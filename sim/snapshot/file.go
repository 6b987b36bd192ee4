// Package snapshot keeps what a run or a training needs to go on where it stopped.
//
// A File holds states by name and, in Of, what they belong to: Check refuses a file of another
// machine, network, program or data, and says which of them differs. It is written whole or not at all, with
// a checksum.
//
//	chip, engine, models --> Encode --> File.Parts --> File.Write ==> Read --> Decode
package snapshot

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"bdfasim/sim/output"
)

// magic begins a file; its last byte is the version of the layout here.
const magic = "bdfasim snapshot\x01"

// File is what a file of snapshots holds.
type File struct {
	Of    []Of
	Parts map[string][]byte // states by name
}

// Of is something that states belong to.
type Of struct {
	What string // as "machine"
	Is   string // a text that tells one from another
}

// header precedes the states, which follow in the order of their names.
type header struct {
	Of    []Of
	Sizes map[string]int
}

// Write writes the file. It may be called again, with further states.
func (f *File) Write(name string) error {
	h := header{f.Of, map[string]int{}}
	for part, data := range f.Parts {
		h.Sizes[part] = len(data)
	}
	head, err := json.Marshal(h)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	_, err = z.Write(append(head, '\n'))
	for _, part := range slices.Sorted(maps.Keys(f.Parts)) {
		if err == nil {
			_, err = z.Write(f.Parts[part])
		}
	}
	if err = cmp.Or(err, z.Close()); err != nil {
		return err
	}
	sum := sha256.Sum256(b.Bytes())
	return output.Write(name, func(w io.Writer) error {
		_, err := w.Write(slices.Concat([]byte(magic), sum[:], b.Bytes()))
		return err
	})
}

// Read reads a file of states of at most so many bytes.
func Read(name string, most int) (*File, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	f, err := parse(data, most)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

func parse(data []byte, most int) (*File, error) {
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok || len(rest) < sha256.Size {
		return nil, errors.New("got no snapshot that this version of the program reads")
	}
	sum, rest := rest[:sha256.Size], rest[sha256.Size:]
	if got := sha256.Sum256(rest); !bytes.Equal(got[:], sum) {
		return nil, errors.New("got a snapshot that was changed: its checksum differs")
	}
	z, err := gzip.NewReader(bytes.NewReader(rest))
	if err != nil {
		return nil, err
	}
	all, err := io.ReadAll(io.LimitReader(z, int64(most)+1))
	if err != nil {
		return nil, err
	}
	if len(all) > most {
		return nil, fmt.Errorf("got more than the %d bytes that such states have", most)
	}
	head, all, _ := bytes.Cut(all, []byte("\n"))
	var h header
	if err := json.Unmarshal(head, &h); err != nil {
		return nil, err
	}
	f := &File{h.Of, map[string][]byte{}}
	for _, part := range slices.Sorted(maps.Keys(h.Sizes)) {
		n := h.Sizes[part]
		if n < 0 || n > len(all) {
			return nil, io.ErrUnexpectedEOF
		}
		f.Parts[part], all = all[:n:n], all[n:]
	}
	return f, nil
}

// Check wants the file to belong to the given things; the first that differs is named.
func (f *File) Check(of []Of) error {
	for _, want := range of {
		i := slices.IndexFunc(f.Of, func(o Of) bool { return o.What == want.What })
		if i < 0 {
			return fmt.Errorf("%s: got a snapshot without it", want.What)
		}
		if got := f.Of[i].Is; got != want.Is {
			return fmt.Errorf("%s: got a snapshot of %s, want %s", want.What, got, want.Is)
		}
	}
	return nil
}
