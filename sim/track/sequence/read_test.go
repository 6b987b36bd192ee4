package sequence

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// picture writes a picture of 40 x 30 pixels unless it is told otherwise.
func picture(t testing.TB, name string, grey bool, size ...int) {
	t.Helper()
	w, h := 40, 30
	if len(size) == 2 {
		w, h = size[0], size[1]
	}
	r := image.Rect(0, 0, w, h)
	var img image.Image = image.NewRGBA(r)
	if grey {
		g := image.NewGray(r)
		for i := range g.Pix {
			g.Pix[i] = 77
		}
		img = g
	} else {
		for i := range w * h {
			img.(*image.RGBA).SetRGBA(i%w, i/w, color.RGBA{R: 200, G: 100, B: 50, A: 255})
		}
	}
	f, err := os.Create(name)
	require.NoError(t, err)
	defer f.Close()
	if filepath.Ext(name) == ".png" {
		require.NoError(t, png.Encode(f, img))
		return
	}
	require.NoError(t, jpeg.Encode(f, img, nil))
}

// sample writes a sequence Ball of pictures first..last with these boxes and returns its folder.
func sample(t testing.TB, first, last int, truth string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "Ball")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "img"), 0o777))
	for n := first; n <= last; n++ {
		picture(t, filepath.Join(dir, "img", fmt.Sprintf("%04d.jpg", n)), false)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "groundtruth_rect.txt"), []byte(truth), 0o666))
	return dir
}

// three is a truth of three pictures.
const three = "11,6,8,9\n12,6,8,9\n13.5,7,8,9.25\n"

func TestForms(t *testing.T) {
	want := []Box{{10, 5, 8, 9}, {11, 5, 8, 9}, {12.5, 6, 8, 9.25}}
	for name, truth := range map[string]string{
		"commas":          three,
		"tabs":            strings.ReplaceAll(three, ",", "\t"),
		"blanks":          strings.ReplaceAll(three, ",", "  "),
		"commas, blanks":  strings.ReplaceAll(three, ",", ", "),
		"CRLF":            strings.ReplaceAll(three, "\n", "\r\n"),
		"byte order mark": "\ufeff" + three,
		"no last newline": strings.TrimSpace(three),
		"empty lines":     three + "\n\n",
	} {
		s, err := Open(sample(t, 1, 3, truth))
		require.NoError(t, err, name)
		require.Equal(t, want, s.Truth, name)
		require.Equal(t, "Ball", s.Name)
		require.Equal(t, []int{40, 30, 1}, []int{s.Width, s.Height, s.First})
	}
	s, err := Open(sample(t, 1, 4, "11,6,8,9\nNaN,NaN,NaN,NaN\n0,0,0,0\n-500,1,8,9"))
	require.NoError(t, err)
	require.Equal(t, []Box{{10, 5, 8, 9}, {}, {}, {-501, 0, 8, 9}}, s.Truth, "not to be seen, and outside")
}

func TestNumbersAndRanges(t *testing.T) {
	dir := sample(t, 247, 249, three)
	s, err := Open(dir)
	require.NoError(t, err)
	require.Equal(t, 247, s.First)
	require.Equal(t, 3, s.Len())

	s, err = Open(dir + ":248-249") // boxes of all pictures
	require.NoError(t, err)
	require.Equal(t, []Box{{11, 5, 8, 9}, {12.5, 6, 8, 9.25}}, s.Truth)
	require.Equal(t, "Ball", s.Name)

	s, err = Open(sample(t, 1, 9, three) + ":5-7") // boxes of the range alone
	require.NoError(t, err)
	require.Equal(t, []int{5, 3}, []int{s.First, s.Len()})

	dir = sample(t, 1, 3, three)
	second := strings.ReplaceAll(three, "8", "7")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "groundtruth_rect.2.txt"), []byte(second), 0o666))
	s, err = Open(dir + ".2")
	require.NoError(t, err)
	require.Equal(t, "Ball.2", s.Name)
	require.Equal(t, 7., s.Truth[0].W)
}

func TestPictures(t *testing.T) {
	dir := sample(t, 1, 1, three)
	picture(t, filepath.Join(dir, "img", "2.png"), false)
	picture(t, filepath.Join(dir, "img", "0003.png"), true)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "img", "Thumbs.db"), nil, 0o666))
	s, err := Open(dir)
	require.NoError(t, err)
	img, err := s.Picture(1)
	require.NoError(t, err)
	require.Equal(t, color.RGBA{200, 100, 50, 255}, img.RGBAAt(3, 4))
	img, err = s.Picture(2)
	require.NoError(t, err)
	require.Equal(t, color.RGBA{77, 77, 77, 255}, img.RGBAAt(39, 29), "grey becomes three colours")
	_, err = s.Picture(3)
	require.ErrorContains(t, err, "picture: got 3, want 0..2")
}

// Each kind of damage is named with its place, what is there and what is wanted.
func TestDamage(t *testing.T) {
	truth := func(text string) func(*testing.T) string {
		return func(t *testing.T) string { return sample(t, 1, 3, text) }
	}
	spoil := func(how func(t *testing.T, img string)) func(*testing.T) string {
		return func(t *testing.T) string {
			dir := sample(t, 1, 3, three)
			how(t, filepath.Join(dir, "img"))
			return dir
		}
	}
	for want, make := range map[string]func(t *testing.T) string{
		"groundtruth_rect.txt: got 2 boxes for 3 pictures, 1-3, want as many":          truth("11,6,8,9\n12,6,8,9"),
		"groundtruth_rect.txt: got 4 boxes for 3 pictures":                             truth(three + "1,1,2,2"),
		"groundtruth_rect.txt: got no boxes":                                           truth("\n"),
		`groundtruth_rect.txt:2: box: got "11;6;8;9" with 1 numbers, want 4`:           truth("11,6,8,9\n11;6;8;9\n1,1,2,2"),
		`groundtruth_rect.txt:1: box: got "1,2,3" with 3 numbers, want 4`:              truth("1,2,3\n1,1,2,2\n1,1,2,2"),
		`groundtruth_rect.txt:1: box: got "1,1,5,1,5,5,1,5" with 8 numbers, want 4`:    truth("1,1,5,1,5,5,1,5\n1,1,2,2\n1,1,2,2"),
		`groundtruth_rect.txt:2: box: got "" with 0 numbers`:                           truth("11,6,8,9\n\n12,6,8,9\n13,6,8,9"),
		`groundtruth_rect.txt:3: w: got "x", want a number`:                            truth("11,6,8,9\n12,6,8,9\n13,6,x,9"),
		"groundtruth_rect.txt:2: x: got 1e300, want -1048576..1048576":                 truth("11,6,8,9\n1e300,6,8,9\n13,6,1,9"),
		"groundtruth_rect.txt:2: w and h: got -8 and 9, want 0 or more":                truth("11,6,8,9\n1,6,-8,9\n13,6,1,9"),
		"box of the first picture: got 1,1,0,0, want one with an area on the 40 x 30":  truth("NaN,NaN,NaN,NaN\n1,6,8,9\n13,6,1,9"),
		"box of the first picture: got 41,1,5,5, want one with an area on the 40 x 30": truth("41,1,5,5\n1,6,8,9\n13,6,1,9"),
		"img: got no picture 2, want all of 1-3 (there are 2, 1-3)": spoil(func(t *testing.T, img string) {
			require.NoError(t, os.Remove(filepath.Join(img, "0002.jpg")))
		}),
		"0002.jpg: got 41 x 30 pixels, want 40 x 30 as in 0001.jpg": spoil(func(t *testing.T, img string) {
			picture(t, filepath.Join(img, "0002.jpg"), false, 41, 30)
		}),
		"0003.jpg: got what is no picture": spoil(func(t *testing.T, img string) {
			require.NoError(t, os.WriteFile(filepath.Join(img, "0003.jpg"), []byte("no"), 0o666))
		}),
		"a second picture of number 2 beside 0002.jpg": spoil(func(t *testing.T, img string) {
			picture(t, filepath.Join(img, "002.jpg"), false)
			require.NoError(t, os.Rename(filepath.Join(img, "002.jpg"), filepath.Join(img, "2.jpg")))
		}),
		"ball.png: got a picture of this name, want a number": spoil(func(t *testing.T, img string) {
			picture(t, filepath.Join(img, "ball.png"), false)
		}),
		"got no pictures, want 0001.jpg": spoil(func(t *testing.T, img string) {
			for n := range 3 {
				require.NoError(t, os.Remove(filepath.Join(img, fmt.Sprintf("%04d.jpg", n+1))))
			}
		}),
		"img: no such file or directory": func(t *testing.T) string { return t.TempDir() },
		"range: got 3-2, want the smaller number first": func(t *testing.T) string {
			return sample(t, 1, 3, three) + ":3-2"
		},
		"img: got no picture 4, want all of 2-5": func(t *testing.T) string { return sample(t, 1, 3, three) + ":2-5" },
	} {
		_, err := Open(make(t))
		require.ErrorContains(t, err, want)
	}
}

// What is written is read as it was.
func TestWrittenSequence(t *testing.T) {
	g := Reference()
	g.Width, g.Height, g.Frames, g.Target, g.Occluded = 64, 48, 3, 12, 1
	s := Generate(g, 7)
	s.Truth[1] = Box{}
	dir := t.TempDir()
	require.NoError(t, s.Write(dir))
	read, err := Open(filepath.Join(dir, s.Name))
	require.NoError(t, err)
	require.Equal(t, s.Truth, read.Truth)
	for i := range s.Len() {
		a, err := s.Picture(i)
		require.NoError(t, err)
		b, err := read.Picture(i)
		require.NoError(t, err)
		require.Equal(t, a.Pix, b.Pix)
	}
}

func TestBoxes(t *testing.T) {
	a, b := Box{0, 0, 10, 10}, Box{5, 5, 10, 10}
	require.InDelta(t, 25./175, a.Overlap(b), 1e-15)
	require.Equal(t, 1., a.Overlap(a))
	require.Zero(t, a.Overlap(Box{10, 0, 5, 5}), "they only touch")
	require.Zero(t, a.Overlap(Box{}))
	require.InDelta(t, 5*1.4142135623730951, a.Distance(b), 1e-12)
	require.Equal(t, "1,1,10,10.25", Box{0, 0, 10, 10.2501}.Line())
	require.Equal(t, "0,1,2,3", Box{-1, -0.001, 2, 3}.Line())
}

// Whatever stands in a file, it gives boxes or an error that names it, and what is written is read
// back.
func FuzzTruth(f *testing.F) {
	for _, seed := range []string{three, "\ufeff1\t2 3,4\r\n", "NaN,0,1,1", "1,2,3", "", "1e999,1,1,1", "-0,0x1p3,1,1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		boxes, err := parseTruth(text, "x.txt")
		if err != nil {
			require.Contains(t, err.Error(), "x.txt")
			return
		}
		require.NotEmpty(t, boxes)
		for _, b := range boxes {
			if b.Known() {
				again, err := parseBox(b.Line())
				require.NoError(t, err)
				if again.Known() { // not so small that two digits say nothing
					require.InDelta(t, b.X, again.X, 0.0051)
				}
			}
		}
	})
}
