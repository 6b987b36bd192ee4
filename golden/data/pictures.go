package data

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // a format of pictures
	_ "image/png"  // the other one
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// gallery is a folder of pictures: one folder a class, whose name is the class's.
type gallery struct {
	files   fs.FS
	dir     string
	classes []string
	shape   Shape  // of all pictures; zero: not known yet
	first   string // the picture whose shape it is; "" with resize
	resize  bool
	pixels  int64 // bytes of the pixels of all pictures seen so far
	bytes   int   // of their files
}

// openPictures reads a folder with the folders train and test, or one of classes alone.
func openPictures(files fs.FS, dir string, as Shape) (f Found, err error) {
	g := &gallery{files: files, dir: dir, shape: as, resize: as != (Shape{})}
	top, err := g.folders(".")
	if err != nil {
		return f, err
	}
	train := "."
	if slices.Contains(top, "train") {
		train = "train"
	}
	if g.classes, err = g.folders(train); err != nil {
		return f, err
	}
	if n := len(g.classes); n == 0 || n > maxClasses {
		return f, fmt.Errorf("data: %s: got %d folders, want 1..%d of PNG or JPEG files, one a class; "+
			"or IDX files (train-images-idx3-ubyte and so on), or those of CIFAR",
			filepath.Join(dir, train), n, maxClasses)
	}
	if f.Train, err = g.part(train, "train"); err != nil {
		return f, err
	}
	if train != "." && slices.Contains(top, "test") {
		if f.Test, err = g.part("test", "test"); err != nil {
			return f, err
		}
	}
	var names []string
	for c, name := range g.classes {
		names = append(names, fmt.Sprintf("%d %s", c, name))
	}
	f.Notes = append(f.Notes, "classes: "+some(names))
	if g.resize {
		f.Notes = append(f.Notes, fmt.Sprintf("pictures brought to %s", as))
	}
	f.Notes = append(f.Notes, f.gaps()...)
	return f, nil
}

// list lists what is in a folder by name, without hidden files.
func (g *gallery) list(in string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(g.files, in)
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", filepath.Join(g.dir, in), reason(err))
	}
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name()[0] == '.' }), nil
}

// folders lists the folders in one.
func (g *gallery) folders(in string) (names []string, err error) {
	entries, err := g.list(in)
	for _, e := range entries {
		info, err := fs.Stat(g.files, path.Join(in, e.Name())) // a link may lead to a folder
		if err == nil && info.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// part reads a part: first the heads of all pictures, then their pixels.
func (g *gallery) part(in, name string) (s Set, err error) {
	classes, err := g.folders(in)
	if err != nil {
		return s, err
	}
	var pictures []string
	for _, name := range classes {
		folder, class := path.Join(in, name), slices.Index(g.classes, name)
		if class < 0 {
			return s, fmt.Errorf("data: %s: got a class without training images, want one of %s",
				filepath.Join(g.dir, folder), some(g.classes))
		}
		entries, err := g.list(folder)
		if err != nil {
			return s, err
		}
		for _, e := range entries {
			file := path.Join(folder, e.Name())
			if err := g.head(file); err != nil {
				return s, fmt.Errorf("data: %s: %w", filepath.Join(g.dir, file), err)
			}
			pictures, s.Labels = append(pictures, file), append(s.Labels, uint8(class))
		}
	}
	full := filepath.Join(g.dir, in)
	if err := holds(full, len(pictures), g.shape); err != nil {
		return s, err
	}
	if err := unpacked(full, g.pixels, g.bytes); err != nil {
		return s, err
	}
	s.Name, s.Shape = filepath.Base(g.dir)+"/"+name, g.shape
	s.N, s.Classes = len(pictures), len(g.classes)
	s.Images = make([]byte, 0, s.N*s.Size())
	for _, file := range pictures {
		pixels, err := g.decode(file)
		if err != nil {
			return s, fmt.Errorf("data: %s: %w", filepath.Join(g.dir, file), err)
		}
		s.Images = append(s.Images, pixels...)
	}
	return s, nil
}

// head looks at what a picture says of itself.
func (g *gallery) head(name string) error {
	info, err := fs.Stat(g.files, name)
	if err != nil {
		return reason(err)
	}
	ext := strings.ToLower(path.Ext(name))
	if !info.Mode().IsRegular() || !slices.Contains([]string{".png", ".jpg", ".jpeg"}, ext) {
		return fmt.Errorf("got %v, want a .png or .jpg file", info.Mode())
	}
	f, err := g.files.Open(name)
	if err != nil {
		return reason(err)
	}
	defer f.Close()
	c, _, err := image.DecodeConfig(f)
	if err != nil {
		return err
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxPicture/c.Height {
		return fmt.Errorf("got %d x %d pixels, want 1..%d", c.Height, c.Width, maxPicture)
	}
	channels, depth := formOf(c.ColorModel)
	shape := Shape{channels, c.Height, c.Width}
	g.pixels, g.bytes = g.pixels+int64(c.Width*c.Height*depth), g.bytes+int(info.Size())
	switch {
	case g.resize:
	case g.first == "":
		g.first, g.shape = filepath.Join(g.dir, name), shape
	case g.shape != shape:
		return fmt.Errorf("got %s, want %s as in %s; --resize brings all to the network's input",
			shape, g.shape, g.first)
	}
	return nil
}

// formOf is the number of channels, 1 for grey, and of bytes that a decoder takes for a pixel.
func formOf(m color.Model) (channels, depth int) {
	switch m {
	case color.GrayModel:
		return 1, 1
	case color.Gray16Model:
		return 1, 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 3, 8
	}
	if _, ok := m.(color.Palette); ok {
		return 3, 1
	}
	return 3, 4
}

// decode returns the pixels of a picture in the shape of the set.
func (g *gallery) decode(name string) ([]byte, error) {
	raw, err := fs.ReadFile(g.files, name)
	if err != nil {
		return nil, reason(err)
	}
	if n := bytes.Count(raw, []byte{0xff, 0xda}); n > maxScans && raw[0] == 0xff {
		return nil, fmt.Errorf("got a JPEG file of %d scans, want at most %d", n, maxScans)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	channels, _ := formOf(img.ColorModel())
	from := Shape{channels, b.Dy(), b.Dx()}
	if !g.resize {
		from.Channels = g.shape.Channels // a grey picture with a transparent grey comes in colours
	}
	return from.fit(planes(img, from), g.shape), nil
}

// planes are the pixels of a picture, grey or red, green and blue, in front of black.
func planes(img image.Image, s Shape) []byte {
	rgba := image.NewRGBA(image.Rect(0, 0, s.Cols, s.Rows))
	draw.Draw(rgba, rgba.Rect, img, img.Bounds().Min, draw.Src)
	out := make([]byte, s.Size())
	plane := s.Rows * s.Cols
	for k := range out {
		out[k] = rgba.Pix[k%plane*4+k/plane]
	}
	return out
}
