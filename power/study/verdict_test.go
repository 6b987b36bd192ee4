package study

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVerdict(t *testing.T) {
	row := func(definition, what, trace, base, scope string, v Interval) *Comparison {
		return &Comparison{Definition: definition, What: what, Trace: trace, Baseline: base, Scope: scope, Interval: v}
	}
	in, below, above := Interval{40, 30, 50, 40}, Interval{20, 10, 30, 20}, Interval{60, 36, 70, 60}
	rows := []*Comparison{
		row("D-core", "P", sameProduct, "epc/tree", "on-die", in), row("D-core", "Q", sameProduct, "epc/tree", "on-die", below),
		row("D-core", "R", sameProduct, "epc/tree", "on-die", in), row("D-core", "P", "native shapes", "epc/tree", "on-die", above),
		row("D-core", "P", sameProduct, "epc/tree", "with external memory", in),
		row("D-chip", "N", "equal", "epc/tree", "on-die", above), row("D-chip", "N", "equal", "dnnc", "on-die", below),
		row("D-chip", "N", shortTrace, "epc/tree", "on-die", Interval{3, 2, 4, 3}),
	}
	const head = "Against the literal counterpart of the core (epc/tree), on the die, the published saving of 35.3 % is "
	const meaning = " Reproduced means: inside the 95 % interval that the ranges of our constants leave; what the model leaves out is not in it." +
		" A product 32 x F by F x 512 is a batch of 32, F errors above and 512 neurons: under BDFA F is the number of classes, under BP the width of the layer above."
	const chance = " Among so many rows some hold any figure of this size, so a row by itself proves nothing."
	require.Equal(t, head+"reproduced by the error propagation core alone (D-core) for P (40.0 %, 95 % interval 30.0 to 50.0) and R (40.0 %, 95 % interval 30.0 to 50.0), "+
		"but not for Q (20.0 %, 95 % interval 10.0 to 30.0); it is not reproduced by a training iteration of the whole chip (D-chip) for N (60.0 %, 95 % interval 36.0 to 70.0)."+meaning+
		" Against the cheapest hardware for back-propagation of each row it saves: P, epc/tree (40.0 %, 95 % interval 30.0 to 50.0); Q, epc/tree (20.0 %, 95 % interval 10.0 to 30.0); "+
		"R, epc/tree (40.0 %, 95 % interval 30.0 to 50.0); N, dnnc (20.0 %, 95 % interval 10.0 to 30.0)."+
		" Where no error has to go to the input, as below frozen convolutions, the chip saves: N (3.0 %, 95 % interval 2.0 to 4.0)."+
		" Of all 5 rows of D-core, 3 have it in their interval: P, same product, epc/tree, on-die (40.0 %, 95 % interval 30.0 to 50.0); R, same product, epc/tree, on-die (40.0 %, 95 % interval 30.0 to 50.0); "+
		"P, same product, epc/tree, with external memory (40.0 %, 95 % interval 30.0 to 50.0). Of all 3 rows of D-chip, 0 have it in their interval."+chance, verdict(rows))
	require.Contains(t, verdict(rows[:1]), "is reproduced by the error propagation core alone (D-core) for P (40.0 %, 95 % interval 30.0 to 50.0); it is not answered for a training iteration of the whole chip (D-chip).")
	none := []*Comparison{row("D-chip", "M", "equal", "epc/tree", "on-die", below), row("D-chip", "N", "equal", "epc/tree", "on-die", above)}
	require.Contains(t, verdict(none), "it is not reproduced by a training iteration of the whole chip (D-chip) for any of M (20.0 %, 95 % interval 10.0 to 30.0) and N (60.0 %, 95 % interval 36.0 to 70.0).")
	require.Len(t, headRows(rows), 4)
}

func TestMark(t *testing.T) {
	require.Equal(t, "reproduced", mark(35, 35, Interval{20, 10, 35, 20}))
	require.Equal(t, "not reproduced: 15 below", mark(35, 35, Interval{20, 10, 34, 20}))
	require.Equal(t, "not reproduced: 5 above", mark(35, 35, Interval{40, 36, 50, 40}))
	require.Equal(t, "reproduced", mark(1.75, 3.05, Interval{2, 2, 2, 2}))
	require.Equal(t, "not reproduced: 0.75 below", mark(1.75, 3.05, Interval{1, 1, 1, 1}))
	require.Equal(t, "not reproduced: 0.95 above", mark(1.75, 3.05, Interval{4, 4, 4, 4}))
}

func TestRound1(t *testing.T) {
	require.Equal(t, "0", percentText(round1(-0.02)))
	require.Equal(t, -0.1, round1(-0.06))
	require.Equal(t, 35.3, round1(35.34))
}

// TestNearest: towards the published saving, from below and from above.
func TestNearest(t *testing.T) {
	bars := []Bar{{"a", 20, 30}, {"b", 33, 18}, {"c", 25, 32}}
	name, end, saving := nearest(bars, 25)
	require.Equal(t, []any{"b", "low", 33.0}, []any{name, end, saving})
	name, end, saving = nearest([]Bar{{"a", 50, 38}, {"b", 39, 60}}, 45)
	require.Equal(t, []any{"a", "high", 38.0}, []any{name, end, saving})
}

// TestNeeded: the sparsities between which the sweep passes the published saving, and whether a constant reaches it.
func TestNeeded(t *testing.T) {
	st, err := studied()
	require.NoError(t, err)
	v, err := st.crossings()
	require.NoError(t, err)
	said, err := st.needed(&Comparison{What: "N", Interval: Interval{Point: 25}}, []Bar{{"a", 20, 30}})
	require.NoError(t, err)
	require.Contains(t, said, " one constant alone, at an end of its range, does not bring N there (25.0 %): the nearest is a at its high end, 30.0 %.")
	if len(v) == 0 {
		require.Contains(t, said, "at no sparsity of the sweep")
	} else {
		require.Contains(t, said, v[0])
	}
	said, err = st.needed(&Comparison{What: "N", Interval: Interval{Point: 25}}, []Bar{{"a", 20, 36}})
	require.NoError(t, err)
	require.Contains(t, said, "brings N there (25.0 %): the nearest is a at its high end, 36.0 %.")

	// Two points of the sweep on both sides of the figure, by swapping which variant is the chip.
	made := *st
	made.Sweep = nil
	for i, p := range st.Sweep[:2] {
		q := *p
		a, b := *p.find(baselines[0]), *p.find(Headline)
		a.Variant, b.Variant = baselines[0], Headline
		if i == 1 {
			b = a // saves nothing
			b.Variant = Headline
		}
		for ph := range a.Counts {
			for e := range a.Counts[ph] {
				if i == 0 {
					a.Counts[ph][e] *= 4
				}
			}
		}
		q.Cases = []*Case{&a, &b}
		made.Sweep = append(made.Sweep, &q)
	}
	v, err = made.crossings()
	require.NoError(t, err)
	require.Len(t, v, 1)
	require.Contains(t, v[0], "(0.0 %)")
}
