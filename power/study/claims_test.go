package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/power"
)

// TestClaims: every published figure stands in the table, holds or says by how much it is missed,
// and what would make it true does.
func TestClaims(t *testing.T) {
	st, _ := tinyStudy(t)
	require.Len(t, published(), len(claimNames))
	f, err := st.family()
	require.NoError(t, err)
	claims, err := st.Claims()
	require.NoError(t, err)
	for _, c := range claims {
		p := published()[c.Name]
		require.Equal(t, strings.HasPrefix(c.Verdict, "holds"), p.meets(c.Interval.Point, c.Interval), c.Name)
		if by, ours, ok := f.explain(c.Name, c.Interval); ok && c.Verdict != "holds" {
			require.Contains(t, c.Verdict, by)
			require.True(t, p.meets(ours, c.Interval), c.Name)
		}
	}
	require.Equal(t, "memory", claims[6].Name)
	require.Equal(t, "holds", claims[6].Verdict, "95 of 96.9: 512 x 10 signs in entries of 256 bits")
	require.Equal(t, 95.0, claims[6].Interval.Point)
}

// TestMeets: a counted figure within 5 %, others within their interval, which scales with the
// value.
func TestMeets(t *testing.T) {
	c := claim{Low: 100, High: 100, Counted: true}
	require.True(t, c.meets(96, Interval{}))
	require.False(t, c.meets(94, Interval{}))
	require.True(t, c.meets(105, Interval{}))
	require.False(t, c.meets(106, Interval{}))
	c.Counted = false
	v := Interval{Point: 10, Low: 8, High: 15}
	require.True(t, c.meets(70, v), "56 to 105")
	require.False(t, c.meets(60, v))
	c.High = 200
	require.True(t, c.meets(240, v), "192 to 360")
	require.InDelta(t, 0.18, c.off(240), 0.01)
	require.Zero(t, c.off(150))
}

// TestAssumptions: words for what is changed, all of them tried once, and values that follow.
func TestAssumptions(t *testing.T) {
	st, _ := tinyStudy(t)
	f, err := st.family()
	require.NoError(t, err)
	c := published()["words"]
	a := c.own()
	a.plain, a.against, a.model = true, Literal, power.ByToggles
	require.Equal(t, []string{"operand toggles", "no velocities in external memory", "against epc/tree"},
		a.changes(c.own(), f.sets))
	require.Len(t, c.all(4), 4*2*2*2*2)
	seen := map[assumption]bool{}
	for _, a := range f.tried(&c) {
		require.False(t, seen[a])
		seen[a] = true
	}
	require.Len(t, seen, 64*2*(5+4*3), "the MAC array is no core; cores have three counts of classes")
	faster := published()["faster"]
	pipelined := faster.own()
	pipelined.pipelined = true
	require.Greater(t, f.value("faster", pipelined), 1.0)
}

// TestMatching: the first set is the study's own, and no other meets more than the best.
func TestMatching(t *testing.T) {
	st, r := tinyStudy(t)
	sets, never, err := st.matches()
	require.NoError(t, err)
	require.Equal(t, "-", sets[0].words)
	best := mostMet(sets)[0]
	for _, s := range sets {
		require.LessOrEqual(t, len(best.misses), len(s.misses))
		for _, name := range never {
			require.Contains(t, s.misses, name)
		}
	}
	require.Len(t, r.find(t, "matching").Rows, 6)
}
