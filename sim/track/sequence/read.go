package sequence

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // a format of pictures
	_ "image/png"  // the other one
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What files may claim; a picture takes four bytes a pixel.
const (
	maxPixels = 1 << 24
	maxBytes  = 1 << 26
	maxScans  = 64 // of a JPEG file, each with the time of a picture; encoders make 10
)

// endings are those of pictures.
var endings = []string{".jpg", ".jpeg", ".png"}

var (
	rangeOf  = regexp.MustCompile(`^(.+):(\d{1,9})-(\d{1,9})$`)
	objectOf = regexp.MustCompile(`^(.+)\.(\d)$`)
)

// folder is a sequence that is being read.
type folder struct {
	dir, truth  string         // of the boxes
	first, last int            // pictures that are wanted; 0: all
	files       map[int]string // pictures by number
}

// Open reads a sequence: DIR, DIR.2 for the second object of a folder, DIR:300-770 for a part.
// Heads of all pictures and all boxes are checked now, pixels when Picture needs them.
func Open(name string) (*Sequence, error) {
	f := &folder{dir: name, truth: "groundtruth_rect.txt"}
	if m := rangeOf.FindStringSubmatch(name); m != nil {
		f.dir = m[1]
		f.first, _ = strconv.Atoi(m[2])
		f.last, _ = strconv.Atoi(m[3])
		if f.first > f.last {
			return nil, fmt.Errorf("sequence %s: range: got %d-%d, want the smaller number first",
				name, f.first, f.last)
		}
	}
	label := filepath.Base(filepath.Clean(f.dir))
	if m := objectOf.FindStringSubmatch(f.dir); m != nil {
		if _, err := os.Stat(f.dir); err != nil {
			f.dir, f.truth = m[1], "groundtruth_rect."+m[2]+".txt"
		}
	}
	s, err := f.read()
	if err != nil {
		return nil, fmt.Errorf("sequence %w", err)
	}
	s.Name = label
	return s, nil
}

// read reads what Open says.
func (f *folder) read() (*Sequence, error) {
	if err := f.list(); err != nil {
		return nil, err
	}
	name := filepath.Join(f.dir, f.truth)
	text, err := readFile(name)
	if err != nil {
		return nil, err
	}
	boxes, err := parseTruth(string(text), name)
	if err != nil {
		return nil, err
	}
	if boxes, err = f.match(boxes, name); err != nil {
		return nil, err
	}
	s := &Sequence{First: f.first, Truth: boxes}
	if err := f.heads(s); err != nil {
		return nil, err
	}
	if b := boxes[0]; !b.Known() || !b.inside(s.Width, s.Height) {
		return nil, fmt.Errorf("%s: box of the first picture: got %s, want one with an area on the "+
			"%d x %d pixels", name, b.Line(), s.Width, s.Height)
	}
	s.picture = func(i int) (*image.RGBA, error) { return decode(f.files[f.first+i]) }
	return s, nil
}

// list finds the pictures, one a number without gaps.
func (f *folder) list() error {
	dir := filepath.Join(f.dir, "img")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return reason(dir, err)
	}
	f.files = map[int]string{}
	var numbers []int
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		if !slices.Contains(endings, strings.ToLower(ext)) || e.Name()[0] == '.' {
			continue
		}
		path := filepath.Join(dir, e.Name())
		n, err := strconv.ParseUint(strings.TrimSuffix(e.Name(), ext), 10, 31)
		if err != nil {
			return fmt.Errorf("%s: got a picture of this name, want a number as 0001%s", path, ext)
		}
		if other := f.files[int(n)]; other != "" {
			return fmt.Errorf("%s: got a second picture of number %d beside %s, want one",
				path, n, filepath.Base(other))
		}
		f.files[int(n)] = path
		numbers = append(numbers, int(n))
	}
	if len(numbers) == 0 {
		return fmt.Errorf("%s: got no pictures, want 0001.jpg or 0001.png and so on", dir)
	}
	slices.Sort(numbers)
	if f.last == 0 {
		f.first, f.last = numbers[0], numbers[len(numbers)-1]
	}
	for n := f.first; n <= f.last; n++ {
		if f.files[n] == "" {
			return fmt.Errorf("%s: got no picture %d, want all of %d-%d (there are %d, %d-%d)",
				dir, n, f.first, f.last, len(numbers), numbers[0], numbers[len(numbers)-1])
		}
	}
	return nil
}

// match gives each picture its box: boxes are those of the range, or of all pictures.
func (f *folder) match(boxes []Box, name string) ([]Box, error) {
	n := f.last - f.first + 1
	if len(boxes) == n {
		return boxes, nil
	}
	lowest := f.first
	for f.files[lowest-1] != "" {
		lowest--
	}
	if at := f.first - lowest; len(boxes) == len(f.files) && at+n <= len(boxes) {
		return boxes[at : at+n], nil
	}
	return nil, fmt.Errorf("%s: got %d boxes for %d pictures, %d-%d, want as many "+
		"(%s:A-B takes a range of pictures)", name, len(boxes), n, f.first, f.last, f.dir)
}

// heads looks at what all pictures say of themselves.
func (f *folder) heads(s *Sequence) error {
	for n := f.first; n <= f.last; n++ {
		name := f.files[n]
		file, err := os.Open(name)
		if err != nil {
			return reason(name, err)
		}
		c, _, err := image.DecodeConfig(file)
		file.Close()
		switch {
		case err != nil:
			return fmt.Errorf("%s: got what is no picture (%w), want JPEG or PNG", name, err)
		case c.Width < 1 || c.Height < 1 || c.Width > maxPixels/c.Height:
			return fmt.Errorf("%s: got %d x %d pixels, want 1..%d", name, c.Width, c.Height, maxPixels)
		case n == f.first:
			s.Width, s.Height = c.Width, c.Height
		case c.Width != s.Width || c.Height != s.Height:
			return fmt.Errorf("%s: got %d x %d pixels, want %d x %d as in %s", name, c.Width, c.Height,
				s.Width, s.Height, filepath.Base(f.files[f.first]))
		}
	}
	return nil
}

// decode returns the pixels of a picture; grey becomes three equal colours.
func decode(name string) (*image.RGBA, error) {
	raw, err := readFile(name)
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(raw, []byte{0xff, 0xda}); n > maxScans && raw[0] == 0xff {
		return nil, fmt.Errorf("%s: got a JPEG file of %d scans, want at most %d", name, n, maxScans)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, img, b.Min, draw.Src)
	return out, nil
}

// readFile reads a regular file of a bounded size.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxBytes) {
		return nil, fmt.Errorf("%s: got %v of %d bytes, want a regular file of at most %d", name,
			info.Mode(), info.Size(), maxBytes)
	}
	var raw []byte
	if err == nil {
		raw, err = os.ReadFile(name)
	}
	return raw, reason(name, err)
}

// reason names the file once.
func reason(name string, err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return err
}
