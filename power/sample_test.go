package power

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl/activity"
)

func TestSample(t *testing.T) {
	const n = 2000
	tech := Default65()
	rng := rand.New(rand.NewPCG(1, 2))
	var mean, logMean [NumBase]float64
	below := 0
	for range n {
		s := tech.Sample(rng)
		require.NoError(t, s.check(reference()))
		for b, c := range s.Base {
			require.GreaterOrEqual(t, c.Value, c.Low)
			require.LessOrEqual(t, c.Value, c.High)
			mean[b] += c.Value / n
			if c.Value > 0 {
				logMean[b] += math.Log(c.Value) / n
			}
		}
		if (s.Base[Mul16].Value < tech.Base[Mul16].Value) == (s.Base[RegBit].Value < tech.Base[RegBit].Value) {
			below++
		}
		require.InEpsilon(t, tech.Base[Add32].Value/tech.Base[Add16].Value, s.Base[Add32].Value/s.Base[Add16].Value, 1e-9,
			"one source is wrong by one factor")
		require.InEpsilon(t, s.Base[RegBit].Value/tech.Base[RegBit].Value, s.Base[Xor16].Value/tech.Base[Xor16].Value, 1e-9)
		s.Base = tech.Base
		require.Equal(t, tech, s) // nothing but values has changed
	}
	for b, c := range tech.Base { // within five standard errors of the mean, which no distribution has wider than uniform
		switch five := 5 / math.Sqrt(12*n); c.Distribution {
		case LogUniform:
			require.InDelta(t, (math.Log(c.Low)+math.Log(c.High))/2, logMean[b], five*math.Log(c.High/c.Low), c.Name)
		case Triangular:
			require.InDelta(t, (c.Low+c.Value+c.High)/3, mean[b], five*(c.High-c.Low), c.Name)
		default:
			require.InDelta(t, (c.Low+c.High)/2, mean[b], five*(c.High-c.Low), c.Name)
		}
	}
	require.InDelta(t, n/2, below, 5*math.Sqrt(n)/2) // independent
	again := func() *Tech { return tech.Sample(rand.New(rand.NewPCG(7, 7))) }
	require.Equal(t, again(), again())
	l, err := again().Prices(reference())
	require.NoError(t, err)
	require.NotEqual(t, prices(t).Event[activity.MAC].AJ, l.Event[activity.MAC].AJ)
}

func TestVary(t *testing.T) {
	tech := Default65()
	for b := range NumBase {
		for _, high := range []bool{false, true} {
			v := tech.Vary(b, high)
			want := tech.Base[b].Low
			if high {
				want = tech.Base[b].High
			}
			require.Equal(t, want, v.Base[b].Value)
			_, err := v.Prices(reference())
			require.NoError(t, err)
			v.Base[b] = tech.Base[b]
			require.Equal(t, tech, v)
		}
	}
	l, err := tech.Vary(Mul16, true).Prices(reference())
	require.NoError(t, err)
	require.EqualValues(t, 3_002_000+1_550_000, l.Event[activity.MAC].AJ) // 3.1 for 1.55 pJ
}

func TestDrawWithoutRange(t *testing.T) {
	tech := Default65()
	tech.Base[LPDDR3Bit].Value, tech.Base[LPDDR3Bit].Low, tech.Base[LPDDR3Bit].High = 0, 0, 0
	one := tech.Sample(rand.New(rand.NewPCG(3, 3)))
	two := Default65().Sample(rand.New(rand.NewPCG(3, 3)))
	require.Zero(t, one.Base[LPDDR3Bit].Value)
	require.Equal(t, two.Base[LPDDR3PHY], one.Base[LPDDR3PHY]) // drawn behind it, from the same number
}
