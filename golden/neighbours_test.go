package golden

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// The signals of the neighbours, element by element as their papers have them.
func TestNeighbourSignals(t *testing.T) {
	d := describe(t, "6", flow("fc: {out: 7}, tanh, fc: {out: 5}, tanh, fc: {out: 3}"), 3)
	x, y := samples(3, d, 4)
	for _, cfg := range []NetConfig{
		{Rule: "error-sign-dfa"}, {Rule: "drtp"}, {Rule: "usf"}, {Rule: "usf", Scale: RMS}, {Rule: "frsf"}, {Rule: "brsf"},
	} {
		n := build(t, d, cfg)
		n.Layers[2].W.Data[0] = math.Copysign(0, -1) // the sign of 0 is +1
		_, err := n.Step(x, y, 0)
		require.NoError(t, err)
		signal, err := n.Signal(1)
		require.NoError(t, err)
		for s := range 4 {
			for j := range 7 {
				want := 0.0
				for c := range 3 {
					switch e := n.Layers[3].e[s*3+c]; {
					case cfg.Rule == "error-sign-dfa":
						want += math.Copysign(n.D[1].At(c, j), n.D[1].At(c, j)*e)
					case cfg.Rule == "drtp" && y[s] == c:
						want -= n.D[1].At(c, j)
					}
				}
				if n.R != nil { // layer-wise: from the 5 neurons above
					for k := range 5 {
						want += n.R[2].At(k, j) * n.Layers[2].e[s*5+k]
					}
				}
				require.InDelta(t, want, signal.At(s, j), 1e-12, cfg)
			}
		}
		if n.R != nil {
			checkSigns(t, n, 2)
			checkSigns(t, n, 3)
		}
	}
}

// checkSigns wants, in layer i, R_i = s_i M .* sign(W_i) with M in [0, 1), or 1 for usf.
func checkSigns(t *testing.T, n *Network, i int) {
	size := n.S[i]
	for k, w := range n.Layers[i].W.Data {
		r := n.R[i].Data[k]
		require.Equal(t, w < 0, r < 0, "element %d", k)
		if n.cfg.Rule == "usf" {
			require.Equal(t, size, math.Abs(r))
		}
		require.LessOrEqual(t, math.Abs(r), size)
	}
}

// The random magnitudes of brsf change in every step, frsf's never.
func TestSignSymmetryMagnitudes(t *testing.T) {
	d := describe(t, "6", flow("fc: {out: 7}, tanh, fc: {out: 3}"), 3)
	x, y := samples(3, d, 4)
	for _, rule := range []string{"usf", "frsf", "brsf"} {
		n := build(t, d, NetConfig{Rule: rule})
		var r [2]Mat
		for k := range r {
			_, err := n.Step(x, y, 0)
			require.NoError(t, err)
			r[k] = n.R[2].Clone()
		}
		require.Equal(t, rule != "brsf", matEqual(r[0], r[1]), rule)
	}
}
