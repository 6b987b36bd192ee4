package data_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/golden/data"
)

// idx is a plain file of these 32-bit words and bytes.
func idx(words []uint32, body []byte) []byte {
	var b bytes.Buffer
	for _, w := range words {
		_ = binary.Write(&b, binary.BigEndian, w)
	}
	b.Write(body)
	return b.Bytes()
}

func TestWrittenImagesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, rows, cols := rapid.IntRange(1, 5).Draw(t, "n"), rapid.IntRange(1, 6).Draw(t, "rows"), rapid.IntRange(1, 6).Draw(t, "cols")
		pixels := rapid.SliceOfN(rapid.Byte(), n*rows*cols, n*rows*cols).Draw(t, "pixels")
		file := idx([]uint32{0x803, uint32(n), uint32(rows), uint32(cols)}, pixels)
		for _, raw := range [][]byte{file, zipped(t, file)} {
			got, gn, gr, gc, err := data.ReadImages("f", raw)
			require.NoError(t, err)
			require.Equal(t, []int{n, rows, cols}, []int{gn, gr, gc})
			require.Equal(t, pixels, got)
		}
	})
}

func TestBrokenImagesNameTheField(t *testing.T) {
	whole := idx([]uint32{0x803, 2, 2, 3}, make([]byte, 12))
	for _, c := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"empty", nil, "data: f: magic: got 0 bytes, want 4"},
		{"labels' magic", idx([]uint32{0x801, 2}, nil), "magic: got 0x00000801, want 0x00000803"},
		{"cut header", whole[:10], "rows: got 2 bytes, want 4"},
		{"cut pixels", whole[:20], "pixels: got 4 bytes, want 12: unexpected EOF"},
		{"trailing byte", append(bytes.Clone(whole), 0), "pixels: got more bytes than the header's 12"},
		{"no images", idx([]uint32{0x803, 0, 2, 3}, nil), "size: got 0 images of 1 x 2 x 3, want 1.."},
		{"too many", idx([]uint32{0x803, 1 << 31, 2, 3}, nil), "size: got 2147483648 images"},
		{"too wide", idx([]uint32{0x803, 1, 2, 1 << 21}, nil), "size: got 1 images of 1 x 2 x 2097152, want"},
		{"too large together", idx([]uint32{0x803, 1 << 20, 1024, 1024}, nil), "size: got 1048576 images of 1 x 1024 x 1024, want 1..2097152 of 1..1048576 pixels, in all 1073741824 bytes"},
		{"cut gzip", []byte{0x1f, 0x8b, 8}, "f: gzip"},
	} {
		_, _, _, _, err := data.ReadImages("f", c.raw)
		require.ErrorContains(t, err, c.want, c.name)
	}
}

func TestBrokenLabels(t *testing.T) {
	got, err := data.ReadLabels("f", idx([]uint32{0x801, 3}, []byte{4, 5, 6}))
	require.NoError(t, err)
	require.Equal(t, []uint8{4, 5, 6}, got)
	_, err = data.ReadLabels("f", idx([]uint32{0x801, 3}, []byte{4, 5}))
	require.ErrorContains(t, err, "labels: got 2 bytes, want 3")
	_, err = data.ReadLabels("f", idx([]uint32{0x803, 3}, nil))
	require.ErrorContains(t, err, "magic")
	file := zipped(t, idx([]uint32{0x801, 3}, []byte{1, 2, 3}))
	cut := file[:len(file)-9] // gzip loses its end
	_, err = data.ReadLabels("f", cut)
	require.Error(t, err)
}

// A header may claim a thousand million pixels; memory follows what there is.
func TestFalseHeaderCostsNoMemory(t *testing.T) {
	zeros := make([]byte, 100<<20)
	for _, raw := range [][]byte{
		idx([]uint32{0x803, 1024, 1024, 1024}, make([]byte, 100)),
		zipped(t, idx([]uint32{0x803, 100, 1024, 1024}, zeros)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, _, _, err := data.ReadImages("f", raw)
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, "bytes unpacked, want at most 67108864 for")
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<17))
	}
}

func zipped(t require.TestingT, b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(b)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}

func FuzzReadImages(f *testing.F) {
	f.Add(idx([]uint32{0x803, 2, 2, 3}, make([]byte, 12)))
	f.Add(idx([]uint32{0x803, 1 << 20, 1024, 1024}, nil))
	f.Add(zipped(f, idx([]uint32{0x803, 1, 2, 2}, []byte{1, 2, 3, 4})))
	f.Fuzz(func(t *testing.T, raw []byte) {
		pixels, n, rows, cols, err := data.ReadImages("f", raw)
		if err != nil {
			require.ErrorContains(t, err, "data: f: ")
			return
		}
		require.Len(t, pixels, n*rows*cols)
		again, _, _, _, err := data.ReadImages("f", idx([]uint32{0x803, uint32(n), uint32(rows), uint32(cols)}, pixels))
		require.NoError(t, err)
		require.Equal(t, pixels, again)
	})
}

func FuzzReadLabels(f *testing.F) {
	f.Add(idx([]uint32{0x801, 3}, []byte{4, 5, 6}))
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		labels, err := data.ReadLabels("f", raw)
		if err != nil {
			require.ErrorContains(t, err, "data: f: ")
			return
		}
		require.NotEmpty(t, labels)
	})
}
