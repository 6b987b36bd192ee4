package main

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Four classes of 8 x 8 pixels: a bright quarter tells the class.
var quarters = []string{"north-east", "north-west", "south-east", "south-west"}

// quarter is pixel (y, x) of picture k, which is of class k % 4.
func quarter(k, y, x int) byte {
	if class := k % 4; (class < 2) == (y < 4) && (class%2 == 1) == (x < 4) {
		return byte(150 + (k*31+y*17+x*7)%100)
	}
	return byte((k*13 + y + x) % 40)
}

// folderOf writes n pictures as PNG files below dir, a folder a class.
func folderOf(t *testing.T, dir string, n, side int) {
	for k := range n {
		img := image.NewGray(image.Rect(0, 0, side, side))
		for p := range img.Pix {
			img.Pix[p] = quarter(k, p/side*8/side, p%side*8/side)
		}
		class := filepath.Join(dir, quarters[k%4])
		require.NoError(t, os.MkdirAll(class, 0o777))
		f, err := os.Create(filepath.Join(class, fmt.Sprintf("%03d.png", k)))
		require.NoError(t, err)
		require.NoError(t, png.Encode(f, img))
		require.NoError(t, f.Close())
	}
}

// TestTrainOnFolder: a folder of pictures by class, with a test part and without.
func TestTrainOnFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "quarters")
	folderOf(t, filepath.Join(dir, "train"), 64, 8)
	folderOf(t, filepath.Join(dir, "test"), 16, 8)
	args := []string{"train", "--layers", "64-16-4", "--epochs", "8", "--lr", "2^-4", "--xmem-mb", "1", "--data"}
	out := ok(t, append(args, dir)...)
	require.Contains(t, out, "quarters/train: 4 classes, images of 1 x 8 x 8; a byte p is p/256 to the chip")
	require.Contains(t, out, "classes: 0 north-east, 1 north-west, 2 south-east, 3 south-west")
	require.Contains(t, out, "chip, fixed, float: of the 16 test images")
	require.Regexp(t, `\| +8 \| .*\| +100\.00 \| +100\.00 \| +100\.00 \|`, out)
	require.Equal(t, out, ok(t, append(args, dir)...))

	alone := filepath.Join(dir, "train")
	r := bdfasim(t, "", append(args, alone)...)
	require.Equal(t, exitUsage, r.code)
	require.Contains(t, r.stderr, "train without a test part, want --holdout N, which tests on N of the 64 images")
	out = ok(t, append(args, alone, "--holdout", "16")...)
	require.Contains(t, out, "of 16 images held out of training, chosen with seed 1")
}

// TestResize: pictures of another size are refused with the offer, and taken with it.
func TestResize(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "large")
	folderOf(t, dir, 32, 16)
	args := []string{"train", "--layers", "64-4", "--epochs", "1", "--xmem-mb", "1", "--holdout", "8", "--data", dir}
	r := bdfasim(t, "", args...)
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "network mlp-64-4: input: got 64, want 1 x 16 x 16 or 256, an image of large/train; or --resize")
	require.Contains(t, ok(t, append(args, "--resize")...), "pictures brought to 1 x 8 x 8")
}

// TestTrainOnNPZ: floats with channels last, labels from 1.
func TestTrainOnNPZ(t *testing.T) {
	name := filepath.Join(t.TempDir(), "own.npz")
	f, err := os.Create(name)
	require.NoError(t, err)
	z := zip.NewWriter(f)
	array := func(name, descr, shape string, v any) {
		w, err := z.Create(name + ".npy")
		require.NoError(t, err)
		head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape)
		_, err = w.Write([]byte("\x93NUMPY\x01\x00" + string(rune(len(head))) + "\x00" + head))
		require.NoError(t, err)
		require.NoError(t, binary.Write(w, binary.LittleEndian, v))
	}
	for part, n := range map[string]int{"train": 64, "test": 16} {
		x, y := make([]float32, n*64), make([]int64, n)
		for k := range x {
			x[k] = float32(quarter(k/64, k/8%8, k%8)) / 255
		}
		for k := range y {
			y[k] = int64(k%4 + 1)
		}
		array("x_"+part, "<f4", fmt.Sprintf("(%d, 8, 8, 1)", n), x)
		array("y_"+part, "<i8", fmt.Sprintf("(%d,)", n), y)
	}
	require.NoError(t, z.Close())
	require.NoError(t, f.Close())
	out := okWide(t, "train", "--layers", "64-16-4", "--epochs", "8", "--lr", "2^-4", "--xmem-mb", "1", "--data", name)
	require.Contains(t, out, "x_train: N,H,W,C, f32 up to 0.97")
	require.Contains(t, out, ", times 255 and rounded")
	require.Contains(t, out, "labels 1..4 are classes 0..3")
	require.Regexp(t, `\| +8 \| .*\| +100\.00 \| +100\.00 \| +100\.00 \|`, out)

	// The same for an experiment.
	file := filepath.Join(t.TempDir(), "tiny.yaml")
	text := strings.NewReplacer("samples: [100]", "samples: [40]", "validation: 50, test: 50", "validation: 8, test: all",
		"{top: 5}", "{top: 2, probe: 8}").Replace(tinyRuns)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(text, "set: embedded", "set: mine", 1)), 0o666))
	out = ok(t, "golden", file, "--data", "mine="+name, "--out", t.TempDir())
	require.Contains(t, out, "tiny: MLP on mine, 40 training images")
	require.Contains(t, out, "mine: labels 1..4 are classes 0..3")
	r := bdfasim(t, "", "golden", file, "--data", "yours="+name)
	require.Contains(t, r.stderr, "experiment tiny: got images of yours, want those of a set among its data")

	// Without a test part an experiment says how many images are held out.
	dir := filepath.Join(t.TempDir(), "quarters")
	folderOf(t, dir, 64, 8)
	r = bdfasim(t, "", "golden", file, "--data", "mine="+dir, "--out", t.TempDir())
	require.Contains(t, r.stderr, "data[0]: test: got all of mine, which has no test part, want a number of images")
	text = strings.NewReplacer("test: all", "test: 8", "set: embedded", "set: mine, folder: "+dir).Replace(text)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
	require.Contains(t, ok(t, "golden", file, "--out", t.TempDir()), "mine: 8 test images held out of training, chosen with seed 0")
}
