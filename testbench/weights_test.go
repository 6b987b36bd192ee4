package testbench

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/golden/data"
	"bdfasim/rtl"
	"bdfasim/testbench/models"
)

// finalWeights is the SHA-256 of what a short training leaves in external memory: for each layer
// from 1 to L W (16 bits), b, V and vb (32 bits each, sign-extended) in the order of the plan's
// readers, then the records of its normalisation. All numbers are little-endian.
func finalWeights(t *testing.T, p *compile.Plan, mem []byte) string {
	t.Helper()
	h := sha256.New()
	write := func(v any) { require.NoError(t, binary.Write(h, binary.LittleEndian, v)) }
	for i := 1; i < len(p.Layers); i++ {
		write(p.Weights(mem, i))
		write(p.Biases(mem, i))
		write(p.Velocities(mem, i))
		write(p.BiasVelocities(mem, i))
		if p.Layers[i].BN {
			write(p.Records(mem, i))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Trained weights are the same bits in every version: three networks, two rules, on real images,
// with formats and rates of their own. Whoever changes one of these sums has changed the
// arithmetic, the random numbers or the order of the samples.
func TestWeightsStay(t *testing.T) {
	mlp, err := net.MLP(net.ReLU, 784, 128, 64, 10)
	require.NoError(t, err)
	formats := compile.Formats{Fo: 8, Fw: 12, Fe: 15, Fv: 20, Fz: 9, Fd: 14, Fb: 12}
	for _, c := range []struct {
		net     *net.Net
		rule    string
		samples int
		eta     float64
		want    string
	}{
		{mlp, "bp", 200, 1. / 64,
			"a911d907a5395266bb8e41635dba6710bead61900b54ef6e60e69ec42b2e0554"},
		{mlp, "bdfa", 200, 1. / 256,
			"6ece532ea50d0808a398c3a922d95ed73f2522b596af560a72b5915ce47d53cd"},
		{preset(t, "lenet"), "bp", 24, 1. / 128,
			"595aeffcd2dd4c61facf9b3caa0cee74fca0bc5be4f9e4638a8c9872902d11e2"},
		{preset(t, "lenet"), "cbdfa", 24, 1. / 512,
			"ea4a382c3c1f772cb19a3f795d5fca1fb0d2ca0ca297d85ae7d3d2fe97a21004"},
		{preset(t, "cnn-small"), "bp", 24, 1. / 128,
			"19bee5bdb9c1cb387e31f001776fba7d2503a00f5a2a97fd8b2df6f6b5fadc3f"},
		{preset(t, "cnn-small"), "cbdfa", 24, 1. / 512,
			"639d6bf45a2cce21374c5267cd42ee81e6077ea28613f93c60addc066b259e7e"},
	} {
		t.Run(c.net.Name+"/"+c.rule, func(t *testing.T) {
			t.Parallel()
			o := models.Options{Rule: c.rule, Momentum: 0.9, Decay: 1. / 2048, Seed: 11}
			f, err := models.Float(c.net, o)
			require.NoError(t, err)
			s, err := models.Spec(f, o, formats)
			require.NoError(t, err)
			train, _, err := data.Embedded()
			require.NoError(t, err)
			s.Train = models.Images(train.Images, train.Labels, c.net.Input)
			s.Eta, s.Epochs, s.Batch, s.LRShiftEvery, s.LRShift = c.eta, 2, 16, 1, 1
			for e := range s.Epochs {
				s.Orders = append(s.Orders, data.Order(11, uint64(e), train.N)[:c.samples])
			}
			img, plan, err := compile.Build(s)
			require.NoError(t, err)
			chip := finish(t, img, rtl.For(rtl.DefaultConfig(), img.Code), (*rtl.Chip).Step)
			require.Equal(t, c.want, finalWeights(t, plan, chip.XMemory()))
		})
	}
}
