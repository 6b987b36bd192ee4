package data

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// cifar describes one of the two sets in its official binary version: records
// of one byte a label, then 32 x 32 bytes of red, of green and of blue.
type cifar struct {
	name    string
	folder  string   // that the official archive unpacks into
	train   []string // files, in order
	test    string
	perFile int      // images of a training file
	perTest int      // images of the test file
	labels  []string // label bytes of a record, in order; the last is the class
	limits  []int    // number of classes of each
}

const cifarSide = 32

var (
	cifar10 = cifar{
		name: "cifar-10", folder: "cifar-10-batches-bin",
		train: []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
		test:  "test_batch.bin", perFile: 10000, perTest: 10000,
		labels: []string{"label"}, limits: []int{10},
	}
	cifar100 = cifar{
		name: "cifar-100", folder: "cifar-100-binary",
		train: []string{"train.bin"}, test: "test.bin", perFile: 50000, perTest: 10000,
		labels: []string{"coarse label", "fine label"}, limits: []int{20, 100},
	}
)

// record is the number of bytes of one image with its labels.
func (c cifar) record() int { return len(c.labels) + 3*cifarSide*cifarSide }

// in tells whether a folder has the set, or the folder of its archive.
func (c cifar) in(files fs.FS) bool {
	first, _ := fs.Glob(files, c.train[0]+"*")
	folder, _ := fs.Glob(files, c.folder)
	return len(first)+len(folder) > 0
}

// load reads all files. Labels and pixels of a training file follow those of
// the file before it.
func (c cifar) load(files fs.FS, dir string) (f Found, err error) {
	if info, e := fs.Stat(files, c.folder); e == nil && info.IsDir() {
		if files, err = fs.Sub(files, c.folder); err != nil {
			return f, fmt.Errorf("data: %s: %w", dir, err)
		}
		dir = filepath.Join(dir, c.folder)
	}
	for _, name := range c.train {
		part, err := c.file(files, dir, name, c.perFile)
		if err != nil {
			return f, err
		}
		part.Images, part.Labels = append(f.Train.Images, part.Images...), append(f.Train.Labels, part.Labels...)
		part.N += f.Train.N
		f.Train = part
	}
	if f.Test, err = c.file(files, dir, c.test, c.perTest); err != nil {
		return f, err
	}
	f.Train.Name, f.Test.Name = c.name+"/train", c.name+"/test"
	return f, nil
}

func (c cifar) file(files fs.FS, dir, base string, n int) (Set, error) {
	want := fmt.Sprintf("the binary version of %s: %s of %d bytes each and %s of %d bytes (or .gz), here or in a folder %s",
		c.name, strings.Join(c.train, ", "), c.perFile*c.record(), c.test, c.perTest*c.record(), c.folder)
	for _, name := range []string{base + ".gz", base} {
		raw, err := readFile(files, dir, name)
		if err == nil {
			return c.read(filepath.Join(dir, name), raw, n)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return Set{}, err
		}
	}
	return Set{}, fmt.Errorf("data: %s: got no file %s, want %s", dir, base, want)
}

// read reads n records.
func (c cifar) read(name string, raw []byte, n int) (Set, error) {
	src, err := unzip(name, raw)
	if err != nil {
		return Set{}, err
	}
	s := Set{Shape: Shape{3, cifarSide, cifarSide}, Classes: c.limits[len(c.limits)-1]}
	records, err := payload(name, src, "records of "+c.name, n*c.record(), len(raw))
	for ; s.N < n && err == nil; s.N++ {
		r := records[s.N*c.record():][:c.record()]
		for i, field := range c.labels {
			if int(r[i]) >= c.limits[i] {
				return s, fmt.Errorf("data: %s: record %d: %s: got %d, want 0..%d",
					name, s.N, field, r[i], c.limits[i]-1)
			}
		}
		s.Labels = append(s.Labels, r[len(c.labels)-1])
		s.Images = append(s.Images, r[len(c.labels):]...)
	}
	return s, err
}
