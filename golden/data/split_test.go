package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/golden/data"
)

// numbered is a set of n 1 x 2 images; pixel 0 and 1 hold the image's number,
// classes follow each other.
func numbered(n, classes int) data.Set {
	s := data.Set{Name: "s", N: n, Shape: data.Shape{Channels: 1, Rows: 1, Cols: 2}, Classes: classes}
	for k := range n {
		s.Images = append(s.Images, byte(k), byte(k>>8))
		s.Labels = append(s.Labels, uint8(k%classes))
	}
	return s
}

// numbers returns the images' numbers after checking that their labels came along.
func numbers(t require.TestingT, s data.Set) []int {
	require.Len(t, s.Images, s.N*s.Size())
	require.Len(t, s.Labels, s.N)
	var out []int
	for k := range s.N {
		n := int(s.Image(k)[0]) + int(s.Image(k)[1])<<8
		require.Equal(t, uint8(n%s.Classes), s.Labels[k])
		out = append(out, n)
	}
	return out
}

// spread is the difference between the largest and the smallest class.
func spread(s data.Set) int {
	count := make([]int, s.Classes)
	for _, c := range s.Labels {
		count[c]++
	}
	low, high := s.N, 0
	for _, n := range count {
		low, high = min(low, n), max(high, n)
	}
	return high - low
}

func TestHoldOutPartsTheSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		classes := rapid.IntRange(1, 7).Draw(t, "classes")
		perClass := rapid.IntRange(1, 40).Draw(t, "per class")
		all := numbered(classes*perClass, classes)
		n := rapid.IntRange(0, all.N-1).Draw(t, "n")
		seed := rapid.Uint64().Draw(t, "seed")
		kept, held, err := all.HoldOut(n, seed)
		require.NoError(t, err)
		require.Equal(t, n, held.N)
		require.LessOrEqual(t, spread(held), 1)
		in, out := numbers(t, kept), numbers(t, held)
		require.IsIncreasing(t, append([]int{-2, -1}, in...))
		require.IsIncreasing(t, append([]int{-2, -1}, out...))
		require.ElementsMatch(t, numbers(t, all), append(in, out...))
		again, _, err := all.HoldOut(n, seed)
		require.NoError(t, err)
		require.Equal(t, kept, again)
	})
}

func TestBalancedChoicesAreNested(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := numbered(120, 4)
		large := rapid.IntRange(1, 119).Draw(t, "large")
		small := rapid.IntRange(1, large).Draw(t, "small")
		seed := rapid.Uint64().Draw(t, "seed")
		a, err := all.Balanced(small, seed)
		require.NoError(t, err)
		b, err := all.Balanced(large, seed)
		require.NoError(t, err)
		require.Equal(t, []int{small, large}, []int{a.N, b.N})
		require.LessOrEqual(t, spread(a), 1)
		require.Subset(t, numbers(t, b), numbers(t, a))
	})
}

func TestSplitEnds(t *testing.T) {
	all := numbered(40, 4)
	for _, n := range []int{0, 40} {
		s, err := all.Balanced(n, 1)
		require.NoError(t, err)
		require.Equal(t, all, s)
	}
	a, err := all.Balanced(20, 1)
	require.NoError(t, err)
	b, err := all.Balanced(20, 2)
	require.NoError(t, err)
	require.NotEqual(t, a.Images, b.Images)
	_, err = all.Balanced(41, 0)
	require.ErrorContains(t, err, "data: s: samples: got 41, want 1..40, or 0 for all")
	_, _, err = all.HoldOut(40, 0)
	require.ErrorContains(t, err, "hold out: got 40 images, want 0..39")
	_, _, err = all.HoldOut(-1, 0)
	require.Error(t, err)
	uneven := numbered(38, 4) // 10, 10, 9, 9
	_, err = uneven.Balanced(37, 0)
	require.NoError(t, err)
	uneven.Labels[3] = 0 // 11, 10, 9, 8
	_, err = uneven.Balanced(36, 0)
	require.ErrorContains(t, err, "class 3: got 1 images too few for 36")
}

func TestFingerprint(t *testing.T) {
	a, b := numbered(9, 3), numbered(9, 3)
	require.Equal(t, a.Fingerprint(), b.Fingerprint())
	b.Name = "other"
	require.Equal(t, a.Fingerprint(), b.Fingerprint())
	b.Images[4]++
	require.NotEqual(t, a.Fingerprint(), b.Fingerprint())
	b = numbered(9, 3)
	b.Rows, b.Cols = 2, 1
	require.NotEqual(t, a.Fingerprint(), b.Fingerprint())
}

// TestHoldOutLast: the last of each class are held out, the rest is kept, both in order.
func TestHoldOutLast(t *testing.T) {
	all := numbered(96, 10)
	train := all.Pick(data.Order(1, 0, all.N)) // nine or ten of each class
	image := func(s data.Set, k int) string { return string(s.Labels[k]) + string(s.Image(k)) }
	rapid.Check(t, func(t *rapid.T) {
		perClass := rapid.IntRange(1, 9).Draw(t, "per class")
		kept, held, err := train.HoldOutLast(10 * perClass)
		require.NoError(t, err)
		require.Equal(t, 10*perClass, held.N)
		require.Equal(t, train.N, kept.N+held.N)
		left := make([]int, 10) // of a class in the rest of the set
		for _, c := range train.Labels {
			left[c]++
		}
		var k, h int
		for n := range train.N {
			c := train.Labels[n]
			if left[c]--; left[c] < perClass {
				require.Equal(t, image(train, n), image(held, h))
				h++
			} else {
				require.Equal(t, image(train, n), image(kept, k))
				k++
			}
		}
	})
}

func TestHoldOutLastRefuses(t *testing.T) {
	for n, want := range map[int]string{15: "a multiple of the 10 classes", 100: "want fewer", -10: "got -10", 0: "got 0"} {
		_, _, err := numbered(96, 10).HoldOutLast(n)
		require.ErrorContains(t, err, want)
	}
	few := numbered(30, 10).Pick([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 28, 21})
	_, _, err := few.HoldOutLast(20)
	require.ErrorContains(t, err, "got 1 training images of class 9, want at least 2")
}
