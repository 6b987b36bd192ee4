package image_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// sample is an image with something of everything.
func sample() *image.Image {
	return &image.Image{
		Entry:   8,
		Code:    []isa.Word{isa.Pack(isa.OpNop, 0, 0, 0, 0, 0), isa.Pack(isa.OpLi, 1, 0, 0, 0, -5), isa.Pack(isa.OpHalt, 0, 0, 0, 0, 0)},
		Scratch: []byte("scratch"),
		Segments: []image.Segment{
			{Name: "labels", Addr: 0, Data: []byte{1, 2, 3}},
			{Name: "w", Addr: 0x1000, Data: bytes.Repeat([]byte{7}, 100)},
		},
		XMemBytes: 0x2000,
		Symbols: []image.Symbol{
			{Name: "BATCH", Space: image.Abs, Value: 32},
			{Name: "_start", Space: image.Text, Value: 8},
			{Name: "buf", Space: image.Scratch, Value: 4},
			{Name: "labels", Space: image.XMem, Value: 0},
			{Name: "end_of_labels", Space: image.XMem, Value: 3},
			{Name: "w", Space: image.XMem, Value: 0x1000},
		},
		Lines:   []image.Line{{Addr: 0, File: "a.s", Line: 3}, {Addr: 16, File: "b.s", Line: 1}},
		Tensors: []image.Tensor{{Name: "fc1.w", Space: "xmem", Layout: "blocks", Addr: 0x1000, Stride: 8192, Shape: []int{5, 10}, Bits: 16, Frac: 12, Layer: -1}},
		Notes:   []image.Note{{Name: "plan", Version: 3, Data: []byte("a: 1\n")}, {Name: "x"}},
	}
}

func fileOf(t require.TestingT, m *image.Image) []byte {
	b, err := m.Bytes()
	require.NoError(t, err)
	return b
}

func TestRoundTrip(t *testing.T) {
	got, err := image.Read(fileOf(t, sample()))
	require.NoError(t, err)
	require.Equal(t, sample(), got)

	empty, err := image.Read(fileOf(t, &image.Image{}))
	require.NoError(t, err)
	require.Equal(t, &image.Image{}, empty)

	name := filepath.Join(t.TempDir(), "x.elf")
	writeSample(t, name)
	got, err = image.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, sample(), got)
}

func TestLookups(t *testing.T) {
	m := sample()
	l, ok := m.LineAt(16)
	require.True(t, ok)
	require.Equal(t, 1, l.Line)
	_, ok = m.LineAt(8)
	require.False(t, ok)
	s, ok := m.Symbol("buf")
	require.True(t, ok)
	require.Equal(t, image.Scratch, s.Space)
	_, ok = m.Symbol("none")
	require.False(t, ok)
	w, ok := m.Tensor("fc1.w")
	require.True(t, ok)
	require.Equal(t, []int{5, 10}, w.Shape)
	n, ok := m.Note("plan")
	require.True(t, ok)
	require.EqualValues(t, 3, n.Version)
	_, ok = m.Note("none")
	require.False(t, ok)
}

// Elements lie where the layouts say.
func TestTensorPlaces(t *testing.T) {
	const rows, blocks = image.Rows, image.Blocks
	mem := make([]byte, 1<<15)
	for k := range mem {
		mem[k] = byte(k ^ k>>8)
	}
	word := func(at int) int64 { return int64(int16(mem[at]) | int16(mem[at+1])<<8) }
	for _, c := range []struct {
		x    image.Tensor
		k    int
		want int64
	}{
		{
			image.Tensor{Space: "xmem", Layout: rows, Addr: 8, Stride: 4, Shape: []int{9}, Bits: 16},
			5, word(28),
		},
		{
			image.Tensor{Space: "xmem", Layout: rows, Addr: 8, Stride: 40, Shape: []int{2, 3, 5}, Bits: 16},
			17, word(8 + 3*40 + 2*2),
		},
		{
			image.Tensor{Space: "xmem", Layout: rows, Addr: 128, Stride: 32, Shape: []int{2, 9}, Bits: 4},
			12, int64(mem[161] >> 4), // 10, which has no sign
		},
		{
			image.Tensor{Space: "omem", Layout: rows, Addr: 2, Stride: 3, Shape: []int{2, 9}, Bits: 16},
			11, word(16 + 24 + 4),
		},
		{
			image.Tensor{Space: "mask", Layout: rows, Addr: 2, Stride: 2, Shape: []int{2, 20}, Bits: 1},
			37, int64(mem[10] >> 1 & 1),
		},
		// output 70 is in the second 64, input 65 in the second of two blocks
		{
			image.Tensor{Space: "xmem", Layout: blocks, Addr: 64, Shape: []int{80, 100}, Bits: 16},
			70*100 + 65, word(64 + 2*(3*4096+64+6)),
		},
		// tap 4 of five in the second block: three taps of 20 inputs a block
		{
			image.Tensor{Space: "xmem", Layout: blocks, Shape: []int{5, 7, 20}, Bits: 16},
			(4*7+6)*20 + 3, word(2 * (4096 + 23*64 + 6)),
		},
	} {
		require.Equal(t, c.want, c.x.Int(mem, c.k), "%+v", c.x)
	}
	_, ok := (&image.Tensor{Layout: image.RLC64, Shape: []int{1, 1}}).Bit(0)
	require.False(t, ok)
	require.Panics(t, func() { (&image.Tensor{Layout: "x", Shape: []int{1}}).Int(mem, 0) })
	vb := image.Tensor{Space: "xmem", Layout: image.Rows, Stride: 3, Shape: []int{2}, Bits: 24}
	require.EqualValues(t, -2, vb.Int([]byte{0, 0, 0, 0xfe, 0xff, 0xff}, 1))
	v := image.Tensor{Space: "xmem", Layout: image.Rows, Stride: 8, Shape: []int{1}, Bits: 64}
	require.EqualValues(t, -1, v.Int([]byte("\xff\xff\xff\xff\xff\xff\xff\xff"), 0))
}

// Every single flipped bit and every cut is noticed.
func TestDamage(t *testing.T) {
	b := fileOf(t, sample())
	for bit := 0; bit < 8*len(b); bit++ {
		b[bit/8] ^= 1 << (bit % 8)
		_, err := image.Read(b)
		require.Error(t, err, "bit %d", bit)
		if bit/8 >= 108 { // behind the note nothing is looked at before the checksum
			require.ErrorContains(t, err, "checksum")
		}
		b[bit/8] ^= 1 << (bit % 8)
	}
	for n := range b {
		_, err := image.Read(b[:n])
		require.Error(t, err, "cut to %d bytes", n)
	}
	_, err := image.Read(append(b, 0))
	require.ErrorContains(t, err, "checksum")
}

func TestForeign(t *testing.T) {
	_, err := image.Read([]byte("#!/bin/sh\n"))
	require.ErrorContains(t, err, "not an ELF file")
	self, err := os.Executable()
	require.NoError(t, err)
	_, err = image.ReadFile(self)
	require.ErrorContains(t, err, "ELF file")

	b := fileOf(t, sample())
	b[18], b[19] = 243, 0
	_, err = image.Read(b)
	require.ErrorContains(t, err, "got 0x00f3, want 0xbdfa")

	b = fileOf(t, sample())
	b[image.VersionAt]++
	image.Seal(b)
	_, err = image.Read(b)
	require.ErrorContains(t, err, "got version 2, want 1")
	_, err = image.ReadFile(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestInvalid(t *testing.T) {
	for want, spoil := range map[string]func(m *image.Image){
		"entry":                   func(m *image.Image) { m.Entry = 24 },
		"code":                    func(m *image.Image) { m.Code = make([]isa.Word, image.MaxCodeBytes/8+1) },
		"scratch: got":            func(m *image.Image) { m.Scratch = make([]byte, image.MaxScratchBytes+1) },
		"external memory: got":    func(m *image.Image) { m.XMemBytes = image.MaxXMemBytes + 1 },
		"segment name":            func(m *image.Image) { m.Segments[1].Name = "labels" },
		"the end of the one":      func(m *image.Image) { m.Segments[1].Addr = 2 },
		"no data":                 func(m *image.Image) { m.Segments[0].Data = nil },
		"got end":                 func(m *image.Image) { m.XMemBytes = 0x1000 },
		"segments: got":           func(m *image.Image) { m.Segments = make([]image.Segment, image.MaxSegments+1) },
		`symbol name "r1"`:        func(m *image.Image) { m.Symbols[0].Name = "r1" },
		`symbol name "buf"`:       func(m *image.Image) { m.Symbols[0].Name = "buf" },
		"got space 9":             func(m *image.Image) { m.Symbols[0].Space = 9 },
		"got text address 0x19":   func(m *image.Image) { m.Symbols[1].Value = 25 },
		"line of address 0x0":     func(m *image.Image) { m.Lines[0].Line = 0 },
		"line of address 0x10":    func(m *image.Image) { m.Lines[0].Addr = 16 },
		"file: got 0 bytes":       func(m *image.Image) { m.Lines[0].File = "" },
		"file: got control":       func(m *image.Image) { m.Lines[0].File = "a\nb" },
		`tensor "fc1.w": given`:   func(m *image.Image) { m.Tensors = append(m.Tensors, m.Tensors[0]) },
		`space: got "dram"`:       func(m *image.Image) { m.Tensors[0].Space = "dram" },
		"dimensions: got 0":       func(m *image.Image) { m.Tensors[0].Shape = nil },
		"dimension: got 0":        func(m *image.Image) { m.Tensors[0].Shape[0] = 0 },
		"bits: got 65":            func(m *image.Image) { m.Tensors[0].Bits = 65 },
		"fraction bits: got 2000": func(m *image.Image) { m.Tensors[0].Frac = 2000 },
		"layer: got -2":           func(m *image.Image) { m.Tensors[0].Layer = -2 },
		"layout: got 256 bytes":   func(m *image.Image) { m.Tensors[0].Layout = strings.Repeat("x", 256) },
		`note name "x"`:           func(m *image.Image) { m.Notes[0].Name = "x" },
		"tensors: got 16385":      func(m *image.Image) { m.Tensors = make([]image.Tensor, image.MaxTensors+1) },
		"notes: got 17":           func(m *image.Image) { m.Notes = make([]image.Note, image.MaxNotes+1) },
		"note x: got":             func(m *image.Image) { m.Notes[1].Data = make([]byte, image.MaxNoteBytes+1) },
	} {
		m := sample()
		spoil(m)
		_, err := m.Bytes()
		require.ErrorContains(t, err, want)
	}
}

// The file says to other ELF readers what doc.go promises.
func TestELFView(t *testing.T) {
	f, err := elf.NewFile(bytes.NewReader(fileOf(t, sample())))
	require.NoError(t, err)
	require.Equal(t, elf.ET_EXEC, f.Type)
	require.EqualValues(t, 8, f.Entry)
	want := map[string]uint64{".text": 0, ".data.scratch": 0x100000, ".xmem": 0x80000000, ".xmem.labels": 0x80000000, ".xmem.w": 0x80001000}
	for name, addr := range want {
		require.Equal(t, addr, f.Section(name).Addr, name)
	}
	symbols, err := f.Symbols()
	require.NoError(t, err)
	in := map[string]string{}
	for _, s := range symbols {
		if s.Section == elf.SHN_ABS {
			in[s.Name] = "*ABS*"
			continue
		}
		sec := f.Sections[s.Section]
		in[s.Name] = sec.Name
		require.GreaterOrEqual(t, s.Value, sec.Addr)
	}
	require.Equal(t, map[string]string{"BATCH": "*ABS*", "_start": ".text", "buf": ".data.scratch", "labels": ".xmem.labels", "end_of_labels": ".xmem", "w": ".xmem.w"}, in)
	require.Len(t, f.Progs, 4)
}

// The GNU tools read the file without a complaint.
func TestBinutils(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.elf")
	writeSample(t, name)
	run := func(tool string, args ...string) string {
		if _, err := exec.LookPath(tool); err != nil {
			t.Logf("SKIPPED: %s is not installed, so that it reads our files is not checked", tool)
			return ""
		}
		cmd := exec.Command(tool, append(args, name)...)
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", tool, out)
		require.NotContains(t, strings.ToLower(string(out)), "warning")
		require.NotContains(t, strings.ToLower(string(out)), "error")
		return string(out)
	}
	if out := run("readelf", "-a", "--wide"); out != "" {
		require.Contains(t, out, ".xmem.labels")
	}
	if out := run("nm"); out != "" {
		require.Contains(t, out, "00000008 T _start")
		require.Contains(t, out, "00000020 A BATCH")
	}
	if out := run("objdump", "-s"); out != "" {
		require.Contains(t, out, "Contents of section .data.scratch:\n 100000 73637261 746368")
	}
}

// TestBombs: what a file claims is checked before package elf makes copies of it.
func TestBombs(t *testing.T) {
	m := sample()
	m.Segments[1].Data = bytes.Repeat([]byte{7}, 1<<20)
	m.XMemBytes = 2 << 20
	good := fileOf(t, m)
	le := binary.LittleEndian
	at := int(le.Uint32(good[32:])) // of the section headers
	header := func(b []byte, i int) []byte { return b[at+40*i:] }
	for want, spoil := range map[string]func(b []byte) []byte{
		"sections: got 60000 of 40 bytes, want 1..": func(b []byte) []byte {
			le.PutUint16(b[48:], 60000)
			return append(b, bytes.Repeat(header(b, 6)[:40], 60000)...)
		},
		"sections: got 0 of":    func(b []byte) []byte { le.PutUint16(b[48:], 0); return b },
		"of 48 bytes, want 1..": func(b []byte) []byte { le.PutUint16(b[46:], 48); return b },
		"of 40 within the file": func(b []byte) []byte { le.PutUint32(b[32:], 0xffffff00); return b },
		"section 14: got 1048576 bytes, want all sections in": func(b []byte) []byte {
			le.PutUint16(b[48:], 4000)
			return append(b, bytes.Repeat(header(b, 6)[:40], 4000)...)
		},
		"or compressed": func(b []byte) []byte { le.PutUint32(header(b, 10)[8:], 0x800); return b },
		"section 13: got a name of ": func(b []byte) []byte { // section names without an end
			copy(header(b, 13)[16:24], header(b, 6)[16:24])
			copy(header(b, 6)[16:24], make([]byte, 8))
			return b
		},
		"section 6: got a name of ": func(b []byte) []byte { // symbol names are in another section
			le.PutUint32(header(b, 11)[24:], 6)
			return b
		},
	} {
		b := spoil(bytes.Clone(good))
		image.Seal(b)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := image.Read(b)
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, want)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), want)
	}
}

// TestEndless: a file that is no image is not read to its end.
func TestEndless(t *testing.T) {
	_, err := image.ReadFile("/dev/zero")
	require.ErrorIs(t, err, image.ErrNotELF)
	_, err = image.ReadFile(t.TempDir())
	require.Error(t, err)
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o666))
	_, err = image.ReadFile(empty)
	require.EqualError(t, err, empty+": image: not an ELF file")
}

// FuzzRead feeds damaged files; sealing them again leads behind the checksum.
func FuzzRead(f *testing.F) {
	f.Add(fileOf(f, sample()))
	f.Add(fileOf(f, &image.Image{}))
	f.Add([]byte("\x7fELF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if b = bytes.Clone(b); len(b) >= image.ChecksumAt+32 {
			image.Seal(b)
		}
		m, err := image.Read(b)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		again, err := image.Read(fileOf(t, m))
		require.NoError(t, err)
		slices.SortFunc(m.Symbols, image.Symbol.Compare)
		require.Equal(t, m, again)
	})
}

func writeSample(t *testing.T, name string) {
	t.Helper()
	b, err := sample().Bytes()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, b, 0o666))
}
