package sequence

import (
	"crypto/sha256"
	"fmt"
	"image"
	"testing"

	"github.com/stretchr/testify/require"
)

// The pictures of a seed are the same bytes on every machine, and stay so.
func TestPicturesOfASeedStay(t *testing.T) {
	sum := sha256.New()
	for _, seed := range ReferenceSeeds() {
		s := Generate(Reference(), seed)
		for _, i := range []int{0, s.Len() / 2, s.Len() - 1} {
			img, err := s.Picture(i)
			require.NoError(t, err)
			require.Equal(t, image.Rect(0, 0, s.Width, s.Height), img.Rect)
			sum.Write(img.Pix)
		}
		fmt.Fprint(sum, s.Truth)
	}
	require.Equal(t, "67dfd75b9786dc2d", fmt.Sprintf("%x", sum.Sum(nil))[:16])
}

// The target stays on the picture, and what is asked for happens.
func TestScene(t *testing.T) {
	g := Reference()
	for _, seed := range ReferenceSeeds() {
		s := Generate(g, seed)
		require.Equal(t, g.Frames, s.Len())
		low, high := s.Truth[0].W, s.Truth[0].W
		for i, b := range s.Truth {
			x, y := b.Center()
			require.True(t, x > 0 && y > 0 && x < float64(s.Width) && y < float64(s.Height), "%d", i)
			low, high = min(low, b.W), max(high, b.W)
		}
		require.Greater(t, high/low, 1.3, "the scale does not change")
	}
}
