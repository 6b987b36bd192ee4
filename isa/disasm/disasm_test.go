package disasm_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/disasm"
	"bdfasim/isa/image"
)

func disassemble(t require.TestingT, img *image.Image) string {
	var b bytes.Buffer
	require.NoError(t, disasm.Write(&b, img))
	return b.String()
}

// requireSame requires that the image's text assembles to the same file.
func requireSame(t require.TestingT, img *image.Image) {
	text := disassemble(t, img)
	again, err := asm.Assemble(fstest.MapFS{"x.s": {Data: []byte(text)}}, "x.s", asm.Options{})
	require.NoError(t, err, text)
	want, err := img.Bytes()
	require.NoError(t, err)
	got, err := again.Bytes()
	require.NoError(t, err)
	if !bytes.Equal(want, got) { // compare the parts for a message that can be read
		require.Equal(t, img, again, text)
		require.Equal(t, want, got)
	}
}

func TestFiles(t *testing.T) {
	for _, file := range []string{"all.s", "syntax.s"} {
		img, err := asm.Assemble(os.DirFS("../asm/testdata"), file, asm.Options{Defines: map[string]int64{"GIVEN": 99}})
		require.NoError(t, err)
		requireSame(t, img)
	}
	requireSame(t, &image.Image{})
}

func TestText(t *testing.T) {
	img := &image.Image{
		Entry: 8,
		Code: []isa.Word{0, isa.Pack(isa.OpDNNCMac, 0, 0, 0, isa.FlagFirst|isa.FlagLast, 0), isa.Pack(isa.OpJal, 15, 0, 0, 0, 24),
			isa.Pack(isa.OpBeq, 0, 1, 2, 0, 8), isa.Pack(isa.OpJal, 0, 0, 0, 0, 800)},
		Scratch:   append(make([]byte, 40), 1, 2),
		Segments:  []image.Segment{{Name: "w", Addr: 64, Data: []byte{1, 0, 0, 0, 0, 0, 0, 0, 9}}},
		XMemBytes: 128,
		Symbols:   []image.Symbol{{Name: "N", Value: 5}, {Name: "main", Space: image.Text, Value: 8}, {Name: "tail", Space: image.XMem, Value: 72}, {Name: "top", Space: image.XMem, Value: 128}},
		Lines:     []image.Line{{Addr: 8, File: "a.s", Line: 3}, {Addr: 16, File: "a.s", Line: 3}},
	}
	want := `	.xmem	0x80
	.entry	0x8
	.symbol	N, abs, 0x5
	.symbol	top, xmem, 0x80

	.text
	.loc	0
	.quad 0x0000000000000000
main:
	.file	"a.s"
	.loc	3
	dnnc.mac  first, last
	jal       r15, .L0018
.L0018:
	.loc	0
	beq       r1, r2, main
	.quad 0x5600000000000320

	.scratch
	.zero	40
	.byte	1, 2

	.section .xmem.w
	.org	0x40
	.quad	0x0000000000000001
tail:
	.byte	9
`
	require.Equal(t, want, disassemble(t, img))
	requireSame(t, img)
}

func TestLine(t *testing.T) {
	symbols := []image.Symbol{{Name: "data", Space: image.Scratch, Value: 16}, {Name: "loop1", Space: image.Text, Value: 16}}
	require.Equal(t, "beq       r1, r2, loop1", disasm.Line(isa.Pack(isa.OpBeq, 0, 1, 2, 0, 16), symbols))
	require.Equal(t, "jal       r0, 0x18", disasm.Line(isa.Pack(isa.OpJal, 0, 0, 0, 0, 24), symbols))
	require.Equal(t, "lw        r1, -4(r2)", disasm.Line(isa.Pack(isa.OpLw, 1, 2, 0, 0, -4), symbols))
	require.Equal(t, ".quad 0xff00000000000000", disasm.Line(0xff<<56, symbols))
	require.Equal(t, "halt", disasm.Line(isa.Pack(isa.OpHalt, 0, 0, 0, 0, 0), nil))
}

func TestInvalid(t *testing.T) {
	require.ErrorContains(t, disasm.Write(&bytes.Buffer{}, &image.Image{Entry: 3}), "entry")
	require.ErrorIs(t, disasm.Write(failing{}, &image.Image{XMemBytes: 1}), errFull)
}

var errFull = errors.New("full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

// Weights of 5 MB go there and back within seconds.
func TestLargeData(t *testing.T) {
	data := make([]byte, 5<<20)
	rng := rand.NewChaCha8([32]byte{})
	_, _ = rng.Read(data)
	start := time.Now()
	requireSame(t, &image.Image{XMemBytes: 8 << 20, Segments: []image.Segment{{Name: "w", Addr: 32, Data: data}}})
	t.Logf("%d bytes in %v", len(data), time.Since(start))
}

// FuzzImage: whatever can be read as an image survives the way through text.
func FuzzImage(f *testing.F) {
	for _, file := range []string{"all.s", "syntax.s"} {
		img, err := asm.Assemble(os.DirFS("../asm/testdata"), file, asm.Options{Defines: map[string]int64{"GIVEN": 1}})
		require.NoError(f, err)
		b, err := img.Bytes()
		require.NoError(f, err)
		f.Add(b)
	}
	const checksum = 76 // doc.go of package image: where 32 bytes of the file are that of the others
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < checksum+32 {
			return
		}
		b = bytes.Clone(b)
		clear(b[checksum : checksum+32])
		sum := sha256.Sum256(b)
		copy(b[checksum:], sum[:])
		if img, err := image.Read(b); err == nil && img.XMemBytes <= 1<<20 {
			requireSame(t, img)
		}
	})
}

// FuzzThereAndBack: whatever assembles survives the way through text.
func FuzzThereAndBack(f *testing.F) {
	for _, file := range []string{"all.s", "syntax.s"} {
		b, err := os.ReadFile("../asm/testdata/" + file)
		require.NoError(f, err)
		f.Add(string(b))
	}
	opt := asm.Options{Lines: 2000, DataBytes: 1 << 16, Defines: map[string]int64{"GIVEN": 1}}
	f.Fuzz(func(t *testing.T, text string) {
		img, err := asm.Assemble(fstest.MapFS{"main.s": {Data: []byte(text)}}, "main.s", opt)
		if err == nil {
			requireSame(t, img)
		}
	})
}
