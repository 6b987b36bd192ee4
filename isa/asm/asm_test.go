package asm_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/image"
)

var options = asm.Options{Defines: map[string]int64{"GIVEN": 99}}

// assemble assembles a text as main.s.
func assemble(text string) (*image.Image, error) {
	return asm.Assemble(fstest.MapFS{"main.s": {Data: []byte(text)}}, "main.s", asm.Options{})
}

func sourceLines(t *testing.T, file string) []string {
	b, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	return strings.Split(string(b), "\n")
}

var wordPattern = regexp.MustCompile(`0x([0-9a-f]{8})_([0-9a-f]{8})`)

// A byte-order mark before a source, or before an included one, is no part of it.
func TestByteOrderMark(t *testing.T) {
	fsys := fstest.MapFS{
		"main.s": {Data: []byte("\ufeff.include \"more.s\"\nhalt\n")}, "more.s": {Data: []byte("\ufeffnop\n")},
	}
	img, err := asm.Assemble(fsys, "main.s", asm.Options{})
	require.NoError(t, err)
	require.Len(t, img.Code, 2)
	_, err = assemble("nop\n\ufeffhalt\n")
	require.ErrorContains(t, err, `main.s:2:1: got '\ufeff'`)
}

// The words in the comments of the test files are what the lines give.
func TestWords(t *testing.T) {
	for _, file := range []string{"all.s", "syntax.s"} {
		img, err := asm.Assemble(os.DirFS("testdata"), file, options)
		require.NoError(t, err)
		got := map[int][]string{}
		for _, l := range img.Lines {
			require.Equal(t, file, l.File)
			w := uint64(img.Code[l.Addr/isa.WordBytes])
			got[l.Line] = append(got[l.Line], fmt.Sprintf("0x%08x_%08x", w>>32, uint32(w)))
		}
		for i, text := range sourceLines(t, file) {
			require.Equal(t, wordPattern.FindAllString(text, -1), got[i+1], "%s:%d: %s", file, i+1, text)
		}
	}
}

// Every row of the table, every flag of it and every pseudo instruction has a line in the test files.
func TestEveryInstructionIsTested(t *testing.T) {
	text := strings.Join(append(sourceLines(t, "all.s"), sourceLines(t, "syntax.s")...), "\n")
	has := func(pattern string) bool { return regexp.MustCompile(`(?m)^ *(\w+: *)?` + pattern).MatchString(text) }
	for _, info := range isa.Table {
		require.True(t, has(regexp.QuoteMeta(info.Name)+`\b.*// 0x`), "no line in testdata/all.s tests %s", info.Name)
		for _, f := range info.Flags {
			require.True(t, has(regexp.QuoteMeta(info.Name)+` .*\b`+f.Name+`\b.*// 0x`), "no line in testdata/all.s tests flag %s of %s", f.Name, info.Name)
		}
	}
	for _, p := range asm.Pseudos {
		require.True(t, has(p.Name+`\b.*// 0x`), "no line in testdata/syntax.s tests %s", p.Name)
	}
}

// Exactly the errors in the comments of the test files are reported, at their lines.
func TestErrors(t *testing.T) {
	pattern := regexp.MustCompile(`// ERROR "(.*)"`)
	for _, file := range []string{"errors.s", "errors2.s"} {
		_, err := asm.Assemble(os.DirFS("testdata"), file, options)
		var list asm.List
		require.ErrorAs(t, err, &list)
		for i, text := range sourceLines(t, file) {
			var got []string
			for len(list) > 0 && list[0].Line == i+1 {
				got = append(got, list[0].Msg)
				list = list[1:]
			}
			m := pattern.FindStringSubmatch(text)
			if m == nil {
				require.Empty(t, got, "%s:%d: %s", file, i+1, text)
				continue
			}
			require.Len(t, got, 1, "%s:%d: %s", file, i+1, text)
			require.Regexp(t, m[1], got[0], "%s:%d", file, i+1)
		}
		require.Empty(t, list)
	}
}

func TestErrorText(t *testing.T) {
	files := fstest.MapFS{
		"main.s":    {Data: []byte("\tnop\n.include \"lib/m.inc\"\n\tm r1, r17\n")},
		"lib/m.inc": {Data: []byte(".macro m a, b\n.rept 1\n\tadd\tr0, \\a, \\b // sum\n.endr\n.endm\n")},
	}
	_, err := asm.Assemble(files, "main.s", asm.Options{})
	want := "lib/m.inc:3:14: got \"r17\", want a register r0..r15\n" +
		"\t\tadd\tr0, r1, r17\n" +
		"\t\t   \t        ^\n" +
		"\tin .rept at lib/m.inc:2\n" +
		"\tin macro m, used at main.s:3"
	require.EqualError(t, err, want)
}

func TestHalfAnInstruction(t *testing.T) {
	_, err := assemble("nop\n.word 1")
	require.ErrorContains(t, err, "section .text: got 12 bytes, want a multiple of 8")
}

func TestOpenStrings(t *testing.T) {
	for _, text := range []string{`.ascii "`, `.ascii "open`, `.ascii "open\"`, `.ascii "open\`, "\n.macro m a\n.endm\nm \"open", `.ascii "a", "\\\"`} {
		_, err := assemble(".scratch\n" + text)
		require.ErrorContains(t, err, "without closing quote", text)
	}
	img, err := assemble(`.scratch; .ascii "a\\", "\"", ""`)
	require.NoError(t, err)
	require.Equal(t, `a\"`, string(img.Scratch))
}

func TestManyErrors(t *testing.T) {
	_, err := assemble(strings.Repeat("frob\n", 1000))
	var list asm.List
	require.ErrorAs(t, err, &list)
	require.Len(t, list, 51)
	require.Contains(t, err.Error(), "more than 49 errors")
}

func TestImage(t *testing.T) {
	img, err := asm.Assemble(os.DirFS("testdata"), "syntax.s", options)
	require.NoError(t, err)
	require.Equal(t, []byte("\x01\x00\x00\x00\xff\xff\xff\xff\x01\x02\xff\x80\x34\x12\x00\x00a\"b;#c\x00\xaa\x55\xaa\x55"), img.Scratch)
	require.Equal(t, []image.Segment{
		{Name: "w", Addr: 1024, Data: []byte{0, 4, 0, 0, 0, 0, 0, 0, 9, 4, 0, 0, 0, 0, 0, 0}},
		{Name: "l", Addr: 1056, Data: []byte{4, 0, 0, 0}},
	}, img.Segments)
	require.EqualValues(t, 0x10000, img.XMemBytes)
	require.Equal(t, []image.Tensor{{Name: "w", Space: "xmem", Layout: "blocks", Addr: 1024, Stride: 8192, Shape: []int{5, 10}, Bits: 16, Frac: 12}}, img.Tensors)
	require.Equal(t, []image.Note{
		{Name: "plan", Version: 2, Data: []byte("a: \"#\"\nb; // c\a")}, {Name: "empty"},
	}, img.Notes)
	for name, want := range map[string]image.Symbol{
		"var": {Space: image.Scratch, Value: 8}, "later": {Space: image.XMem, Value: 1060}, "end": {Space: image.Text, Value: 488},
		"GIVEN": {Value: 99}, "LATER": {Value: 42}, "v": {Value: 2},
	} {
		got, ok := img.Symbol(name)
		want.Name = name
		require.True(t, ok, name)
		require.Equal(t, want, got)
	}
}

func TestEntry(t *testing.T) {
	for text, want := range map[string]uint32{
		"nop\n_start: nop": 8, "nop\nnop": 0, "nop\nnop\nx: nop\n.entry x": 16, "_start = 5\nnop": 0, "": 0,
	} {
		img, err := assemble(text)
		require.NoError(t, err)
		require.Equal(t, want, img.Entry, text)
	}
}

func TestLocalSymbolsStayLocal(t *testing.T) {
	img, err := assemble(".Lx: 1: nop\n.if: nop\nj .Lx\nj 1b\nbig = 1 << 40\nneg = -1")
	require.NoError(t, err)
	require.Equal(t, []image.Symbol{{Name: "neg", Value: 0xffffffff}, {Name: ".if", Space: image.Text, Value: 8}}, img.Symbols)
}

func TestLoc(t *testing.T) {
	img, err := assemble("nop\n.file \"x.c\"\nnop\n.loc 77\nnop\nnop\n.loc 0\nnop")
	require.NoError(t, err)
	require.Equal(t, []image.Line{{Addr: 0, File: "main.s", Line: 1}, {Addr: 8, File: "x.c", Line: 3}, {Addr: 16, File: "x.c", Line: 77}, {Addr: 24, File: "x.c", Line: 77}}, img.Lines)
}

func TestIncludeDirectories(t *testing.T) {
	files := fstest.MapFS{"src/main.s": {Data: []byte(".include \"a.inc\"\n.include \"b.inc\"\n")},
		"src/a.inc": {Data: []byte("trap 1")}, "inc/a.inc": {Data: []byte("trap 9")}, "inc/b.inc": {Data: []byte("trap 2")}}
	img, err := asm.Assemble(files, "src/main.s", asm.Options{Include: []string{"inc"}})
	require.NoError(t, err)
	require.Equal(t, []isa.Word{isa.Pack(isa.OpTrap, 0, 0, 0, 0, 1), isa.Pack(isa.OpTrap, 0, 0, 0, 0, 2)}, img.Code)
	_, err = asm.Assemble(files, "none.s", asm.Options{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = asm.Assemble(files, "src/main.s", asm.Options{Defines: map[string]int64{"r1": 1}})
	require.ErrorContains(t, err, "define")
}

// Sources that would run for ever or take all memory are refused.
func TestRunaway(t *testing.T) {
	deep := ".equ a0, a1\n"
	for i := 1; i < 2000; i++ {
		deep += fmt.Sprintf(".equ a%d, a%d\n", i, i+1)
	}
	for text, want := range map[string]string{
		".macro m\nm\n.endm\nm":                                            "nested too deeply",
		".include \"main.s\"":                                              "nested too deeply",
		".rept 1000000000\n.endr":                                          "repetitions: got",
		".rept 10000\n.rept 10000\n.endr\n.endr":                           "too many lines",
		".scratch\n.zero 1 << 62":                                          "section .scratch: got end",
		".section .xmem.a\n.org 0x7fffffff\n.zero 2":                       "section .xmem.a: got end",
		".section .xmem.a\n.zero 0x7fffffff":                               "initial external data",
		".section .xmem.a\n.fill 1 << 62, 8, 1":                            "section .xmem.a",
		".zero 16392":                                                      "section .text: got end",
		".rept 90000\n.set x, 1" + strings.Repeat("+1", 20000) + "\n.endr": "main.s:2:1: too many lines: got more than 100000, counting each repetition",
		"li r1, " + strings.Repeat("(", 1000):                              "nested deeper",
		"li r1, " + strings.Repeat("-", 1000) + "1":                        "nested deeper",
		"li r1, 1" + strings.Repeat("+x", 40000):                           "line of 80008 bytes",
		".macro m a\n.macro n\n.endm\nm \\a\\a\\a\\a\\a\\a\n.endm\nm 12":   "bytes, want at most 65536",
		deep + ".equ a2000, 1\n":                                           "defined by one another",
	} {
		_, err := asm.Assemble(fstest.MapFS{"main.s": {Data: []byte(text)}}, "main.s", asm.Options{Lines: 100000})
		require.ErrorContains(t, err, want)
	}
}

// TestHungry: small sources that ask for much are refused before they get it.
func TestHungry(t *testing.T) {
	sections := ""
	for i := range 4097 {
		sections += fmt.Sprintf(".section .xmem.s%d\n", i)
	}
	tensors := ""
	for i := range 16385 {
		tensors += fmt.Sprintf(".tensor t%d, omem, rows, 0, 0, 1, 0, 0, 1\n", i)
	}
	for text, want := range map[string]string{
		tensors:                               "main.s:16385:1: tensors: got more than 16384",
		sections:                              "main.s:4097:1: sections: got more than 4096",
		".rept 10000000\n1:\n.endr":           "main.s:1:7: repetitions: got 10000000, want 0..3000000",
		".rept 2000000\n1:\n.endr":            "main.s:2:1: symbols: got more than 524288",
		".rept 2000000\n.if 1\n.endif\n.endr": "too many lines: got more than 3000000",
		".section .xmem.a\n.rept 2900000\n.byte x-x\n.endr\n.equ x, 1":                                "main.s:3:7: uses of symbols before their definition: got more than 1048576",
		".macro m a\n" + strings.Repeat("\\a\\a\n", 60000) + ".endm\nm " + strings.Repeat("x", 30000): "bytes of a macro's or .irp's lines: got ",
		".macro m\n" + strings.Repeat("\n", 40000) + "m\n.endm\nm":                                    "nested too deeply",
		".macro m\n" + strings.Repeat("\n", 70000) + ".endm\nm":                                       "bytes of a macro's or .irp's lines: got 4480000, want 0..4194304",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		_, err := assemble(text)
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, want)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(800<<20), want)
		t.Log(want, time.Since(start), (after.TotalAlloc-before.TotalAlloc)>>20)
		require.Less(t, time.Since(start), 10*time.Second, want)
	}
}

// TestManySections: a section is found again without a search.
func TestManySections(t *testing.T) {
	_, err := assemble(strings.Repeat(".section .xmem.a\n.section .xmem.b\n", 100000))
	require.NoError(t, err)
}

// TestOpenComments: a comment that does not end is an error where it begins.
func TestOpenComments(t *testing.T) {
	for text, want := range map[string]string{
		"start: li r1, 5\n/* never closed\nli r2, 6\nhalt\n": "main.s:2:1: comment without */",
		"nop /* a */ /* b\n\n":                               "main.s:1:13: comment without */",
		"/* a\n*/ nop /*":                                    "main.s:2:8: comment without */",
		".if 0\n/*\n.endif":                                  "main.s:2:1: comment without */",
		".include \"open.inc\"":                              "open.inc:1:5: comment without */",
		"/*/":                                                "main.s:1:1: comment without */",
	} {
		files := fstest.MapFS{"main.s": {Data: []byte(text)}, "open.inc": {Data: []byte("nop /*")}}
		_, err := asm.Assemble(files, "main.s", asm.Options{})
		require.ErrorContains(t, err, want, text)
	}
	for _, text := range []string{"/**/", "/*\n*/", ".scratch\n.ascii \"/*\"", "nop // /*", "nop # /*"} {
		_, err := assemble(text)
		require.NoError(t, err, text)
	}
}

// TestEndless: what never ends is not read to its end.
func TestEndless(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 256 MiB")
	}
	_, err := asm.Read("stdin", zeros{})
	require.EqualError(t, err, "stdin: got more than 134217728 bytes")
	_, err = asm.Assemble(os.DirFS("/dev"), "zero", asm.Options{})
	require.ErrorContains(t, err, "zero: got more than 134217728 bytes")
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// FuzzAssemble: no source makes it panic, and every error has a place in a line that exists.
func FuzzAssemble(f *testing.F) {
	for _, file := range []string{"all.s", "syntax.s", "errors.s", "errors2.s"} {
		b, err := os.ReadFile("testdata/" + file)
		require.NoError(f, err)
		f.Add(string(b))
		for _, line := range strings.Split(string(b), "\n") {
			f.Add(line)
		}
	}
	f.Add(`.error ""`)
	opt := asm.Options{Lines: 2000, DataBytes: 1 << 16, Defines: map[string]int64{"GIVEN": 1}}
	f.Fuzz(func(t *testing.T, text string) {
		img, err := asm.Assemble(fstest.MapFS{"main.s": {Data: []byte(text)}}, "main.s", opt)
		if err == nil {
			_, err = img.Bytes()
			require.NoError(t, err)
			return
		}
		var list asm.List
		require.True(t, errors.As(err, &list), "%v", err)
		lines := strings.Count(text, "\n") + 1
		for _, e := range list {
			require.NotEmpty(t, e.Msg)
			require.True(t, e.Line >= 1 && e.Line <= lines && e.Col >= 1 && e.Col <= len(e.Source)+1, "%s:%s", strconv.Itoa(e.Line), e.Error())
		}
	})
}
