package data

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// records makes n records of this layout; classes count up, other labels are
// seven ahead of them, pixels depend on the place.
func (c cifar) records(n int) []byte {
	var out []byte
	for k := range n {
		for i := range c.labels {
			ahead := 7 * (len(c.labels) - 1 - i)
			out = append(out, byte((k+ahead)%c.limits[i]))
		}
		for j := range 3 * cifarSide * cifarSide {
			out = append(out, byte(j*7+k))
		}
	}
	return out
}

// small is the layout with few images a file.
func (c cifar) small(perFile, perTest int) cifar {
	c.perFile, c.perTest = perFile, perTest
	return c
}

// fill writes all files of the layout.
func (c cifar) fill(t *testing.T, dir string) {
	for _, name := range c.train {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), c.records(c.perFile), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, c.test), c.records(c.perTest), 0o600))
}

func TestOfficialSizes(t *testing.T) {
	require.Equal(t, 30730000, cifar10.perFile*cifar10.record()) // sizes of the files in the official archives
	require.Equal(t, 153700000, cifar100.perFile*cifar100.record())
	require.Equal(t, 30740000, cifar100.perTest*cifar100.record())
	require.Equal(t, []int{50000, 50000}, []int{len(cifar10.train) * cifar10.perFile, len(cifar100.train) * cifar100.perFile})
}

func TestLoadCIFAR(t *testing.T) {
	for _, layout := range []cifar{cifar10.small(12, 7), cifar100.small(120, 3)} {
		dir := t.TempDir()
		inner := filepath.Join(dir, layout.folder)
		require.NoError(t, os.Mkdir(inner, 0o700))
		layout.fill(t, inner)
		for _, where := range []string{dir, inner} {
			f, err := layout.load(os.DirFS(where), where)
			require.NoError(t, err)
			train, test := f.Train, f.Test
			require.Equal(t, len(layout.train)*layout.perFile, train.N)
			require.Equal(t, []int{layout.perTest, 3, 32, 32, layout.limits[len(layout.limits)-1]}, []int{test.N, test.Channels, test.Rows, test.Cols, test.Classes})
			require.Len(t, train.Images, train.N*3072)
			require.Len(t, train.Labels, train.N)
			last := train.N - 1
			of := last % layout.perFile // its place in its file
			require.Equal(t, uint8(of%train.Classes), train.Labels[last])
			require.Equal(t, byte(3071*7+of), train.Image(last)[3071]) // the last blue pixel
			require.Equal(t, layout.name+"/train", train.Name)
		}
	}
}

func TestLoadCIFARErrors(t *testing.T) {
	layout := cifar10.small(3, 2)
	whole := layout.records(2)
	for want, raw := range map[string][]byte{
		"test_batch.bin: records of cifar-10: got 6145 bytes, want 6146": whole[:len(whole)-1],
		"test_batch.bin: records of cifar-10: got 0 bytes, want 6146":    nil,
		"test_batch.bin: records of cifar-10: got more bytes than":       layout.records(3),
		"test_batch.bin: record 0: label: got 200, want 0..9":            append([]byte{200}, whole[1:]...),
		"test_batch.bin: gzip:": {0x1f, 0x8b, 0, 0},
	} {
		dir := t.TempDir()
		layout.fill(t, dir)
		require.NoError(t, os.WriteFile(filepath.Join(dir, layout.test), raw, 0o600))
		_, err := layout.load(os.DirFS(dir), dir)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "data: "+dir)
	}
	_, err := cifar100.read("f", append([]byte{20}, cifar100.records(1)[1:]...), 1)
	require.ErrorContains(t, err, "data: f: record 0: coarse label: got 20, want 0..19")
}

func TestMissingCIFARSaysWhatIsExpected(t *testing.T) {
	for _, c := range []struct {
		layout cifar
		want   string
	}{
		{cifar10, "got no file data_batch_1.bin, want the binary version of cifar-10: data_batch_1.bin, data_batch_2.bin"},
		{cifar10, "of 30730000 bytes each and test_batch.bin of 30730000 bytes (or .gz), here or in a folder cifar-10-batches-bin"},
		{cifar100, "train.bin of 153700000 bytes each and test.bin of 30740000 bytes"},
	} {
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, c.layout.folder), 0o777))
		_, err := Load("own", dir)
		require.ErrorContains(t, err, c.want)
	}
}

func TestLoadByName(t *testing.T) {
	f, err := Load("embedded", "")
	require.NoError(t, err)
	require.Equal(t, Shape{1, 28, 28}, f.Train.Shape)
	_, err = Load("own", "")
	require.ErrorContains(t, err, "own: got no folder or file, want one with its images, or one of embedded, mnist")
	_, err = Load("mnist", t.TempDir())
	require.ErrorContains(t, err, "got 0 folders, want 1..256 of PNG or JPEG files, one a class; or IDX files")
}

func FuzzReadCIFAR(f *testing.F) {
	f.Add(cifar10.records(2), false, 2)
	f.Add(cifar100.records(1), true, 1)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(cifar10.records(3))
	_ = z.Close()
	f.Add(zipped.Bytes(), false, 3)
	f.Fuzz(func(t *testing.T, raw []byte, hundred bool, n int) {
		layout := cifar10
		if hundred {
			layout = cifar100
		}
		n = max(1, min(n, 100))
		s, err := layout.read("f", raw, n)
		if err != nil {
			require.ErrorContains(t, err, "data: f: ")
			return
		}
		require.Equal(t, n, s.N)
		require.Len(t, s.Images, s.N*s.Size())
		require.Len(t, s.Labels, s.N)
		for k, c := range s.Labels {
			require.Less(t, int(c), s.Classes, fmt.Sprint("label ", k))
		}
	})
}
