package feature

import (
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"

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
