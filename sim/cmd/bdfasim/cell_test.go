package main

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/power/table"
)

func TestRateText(t *testing.T) {
	for x, want := range map[float64]string{1: "2^0", 0.5: "2^-1", 1. / 64: "2^-6", 0.01: "0.01000", 3. / 65536: "4.578e-05", 0: "0"} {
		require.Equal(t, want, rateText(x))
	}
	rapid.Check(t, func(t *rapid.T) { // powers of two come back as they were
		x := math.Ldexp(1, rapid.IntRange(-64, 64).Draw(t, "exponent"))
		got, err := parseRate(rateText(x))
		require.NoError(t, err)
		require.Equal(t, x, got)
	})
}

func TestFixed(t *testing.T) {
	require.Equal(t, "83.07", fixed(83.0666, 2).text)
	require.Equal(t, "0.0", fixed(-0.004, 1).text)
	require.Equal(t, "-0.1", fixed(-0.06, 1).text)
	require.Equal(t, "100.0", fixed(100, 1).text)
}

// TestRender: texts are rounded and end right; CSV and JSON have all digits; the table itself stays.
func TestRender(t *testing.T) {
	tab := table.New("", "name", "eta", "%", "% of total", "n")
	tab.Row("a", rate(1./64), 0.4, 12.3456, 1)
	tab.Row("b", "-", 99.6, 0.001, 22)
	write := func(format string) string {
		var b bytes.Buffer
		require.NoError(t, render(tab, format).Write(&b, format))
		return b.String()
	}
	for range 2 {
		require.Equal(t, " name |  eta |    % | % of total |  n \n"+
			"------+------+------+------------+----\n"+
			" a    | 2^-6 |  0.4 |      12.35 |  1 \n"+
			" b    |    - | 99.6 |       0.00 | 22 \n", write("text"))
		require.Equal(t, "name,eta,%,% of total,n\na,0.015625,0.4,12.3456,1\nb,-,99.6,0.001,22\n", write("csv"))
	}
	tab.Row("short")
	require.ErrorContains(t, render(tab, "text").Text(&bytes.Buffer{}), "got 1 cells, want 5")
}
