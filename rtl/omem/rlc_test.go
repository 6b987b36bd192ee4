package omem

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/rtl/activity"
)

// twinDecode expands words by the rules of the format alone: walk the pairs, a level of 0 is one zero more.
func twinDecode(words []uint64, raw bool) (block [64]int16) {
	pos := 0
	for _, w := range words {
		if raw {
			for i := range 4 {
				block[pos] = int16(w >> (16 * i))
				pos++
			}
			continue
		}
		for i := range 3 {
			pair := w >> (21 * i) & (1<<21 - 1)
			if pair == 0 {
				continue // padding: ends the block
			}
			pos += int(pair & 31)
			block[pos] = int16(pair >> 5)
			pos++
		}
	}
	return block
}

// roundTrip codes the first n elements and checks everything that the format promises.
func roundTrip(t require.TestingT, block *[BlockElems]int16, n int) {
	var words [BlockWords]uint64
	count, raw := encode(block, n, &words)
	require.LessOrEqual(t, count, n/4, "never longer than raw")
	want := *block
	clear(want[n:])
	got := words[:count]
	require.Equal(t, want, twinDecode(got, raw))
	var decoded [BlockElems]int16
	require.True(t, DecodeBlock(got, raw, &decoded))
	require.Equal(t, want, decoded)
	for i, w := range got {
		if !raw {
			require.Equal(t, i == count-1, w>>63 == 1, "last-bit of word %d", i)
		}
	}
}

func TestCodeOfSmallPatterns(t *testing.T) {
	// Every pattern of zero and non-zero in the 16 elements of the shortest block, and at both ends of the longest.
	for pattern := range 1 << 16 {
		var head, tail [BlockElems]int16
		for i := range 16 {
			if pattern>>i&1 == 1 {
				head[i], tail[48+i] = int16(i-20), 32767
			}
		}
		roundTrip(t, &head, 16)
		if pattern%7 == 0 {
			roundTrip(t, &tail, 64)
		}
	}
}

func TestCodeOfRandomBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := 16 * rapid.IntRange(1, 4).Draw(t, "groups")
		density := rapid.IntRange(0, 16).Draw(t, "density")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var block [BlockElems]int16
		for i := range block { // what lies behind element n must not matter
			if r.IntN(16) < density {
				block[i] = int16(r.Uint32())
			}
		}
		roundTrip(t, &block, n)
	})
}

func TestCodeWord(t *testing.T) {
	var block [BlockElems]int16
	block[0], block[40], block[41] = 5, -1, 7
	var words [BlockWords]uint64
	count, raw := encode(&block, 64, &words)
	require.False(t, raw)
	require.Equal(t, 2, count)
	// 5 after no zero; 39 zeros are a run of 31 that a level of 0 makes 32, and 7 more.
	require.Equal(t, uint64(5<<5)|31<<21|(uint64(0xffff)<<5|7)<<42, words[0])
	require.Equal(t, uint64(7<<5)|1<<63, words[1])
	require.Zero(t, block[1])
}

func TestMalformedWords(t *testing.T) {
	const last = uint64(1) << 63
	pair := func(run, level uint64, place int) uint64 { return (run | level<<5) << (21 * place) }
	for name, words := range map[string][]uint64{
		"no pair":                    {last},
		"padding without last":       {pair(0, 1, 0)},
		"pair behind padding":        {pair(0, 1, 0) | pair(0, 1, 2) | last},
		"past the block":             {pair(31, 0, 0) | pair(31, 1, 1) | pair(0, 1, 2) | last},
		"extension past the block":   {pair(31, 0, 0) | pair(31, 0, 1) | pair(31, 0, 2) | last},
		"only an extension":          {pair(31, 0, 0) | last},
		"last too early":             {pair(0, 1, 0) | last, pair(0, 1, 0) | last},
		"last missing":               {pair(0, 1, 0) | pair(0, 1, 1) | pair(0, 1, 2)},
		"second word past the block": {pair(31, 1, 0) | pair(20, 1, 1) | pair(9, 1, 2), pair(1, 1, 0) | last},
	} {
		var block [BlockElems]int16
		require.False(t, DecodeBlock(words, false, &block), name)
	}
}

func FuzzDecodeBlock(f *testing.F) {
	f.Add(uint64(1)<<63|32, uint64(0), uint8(1), false)
	f.Add(uint64(1)<<42|31, uint64(1)<<63|63, uint8(2), false)
	f.Add(^uint64(0), ^uint64(0), uint8(16), true)
	f.Fuzz(func(t *testing.T, a, b uint64, n uint8, raw bool) {
		words := make([]uint64, n%20)
		for i := range words {
			words[i] = []uint64{a, b}[i%2]
		}
		var block [BlockElems]int16
		if !DecodeBlock(words, raw, &block) || raw {
			return
		}
		require.Equal(t, twinDecode(words, false), block)
	})
}

func TestPointer(t *testing.T) {
	p := MakePointer(maxWords-1, 16, true)
	require.EqualValues(t, maxWords-1, p.Addr())
	require.Equal(t, 16, p.Words())
	require.True(t, p.Raw())
	require.Equal(t, 31, MakePointer(0, 31, false).Words())
	require.False(t, MakePointer(maxWords-1, 31, false).Raw())
	require.EqualValues(t, 1<<24-1, MakePointer(maxWords-1, 31, true), "fits in 24 bits")
}

// Registers hold addresses of as many bits as a memory needs.
func TestClockedFollowsTheSizes(t *testing.T) {
	small, large := newSizedBench(1<<14, 1<<12, nil).u.Clocked(), newSizedBench(1<<16, 1<<15, nil).u.Clocked()
	require.Equal(t, activity.Registers{Bits: 15 + 5 + 1 + 7 + 6, Copies: 5 * ptrDepth}, small[clockBlock])
	require.Equal(t, activity.Registers{Bits: 17 + 5 + 1 + 7 + 6, Copies: 5 * ptrDepth}, large[clockBlock])
	require.Equal(t, small[clockEncoder].Bits+2+3, large[clockEncoder].Bits)
	require.Equal(t, activity.Registers{Bits: 256, Copies: 2 * 4}, small[clockCollect])
	require.Equal(t, activity.Registers{Bits: 64, Copies: 2 * BlockWords}, small[clockCoded])
	require.Equal(t, activity.Registers{Bits: 32, Copies: 2 * BlockElems}, small[clockHas])
}
