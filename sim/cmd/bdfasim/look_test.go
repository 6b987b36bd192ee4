package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npy"
	"github.com/stretchr/testify/require"
)

// assembled assembles a file.
func assembled(t *testing.T, source string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "prog.img")
	ok(t, "asm", source, "-o", name)
	return name
}

// sum is the image of a program without commands: it leaves 55 in r1 and in the scratch memory.
func sum(t *testing.T) string { return assembled(t, "../../../examples/sum/sum.s") }

// TestBrief: a program without commands and marks has a report without empty tables; for
// programs that read it, the report is always whole.
func TestBrief(t *testing.T) {
	img := sum(t)
	out := ok(t, "run", img)
	for _, table := range []string{"Summary", "Units", "Energy by unit"} {
		require.Contains(t, out, table)
	}
	for _, nothing := range []string{"External memory\n", "phase", "MACs  ", "DRAIN |  0.0", " EPC "} {
		require.NotContains(t, out, nothing)
	}
	require.Less(t, strings.Count(out, "\n"), 36)
	whole := ok(t, "run", img, "--format", "csv")
	for _, line := range []string{"read by DMA,0,0", "none,28,100", "MACs,0,", "EPC,0,0,0,0,0,100"} {
		require.Contains(t, whole, "\n"+line+"\n")
	}
}

func TestTraceFlag(t *testing.T) {
	img, file := sum(t), filepath.Join(t.TempDir(), "t.txt")
	want, err := os.ReadFile("../../trace/testdata/sum.txt")
	require.NoError(t, err)
	report := ok(t, "run", img)
	require.Equal(t, string(want)+report, ok(t, "run", img, "--trace"))
	require.Equal(t, report, ok(t, "run", img, "--trace="+file))
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))

	part := ok(t, "run", img, "--trace", "--from", "22", "--to", "24", "-o", os.DevNull)
	require.Equal(t, 4, strings.Count(part, "\n"))
	require.Contains(t, part, "r1=55")
	part = ok(t, "run", layer(t), "--trace", "--unit", "wld", "--label", "_start", "-o", os.DevNull)
	require.Equal(t, 6, strings.Count(part, "\n"), part)
}

// TestDump makes dumps at every kind of time, in every form.
func TestDump(t *testing.T) {
	img := sum(t)
	dump := func(args ...string) string {
		return ok(t, append([]string{"run", img, "-o", os.DevNull, "--dump"}, args...)...)
	}
	const head = "scratch:0:1, cycle 28, end; numbers of 32 bits\n0x000 "
	require.Equal(t, head+"55\n", dump("scratch:0:1"))
	require.Equal(t, head+"00000037\n", dump("scratch:0:1/hex@end"))
	require.Contains(t, dump("regs"), "r0   0 55  0  0")
	require.Equal(t, "regs:1:3, cycle 6; numbers of 32 bits\nr1 19  9\n", dump("regs:1:3@6"))
	two := dump("regs:1:2@24", "--dump", "regs:2:3@4")
	require.Less(t, strings.Index(two, "cycle 4;"), strings.Index(two, "cycle 24;"), "by time")
	require.Empty(t, dump("regs@fault"))

	file := filepath.Join(t.TempDir(), "x")
	require.Empty(t, dump("regs="+file))
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(b), "regs, cycle 28, end;")
	require.Empty(t, dump("regs="+file+".npy"))
	f, err := os.Open(file + ".npy")
	require.NoError(t, err)
	defer f.Close()
	var values []int64
	require.NoError(t, npy.Read(f, &values))
	require.EqualValues(t, 55, values[1])

	// Marks: the program of a layer has dma and ff 1.
	img = layer(t)
	require.Contains(t, dump("bias:0:2@dma.0"), "dma.0 done;")
	require.Contains(t, dump("omem:64:80@ff"), "ff.1 done;")
	require.Equal(t, exitFailure, bdfasim(t, "", "run", img, "--dump", "ptr@ff.2").code)
	r := bdfasim(t, "", "run", img, "--dump", "ptr@ff.1.2")
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "bdfasim: dump ptr@ff.1.2: the program ended before\n")
	require.Contains(t, r.out, "Summary", "the report is there")
}

// TestDumpOfFailure: a run that stops still shows what was there.
func TestDumpOfFailure(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trap.s")
	require.NoError(t, os.WriteFile(file, []byte("li r1, 7\ntrap 3\n"), 0o666))
	r := bdfasim(t, "", "run", assembled(t, file), "--dump", "regs:1:2@fault", "--dump", "regs:1:2",
		"--dump", "regs@99", "--trace")
	require.Equal(t, exitFailure, r.code)
	require.Equal(t, 2, strings.Count(r.out, ", stopped; numbers of 32 bits\nr1 7\n"), r.out)
	require.Contains(t, r.out, "li r1, 7")
	require.NotContains(t, r.stderr, "ended before")
}

// TestRecord: the recording of a unit is a table of a line a cycle; package trace tests the
// rest.
func TestRecord(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "wld.csv"), filepath.Join(dir, "omem.csv")
	img := layer(t)
	require.Equal(t, ok(t, "run", img), ok(t, "run", img, "--record", "wld="+a, "--record", "OMEM="+b))
	for _, name := range []string{a, b} {
		f, err := os.Open(name)
		require.NoError(t, err)
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1+324)
	}
}

func TestLookUsage(t *testing.T) {
	img := sum(t)
	for _, args := range []string{
		"--dump x", "--dump regs@", "--dump regs@0", "--dump regs@ff.x", "--dump regs@ff.1.0",
		"--dump regs@ff.1.1.1", "--dump regs:0", "--unit dma", "--label end", "--trace --unit x",
		"--trace --label x", "--record x=y",
	} {
		r := bdfasim(t, "", append([]string{"run", img}, strings.Fields(args)...)...)
		require.Equal(t, exitUsage, r.code, "%s: %s", args, r.stderr)
		require.Empty(t, r.out)
	}
	for _, args := range []string{
		"--trace=/none/t", "--vcd /none/x", "--record dma=/none/x", "--dump regs=/none/x",
	} {
		r := bdfasim(t, "", append([]string{"run", img}, strings.Fields(args)...)...)
		require.Equal(t, exitFailure, r.code, "%s: %s", args, r.stderr)
	}
}
