package testbench

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/rtl"
	"bdfasim/rtl/epc"
	"bdfasim/testbench/cosim"
	"bdfasim/testbench/cosim/sv"
)

// chipImages are the programs that the whole RTL chip boots.
func chipImages(t testing.TB) map[string]job {
	small, err := net.Parse([]byte(smallNet), "small.yaml")
	require.NoError(t, err)
	hidden := mlp(t, 70, 40, 20, 18)
	images := map[string]job{
		"bp":          {net: hidden, samples: 8, batch: 8, rule: compile.BP},
		"bdfa":        {net: hidden, samples: 8, batch: 8, rule: compile.BDFA},
		"bdfa-stored": {net: hidden, samples: 8, batch: 8, rule: compile.BDFA, stored: true},
		"dfa16":       {net: hidden, samples: 8, batch: 8, rule: compile.DFA},
		"cnn":         {net: small, samples: 2, batch: 2, rule: compile.BP},
		"epc":         {net: hidden, samples: 8, batch: 8, rule: compile.BP, arm: compile.ArmEPC, kind: epc.Tree},
		"bdfa-fused":  {net: hidden, samples: 16, batch: 8, rule: compile.BDFA, fused: true},
	}
	for name, j := range images {
		j.epochs, j.test = 1, 2
		images[name] = j
	}
	return images
}

// chipMachines are those that the whole chip is built for: with all optional units.
func chipMachines(t testing.TB) []machine.Config {
	var list []machine.Config
	for _, m := range [][]string{
		{"reference"},
		{"small", "dnnc.lanes=64", "dnnc.product_registers=1"},
	} {
		c, err := machine.Named(m[0])
		require.NoError(t, err)
		require.NoError(t, c.Set("twin", append(m[1:], "fused=true", "norm.channels=64", "epc.kind=tree", "xmem.bytes=4194304")...))
		require.NoError(t, rtl.Validate(&c))
		list = append(list, c)
	}
	return list
}

// TestCosimChip boots images on the whole RTL chip and on the Go chip: they halt in the same cycle,
// all wires are equal on every cycle, and memories and counts of events at the end.
func TestCosimChip(t *testing.T) {
	source := cosimSource(t)
	images := chipImages(t)
	names := make([]string, 0, len(images))
	for name := range images {
		if cosim.Selected(*cosimImages, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, m := range chipMachines(t) {
		if !cosim.Selected(*cosimMachines, m.Name) {
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			tw := &twin{source: source, machine: m, chip: sv.New(m)}
			for _, name := range names {
				t.Run(name, func(t *testing.T) {
					img := tw.compile(t, images[name], 5)
					require.NotNil(t, img, "the program does not fit")
					tw.boot(t, img)
				})
			}
		})
	}
}

// twinMemories are the memories of the RTL that are compared at the end.
func twinMemories(img *image.Image) []rtlMemory {
	return []rtlMemory{
		{Name: "xmem", Path: "xmem.mem", Words: (int(img.XMemBytes) + isa.BurstBytes - 1) / isa.BurstBytes},
		{Name: "omem", Path: "omem.mem"}, {Name: "ptr", Path: "omem.ptr"},
		{Name: "mask", Path: "mask.mem"}, {Name: "scratch", Path: "seq.scratch"},
	}
}

// boot runs an image on both chips.
func (tw *twin) boot(t *testing.T, img *image.Image) {
	bench, err := tw.source.Chip(tw.chip, twinMemories(img))
	require.NoError(t, err)
	dir := t.TempDir()
	args, err := writeMemories(img, dir)
	require.NoError(t, err)
	chip := withImage(t, img, tw.machine)
	chip.KeepAwake()
	wires := reflect.ValueOf(chip.Wires()).Elem()
	var values []any
	var outs []unsafe.Pointer
	for i := range wires.NumField() {
		values = append(values, wires.Field(i).Interface())
		outs = append(outs, wires.Field(i).Addr().UnsafePointer())
	}
	began := time.Now()
	r, err := startReplay(bench, nil, values, append(args, "+dump="+dir)...)
	require.NoError(t, err)
	for !chip.Wires().Seq.Finished {
		chip.Step()
		r.Cycle(nil, outs...)
	}
	require.False(t, chip.Faulted())
	require.NoError(t, r.Close())
	require.NoError(t, r.Check(chip.Activity(), nil))
	require.Equal(t, externalOf(chip, img), readHex(t, dir, "xmem"), "external memory")
	require.Equal(t, wordsOfMemory(chip.OMEM.Mem, 8), readHex(t, dir, "omem"), "OMEM")
	require.Equal(t, wordsOfMemory(chip.OMEM.Ptr, 3), readHex(t, dir, "ptr"), "pointers")
	require.Equal(t, wordsOfMemory(chip.MaskMemory(), 2), readHex(t, dir, "mask"), "masks")
	require.Equal(t, wordsOfMemory(wordsOfScratch(chip), 4), readHex(t, dir, "scratch"), "scratch memory")
	t.Logf("%d cycles to halt, %d values of wires equal, %.0f cycles/s", r.Cycles, r.Compared,
		float64(r.Cycles)/time.Since(began).Seconds())
}

// readHex reads a memory that the RTL has written, word by word as bytes, the highest first.
func readHex(t *testing.T, dir, name string) (text string) {
	f, err := os.Open(filepath.Join(dir, name+".hex"))
	require.NoError(t, err)
	defer f.Close()
	var b strings.Builder
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if line := lines.Text(); !strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "@") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func wordsOfScratch(chip *rtl.Chip) (words []uint32) {
	for mem := chip.Seq.Scratch; len(mem) > 0; mem = mem[4:] {
		words = append(words, binary.LittleEndian.Uint32(mem))
	}
	return words
}

func wordsOfMemory[W ~uint16 | ~uint32 | ~uint64](mem []W, bytes int) string {
	var b strings.Builder
	for _, w := range mem {
		fmt.Fprintf(&b, "%0*x\n", 2*bytes, uint64(w))
	}
	return b.String()
}

func externalOf(chip *rtl.Chip, img *image.Image) string {
	var b strings.Builder
	mem := chip.XMemory()
	for at := 0; at < int(img.XMemBytes); at += isa.BurstBytes {
		burst := slices.Clone(mem[at : at+isa.BurstBytes])
		slices.Reverse(burst)
		b.WriteString(hex.EncodeToString(burst) + "\n")
	}
	return b.String()
}

// TestCosimSpeed gives the speed of the Go chip and of the Verilated RTL on the same images, in one
// run: simulated cycles a second, the best of three rounds, and of one and two threads.
func TestCosimSpeed(t *testing.T) {
	source := *cosimSource(t)
	source.Opt = "-O3"
	version, err := exec.Command("verilator", "--version").Output()
	require.NoError(t, err)
	t.Logf("%s", version)
	m := chipMachines(t)[0]
	images := chipImages(t)
	for _, name := range []string{"bdfa", "cnn"} {
		tw := &twin{source: &source, machine: m, chip: sv.New(m)}
		img := tw.compile(t, images[name], 5)
		args, err := writeMemories(img, t.TempDir())
		require.NoError(t, err)
		var cycles uint64
		ours, theirs := math.Inf(1), math.Inf(1)
		for range 3 {
			chip := withImage(t, img, m)
			began := time.Now()
			for !chip.Wires().Seq.Finished {
				chip.Step()
			}
			ours = min(ours, time.Since(began).Seconds())
			cycles = chip.Cycle()
		}
		for source.Threads = 1; source.Threads <= 2; source.Threads++ {
			bench, err := source.Chip(tw.chip, nil)
			require.NoError(t, err)
			for range 3 {
				took, err := bench.Time(cycles, args...)
				require.NoError(t, err)
				theirs = min(theirs, took)
			}
		}
		n := float64(cycles)
		t.Logf("%-8s %8d cycles   Go %10.0f cycles/s   Verilated RTL %10.0f cycles/s   ratio %.0f (wanted: at least 50)",
			name, cycles, n/ours, n/theirs, theirs/ours)
	}
}
