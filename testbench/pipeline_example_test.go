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

	"bdfasim/firmware"
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
// operands (or another unit), w weight buffers, m external memory, d room. "tenths" is how many of them the DNNC was
// busy, X all.
// docs/pipelines.md explains the picture.
func Example_forwardTile() {
	fmt.Print(forwardTile())
	// Output:
	// cycle   0         1000      2000      3000      4000      5000      6000      7000
	// SEQ     bboooooooooooooooooooooooooooooooooooooooooooooooooooooooooboooooooooooooooooo
	// DMA     iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiimbiiiiiiiiiiiiiiiiiii
	// WLD     ibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbwwwwbbbi
	// XMEM    ibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbiiiibbii
	// OMEM    ioooooobbbbbbbbbbbbbbbbobbbbbbbbbbobbbbbobbbbbbbbbbobbbbbbbbbbbbbbbbbbbbbbbbbb
	// DNNC    iwwwwwwbbbbbbbbbbbbbbbbwbbbbbbbbbbwbbbbbwbbbbbbbbbbwbbbbbbbbbbbbbbbbbbbbbbbiii
	// tenths  0000004XXXX88XXXX7XXXX94XXXXXXXXX92XXXX94XXXXXXXXX93XXXX97XXXX58XXXX9XXXXXX200
	// DRAIN   iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiooooooooooooooooobbb
}

func forwardTile() *wave.Diagram {
	job := shape{sizes: []int{784, 128, 64, 10}, samples: 64, batch: 32, epochs: 1, rule: firmware.BP}
	return drawMark(job.spec(1), activity.MakeTag(uint8(isa.PhaseFF), 1), 2)
}

// The page about pipelines shows the picture as it is drawn, and every test and example that it names is in the file that it
// links to.
func TestPipelinesPage(t *testing.T) {
	const docs = "../docs"
	page, err := os.ReadFile(filepath.Join(docs, "pipelines.md"))
	require.NoError(t, err)
	text := forwardTile().String()
	require.Contains(t, string(page), "    "+strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")+"\n")
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

// drawMark runs a training job and draws the n-th mark with a tag, from the cycle in which SEQ passes it to the one in which
// all its commands have retired. It panics when there is none.
func drawMark(spec firmware.Spec, tag activity.Tag, n int) *wave.Diagram {
	d := wave.NewDiagram("SEQ", "DMA", "WLD", "XMEM", "OMEM", "DNNC", "tenths", "DRAIN")
	d.Compact, d.Step = true, window
	var last activity.Tag
	var cycles int
	var counts [activity.NumUnits][activity.NumStatus]int
	sample := func() {
		if cycles == 0 {
			return
		}
		tenths := 10 * counts[activity.DNNC][activity.Busy] / cycles
		d.Sample(most(counts[activity.Seq]), most(counts[activity.DMA]), most(counts[activity.WLD]), most(counts[activity.XMem]),
			most(counts[activity.OMEM]), most(counts[activity.DNNC]), string("0123456789X"[tenths]), most(counts[activity.Drain]))
		clear(counts[:])
		cycles = 0
	}
	chip := newChip(spec)
	w := chip.Chip().Wires()
	_, err := chip.Run(context.Background(), 0, sim.Options{OnCycle: func(uint64) error {
		if w.Seq.Tag == tag && last != tag {
			n--
		}
		if last = w.Seq.Tag; n > 0 {
			return nil
		}
		for u, s := range chip.Chip().Status() {
			counts[u][s]++
		}
		if cycles++; cycles == window {
			sample()
		}
		if w.Seq.TagDone.Valid && w.Seq.TagDone.Tag == tag {
			sample()
			return errDrawn
		}
		return nil
	}})
	if err != errDrawn {
		panic(err)
	}
	return d
}

// newChip returns an engine with a training image in place.
func newChip(spec firmware.Spec) *sim.Engine {
	img, _, err := firmware.Build(spec)
	if err != nil {
		panic(err)
	}
	chip, err := rtl.New(rtl.DefaultConfig())
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
