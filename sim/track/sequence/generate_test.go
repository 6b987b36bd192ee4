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
		s, err := Generate(Reference(), seed)
		require.NoError(t, err)
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
		s, err := Generate(g, seed)
		require.NoError(t, err)
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

func TestSettingsAreRefused(t *testing.T) {
	for field, spoil := range map[string]func(*Settings){
		"width: got 8, want 32..4096":  func(g *Settings) { g.Width = 8 },
		"frames: got 0, want 1..9999":  func(g *Settings) { g.Frames = 0 },
		"target: got 100, want 8..60":  func(g *Settings) { g.Target = 100 },
		"scale: got 0.5, want 1..2":    func(g *Settings) { g.Scale = 0.5 },
		"occluded: got 31, want 0..30": func(g *Settings) { g.Occluded = 31 },
	} {
		g := Reference()
		spoil(&g)
		_, err := Generate(g, 1)
		require.EqualError(t, err, "generator: "+field)
	}
}
