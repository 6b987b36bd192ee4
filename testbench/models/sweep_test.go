package models

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/golden/data"
)

// trial is a training of the fixed-point model for choosing settings: on the embedded training images without the last 40 of
// each class, which tell the accuracy.
type trial struct {
	net, rule     string
	eta           float64
	epochs, every int // eta is a quarter after so many epochs
	formats       compile.Formats
}

// accuracy trains and returns the part of the held-out images that are classified correctly, in percent.
func (c trial) accuracy(b *testing.B, seed uint32) float64 {
	n, err := net.Preset(c.net)
	require.NoError(b, err)
	all, _, err := data.Embedded()
	require.NoError(b, err)
	train, held, err := all.HoldOutLast(400)
	require.NoError(b, err)
	o := Options{Rule: c.rule, Momentum: 0.9, Seed: seed}
	f, err := Float(n, o)
	require.NoError(b, err)
	s, err := Spec(f, o, c.formats)
	require.NoError(b, err)
	s.Train, s.Eta, s.Epochs, s.Batch = Images(train.Images, train.Labels, n.Input), c.eta, c.epochs, 32
	s.LRShiftEvery, s.LRShift = c.every, 2
	img, p, err := compile.Build(s)
	require.NoError(b, err)
	m, err := Fixed(p, img, 48)
	require.NoError(b, err)
	for epoch := range c.epochs {
		for part := range slices.Chunk(data.Order(uint64(seed), uint64(epoch), train.N), 32) {
			x, y := train.Pick(part), make([]int, len(part))
			for k := range y {
				y[k] = int(x.Labels[k])
			}
			m.Step(Images(x.Images, x.Labels, n.Input).Images, y, p.Header.EtaAt(epoch, len(part)))
		}
	}
	y := make([]int, held.N)
	for k := range y {
		y[k] = int(held.Labels[k])
	}
	return 100 * float64(m.Eval(Images(held.Images, held.Labels, n.Input).Images, y)) / float64(held.N)
}

// report adds mean and standard deviation over the seeds 101 to 103 to a benchmark.
func (c trial) report(b *testing.B) {
	for b.Loop() {
		sum, squares := 0.0, 0.0
		for seed := range uint32(3) {
			a := c.accuracy(b, 101+seed)
			sum, squares = sum+a, squares+a*a
		}
		b.ReportMetric(sum/3, "%")
		b.ReportMetric(math.Sqrt(max(0, squares-sum*sum/3)/2), "sd")
	}
}

// BenchmarkRates measures learning rates, for docs/networks.md: go test ./testbench/models -bench Rates -benchtime 1x
func BenchmarkRates(b *testing.B) {
	for _, n := range []struct {
		name, bdfa string
		epochs     int
	}{{"mlp-784-128-64-10", "bdfa", 10}, {"cnn-small", "cbdfa", 6}, {"lenet", "cbdfa", 6}} {
		for k := 5; k <= 8; k++ {
			b.Run(fmt.Sprintf("%s/bp/2^-%d", n.name, k), func(b *testing.B) {
				trial{n.name, "bp", math.Ldexp(1, -k), n.epochs, 0, compile.DefaultFormats()}.report(b)
			})
			b.Run(fmt.Sprintf("%s/%s/2^-%d", n.name, n.bdfa, k+2), func(b *testing.B) {
				trial{n.name, n.bdfa, math.Ldexp(1, -k-2), n.epochs, 0, compile.DefaultFormats()}.report(b)
			})
		}
	}
}

// BenchmarkFormats measures formats of fully connected layers likewise, with the demo's training: the default ones, and each
// format changed by itself.
func BenchmarkFormats(b *testing.B) {
	def := compile.DefaultFormats()
	def.Fe = 13 // fully connected layers take no more
	for _, rule := range []string{"bp", "bdfa"} {
		eta := map[string]float64{"bp": 1. / 64, "bdfa": 1. / 512}[rule]
		run := func(name string, v int, change func(*compile.Formats, int)) {
			f := def
			change(&f, v)
			b.Run(fmt.Sprintf("%s/%s=%d", rule, name, v), func(b *testing.B) {
				trial{"mlp-784-128-64-10", rule, eta, 20, 16, f}.report(b)
			})
		}
		run("Fw", def.Fw, func(*compile.Formats, int) {})
		for _, v := range []int{10, 11, 13} {
			run("Fw", v, func(f *compile.Formats, v int) { f.Fw = v })
		}
		for _, v := range []int{11, 12} {
			run("Fe", v, func(f *compile.Formats, v int) { f.Fe = v })
		}
		for _, v := range []int{7, 9} {
			run("Fo", v, func(f *compile.Formats, v int) { f.Fo = v })
		}
		for _, v := range []int{18, 19, 21} {
			run("Fv", v, func(f *compile.Formats, v int) { f.Fv = v })
		}
	}
}
