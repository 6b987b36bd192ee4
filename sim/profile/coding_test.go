package profile_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/omem"
	"bdfasim/rtl/port"
)

// coding is what OMEM's encoder makes of blocks of 64 elements of which each is non-zero with a given probability.
type coding struct {
	Density float64 // probability, 0..1
	Words   float64 // 64-bit words a block in the mean; as it is a block has 16
	Raw     float64 // part of the blocks that were kept raw, 0..1
}

// saving is the part of the words that coding saves, 0..1.
func (c *coding) saving() float64 { return 1 - c.Words/omem.BlockWords }

// measureCoding sends blocks of random zeros through an encoder.
func measureCoding(density float64, blocks int, seed uint64) (coding, error) {
	rng := rand.New(rand.NewPCG(seed, 1))
	act := &activity.Counts{}
	reference := machine.Reference()
	u := omem.New(&reference, act)
	var in omem.In
	var out omem.Out
	c := coding{Density: density}
	u.Tick(&in, &out)
	for range blocks {
		for group := range omem.BlockElems / 16 {
			for !out.EncRoom[port.EPortDMA] {
				u.Tick(&in, &out)
			}
			in.Called = true
			in.Enc[port.EPortDMA] = port.EncReq{Valid: true, Last: group == omem.BlockElems/16-1, New: true, Group: uint8(group), Limit: omem.BlockWords}
			for i := range in.Enc[port.EPortDMA].Data {
				if rng.Float64() < density {
					in.Enc[port.EPortDMA].Data[i] = int16(1 + rng.IntN(1000))
				}
			}
			u.Tick(&in, &out)
			in = omem.In{}
		}
		for !out.EncIdle[port.EPortDMA] {
			u.Tick(&in, &out)
		}
		if u.State.Ptr[0].Raw() {
			c.Raw++
		}
	}
	if out.Fault.Code != port.FaultNone {
		return c, fmt.Errorf("encoder raised fault %d, argument %#x", out.Fault.Code, out.Fault.Arg)
	}
	c.Words = float64(act.Total(activity.OMEMWrite)) / float64(blocks)
	c.Raw /= float64(blocks)
	return c, nil
}

// expectCoding is the same by arithmetic: the mean over the number of non-zeros z of 64 of what a block takes, a word for
// three pairs of a run of zeros and a non-zero, or 16 words if that is less. Runs of more than 31 zeros, which take
// a pair more, are left out.
func expectCoding(density float64) coding {
	c := coding{Density: density}
	p := binomial(omem.BlockElems, density)
	for z, chance := range p {
		words := (z + 2) / 3
		if words > omem.BlockWords {
			words = omem.BlockWords
			c.Raw += chance
		}
		c.Words += chance * float64(words)
	}
	return c
}

// binomial returns the chances of 0..n successes.
func binomial(n int, p float64) []float64 {
	out := []float64{1}
	for range n {
		next := make([]float64, len(out)+1)
		for k, chance := range out {
			next[k] += chance * (1 - p)
			next[k+1] += chance * p
		}
		out = next
	}
	return out
}

// TestCodingBreaksEven: three pairs a word against four elements a word. A block is shortened while it has 45 non-zeros or
// fewer, 70 %; it never grows.
func TestCodingBreaksEven(t *testing.T) {
	for _, d := range []float64{0.1, 0.3, 0.5, 0.65, 0.7, 0.75, 0.8, 0.9, 1} {
		m, err := measureCoding(d, 5000, 3)
		require.NoError(t, err)
		e := expectCoding(d)
		require.InDelta(t, e.Words, m.Words, 0.06+0.4*math.Exp(-20*d), "words of a block with density %g", d)
		require.InDelta(t, e.Raw, m.Raw, 0.05, "raw blocks with density %g", d)
		require.LessOrEqual(t, m.Words, 16.0)
		saving := m.saving()
		require.Equal(t, d < 0.8, saving > 0.01, "density %g saves %.1f %%", d, 100*saving)
	}
}
