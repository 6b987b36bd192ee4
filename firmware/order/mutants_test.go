package order

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa"
	"bdfasim/isa/disasm"
	"bdfasim/isa/image"
)

// verdict says what became of a wait when it was replaced by nop, in all programs that have it.
type verdict struct{ found, silent, missed int }

// mutate replaces each wait that a program executes by nop. A wait is silent if it told nothing in the first place: without it the program knows
// the same, so its loss cannot be found.
func mutate(t testing.TB, img *image.Image, all map[string]*verdict) {
	whole := check(t, img)
	for _, w := range whole.Waits {
		m := *img
		m.Code = slices.Clone(img.Code)
		m.Code[w.PC/isa.WordBytes] = isa.Pack(isa.OpNop, 0, 0, 0, 0, 0)
		r, err := Check(&m, Options{})
		v := all[waitName(img, w.PC)]
		if v == nil {
			v = &verdict{}
			all[waitName(img, w.PC)] = v
		}
		lost := err != nil || len(r.Findings) > len(whole.Findings)
		switch {
		case lost:
			require.NotZero(t, w.Told)
			v.found++
		case w.Told == 0:
			v.silent++
		default:
			v.missed++
		}
	}
}

// waitName names a wait by the label before it, without the numbers that the compiler gives to labels, and by the operation behind it.
func waitName(img *image.Image, pc uint32) string {
	best := image.Symbol{}
	for _, s := range img.Symbols {
		if s.Space == image.Text && s.Value <= pc && s.Value >= best.Value {
			best = s
		}
	}
	at := pc / isa.WordBytes
	text := strings.Fields(disasm.Line(img.Code[at], nil))
	return fmt.Sprintf("%s: %s; %s", strings.TrimRight(best.Name, "0123456789"), strings.Join(text, " "), isa.Lookup(img.Code[at+1].Op()).Name)
}

// judge demands a reason for each wait whose loss is not found in any program though it tells something.
func judge(t *testing.T, all map[string]*verdict, reasons map[string]string) {
	count := verdict{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch v := all[name]; {
		case v.found > 0:
			count.found++
		case v.missed == 0:
			count.silent++
			t.Logf("%s: tells nothing, in %d programs", name, v.silent)
		default:
			count.missed++
			t.Logf("%s: %s", name, reasons[name])
			require.Contains(t, reasons, name, "the loss of a wait is not found")
		}
	}
	t.Logf("%d waits: the loss of %d is found, %d tell nothing, %d tell what others tell, too", len(all), count.found, count.silent, count.missed)
}

// convNet has more channels than a tile has lanes.
func convNet(t testing.TB) *net.Net {
	n := &net.Net{Name: "conv", Classes: 10, Input: net.Shape{Channels: 3, Height: 7, Width: 7}}
	for _, out := range []int{260, 20} {
		n.Layers = append(n.Layers, net.Layer{Type: net.Conv, Out: out, Kernel: 3, Stride: 1, Pad: 1, Bias: out == 20}, net.Layer{Type: net.BN},
			net.Layer{Type: net.ReLU}, net.Layer{Type: net.MaxPool, Kernel: 2, Stride: 2})
	}
	n.Layers = append(n.Layers, net.Layer{Type: net.Flatten}, net.Layer{Type: net.FC, Out: 40, Bias: true}, net.Layer{Type: net.ReLU},
		net.Layer{Type: net.FC, Out: 10, Bias: true})
	require.NoError(t, n.Infer())
	return n
}

// short is a training of two epochs with a short last batch.
func short(j training) training {
	j.samples, j.batch, j.epochs, j.test = 6, 4, 2, 2
	return j
}

// mutantsOf goes through small programs that take the ways of large ones: convolutions that stay on the chip and others, three blocks of 32
// inputs, an input that streams.
func mutantsOf(t *testing.T, fused bool) map[string]*verdict {
	if testing.Short() {
		t.Skip("seconds")
	}
	all := map[string]*verdict{}
	conv := convNet(t)
	for _, n := range []training{{net: conv}, {net: conv, omem: 4096}, {net: mlp(t, 90, 270, 70, 10)}, {net: mlp(t, 530, 270, 70, 10), omem: 2000}} {
		for _, j := range []training{arms[0], arms[1], arms[3], arms[4]} {
			j.net, j.omem, j.fused = n.net, n.omem, fused
			img, _, err := short(j).build()
			require.NoError(t, err)
			mutate(t, img, all)
		}
	}
	return all
}

// reasons are those for waits that programs could do without.
var reasons = map[string]string{
	"conv_run: wait dnnc, 0; lw":    "the one at the end of conv_grad tells the same",
	"grad_tile: wait dnnc, 0; blt":  "so does the one at the start of a pass; within a pass wait dnnc, 1 does",
	"fc1_errors: wait drain, 0; li": "tile_mac waits for the drain, too, before the first product",
	"fc2_errors: wait drain, 0; li": "likewise",
}

func TestMutantsPlain(t *testing.T) {
	t.Parallel()
	judge(t, mutantsOf(t, false), reasons)
}

func TestMutantsFused(t *testing.T) {
	t.Parallel()
	all := mutantsOf(t, true)
	judge(t, all, reasons)
	for _, name := range []string{ // of the schedule itself
		"fc2_product: wait drain, 0; mark", "last: wait mom, 1; li", "last: wait mom, 2; li", "last: wait mom, 3; li", "last: wait mom, 0; lw",
		"fc1_errors: wait drain, 0; lw", "backward: wait epc, 0; lw", "backward: wait depc, 0; lw", "begun: wait dma, 0; mini",
	} {
		v := all[name]
		require.True(t, v != nil && v.found > 0, name)
	}
}

// without replaces waits by nop.
func without(img *image.Image, names ...string) *image.Image {
	m := *img
	m.Code = slices.Clone(img.Code)
	for i, w := range img.Code {
		if w.Op() == isa.OpWait && slices.Contains(names, waitName(img, uint32(i*isa.WordBytes))) {
			m.Code[i] = isa.Pack(isa.OpNop, 0, 0, 0, 0, 0)
		}
	}
	return &m
}

// TestTwoWaitsForOne: waits that tell the same can do without each other, not without both.
func TestTwoWaitsForOne(t *testing.T) {
	conv := short(training{net: convNet(t), rule: compile.BP, arm: compile.ArmDNNC})
	for _, c := range []struct {
		j     training
		waits [][]string
	}{
		{conv, [][]string{{"conv_run: wait dnnc, 0; lw", "conv_grad: wait dnnc, 0; li"}, {"grad_tile: wait dnnc, 0; blt"}}},
	} {
		img, _, err := c.j.build()
		require.NoError(t, err)
		clean(t, without(img, c.waits[0]...))
		clean(t, without(img, c.waits[1]...))
		require.Greater(t, len(check(t, without(img, slices.Concat(c.waits...)...)).Findings), len(check(t, img).Findings), c.j)
	}
}
