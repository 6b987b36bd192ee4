package firmware

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestQuantize(t *testing.T) {
	for _, c := range []struct {
		x          float64
		frac, bits int
		want       int64
		clipped    bool
	}{
		{0.5, 0, 16, 1, false}, {-0.5, 0, 16, -1, false}, {1.5, 0, 16, 2, false}, {-2.5, 0, 16, -3, false}, {0.49, 0, 16, 0, false},
		{1, 12, 16, 4096, false}, {7.9999, 12, 16, 32767, true}, {7.9998, 12, 16, 32767, false}, {-8, 12, 16, -32768, false},
		{-8.0001, 12, 16, -32768, false}, {-8.0002, 12, 16, -32768, true},
		{1e300, 12, 16, 32767, true}, {math.Inf(-1), 20, 32, -1 << 31, true}, {40, -3, 16, 5, false},
	} {
		v, clipped := Quantize(c.x, c.frac, c.bits)
		require.Equal(t, c.want, v, "%v", c)
		require.Equal(t, c.clipped, clipped, "%v", c)
	}
}

func TestQuantizeIsNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-7, 7).Draw(t, "x")
		v, clipped := Quantize(x, 12, 16)
		require.False(t, clipped)
		require.LessOrEqual(t, math.Abs(x*4096-float64(v)), 0.5)
		n, _ := Quantize(-x, 12, 16)
		require.Equal(t, -v, n)
	})
}

func TestWeightBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(1, 140).Draw(t, "n"), rapid.IntRange(1, 140).Draw(t, "m")
		w := make([]int16, n*m)
		for i := range w {
			w[i] = int16(i*7919 + 1)
		}
		mem := PackWeights(w, n, m)
		require.Equal(t, w, UnpackWeights(mem, n, m))
		// The definition: block (jb, kb) at (jb*KB + kb) * 8192, row k, column j; everything else zero.
		kb := (m + 63) / 64
		sum := 0
		for at := 0; at < len(mem); at += 2 {
			block, row, col := at/8192, at%8192/128, at%128/2
			j, k := block/kb*64+col, block%kb*64+row
			got := int16(binary.LittleEndian.Uint16(mem[at:]))
			if j < n && k < m {
				require.Equal(t, w[j*m+k], got)
				sum++
			} else {
				require.Zero(t, got)
			}
		}
		require.Equal(t, n*m, sum)
	})
}

func TestVelocityBlocks(t *testing.T) {
	n, m := 70, 130
	mem := make([]byte, 2*3*12288)
	want := make([]int32, n*m)
	for j := range n {
		for k := range m {
			v := int32(j*m+k)*1699 - 1<<23
			v = v << 8 >> 8
			want[j*m+k] = v
			at := (j/64*3+k/64)*12288 + k%64*192 + j%64*3
			mem[at], mem[at+1], mem[at+2] = byte(v), byte(v>>8), byte(v>>16)
		}
	}
	require.Equal(t, want, UnpackVelocities(mem, n, m))
	require.Equal(t, int32(-1), Int24([]byte{0xff, 0xff, 0xff}))
	require.Equal(t, int32(-1<<23), Int24([]byte{0, 0, 0x80}))
	require.Equal(t, int32(1<<23-1), Int24([]byte{0xff, 0xff, 0x7f}))
}

func TestSmallTensorsAndTables(t *testing.T) {
	b := PackBiases([]int32{1, -2})
	require.Len(t, b, 256)
	require.Equal(t, []byte{1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0, 0}, b[:10])
	images := PackImages([]byte{1, 2, 3, 4, 5, 6}, 3)
	require.Len(t, images, 64)
	require.Equal(t, []byte{4, 5, 6, 0}, images[32:36])
	labels := []uint16{9, 8, 7}
	require.Equal(t, []byte{2, 0, 7, 0, 0, 0, 9, 0, 0, 0}, PackOrder([]int{2, 0}, labels)[:10])
	require.Len(t, PackOrder([]int{2, 0}, labels), 32)
	require.Equal(t, []byte{0, 0, 9, 0, 1, 0, 8, 0, 2, 0, 7, 0, 0}, PackOrder(nil, labels)[:13])
}

func TestStoredSigns(t *testing.T) {
	const neurons, classes = 20, 19 // two groups, the second with 4 neurons; two passes, the second of 3 classes
	signs := make([]int8, neurons*classes)
	for i := range signs {
		signs[i] = -1
	}
	require.Equal(t, make([]byte, 4*32), PackSigns(signs, neurons, classes))
	for _, c := range []struct{ neuron, class, entry, bit int }{
		{0, 0, 0, 0}, {0, 15, 0, 15}, {1, 0, 0, 16}, {15, 15, 0, 255}, {0, 16, 1, 0}, {1, 16, 1, 3}, {15, 18, 1, 47}, {16, 0, 2, 0}, {19, 18, 3, 11},
	} {
		signs[c.neuron*classes+c.class] = 1
		want := make([]byte, 4*32)
		want[c.entry*32+c.bit/8] = 1 << (c.bit % 8)
		require.Equal(t, want, PackSigns(signs, neurons, classes), "%v", c)
		signs[c.neuron*classes+c.class] = -1
	}
}

func TestResultsStopAtTheFirstUnwritten(t *testing.T) {
	_, p, err := Build(testSpec(BP, 3, 4, 2))
	require.NoError(t, err)
	mem := make([]byte, p.Header.XMemBytes)
	want := EpochResult{Epoch: 1, TrainN: 3, MaxW: 77}
	copy(mem[p.Header.Results:], Encode(&want, RecordBytes))
	require.Equal(t, []EpochResult{want}, p.Results(mem))
}
