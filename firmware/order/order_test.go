package order

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa/image"
)

// handPrograms are the hand-written programs on networks that take all of their ways.
func handPrograms(t testing.TB) map[string]*image.Image {
	return map[string]*image.Image{
		"bp":        hand(t, firmware.BP, false, 40, 32, 784, 300, 100, 10),
		"bdfa":      hand(t, firmware.BDFA, false, 40, 32, 784, 300, 100, 10),
		"bdfa sram": hand(t, firmware.BDFA, true, 40, 32, 100, 300, 40, 10),
		"bp one":    hand(t, firmware.BP, false, 33, 32, 100, 10),
		"bdfa one":  hand(t, firmware.BDFA, false, 33, 8, 100, 10),
		"bp many":   hand(t, firmware.BP, false, 3, 2, 5, 4, 64, 65, 128, 129, 3, 1, 17),
		"bdfa many": hand(t, firmware.BDFA, true, 3, 2, 5, 4, 64, 65, 128, 129, 3, 1, 17),
		"bp wide":   hand(t, firmware.BP, false, 3, 1, 40, 600, 300, 520),
		"bdfa wide": hand(t, firmware.BDFA, false, 3, 1, 40, 600, 300, 520),
	}
}

// TestHandWritten: the programs that are written by hand wait for all that they read and overwrite.
func TestHandWritten(t *testing.T) {
	for name, img := range handPrograms(t) {
		t.Run(name, func(t *testing.T) {
			clean(t, img)
		})
	}
}

// TestCompiled: so do compiled ones, for all rules and arms, plain and fused.
func TestCompiled(t *testing.T) {
	t.Parallel()
	for _, n := range []*net.Net{preset(t, "cnn-small"), preset(t, "lenet"), mlp(t, 200, 270, 30, 10)} {
		for _, j := range arms {
			for _, j.fused = range []bool{false, true} {
				if j.rule == compile.ConvOnly && (j.fused || n.Layers[0].Kind != net.Conv) {
					continue
				}
				j.net, j.samples, j.batch, j.epochs, j.test = n, 19, 8, 2, 11
				t.Run(j.String(), func(t *testing.T) {
					img, _, err := j.build()
					require.NoError(t, err)
					clean(t, img)
				})
			}
		}
	}
}

// TestInputError: so does a program that makes the error of its input, as frozen convolutions below would want it.
func TestInputError(t *testing.T) {
	for _, j := range arms[:7] {
		j.net, j.inputError = mlp(t, 100, 270, 30, 10), true
		img, _, err := short(j).build()
		require.NoError(t, err)
		clean(t, img)
	}
}

// TestRandomNetworks: so do those of random networks, many of which do not fit on the chip as a whole.
func TestRandomNetworks(t *testing.T) {
	t.Parallel()
	n := uint64(randomNetworks)
	if testing.Short() {
		n /= 10
	}
	built, streamed, fused := 0, 0, 0
	for seed := range n {
		j := draw(seed)
		if j.net.Infer() != nil {
			continue
		}
		img, p, err := j.build()
		if err != nil {
			continue // does not fit
		}
		built++
		for i := range p.Layers {
			if p.Layers[i].Streamed {
				streamed++
			}
		}
		if j.fused {
			fused++
		}
		t.Run(j.String(), func(t *testing.T) { clean(t, img) })
	}
	t.Logf("%d programs, %d with a streamed input, %d fused", built, streamed, fused)
}

// randomNetworks is how many are drawn; 3,000 take a minute.
const randomNetworks = 150
