package qmodel

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Section 4's order: where the bit of each sign stands among those that the generator puts out.
func TestGeneratorOrder(t *testing.T) {
	for _, shape := range [][2]int{{1, 2}, {16, 10}, {20, 18}, {33, 100}, {5, 16}} {
		n, classes := shape[0], shape[1]
		gen, bits := lfsr(0xDEADBEEF), make([]int8, (n+15)/16*16*classes)
		for k := range bits {
			bits[k] = 2*int8(gen.next()) - 1
		}
		for k, got := range DrawSigns(0xDEADBEEF, n, classes) {
			neuron, class := k/classes, k%classes
			before := neuron / 16 * 16 * classes // groups
			before += class / 16 * 16 * 16       // passes, of 16 neurons and 16 classes
			before += neuron % 16 * min(16, classes-class/16*16)
			require.Equal(t, bits[before+class%16], got, "%v: neuron %d, class %d", shape, neuron, class)
		}
	}
}

func TestFeedbackBitsByHand(t *testing.T) {
	c := testConfig(BDFA, 3, 17, 2)
	c.FB[1] = Feedback{Seed: 1} // puts out 1, then 31 zeros, then 1 1 0 1 1 0 1 1
	m, err := New(c)
	require.NoError(t, err)
	rows := m.FeedbackBits(1)
	require.Len(t, rows, 17)
	require.Equal(t, []int8{1, -1}, rows[0])
	for n := 1; n < 16; n++ {
		require.Equal(t, []int8{-1, -1}, rows[n])
	}
	require.Equal(t, []int8{1, 1}, rows[16])
	rows[0][0] = -1
	require.Equal(t, int8(1), m.FeedbackBits(1)[0][0], "a copy")
	require.Nil(t, testModel(t, BP, 3, 4, 2).FeedbackBits(1))
}

// A network gets the same feedback from the generator and from a memory.
func TestStoredFeedbackEqualsDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, classes := rapid.IntRange(1, 50).Draw(t, "n"), rapid.IntRange(1, 40).Draw(t, "classes")
		c := testConfig(BDFA, 2, n, classes)
		c.FB[1] = Feedback{Seed: rapid.Uint32Min(1).Draw(t, "seed")}
		drawn, err := New(c)
		require.NoError(t, err)
		c.FB[1] = Feedback{Signs: slices.Concat(drawn.FeedbackBits(1)...)}
		stored, err := New(c)
		require.NoError(t, err)
		require.Equal(t, drawn.FeedbackBits(1), stored.FeedbackBits(1))
	})
}
