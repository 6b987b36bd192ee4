package trace

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bdfasim/isa/asm"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/sim"
)

var update = flag.Bool("update", false, "rewrite the expected files in testdata")

// assemble assembles a program of prog.s.
func assemble(t testing.TB, text string) *image.Image {
	t.Helper()
	img, err := asm.Assemble(fstest.MapFS{"prog.s": {Data: []byte(text)}}, "prog.s", asm.Options{})
	require.NoError(t, err)
	return img
}

// file assembles a file.
func file(t testing.TB, name string) *image.Image {
	t.Helper()
	img, err := asm.Assemble(os.DirFS(filepath.Dir(name)), filepath.Base(name), asm.Options{})
	require.NoError(t, err)
	return img
}

// load returns an engine with an image in a chip with 1 MiB of external memory.
func load(t testing.TB, img *image.Image) *sim.Engine {
	t.Helper()
	cfg := rtl.DefaultConfig()
	cfg.XMem.Bytes = 1 << 20
	chip, err := rtl.New(rtl.For(cfg, img.Code))
	require.NoError(t, err)
	e := sim.New(chip)
	require.NoError(t, e.LoadImage(img))
	return e
}

// follow returns the trace of a program.
func follow(t testing.TB, img *image.Image, f Filter) string {
	t.Helper()
	e := load(t, img)
	var b bytes.Buffer
	tr, err := New(&b, img, e.Chip(), f)
	require.NoError(t, err)
	_, err = e.Run(context.Background(), 100_000, sim.Options{OnCycle: tr.Cycle})
	require.NoError(t, err)
	require.NoError(t, tr.Close())
	return b.String()
}

// TestTrace has a scalar program and one with commands in full.
func TestTrace(t *testing.T) {
	sources := map[string]string{"sum.txt": "../../examples/sum/sum.s", "layer.txt": "../testdata/layer.s"}
	for name, source := range sources {
		got := follow(t, file(t, source), Filter{})
		if *update {
			require.NoError(t, os.WriteFile(filepath.Join("testdata", name), []byte(got), 0o666))
		}
		want, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		require.Equal(t, string(want), got, "rewrite with -update if this is meant")
		for _, line := range strings.Split(got, "\n") {
			require.LessOrEqual(t, len(line), 80, line)
		}
	}
}

// TestResults: what an instruction did, also when it is known only later, or when the word
// alone does not say it.
func TestResults(t *testing.T) {
	img := assemble(t, `
		.text
		li r1, 0x12345
		sh r1, 6(r0)
		lhu r2, 6(r0)
		mov r0, r1
		set dma.n, r1
		jal r15, next
next:	seti dma.n, 32
		seti dma.limit, 64
		li r3, 1
		dma.scr
		seti drain.nb, 1
		get r4, drain.sat
		li r4, 7
		get r4, drain.sat
		li r6, 65
		seti wld.rows, 16
		seti wld.groups, 1
		wld.w b1, r6
		halt
	`)
	var results []string
	for _, line := range strings.Split(follow(t, img, Filter{}), "\n")[1:] {
		if line != "" && !strings.Contains(line, "retired") {
			results = append(results, strings.TrimSpace(line[min(len(line), 66):]))
		}
	}
	require.Equal(t, []string{
		"r1=74565", "[0x6]=9029", "r2=9029", "", "=74565", "r15=48", "", "", "r3=1", "", "",
		"r4=0", "r4=7", "r4=0", "r6=65", "", "", "t", "",
	}, results)
}

// TestLateValue: a get's value lands two cycles later; what happens meanwhile stands behind it,
// in the order of cycles.
func TestLateValue(t *testing.T) {
	gets := strings.Repeat("get r1, drain.sat\n", 20)
	img := assemble(t, "seti dma.n, 32\n dma.scr\n"+gets+"wait dma, 0\nhalt")
	lines := strings.Split(strings.TrimSpace(follow(t, img, Filter{})), "\n")
	last, between := "", false
	for i, line := range lines[1:] {
		require.Less(t, last, line[:8])
		last = line[:8]
		if strings.Contains(line, "retired") {
			between = strings.Contains(lines[i], "get") && strings.Contains(lines[i+2], "get")
		}
		if strings.Contains(line, "get") {
			require.True(t, strings.HasSuffix(line, "r1=0"), line)
		}
	}
	require.True(t, between, "the program has its command retire among the gets")
}

// TestLost: a get that the run cuts off shows no value, and is not lost.
func TestLost(t *testing.T) {
	img := assemble(t, "li r1, 5\nget r1, drain.sat\nhalt")
	e := load(t, img)
	var b bytes.Buffer
	tr, err := New(&b, img, e.Chip(), Filter{})
	require.NoError(t, err)
	_, err = e.Run(context.Background(), 3, sim.Options{OnCycle: tr.Cycle})
	require.ErrorAs(t, err, new(*sim.LimitError))
	require.NoError(t, tr.Close())
	require.True(t, strings.HasSuffix(b.String(), "get r1, drain.sat\n"), b.String())
}

func TestFilters(t *testing.T) {
	img := file(t, "../testdata/layer.s")
	all := strings.Split(strings.TrimSpace(follow(t, img, Filter{})), "\n")[1:]
	keep := func(f Filter) []string {
		lines := strings.Split(strings.TrimSpace(follow(t, img, f)), "\n")[1:]
		for _, line := range lines {
			require.Contains(t, all, line)
		}
		return lines
	}
	require.Equal(t, all[9:12], keep(Filter{From: 10, To: 12}))
	require.Equal(t, all[len(all)-3:], keep(Filter{From: 316}))
	dma := keep(Filter{Unit: "dma"})
	require.Len(t, dma, 8) // three parameters, two commands that retire, a wait
	for _, line := range dma {
		require.Contains(t, line, "dma")
	}
	require.Len(t, keep(Filter{Unit: "SEQ"}), 4, "two marks, li, halt")

	img = file(t, "../../examples/sum/sum.s")
	all = strings.Split(strings.TrimSpace(follow(t, img, Filter{})), "\n")[1:]
	require.Equal(t, all[len(all)-2:], keep(Filter{Label: "end"}))
	img = assemble(t, "a: li r1, 1\nli r2, 2\nb: li r3, 3\nc: halt")
	all = strings.Split(strings.TrimSpace(follow(t, img, Filter{})), "\n")[1:]
	require.Equal(t, all[:2], keep(Filter{Label: "a"}))
	require.Equal(t, all[2:3], keep(Filter{Label: "b"}))

	chip := load(t, img).Chip()
	_, err := New(&bytes.Buffer{}, img, chip, Filter{Label: "d"})
	require.EqualError(t, err, `trace: the program has no label "d"`)
	_, err = New(&bytes.Buffer{}, img, chip, Filter{Unit: "xmem"})
	require.EqualError(t, err, `trace: got unit "xmem", want one that takes commands, or seq`)
}
