package qmodel

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Section 4's order, written as the nested loops of the text.
func TestGeneratorOrder(t *testing.T) {
	for _, shape := range [][2]int{{1, 2}, {16, 10}, {20, 18}, {33, 100}, {5, 16}} {
		n, classes := shape[0], shape[1]
		got := signsOf(drawBits(0xDEADBEEF, n, classes), n, classes)
		gen := lfsr(0xDEADBEEF)
		for g := 0; g*16 < n; g++ {
			for p := 0; p*16 < classes; p++ {
				for neuron := g * 16; neuron < g*16+16; neuron++ {
					for class := p * 16; class < min(p*16+16, classes); class++ {
						bit := gen.next()
						if neuron < n {
							require.Equal(t, 2*int8(bit)-1, got[neuron*classes+class], "%v: neuron %d, class %d", shape, neuron, class)
						}
					}
				}
			}
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

func TestPackByHand(t *testing.T) {
	signs := make([][]int8, 17)
	for n := range signs {
		signs[n] = make([]int8, 18)
		for c := range signs[n] {
			signs[n][c] = -1
		}
	}
	signs[4][1] = 1  // entry 0 (group 0, pass 0), bit 4*16 + 1 = 65
	signs[3][17] = 1 // entry 1 (group 0, pass 1, C = 2), bit 3*2 + 1 = 7
	signs[16][0] = 1 // entry 2 (group 1, pass 0), bit 0
	require.Equal(t, [][4]uint64{{0, 2}, {1 << 7}, {1}, {}}, PackSigns(signs, 17, 18))
}

// A network gets the same feedback from the generator and from a memory.
func TestStoredFeedbackEqualsDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, classes := rapid.IntRange(1, 50).Draw(t, "n"), rapid.IntRange(1, 40).Draw(t, "classes")
		c := testConfig(BDFA, 2, n, classes)
		c.FB[1] = Feedback{Seed: rapid.Uint32Min(1).Draw(t, "seed")}
		drawn, err := New(c)
		require.NoError(t, err)
		c.FB[1] = Feedback{Bits: PackSigns(drawn.FeedbackBits(1), n, classes)}
		stored, err := New(c)
		require.NoError(t, err)
		require.Equal(t, drawn.FeedbackBits(1), stored.FeedbackBits(1))
	})
}
