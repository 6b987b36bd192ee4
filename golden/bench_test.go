package golden

import (
	"testing"

	"bdfasim/firmware/net"
)

func benchmarkStep(b *testing.B, name, rule string) {
	d, err := net.Preset(name)
	if err != nil {
		b.Fatal(err)
	}
	n := build(b, d, NetConfig{Rule: rule, Momentum: 0.9, Decay: 5e-4})
	x, y := samples(1, d, 32)
	if _, err := n.Step(x, y, 1e-4); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := n.Step(x, y, 1e-4); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(32*b.N)/b.Elapsed().Seconds(), "images/s")
}

func BenchmarkMLPStep(b *testing.B)       { benchmarkStep(b, "mlp-784-512-512-10", "bp") }
func BenchmarkMLPStepBDFA(b *testing.B)   { benchmarkStep(b, "mlp-784-512-512-10", "bdfa") }
func BenchmarkVGG16Step(b *testing.B)     { benchmarkStep(b, "vgg16-cifar", "bp") }
func BenchmarkVGG16StepCDFA(b *testing.B) { benchmarkStep(b, "vgg16-cifar", "cdfa") }
