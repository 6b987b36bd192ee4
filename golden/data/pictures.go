package data

import (
	"bytes"
	"errors"
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
	first   string // the picture whose shape it is
	resize  bool
	pixels  int64 // bytes of the pixels of all pictures seen so far
	bytes   int   // of their files
	left    []string
}

// picture is a file and its class.
type picture struct {
	name  string
	class int
}

// openPictures reads a folder with the folders train and test, or one of classes without a test part.
func openPictures(files fs.FS, dir string, as Shape) (f Found, err error) {
	g := &gallery{files: files, dir: dir, shape: as, resize: as != (Shape{})}
	part := "."
	if info, err := fs.Stat(files, "train"); err == nil && info.IsDir() {
		part = "train"
	}
	if g.classes, err = g.folders(part); err != nil {
		return f, err
	}
	if len(g.classes) == 0 {
		return f, fmt.Errorf("data: %s: got no images, want IDX files (train-images-idx3-ubyte and so on, plain or .gz), "+
			"the binary files of CIFAR-10 or CIFAR-100, or a folder of PNG or JPEG files for each class", filepath.Join(dir, part))
	}
	if len(g.classes) > maxClasses {
		return f, fmt.Errorf("data: %s: classes: got %d folders, want at most %d", dir, len(g.classes), maxClasses)
	}
	name := filepath.Base(dir)
	if f.Train, err = g.part(part, name+"/train"); err != nil {
		return f, err
	}
	if info, err := fs.Stat(files, "test"); part == "train" && err == nil && info.IsDir() {
		if f.Test, err = g.part("test", name+"/test"); err != nil {
			return f, err
		}
	}
	var names []string
	for c, name := range g.classes {
		names = append(names, fmt.Sprintf("%d %s", c, name))
	}
	f.Notes = append(f.Notes, "classes: "+some(names))
	if g.resize {
		f.Notes = append(f.Notes, fmt.Sprintf("pictures brought to %s, each pixel the mean of the area that it covers", as))
	}
	if len(g.left) > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("%d files are neither .png nor .jpg and left out, such as %s", len(g.left), g.left[0]))
	}
	f.Notes = append(f.Notes, f.gaps()...)
	return f, nil
}

// folders lists the folders in one, by name.
func (g *gallery) folders(in string) (names []string, err error) {
	entries, err := fs.ReadDir(g.files, in)
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", filepath.Join(g.dir, in), reason(err))
	}
	for _, e := range entries {
		info, err := fs.Stat(g.files, path.Join(in, e.Name())) // a link may lead to a folder
		if err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// part reads a training or test part: first the heads of all files, then their pixels.
func (g *gallery) part(in, name string) (s Set, err error) {
	pictures, err := g.list(in)
	if err != nil {
		return s, err
	}
	for _, p := range pictures {
		if err := g.head(p.name); err != nil {
			return s, fmt.Errorf("data: %s: %w", filepath.Join(g.dir, p.name), err)
		}
	}
	full := filepath.Join(g.dir, in)
	if err := holds(full, len(pictures), g.shape); err != nil {
		return s, err
	}
	if err := unpacked(full, g.pixels, g.bytes); err != nil {
		return s, err
	}
	s = Set{Name: name, Shape: g.shape, N: len(pictures), Classes: len(g.classes)}
	s.Images, s.Labels = make([]byte, 0, s.N*s.Size()), make([]uint8, 0, s.N)
	for _, p := range pictures {
		pixels, err := g.decode(p.name)
		if err != nil {
			return s, fmt.Errorf("data: %s: %w", filepath.Join(g.dir, p.name), err)
		}
		s.Images, s.Labels = append(s.Images, pixels...), append(s.Labels, uint8(p.class))
	}
	return s, nil
}

// list finds the pictures of a part.
func (g *gallery) list(in string) (pictures []picture, err error) {
	classes, err := g.folders(in)
	if err != nil {
		return nil, err
	}
	for _, name := range classes {
		class, folder := slices.Index(g.classes, name), path.Join(in, name)
		if class < 0 {
			return nil, fmt.Errorf("data: %s: got a class without a folder in training, want one of %s", filepath.Join(g.dir, folder), some(g.classes))
		}
		entries, err := fs.ReadDir(g.files, folder)
		if err != nil {
			return nil, fmt.Errorf("data: %s: %w", filepath.Join(g.dir, folder), reason(err))
		}
		for _, e := range entries {
			file := path.Join(folder, e.Name())
			switch ext := strings.ToLower(path.Ext(file)); {
			case strings.HasPrefix(e.Name(), "."):
			case e.IsDir():
				return nil, fmt.Errorf("data: %s: got a folder within that of a class, want pictures", filepath.Join(g.dir, file))
			case ext == ".png" || ext == ".jpg" || ext == ".jpeg":
				pictures = append(pictures, picture{file, class})
			default:
				g.left = append(g.left, filepath.Join(g.dir, file))
			}
		}
	}
	return pictures, nil
}

// head looks at what a picture says of itself.
func (g *gallery) head(name string) error {
	f, err := g.files.Open(name)
	if err != nil {
		return reason(err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return reason(err)
	case !info.Mode().IsRegular() || info.Size() > maxBytes:
		return fmt.Errorf("got %v of %d bytes, want a regular file of at most %d", info.Mode(), info.Size(), maxBytes)
	}
	c, _, err := image.DecodeConfig(f)
	if err != nil {
		return notPicture(err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxPicture/c.Height {
		return fmt.Errorf("got %d x %d pixels, want 1..%d", c.Height, c.Width, maxPicture)
	}
	channels, depth := formOf(c.ColorModel)
	g.pixels, g.bytes = g.pixels+int64(c.Width*c.Height*depth), g.bytes+int(info.Size())
	shape := Shape{channels, c.Height, c.Width}
	switch {
	case g.resize:
	case g.first == "":
		g.first, g.shape = filepath.Join(g.dir, name), shape
	case g.shape != shape:
		return fmt.Errorf("got %s, want %s as in %s; --resize brings all to what the network takes", shape, g.shape, g.first)
	}
	return nil
}

// formOf is the number of channels, 1 for grey pictures, and of bytes that a decoder takes for a pixel.
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
	if n := bytes.Count(raw, []byte{0xff, 0xda}); bytes.HasPrefix(raw, []byte{0xff, 0xd8}) && n > maxScans {
		return nil, fmt.Errorf("got a JPEG file of %d scans, want at most %d", n, maxScans)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, notPicture(err)
	}
	b := img.Bounds()
	channels, _ := formOf(img.ColorModel())
	from := Shape{channels, b.Dy(), b.Dx()}
	if !g.resize {
		from.Channels = g.shape.Channels // a grey picture with a transparent grey is decoded as a coloured one
	}
	return from.fit(planes(img, from), g.shape), nil
}

func notPicture(err error) error {
	if errors.Is(err, image.ErrFormat) {
		return errors.New("got another kind of file, want PNG or JPEG")
	}
	return err
}

// planes are the pixels of a picture, grey or red, green and blue. What is transparent becomes black.
func planes(img image.Image, s Shape) []byte {
	b := img.Bounds()
	rgba := image.NewRGBA(image.Rect(0, 0, s.Cols, s.Rows)) // colours times alpha: in front of black
	draw.Draw(rgba, rgba.Rect, img, b.Min, draw.Src)
	out := make([]byte, s.Size())
	plane := s.Rows * s.Cols
	for k := range plane {
		for c := range s.Channels {
			out[c*plane+k] = rgba.Pix[4*k+c]
		}
	}
	return out
}
