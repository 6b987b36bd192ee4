package data

import (
	"errors"
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

// Open reads a set from a path: a folder of IDX files, with the name of one set behind it if it
// has several; a folder of CIFAR-10 or CIFAR-100; one of pictures by class; or an .npz file. With
// a shape, the images are brought to it; with the zero Shape they stay as they are, all alike.
func Open(path string, as Shape) (f Found, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && info == nil:
		f, err = among(path)
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

// among finds one of several sets of IDX files: DIR/emnist-letters.
func among(path string) (Found, error) {
	dir, set := filepath.Dir(path), filepath.Base(path)
	files := os.DirFS(dir)
	idx, err := findIDX(files, dir, set)
	if err != nil || len(idx) == 0 {
		return Found{}, fmt.Errorf("data: %s: got no such file or folder, want one", path)
	}
	return idx.load(files, dir, set)
}

// openFolder tells the forms of folders apart.
func openFolder(files fs.FS, dir string, as Shape) (Found, error) {
	idx, err := findIDX(files, dir, "")
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

// labelled is a part of a set with its labels as they are in the file of this name.
type labelled struct {
	Set
	labels []int
	file   string
}

// join makes a set of its parts. Labels count from 0 or from 1; classes do from 0.
func join(name string, train, test labelled) (f Found, err error) {
	for _, l := range []labelled{train, test} {
		if len(l.labels) != l.N {
			return f, fmt.Errorf("data: %s: labels: got %d, want %d as there are images",
				l.file, len(l.labels), l.N)
		}
	}
	if test.N > 0 && test.Shape != train.Shape {
		return f, fmt.Errorf("data: %s: test images: got %s, want %s as in training",
			name, test.Shape, train.Shape)
	}
	first := min(1, slices.Min(slices.Concat(train.labels, test.labels)))
	train.Classes = slices.Max(slices.Concat(train.labels, test.labels)) - first + 1
	test.Classes = train.Classes
	for _, l := range []labelled{train, test} {
		for k, c := range l.labels {
			if c < 0 || c-first >= maxClasses {
				return f, fmt.Errorf("data: %s: label %d: got %d, want 0..%d or 1..%d",
					l.file, k, c, maxClasses-1, maxClasses)
			}
		}
	}
	f.Train, f.Test = train.classes(name+"/train", first), test.classes(name+"/test", first)
	if first == 1 {
		note := fmt.Sprintf("labels 1..%d are classes 0..%d", train.Classes, train.Classes-1)
		f.Notes = append(f.Notes, note)
	}
	f.Notes = append(f.Notes, f.gaps()...)
	return f, nil
}

// classes makes classes of labels that count from first.
func (l *labelled) classes(name string, first int) Set {
	l.Name, l.Labels = name, make([]uint8, l.N)
	for k, c := range l.labels {
		l.Labels[k] = uint8(c - first)
	}
	return l.Set
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
