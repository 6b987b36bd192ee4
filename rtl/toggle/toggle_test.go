package toggle

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// digits compares two numbers digit by digit.
func digits(a, b int64, width int) (n int) {
	for i := range width {
		n += int((a>>i ^ b>>i) & 1)
	}
	return n
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		a, b  int64
		width int
		want  int
	}{{0, 0, 64, 0}, {0, -1, 64, 64}, {0, -1, 18, 18}, {1, 2, 18, 2}, {1 << 17, 0, 17, 0}, {1 << 17, 0, 18, 1}} {
		require.Equal(t, c.want, Sum(c.a, c.b, c.width))
	}
	require.Equal(t, 16, Int16(0, -1))
	require.Equal(t, 1, Int16(0, -32768))
}

// A tree's adders, each written out.
func TestTree(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const operands = 16
	tree := make(Tree, operands-1)
	var before, now [operands]int64
	for range 200 {
		for i := range now {
			now[i] = int64(int16(rng.Uint32()))
			if rng.IntN(3) == 0 {
				now[i] = 0
			}
		}
		want := 0
		for size, width := 2, 18; size <= operands; size, width = 2*size, width+1 {
			for first := 0; first < operands; first += size {
				var a, b int64
				for i := first; i < first+size; i++ {
					a += before[i]
					b += now[i]
				}
				want += digits(a, b, width)
			}
		}
		require.Equal(t, want, tree.Add(now[:], 18))
		before = now
	}
	require.Zero(t, tree.Add(now[:], 18), "the same operands change nothing")
	require.Zero(t, testing.AllocsPerRun(10, func() { tree.Add(now[:], 18) }))
}
