package sim

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkRun is the time of a simulated cycle, and what the engine adds to the chip's step.
func BenchmarkRun(b *testing.B) {
	load := func() *Engine {
		e := New(chip(b))
		require.NoError(b, e.LoadImage(assemble(b, "1: j 1b")))
		return e
	}
	b.Run("step", func(b *testing.B) {
		e := load()
		for b.Loop() {
			e.chip.Step()
		}
	})
	b.Run("engine", func(b *testing.B) {
		e := load()
		b.ResetTimer()
		_, err := e.Run(context.Background(), uint64(b.N), Options{})
		var limit *LimitError
		if !errors.As(err, &limit) {
			b.Fatal(err)
		}
	})
}
