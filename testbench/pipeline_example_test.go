package testbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
	"bdfasim/sim/wave"
)

// window is the number of cycles that a column of the diagram stands for.
const window = 100

// The forward pass of the first layer, 784 inputs to 128 neurons, in the second step of a training run: one tile of 13
// blocks of weights. A letter is what the unit did in most of the 100 cycles of a column: b busy, i idle, or waiting for o
// operands (or another unit), w weight buffers, m external memory, d room. "tenths" is how many of them the DNNC was busy,
// X all. Below stand the cycles in which commands were done. docs/pipelines.md explains the picture.
func Example_forwardTile() {
	fmt.Print(forwardTile())
	// Output:
	// cycle   0         1000      2000      3000      4000      5000      6000      7000
	// SEQ     boooooooooooooooooooooooooooooooooooooooooooooooooooooooobooooooooooooooooooooo
	// DMA     iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiibiiiiiiiiiiiiiiiiiiiiii
	// WLD     ibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbmbbbbbbbbbbbbbbbbbbwwwwbbbii
	// XMEM    ibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbiiiibbbii
	// OMEM    iooooobbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbobbbbbbbbbbbobbbbbbbbbb
	// DNNC    iwwwwwbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbwbbbbbbbbbbbbbbbbbbiiii
	// tenths  0000007XXXXXXXXXX9XXXX58XXXX6XXXXXXXXXX79XXXX7XXXX99XXXX1XXXXX9XXXX85XXXXXX4000
	// DRAIN   iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiioooooooooooooooooobbbb
	//
	// loads     [624 1157 1727 2311 2880 3413 4008 4572 5100 5689 6259 6848 6976 7711]
	// products  [1160 1726 2257 2843 3419 3972 4552 5099 5605 6255 6787 7395 7544]
	// drain     [7809]
}

// forwardTile draws the example.
func forwardTile() string {
	network, err := net.MLP(net.ReLU, 784, 128, 64, 10)
	if err != nil {
		panic(err)
	}
	tag := activity.MakeTag(uint8(isa.PhaseFF), 1)
	return drawMark(engineOf(network), tag, 2, func(w *rtl.Wires) bool { return w.Seq.TagDone.Valid && w.Seq.TagDone.Tag == tag })
}

// Two tiles of the second convolution of cnn-small, 8 channels of 14 x 14 pixels to 16, in the second step of a training run with
// 32 images: 128 pixels on four streams, nine taps in two blocks of weights. The drawing begins with the mark and ends with
// the second tile's drain. docs/pipelines.md explains the picture.
func Example_convolutionTiles() {
	fmt.Print(convolutionTiles())
	// Output:
	// cycle   0         1000      2000      3000      4000      5000      6000      7000      8000      9000
	// SEQ     boooooooooooooooooooooooooooooooooooooooooobbooooooooooooooooooooooobbbooooooooooooooooooobo
	// DMA     imbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbiiiiiiiiiiiiiiiiiiiiiiimmbbbbbbbbbbbbbbbbbbbbbbmm
	// WLD     iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiibiiiiiiiiiiiiiiiiiiiiiiiibwwwwwwwwwwwwwwwwwwmwww
	// XMEM    iibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbibiiiiiiiiiiiiiiiiiiiiibbbbbbbbbbbbbbbbbbbbbbbbbb
	// OMEM    iiibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbiobbbbbbbbbbbbbbbbbbbbiiibbbbbbbbbbbbbbbbbbbbbbbb
	// DNNC    iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiwbbbbbbbbbbbbbbbbbbbbbiiiwbbbbbbbbbbbbbbbbbbbbbb
	// tenths  000000000000000000000000000000000000000000003XXXXXXXXXXXXXXXXXXXX500008XXXXXXXXXXXXXXXXXXXXX
	// DRAIN   iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiioooooooooooooooooooooobiiooooooooooooooooooooobb
	//
	// loads     [4469 4477 7014 7030 8933 9028]
	// products  [6284 6557 8752 9002]
	// drain     [6733 9165]
}

// convolutionTiles draws the example.
func convolutionTiles() string {
	network, err := net.Preset("cnn-small")
	if err != nil {
		panic(err)
	}
	tiles := 0
	return drawMark(engineOf(network), activity.MakeTag(uint8(isa.PhaseFF), 2), 2, func(w *rtl.Wires) bool {
		if w.Drain.Done.Valid {
			tiles++
		}
		return tiles == 2
	})
}

// The page about pipelines shows the picture as it is drawn, and every test and example that it names is in the file that it
// links to.
func TestPipelinesPage(t *testing.T) {
	const docs = "../docs"
	page, err := os.ReadFile(filepath.Join(docs, "pipelines.md"))
	require.NoError(t, err)
	var indented strings.Builder
	for _, picture := range []string{forwardTile(), convolutionTiles()} {
		indented.Reset()
		for line := range strings.Lines(picture) {
			if line != "\n" {
				line = "    " + line
			}
			indented.WriteString(line)
		}
		require.Contains(t, string(page), indented.String())
	}
	links := regexp.MustCompile("\\[`(\\w+)`\\]\\(([^)]+)\\)").FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, links)
	for _, l := range links {
		source, err := os.ReadFile(filepath.Join(docs, l[2]))
		require.NoError(t, err)
		require.Contains(t, string(source), "\nfunc "+l[1]+"(", l[2])
	}
}

// errDrawn ends a run when the picture is complete.
var errDrawn = errors.New("drawn")

// drawMark runs a training job and draws the n-th mark with a tag, from the cycle in which SEQ passes it (0) to the one in
// which end holds. It panics when there is none.
func drawMark(engine *sim.Engine, tag activity.Tag, n int, end func(*rtl.Wires) bool) string {
	chip := engine.Chip()
	w := chip.Wires()
	p := newPicture()
	var last activity.Tag
	_, err := engine.Run(context.Background(), 0, sim.Options{OnCycle: func(uint64) error {
		if w.Seq.Tag == tag && last != tag {
			n--
		}
		if last = w.Seq.Tag; n > 0 {
			return nil
		}
		p.sample(chip)
		if end(w) {
			return errDrawn
		}
		return nil
	}})
	if err != errDrawn {
		panic(err)
	}
	return p.String()
}

// picture is a diagram of the units of a forward tile, with the cycles in which commands were done.
type picture struct {
	diagram                *wave.Diagram
	cycles, inColumn       int
	counts                 [activity.NumUnits][activity.NumStatus]int // of the present column
	loads, products, drain []int
}

func newPicture() *picture {
	d := wave.NewDiagram("SEQ", "DMA", "WLD", "XMEM", "OMEM", "DNNC", "tenths", "DRAIN")
	d.Compact, d.Step = true, window
	return &picture{diagram: d}
}

// sample adds a cycle.
func (p *picture) sample(chip *rtl.Chip) {
	for u, s := range chip.Status() {
		p.counts[u][s]++
	}
	w := chip.Wires()
	for _, c := range []struct {
		done bool
		list *[]int
	}{{w.WLD.Done.Valid, &p.loads}, {w.DNNC.Done.Valid, &p.products}, {w.Drain.Done.Valid, &p.drain}} {
		if c.done {
			*c.list = append(*c.list, p.cycles)
		}
	}
	p.cycles++
	if p.inColumn++; p.inColumn == window {
		p.column()
	}
}

// column adds what the units did since the last one to the diagram.
func (p *picture) column() {
	if p.inColumn == 0 {
		return
	}
	c := &p.counts
	tenths := 10 * c[activity.DNNC][activity.Busy] / p.inColumn
	p.diagram.Sample(most(c[activity.Seq]), most(c[activity.DMA]), most(c[activity.WLD]), most(c[activity.XMem]),
		most(c[activity.OMEM]), most(c[activity.DNNC]), string("0123456789X"[tenths]), most(c[activity.Drain]))
	p.inColumn, *c = 0, [activity.NumUnits][activity.NumStatus]int{}
}

// String ends the last column and draws.
func (p *picture) String() string {
	p.column()
	return fmt.Sprintf("%s\nloads     %v\nproducts  %v\ndrain     %v\n", p.diagram, p.loads, p.products, p.drain)
}

// engineOf returns an engine with a program that trains a network with back-propagation on two batches of 32.
func engineOf(network *net.Net) *sim.Engine {
	spec, err := job{net: network, rule: compile.BP, samples: 64, batch: 32, epochs: 1}.spec(1)
	if err != nil {
		panic(err)
	}
	img, _, err := compile.Build(spec)
	if err != nil {
		panic(err)
	}
	chip, err := rtl.New(rtl.For(rtl.DefaultConfig(), img.Code))
	if err != nil {
		panic(err)
	}
	engine := sim.New(chip)
	if err := engine.LoadImage(img); err != nil {
		panic(err)
	}
	return engine
}

// most is the letter of the most frequent status, of equals the first.
func most(counts [activity.NumStatus]int) string {
	top := activity.Idle
	for s := range activity.NumStatus {
		if counts[s] > counts[top] {
			top = s
		}
	}
	return top.String()[:1]
}
