package inspect

import (
	"bytes"
	"math"
	"testing"

	"github.com/sbinet/npyio/npy"
	"github.com/stretchr/testify/require"

	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/omem"
)

// newChip is the reference machine with 1 MiB of external memory.
func newChip(t testing.TB) *rtl.Chip {
	t.Helper()
	cfg := rtl.DefaultConfig()
	cfg.XMem.Bytes = 1 << 20
	chip, err := rtl.New(cfg)
	require.NoError(t, err)
	return chip
}

// TestMemories puts a number into each memory and reads it back.
func TestMemories(t *testing.T) {
	chip := newChip(t)
	chip.Seq.State.R[3] = math.MaxUint32
	copy(chip.Seq.State.Scratch[8:], []byte{55, 0, 0, 0x80})
	copy(chip.XMemory()[0x1000:], []byte{1, 2, 3, 4})
	chip.OMEM.State.Mem[7] = 1 << 63
	chip.OMEM.State.Ptr[5] = 0xabcdef
	chip.MaskMemory()[9] = 0x8001
	chip.DEPC.SignMem[2][3] = 77
	chip.Drain.Bias[256+4] = -9
	for what, want := range map[string]int64{
		"regs:3:4": -1, "scratch:2:3": 55 - 1<<31, "xmem:1024:1025": 0x04030201,
		"omem:7:8": math.MinInt64, "ptr:5:6": 0xabcdef, "mask:9:10": 0x8001 - 1<<16, "sign:11:12": 77,
		"bias:260:261": -9,
	} {
		a, err := Read(chip, &image.Image{}, what)
		require.NoError(t, err)
		require.Equal(t, []int64{want}, a.Data, what)
	}
	for what, n := range map[string]int{
		"regs": 16, "scratch": 1024, "xmem": 1 << 18, "omem": 32768, "ptr": 8192, "mask": 8192,
		"sign": 2048, "bias": 512,
	} {
		a, err := Read(chip, &image.Image{}, what)
		require.NoError(t, err)
		require.Len(t, a.Data, n, what)
	}
}

// place makes a tensor.
func place(name, space, layout string, addr, stride uint32, bits int, shape ...int) image.Tensor {
	return image.Tensor{
		Name: name, Space: space, Layout: layout, Addr: addr, Stride: stride, Bits: bits, Shape: shape,
	}
}

// TestTensors reads the last elements of tensors that end where their memory ends.
func TestTensors(t *testing.T) {
	chip := newChip(t)
	mem, s := chip.XMemory(), &chip.OMEM.State
	copy(mem[1<<20-3:], []byte{0, 0, 0x80})
	s.Mem[len(s.Mem)-1] = 0xfffe_0000_0000_0000
	s.Mem[100] = 1<<63 | 2 | 0xfffd<<5 // after two zeros a -3, and no more
	s.Ptr[len(s.Ptr)-1] = omem.MakePointer(100, 1, false)
	chip.MaskMemory()[8191] = 1 << 3
	for _, c := range []struct {
		tensor image.Tensor
		at     int
		want   int64
	}{
		{place("flat", "xmem", image.Rows, 1<<20-6, 3, 24, 2), 1, -1 << 23},
		{place("rows", "xmem", image.Rows, 1<<20-12, 6, 24, 2, 2), 3, -1 << 23},
		{place("blocks", "xmem", image.Blocks, 1<<20-12288, 12288, 24, 64, 64), 4095, -1 << 23},
		{place("raw", "omem", image.Rows, 32766, 1, 16, 2, 4), 7, -2},
		{place("rlc", "omem", image.RLC64, 8190, 1, 16, 2, 40), 42, -3},
		{place("half", "omem", image.RLC32, 8188, 2, 16, 2, 40), 74, -3},
		{place("mask", "mask", image.Rows, 8188, 2, 1, 2, 20), 39, 1},
	} {
		values, err := Tensor(chip, &c.tensor)
		require.NoError(t, err)
		require.Len(t, values, c.tensor.Len())
		for i, v := range values {
			if i != c.at {
				require.Zero(t, v, "%s[%d]", c.tensor.Name, i)
			}
		}
		require.Equal(t, c.want, values[c.at], c.tensor.Name)
		c.tensor.Addr++
		_, err = Tensor(chip, &c.tensor)
		require.ErrorContains(t, err, "outside", c.tensor.Name)
		c.tensor.Addr = math.MaxUint32
		_, err = Tensor(chip, &c.tensor)
		require.ErrorContains(t, err, "outside", c.tensor.Name)
	}
}

func TestRefused(t *testing.T) {
	chip := newChip(t)
	chip.OMEM.State.Ptr[0] = omem.MakePointer(0, 1, false) // a block of one word, which does not end
	img := &image.Image{Tensors: []image.Tensor{
		place("odd", "xmem", "heap", 0, 4, 32, 2),
		place("vector", "omem", image.RLC64, 0, 1, 16, 10),
		place("there", "xmem", image.RLC64, 0, 1, 16, 1, 10),
		place("bad", "omem", image.RLC64, 0, 1, 16, 1, 64),
		place("lost", "ymem", image.Rows, 0, 1, 16, 4),
		place("huge", "xmem", image.Rows, 0, 0, 16, 1<<31-1, 1<<31-1, 1<<31-1),
	}}
	const want = "want FROM:TO, from 0 to 16, FROM below TO"
	for what, want := range map[string]string{
		"conv9.W": `got "conv9.W", want regs, scratch, xmem, omem, ptr, mask, sign, bias, ` +
			`or a tensor of the image`,
		"regs:0":    "regs:0: " + want,
		"regs:4:4":  "regs:4:4: " + want,
		"regs:-1:4": "regs:-1:4: " + want,
		"regs:0:17": "regs:0:17: " + want,
		"regs:x:17": "regs:x:17: " + want,
		"odd":       `tensor odd: got layout "heap" in xmem, which has no places`,
		"vector":    "tensor vector: got a compressed map of 1 dimensions in omem, want 2 in omem",
		"there":     "tensor there: got a compressed map of 2 dimensions in xmem, want 2 in omem",
		"lost":      `tensor lost: got space "ymem", want a memory's name`,
		"bad:0:1":   "tensor bad: pointer 0, sample 0: malformed block",
		"huge": "tensor huge: got [2147483647 2147483647 2147483647] elements, " +
			"which no memory holds",
	} {
		_, err := Read(chip, img, what)
		require.EqualError(t, err, want)
	}
}

// text returns what Text writes.
func text(t *testing.T, a *Array, hex bool) string {
	var b bytes.Buffer
	require.NoError(t, a.Text(&b, "now", hex))
	return b.String()
}

// TestText: as many elements a line as fit 80 columns, each line with the place of its first.
func TestText(t *testing.T) {
	chip := newChip(t)
	for i := range 64 {
		chip.XMemory()[64+i] = byte(i * 37)
	}
	weights := place("w", "xmem", image.Rows, 64, 24, 16, 2, 12)
	weights.Frac = 12
	img := &image.Image{Tensors: []image.Tensor{weights}}
	read := func(what string) *Array {
		a, err := Read(chip, img, what)
		require.NoError(t, err)
		return a
	}
	require.Equal(t, `w, now; 2 x 12 numbers of 16 bits, 12 after the point
[0, 0]   2.3125  6.9556 -4.4014  0.2417  4.8223 -6.5347 -1.8916  2.6890
[0, 8]   7.3320 -4.0249  0.6182  5.1987 -6.1582 -1.5151  3.0654  7.7085
[1, 4]  -3.6484  0.9946  5.5752 -5.7817 -1.1387  3.4419 -7.9150 -3.2720
`, text(t, read("w"), false))
	require.Equal(t, `w:11:14, now; numbers of 16 bits, 12 after the point
[0, 11] 532e 9d78 e7c2
`, text(t, read("w:11:14"), true))
	chip.Seq.State.R[2] = 1000000
	require.Equal(t, `regs:1:16, now; numbers of 32 bits
r1        0 1000000       0       0       0       0       0       0
r9        0       0       0       0       0       0       0
`, text(t, read("regs:1:16"), false))
	require.Equal(t, "scratch:3:4, now; numbers of 32 bits\n0x00c 0\n",
		text(t, read("scratch:3:4"), false))
	require.Equal(t, "mask:8:10, now; numbers of 16 bits\n8 0000 0000\n",
		text(t, read("mask:8:10"), false))
}

func TestNPY(t *testing.T) {
	for _, a := range []*Array{
		{Shape: []int{2, 3}, Bits: 16, Frac: 2, Data: []int64{1, -2, 3, 4, 5, -6}},
		{Shape: []int{6}, Bits: 32, Data: []int64{1, -2, 3, 4, 5, -6}},
		{Shape: []int{1, 3, 2}, Bits: 64, Pattern: true, Data: []int64{1, -2, 3, 4, 5, -6}},
	} {
		var b bytes.Buffer
		require.NoError(t, a.NPY(&b))
		r, err := npy.NewReader(&b)
		require.NoError(t, err)
		require.Equal(t, a.Shape, r.Header.Descr.Shape)
		switch {
		case a.Frac > 0:
			var got []float64
			require.NoError(t, r.Read(&got))
			require.Equal(t, []float64{0.25, -0.5, 0.75, 1, 1.25, -1.5}, got)
		case a.Pattern:
			var got []uint64
			require.NoError(t, r.Read(&got))
			require.Equal(t, []uint64{1, math.MaxUint64 - 1, 3, 4, 5, math.MaxUint64 - 5}, got)
		default:
			var got []int64
			require.NoError(t, r.Read(&got))
			require.Equal(t, a.Data, got)
		}
	}
}
