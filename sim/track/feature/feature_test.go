package feature

import (
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
	"bdfasim/firmware/net/onnx"
	"bdfasim/sim/track/sequence"
)

// slope is a picture whose red is its column and whose green is its row.
func slope(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{R: uint8(x), G: uint8(y), B: 200, A: 255})
		}
	}
	return img
}

// A box as large as what it becomes is copied; twice as large, every second place is seen. Around
// it is as much padding as MDNet's, and outside the picture it is grey.
func TestCrop(t *testing.T) {
	dst := make([]float64, 3*Edge*Edge)
	at := func(c, row, column int) float64 { return dst[(c*Edge+row)*Edge+column] + 128 }
	// 107 * 107/139 pixels with the padding are 107 pixels.
	whole := float64(Edge*Edge) / (Edge + 2*Padding)
	centered := func(size float64) sequence.Box {
		return sequence.Box{X: 100.5 - size/2, Y: 80.5 - size/2, W: size, H: size}
	}
	crop(dst, slope(200, 180), centered(whole))
	require.Equal(t, []float64{100, 80, 200}, []float64{at(0, 53, 53), at(1, 53, 53), at(2, 53, 53)})
	require.Equal(t, 100.-53, at(0, 53, 0))
	require.Equal(t, 80.+53, at(1, 106, 53))

	crop(dst, slope(200, 180), centered(whole/2))
	require.Equal(t, 100., at(0, 53, 53))
	require.InDelta(t, 105, at(0, 53, 63), 0.5)

	crop(dst, slope(200, 180), centered(2*whole))
	require.Equal(t, 100.-40, at(0, 53, 33))
	require.Equal(t, 128., at(0, 53, 0), "left of the picture")
	require.Equal(t, 128., at(1, 0, 53), "above the picture")
}

func TestDefaultNetwork(t *testing.T) {
	m, err := Default()
	require.NoError(t, err)
	require.LessOrEqual(t, m.MACs(), 5_000_000)
	require.Less(t, len(defaultFile), 1<<20)
	require.Empty(t, m.Hidden)

	x, err := m.Extractor()
	require.NoError(t, err)
	q := sequence.Generate(sequence.Reference(), 1)
	img, err := q.Picture(0)
	require.NoError(t, err)
	boxes := []sequence.Box{q.Truth[0], {X: 1, Y: 2, W: 30, H: 30}}
	gain, err := x.Gain(img, boxes[:1])
	require.NoError(t, err)
	both, err := x.Bytes(img, boxes, gain)
	require.NoError(t, err)
	second, err := x.Bytes(img, boxes[1:], gain)
	require.NoError(t, err)
	require.Equal(t, both[Size:], second, "features depend on the other boxes")
	require.NotEqual(t, both[:Size], second)
}

// file writes an ONNX network of a pool, a convolution to 512 channels and fully connected layers.
func file(t *testing.T, edge, channels int, above ...int) string {
	t.Helper()
	n := &net.Net{Name: "own", Input: net.Shape{Channels: 3, Height: edge, Width: edge}, Classes: above[len(above)-1],
		Layers: []net.Layer{{Type: net.MaxPool, Kernel: 35, Stride: 36}, {Type: net.Conv, Out: channels, Kernel: 1, Stride: 1},
			{Type: net.ReLU}, {Type: net.Flatten}}}
	for _, out := range above {
		n.Layers = append(n.Layers, net.Layer{Type: net.FC, Out: out, Bias: true})
	}
	require.NoError(t, n.Infer())
	m := &onnx.Model{Net: n}
	for _, l := range n.Layers {
		if l.Weighted() {
			w := make([]float64, l.Out*l.FanIn())
			for i := range w {
				w[i] = float64(i%7+len(m.W)) / 8
			}
			m.W, m.B = append(m.W, w), append(m.B, nil)
			if l.Bias {
				m.B[len(m.B)-1] = w[:l.Out]
			}
		}
	}
	name := filepath.Join(t.TempDir(), "own.onnx")
	require.NoError(t, os.WriteFile(name, onnx.Encode(m), 0o666))
	return name
}

// A file with MDNet's head gives it its initial weights; one with another head does not.
func TestOwnNetwork(t *testing.T) {
	m, err := Open(file(t, Edge, 512, 512, 512, 2))
	require.NoError(t, err)
	require.Equal(t, "own.onnx", m.Name)
	require.Len(t, m.Hidden, 2)
	require.Len(t, m.Hidden[0].W, 512*Size)
	require.Equal(t, []float64{2. / 8, 3. / 8}, m.Hidden[1].B[:2])
	require.Equal(t, 512*3*9, m.MACs())

	x, err := m.Extractor()
	require.NoError(t, err)
	img := image.NewRGBA(image.Rect(0, 0, 300, 300))
	for i := range img.Pix {
		img.Pix[i] = 128 + 8
	}
	got, err := x.Bytes(img, []sequence.Box{{X: 100, Y: 100, W: 50, H: 50}}, 1./16)
	require.NoError(t, err)
	// Of 8 in three colours, with weights 0, 1/8 and 2/8: 3, 3/16 of which is 12/64.
	require.Equal(t, byte(12), got[0])

	for _, above := range [][]int{{64, 2}, {512, 2}, {64, 512, 512, 2}} {
		m, err = Open(file(t, Edge, 512, above...))
		require.NoError(t, err)
		require.Empty(t, m.Hidden)
	}

	_, err = Open(file(t, 143, 512, 2))
	require.ErrorContains(t, err, "own.onnx: input: got 3 x 143 x 143, want 3 x 107 x 107")
	_, err = Open(file(t, Edge, 100, 2))
	require.ErrorContains(t, err, "features: got 900 before the first fully connected layer, want 4608")
	_, err = Open("none.onnx")
	require.EqualError(t, err, "none.onnx: no such file or directory")
}
