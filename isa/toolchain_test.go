package isa_test

import (
	"bytes"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/disasm"
	"bdfasim/isa/image"
)

func assemble(t *rapid.T, text string) *image.Image {
	img, err := asm.Assemble(fstest.MapFS{"x.s": {Data: []byte(text)}}, "x.s", asm.Options{})
	require.NoError(t, err, text)
	return img
}

// An image comes back from its file as it was, and from its text as the same file.
func TestRandomImages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := randomImage(t)
		file, err := m.Bytes()
		require.NoError(t, err)
		got, err := image.Read(file)
		require.NoError(t, err)
		require.Equal(t, m, got)

		var text bytes.Buffer
		require.NoError(t, disasm.Write(&text, m))
		for _, m := range []*image.Image{got, assemble(t, text.String())} {
			again, err := m.Bytes()
			require.NoError(t, err)
			require.Equal(t, file, again, text.String())
		}
	})
}

// What Line prints of an instruction assembles to the same word.
func TestRandomWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := randomWord(t, 16<<10)
		require.NoError(t, w.Check())
		text := disasm.Line(w, nil)
		require.Equal(t, []isa.Word{w}, assemble(t, text).Code, text)
	})
}
