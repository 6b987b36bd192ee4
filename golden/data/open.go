package data

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Found is what a path led to.
type Found struct {
	Train, Test Set      // Test.N is 0 if there is no test part
	Notes       []string // how it was understood
}

// Open reads a set from a path: a folder of IDX files, of CIFAR-10 or CIFAR-100, or of pictures by
// class; or an .npz file. With a shape, the images are brought to it; with the zero Shape they stay
// as they are, all alike.
func Open(path string, as Shape) (f Found, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return f, fmt.Errorf("data: %w", err)
	case !info.IsDir():
		f, err = openNPZ(path)
	default:
		f, err = openFolder(os.DirFS(path), path, as)
	}
	if err == nil && as != (Shape{}) {
		err = f.resize(as)
	}
	return f, err
}

// openFolder tells the forms of folders apart.
func openFolder(files fs.FS, dir string, as Shape) (Found, error) {
	idx, err := findIDX(files, dir)
	if err != nil {
		return Found{}, err
	}
	if len(idx) > 0 {
		return idx.load(files, dir, filepath.Base(dir))
	}
	for _, c := range []cifar{cifar10, cifar100} {
		if c.in(files) {
			return c.load(files, dir)
		}
	}
	return openPictures(files, dir, as)
}

// resize brings all images to a shape.
func (f *Found) resize(as Shape) error {
	from := f.Train.Shape
	if from == as {
		return nil
	}
	for _, s := range []*Set{&f.Train, &f.Test} {
		if err := holds(s.Name, max(1, s.N), as); err != nil {
			return err
		}
		images := make([]byte, 0, s.N*as.Size())
		for k := range s.N {
			images = append(images, s.fit(s.Image(k), as)...)
		}
		s.Images, s.Shape = images, as
	}
	f.Notes = append(f.Notes, fmt.Sprintf("images resized from %s to %s", from, as))
	return nil
}

// join makes a set of its parts. Labels count from 0 or from 1; classes do from 0.
func join(name string, train, test Set) (f Found, err error) {
	if test.N > 0 && test.Shape != train.Shape {
		return f, fmt.Errorf("data: %s: test images: got %s, want %s as in training",
			name, test.Shape, train.Shape)
	}
	labels := slices.Concat(train.Labels, test.Labels)
	first, last := min(1, slices.Min(labels)), slices.Max(labels)
	for _, s := range []*Set{&train, &test} {
		s.Classes = int(last-first) + 1
		for k := range s.Labels {
			s.Labels[k] -= first
		}
	}
	train.Name, test.Name = name+"/train", name+"/test"
	f.Train, f.Test = train, test
	if first == 1 {
		f.Notes = append(f.Notes, fmt.Sprintf("labels 1..%d are classes 0..%d", last, last-1))
	}
	f.Notes = append(f.Notes, f.gaps()...)
	return f, nil
}

// gaps says which classes nothing can be learned of.
func (f *Found) gaps() []string {
	var without []string
	for c := range f.Train.Classes {
		if !slices.Contains(f.Train.Labels, uint8(c)) {
			without = append(without, fmt.Sprint(c))
		}
	}
	if len(without) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("no training image of class %s", some(without))}
}

// some lists the first of many names.
func some(names []string) string {
	if most := 20; len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
