package firmware

import (
	"io/fs"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa/asm"
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
	h := Header{Results: 64, Epochs: 3}
	mem := make([]byte, 64+3*RecordBytes)
	want := EpochResult{Epoch: 1, TrainN: 3, MaxW: 77}
	copy(mem[h.Results:], Encode(&want, RecordBytes))
	require.Equal(t, []EpochResult{want}, h.Read(mem))
}

func TestEtaAt(t *testing.T) {
	h := Header{Batch: 16, ShiftEvery: 2, ShiftBy: 1}
	for n, to := range map[int]*uint32{16: &h.Eta, 8: &h.EtaShort} {
		eta, err := EtaFor(1./128, n)
		require.NoError(t, err)
		*to = eta
	}
	require.Equal(t, uint32(1024), h.EtaAt(0, 16)) // 1/128 * 32/16
	require.Equal(t, uint32(2048), h.EtaAt(1, 8))
	require.Equal(t, uint32(512), h.EtaAt(2, 16))
	require.Equal(t, uint32(256), h.EtaAt(4, 16))
	_, err := EtaFor(1./16, 2)
	require.EqualError(t, err, "firmware: batch of 2 samples: eta 0.0625 times 32/2: eta: got 1, want 0..0.9999847412109375")
	_, err = QuantizeRate("lambda", 1e-6)
	require.ErrorContains(t, err, "lambda: got 1e-06, want 0 or at least 2^-17")
}

// memory.s names the fields where the structures have them, and the structures lie one behind the other in scratch memory.
func TestStructuresAgree(t *testing.T) {
	names, err := fs.ReadFile(Sources(), "memory.s")
	require.NoError(t, err)
	files := fstest.MapFS{"memory.s": {Data: names}, "t.s": {Data: []byte(".include \"memory.s\"\n halt\n")}}
	img, err := asm.Assemble(files, "t.s", asm.Options{})
	require.NoError(t, err)
	values := map[string]int{} // by letters
	for _, s := range img.Symbols {
		values[letters(s.Name)] = int(s.Value)
	}
	value := func(name string) int {
		v, ok := values[letters(name)]
		require.True(t, ok, "memory.s defines no %s", name)
		return v
	}
	require.Equal(t, Magic, value("MAGIC"))
	at := value("HEADER")
	for _, s := range []struct {
		v           any
		base, bytes string
		size        int
	}{
		{Header{}, "HEADER", "HEADER_BYTES", HeaderBytes},
		{nil, "PASS", "PASS_BYTES", 256},
		{nil, "ORDER", "ORDER_BYTES", 32*orderEntry + burst},
		{EpochResult{}, "RECORD", "RECORD_BYTES", RecordBytes},
		{nil, "VARIABLES", "", 0},
	} {
		require.Equal(t, at, value(s.base), s.base)
		if s.bytes != "" {
			require.Equal(t, s.size, value(s.bytes), s.bytes)
		}
		at += s.size
		if s.v == nil {
			continue
		}
		typ := reflect.TypeOf(s.v)
		require.LessOrEqual(t, typ.NumField()*4, s.size)
		for i := range typ.NumField() {
			name := s.base[:1] + "_" + typ.Field(i).Name
			require.Equal(t, value(s.base)+4*i, value(name), name)
		}
	}
}

// letters turns EtaShort and ETA_SHORT into ETASHORT.
func letters(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "_", "")) }

func TestFeedbackSeedsAreDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds := FeedbackSeeds(rapid.Uint32().Draw(t, "seed"), 32)
		seen := map[uint32]bool{}
		for _, s := range seeds[1:] {
			require.NotZero(t, s)
			require.False(t, seen[s])
			seen[s] = true
		}
	})
	// Mix maps only 0 to 0, so a seed that reaches 0 at the first layer must skip it.
	first := uint32(0x9E3779B9)
	seeds := FeedbackSeeds(-first, 2)
	require.Equal(t, Mix(first), seeds[1])
}
