package compile

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
	"bdfasim/isa/image"
)

// FuzzFromImage: whatever a note says, the answer is a plan or an error.
func FuzzFromImage(f *testing.F) {
	n, err := net.MLP(net.ReLU, 20, 10, 5)
	require.NoError(f, err)
	layers, err := Lower(n, DefaultFormats())
	require.NoError(f, err)
	s := Spec{Net: n, Layers: layers, Rule: BDFA, Eta: 0.01, Epochs: 1, Batch: 4}
	require.NoError(f, s.complete())
	p, err := newPlan(&s, samples{10, 3, 7})
	require.NoError(f, err)
	f.Add(p.note().Data)
	f.Fuzz(func(_ *testing.T, data []byte) {
		img := &image.Image{Notes: []image.Note{{Name: noteName, Version: noteVersion, Data: data}}}
		_, _ = FromImage(img)
	})
}

// No number of a note, however strange, makes FromImage panic.
func TestStrangeNumbers(t *testing.T) {
	number := regexp.MustCompile(`-?\d+(\.\d+)?`)
	for _, c := range combos(t)[12:14] {
		img, _ := built(t, c.spec)
		data := string(img.Notes[0].Data)
		for _, at := range number.FindAllStringIndex(data, -1) {
			for _, strange := range []string{"-1", "0", "1", "70000", "2147483647", "1099511627776"} {
				changed := data[:at[0]] + strange + data[at[1]:]
				img.Notes[0].Data = []byte(changed)
				_, _ = FromImage(img)
			}
		}
	}
}
