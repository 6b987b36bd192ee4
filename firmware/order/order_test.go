package order

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
)

// TestFullyConnected: programs of fully connected networks of all shapes wait for all that they read and overwrite.
func TestFullyConnected(t *testing.T) {
	for _, c := range []training{
		{net: mlp(t, 784, 300, 100, 10), samples: 40, batch: 32}, {net: mlp(t, 100, 300, 40, 10), samples: 40, batch: 32, stored: true},
		{net: mlp(t, 100, 10), samples: 33, batch: 8}, {net: mlp(t, 40, 600, 300, 520), samples: 3, batch: 1},
		{net: mlp(t, 5, 4, 64, 65, 128, 129, 3, 1, 17), samples: 3, batch: 2, stored: true},
	} {
		for _, rule := range []string{compile.BP, compile.BDFA} {
			j := c
			j.rule, j.epochs, j.test, j.stored = rule, 2, 5, c.stored && rule == compile.BDFA
			t.Run(j.String(), func(t *testing.T) {
				img, _, err := j.build()
				require.NoError(t, err)
				clean(t, img)
			})
		}
	}
}

// TestArms: so do those of all rules and arms, plain and fused.
func TestArms(t *testing.T) {
	t.Parallel()
	for _, n := range []*net.Net{preset(t, "cnn-small"), preset(t, "lenet"), mlp(t, 200, 270, 30, 10)} {
		for _, j := range arms {
			for _, j.fused = range []bool{false, true} {
				if j.rule == compile.ConvOnly && (j.fused || n.Layers[0].Type != net.Conv) {
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
