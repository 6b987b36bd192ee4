package testbench

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
)

// Shapes at the edges of what the compiler takes, in lock-step: maps that are flattened at once, more channels of an image than
// a block has, the largest kernel, maps of one pixel, steps between pixels that no window reaches; without tests, with a
// test set smaller than a batch, and with training sets that are smaller than a batch or end in a full one.
func TestEdges(t *testing.T) {
	conv := func(out, kernel, stride, pad int) net.Layer {
		return net.Layer{Type: net.Conv, Out: out, Kernel: kernel, Stride: stride, Pad: pad, Bias: true}
	}
	fc := func(out int) net.Layer { return net.Layer{Type: net.FC, Out: out, Bias: true} }
	more := func(l net.Layer, extra int) net.Layer { l.Extra = extra; return l }
	relu, flatten := net.Layer{Type: net.ReLU}, net.Layer{Type: net.Flatten}
	for name, c := range map[string]struct {
		input  net.Shape
		layers []net.Layer
	}{
		"flattened image":   {net.Shape{Channels: 2, Height: 3, Width: 4}, []net.Layer{flatten, fc(5)}},
		"flattened, hidden": {net.Shape{Channels: 3, Height: 5, Width: 7}, []net.Layer{flatten, fc(20), relu, fc(5)}},
		"80 channels":       {net.Shape{Channels: 80, Height: 3, Width: 3}, []net.Layer{conv(20, 3, 1, 1), relu, flatten, fc(5)}},
		"131 channels":      {net.Shape{Channels: 131, Height: 2, Width: 5}, []net.Layer{conv(20, 2, 1, 1), relu, conv(8, 1, 1, 0), relu, flatten, fc(5)}},
		"kernel 15":         {net.Shape{Channels: 2, Height: 9, Width: 16}, []net.Layer{conv(3, 15, 1, 14), relu, conv(4, 8, 4, 7), {Type: net.BN}, relu, flatten, fc(5)}},
		"one pixel":         {net.Shape{Channels: 1, Height: 1, Width: 1}, []net.Layer{conv(3, 1, 4, 0), {Type: net.BN}, relu, conv(70, 3, 2, 1), relu, flatten, fc(5)}},
		"uneven padding": {net.Shape{Channels: 2, Height: 12, Width: 9}, []net.Layer{
			more(conv(18, 3, 2, 0), 2), relu, more(conv(6, 4, 1, 2), -1), {Type: net.BN}, relu, more(conv(5, 3, 2, 1), -1), relu, flatten, fc(5)}},
		"steps of 4": {net.Shape{Channels: 3, Height: 9, Width: 10}, []net.Layer{conv(17, 1, 2, 0), relu, conv(5, 1, 4, 0), relu, flatten, fc(5)}},
	} {
		n := &net.Net{Name: name, Input: c.input, Classes: 5, Layers: c.layers}
		require.NoError(t, n.Infer(), name)
		for _, rule := range []string{compile.BP, compile.BDFA, compile.DFA} {
			for _, sizes := range [][3]int{{8, 19, 0}, {8, 16, 3}, {8, 5, 8}} { // batch, samples, tests
				j := job{net: n, rule: rule, batch: sizes[0], samples: sizes[1], test: sizes[2], epochs: 2}
				t.Run(fmt.Sprintf("%s, %d tests", j, j.test), func(t *testing.T) {
					t.Parallel()
					j.run(t, 3)
				})
			}
		}
	}
}
