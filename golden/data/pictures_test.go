package data_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bdfasim/golden/data"
)

// pngOf is a PNG file of a picture.
func pngOf(t require.TestingT, img image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

// greyPNG is a grey picture whose pixels count up from one.
func greyPNG(t require.TestingT, rows, cols int, from byte) []byte {
	img := image.NewGray(image.Rect(0, 0, cols, rows))
	for k := range img.Pix {
		img.Pix[k] = from + byte(k)
	}
	return pngOf(t, img)
}

// tree writes files below a new folder and returns it.
func tree(t testing.TB, files map[string][]byte) string {
	dir := filepath.Join(t.TempDir(), "zoo")
	for name, b := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(full), 0o777))
		require.NoError(t, os.WriteFile(full, b, 0o666))
	}
	return dir
}

func TestOpenPictures(t *testing.T) {
	dir := tree(t, map[string][]byte{
		"train/dog/b.png": greyPNG(t, 2, 3, 20), "train/cat/a.PNG": greyPNG(t, 2, 3, 10), "train/cat/.DS_Store": nil,
		"train/.git/x.png": nil, "labels.csv": nil,
		"test/dog/c.png": greyPNG(t, 2, 3, 30),
	})
	f, err := data.Open(dir, data.Shape{})
	require.NoError(t, err)
	require.Equal(t, data.Shape{Channels: 1, Rows: 2, Cols: 3}, f.Train.Shape)
	require.Equal(t, []byte{10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25}, f.Train.Images)
	require.Equal(t, []uint8{0, 1}, f.Train.Labels)
	require.Equal(t, []uint8{1}, f.Test.Labels)
	require.Equal(t, []byte{30, 31, 32, 33, 34, 35}, f.Test.Images)
	require.Equal(t, "zoo/train", f.Train.Name)
	require.Equal(t, []string{"classes: 0 cat, 1 dog"}, f.Notes)

	// Without train and test, all folders are classes.
	f, err = data.Open(filepath.Join(dir, "train"), data.Shape{})
	require.NoError(t, err)
	require.Equal(t, []int{2, 2, 0}, []int{f.Train.N, f.Train.Classes, f.Test.N})
}

// TestPicturesInColour: planes of red, green and blue; what is transparent is in front of black.
func TestPicturesInColour(t *testing.T) {
	img := image.NewNRGBA(image.Rect(5, 5, 7, 6)) // an image need not begin at 0
	img.SetNRGBA(5, 5, color.NRGBA{10, 20, 30, 255})
	img.SetNRGBA(6, 5, color.NRGBA{200, 100, 50, 128})
	var jpg bytes.Buffer
	require.NoError(t, jpeg.Encode(&jpg, image.NewRGBA(image.Rect(0, 0, 2, 1)), nil))
	dir := tree(t, map[string][]byte{"a/x.png": pngOf(t, img), "b/y.jpeg": jpg.Bytes()})
	f, err := data.Open(dir, data.Shape{})
	require.NoError(t, err)
	require.Equal(t, []byte{10, 100, 20, 50, 30, 25, 0, 0, 0, 0, 0, 0}, f.Train.Images)

	f, err = data.Open(dir, data.Shape{Channels: 1, Rows: 1, Cols: 1})
	require.NoError(t, err)
	one := (299*10 + 587*20 + 114*30 + 500) / 1000
	two := (299*100 + 587*50 + 114*25 + 500) / 1000
	require.Equal(t, []byte{byte((one + two + 1) / 2), 0}, f.Train.Images)
	require.Contains(t, f.Notes, "pictures brought to 1 x 1 x 1")
}

// TestGrey: luma of the pure colours, and of white.
func TestGrey(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 4, 1))
	for x, c := range []color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}} {
		img.SetRGBA(x, 0, c)
	}
	f, err := data.Open(tree(t, map[string][]byte{"a/x.png": pngOf(t, img)}), data.Shape{Channels: 1, Rows: 1, Cols: 4})
	require.NoError(t, err)
	require.Equal(t, []byte{76, 150, 29, 255}, f.Train.Images)
}

// TestResize: each pixel is the mean of its area, to any size.
func TestResize(t *testing.T) {
	open := func(rows, cols int, as data.Shape) []byte {
		f, err := data.Open(tree(t, map[string][]byte{"a/x.png": greyPNG(t, rows, cols, 0)}), as)
		require.NoError(t, err)
		return f.Train.Images
	}
	grey := func(rows, cols int) data.Shape { return data.Shape{Channels: 1, Rows: rows, Cols: cols} }
	require.Equal(t, []byte{0, 0, 1, 1, 2, 2, 3, 3}, open(1, 4, grey(1, 8)))
	// The first: two thirds of the mean of 0 and 1 and a third of that of 4 and 5.
	require.Equal(t, []byte{2, 4, 7, 9}, open(3, 4, grey(2, 2)))
}

// Two shapes in one folder name the file.
func TestPicturesMustBeAlike(t *testing.T) {
	rgb := pngOf(t, image.NewRGBA(image.Rect(0, 0, 3, 2)))
	for want, second := range map[string][]byte{
		"got 1 x 2 x 4, want 1 x 2 x 3 as in ": greyPNG(t, 2, 4, 0),
		"got 3 x 2 x 3, want 1 x 2 x 3 as in ": rgb,
	} {
		dir := tree(t, map[string][]byte{"train/a/1.png": greyPNG(t, 2, 3, 0), "train/a/2.png": second})
		_, err := data.Open(dir, data.Shape{})
		require.EqualError(t, err, "data: "+filepath.Join(dir, "train/a/2.png")+": "+want+filepath.Join(dir, "train/a/1.png")+
			"; --resize brings all to the network's input")
		_, err = data.Open(dir, data.Shape{Channels: 3, Rows: 5, Cols: 5})
		require.NoError(t, err)
	}
}

func TestPictureErrors(t *testing.T) {
	good := greyPNG(t, 2, 2, 0)
	for _, c := range []struct {
		files map[string][]byte
		want  string
	}{
		{map[string][]byte{"a/x.png": []byte("GIF89a")}, "a/x.png: image: unknown format"},
		{map[string][]byte{"a/x.png": good[:40]}, "a/x.png: "},
		{map[string][]byte{"a/x.png": good[:len(good)-20]}, "a/x.png: "},
		{map[string][]byte{"a/b/x.png": good}, "a/b: got drwxr-xr-x, want a .png or .jpg file"},
		{map[string][]byte{"a/x.txt": nil}, "a/x.txt: got -rw-r--r--, want a .png or .jpg file"},
		{map[string][]byte{"a/.x": nil}, "zoo: size: got 0 images of 0 x 0 x 0, want 1.."},
		{map[string][]byte{"train/a/x.png": good, "test/b/x.png": good}, "test/b: got a class without training images, want one of a"},
		{map[string][]byte{"train/a/x.png": good, "test/a/.x": nil}, "test: size: got 0 images of 1 x 2 x 2, want 1.."},
		{map[string][]byte{"x.png": good}, "got 0 folders, want 1..256 of PNG or JPEG files, one a class; or IDX files"},
	} {
		_, err := data.Open(tree(t, c.files), data.Shape{})
		require.ErrorContains(t, err, filepath.FromSlash(c.want))
	}
}

// bomb is a PNG file of black pixels, a bit each, that the standard encoder would take long to make.
func bomb(rows, cols int) []byte {
	var out bytes.Buffer
	out.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, b []byte) {
		body := append([]byte(kind), b...)
		_ = binary.Write(&out, binary.BigEndian, uint32(len(b)))
		out.Write(body)
		_ = binary.Write(&out, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(cols)), uint32(rows))
	chunk("IHDR", append(head, 1, 0, 0, 0, 0))
	var z bytes.Buffer
	w, _ := zlib.NewWriterLevel(&z, zlib.BestCompression)
	row := make([]byte, min(1+(cols+7)/8, 1<<12))
	for range min(rows, 1<<12) {
		_, _ = w.Write(row)
	}
	_ = w.Close()
	chunk("IDAT", z.Bytes())
	chunk("IEND", nil)
	return out.Bytes()
}

// TestPictureBombs: small files that claim much are refused by their heads.
func TestPictureBombs(t *testing.T) {
	one := bomb(1<<12, 1<<12)
	many := map[string][]byte{}
	for k := range 500 {
		many[fmt.Sprintf("a/%d.png", k)] = one
	}
	var scans bytes.Buffer
	require.NoError(t, jpeg.Encode(&scans, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
	for _, c := range []struct {
		files map[string][]byte
		want  string
	}{
		{map[string][]byte{"a/x.png": bomb(1<<15, 1<<15)}, "x.png: got 32768 x 32768 pixels, want 1..16777216"},
		{map[string][]byte{"a/x.png": bomb(1<<30, 1<<30)}, "x.png: "},
		{many, "zoo: size: got 8388608000 bytes unpacked, want at most "},
		{map[string][]byte{"a/x.jpg": append(scans.Bytes()[:scans.Len()-2], bytes.Repeat([]byte("\xff\xda\x00\x08"), 70)...)}, "got a JPEG file of 71 scans, want at most 64"},
	} {
		dir := tree(t, c.files)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		_, err := data.Open(dir, data.Shape{Channels: 1, Rows: 8, Cols: 8})
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, c.want)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20))
		require.Less(t, time.Since(start), 10*time.Second)
	}
}

// FuzzPicture: no bytes of a picture make the folder's reader panic or take much.
func FuzzPicture(f *testing.F) {
	f.Add(greyPNG(f, 2, 3, 0), true)
	f.Add(pngOf(f, image.NewNRGBA64(image.Rect(0, 0, 3, 3))), false)
	f.Add(bomb(1<<10, 1<<10), true)
	var jpg bytes.Buffer
	require.NoError(f, jpeg.Encode(&jpg, image.NewRGBA(image.Rect(0, 0, 9, 9)), nil))
	f.Add(jpg.Bytes(), false)
	f.Fuzz(func(t *testing.T, raw []byte, resize bool) {
		var as data.Shape
		if resize {
			as = data.Shape{Channels: 3, Rows: 4, Cols: 5}
		}
		s, err := data.OpenPictures(raw, as)
		if err != nil {
			require.ErrorContains(t, err, "data: ")
			return
		}
		require.Len(t, s.Images, s.N*s.Size())
		require.Equal(t, []int{1, 1}, []int{s.N, s.Classes})
	})
}
